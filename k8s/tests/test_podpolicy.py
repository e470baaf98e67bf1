"""The MutatingAdmissionPolicy: tried on the pods that the operator makes, its expressions give pods as they should be."""

import copy
import json
import re

import pytest
import yaml

import edges
import render
import schemas
from network import selects


def pod_of(app):
    """As much of the operator's pod as the policy touches."""
    spec = {"serviceAccountName": app.service_account, "runtimeClassName": "wasmtime-spin-v2"}
    container = {
        "name": app.name,
        "image": app.owner["spec"]["image"],
        "command": ["/"],
        "ports": [{"name": "http-app", "containerPort": 80}],
    }
    labels = app.labels | {"pod-template-hash": "6f7d9c"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "x", "labels": labels},
        "spec": spec | {"containers": [container]},
    }


def patches(expression, pod):
    """What an expression comes to. Without its constructors and with the labels filled in, it is YAML's flow style."""
    label = re.compile(r'object\.metadata\.labels\["([^"]+)"\]')
    text = label.sub(lambda found: json.dumps(pod["metadata"]["labels"][found[1]]), expression)
    text = re.sub(r"\b(?:JSONPatch|Object[\w.]*){", "{", text)
    return yaml.safe_load(re.sub(r"(?<=[\w\"}\]]):(?=\S)", ": ", text))


def misnamed(expression):
    """A constructor names the field that it is for: Object.spec.securityContext{…} stands at /spec/securityContext."""
    for path, value in re.findall(r'path: "([^"]+)",\s*value: (?:\[\s*)?Object\.([\w.]+){', expression):
        if re.sub(r"/\d+", "", path).strip("/").replace("/", ".") != value:
            yield f"Object.{value} at {path}"
    for key, value in re.findall(r"(?<!\w)(\w+): Object\.([\w.]+){", expression):
        if key != "value" and value.rsplit(".", 1)[-1] != key:
            yield f"Object.{value} as {key}"


def apply(pod, patch):
    pod = copy.deepcopy(pod)
    for each in patch:
        *way, last = each["path"].strip("/").split("/")
        thing = pod
        for step in way:
            thing = thing[int(step) if isinstance(thing, list) else step]
        assert each["op"] == "add"
        thing[last] = each["value"]
    return pod


def mutated(things, pod):
    policy = next(thing for thing in things if thing["kind"] == "MutatingAdmissionPolicy")
    for mutation in policy["spec"]["mutations"]:
        assert mutation["patchType"] == "JSONPatch"
        expression = mutation["jsonPatch"]["expression"]
        assert list(misnamed(expression)) == []
        pod = apply(pod, patches(expression, pod))
    return pod


def test_pods_get_their_security_context_and_their_spread(prod):
    for app in edges.apps(prod.cluster):
        pod = mutated(prod.things, pod_of(app))
        assert schemas.faults(pod) == []
        container = pod["spec"]["containers"][0]["securityContext"]
        assert container["allowPrivilegeEscalation"] is False
        assert container["capabilities"] == {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}
        assert pod["spec"]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        spread = pod["spec"]["topologySpreadConstraints"]
        assert {each["topologyKey"] for each in spread} == {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}
        for each in spread:
            others = [other for other in edges.apps(prod.cluster) if selects(each["labelSelector"], other.labels)]
            assert [other.name for other in others] == [app.name]


def test_it_is_bound_to_our_pods_and_to_no_others(prod):
    match = prod.cluster.all("MutatingAdmissionPolicyBinding")[0]["spec"]["matchResources"]
    assert selects(match["namespaceSelector"], prod.cluster.namespace_labels("cinema"))
    assert not selects(match["namespaceSelector"], prod.cluster.namespace_labels("default"))
    for app in edges.apps(prod.cluster):
        assert selects(match["objectSelector"], app.labels)
    assert not selects(match["objectSelector"], {"core.spinkube.dev/app-name": "another"})
    assert not selects(match["objectSelector"], {"app.kubernetes.io/name": "cinema", "app.kubernetes.io/instance": "cinema"})


@pytest.mark.parametrize(
    "wrong, right",
    [
        ("seccompProfile: Object.spec.securityContext.seccomp{", "seccompProfile: Object.spec.securityContext.seccompProfile{"),
        ('path: "/spec/securityContexts"', 'path: "/spec/securityContext"'),
        ("allowPrivilegeEscalations", "allowPrivilegeEscalation"),
        ("maxSkew: true", "maxSkew: 1"),
        ('type: ["RuntimeDefault"]', 'type: "RuntimeDefault"'),
        ('"core.spinkube.dev/app"]', '"core.spinkube.dev/app-name"]'),
    ],
)
def test_a_wrong_expression_is_found(prod, wrong, right):
    things, policy = render.changed(prod.things, "MutatingAdmissionPolicy")
    for mutation in policy["spec"]["mutations"]:
        mutation["jsonPatch"]["expression"] = mutation["jsonPatch"]["expression"].replace(right, wrong)
    assert things != prod.things, "the expression has changed, and this test with it"
    app = edges.apps(prod.cluster)[0]
    try:
        fine = schemas.faults(mutated(things, pod_of(app))) == []
    except (AssertionError, KeyError, yaml.YAMLError):
        fine = False
    assert not fine
