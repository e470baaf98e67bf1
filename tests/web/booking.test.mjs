// From a showtime to a ticket: what is booked is booked once, whatever somebody does; and it is cancelled again.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dayOf } from './cinema.mjs';
import { WAYS, begin, journey, required, world } from './visitor.mjs';

const ICAL = required('ical.js').default ?? required('ical.js');
const { PNG } = required('pngjs');
const jsQR = required('jsqr').default ?? required('jsqr');

begin();
const day = dayOf(60);
const evening = (more) => world.cinema.evening(day(), more);

/** What a camera reads off the ticket. */
async function picture(visitor) {
  const { data, width, height } = PNG.sync.read(await visitor.page.locator('.qr').screenshot());
  return jsQR(new Uint8ClampedArray(data), width, height)?.data;
}

journey('A showtime is booked: seats, a look at it all, a ticket', WAYS, async (visitor) => {
  const { page } = visitor;
  const on = await evening({ title: 'Nachtzug, zweiter Teil; ein Film' });
  const person = await world.cinema.customer();
  await visitor.goes(`/films/${on.film.id}`);
  await visitor.presses(page.locator(`a[href="/book/${on.showtime.id}"]`));
  await visitor.presses(visitor.link('Sign in to book'));
  await visitor.fillsIn(person);
  await visitor.isAt(`/book/${on.showtime.id}`);
  await visitor.chooses(page.getByRole('radio', { name: '3', exact: true }));
  await visitor.presses(visitor.button('Continue'));
  await visitor.sees('Your booking');
  assert.equal(await page.locator('dl.sum').getByText('3', { exact: false }).count() > 0, true);
  assert.deepEqual(await world.cinema.bookings(person), [], 'a look books nothing');
  await visitor.presses(visitor.button('Book now'));
  await visitor.isAt(/^\/me\/bookings\/[0-9a-f]{24}\?done=booked$/);
  await visitor.sees('Booked. See you at the cinema!');
  const [booked, ...more] = await world.cinema.bookings(person);
  assert.deepEqual([booked.seats, booked.showtimeid, more.length], [3, on.showtime.id, 0]);

  // The picture leads to the booking, and the code is the same there.
  const code = await page.locator('.code').textContent();
  assert.match(code, /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
  const address = await picture(visitor);
  assert.equal(address, `${world.cinema.url}/tickets/${booked.id}`);

  const [download] = await Promise.all([page.waitForEvent('download'), visitor.presses(visitor.link('Add to the calendar'))]);
  const event = new ICAL.Event(new ICAL.Component(ICAL.parse(readFileSync(await download.path(), 'utf8'))).getFirstSubcomponent('vevent'));
  assert.equal(event.summary, on.film.title);
  assert.equal(event.startDate.toJSDate().toISOString(), `${on.showtime.date}T20:00:00.000Z`);
  assert.equal(event.endDate.toJSDate().toISOString(), `${on.showtime.date}T21:36:00.000Z`);
  assert.match(event.location, /The Lantern, Screen 1/);
  assert.ok(event.description.includes(code) && event.uid.includes(booked.id));

  await visitor.goes(address.slice(world.cinema.url.length));
  await visitor.isAt(`/me/bookings/${booked.id}`);
  assert.equal(await page.locator('.code').textContent(), code);
});

journey('What is booked is booked once, by double clicks, by reloading and by going back', WAYS, async (visitor) => {
  const { page } = visitor;
  const on = await evening(), person = await visitor.signsIn();
  const once = async () => assert.equal((await world.cinema.bookings(person)).length, 1);
  await visitor.goes(`/book/${on.showtime.id}`);
  await visitor.presses(visitor.button('Continue'));
  await visitor.isAt(/seats=2/);
  await visitor.button('Book now').dblclick();
  await visitor.isAt(/^\/me\/bookings\/.*done=booked$/);
  await once();
  await page.reload();
  await visitor.sees('Code');
  await once();
  const ticket = page.url();
  await page.goBack();
  await visitor.sees('You pay at the box office.');
  await once();
  // Who presses it again there means the same booking.
  await visitor.presses(visitor.button('Book now'));
  await visitor.isAt(/^\/me\/bookings\/.*done=booked$/);
  assert.equal(page.url(), ticket);
  await once();
});

journey('Two tabs book two things', WAYS.slice(1, 2), async (visitor) => {
  const [one, other] = [await evening(), await evening()], person = await visitor.signsIn();
  const first = visitor.page, second = await visitor.context.newPage();
  await first.goto(`/book/${one.showtime.id}?seats=1`);
  await second.goto(`/book/${other.showtime.id}?seats=4`);
  await Promise.all([first, second].map((page) => page.getByRole('button', { name: 'Book now' }).tap()));
  for (const page of [first, second]) await page.getByText('Booked. See you').waitFor();
  assert.deepEqual((await world.cinema.bookings(person)).map(({ seats }) => seats).sort(), [1, 4]);
});

journey('A showtime that sells out while somebody books says so', WAYS, async (visitor) => {
  const on = await evening({ capacity: 3 }), person = await visitor.signsIn();
  await visitor.goes(`/book/${on.showtime.id}`);
  await visitor.sees('3 seats left');
  await visitor.chooses(visitor.page.getByRole('radio', { name: '3', exact: true }));
  await visitor.presses(visitor.button('Continue'));
  await visitor.sees('Your booking');
  await world.cinema.book(await world.cinema.customer(), on, 2);
  visitor.expects(409);
  await visitor.presses(visitor.button('Book now'));
  await visitor.page.getByRole('alert').waitFor();
  await visitor.isAccessible('a booking that is refused');
  await visitor.presses(visitor.link('Change'));
  await visitor.sees('1 seat left');
  assert.equal(await visitor.page.getByRole('radio').count(), 1);
  await world.cinema.book(await world.cinema.customer(), on, 1);
  await visitor.presses(visitor.button('Continue'));
  await visitor.sees('This showing is sold out.');
  await visitor.presses(visitor.link('See other times'));
  await visitor.isAt(`/films/${on.film.id}`);
  assert.deepEqual(await world.cinema.bookings(person), []);
});

journey('A booking is found again and cancelled, once', WAYS, async (visitor) => {
  const on = await evening(), person = await visitor.signsIn();
  const kept = await evening({ time: '18:00' });
  await world.cinema.book(person, on, 2);
  await world.cinema.book(person, kept, 1);
  await visitor.goes('/');
  await visitor.opens('Account');
  await visitor.presses(visitor.link('My bookings', visitor.page.locator('.menu')));
  await visitor.presses(visitor.link(on.film.title));
  await visitor.presses(visitor.link('Cancel the booking'));
  await visitor.presses(visitor.link('No, go back'));
  await visitor.presses(visitor.link('Cancel the booking'));
  await visitor.sees(`2 seats for ${on.film.title}`);
  await visitor.button('Yes, cancel it').dblclick();
  await visitor.isAt('/me/bookings?done=cancelled');
  await visitor.sees('The booking is cancelled.');
  assert.equal(await visitor.link(on.film.title).count(), 0);
  await visitor.sees(kept.film.title);
  assert.deepEqual((await world.cinema.bookings(person)).map(({ seats }) => seats), [1]);
});

journey('What the cinema cancels, and what it moves, is told', WAYS.slice(1, 2), async (visitor) => {
  const [gone, moved] = [await evening(), await evening()], person = await visitor.signsIn();
  const bookings = [await world.cinema.book(person, gone, 2), await world.cinema.book(person, moved, 2)];
  await world.cinema.api('DELETE', `/showtimes/${gone.showtime.id}?cancel_bookings=true`);
  await world.cinema.api('PATCH', `/showtimes/${moved.showtime.id}`, { time: '22:15' });
  await visitor.goes('/me/bookings');
  await visitor.sees('Cancelled by the cinema');
  await visitor.goes(`/me/bookings/${bookings[0].id}`);
  await visitor.sees('The cinema has cancelled this booking');
  assert.equal(await visitor.page.locator('.qr').count(), 0);
  await visitor.goes(`/me/bookings/${bookings[1].id}`);
  await visitor.sees('The showing has been moved.');
  await visitor.sees('22:15');
});

journey('Nobody sees the ticket of somebody else', WAYS.slice(0, 1), async (visitor) => {
  const booking = await world.cinema.book(await world.cinema.customer(), await evening(), 2);
  await visitor.signsIn();
  visitor.expects(403, 404);
  for (const path of ['', '/cancel', '/calendar']) {
    const answer = await visitor.page.goto(`/me/bookings/${booking.id}${path}`);
    assert.ok([403, 404].includes(answer.status()), `${path}: ${answer.status()}`);
  }
});

journey('A ticket is printed on one page, and a camera reads it there', WAYS.slice(0, 1), async (visitor) => {
  const booking = await world.cinema.book(await visitor.signsIn(), await evening(), 2);
  await visitor.goes(`/me/bookings/${booking.id}`);
  await visitor.page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  for (const hidden of ['.top', '.bottom', '.actions']) assert.ok(!(await visitor.page.locator(hidden).isVisible()), hidden);
  assert.equal(await picture(visitor), `${world.cinema.url}/tickets/${booking.id}`);
  const pdf = (await visitor.page.pdf({ format: 'A4' })).toString('latin1');
  assert.equal(pdf.match(/\/Type\s*\/Page\b(?!s)/g).length, 1);
  visitor.wrong = visitor.wrong.filter((told) => !told.startsWith('moved')); // What is not printed is gone.
});
