// Where the two differ on purpose: because mingo departs from MongoDB, whose ways crates/mql follows. Each entry says so, and
// when it applies. A difference that none explains is a fault in one of the two, and fails the comparison.

const isDocument = (value) => value?.constructor === Object;

/** Whether an array in the value has items that are no documents. */
const listsOthers = (value) =>
  Array.isArray(value) ? !value.every(isDocument) || value.some(listsOthers) : isDocument(value) && Object.values(value).some(listsOthers);

export const KNOWN = [
  {
    kinds: ["filter", "projection"],
    reason: "mingo's $elemMatch by a field takes items that are no documents",
    applies: (test, mql, mingo) =>
      /"\$elemMatch":\{"([abc]|\$and|\$or|\$nor)"/.test(JSON.stringify(test.filter ?? test.projection)) &&
      (test.document
        ? listsOthers(test.document)
        : test.documents.every((document, index) => mql.answer?.includes(index) === mingo.answer?.includes(index) || listsOthers(document))),
  },
  {
    kinds: ["aggregate"],
    reason: "where no document comes in, MongoDB's $count gives none, mingo's one that says 0",
    applies: (test, mql, mingo) => "$count" in test.pipeline.at(-1) && mql.answer?.length === 0 && mingo.answer?.[0]?.n === 0,
  },
];
