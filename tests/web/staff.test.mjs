// Who runs the cinema: films, showtimes, a day's plan, guests at the door, users, and what was sold.
import assert from 'node:assert/strict';
import { dayOf, inDays, PASSWORD, tag } from './cinema.mjs';
import { Visitor, WAYS, begin, journey, world } from './visitor.mjs';

begin();
const day = dayOf(240);
const THREE = [WAYS[0], WAYS[1], WAYS[4]];
const staff = async (visitor) => visitor.signsIn(await world.cinema.customer('staff'));

/** A day and a time are chosen, as a browser has its own way of it. */
const sets = (visitor, name, value) => visitor.field(name).fill(value);

journey('A film is added, changed, put on the programme, and taken off again', WAYS, async (visitor) => {
  const { page } = visitor, title = `Ein Film <i>${tag()}</i>`, date = day();
  await staff(visitor);
  await visitor.goes('/');
  await visitor.opens('Account');
  await visitor.presses(visitor.link('Staff', page.locator('.menu')));
  await visitor.isAt('/staff');
  await visitor.presses(visitor.link('Films', page.locator('.staff-nav')));
  await visitor.presses(visitor.link('Add a film'));
  visitor.expects(422);
  await visitor.types('Title', title);
  await visitor.types('Director', 'Bruna Castellane');
  await visitor.types('Rating', '11');
  await visitor.presses(visitor.button('Save'));
  await page.getByRole('alert').waitFor();
  assert.equal(await visitor.field('Rating').getAttribute('aria-invalid'), 'true');
  assert.equal(await visitor.field('Title').inputValue(), title);
  await visitor.types('Rating', '7.5');
  await visitor.presses(visitor.button('Save'));
  await visitor.sees('It is added.');
  const [film] = await world.cinema.api('GET', `/movies?title=${encodeURIComponent(title)}`);
  assert.deepEqual([film.title, film.director, film.rating], [title, 'Bruna Castellane', 7.5]);

  await visitor.goes(`/staff/films/${film.id}`);
  await visitor.presses(visitor.link('Put it on the programme'));
  await sets(visitor, 'Day', date);
  await sets(visitor, 'Time (optional)', '19:30');
  await visitor.types('Screen (optional)', '1');
  await visitor.types('Seats (optional)', '12');
  assert.ok(await page.getByRole('checkbox', { name: title }).isChecked());
  await visitor.presses(visitor.button('Save'));
  await visitor.sees('It is added.');
  await visitor.goes(`/programme/${date}`);
  await visitor.sees(title);

  // What hangs on it is said before it happens.
  await visitor.goes(`/staff/films/${film.id}/remove`);
  await visitor.sees("It can't be removed yet");
  const [showtime] = await world.cinema.api('GET', `/showtimes/${date}`);
  await visitor.goes(`/staff/showtimes/${showtime.id}`);
  await visitor.types('Seats (optional)', '14');
  await visitor.presses(visitor.button('Save'));
  await visitor.sees('The change is saved.');
  assert.equal((await world.cinema.api('GET', `/showtimes/${showtime.id}`)).capacity, 14);
  await visitor.goes(`/staff/showtimes/${showtime.id}/remove`);
  await visitor.sees('Nobody has booked it.');
  await visitor.presses(visitor.button('Take it off the programme'));
  await visitor.sees('It is removed.');
  await visitor.goes(`/staff/films/${film.id}/remove`);
  await visitor.presses(visitor.button('Remove the film'));
  await visitor.sees('It is removed.');
  await world.cinema.api('GET', `/movies/${film.id}`, undefined, undefined, 404);
});

journey('Of a showtime that is taken off the programme, those who booked are told', THREE, async (visitor) => {
  const on = await world.cinema.evening(day()), guest = await world.cinema.customer();
  const booking = await world.cinema.book(guest, on, 3);
  await staff(visitor);
  await visitor.goes(`/staff/showtimes/${on.showtime.id}/remove`);
  await visitor.sees('1 booking hangs on it: 3 seats.');
  await visitor.checks(visitor.page.getByRole('checkbox', { name: 'Cancel these bookings' }));
  await visitor.presses(visitor.button('Take it off the programme'));
  await visitor.sees('It is removed.');
  const theirs = await Visitor.come(visitor.way);
  await theirs.signsIn(guest);
  await theirs.goes(`/me/bookings/${booking.id}`);
  await theirs.sees('The cinema has cancelled this booking');
  await theirs.leave();
});

journey('A day is seen by screen, and what is on a screen already can not be shown twice', WAYS, async (visitor) => {
  const { page } = visitor, date = day();
  const on = await world.cinema.evening(date, { capacity: 10 });
  await world.cinema.book(await world.cinema.customer(), on, 4);
  await staff(visitor);
  await visitor.goes(`/staff/day/${date}`);
  await visitor.sees('1 showtime');
  await visitor.sees('4 seats sold');
  await visitor.presses(visitor.link('Add a showtime'));
  await visitor.isAt(`/staff/showtimes/new?date=${date}`);
  // Of a hundred films at the most one is chosen there; of more, by way of the film.
  await visitor.goes(`/staff/showtimes/new?date=${date}&film=${on.film.id}`);
  visitor.expects(409, 422);
  await sets(visitor, 'Time (optional)', '20:30');
  await visitor.types('Screen (optional)', '1');
  await visitor.presses(visitor.button('Save'));
  await page.getByRole('alert').waitFor();
  assert.ok(await page.getByRole('checkbox', { name: on.film.title }).isChecked(), 'what was chosen is chosen still');
  await visitor.types('Screen (optional)', '2');
  await visitor.presses(visitor.button('Save'));
  await visitor.sees('It is added.');
  await visitor.goes(`/staff/day/${date}`);
  assert.equal(await page.locator('a.block').count(), 2);
  const block = page.getByRole('link', { name: /^20:00, .*4 of 10 seats sold/ });
  await visitor.presses(block);
  await visitor.isAt(`/staff/showtimes/${on.showtime.id}/bookings`);
});

journey('Guests are found by name and by code, and let in once', WAYS, async (visitor) => {
  const { page } = visitor, on = await world.cinema.evening(day());
  const [ada, other] = [await world.cinema.customer(), await world.cinema.customer()];
  await world.cinema.api('PATCH', `/users/${other.id}`, { firstname: 'Imani', lastname: 'Márlow' });
  const booking = await world.cinema.book(ada, on, 2);
  await world.cinema.book(other, on, 1);
  const theirs = await Visitor.come(visitor.way);
  await theirs.signsIn(ada);
  await theirs.goes(`/me/bookings/${booking.id}`);
  const code = await theirs.page.locator('.code').textContent();
  await theirs.leave();

  await staff(visitor);
  await visitor.goes(`/staff/showtimes/${on.showtime.id}/bookings`);
  const guests = page.locator('ul.guests li');
  assert.equal(await guests.count(), 2);
  await visitor.types('Name or code', 'már');
  await visitor.presses(visitor.button('Search'));
  await visitor.isAt(/q=m/);
  assert.deepEqual(await guests.getByRole('heading').allTextContents(), ['Imani Márlow']);
  await visitor.types('Name or code', code.toLowerCase());
  await visitor.presses(visitor.button('Search'));
  await visitor.isAt(new RegExp(code.slice(0, 4).toLowerCase()));
  assert.deepEqual(await guests.getByRole('heading').allTextContents(), ['Ada Okafor']);
  await visitor.presses(visitor.button('Let in Ada Okafor'));
  await visitor.sees('Let in. Enjoy the film!');
  await visitor.sees('in since');
  await visitor.sees('2 let in');
  assert.ok((await world.cinema.api('GET', `/bookings/${booking.id}`)).checkedin);
  // By the ticket's picture once more: it says that they are in, and takes it back.
  await visitor.goes(`/tickets/${booking.id}`);
  await visitor.isAt(`/staff/bookings/${booking.id}`);
  await visitor.sees('in since');
  await visitor.presses(visitor.button('Take back that Ada Okafor was let in'));
  await visitor.sees('Taken back');
  assert.equal((await world.cinema.api('GET', `/bookings/${booking.id}`)).checkedin, undefined);
});

journey('Two doors let a guest in once', WAYS.slice(1, 2), async (visitor) => {
  const on = await world.cinema.evening(day());
  const booking = await world.cinema.book(await world.cinema.customer(), on, 2);
  await staff(visitor);
  visitor.expects(409);
  const first = visitor.page, second = await visitor.context.newPage();
  for (const page of [first, second]) await page.goto(`/staff/bookings/${booking.id}`);
  await first.getByRole('button', { name: 'Let in' }).tap();
  await first.getByText('in since').waitFor();
  await second.getByRole('button', { name: 'Let in' }).tap();
  await second.getByRole('alert').waitFor();
});

journey('Somebody becomes staff, and is given a code for a forgotten password', WAYS, async (visitor) => {
  const { page } = visitor, person = await world.cinema.customer();
  await staff(visitor);
  await visitor.goes('/staff/users');
  await visitor.types('The beginning of a username', person.username.slice(0, 9));
  await visitor.presses(visitor.button('Search'));
  await visitor.presses(visitor.link(person.username));
  const roles = page.getByRole('radio', { name: 'Staff' });
  await visitor.chooses(roles);
  await visitor.presses(visitor.button('Save'));
  await visitor.sees('The change is saved.');
  assert.equal((await world.cinema.api('GET', `/users/${person.id}`)).role, 'staff');
  await visitor.presses(visitor.button('Give out a code'));
  await visitor.sees('which is shown this once');
  const code = (await page.locator('#main .code').first().textContent()).trim();
  await page.goto(`/staff/users/${person.id}`);
  assert.ok(!(await page.content()).includes(code), 'it is shown once');

  const theirs = await Visitor.come(visitor.way);
  await theirs.goes('/reset');
  await theirs.types('Username', person.username);
  await theirs.types('Code', code);
  await theirs.types('New password', `found again, ${PASSWORD}`);
  await theirs.presses(theirs.button('Set the password'));
  await theirs.sees('The password is changed.');
  await theirs.fillsIn({ username: person.username, password: `found again, ${PASSWORD}` });
  await theirs.isAt('/');
  theirs.wasWell();
  await theirs.leave();
});

journey('Somebody is removed with what they have booked', THREE, async (visitor) => {
  const person = await world.cinema.customer(), on = await world.cinema.evening(day());
  await world.cinema.book(person, on, 2);
  await staff(visitor);
  await visitor.goes(`/staff/users/${person.id}`);
  await visitor.presses(visitor.link('Delete the account'));
  await visitor.sees('1 booking to come is cancelled');
  await visitor.presses(visitor.button('Delete the account'));
  await visitor.sees('It is removed.');
  await world.cinema.api('GET', `/users/${person.id}`, undefined, undefined, 404);
});

journey('What was sold is seen, and the table says what the picture does', THREE, async (visitor) => {
  const { page } = visitor, date = day();
  const on = await world.cinema.evening(date, { capacity: 20 });
  await world.cinema.book(await world.cinema.customer(), on, 7);
  await staff(visitor);
  await visitor.goes(`/staff?to=${date}`);
  assert.equal(await page.locator('svg.chart').count(), 3);
  for (const title of ['Seats by day', 'Seats by film', 'Occupancy by weekday and hour']) {
    await page.getByRole('img', { name: title }).waitFor();
  }
  const panel = page.locator('section.panel').filter({ has: page.getByRole('heading', { name: 'Seats by day' }) });
  await visitor.presses(panel.locator('summary'));
  const row = panel.getByRole('row').filter({ has: page.locator(`a[href="/staff/day/${date}"]`) });
  assert.deepEqual(await row.locator('td').allTextContents(), ['1', '7']);
  await visitor.isAccessible('the tables');
});

journey('Nobody but the staff sees the staff\'s pages', WAYS.slice(0, 1), async (visitor) => {
  const paths = ['/staff', '/staff/day', '/staff/films', '/staff/films/new', '/staff/users', '/staff/showtimes/new'];
  for (const path of paths) {
    await visitor.goes(path);
    await visitor.isAt(`/sign-in?next=${encodeURIComponent(path)}`);
  }
  await visitor.signsIn();
  for (const path of paths) await visitor.goes(path, 403);
  await visitor.isAccessible('a page that is not for them');
});

journey('The staff\'s pages are accessible, and fit a phone', [WAYS[0], WAYS[1]], async (visitor) => {
  const date = day(), on = await world.cinema.evening(date, { title: `Donaudampfschifffahrtsgesellschaftskapitänsmütze <b>${tag()}</b>` });
  const person = await world.cinema.customer();
  const [booking, inside] = [await world.cinema.book(person, on, 2), await world.cinema.book(await world.cinema.customer(), on, 1)];
  await world.cinema.api('POST', `/bookings/${inside.id}/checkin`);
  await staff(visitor);
  for (const path of ['/staff', `/staff?to=${date}`, `/staff/day/${inDays(1)}`, `/staff/day/${date}`, `/staff/day/${inDays(600)}`, '/staff/films', '/staff/films/new',
    `/staff/films/${on.film.id}`, `/staff/films/${on.film.id}/remove`, `/staff/showtimes/new?date=${date}`, `/staff/showtimes/${on.showtime.id}`,
    `/staff/showtimes/${on.showtime.id}/bookings`, `/staff/showtimes/${on.showtime.id}/remove`, `/staff/bookings/${booking.id}`,
    `/staff/bookings/${booking.id}/cancel`, '/staff/users', `/staff/users/${person.id}`, `/staff/users/${person.id}/remove`]) {
    await visitor.goes(path);
    await visitor.isAccessible();
  }
});
