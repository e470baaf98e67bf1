// A cinema on the bundled host, and those who run it: what the journeys begin with is made over the API.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BINARY = join(ROOT, 'target/host/cinema');
/** Compiled components, kept from run to run: every host has a copy, since it believes no folder but its own. */
const CACHE = join(ROOT, 'target/web-tests/cache');

function copied(from, to) {
  if (!existsSync(from)) return;
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true, mode: 0o700 });
  cpSync(from, to, { recursive: true });
}

/** The password of everybody who signs up in this run. */
export const PASSWORD = process.env.CINEMA_WEB_PASSWORD ?? `the tests' own ${randomBytes(9).toString('hex')}`;

/** A name, or a part of one, that nobody else has. */
export const tag = () => `t${randomBytes(5).toString('hex')}`;

/** The day in so many days, as the cinema's clock (UTC) has it. */
export const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** A day of a file's own, so that nobody else shows anything on its screens: each file has a range. */
export const dayOf = (first) => () => inDays(first++);

export class Cinema {
  log = [];

  /** A host on a store of its own, with these variables set; with the sample data, where that is wanted. */
  static async start({ sample = false, variables = {}, keys } = {}) {
    const cinema = new Cinema();
    cinema.state = mkdtempSync(join(tmpdir(), 'cinema-web-'));
    copied(process.env.CINEMA_WEB_CACHE ?? CACHE, join(cinema.state, 'cache'));
    cinema.keys = keys ?? join(cinema.state, '.env');
    if (!keys) execFileSync(BINARY, ['keys', '--write', '--env-file', cinema.keys], { stdio: 'ignore' });
    await cinema.begin(sample, variables);
    return cinema;
  }

  async begin(sample, variables) {
    const settings = { cinema_name: 'The Lantern', time_zone: 'UTC', ...variables };
    const options = Object.entries(settings).flatMap(([name, value]) => ['--variable', `${name}=${value}`]);
    if (sample) options.push('--sample', join(ROOT, 'data'));
    const all = ['up', '--from', join(ROOT, 'spin.toml'), '--env-file', this.keys, '--state-dir', this.state, '--listen', '127.0.0.1:0',
      '--log-format', 'json', '--limit-rate', '100000', ...options];
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SPIN_')));
    this.process = spawn(BINARY, all, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    process.on('exit', () => this.process.kill('SIGKILL'));
    const ready = new Promise((serves, fails) => {
      this.process.on('exit', (code) => fails(new Error(`the host ended (${code}): ${this.log.slice(-20).join('\n')}`)));
      this.process.on('error', () => fails(new Error(`${BINARY} does not start; make build makes it`)));
      for (const stream of [this.process.stdout, this.process.stderr]) {
        createInterface({ input: stream }).on('line', (line) => {
          this.log.push(line);
          if (line.startsWith('Serving ')) this.url = line.slice('Serving '.length).trim();
          if (this.url && (!sample || /sample/i.test(line))) serves();
        });
      }
    });
    await ready;
  }

  async stop() {
    const ended = new Promise((done) => this.process.on('exit', done));
    this.process.kill('SIGTERM');
    await ended;
    if (!process.env.CINEMA_WEB_CACHE) copied(join(this.state, 'cache'), CACHE);
    rmSync(this.state, { recursive: true, force: true });
  }

  /** The one that the journeys share; or, where a file is run alone, one of its own. */
  static async shared() {
    const { CINEMA_WEB_URL: url, CINEMA_WEB_KEYS: keys } = process.env;
    if (!url) return Cinema.start({ sample: true });
    return Object.assign(new Cinema(), { url, keys, stop: async () => {} });
  }

  /** By what the journeys find it. */
  shared() {
    return { CINEMA_WEB_CACHE: join(this.state, 'cache'), CINEMA_WEB_URL: this.url, CINEMA_WEB_KEYS: this.keys, CINEMA_WEB_PASSWORD: PASSWORD };
  }

  /** A request to the API, as staff where nobody else is named, and as nobody for a token of null; the answer's data. */
  async api(method, path, body, token, status) {
    const headers = { accept: 'application/json' };
    if (token !== null) headers.authorization = `Bearer ${token ?? await this.staff()}`;
    if (body) headers['content-type'] = 'application/json';
    const answer = await fetch(this.url + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    assert.ok(status ? answer.status === status : answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    const told = text.startsWith('{') ? JSON.parse(text) : text;
    return told.data ?? told;
  }

  /** The first of the staff: username and password. */
  first() {
    const env = readFileSync(this.keys, 'utf8');
    const told = (name) => env.match(new RegExp(`^SPIN_VARIABLE_FIRST_STAFF_${name}='?([^'\n]*)`, 'm'))[1];
    return { username: told('USERNAME'), password: told('PASSWORD') };
  }

  /** A token of the first of the staff, who signs up where that has not been done. */
  staff() {
    return this.token ??= (async () => {
      const first = this.first();
      const person = { ...first, firstname: 'First', lastname: 'Staff' };
      await fetch(`${this.url}/users`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(person) });
      return this.login(first.username, first.password);
    })();
  }

  async login(username, password = PASSWORD) {
    return (await this.api('POST', '/auth/login', { username, password }, null)).access_token;
  }

  /** Somebody who has an account. */
  async customer(role) {
    const person = { username: tag(), firstname: 'Ada', lastname: 'Okafor', password: PASSWORD };
    const { id } = role ? await this.api('POST', '/users', { ...person, role }) : await this.api('POST', '/users', person, null);
    return { id, ...person };
  }

  film(title = `The ${tag()}`, more = {}) {
    return this.api('POST', '/movies', { title, director: 'Amara Quillon', rating: 8.1, minutes: 96, ...more });
  }

  /** A film at eight in the evening of a day. */
  async evening(date, more = {}) {
    const film = await this.film(more.title);
    const showtime = await this.api('POST', '/showtimes', { date, time: '20:00', screen: '1', capacity: 40, movies: [film.id], ...more, title: undefined });
    return { film, showtime };
  }

  book(user, { showtime, film }, seats) {
    return this.api('POST', '/bookings', { userid: user.id, showtimeid: showtime.id, movies: [film.id], seats });
  }

  bookings(user) {
    return this.api('GET', `/bookings?userid=${user.id}`);
  }
}
