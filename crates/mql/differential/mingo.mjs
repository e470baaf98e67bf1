// The same cases, answered by mingo.

import { Aggregator, Query, find, update } from "mingo";

export function answer(given) {
  const test = structuredClone(given);
  switch (test.kind) {
    case "filter": {
      const query = new Query(test.filter);
      return test.documents.flatMap((document, index) => (query.test(document) ? [index] : []));
    }
    case "sort":
      return find(test.documents, {}).sort(test.sort).all().map((document) => document._id);
    case "update": {
      const modified = update(test.document, test.update, [], {}, { cloneMode: "deep" }).length > 0;
      return { document: test.document, modified };
    }
    case "projection":
      return find([test.document], {}, test.projection).all()[0];
    case "aggregate":
      return new Aggregator(test.pipeline, { collectionResolver: () => test.others }).run(test.documents);
  }
}
