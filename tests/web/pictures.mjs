// The README's pictures: the sample data's programme, as it is in the evening before. Each in both schemes; the phones side by side.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cinema, ROOT, inDays } from './cinema.mjs';
import { SIZES, Visitor, launched, world } from './visitor.mjs';

const FOLDER = join(ROOT, 'docs/images');
const DESKTOP = { ...SIZES.desktop, viewport: { width: 1200, height: 780 }, deviceScaleFactor: 1 };
const GAP = 24;

mkdirSync(FOLDER, { recursive: true });
world.cinema = await Cinema.shared();
world.browser = await launched();
try {
  const ada = { username: tagged('ada'), firstname: 'Ada', lastname: 'Okafor', password: 'only for a picture' };
  ada.id = (await world.cinema.api('POST', '/users', ada, null)).id;
  const [showtime] = (await world.cinema.api('GET', `/showtimes?date=${inDays(2)}`)).filter(({ time }) => time === '20:15');
  const booking = await world.cinema.api('POST', '/bookings', { userid: ada.id, showtimeid: showtime.id, movies: showtime.movies, seats: 2 });
  const staff = await world.cinema.customer('staff');
  for (const colorScheme of ['light', 'dark']) {
    const taken = async (size, person, paths) => {
      const visitor = await Visitor.come({ hand: 'touch', size }, { ...(size === 'desktop' ? DESKTOP : {}), colorScheme });
      if (person) await visitor.signsIn(person);
      const shots = [];
      for (const path of paths) {
        await visitor.goes(path);
        shots.push(await visitor.page.screenshot());
      }
      visitor.wasWell();
      await visitor.leave();
      return shots;
    };
    await keep(`home-${colorScheme}`, await taken('desktop', null, ['/']), 1);
    await keep(`phone-${colorScheme}`, await taken('phone', ada, [`/programme/${inDays(1)}`, `/book/${showtime.id}`, `/me/bookings/${booking.id}`]), 2);
    await keep(`staff-${colorScheme}`, await taken('desktop', staff, [`/staff?to=${inDays(14)}`]), 1);
  }
} finally {
  await world.browser.close();
  await world.cinema.stop();
}

function tagged(name) { return `${name}.${Date.now().toString(36)}`; }

/** Side by side, as WebP, which the browser itself makes. */
async function keep(name, shots, scale) {
  const page = await world.browser.newPage();
  const url = await page.evaluate(async ([shots, gap]) => {
    const images = await Promise.all(shots.map(async (shot) => {
      const image = new Image();
      image.src = `data:image/png;base64,${shot}`;
      await image.decode();
      return image;
    }));
    const canvas = document.createElement('canvas');
    canvas.width = images.reduce((sum, image) => sum + image.width + gap, -gap);
    canvas.height = Math.max(...images.map((image) => image.height));
    const context = canvas.getContext('2d');
    let x = 0;
    for (const image of images) {
      context.drawImage(image, x, 0);
      x += image.width + gap;
    }
    return canvas.toDataURL('image/webp', 0.8);
  }, [shots.map((shot) => shot.toString('base64')), GAP * scale]);
  await page.close();
  const bytes = Buffer.from(url.split(',')[1], 'base64');
  writeFileSync(join(FOLDER, `${name}.webp`), bytes);
  console.log(`docs/images/${name}.webp: ${bytes.length} bytes`);
}
