// Who only looks: what is on, by day and by film; a film; search; the other language.
import assert from 'node:assert/strict';
import { dayOf, tag } from './cinema.mjs';
import { Visitor, WAYS, begin, journey, world } from './visitor.mjs';

begin();
const day = dayOf(20);

journey('What is on is found by day and by film', WAYS, async (visitor) => {
  const { page } = visitor, date = day();
  const { film, showtime } = await world.cinema.evening(date);
  await world.cinema.api('POST', '/showtimes', { date, time: '17:30', screen: '2', capacity: 8, movies: [film.id] });
  await visitor.goes('/');
  await visitor.presses(visitor.link('Programme'));
  await visitor.isAt(/^\/programme\/\d{4}-\d\d-\d\d$/);
  // Day after day leads there; the journey takes the last step of it.
  await visitor.goes(`/programme/${new Date(Date.parse(date) - 86_400_000).toISOString().slice(0, 10)}`);
  await visitor.presses(visitor.link('The day after'));
  await visitor.isAt(`/programme/${date}`);
  const times = page.locator('.showing time');
  assert.deepEqual(await times.allTextContents(), ['17:30', '20:00']);
  assert.equal(await times.last().getAttribute('datetime'), `${date}T20:00:00Z`);
  await visitor.sees('8 seats left');
  await visitor.presses(visitor.link('By time'));
  await visitor.isAt(`/programme/${date}?by=time`);
  assert.equal(await page.locator('.times li').count(), 2);
  await visitor.presses(page.locator('.times').getByRole('link', { name: film.title, exact: true }).first());
  await visitor.isAt(`/films/${film.id}`);
  assert.equal(await page.locator('h1').textContent(), film.title);
  await visitor.sees('Directed by Amara Quillon');
  await visitor.presses(page.locator(`a[href="/book/${showtime.id}"]`));
  await visitor.isAt(`/book/${showtime.id}`);
  await visitor.sees('Sign in to book');
});

journey('A film is found by a part of its title, and by its director', WAYS, async (visitor) => {
  const name = tag();
  const film = await world.cinema.film(`Ein Zug & <b>${name}</b>`, { director: `Ågot ${name}` });
  await visitor.goes('/');
  await visitor.presses(visitor.link('Search'));
  await visitor.isAt('/search');
  await visitor.types('Film or director', `zug & <b>${name}`);
  if (visitor.way.hand === 'keyboard') await visitor.page.keyboard.press('Enter');
  else await visitor.presses(visitor.button('Search'));
  await visitor.sees('1 film for');
  assert.equal(await visitor.field('Film or director').inputValue(), `zug & <b>${name}`);
  await visitor.types('Film or director', `ågot ${name}`.toUpperCase());
  await visitor.presses(visitor.button('Search'));
  await visitor.presses(visitor.link(film.title));
  await visitor.isAt(`/films/${film.id}`);
  await visitor.sees('It is not on the programme at the moment.');
  await visitor.goes('/search?q=nobody-would-call-a-film-so');
  await visitor.sees('Nothing found');
});

journey('Whoever wants it reads German, from there on', WAYS, async (visitor) => {
  const { page } = visitor;
  await visitor.goes('/search?q=lund');
  await visitor.presses(visitor.link('Deutsch'));
  await visitor.isAt('/search?q=lund');
  assert.equal(await page.locator('html').getAttribute('lang'), 'de');
  await page.getByRole('heading', { name: 'Suche' }).waitFor();
  await visitor.presses(visitor.link('Programm'));
  assert.match(await page.locator('h1').textContent(), /^Heute/);
  await visitor.presses(visitor.link('English'));
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
});

journey('Who comes from elsewhere reads what their browser prefers', [WAYS[0]], async ({ way }) => {
  for (const [locale, lang] of [['de-AT', 'de'], ['fr', 'en'], ['en-US', 'en']]) {
    const visitor = await Visitor.come(way, { locale });
    await visitor.goes('/');
    assert.equal(await visitor.page.locator('html').getAttribute('lang'), lang, locale);
    await visitor.leave();
  }
});

journey('Who tabs comes past the menu by one key', [WAYS[0], WAYS[4]], async (visitor) => {
  await visitor.goes('/');
  await visitor.presses(visitor.link('Skip to the content'));
  await visitor.page.keyboard.press('Tab');
  assert.ok(await visitor.page.evaluate(() => document.querySelector('#main').contains(document.activeElement)));
});

journey('What there is not is a page that leads on', WAYS.slice(1, 2), async (visitor) => {
  await visitor.goes('/films/000000000000000000000000', 404);
  await visitor.sees('There is no such page');
  await visitor.presses(visitor.page.locator('#main').getByRole('link', { name: 'What is on' }));
  await visitor.isAt('/');
});

journey('Seats that are left are told anew while somebody looks', WAYS.slice(0, 1), async (visitor) => {
  const evening = await world.cinema.evening(day(), { capacity: 5 });
  await visitor.page.clock.install();
  await visitor.goes(`/films/${evening.film.id}`);
  await visitor.sees('5 seats left');
  await world.cinema.book(await world.cinema.customer(), evening, 4);
  await visitor.page.clock.runFor(31_000);
  await visitor.sees('1 seat left');
});
