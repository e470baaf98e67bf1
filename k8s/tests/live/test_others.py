"""What is not the application: storage's and Karmada's manifests, and the chart's other combinations, as the server reads them."""

import json

import pytest

import render
from kube import until
from place import listed
from test_combinations import COMBINATIONS, arguments, refused
from tools import K8S, output
from whole import named, references

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


def test_storages_pods_are_let_in_where_pods_are_restricted(place, wanted):
    text = render.kustomize_text(K8S / "storage")
    wanted(text)
    secrets = output("sh", K8S / "storage" / "credentials").replace("namespace: cinema\n", "namespace: cinema-storage\n")
    for each in (secrets, text):
        place.apply(each.replace("cinema-storage", place.name), "--force-conflicts")
    until(place.unsettled)
    (namespace,) = place.kube.get("namespace", place.name)
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    (pod,) = [pod for pod in place.get("pods") if pod["metadata"]["name"].startswith("ferretdb-")][:1]
    # All but what CloudNativePG makes.
    assert {what[1] for what in set(references(pod["spec"])) - named(place)} <= {"cinema-db-ca"}


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
