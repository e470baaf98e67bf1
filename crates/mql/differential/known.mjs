// Where the two differ on purpose: because mingo departs from MongoDB, whose ways crates/mql follows. Each entry says so, and
// when it applies. A difference that none explains is a fault in one of the two, and fails the comparison.

export const KNOWN = [
  {
    kinds: ["filter"],
    reason: "mingo's $elemMatch by a field takes items that are no documents",
    applies: (test) => /"\$elemMatch":\{"[abc]"/.test(JSON.stringify(test.filter)),
  },
  {
    kinds: ["aggregate"],
    reason: "where no document comes in, MongoDB's $count gives none, mingo's one that says 0",
    applies: (test, mql, mingo) => "$count" in test.pipeline.at(-1) && mql.answer?.length === 0 && mingo.answer?.[0]?.n === 0,
  },
];
