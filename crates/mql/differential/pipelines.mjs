// Random pipelines, and the documents they are for.

import { expression, number, reckonable, truth } from "./expressions.mjs";

export const reckonables = (chance) => chance.list(3, 7, () => null).map((_, id) => reckonable(chance, id));

const KEYS = ["n", "m", "s", "b", "o.n"];

function match(chance) {
  return chance.of([
    { n: { [chance.of(["$gt", "$lte", "$ne"])]: 1 } },
    { s: { $in: ["a", "b", ""] } },
    { "o.n": { $gte: 0 }, b: chance.happens(0.5) },
    { $or: [{ l: 1 }, { m: { $lt: 1 } }] },
    { x: { $exists: chance.happens(0.5) } },
  ]);
}

function group(chance) {
  const accumulator = chance.of([
    { $sum: number(chance, 1) },
    { $avg: number(chance, 1) },
    { $min: "$n" },
    { $max: "$s" },
    { $first: "$n" },
    { $last: "$s" },
    { $push: chance.of(["$n", "$o"]) },
    { $sum: "$x" },
    { $max: "$z" },
    { $avg: "$s" },
    { $first: "$nothing" },
  ]);
  return { _id: chance.of([null, "$n", "$b", { k: "$s", b: "$b" }, truth(chance, 1)]), n: { $sum: 1 }, x: accumulator, set: { $addToSet: chance.of(["$n", "$s", "$o.s", "$b"]) } };
}

function sort(chance) {
  const keys = chance.list(1, 2, () => [chance.of(KEYS), chance.of([1, -1])]);
  return { ...Object.fromEntries(keys), _id: 1 };
}

/** Fields are added under names of their stage's own: in one that was an array already, mingo puts a document for it. */
function stage(chance, index) {
  const [y, z, w] = [`y${index}`, `z${index}`, `w${index}`];
  switch (chance.below(14)) {
    case 0: return { $match: match(chance) };
    case 1: return { $project: { n: 1, [y]: expression(chance), [z]: expression(chance) } };
    case 2: return { $project: chance.of([{ l: 0, "o.n": 0 }, { _id: 0, o: { s: 0 } }]) };
    case 3: return { [chance.of(["$addFields", "$set"])]: { [y]: expression(chance), [`o.${z}`]: expression(chance) } };
    case 8: return { $project: { _id: chance.of([0, 1]), "o.n": 1, [`o.${y}`]: number(chance), [w]: { v: expression(chance), u: 1 } } };
    case 9: return { $unset: chance.of(["x", ["x", "r.n"], "r.n"]) };
    case 10: return { $set: { [w]: { v: expression(chance), u: { t: expression(chance) } } } };
    case 11: return { $unwind: chance.of(["$o.l", "$r", "$n", "$nothing", { path: "$o.l", preserveNullAndEmptyArrays: true }, { path: "$z", preserveNullAndEmptyArrays: chance.happens(0.5), includeArrayIndex: "i" }]) };
    case 4: return { $sort: sort(chance) };
    case 5: return { [chance.of(["$skip", "$limit"])]: 1 + chance.below(4) };
    case 6: return { $unwind: chance.of(["$l", { path: "$l", includeArrayIndex: "i", preserveNullAndEmptyArrays: chance.happens(0.5) }]) };
    // By a field that is no array: mingo gives a null besides where no item of an array is found.
    case 7: return { $lookup: { from: "others", localField: chance.of(["n", "s", "o.n"]), foreignField: chance.of(["n", "m", "s", "l"]), as: "found" } };
    default: return { $addFields: { [y]: expression(chance) } };
  }
}

/** A few stages on whole documents, then perhaps one that leaves no more of them. */
export function pipeline(chance) {
  const stages = chance.list(1, 3, () => null).map((_, index) => stage(chance, index));
  // What a projection has left of a document is not for an expression, which takes each field to be there.
  const projected = stages.findIndex((stage) => "$project" in stage);
  // What $unwind has made of one document shares its fields in mingo: what is set in one of them is set in all.
  const unwound = stages.findIndex((stage) => "$unwind" in stage);
  const last = [projected, unwound].filter((index) => index >= 0);
  if (last.length > 0) stages.length = Math.min(...last) + 1;
  if (!("$project" in stages.at(-1)) && chance.happens(0.4)) stages.push(chance.of([{ $group: group(chance) }, { $count: "n" }]));
  return stages;
}
