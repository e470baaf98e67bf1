// Random expressions, each of the type that what it stands in takes: where it has another, MongoDB refuses or gives null by
// rules of its own, of which crates/mql has tests of its own, and mingo goes its own way.

import { NUMBERS, TEXTS } from "./updates.mjs";

const DATES = [new Date(0), new Date(86400000), new Date("2024-02-29T12:34:56.789Z"), new Date("2026-12-31T23:59:59Z")];
const COMPARISONS = ["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"];

/** A document that has every field that expressions name; `x` alone may be missing. */
export const reckonable = (chance, id) => ({
  _id: id,
  n: chance.of(NUMBERS),
  m: chance.of(NUMBERS),
  s: chance.of(TEXTS),
  t: chance.of(TEXTS),
  d: chance.of(DATES),
  b: chance.happens(0.5),
  // No number twice, or mingo's $lookup finds a document twice.
  l: NUMBERS.filter(() => chance.happens(0.3)),
  k: chance.list(1, 3, () => chance.of(NUMBERS)),
  o: { n: chance.of(NUMBERS), s: chance.of(TEXTS) },
  ...(chance.happens(0.5) && { x: chance.of([...NUMBERS, ...TEXTS, null]) }),
});

export function number(chance, depth = 2) {
  const inner = () => number(chance, depth - 1);
  if (depth === 0 || chance.happens(0.3)) return chance.of(["$n", "$m", "$o.n", { $literal: chance.of(NUMBERS) }]);
  switch (chance.below(14)) {
    case 0: return { $add: [inner(), inner(), inner()] };
    case 1: return { $subtract: [inner(), inner()] };
    case 2: return { $multiply: [inner(), inner()] };
    case 3: return { $divide: [inner(), 2] };
    case 4: return { $mod: [inner(), 3] };
    case 5: return { [chance.of(["$abs", "$ceil", "$floor"])]: inner() };
    case 6: return { $cmp: [inner(), inner()] };
    case 7: return { $cond: [truth(chance, depth - 1), inner(), inner()] };
    case 8: return { $cond: { if: truth(chance, depth - 1), then: inner(), else: inner() } };
    case 9: return { $ifNull: ["$nothing", inner()] };
    case 10: return { $switch: { branches: [{ case: truth(chance, depth - 1), then: inner() }], default: inner() } };
    case 11: return { $size: "$l" };
    case 12: return { [chance.of(["$year", "$month", "$dayOfMonth", "$dayOfWeek", "$dayOfYear", "$hour", "$minute", "$second", "$millisecond"])]: "$d" };
    default: return { [chance.of(["$sum", "$avg", "$min", "$max"])]: [inner(), inner()] };
  }
}

export function text(chance, depth = 2) {
  const inner = () => text(chance, depth - 1);
  if (depth === 0 || chance.happens(0.4)) return chance.of(["$s", "$t", "$o.s", { $literal: chance.of(TEXTS) }]);
  switch (chance.below(5)) {
    case 0: return { $concat: [inner(), inner()] };
    case 1: return { [chance.of(["$toLower", "$toUpper"])]: inner() };
    case 2: return { $cond: [truth(chance, depth - 1), inner(), inner()] };
    case 3: return { $dateToString: { date: "$d", format: chance.of(["%Y-%m-%d", "%H:%M:%S.%L", "%d/%m/%Y"]) } };
    default: return { $ifNull: ["$nothing", inner()] };
  }
}

export function truth(chance, depth = 2) {
  const inner = () => truth(chance, depth - 1);
  if (depth === 0 || chance.happens(0.2)) return chance.of(["$b", { $literal: chance.happens(0.5) }]);
  switch (chance.below(7)) {
    case 0: return { [chance.of(["$and", "$or"])]: [inner(), inner()] };
    case 1: return { $not: [inner()] };
    case 2: return { [chance.of(COMPARISONS)]: [number(chance, depth - 1), number(chance, depth - 1)] };
    case 3: return { [chance.of(COMPARISONS)]: [text(chance, depth - 1), text(chance, depth - 1)] };
    case 4: return { [chance.of(COMPARISONS)]: ["$d", { $literal: chance.of(DATES) }] };
    case 5: return { $in: [number(chance, depth - 1), "$l"] };
    default: return { $isArray: chance.of(["$l", "$n", "$o"]) };
  }
}

/** One of any type. */
export const expression = (chance) =>
  chance.of([number, text, truth, () => ({ $arrayElemAt: ["$l", chance.of([-1, 0, 1])] }), () => ({ [chance.of(["$first", "$last"])]: "$k" })])(chance);
