// Connect's clients, with code that its generator makes of the contract, by the transport of TRANSPORT.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';

const { ADDRESS, MADE, TRANSPORT, TOKEN } = process.env;
const required = createRequire(join(MADE, 'made.js'));
const { Code, ConnectError, createClient } = required('@connectrpc/connect');
const { createGrpcTransport, createGrpcWebTransport } = required('@connectrpc/connect-node');
const made = (name) => import(join(MADE, `cinema/v1/${name}_pb.js`));
const [{ Movies }, { Auth }, { Users }] = await Promise.all(['movies', 'auth', 'users'].map(made));
const { BadRequestSchema, ErrorInfoSchema } = await import(join(MADE, 'google/rpc/error_details_pb.js'));

const baseUrl = `http://${ADDRESS}`;
const signed = (next) => (request) => {
  request.header.set('authorization', `Bearer ${TOKEN}`);
  return next(request);
};
const transport = {
  grpc: (options) => createGrpcTransport(options),
  'web-1.1': (options) => createGrpcWebTransport({ httpVersion: '1.1', ...options }),
  'web-2': (options) => createGrpcWebTransport({ httpVersion: '2', ...options }),
}[TRANSPORT];
const [anyone, staff] = [[], [signed]].map((interceptors) => transport({ baseUrl, interceptors }));

const refused = (call, code) => assert.rejects(call, (error) => {
  assert.ok(error instanceof ConnectError, error);
  assert.equal(Code[error.code], Code[code], error.message);
  return true;
});

test('a film from its beginning to its end', async () => {
  const films = createClient(Movies, staff);
  const { movie } = await films.createMovie({ title: 'Ω 🎬', director: TRANSPORT, rating: 8.25, minutes: 96 });
  assert.equal(movie.rating, 8.3);
  const { movie: changed } = await films.updateMovie({ id: movie.id, updateMask: { paths: ['minutes'] } });
  assert.deepEqual([changed.title, changed.minutes], ['Ω 🎬', undefined]);
  await films.deleteMovie({ id: movie.id });
  await refused(films.getMovie({ id: movie.id }), Code.NotFound);
});

test('a stream', async () => {
  const films = createClient(Movies, anyone);
  const titles = [];
  for await (const { movie } of films.streamMovies({ title: 'swarm' })) titles.push(movie.title);
  assert.deepEqual(titles, ['The Swarm Clause']);
  // One that is left is ended, and its connection is good for the next.
  for await (const { movie } of films.streamMovies({})) if (movie) break;
  assert.equal((await films.listMovies({ pageSize: 1 })).movies.length, 1);
});

test('what is refused, with its details', async () => {
  const films = createClient(Movies, staff);
  const error = await films.createMovie({ title: '', director: 'Ada' }).catch((error) => error);
  const [told] = error.findDetails(BadRequestSchema);
  assert.deepEqual(told.fieldViolations.map(({ field }) => field).sort(), ['rating', 'title']);
  assert.equal(error.findDetails(ErrorInfoSchema)[0].domain, 'cinema.v1');
  await refused(createClient(Users, anyone).listUsers({}), Code.Unauthenticated);
  await refused(createClient(Auth, anyone).login({ username: `nobody-${TRANSPORT}`, password: 'a wrong one' }), Code.Unauthenticated);
  await refused(createClient(Auth, anyone).login({ username: 'x', password: 'x' }, { timeoutMs: 1 }), Code.DeadlineExceeded);
});
