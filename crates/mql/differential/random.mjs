// Random documents, queries, updates, sorts and pipelines: few names and few values, so that they often meet.

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

const NAMES = ["a", "b", "c"];
const SCALARS = [
  -1, 0, 1, 2, 3, 1.5, 2.5, "", "a", "b", "ab", "B", true, false, null,
  new Date(0), new Date(86400000),
];

export const scalar = (chance) => chance.of(SCALARS);

export function value(chance, depth = 2) {
  const kind = chance.next();
  if (depth > 0 && kind < 0.2) return chance.list(0, 3, () => value(chance, depth - 1));
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

export function path(chance) {
  const name = () => chance.of(NAMES);
  const kind = chance.next();
  if (kind < 0.55) return name();
  if (kind < 0.8) return `${name()}.${name()}`;
  if (kind < 0.9) return `${name()}.${chance.below(2)}`;
  return `${name()}.${chance.below(2)}.${name()}`;
}

function test(chance) {
  const any = () => value(chance, 1);
  switch (chance.below(14)) {
    case 0: return { $eq: any() };
    case 1: return { $ne: any() };
    case 2: return { $gt: any() };
    case 3: return { $gte: any() };
    case 4: return { $lt: any() };
    case 5: return { $lte: any() };
    case 6: return { $in: chance.list(0, 3, any) };
    case 7: return { $nin: chance.list(0, 3, any) };
    case 8: return { $exists: chance.happens(0.5) };
    case 9: return { $type: chance.of(["string", "number", "object", "array", "bool", "null", "date", 2, ["string", "bool"]]) };
    case 10: return { $regex: chance.of(["a", "^a", "b$", "^$", "A"]), $options: chance.of(["", "i"]) };
    case 11: return { $size: chance.below(4) };
    case 12: return { $all: chance.list(0, 2, any) };
    default: return { $elemMatch: chance.happens(0.5) ? bounds(chance) : filter(chance, 0) };
  }
}

const bounds = (chance) => ({ [chance.of(["$gt", "$gte", "$ne"])]: scalar(chance), [chance.of(["$lt", "$lte"])]: scalar(chance) });

export function filter(chance, depth = 1) {
  const result = {};
  for (let clauses = 1 + chance.below(2); clauses > 0; clauses--) {
    const kind = chance.next();
    if (depth > 0 && kind < 0.2) {
      result[chance.of(["$and", "$or", "$nor"])] = chance.list(1, 2, () => filter(chance, depth - 1));
    } else if (kind < 0.4) {
      result[path(chance)] = value(chance, 1);
    } else if (kind < 0.5) {
      result[path(chance)] = { $not: test(chance) };
    } else {
      result[path(chance)] = test(chance);
    }
  }
  return result;
}

export function sort(chance) {
  const result = {};
  for (let keys = 1 + chance.below(2); keys > 0; keys--) result[path(chance)] = chance.of([1, -1]);
  return result;
}

export function update(chance) {
  const any = () => value(chance, 1);
  const number = () => chance.of([-1, 0, 1, 2, 0.5]);
  const result = {};
  for (let operators = 1 + chance.below(2); operators > 0; operators--) {
    const make = {
      $set: any,
      $unset: () => "",
      $inc: number,
      $mul: number,
      $min: any,
      $max: any,
      $rename: () => path(chance),
      $push: () => (chance.happens(0.4) ? any() : pushed(chance)),
      $addToSet: () => (chance.happens(0.6) ? any() : { $each: chance.list(0, 3, any) }),
      $pull: () => (chance.happens(0.5) ? any() : chance.of([bounds(chance), filter(chance, 0), { $in: chance.list(0, 3, any) }])),
      $pop: () => chance.of([1, -1]),
    };
    const operator = chance.of(Object.keys(make));
    result[operator] = { [path(chance)]: make[operator]() };
    if (chance.happens(0.3)) result[operator][path(chance)] = make[operator]();
  }
  return result;
}

function pushed(chance) {
  const documents = chance.happens(0.3);
  const item = () => (documents ? { a: scalar(chance) } : scalar(chance));
  const result = { $each: chance.list(0, 3, item) };
  if (chance.happens(0.4)) result.$position = chance.of([-1, 0, 1, 5]);
  if (chance.happens(0.4)) result.$slice = chance.of([-2, -1, 0, 1, 2]);
  if (chance.happens(0.3)) result.$sort = documents ? { a: chance.of([1, -1]) } : chance.of([1, -1]);
  return result;
}

export function projection(chance) {
  const result = {};
  const flag = chance.of([1, 0]);
  for (let count = 1 + chance.below(2); count > 0; count--) {
    const name = chance.happens(0.6) ? chance.of(NAMES) : `${chance.of(NAMES)}.${chance.of(NAMES)}`;
    result[name] = flag;
  }
  if (chance.happens(0.3)) result._id = chance.of([1, 0]);
  return result;
}

function expression(chance, depth = 2) {
  const inner = () => expression(chance, depth - 1);
  const kind = depth > 0 ? chance.next() : chance.next() * 0.5;
  if (kind < 0.35) return `$${chance.happens(0.8) ? chance.of(NAMES) : `${chance.of(NAMES)}.${chance.of(NAMES)}`}`;
  if (kind < 0.5) return { $literal: scalar(chance) };
  switch (chance.below(20)) {
    case 0: return { $add: [inner(), inner()] };
    case 1: return { $subtract: [inner(), inner()] };
    case 2: return { $multiply: [inner(), inner()] };
    case 3: return { $divide: [inner(), inner()] };
    case 4: return { $mod: [inner(), inner()] };
    case 5: return { [chance.of(["$abs", "$ceil", "$floor"])]: inner() };
    case 6: return { [chance.of(["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$cmp"])]: [inner(), inner()] };
    case 7: return { [chance.of(["$and", "$or"])]: [inner(), inner()] };
    case 8: return { $not: [inner()] };
    case 9: return { $cond: [inner(), inner(), inner()] };
    case 10: return { $ifNull: [inner(), inner()] };
    case 11: return { $switch: { branches: [{ case: inner(), then: inner() }], default: inner() } };
    case 12: return { $concat: [inner(), inner()] };
    case 13: return { [chance.of(["$toLower", "$toUpper"])]: inner() };
    case 14: return { $size: inner() };
    case 15: return { $arrayElemAt: [inner(), chance.of([-1, 0, 1])] };
    case 16: return { $in: [inner(), inner()] };
    case 17: return { [chance.of(["$first", "$last", "$isArray"])]: inner() };
    case 18: return { [chance.of(["$year", "$month", "$dayOfMonth", "$dayOfWeek", "$hour"])]: inner() };
    default: return { [chance.of(["$sum", "$avg", "$min", "$max"])]: [inner(), inner()] };
  }
}

function stage(chance) {
  const name = () => chance.of(NAMES);
  switch (chance.below(10)) {
    case 0: return { $match: filter(chance) };
    case 1: return { $project: { [name()]: 1, x: expression(chance) } };
    case 2: return { $project: projection(chance) };
    case 3: return { $addFields: { [name()]: expression(chance), y: expression(chance) } };
    case 4: return {
      $group: {
        _id: chance.of([null, `$${name()}`, { k: `$${name()}` }]),
        n: { $sum: chance.of([1, `$${name()}`]) },
        x: { [chance.of(["$avg", "$min", "$max", "$first", "$last", "$push", "$addToSet"])]: `$${name()}` },
      },
    };
    case 5: return { $sort: { ...sort(chance), _id: 1 } };
    case 6: return { [chance.of(["$skip", "$limit"])]: 1 + chance.below(4) };
    case 7: return { $count: "n" };
    case 8: return { $unwind: chance.of([`$${name()}`, { path: `$${name()}`, includeArrayIndex: "i", preserveNullAndEmptyArrays: chance.happens(0.5) }]) };
    default: return { $lookup: { from: "others", localField: name(), foreignField: name(), as: "found" } };
  }
}

export const pipeline = (chance) => chance.list(1, 2, () => stage(chance));
