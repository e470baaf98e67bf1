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
  ]);
  return { _id: chance.of([null, "$n", "$b", { k: "$s", b: "$b" }, truth(chance, 1)]), n: { $sum: 1 }, x: accumulator };
}

function sort(chance) {
  const keys = chance.list(1, 2, () => [chance.of(KEYS), chance.of([1, -1])]);
  return { ...Object.fromEntries(keys), _id: 1 };
}

function stage(chance) {
  switch (chance.below(10)) {
    case 0: return { $match: match(chance) };
    case 1: return { $project: { n: 1, y: expression(chance), z: expression(chance) } };
    case 2: return { $project: { l: 0, "o.n": 0 } };
    case 3: return { $addFields: { y: expression(chance), "o.z": expression(chance) } };
    case 4: return { $sort: sort(chance) };
    case 5: return { [chance.of(["$skip", "$limit"])]: 1 + chance.below(4) };
    case 6: return { $unwind: chance.of(["$l", { path: "$l", includeArrayIndex: "i", preserveNullAndEmptyArrays: chance.happens(0.5) }]) };
    // By a field that is no array: mingo gives a null besides where no item of an array is found.
    case 7: return { $lookup: { from: "others", localField: chance.of(["n", "s", "o.n"]), foreignField: chance.of(["n", "m", "s", "l"]), as: "found" } };
    default: return { $addFields: { y: expression(chance) } };
  }
}

/** One or two stages on whole documents, then perhaps one that leaves no more of them. */
export function pipeline(chance) {
  const stages = chance.list(1, 2, () => stage(chance));
  // What a projection has left of a document is not for an expression, which takes each field to be there.
  const projected = stages.findIndex((stage) => "$project" in stage);
  if (projected >= 0) stages.length = projected + 1;
  else if (chance.happens(0.4)) stages.push(chance.of([{ $group: group(chance) }, { $count: "n" }]));
  return stages;
}
