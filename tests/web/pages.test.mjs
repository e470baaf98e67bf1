// Every page, for everybody: no violation that axe finds, in either scheme, at a phone and a desktop; small enough; as safe as it says.
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { inDays, tag } from './cinema.mjs';
import { WAYS, begin, journey, world } from './visitor.mjs';

begin();
const BOTH = [WAYS[0], WAYS[1]];
const soon = inDays(1);
/** Words that no line of a phone has room for, and what a careless page would take for its own. */
const long = () => `Donaudampfschifffahrtsgesellschaftskapitänsmütze <b>${tag()}</b>`;
const evening = (days) => world.cinema.evening(inDays(days), { title: long(), screen: tag().slice(0, 8) });

journey('Pages for everybody are accessible', BOTH, async (visitor) => {
  const { film } = await evening(200);
  for (const path of ['/', `/programme/${soon}`, `/programme/${soon}?by=time`, `/programme/${inDays(400)}`, `/films/${film.id}`, '/search', '/search?q=the',
    '/search?q=nothing-of-that', '/sign-in', '/sign-in?next=%2Fme&ended=yes', '/sign-up', '/reset']) {
    await visitor.goes(path);
    await visitor.isAccessible();
  }
  await visitor.goes('/nowhere', 404);
  await visitor.isAccessible();
  await visitor.goes('/language/de?next=/');
  for (const path of ['/', `/programme/${soon}`, '/sign-up']) {
    await visitor.goes(path);
    await visitor.isAccessible();
  }
});

journey('Pages of somebody\'s own are accessible', BOTH, async (visitor) => {
  const person = await visitor.signsIn();
  await visitor.goes('/me/bookings');
  await visitor.isAccessible('no bookings');
  const on = await evening(201);
  const booking = await world.cinema.book(person, on, 2);
  for (const path of [`/book/${on.showtime.id}`, `/book/${on.showtime.id}?seats=2`, '/me/bookings', `/me/bookings/${booking.id}?done=booked`,
    `/me/bookings/${booking.id}/cancel`, '/me/for-you', '/me', '/me/delete']) {
    await visitor.goes(path);
    await visitor.isAccessible();
  }
  await visitor.opens('Account');
  await visitor.isAccessible('the menu');
});

journey('Every page fits 320 pixels', [{ hand: 'touch', size: 'phone' }], async (visitor) => {
  const on = await evening(202);
  const booking = await world.cinema.book(await visitor.signsIn(), on, 2);
  await visitor.page.setViewportSize({ width: 320, height: 640 });
  for (const path of ['/', `/programme/${soon}`, `/programme/${inDays(202)}`, `/programme/${inDays(202)}?by=time`, '/search?q=donau', '/sign-up',
    `/films/${on.film.id}`, `/book/${on.showtime.id}`, `/book/${on.showtime.id}?seats=2`, '/me', '/me/bookings',
    `/me/bookings/${booking.id}`, '/me/for-you']) {
    await visitor.goes(path);
    await visitor.fits();
  }
});

journey('The programme of a day of sixty showtimes is under 30 kB, with style and script', [WAYS[0]], async (visitor) => {
  const films = [], date = inDays(390);
  for (let at = 0; at < 20; at++) films.push(await world.cinema.film(`A film with a title of a usual length ${tag()}`, { director: `Director ${tag()}` }));
  for (let at = 0; at < 60; at++) {
    const time = `${String(9 + Math.floor(at / 5)).padStart(2, '0')}:${at % 5}0`;
    await world.cinema.api('POST', '/showtimes', { date, time, movies: [films[at % 20].id], capacity: 5 + at });
  }
  for (const query of ['', '?by=time']) {
    const bodies = [];
    visitor.page.on('response', (response) => bodies.push(response.body()));
    await visitor.goes(`/programme/${date}${query}`);
    await visitor.page.waitForLoadState('networkidle');
    visitor.page.removeAllListeners('response');
    assert.equal(await visitor.page.locator('.showing').count(), 60);
    // The host does not compress; what stands before it does.
    const sizes = (await Promise.all(bodies)).map((body) => gzipSync(body).length);
    const all = sizes.reduce((sum, size) => sum + size);
    console.log(`${query || 'by film'}: ${sizes.length} files, ${all} bytes gzipped`);
    assert.ok(sizes.length >= 3 && all < 30_000, `${sizes}`);
  }
});

journey('Scripts and styles of elsewhere, and those written into a page, are refused', [WAYS[0]], async (visitor) => {
  const { page } = visitor;
  await visitor.goes('/');
  const refused = page.waitForEvent('console', (message) => /Content Security Policy|violates/.test(message.text()));
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.got = true';
    document.head.append(script);
  });
  await refused;
  assert.equal(await page.evaluate(() => window.got), undefined);
  visitor.wrong = visitor.wrong.filter((told) => !/violates/.test(told));
});
