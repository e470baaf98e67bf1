// Accounts: signing up, in and out, in one tab or two, and a session that ends in the middle.
import assert from 'node:assert/strict';
import { PASSWORD, tag } from './cinema.mjs';
import { WAYS, begin, journey, world } from './visitor.mjs';

begin();

journey('Somebody signs up, out and in again', WAYS, async (visitor) => {
  const { page } = visitor, username = tag();
  await visitor.goes('/me/for-you');
  await visitor.isAt('/sign-in?next=%2Fme%2Ffor-you');
  await visitor.sees('Sign in to go on.');
  await visitor.presses(visitor.link('Make an account'));
  visitor.expects(422);
  await visitor.types('Username', 'a b');
  await visitor.types('First name', 'Zoë');
  await visitor.types('Last name', '<O’Brien>');
  await visitor.types('Password', 'short');
  await visitor.presses(visitor.button('Make the account'));
  // What is wrong is told first, and beside the fields; what was typed is there still.
  const alert = page.getByRole('alert');
  await alert.waitFor();
  if (visitor.way.scripts) assert.ok(await alert.evaluate((alert) => alert === document.activeElement), 'who can not see is told');
  assert.equal(await visitor.field('Username').getAttribute('aria-invalid'), 'true');
  assert.equal(await visitor.field('Last name').inputValue(), '<O’Brien>');
  assert.equal(await visitor.field('Password').inputValue(), '');
  await visitor.isAccessible('a form that is wrong');
  await visitor.presses(alert.getByRole('link').first());
  assert.equal(await visitor.field('First name').inputValue(), 'Zoë', 'the way to the field loses nothing');
  await visitor.types('Username', username);
  await visitor.types('Password', PASSWORD);
  await visitor.presses(visitor.button('Make the account'));
  await visitor.isAt('/me/for-you');
  await visitor.opens('Account');
  await visitor.presses(visitor.button('Sign out'));
  await visitor.sees('You are signed out.');
  assert.equal(await page.locator('summary').count(), 0);
  await visitor.presses(visitor.link('Sign in'));
  await visitor.fillsIn({ username, password: 'not the password' });
  await page.getByRole('alert').waitFor();
  assert.equal(await visitor.field('Username').inputValue(), username);
  await visitor.fillsIn({ username });
  await visitor.isAt('/');
  await visitor.opens('Account');
  await visitor.presses(visitor.link('My bookings', page.locator('.menu')));
  await visitor.isAt('/me/bookings');
  // Escape closes the menu, where there are scripts.
  if (visitor.way.scripts) {
    await visitor.opens('Account');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.menu[open]').count(), 0);
  }
});

journey('Nobody is led elsewhere by signing in', WAYS.slice(0, 1), async (visitor) => {
  const person = await world.cinema.customer();
  for (const next of ['https://elsewhere.example/', '//elsewhere.example', '/\\elsewhere.example']) {
    await visitor.goes(`/sign-in?next=${encodeURIComponent(next)}`);
    await visitor.fillsIn(person);
    await visitor.isAt('/');
    await visitor.context.clearCookies();
  }
});

journey('In two tabs one is the same person', [WAYS[0], WAYS[5]], async (visitor) => {
  const person = await world.cinema.customer(), first = visitor.page;
  await visitor.goes('/sign-in');
  const second = await visitor.context.newPage();
  await second.goto('/sign-in?next=%2Fme');
  await visitor.fillsIn(person);
  await visitor.isAt('/');
  // The other tab's form was made for a visitor, who is none any more; it says so, or goes on.
  visitor.expects(403);
  visitor.page = second;
  await visitor.fillsIn(person);
  await second.getByText('Go back, reload the page and send it again').waitFor();
  await visitor.goes('/me');
  await visitor.sees('Hello, Ada');
  await visitor.types('First name', 'Beatrix');
  visitor.page = first;
  await visitor.goes('/me');
  await visitor.types('First name', 'Cleo');
  await visitor.presses(visitor.button('Save'));
  await visitor.sees('Hello, Cleo');
  visitor.page = second;
  await visitor.presses(visitor.button('Save'));
  await visitor.sees('Hello, Beatrix');
  // Who signs out in one is out in both.
  await visitor.opens('Account');
  await visitor.presses(visitor.button('Sign out'));
  await visitor.sees('You are signed out.');
  visitor.page = first;
  await visitor.types('First name', 'Dora');
  await visitor.presses(visitor.button('Save'));
  await visitor.isAt(/^\/sign-in\?next=%2Fme/);
});

journey('A session that is renewed in the middle of a form is the same', [WAYS[0], WAYS[4]], async (visitor) => {
  const person = await visitor.signsIn();
  await visitor.goes('/me');
  // As a browser does when the access token is over, after a quarter of an hour.
  await visitor.context.clearCookies({ name: /access/ });
  await visitor.types('Last name', 'Nwosu');
  await visitor.presses(visitor.button('Save'));
  await visitor.sees('Your name is saved.');
  assert.ok((await visitor.context.cookies()).some(({ name }) => name.includes('access')));
  assert.equal((await world.cinema.api('GET', `/users/${person.id}`)).lastname, 'Nwosu');
});

journey('A session that ends in the middle of booking leads to signing in and back', WAYS, async (visitor) => {
  const evening = await world.cinema.evening('2031-01-07', { screen: tag().slice(0, 8) });
  const person = await visitor.signsIn();
  await visitor.goes(`/book/${evening.showtime.id}?seats=2`);
  const token = await world.cinema.login(person.username);
  await world.cinema.api('DELETE', '/auth/sessions', undefined, token);
  await visitor.context.clearCookies({ name: /access/ });
  await visitor.presses(visitor.button('Book now'));
  await visitor.isAt(/^\/sign-in\?next=%2Fbook%2F/);
  await visitor.sees('Your session is over');
  await visitor.fillsIn(person);
  await visitor.isAt(new RegExp(`^/book/${evening.showtime.id}`));
  assert.deepEqual(await world.cinema.bookings(person), [], 'nothing is booked by who was not signed in');
});
