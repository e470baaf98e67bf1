"""Who knows what a kind looks like. `faults(object, version)` says what is wrong with an object; no validator is a fault."""

import functools
import json
import re
import subprocess

import jsonschema
import kubernetes_validate
import yaml
from kubernetes_validate import utils as kubernetes
from referencing import Registry, Resource

from tools import TESTS, TOOLS

# kubernetes-validate reads megabytes anew for each object.
kubernetes.schema_contents = functools.lru_cache(maxsize=None)(kubernetes.schema_contents)

NEWEST = kubernetes_validate.latest_version()
MODELS = {
    "acme.cert-manager.io",
    "cert-manager.io",
    "gateway.networking.k8s.io",
    "keda.sh",
    "monitoring.coreos.com",
    "networking.istio.io",
    "postgresql.cnpg.io",
    "security.istio.io",
    "telemetry.istio.io",
}
# Kubernetes' own groups that have no dot.
OWN = {"", "apps", "autoscaling", "batch", "policy"}


def group_of(thing):
    group, slash, _ = thing.get("apiVersion", "").partition("/")
    return group if slash else ""


def faults(thing, version=NEWEST):
    if not isinstance(thing.get("kind"), str) or not isinstance(thing.get("apiVersion"), str):
        return ["no Kubernetes object"]
    group = group_of(thing)
    if group in MODELS:
        return faults_by_models(thing)
    if (schema := ours(thing["apiVersion"])) is not None:
        return faults_by_ours(schema, thing, version)
    if group in OWN or group.endswith(".k8s.io"):
        return faults_by_kubernetes(thing, version)
    return [f"no validator for {thing['apiVersion']} {thing['kind']}"]


def faults_by_kubernetes(thing, version):
    try:
        kubernetes_validate.validate(thing, version, strict=True)
    except kubernetes_validate.SchemaNotFoundError:
        return [f"no {thing['apiVersion']} {thing['kind']} in Kubernetes {version}"]
    except kubernetes_validate.ValidationError as error:
        return [line_of(error)]
    return []


@functools.cache
def ours(api_version):
    path = TESTS / "schemas" / f"{api_version.replace('/', '_')}.yaml"
    return yaml.safe_load(path.read_text()) if path.exists() else None


def faults_by_ours(schema, thing, version):
    if thing["kind"] not in schema["$defs"]:
        return [f"no validator for {thing['apiVersion']} {thing['kind']}"]
    definitions = kubernetes.schema_contents(f"kubernetes-json-schema/v{version}-local-strict/_definitions.json", version)
    registry = Resource.from_contents(definitions) @ Registry()
    subject = {**schema, "$ref": f"#/$defs/{thing['kind']}"}
    validator = jsonschema.Draft202012Validator(subject, registry=registry)
    return [line_of(error) for error in validator.iter_errors(thing)]


def line_of(error):
    return f"/{'/'.join(map(str, error.absolute_path))}: {error.message}"


@functools.cache
def models():
    command = ["node", str(TESTS / "models.mjs"), str(TOOLS / "node_modules")]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def faults_by_models(thing):
    process = models()
    process.stdin.write(json.dumps(thing) + "\n")
    process.stdin.flush()
    line = process.stdout.readline()
    assert line, "models.mjs has stopped"
    return json.loads(line)


def oldest(chart):
    """The oldest Kubernetes of a Chart.yaml's `kubeVersion`."""
    found = re.match(r">=\s*v?(\d+\.\d+)", chart["kubeVersion"])
    assert found, f"kubeVersion {chart['kubeVersion']!r} names no oldest version"
    return f"{found[1]}.0"
