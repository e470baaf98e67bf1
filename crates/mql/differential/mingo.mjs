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
      const modified = atTheEpoch(() => update(test.document, test.update, [], {}, { cloneMode: "deep" })).length > 0;
      return { document: test.document, modified };
    }
    case "projection":
      return find([test.document], {}, test.projection).all()[0];
    case "aggregate":
      return new Aggregator(test.pipeline, { collectionResolver: () => test.others }).run(test.documents);
  }
}

/** What $currentDate sets is the time that crates/mql is told in examples/answers.rs. */
function atTheEpoch(run) {
  const { Date } = globalThis;
  globalThis.Date = class extends Date {
    constructor(...given) {
      super(...(given.length > 0 ? given : [0]));
    }

    static now() {
      return 0;
    }
  };
  try {
    return run();
  } finally {
    globalThis.Date = Date;
  }
}
