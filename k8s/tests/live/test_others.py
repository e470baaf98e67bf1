"""What is not the application: storage's and Karmada's manifests, and the chart's other combinations, as the server reads them."""

import json

import pytest

import render
from place import listed
from test_combinations import COMBINATIONS, arguments, refused
from tools import K8S, KUBECTL


@pytest.mark.parametrize("folder", render.other_kustomizations(), ids=lambda folder: str(folder.relative_to(K8S)))
def test_the_server_knows_every_field(folder, place, wanted):
    text = render.kustomize_text(folder)
    wanted(text)
    things = render.parse(text)
    for thing in things:
        # Which namespace it is does not matter to a kind, and ours is there.
        if "namespace" in thing["metadata"]:
            thing["metadata"]["namespace"] = place.name
    place.strictly(listed(things))


def test_a_database_is_let_in_where_pods_are_restricted(place):
    """Its pods have a volume out of an image, as CloudNativePG mounts the extension; and nothing less than all restrictions."""
    labels = next(t["metadata"]["labels"] for t in render.kustomize(K8S / "storage") if t["kind"] == "Namespace")
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    place.make({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": place.name, "labels": labels}})
    own = {"runAsNonRoot": True, "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    own["seccompProfile"] = {"type": "RuntimeDefault"}
    container = {"name": "postgres", "image": "registry.example.com/postgresql:18.4", "securityContext": own}
    extension = {"name": "extension", "image": {"reference": "registry.example.com/documentdb:0.110.0"}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "database", "namespace": place.name}}
    place.strictly(json.dumps(pod | {"spec": {"containers": [container], "volumes": [extension]}}))
    del own["seccompProfile"]
    refused = pod | {"spec": {"containers": [container], "volumes": [extension]}}
    done = place.kube.call(KUBECTL, "create", "--dry-run=server", "--filename=-", input=json.dumps(refused))
    assert "violates PodSecurity" in done.stderr


def test_the_server_knows_every_field_of_every_combination(place, wanted):
    """Each object once, whichever combinations have it. Apps are refused without their executor."""
    things = {}
    for number, combination in enumerate(COMBINATIONS):
        if not refused(*combination):
            text = place.rendered(*arguments(number, *combination))
            things |= {json.dumps(thing, sort_keys=True): thing for thing in render.parse(text)}
    text = listed(list(things.values()))
    wanted(text)
    place.make(next(thing for thing in things.values() if thing["kind"] == "SpinAppExecutor"))
    place.strictly(text)
