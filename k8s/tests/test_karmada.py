"""Several clusters: the policies are for what there is, and leave nothing behind."""

import pytest

import edges
import render
import spin
from cluster import CLUSTER_WIDE, Cluster
from network import Address, one_way, selects
from tools import K8S

KARMADA = K8S / "karmada"
# Karmada takes namespaces everywhere by itself.
BY_ITSELF = {"Namespace"}


def policies(*kinds):
    return [thing for thing in render.kustomize(KARMADA) if thing["kind"] in kinds]


def application():
    return render.sources()["chart-prod"]()


def chosen(selector, things):
    """The objects that a resource selector is for."""
    for thing in things:
        labels = thing["metadata"].get("labels", {})
        if (thing["apiVersion"], thing["kind"]) != (selector["apiVersion"], selector["kind"]):
            continue
        if selector.get("name") in (None, thing["metadata"]["name"]) and selects(selector.get("labelSelector", {}), labels):
            yield thing


def left_behind(things, propagating):
    taken = [id(t) for policy in propagating for s in policy["spec"]["resourceSelectors"] for t in chosen(s, things)]
    return [f"{t['kind']} {t['metadata']['name']}" for t in things if id(t) not in taken and t["kind"] not in BY_ITSELF]


def test_every_object_goes_to_the_member_clusters():
    assert left_behind(application(), policies("PropagationPolicy", "ClusterPropagationPolicy")) == []


def test_one_that_is_left_behind_is_found():
    things, thing = render.changed(application(), "SpinApp")
    thing["metadata"]["labels"] = {}
    assert left_behind(things, policies("PropagationPolicy", "ClusterPropagationPolicy")) == [
        f"SpinApp {thing['metadata']['name']}"
    ]


def test_policies_for_a_namespace_and_for_the_cluster_are_told_apart():
    for policy in policies("PropagationPolicy", "ClusterPropagationPolicy"):
        for selector in policy["spec"]["resourceSelectors"]:
            assert (selector["kind"] in CLUSTER_WIDE) == (policy["kind"] == "ClusterPropagationPolicy"), selector["kind"]


def overrides():
    """Each override: the selector of what it is for, and the path of what it changes."""
    for policy in policies("OverridePolicy"):
        for selector in policy["spec"]["resourceSelectors"]:
            for rule in policy["spec"]["overrideRules"]:
                overriders = rule["overriders"]
                paths = [each["path"] for each in overriders.get("plaintext", []) if each["operator"] != "add"]
                paths += [each["predicate"]["path"] for each in overriders.get("imageOverrider", [])]
                for path in paths:
                    yield pytest.param(selector, path, id=f"{policy['metadata']['name']}-{path}")


@pytest.mark.parametrize("selector, path", list(overrides()))
def test_an_override_is_of_something_that_is_there(selector, path):
    found = list(chosen(selector, application()))
    assert found, f"no {selector['kind']} {selector.get('name', '')} to override"
    for thing in found:
        for step in path.strip("/").split("/"):
            thing = thing[int(step) if isinstance(thing, list) else step]


def test_all_policies_know_the_same_members():
    names = set()
    for thing in policies("PropagationPolicy", "ClusterPropagationPolicy"):
        names |= set(thing["spec"]["placement"]["clusterAffinity"]["clusterNames"])
    assert names == {"east", "west"}
    for thing in policies("OverridePolicy"):
        for rule in thing["spec"]["overrideRules"]:
            assert set(rule["targetCluster"]["clusterNames"]) <= names
    assert {"east", "west"} <= {path.name for path in KARMADA.iterdir()}


def test_wests_services_reach_the_data_api_in_east():
    """Those that store, and no other, by the addresses that the policies name."""
    cluster = Cluster(application() + policies("NetworkPolicy"))
    east = Address("10.10.0.1")
    for pod in edges.apps(cluster):
        wanted = any(spin.STORAGE in spin.components()[name].calls for name in edges.components_of(pod))
        assert one_way(pod, east, east, "Egress", 443, "TCP", cluster) == wanted, pod.name
        assert not one_way(pod, Address("198.51.100.7"), east, "Egress", 443, "TCP", cluster)


def test_there_is_one_writer():
    members = {}
    for name in ("east", "west"):
        members[name] = next(t["spec"] for t in render.kustomize(KARMADA / name) if t["kind"] == "Cluster")
    assert "initdb" in members["east"]["bootstrap"] and not members["east"].get("replica", {}).get("enabled")
    assert members["west"]["replica"] == {"enabled": True, "source": "east"} and set(members["west"]["bootstrap"]) == {
        "pg_basebackup"
    }


def test_the_interpreter_is_for_spin_apps():
    target = policies("ResourceInterpreterCustomization")[0]["spec"]["target"]
    assert target in [{"apiVersion": app["apiVersion"], "kind": "SpinApp"} for app in Cluster(application()).all("SpinApp")]
