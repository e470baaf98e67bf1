"""The chart takes good values, refuses wrong ones with their name, and documents them all."""

import json
import re
import tomllib

import jsonschema
import pytest
import yaml

import render
import spin
from tools import CHART, HELM, ROOT, call

VALUES = (CHART / "values.yaml").read_text()
SCHEMA = json.loads((CHART / "values.schema.json").read_text())


@pytest.mark.parametrize("file", [None, *render.values_files()], ids=lambda file: file.stem if file else "defaults")
def test_helm_lint(file):
    done = call(HELM, "lint", "--strict", CHART, "--namespace", "cinema", *(render.values_of(file) if file else []))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_oldest_kubernetes_renders_and_an_older_one_is_refused():
    minor = int(re.match(r">=\s*v?1\.(\d+)", yaml.safe_load((CHART / "Chart.yaml").read_text())["kubeVersion"])[1])
    assert render.template("--kube-version", f"1.{minor}.0").returncode == 0
    done = render.template("--kube-version", f"1.{minor - 1}.0")
    assert done.returncode != 0 and "kubeVersion" in done.stderr


def test_the_versions_agree():
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"].get("package", {})
    assert chart["version"] == chart["appVersion"] == spin.version() == workspace.get("version", spin.version())


def test_the_chart_leaves_nothing_odd_behind():
    """No tabs, no template that was not filled in, and a name that can be told from another release's."""
    for file in [None, *render.values_files()]:
        text = render.chart_text(*(render.values_of(file) if file else []))
        assert "\t" not in text and "<no value>" not in text and "%!" not in text


def test_the_chart_packs_and_the_package_renders_the_same(tmp_path):
    done = call(HELM, "package", CHART, "--destination", tmp_path)
    assert done.returncode == 0, done.stderr
    (package,) = tmp_path.glob("*.tgz")
    done = call(HELM, "template", "cinema", package, "--namespace", "cinema")
    assert done.stdout == render.chart_text()


def test_two_releases_share_no_name():
    """But for what belongs to the whole cluster and is made once, which values can turn off."""
    sets = ("--set", "runtimeClass.create=false,executor.create=false")
    names = []
    for release in ("cinema", "second"):
        done = call(HELM, "template", release, CHART, "--namespace", "cinema", *sets)
        names.append({(t["kind"], t["metadata"]["name"]) for t in render.parse(done.stdout)})
    assert names[0] and not names[0] & names[1]


def nodes(schema):
    """Every object of the schema that has properties."""
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for value in schema.values():
            yield from nodes(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from nodes(value)


def test_the_schema_is_one_and_knows_no_other_values():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for node in nodes(SCHEMA):
        if not set(node) <= {"properties", "required"}:  # the arm of an if or an anyOf
            assert node.get("additionalProperties") is False, sorted(node["properties"])


def resolve(schema):
    while "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return schema


def leaves(values, schema, path=()):
    """Every value with its place and its schema, which may be a map of any names."""
    for key, value in values.items():
        known = resolve(schema).get("properties", {}).get(key)
        yield (*path, key), known
        if isinstance(value, dict) and known and "properties" in resolve(known):
            yield from leaves(value, known, (*path, key))


def test_every_value_is_in_the_schema_and_the_other_way_round():
    values = yaml.safe_load(VALUES)
    unknown = [".".join(path) for path, known in leaves(values, SCHEMA) if known is None]
    assert unknown == []
    missing = []

    def walk(schema, given, path):
        for key, below in resolve(schema).get("properties", {}).items():
            if path == () and key == "global" or path[:1] == ("services",) or path == ("mongodb", "autoscaling"):
                continue
            if not isinstance(given, dict) or key not in given:
                # Parts of a resource list are Kubernetes', and need not all be there.
                if "resources" not in path:
                    missing.append(".".join((*path, key)))
            else:
                walk(below, given[key], (*path, key))

    walk(SCHEMA, values, ())
    assert missing == []


def documented(text):
    """The keys of values.yaml that neither have a comment above, nor stand below one that has, nor right behind one."""
    bare, above, stack = [], False, []
    for line in text.splitlines():
        if not line.strip():
            above = False
        elif line.lstrip().startswith("#"):
            above = True
        elif found := re.match(r"( *)([A-Za-z]\w*):", line):
            depth = len(found[1])
            stack = [entry for entry in stack if entry[0] <= depth]
            sibling = bool(stack) and stack[-1][0] == depth and stack[-1][1]
            stack = [entry for entry in stack if entry[0] < depth]
            fine = above or sibling or any(entry[1] for entry in stack)
            stack.append((depth, fine))
            is_group = line.rstrip().endswith(":")
            if not fine and not is_group:
                bare.append(found[2])
            above = False
    return bare


def test_every_value_has_a_comment():
    assert documented(VALUES) == []
    assert documented("a: 1\n") == ["a"]
    assert documented("# What it is.\na: 1\nb: {}\n") == []
    assert documented("group:\n  # What it is.\n  a: 1\nb: 2\n") == ["b"]


@pytest.mark.parametrize(
    "name, sets",
    [
        # A wrong name.
        ("replica", "replica=2"),
        ("shapes", "shapes=apart"),
        ("tags", "image.tags=1"),
        ("kinos", "services.kinos.replicas=2"),
        ("affinity", "services.movies.affinity.x=1"),
        # A wrong type, or a value that is not one of those there are.
        ("shape", "shape=both"),
        ("runtime", "runtime=docker"),
        ("kind", "storage.kind=sqlite"),
        # As it was once, with what it is now.
        ("storage: external is now storage.kind: data-api. Set that.", "storage=external,dataApi.url=http://a.example.com"),
        ("storage: embedded is now storage.kind: embedded. Set that.", "storage=embedded"),
        ("replicas", "replicas=0"),
        ("replicas", "replicas=two"),
        ("replicas", "services.movies.replicas=0"),
        ("repository", "image.repository=Registry.Example.com/Cinema"),
        ("tag", "image.tag=latest"),
        ("digest", "image.digest=1234"),
        ("pullSecrets", "image.pullSecrets=registry"),
        ("by", "autoscaling.by=vpa"),
        ("minReplicas", "autoscaling.minReplicas=0"),
        ("cpu", "autoscaling.cpu=0"),
        ("memory", "resources.limits.memory=lots"),
        ("memory", "invocationLimits.memory=64MB"),
        ("periodSeconds", "probes.liveness.periodSeconds=0"),
        ("timeoutSeconds", "probes.readiness.timeoutSeconds=-1"),
        ("maxUnavailable", "podDisruptionBudget.maxUnavailable=0"),
        ("url", "dataApi.url=store"),
        ("url", "dataApi.url=http://store:8090/action"),
        ("auth", "dataApi.auth=oauth"),
        ("port", "dataApi.network.port=70000"),
        ("existingSecret", "mongodb.existingSecret="),
        ("uri", "mongodb.uri=mongodb://a.example.com"),
        ("cidrs", "dataApi.network.cidrs[0]=anywhere"),
        ("size", "embedded.size=big"),
        ("accessMode", "embedded.accessMode=ReadWriteMany"),
        ("host", "host=https://cinema.example.com"),
        ("kind", "tls.certificate.issuer.kind=Authority"),
        ("port", "nodePort.port=80"),
        ("timeout", "istio.requests.timeout=10"),
        ("attempts", "istio.requests.attempts=-1"),
        ("podSecurity", "namespace.podSecurity=none"),
        ("endpoint", "otel.endpoint=collector"),
        ("existingSecret", "auth.existingSecret=Cinema_Keys"),
        ("existingSecret", "auth.existingSecret="),
        # What does not go together.
        ("storage embedded goes with shape together", "storage.kind=embedded,replicas=1"),
        ("replicas", "shape=together,storage.kind=embedded,replicas=2"),
        ("autoscaling", "shape=together,storage.kind=embedded,replicas=1,autoscaling.enabled=true"),
        ("dataApi.url does not say which", "storage.kind=data-api"),
        ("dataApi.network", "storage.kind=data-api,dataApi.url=http://a.example.com"),
        ("mongodb.network", "mongodb.network.namespace="),
        ("gatewayImage.tag", "gatewayImage.tag=latest"),
        ("shape: together", "runtime=host"),
        ("podPolicy", "runtime=host,shape=together,podPolicy.enabled=true"),
        ("otel", "runtime=host,shape=together,otel.endpoint=http://collector:4318"),
        ("executor.create", "executor.create=false,otel.endpoint=http://collector:4318"),
        ("services", "shape=together,services.movies.replicas=3"),
        ("NodePort", "nodePort.enabled=true"),
        ("autoscaling.minReplicas", "autoscaling.enabled=true,autoscaling.minReplicas=5,autoscaling.maxReplicas=4"),
        ("cinema-data-api-gateway: autoscaling", "autoscaling.enabled=true,mongodb.autoscaling.minReplicas=11"),
        ("gatewayApi", "istio.enabled=true,gatewayApi.enabled=true,gatewayApi.className=x"),
        ("gatewayApi.className", "gatewayApi.enabled=true"),
        ("tls", "tls.certificate.create=true"),
        ("tls.issuer", "istio.enabled=true,tls.issuer.create=true"),
        ("istio.egress", "istio.egress.enabled=true"),
        ("storage.kind: data-api", "istio.enabled=true,istio.egress.enabled=true"),
        ("dataApi.url", "istio.enabled=true,istio.egress.enabled=true,storage.kind=data-api,dataApi.url=https://data.example.com"),
        ("invocationLimits.memory", "invocationLimits.memory=1Gi"),
    ],
)
def test_a_bad_value_is_refused_with_its_name(name, sets):
    done = render.template("--set", sets)
    assert done.returncode != 0, "it was taken"
    assert name in done.stderr
