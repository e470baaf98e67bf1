// What is somebody's own: suggestions, their name and password, where they are signed in, and leaving for good.
import assert from 'node:assert/strict';
import { Cinema, dayOf, PASSWORD } from './cinema.mjs';
import { Visitor, WAYS, begin, journey, world } from './visitor.mjs';

begin();
const day = dayOf(120);

// In a cinema of their own, since what others add and book meanwhile is suggested, too.
journey('What is suggested has a reason, and leads to when it is on', WAYS, async ({ way }) => {
  const cinema = await Cinema.start({ sample: true }), visitor = await Visitor.come(way, { cinema });
  try {
    const { page } = visitor, person = await visitor.signsIn();
    const on = await cinema.evening(day());
    await cinema.book(person, on, 1);
    await visitor.goes('/');
    await visitor.opens('Account');
    await visitor.presses(visitor.link('For you', page.locator('.menu')));
    const films = page.locator('article.film');
    await films.first().waitFor();
    assert.ok(await films.count() >= 3);
    assert.ok((await films.first().textContent()).includes(on.film.title), 'the reason is what was booked');
    const titles = await films.getByRole('heading').allTextContents();
    assert.ok(!titles.includes(on.film.title), 'which is not suggested itself');
    const suggested = (await cinema.api('GET', `/users/${person.id}/suggested?limit=12`)).map(({ movie }) => movie.title);
    assert.deepEqual(titles, suggested);
    await visitor.presses(films.first().getByRole('heading').getByRole('link'));
    await visitor.isAt(/^\/films\//);
    assert.equal(await page.locator('h1').textContent(), titles[0]);
    visitor.wasWell();
  } finally {
    await visitor.leave();
    await cinema.stop();
  }
});

journey('A name and a password are changed, and what is wrong with them is told', WAYS, async (visitor) => {
  const person = await visitor.signsIn();
  const elsewhere = await Visitor.come(WAYS[0]);
  await elsewhere.signsIn(person);
  await visitor.goes('/me');
  await visitor.types('First name', 'Grace');
  await visitor.presses(visitor.button('Save'));
  await visitor.sees('Hello, Grace');
  visitor.expects(409, 422);
  await visitor.types('Current password', 'not the current one');
  await visitor.types('New password', `new ${PASSWORD}`);
  await visitor.presses(visitor.button('Change the password'));
  await visitor.page.getByRole('alert').waitFor();
  assert.equal(await visitor.field('New password').inputValue(), '');
  await visitor.types('Current password', PASSWORD);
  await visitor.types('New password', `new ${PASSWORD}`);
  await visitor.presses(visitor.button('Change the password'));
  await visitor.sees('The password is changed.');
  await visitor.goes('/me/bookings');
  await visitor.isAt('/me/bookings');
  await world.cinema.login(person.username, `new ${PASSWORD}`);
  // Everywhere else they are signed out, at the latest when the access token is over.
  await elsewhere.context.clearCookies({ name: /access/ });
  await elsewhere.goes('/me');
  await elsewhere.isAt(/^\/sign-in/);
  await elsewhere.leave();
});

journey('Sessions are seen, ended one by one and all at once', WAYS, async (visitor) => {
  const { page } = visitor, person = await visitor.signsIn();
  await world.cinema.login(person.username);
  await world.cinema.login(person.username);
  await visitor.goes('/me');
  const sessions = page.locator('.sessions li');
  assert.equal(await sessions.count(), 3);
  assert.equal(await sessions.filter({ hasText: 'this browser' }).count(), 1);
  await visitor.presses(page.getByRole('button', { name: /^Sign out (?!everywhere)./ }).first());
  await visitor.sees('That session is signed out.');
  assert.equal(await sessions.count(), 2);
  await visitor.presses(visitor.button('Sign out everywhere'));
  await visitor.isAt('/?done=signed-out');
  await visitor.goes('/me');
  await visitor.isAt(/^\/sign-in/);
});

journey('Whoever leaves is gone for good, with what they had booked to come', WAYS, async (visitor) => {
  const { page } = visitor, person = await visitor.signsIn();
  const on = await world.cinema.evening(day(), { capacity: 2 });
  await world.cinema.book(person, on, 2);
  await visitor.goes('/me');
  await visitor.presses(visitor.link('Delete my account'));
  // Without saying that they are sure, nothing happens.
  await visitor.presses(visitor.button('Delete it'));
  assert.equal(new URL(page.url()).pathname, '/me/delete');
  await visitor.checks(page.getByRole('checkbox'));
  await visitor.presses(visitor.button('Delete it'));
  await visitor.sees('Your account is deleted.');
  await visitor.goes('/me');
  await visitor.isAt(/^\/sign-in/);
  visitor.expects(422);
  await visitor.fillsIn(person);
  await page.getByRole('alert').waitFor();
  const [seats] = await world.cinema.api('GET', `/bookings/availability?showtimeids=${on.showtime.id}`);
  assert.equal(seats.left, 2);
  await world.cinema.api('GET', `/users/${person.id}`, undefined, undefined, 404);
});
