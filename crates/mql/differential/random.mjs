// Chance, and random documents: few names and few values, so that queries often meet them.

/** A source of chance that gives the same from the same seed (mulberry32). */
export class Chance {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  next() {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  below(limit) {
    return Math.floor(this.next() * limit);
  }

  happens(probability) {
    return this.next() < probability;
  }

  of(items) {
    return items[this.below(items.length)];
  }

  /** A list of `least` to `most` of what `make` makes. */
  list(least, most, make) {
    return Array.from({ length: least + this.below(most - least + 1) }, make);
  }
}

export const NAMES = ["a", "b", "c"];
const SCALARS = [
  -1, 0, 1, 2, 3, 1.5, 2.5, "", "a", "b", "ab", "B", true, false, null,
  new Date(0), new Date(86400000),
];

export const scalar = (chance) => chance.of(SCALARS);

/** Not null, which is what is missing in MongoDB, whose rules for that mingo has not. */
export const known = (chance) => scalar(chance) ?? 0;

/** No array. */
export const one = (chance) => (chance.happens(0.7) ? scalar(chance) : fields(chance, 0));

/** An array holds scalars or documents of scalars, not arrays: MongoDB looks one level deep where a path says so, mingo deeper. */
export function value(chance, depth = 2) {
  const kind = chance.next();
  if (depth > 0 && kind < 0.1) return chance.list(0, 3, () => fields(chance, 0));
  if (depth > 0 && kind < 0.25) return chance.list(0, 3, () => scalar(chance));
  if (depth > 0 && kind < 0.4) return fields(chance, depth - 1);
  return scalar(chance);
}

function fields(chance, depth) {
  const result = {};
  for (const name of NAMES) if (chance.happens(0.5)) result[name] = value(chance, depth);
  return result;
}

export const document = (chance, id) => ({ _id: id, ...fields(chance, 3) });

export const documents = (chance) => chance.list(4, 8, () => null).map((_, id) => document(chance, id));
