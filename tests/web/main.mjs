// Starts one cinema, with the sample data, for all journeys, and runs them; or makes the pictures of it.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Cinema } from './cinema.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const [first, ...rest] = process.argv.slice(2);
const parts = readdirSync(here).filter((name) => name.endsWith('.test.mjs'));
const chosen = first ? [first, ...rest].map((name) => `${name}.test.mjs`) : parts;
const makes = first === 'pictures' ? [`${here}pictures.mjs`]
  : ['--test', '--test-concurrency=2', ...chosen.map((name) => here + name)];

const cinema = await Cinema.start({ sample: true });
const child = spawn(process.execPath, makes, { stdio: 'inherit', env: { ...process.env, ...cinema.shared() } });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
const code = await new Promise((done) => child.on('exit', (code) => done(code ?? 1)));
const trapped = cinema.log.filter((line) => /trap|panic|wasm backtrace/i.test(line));
for (const line of trapped) console.error(line);
await cinema.stop();
process.exitCode = trapped.length ? 1 : code;
