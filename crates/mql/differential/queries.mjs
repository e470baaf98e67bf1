// Random filters, sorts and projections, of the kinds in which mingo follows MongoDB; where it does not is said.

import { NAMES, known, one, scalar, value } from "./random.mjs";

export function path(chance) {
  const name = () => chance.of(NAMES);
  const kind = chance.next();
  if (kind < 0.55) return name();
  if (kind < 0.8) return `${name()}.${name()}`;
  if (kind < 0.9) return `${name()}.${chance.below(2)}`;
  return `${name()}.${chance.below(2)}.${name()}`;
}

const TYPES = ["number", "string", "bool", "date", "null", "object"];
const PATTERNS = [/^a/, /B/i, /^$/];

/** What is asked of a single value. */
function comparison(chance) {
  const kind = chance.below(9);
  if (kind === 8) return { $regex: chance.of(["a", "^a", "b$", "^$", "A"]), $options: chance.of(["", "i"]) };
  if (kind > 5) return { [chance.of(["$in", "$nin"])]: chance.list(0, 3, () => (chance.happens(0.2) ? chance.of(PATTERNS) : known(chance))) };
  return { [chance.of(["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"])]: known(chance) };
}

/** What is asked of a field that may well be an array. */
function test(chance) {
  const any = () => value(chance, 1);
  switch (chance.below(17)) {
    case 0: return { $eq: any() };
    case 1: return { $ne: any() };
    // An array in the list is matched as such in MongoDB; mingo looks into it.
    case 2: return { $in: chance.list(0, 3, () => one(chance)) };
    case 3: return { $nin: chance.list(0, 3, () => one(chance)) };
    case 4: return { $exists: chance.happens(0.5) };
    // Arrays are of no other type in mingo, and of those of their items as well in MongoDB: so they are asked for, too.
    case 5: return { $type: chance.list(0, 2, () => chance.of(TYPES)).concat(chance.of(["array", 4])) };
    case 6: return { $size: chance.below(4) };
    // Of several values, since one alone is found in a field that is no array as well, but not by mingo.
    case 7: return { $all: chance.of([[1, "a"], [2, "b", true], [0, 1.5], ["", false]]) };
    case 8: return { $elemMatch: bounds(chance) };
    case 9: return { $elemMatch: { [chance.of(NAMES)]: known(chance) } };
    case 10: return { $elemMatch: { [chance.of(NAMES)]: chance.of([bounds(chance), { $in: chance.list(1, 3, () => known(chance)) }]), [chance.of(NAMES)]: known(chance) } };
    case 11: return { $elemMatch: { [chance.of(["$and", "$or", "$nor"])]: chance.list(1, 2, () => ({ [chance.of(NAMES)]: known(chance) })) } };
    case 12: return { $elemMatch: { [chance.of(["$in", "$nin"])]: chance.list(1, 3, () => scalar(chance)) } };
    case 13: return { $all: chance.list(1, 2, () => ({ $elemMatch: bounds(chance) })) };
    default: return comparison(chance);
  }
}

export const bounds = (chance) => ({ [chance.of(["$gt", "$gte", "$ne"])]: known(chance), [chance.of(["$lt", "$lte"])]: known(chance) });

export function filter(chance, depth = 1) {
  const result = {};
  for (let clauses = 1 + chance.below(2); clauses > 0; clauses--) {
    const kind = chance.next();
    if (depth > 0 && kind < 0.2) {
      result[chance.of(["$and", "$or", "$nor"])] = chance.list(1, 2, () => filter(chance, depth - 1));
    } else if (kind < 0.6) {
      const field = chance.of(NAMES);
      result[field] = chance.of([value(chance, 1), { $not: test(chance) }, test(chance), test(chance), chance.of(PATTERNS), { $not: chance.of(PATTERNS) }]);
    } else {
      // Where a path goes through an array, mingo takes all it finds there for one array: only single values are asked for.
      result[path(chance)] = chance.of([known(chance), { $not: comparison(chance) }, comparison(chance), comparison(chance)]);
    }
  }
  return result;
}

/**
 * Documents are sorted by scalars. An array stands for its least or greatest item in MongoDB, and for itself in mingo, which has
 * documents compare by other rules, too.
 */
export const sortable = (chance) =>
  chance.list(4, 8, () => null).map((_, id) => ({ _id: id, ...scalars(chance), ...(chance.happens(0.7) && { c: scalars(chance) }) }));

function scalars(chance) {
  const result = {};
  for (const name of ["a", "b"]) if (chance.happens(0.8)) result[name] = scalar(chance);
  return result;
}

export function sort(chance) {
  const result = {};
  for (let keys = 1 + chance.below(3); keys > 0; keys--) result[chance.of(["a", "b", "c.a", "c.b"])] = chance.of([1, -1]);
  return result;
}

/** Beside fields that are kept: alone, $slice leaves the others as they are in MongoDB, and away in mingo. */
const operation = (chance) => chance.of([
  { $slice: chance.of([-2, -1, 1, 2, [0, 1], [1, 2], [-2, 1]]) },
  { $elemMatch: { [chance.of(NAMES)]: known(chance) } },
  { [chance.of(NAMES)]: 1 },
]);

export function projection(chance) {
  const result = {};
  const flag = chance.of([1, 0]);
  for (let count = 1 + chance.below(3); count > 0; count--) {
    const name = chance.of(NAMES);
    // Where a path leads nowhere, mingo's operations leave an empty document, and MongoDB's nothing.
    if (chance.happens(0.4)) result[`${name}.${chance.of(NAMES)}`] = flag;
    else result[name] = flag && chance.happens(0.5) ? operation(chance) : flag;
  }
  if (flag && !Object.values(result).includes(flag)) result[chance.of(NAMES)] = flag;
  // With fields left out, mingo refuses `_id: 1`, which MongoDB takes.
  if (chance.happens(0.3)) result._id = flag && chance.of([1, 0]);
  return result;
}
