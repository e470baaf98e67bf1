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
  z: null,
  b: chance.happens(0.5),
  // No number twice, or mingo's $lookup finds a document twice.
  l: NUMBERS.filter(() => chance.happens(0.3)),
  k: chance.list(1, 3, () => chance.of(NUMBERS)),
  o: { n: chance.of(NUMBERS), s: chance.of(TEXTS), l: chance.list(0, 2, () => chance.of(NUMBERS)) },
  r: chance.list(0, 3, () => ({ n: chance.of(NUMBERS) })),
  ...(chance.happens(0.5) && { x: chance.of([...NUMBERS, ...TEXTS, null]) }),
});

export function number(chance, depth = 2) {
  const inner = () => number(chance, depth - 1);
  if (depth === 0 || chance.happens(0.3)) return chance.of(["$n", "$m", "$o.n", "$$ROOT.m", "$$CURRENT.o.n", "$z", { $literal: chance.of(NUMBERS) }]);
  switch (chance.below(19)) {
    case 0: return { $add: [inner(), inner(), inner()] };
    case 1: return { $subtract: [inner(), inner()] };
    case 2: return { $multiply: [inner(), inner()] };
    case 3: return { $divide: [inner(), 2] };
    case 4: return { $mod: [some(chance, depth - 1), 3] };
    case 5: return { [chance.of(["$abs", "$ceil", "$floor"])]: inner() };
    case 6: return { $cmp: [inner(), inner()] };
    case 7: return { $cond: [truth(chance, depth - 1), inner(), inner()] };
    case 8: return { $cond: { if: truth(chance, depth - 1), then: inner(), else: inner() } };
    case 9: return { $ifNull: ["$nothing", inner()] };
    case 10: return { $switch: { branches: [{ case: truth(chance, depth - 1), then: inner() }], default: inner() } };
    case 11: return { $size: items(chance, depth - 1) };
    case 12: return { [chance.of(["$year", "$month", "$dayOfMonth", "$dayOfWeek", "$dayOfYear", "$hour", "$minute", "$second", "$millisecond"])]: date(chance) };
    // Left of the point, mingo's $round cuts off.
    case 13: return chance.of([{ $round: [inner(), chance.of([0, 1])] }, { $trunc: [inner(), chance.of([-1, 0, 1])] }]);
    case 14: return { [chance.of(["$sum", "$avg", "$min", "$max"])]: items(chance, depth - 1) };
    case 15: return { $subtract: [date(chance), date(chance)] };
    case 16: return { $strLenCP: { $concat: ["$s", "é", "$t"] } };
    case 17: return { $ifNull: ["$nothing", "$z", inner()] };
    default: return { [chance.of(["$sum", "$avg", "$min", "$max"])]: [inner(), inner()] };
  }
}

/** A number, not null, which mingo compares with nothing, and whose remainder it refuses. */
const some = (chance, depth) => ({ $ifNull: [number(chance, depth), 1] });

export function text(chance, depth = 2) {
  const inner = () => text(chance, depth - 1);
  if (depth === 0 || chance.happens(0.4)) return chance.of(["$s", "$t", "$o.s", { $literal: chance.of(TEXTS) }]);
  switch (chance.below(7)) {
    case 0: return { $concat: [inner(), inner(), chance.of(["$s", "", "-"])] };
    case 1: return { [chance.of(["$toLower", "$toUpper"])]: inner() };
    case 2: return { $cond: [truth(chance, depth - 1), inner(), inner()] };
    case 3: return { $dateToString: { date: "$d", format: chance.of(["%Y-%m-%d", "%H:%M:%S.%L", "%d/%m/%Y", "%j of %Y", "%u%z"]) } };
    case 4: return { $toString: chance.of(["$n", "$d", "$b", "$s", inner()]) };
    // Not of a number, which is of any type here.
    case 5: return { $type: chance.of(["$s", "$d", "$b", "$k", "$o", "$z", "$nothing"]) };
    default: return { $ifNull: ["$nothing", inner()] };
  }
}

export function truth(chance, depth = 2) {
  const inner = () => truth(chance, depth - 1);
  if (depth === 0 || chance.happens(0.2)) return chance.of(["$b", { $literal: chance.happens(0.5) }]);
  switch (chance.below(7)) {
    case 0: return { [chance.of(["$and", "$or"])]: [inner(), inner()] };
    case 1: return { $not: [inner()] };
    case 2: return { [chance.of(COMPARISONS)]: [some(chance, depth - 1), some(chance, depth - 1)] };
    case 3: return { [chance.of(COMPARISONS)]: [text(chance, depth - 1), text(chance, depth - 1)] };
    case 4: return { [chance.of(COMPARISONS)]: ["$d", { $literal: chance.of(DATES) }] };
    case 5: return { $in: [number(chance, depth - 1), list(chance, depth - 1)] };
    default: return { $isArray: chance.of(["$l", "$n", "$o", "$r.n", "$nothing", ["$l"]]) };
  }
}

export const date = (chance) =>
  chance.of(["$d", { $add: ["$d", chance.of([1, 1000, 86400000])] }, { $subtract: ["$d", chance.of([1, 3600000])] }, { $literal: chance.of(DATES) }]);

export function list(chance, depth = 2) {
  const inner = () => list(chance, depth - 1);
  if (depth <= 0 || chance.happens(0.4)) return chance.of(["$l", "$k", "$o.l", "$r.n"]);
  switch (chance.below(4)) {
    case 0: return { $concatArrays: [inner(), inner()] };
    case 1: return { $cond: [truth(chance, 1), inner(), inner()] };
    case 2: return { $ifNull: ["$nothing", inner()] };
    default: return [number(chance, 1), number(chance, 1)];
  }
}

/** Never a plain array, whose items mingo takes for the arguments, nor what was an array before $unwind, which it refuses. */
const items = (chance, depth) => chance.of(["$k", { $concatArrays: [list(chance, depth), "$k"] }]);

const fields = (chance) => ({ p: number(chance, 1), q: text(chance, 1), r: chance.of(["$nothing", "$$REMOVE", "$z", { s: "$s" }]) });

/** One of any type, but for documents there are: mingo has a copy change with what it was copied from. */
export const expression = (chance) =>
  chance.of([
    number,
    text,
    truth,
    date,
    list,
    fields,
    () => ({ $arrayElemAt: [list(chance), chance.of([-2, -1, 0, 1])] }),
    () => ({ [chance.of(["$first", "$last"])]: chance.of(["$k", "$z"]) }),
    () => chance.of(["$nothing", "$$REMOVE", "$$ROOT.o.s", "$r.s", { $literal: "$n" }, { $literal: { $add: [1] } }]),
  ])(chance);
