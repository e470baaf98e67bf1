// Makes random cases, has both implementations answer them, and prints where they differ: compare.mjs BINARY [CASES [SEED]]

import { spawnSync } from "node:child_process";

import { canonical, decode, encode, shown } from "./json.mjs";
import { KNOWN } from "./known.mjs";
import { answer } from "./mingo.mjs";
import { pipeline, reckonables } from "./pipelines.mjs";
import { filter, projection, sort, sortable } from "./queries.mjs";
import { Chance, document, documents } from "./random.mjs";
import { updatable, update } from "./updates.mjs";

const [binary, cases = "5000", seed = String(Date.now() % 1e9)] = process.argv.slice(2);
const SHOWN = 10;

const MAKE = {
  filter: (chance) => ({ documents: documents(chance), filter: filter(chance) }),
  sort: (chance) => ({ documents: sortable(chance), sort: sort(chance) }),
  update: (chance) => ({ document: updatable(chance), update: update(chance) }),
  projection: (chance) => ({ document: document(chance, 0), projection: projection(chance) }),
  aggregate: (chance) => ({ documents: reckonables(chance), others: reckonables(chance), pipeline: pipeline(chance) }),
};

function theirs(test) {
  try {
    return { answer: answer(test) };
  } catch (error) {
    return { error: String(error.message ?? error).split("\n")[0] };
  }
}

/** The answers of crates/mql, all in one run. */
function ours(tests, chance) {
  const input = tests.map((test) => JSON.stringify(encode(test, chance))).join("\n");
  const run = spawnSync(binary, { input: `${input}\n`, maxBuffer: 2 ** 30, encoding: "utf8" });
  if (run.error || run.status !== 0) throw new Error(`${binary} failed: ${run.error ?? run.stderr}`);
  return run.stdout.trimEnd().split("\n").map((line) => decode(JSON.parse(line)));
}

function same(test, left, right) {
  if ("error" in left || "error" in right) return "error" in left && "error" in right;
  if (test.kind === "update") [left, right] = [{ answer: left.answer.document }, { answer: right.answer.document }];
  return canonical(left.answer) === canonical(right.answer);
}

console.log(`seed ${seed}, ${cases} cases of each kind`);
let unexplained = 0;
for (const [kind, make] of Object.entries(MAKE)) {
  const chance = new Chance(Number(seed));
  const tests = Array.from({ length: Number(cases) }, () => ({ kind, ...make(chance) }));
  const answers = ours(tests, chance);
  const explained = new Map();
  let [agreed, refused, differing] = [0, 0, 0];
  tests.forEach((test, index) => {
    const [mql, mingo] = [answers[index], theirs(test)];
    if (same(test, mql, mingo)) {
      agreed += 1;
      if ("error" in mql) refused += 1;
      return;
    }
    const known = KNOWN.find((known) => known.kinds.includes(kind) && known.applies(test, mql, mingo));
    if (known) {
      explained.set(known.reason, (explained.get(known.reason) ?? 0) + 1);
      return;
    }
    differing += 1;
    if (differing <= SHOWN) console.log(`\n${kind} ${index}:`, shown(test), "\n  mql  ", shown(mql), "\n  mingo", shown(mingo));
  });
  unexplained += differing;
  console.log(`\n${kind}: ${agreed} agree (${refused} of them refused by both), ${differing} differ`);
  for (const [reason, count] of explained) console.log(`  ${count} differ as known: ${reason}`);
}
process.exitCode = unexplained > 0 ? 1 : 0;
