// Extended JSON, both ways. A number goes out as any BSON type that holds it, since to the query language they are the same.

export function encode(value, chance) {
  if (value === undefined) return undefined;
  if (typeof value === "number") return number(value, chance);
  if (value instanceof Date) return { $date: value.toISOString() };
  if (value instanceof RegExp) return { $regularExpression: { pattern: value.source, options: value.flags } };
  if (Array.isArray(value)) return value.map((item) => encode(item, chance));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, encode(item, chance)]));
}

function number(value, chance) {
  const types = ["$numberDouble", "$numberDecimal"];
  if (Number.isInteger(value)) types.push("$numberInt", "$numberLong");
  return { [chance.of(types)]: String(value) };
}

export function decode(value) {
  if (Array.isArray(value)) return value.map(decode);
  if (value === null || typeof value !== "object") return value;
  const names = Object.keys(value);
  if (names.length === 1) {
    // The years before 1970 are written as numbers.
    if (names[0] === "$date") return new Date(typeof value.$date === "string" ? value.$date : Number(value.$date.$numberLong));
    if (names[0] === "$numberDecimal" || names[0] === "$numberDouble") return Number(value[names[0]]);
  }
  return Object.fromEntries(names.map((name) => [name, decode(value[name])]));
}

/** A case as one reads it: JSON has no regular expressions. */
export const shown = (value) => JSON.stringify(value, (_, item) => (item instanceof RegExp ? String(item) : item));

/** One text for values that are the same but for the order of fields and the last digits of a number. The order of a set, which is a
 * field named so, says nothing either. */
export function canonical(value) {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (value instanceof Date) return `date(${value.getTime()})`;
  if (typeof value === "number") return Number.isInteger(value) ? String(value + 0) : value.toPrecision(12);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  const names = Object.keys(value).filter((name) => value[name] !== undefined).sort();
  return `{${names.map((name) => `${name}:${name === "set" ? set(value[name]) : canonical(value[name])}`).join(",")}}`;
}

const set = (value) => (Array.isArray(value) ? value.map(canonical).sort().join(",") : canonical(value));
