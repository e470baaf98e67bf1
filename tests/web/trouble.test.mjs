// What breaks beside the site: a service that is down, a network that is gone, somebody who is sent away.
import assert from 'node:assert/strict';
import { createServer as createProxy } from 'node:http';
import { createServer } from 'node:net';
import { Cinema, dayOf } from './cinema.mjs';
import { Visitor, WAYS, begin, journey, world } from './visitor.mjs';

begin();
const day = dayOf(160);

/** A port that nobody listens at. */
async function closed() {
  const server = createServer();
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return `http://127.0.0.1:${port}`;
}

// With `true`, to somebody who is signed in.
for (const [name, paths, still, signed] of [
  ['movies', ['/films/000000000000000000000000', '/search?q=heat'], ['/', '/sign-in', '/programme']],
  ['showtimes', ['/', '/programme'], ['/search?q=heat', '/sign-in']],
  ['bookings', [], ['/', '/sign-in', '/search?q=heat']],
  ['users', ['/me/for-you'], ['/', '/me', '/me/bookings', '/search?q=heat'], true],
  ['auth', ['/me'], ['/', '/me/bookings', '/me/for-you'], true],
]) {
  journey(`While ${name} is down, pages say so and the others go on`, [WAYS[1]], async ({ way }) => {
    const cinema = await Cinema.start({ variables: { [`${name}_url`]: await closed() } });
    const visitor = await Visitor.come(way, { cinema });
    try {
      if (signed) await visitor.signsIn();
      for (const path of paths) {
        const answer = await visitor.goes(path, 503);
        assert.ok(Number(answer.headers()['retry-after']) >= 1);
        assert.equal(answer.headers()['cache-control'], 'no-store');
        await visitor.sees('We will be right back');
        await visitor.isAccessible(`${path} without ${name}`);
      }
      for (const path of still) await visitor.goes(path);
      visitor.wasWell();
    } finally {
      await visitor.leave();
      await cinema.stop();
    }
  });
}

journey('A page that stays away in its middle moves nothing when the rest comes', [WAYS[0]], async ({ way }) => {
  const proxy = createProxy(async (request, response) => {
    const answer = await fetch(world.cinema.url + request.url, { headers: { accept: request.headers.accept } });
    response.setHeader('content-type', answer.headers.get('content-type'));
    const text = await answer.text(), middle = text.indexOf('<a href="/sign-in"');
    // Browsers show what is there only once there is some of it.
    response.write(middle < 0 ? '' : text.slice(0, middle) + ' '.repeat(2000));
    setTimeout(() => response.end(text.slice(Math.max(middle, 0))), middle < 0 ? 0 : 500);
  });
  await new Promise((ready) => proxy.listen(0, '127.0.0.1', ready));
  const cinema = Object.assign(Object.create(world.cinema), { url: `http://127.0.0.1:${proxy.address().port}` });
  const visitor = await Visitor.come(way, { cinema });
  try {
    await visitor.goes('/');
    await visitor.sees('Today');
    await new Promise((done) => setTimeout(done, 300));
    visitor.wasWell();
  } finally {
    await visitor.leave();
    proxy.closeAllConnections();
    await new Promise((done) => proxy.close(done));
  }
});

journey('A booking that could not be sent is not lost, and is sent again', WAYS.slice(0, 2), async (visitor) => {
  const { page } = visitor, person = await visitor.signsIn();
  const on = await world.cinema.evening(day());
  await visitor.goes(`/book/${on.showtime.id}?seats=2`);
  // Its answer is lost on the way: the browser sends the form once more by itself.
  let times = 0;
  await page.route(`**/book/${on.showtime.id}`, async (route) => {
    times += 1;
    if (times > 1) return route.continue();
    await route.fetch({ maxRedirects: 0 });
    return route.abort('connectionreset');
  });
  await visitor.presses(visitor.button('Book now'));
  await visitor.isAt(/^\/me\/bookings\/[0-9a-f]{24}\?done=booked$/);
  assert.equal((await world.cinema.bookings(person)).length, 1);
  visitor.wrong = visitor.wrong.filter((told) => !told.includes('net::ERR_CONNECTION_RESET'));
});

journey('Somebody whom staff have removed is signed out', WAYS.slice(0, 1), async (visitor) => {
  const person = await visitor.signsIn();
  await world.cinema.api('DELETE', `/users/${person.id}`);
  await visitor.context.clearCookies({ name: /access/ });
  await visitor.goes('/me');
  await visitor.isAt(/^\/sign-in/);
  await visitor.sees('your session is over');
});

journey('A form of elsewhere is refused', WAYS.slice(0, 1), async (visitor) => {
  const person = await visitor.signsIn();
  await visitor.goes('/');
  visitor.expects(403);
  const evil = await visitor.context.newPage();
  visitor.page = evil;
  // The same site is elsewhere by another name of this machine; cookies are the host's, whatever the port.
  await evil.setContent(`<form method="post" action="${world.cinema.url}/me"><input name="firstname" value="Mallory"><button>Win</button></form>`);
  await evil.getByRole('button').click();
  await evil.waitForURL(/\/(me|sign-in)/);
  assert.equal((await world.cinema.api('GET', `/users/${person.id}`)).firstname, 'Ada');
});
