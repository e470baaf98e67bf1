// Somebody at a browser: by keyboard alone or by touch, at a phone or a desktop, with scripts or without. Whatever they do, nothing is asked
// of elsewhere, nothing is written to the console, and nothing moves under their eyes.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Cinema, PASSWORD, ROOT } from './cinema.mjs';

export const required = createRequire(join(ROOT, 'target/web-tools/'));
const { chromium } = required('playwright-core');
const AXE = readFileSync(required.resolve('axe-core/axe.min.js'), 'utf8');
const LEVELS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export const SIZES = {
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
  desktop: { viewport: { width: 1280, height: 800 } },
};

export const WAYS = [
  { hand: 'keyboard', size: 'desktop' }, { hand: 'touch', size: 'phone' },
  { hand: 'keyboard', size: 'phone' }, { hand: 'touch', size: 'desktop' },
  { hand: 'keyboard', size: 'desktop', scripts: false }, { hand: 'touch', size: 'phone', scripts: false },
];

export const launched = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });

/** What a file of journeys goes about in: filled in before they begin. */
export const world = { cinema: undefined, browser: undefined };

/** To be called once by every file of journeys. */
export function begin() {
  before(async () => {
    world.cinema = await Cinema.shared();
    world.browser = await launched();
  });
  after(async () => {
    await world.browser.close();
    await world.cinema.stop();
  });
}

/** What somebody does, in each of these ways, and that all was well with it. */
export function journey(name, ways, body) {
  for (const way of ways) {
    const how = `${way.hand}, ${way.size}${way.scripts === false ? ', no scripts' : ''}`;
    test(`${name} (${how})`, { timeout: 240_000 }, async () => {
      const visitor = await Visitor.come(way);
      try {
        await body(visitor);
        visitor.wasWell();
      } catch (error) {
        await visitor.show(`${name} ${how}`, error);
        throw error;
      } finally {
        await visitor.leave();
      }
    });
  }
}

export class Visitor {
  wrong = [];
  allowed = new Set();

  static async come(way, options = {}) {
    const visitor = new Visitor();
    const { cinema = world.cinema, ...more } = options;
    visitor.cinema = cinema;
    visitor.way = { scripts: true, ...way };
    visitor.context = await world.browser.newContext({
      hasTouch: way.hand === 'touch', ...SIZES[way.size], javaScriptEnabled: visitor.way.scripts, baseURL: cinema.url, locale: 'en-GB', timezoneId: 'UTC', ...more,
    });
    visitor.context.setDefaultTimeout(30_000);
    await visitor.watch();
    visitor.page = await visitor.context.newPage();
    return visitor;
  }

  async watch() {
    const { context, wrong } = this;
    const own = new URL(this.cinema.url).origin;
    context.on('request', (request) => {
      const url = new URL(request.url());
      if (url.origin !== own && !['data:', 'blob:', 'about:'].includes(url.protocol)) wrong.push(`asked of elsewhere: ${url}`);
    });
    context.on('console', (message) => {
      const status = message.text().match(/the server responded with a status of (\d+)/)?.[1];
      if (status && this.allowed.has(Number(status))) return;
      if (['error', 'warning'].includes(message.type())) wrong.push(`console: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => wrong.push(`script: ${error.error()}`));
    context.on('response', (response) => {
      if (response.status() >= 400 && !this.allowed.has(response.status())) wrong.push(`${response.status()} ${response.url()}`);
    });
    if (!this.way.scripts) return;
    await context.exposeBinding('moved', ({ page }, value) => wrong.push(`moved by ${value}: ${page.url()}`));
    await context.addInitScript(() => {
      // What a form is answered takes the place of the page; that is no shift, however long it took.
      // Nor is what a browser does within a field for a day.
      let sent = false;
      addEventListener('submit', () => { sent = true; }, true);
      const told = (list) => list.getEntries().filter((entry) => !entry.hadRecentInput && !sent && entry.sources.some(({ node }) => node)).forEach((entry) => {
        const what = entry.sources.map((source) => source.node?.nodeName + '.' + (source.node?.className ?? ''));
        window.moved(`${entry.value} ${what}`);
      });
      new PerformanceObserver(told).observe({ type: 'layout-shift', buffered: true });
    });
  }

  /** From here on, pages may have these statuses, since the journey means them. */
  expects(...statuses) {
    for (const status of statuses) this.allowed.add(status);
  }

  wasWell() {
    assert.deepEqual(this.wrong, []);
  }

  async leave() {
    await this.context.close();
  }

  /** A picture of what went wrong. */
  async show(name, error) {
    const folder = join(ROOT, 'target/web-tests/failed');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${name.replace(/\W+/g, '-')}.png`);
    await this.page.screenshot({ path, fullPage: true }).catch(() => {});
    error.message += `\nat ${this.page.url()}, see ${path}${this.wrong.length ? `\nand: ${this.wrong.join('\n')}` : ''}`;
  }

  async goes(path, status = 200) {
    if (status >= 400) this.expects(status);
    const answer = await this.page.goto(path);
    assert.equal(answer.status(), status, path);
    return answer;
  }

  /** Somebody with an account, signed in without the form for it, which has a journey of its own. */
  async signsIn(person) {
    const { username, password } = person ?? (person = await this.cinema.customer());
    const answer = await this.context.request.post('/auth/login', { data: { username, password, cookies: true } });
    assert.equal(answer.status(), 200);
    return person;
  }

  // What is found as people find it: by its name.
  link(name, within = this.page) { return within.getByRole('link', { name }).first(); }
  button(name) { return this.page.getByRole('button', { name, exact: true }).first(); }
  heading(name) { return this.page.getByRole('heading', { name }).first(); }
  field(name) { return this.page.getByLabel(name, { exact: true }); }

  /** Sees that a text is there. */
  async sees(text) {
    await this.page.locator('#main').getByText(text).first().waitFor();
  }

  async isAt(path) {
    await this.page.waitForURL((url) => (path instanceof RegExp ? path.test(url.pathname + url.search) : url.pathname + url.search === path));
  }

  /** Presses a link or a button. */
  async presses(target) {
    if (this.way.hand === 'touch') return target.tap();
    await this.reaches(target);
    await this.page.keyboard.press('Enter');
  }

  /** Opens the menu of who is signed in. */
  async opens(menu) {
    const summary = this.page.locator('summary', { hasText: menu });
    await this.presses(summary);
  }

  /** Types into a field, in place of what is there. */
  async types(name, text) {
    const field = this.field(name);
    if (this.way.hand === 'touch') {
      await field.tap();
    } else {
      await this.reaches(field);
    }
    await this.page.keyboard.press('ControlOrMeta+a');
    await this.page.keyboard.type(text);
    assert.equal(await field.inputValue(), text);
  }

  /** Checks a box. */
  async checks(box) {
    if (this.way.hand === 'touch') await box.tap();
    else {
      await this.reaches(box);
      await this.page.keyboard.press('Space');
    }
    assert.ok(await box.isChecked());
  }

  /** Chooses one of a group, by its label. */
  async chooses(radio) {
    if (this.way.hand === 'touch') await radio.tap();
    else {
      await this.reaches(this.page.locator(`input[name="${await radio.getAttribute('name')}"]:checked`));
      for (let times = 0; times < 30 && !(await radio.isChecked()); times++) await this.page.keyboard.press('ArrowRight');
    }
    assert.ok(await radio.isChecked());
  }

  /** By Tab alone, and whoever does it sees where they are. */
  async reaches(target) {
    const wanted = await target.elementHandle();
    const at = () => wanted.evaluate((wanted) => {
      const here = document.activeElement;
      if (here !== wanted) return null;
      const seen = [here, here.nextElementSibling].filter(Boolean).map((element) => getComputedStyle(element));
      const drawn = [...here.querySelectorAll('rect')].map((shape) => getComputedStyle(shape));
      const { top, bottom } = here.getBoundingClientRect();
      return {
        outlined: seen.some((style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)
          || drawn.some((style) => style.stroke !== 'none' && parseFloat(style.strokeWidth) >= 3),
        inView: bottom > 0 && top < innerHeight,
      };
    });
    let there = await at();
    for (let times = 0; times < 200 && !there; times++) {
      await this.page.keyboard.press('Tab');
      there = await at();
    }
    assert.ok(there, `Tab does not lead to ${target}`);
    assert.ok(there.outlined && there.inView, `who tabs to ${target} does not see where they are: ${JSON.stringify(there)}`);
  }

  /** Signs in by the form that is before them. */
  async fillsIn(person) {
    await this.types('Username', person.username);
    await this.types('Password', person.password ?? PASSWORD);
    await this.presses(this.button('Sign in'));
  }

  /** No violation of WCAG 2.2 AA, nor of axe's best practices, in either scheme; and it fits. */
  async isAccessible(what = this.page.url()) {
    if (!this.way.scripts) return; // The page is the same, and axe is a script.
    for (const colorScheme of ['light', 'dark']) {
      await this.page.emulateMedia({ colorScheme });
      await this.page.evaluate(AXE);
      const { violations, passes } = await this.page.evaluate((values) => axe.run({ runOnly: { type: 'tag', values } }), LEVELS);
      const told = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map((node) => `${node.html} ${node.failureSummary}`).join(' | ')}`);
      assert.deepEqual(told, [], `${what}, ${colorScheme}, ${this.way.size}`);
      assert.ok(passes.length > 10, 'axe looked at the page');
    }
    await this.fits(what);
  }

  /** Nothing sticks out sideways. (A phone's `innerWidth` grows with what does.) */
  async fits(what = this.page.url()) {
    const wide = await this.page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= this.page.viewportSize().width, `${what} is ${wide} pixels wide`);
  }
}
