"""Whatever is named exists: rendered beside it, or in the table of what others make."""

import pytest

import outside
import references
import render
from cluster import Cluster
from network import peer_matches, selects
from paths import REMOVED, put
from tools import K8S

STORAGE = [K8S / "storage", K8S / "storage" / "istio", K8S / "storage" / "rook-ceph"]


def stored():
    return [thing for folder in STORAGE for thing in render.kustomize(folder)]


def surroundings(rendering):
    """What is there already where it is applied: storage, and beside storage's own parts the application."""
    of_application = rendering.name in render.application_sources()
    return stored() if of_application else stored() + render.sources()["chart-prod"]()


def whole(rendering):
    """A rendering in its surroundings; what both have is the rendering's."""
    own = {(t["kind"], t["metadata"].get("namespace"), t["metadata"]["name"]) for t in rendering.things}
    others = [
        t for t in surroundings(rendering) if (t["kind"], t["metadata"].get("namespace"), t["metadata"]["name"]) not in own
    ]
    return Cluster(rendering.things + others)


def faults(things, cluster):
    found = set()
    for thing in things:
        for reference in references.of(thing, cluster):
            found.add(f"{thing['kind']} {thing['metadata']['name']}: {references.missing(reference, cluster)}")
    return sorted(fault for fault in found if not fault.endswith(": None"))


def test_whatever_is_named_exists(rendering):
    assert faults(rendering.things, whole(rendering)) == []


def test_the_table_of_what_others_make_has_nothing_that_nobody_names():
    named = set()
    for source in render.sources().values():
        cluster = Cluster(source())
        found = {reference for thing in cluster.things for reference in references.of(thing, cluster)}
        named |= {(reference.kind, reference.namespace, reference.name) for reference in found}
    assert outside.OBJECTS - named == set()
    assert {("Secret", *place) for place in outside.SECRETS} - named == set()


def test_every_service_leads_to_pods_and_to_a_port_of_theirs(rendering):
    cluster = whole(rendering)
    for thing in rendering.cluster.all("Service"):
        name, namespace, service = thing["metadata"]["name"], cluster.namespace_of(thing), thing["spec"]
        pods = [
            p for p in cluster.pods() if p.namespace == namespace and selects({"matchLabels": service["selector"]}, p.labels)
        ]
        assert service["selector"] and pods, f"Service {name} selects nobody"
        for port in service["ports"]:
            target = port.get("targetPort", port["port"])
            for pod in pods:
                assert target in pod.ports or target in pod.ports.values(), (
                    f"Service {name}: pod {pod.name} has no port {target}"
                )


def test_every_selector_selects_pods(rendering):
    cluster = whole(rendering)
    pods = cluster.pods() + references.pods_outside()
    selecting = ("NetworkPolicy", "PodDisruptionBudget", "AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication")
    for thing in rendering.things:
        if thing["kind"] not in selecting:
            continue
        spec = thing.get("spec") or {}
        selector = spec.get("podSelector", spec.get("selector"))
        if not selector:
            continue
        there = [p for p in pods if p.namespace == cluster.namespace_of(thing) and selects(selector, p.labels)]
        assert there, f"{thing['kind']} {thing['metadata']['name']} selects nobody"


def test_every_peer_of_a_network_policy_is_somebody(rendering):
    cluster = whole(rendering)
    pods = cluster.pods() + references.pods_outside()
    for policy in rendering.cluster.all("NetworkPolicy"):
        for side, peers in (("ingress", "from"), ("egress", "to")):
            for rule in policy["spec"].get(side) or []:
                for peer in rule.get(peers, []):
                    there = "ipBlock" in peer or any(peer_matches(peer, pod, policy, cluster) for pod in pods)
                    assert there, f"NetworkPolicy {policy['metadata']['name']}: nobody is {peer}"


def test_objects_are_in_namespaces_that_exist(rendering):
    known = {place for place, _ in outside.SECRETS} | {place for place, *_ in outside.PODS}
    known |= {thing["metadata"]["name"] for thing in whole(rendering).all("Namespace")}
    for thing in rendering.things:
        assert rendering.cluster.namespace_of(thing) in known | {None}, f"{thing['kind']} {thing['metadata']['name']}"


def test_what_is_refused_without_another_comes_after_it(application):
    """The API server refuses what is in a namespace that is not there, the operator an app without its executor."""
    kinds = [thing["kind"] for thing in application.things]
    if "Namespace" in kinds:
        namespaced = [n for n, thing in enumerate(application.things) if application.cluster.namespace_of(thing)]
        assert kinds.index("Namespace") < min(namespaced)
    if "SpinAppExecutor" in kinds:
        assert kinds.index("SpinAppExecutor") < kinds.index("SpinApp")


@pytest.mark.parametrize(
    "kind, path, value",
    [
        ("SpinApp", ["spec", "executor"], "another"),
        ("SpinApp", ["spec", "serviceAccountName"], "nobody"),
        ("SpinApp", ["spec", "imagePullSecrets"], [{"name": "registry"}]),
        ("SpinApp", ["spec", "variables", 0, "valueFrom"], {"configMapKeyRef": {"name": "settings", "key": "auth_issuer"}}),
        ("SpinApp", ["spec", "variables", 0, "valueFrom"], {"configMapKeyRef": {"name": "cinema-settings", "key": "auth"}}),
        ("SpinApp", ["spec", "variables", 0, "valueFrom"], {"secretKeyRef": {"name": "cinema-keys", "key": "jwks"}}),
        ("SpinApp", ["spec", "variables", 0, "valueFrom"], {"secretKeyRef": {"name": "cinema-secret", "key": "auth_jwks"}}),
        ("SpinApp", ["spec", "volumes"], [{"name": "data", "persistentVolumeClaim": {"claimName": "cinema-data"}}]),
        ("SpinApp", ["spec", "volumeMounts"], [{"name": "data", "mountPath": "/data"}]),
        ("SpinApp", ["spec", "runtimeConfig"], {"loadFromSecret": "runtime"}),
        ("SpinAppExecutor", ["spec", "deploymentConfig", "runtimeClassName"], "spin"),
        ("HorizontalPodAutoscaler", ["spec", "scaleTargetRef", "name"], "cinema"),
        ("VirtualService", ["spec", "gateways"], ["cinema/door"]),
        ("VirtualService", ["spec", "http", 0, "route", 0, "destination", "host"], "cinema-films.cinema.svc.cluster.local"),
        ("VirtualService", ["spec", "http", 0, "route", 0, "destination", "port", "number"], 8080),
        ("Gateway", ["spec", "servers", 0, "tls", "credentialName"], "tls"),
        ("Gateway", ["spec", "selector"], {"istio": "gateway"}),
        ("Certificate", ["spec", "issuerRef", "name"], "another"),
        ("Certificate", ["metadata", "namespace"], "cinema"),
        (
            "AuthorizationPolicy",
            ["spec", "rules"],
            [{"from": [{"source": {"principals": ["cluster.local/ns/cinema/sa/cinema"]}}]}],
        ),
        ("MutatingAdmissionPolicyBinding", ["spec", "policyName"], "another"),
        ("ServiceAccount", ["metadata", "name"], "renamed"),
        ("ConfigMap", ["data", "data_api_url"], REMOVED),
    ],
)
def test_a_name_of_nothing_is_found(prod, kind, path, value):
    things, thing = render.changed(prod.things, kind, name=None if kind != "AuthorizationPolicy" else "cinema-movies")
    put(thing, path, value)
    assert faults(things, Cluster(things)) != []
