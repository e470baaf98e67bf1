// Validates objects by the schemas of the npm packages @kubernetes-models/*, which are in the folder named by the argument.
// Reads an object a line as JSON, answers each by a line with the list of its faults.
//
// These packages have schemas as compiled functions, and those overlook fields that they don't know. So an object is handed
// over in a wrapping that notes which fields are asked for: one that nobody asked for is unknown to the schema.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const modules = pathToFileURL(`${process.argv[2]}/@kubernetes-models/`);

const packages = [
  ["cert-manager.io", "cert-manager"],
  ["acme.cert-manager.io", "cert-manager"],
  ["gateway.networking.k8s.io", "gateway-api"],
  ["keda.sh", "keda"],
  ["monitoring.coreos.com", "prometheus-operator"],
  ["networking.istio.io", "istio"],
  ["postgresql.cnpg.io", "cloudnative-pg"],
  ["security.istio.io", "istio"],
  ["telemetry.istio.io", "istio"],
];

function watched(value, path, nodes) {
  if (value === null || typeof value !== "object") return value;
  const node = { value, path, asked: new Set(), all: Array.isArray(value) };
  nodes.push(node);
  const children = new Map();
  return new Proxy(value, {
    get(target, key) {
      if (typeof key === "symbol" || !Object.hasOwn(target, key)) {
        if (typeof key === "string") node.asked.add(key);
        return Reflect.get(target, key);
      }
      node.asked.add(key);
      if (!children.has(key)) children.set(key, watched(target[key], `${path}/${key}`, nodes));
      return children.get(key);
    },
    // Going over all keys is how maps of any keys are looked at.
    ownKeys(target) {
      node.all = true;
      return Reflect.ownKeys(target);
    },
  });
}

function unknown(nodes) {
  return nodes
    .filter((node) => !node.all && node.asked.size > 0)
    .flatMap((node) =>
      Object.keys(node.value)
        .filter((key) => !node.asked.has(key))
        .map((key) => `${node.path}/${key}: unknown field`),
    );
}

async function faults(object) {
  const [group, version] = object.apiVersion.split("/");
  const name = packages.find(([known]) => known === group)?.[1];
  let model;
  try {
    model = (await import(new URL(`${name}/${group}/${version}/${object.kind}.js`, modules)))[object.kind];
  } catch {
    return [`no schema for ${object.apiVersion} ${object.kind}`];
  }
  const nodes = [];
  const subject = new model();
  for (const key of Object.keys(object)) subject[key] = watched(object[key], `/${key}`, nodes);
  const known = ["apiVersion", "kind", "metadata", "spec", "status"];
  const found = Object.keys(object)
    .filter((key) => !known.includes(key))
    .map((key) => `/${key}: unknown field`);
  try {
    subject.validate();
  } catch (error) {
    found.push(...error.errors.map((fault) => `${fault.instancePath}: ${fault.message} ${JSON.stringify(fault.params)}`));
  }
  return [...found, ...unknown(nodes)];
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await faults(JSON.parse(line))));
}
