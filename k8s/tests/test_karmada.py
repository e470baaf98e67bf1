"""Several clusters: the policies are for what there is, and leave nothing behind."""

import pytest

import edges
import render
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


def test_wests_gateway_reaches_the_database_in_east():
    """It, and no other, by the addresses and the port that east's door has."""
    cluster = Cluster(application() + policies("NetworkPolicy"))
    east = Cluster(render.kustomize(KARMADA / "east"))
    database, (door,) = east.pod("cinema-db"), east.all("Service")
    gateway = cluster.component("data-api-gateway")
    inside, outside = Address("10.10.0.1"), Address("198.51.100.7")
    assert one_way(gateway, inside, inside, "Egress", 10260, "TCP", cluster)
    for pod in (gateway, *edges.apps(cluster)):
        for address, port in ((inside, 443), (inside, 5432), (outside, 10260)):
            assert not one_way(pod, address, address, "Egress", port, "TCP", cluster), pod.name
    assert selects({"matchLabels": door["spec"]["selector"]}, database.labels)
    for port in (10260, 5432, 8000, 9187):
        wanted = port in [each["port"] for each in door["spec"]["ports"]]
        assert one_way(database, Address("10.20.0.1"), database, "Ingress", port, "TCP", east) == wanted
        assert not one_way(database, outside, database, "Ingress", port, "TCP", east)


def test_wests_replica_reaches_east_and_no_further():
    west = Cluster(render.kustomize(KARMADA / "west"))
    for address, port, wanted in (("10.10.0.1", 5432, True), ("10.10.0.1", 10260, False), ("198.51.100.7", 5432, False)):
        assert one_way(west.pod("cinema-db"), Address(address), None, "Egress", port, "TCP", west) == wanted


def test_there_is_one_writer():
    """Only west's database is made a replica, and only when it is made: a promotion is not taken back."""
    for name, wanted in (("east", False), ("west", True)):
        made = [t for t in render.kustomize(KARMADA / name) if "/spec/replica" in str(t) and t["kind"].endswith("AdmissionPolicy")]
        assert bool(made) == wanted
    (rule,) = made[0]["spec"]["matchConstraints"]["resourceRules"]
    assert rule["operations"] == ["CREATE"]


def test_easts_certificate_is_for_the_name_that_west_knows():
    east = next(t for t in render.kustomize(KARMADA / "east") if t["kind"] == "DocumentDB")
    (name,) = east["spec"]["tls"]["gateway"]["certManager"]["dnsNames"]
    (policy,) = [t for t in render.kustomize(KARMADA / "west") if t["metadata"]["name"].endswith(".replica") and "mutations" in t["spec"]]
    assert f'"host": "{name}"' in str(policy) and name in (KARMADA / "README.md").read_text()


def test_the_interpreter_is_for_spin_apps():
    target = policies("ResourceInterpreterCustomization")[0]["spec"]["target"]
    assert target in [{"apiVersion": app["apiVersion"], "kind": "SpinApp"} for app in Cluster(application()).all("SpinApp")]
