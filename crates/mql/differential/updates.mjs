// Random updates, and the documents they are for.

import { bounds } from "./queries.mjs";
import { value } from "./random.mjs";

/**
 * A document whose fields have the types that updates ask for: where they have others MongoDB refuses the update, of which
 * crates/mql has tests of its own, and mingo leaves the field alone.
 */
export function updatable(chance) {
  // No item twice: $addToSet leaves such a list as it is in MongoDB, and tidies it in mingo.
  const some = (items) => items.filter(() => chance.happens(0.4));
  const inner = { n: chance.of(NUMBERS), s: chance.of(TEXTS), l: some(NUMBERS) };
  return {
    _id: 0,
    n: chance.of(NUMBERS),
    s: chance.of(TEXTS),
    l: some(NUMBERS),
    t: some(TEXTS),
    d: some(NUMBERS).map((a) => ({ a, b: chance.of(TEXTS) })),
    ...(chance.happens(0.8) && { o: inner }),
  };
}

export const NUMBERS = [-1, 0, 1, 2, 3, 0.5, 2.5];
export const TEXTS = ["", "a", "b", "ab", "B"];

export function update(chance) {
  const number = () => chance.of(NUMBERS);
  const numbers = ["n", "o.n", "m", "p.n", "l.0"];
  const pull = () => chance.of([
    { l: number() },
    { l: bounds(chance) },
    { l: { $in: chance.list(0, 3, number) } },
    { t: chance.of(TEXTS) },
    { d: { a: number() } },
    { d: { a: { $gte: number() }, b: chance.of(TEXTS) } },
    { "o.l": { $nin: chance.list(0, 3, number) } },
  ]);
  const make = {
    $set: () => ({ [chance.of(["n", "s", "x", "o.n", "o.x", "p.q", "d.0.a", "l"])]: value(chance, 1) }),
    $unset: () => ({ [chance.of(["n", "l", "o.s", "x.y", "d.0.b", "t.1"])]: "" }),
    $inc: () => ({ [chance.of(numbers)]: number() }),
    $mul: () => ({ [chance.of(numbers)]: number() }),
    $min: () => chance.of([{ n: number() }, { s: chance.of(TEXTS) }, { "o.n": number() }, { x: number() }]),
    $max: () => chance.of([{ n: number() }, { s: chance.of(TEXTS) }, { "o.n": number() }, { x: number() }]),
    $currentDate: () => ({ [chance.of(["x", "o.d", "n"])]: chance.of([true, { $type: "date" }]) }),
    $rename: () => chance.of([{ n: "x" }, { s: "o.s" }, { "o.n": "n" }, { x: "y" }, { l: "p.l" }]),
    $push: () => chance.of([{ l: number() }, { x: value(chance, 1) }, { l: pushed(chance, number, 1) }, { d: pushed(chance, () => ({ a: number(), b: "c" }), { a: chance.of([1, -1]) }) }]),
    $addToSet: () => chance.of([{ l: number() }, { x: value(chance, 1) }, { t: { $each: chance.list(0, 3, () => chance.of(TEXTS)) } }, { d: { a: number(), b: chance.of(TEXTS) } }]),
    $pull: pull,
    $pop: () => ({ [chance.of(["l", "t", "d", "o.l"])]: chance.of([1, -1]) }),
  };
  const result = {};
  const written = new Set();
  for (let operators = 1 + chance.below(3); operators > 0; operators--) {
    const operator = chance.of(Object.keys(make));
    const fields = make[operator]();
    // Of two that write the same place MongoDB refuses both, and mingo carries both out.
    const places = Object.entries(fields).flat().filter((place) => typeof place === "string").map((place) => place.split(".")[0]);
    if (operator in result || places.some((place) => written.has(place))) continue;
    places.forEach((place) => written.add(place));
    result[operator] = fields;
  }
  return result;
}

function pushed(chance, item, sort) {
  const result = { $each: chance.list(0, 3, item) };
  if (chance.happens(0.4)) result.$position = chance.of([-1, 0, 1, 5]);
  if (chance.happens(0.4)) result.$slice = chance.of([-2, -1, 0, 1, 2]);
  if (chance.happens(0.3)) result.$sort = sort;
  return result;
}
