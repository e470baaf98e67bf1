"""The network and the mesh let through exactly the edges of spin.toml, and nothing else."""

import pytest

import edges
import render
import spin
from cluster import Cluster, Pod
from network import policies_for, selects
from paths import put


def test_exactly_the_edges_of_spin_toml(application):
    assert edges.faults(application.things) == []


def test_together_needs_no_edges_and_apart_has_them_all(application):
    """So that the test above is not empty: six services with their seven ways among them, or one app."""
    pods = edges.apps(application.cluster)
    ways = [(a.name, b.name) for a in pods for b in pods if edges.calls(a, b)]
    if application.apart:
        assert {name for pod in pods for name in pod.components} == set(spin.public())
        assert len(ways) == sum(len(c.calls - {spin.STORAGE}) for c in spin.components().values())
    else:
        assert len(pods) == 1 and ways == []


def test_every_app_denies_by_default(application):
    """A pod with a label less than ours is not let in by what lets ours in, and ours are selected both ways."""
    cluster = application.cluster
    for pod in edges.apps(cluster):
        for direction in ("Ingress", "Egress"):
            assert list(policies_for(pod, direction, cluster)), f"{pod.name} has no {direction} policy"
    bare = Pod(
        name="bare", namespace="cinema", labels={"app.kubernetes.io/name": "cinema", "app.kubernetes.io/instance": "cinema"}
    )
    assert list(policies_for(bare, "Ingress", cluster)) and list(policies_for(bare, "Egress", cluster))


def test_mutual_tls_is_strict_in_the_mesh(application):
    cluster = application.cluster
    if not edges.in_mesh(cluster):
        return
    strict, *others = sorted((policy["spec"] for policy in cluster.all("PeerAuthentication")), key=len)
    assert strict == {"mtls": {"mode": "STRICT"}}
    for policy in others:
        gateway = edges.gateway_to_mongodb(cluster)
        metrics = {str(gateway.ports["metrics"]): {"mode": "PERMISSIVE"}}
        assert policy == strict | {"selector": policy["selector"], "portLevelMtls": metrics}
        assert [pod.name for pod in cluster.pods() if selects(policy["selector"], pod.labels)] == [gateway.name]
    assert cluster.namespace_labels("cinema").get("istio.io/dataplane-mode") == "ambient"


def test_each_app_has_an_identity_of_its_own_without_a_token(application):
    pods = edges.workloads(application.cluster)
    assert {pod.name for pod in pods} == {pod.name for pod in application.cluster.pods() if pod.owner["kind"] != "Gateway"}
    accounts = [pod.service_account for pod in pods]
    assert len(set(accounts)) == len(pods) and "default" not in accounts
    for account in application.cluster.all("ServiceAccount"):
        assert account.get("automountServiceAccountToken") is False


ANYBODY = {"podSelector": {}}
DOCS = {"podSelector": {"matchLabels": {"app.kubernetes.io/component": "docs"}}}
INTERNET = {"ipBlock": {"cidr": "0.0.0.0/0"}}
HTTP = [{"protocol": "TCP", "port": 80}]


@pytest.mark.parametrize(
    "kind, name, path, value",
    [
        ("NetworkPolicy", "cinema-movies", ["spec", "ingress"], [{"from": [ANYBODY], "ports": HTTP}]),
        ("NetworkPolicy", "cinema-movies", ["spec", "ingress"], [{"ports": HTTP}]),
        ("NetworkPolicy", "cinema-movies", ["spec", "ingress"], [{}]),
        ("NetworkPolicy", "cinema-movies", ["spec", "ingress"], []),
        ("NetworkPolicy", "cinema-movies", ["spec", "ingress", 0, "ports"], []),
        ("NetworkPolicy", "cinema-movies", ["spec", "ingress", 0, "ports", 0, "port"], 8080),
        ("NetworkPolicy", "cinema-movies", ["spec", "ingress", 0, "ports", 0, "protocol"], "UDP"),
        ("NetworkPolicy", "cinema-movies", ["spec", "ingress", 0, "ports", 0, "endPort"], 9999),
        ("NetworkPolicy", "cinema-movies", ["spec", "ingress", 0, "from"], [DOCS]),
        ("NetworkPolicy", "cinema-movies", ["spec", "policyTypes"], ["Egress"]),
        ("NetworkPolicy", "cinema-movies", ["spec", "podSelector"], {}),
        ("NetworkPolicy", "cinema-movies", ["metadata", "namespace"], "default"),
        ("NetworkPolicy", "cinema-docs", ["spec", "egress"], [{"to": [INTERNET]}]),
        ("NetworkPolicy", "cinema-docs", ["spec", "egress"], [{"ports": [{"port": 53, "protocol": "UDP"}]}]),
        ("NetworkPolicy", "cinema-users", ["spec", "egress"], []),
        ("NetworkPolicy", "cinema-users", ["spec", "egress", 0, "to"], [ANYBODY]),
        ("NetworkPolicy", "cinema-users", ["spec", "egress", 0, "to"], [DOCS]),
        ("NetworkPolicy", "cinema-auth", ["spec", "egress"], [{"to": [{"namespaceSelector": {}}], "ports": [{"port": 8090}]}]),
        ("NetworkPolicy", "cinema-deny-all", ["spec", "ingress"], [{"ports": [{"port": 80}]}]),
        ("NetworkPolicy", "cinema-data-api-gateway", ["spec", "ingress"], [{"ports": [{"port": 8090}]}]),
        ("NetworkPolicy", "cinema-data-api-gateway", ["spec", "ingress", 0, "from"], [ANYBODY]),
        ("NetworkPolicy", "cinema-data-api-gateway", ["spec", "ingress", 1, "from"], [ANYBODY]),
        ("NetworkPolicy", "cinema-data-api-gateway", ["spec", "ingress", 1, "from"], [DOCS]),
        ("NetworkPolicy", "cinema-data-api-gateway", ["spec", "egress"], [{"to": [INTERNET]}]),
        ("NetworkPolicy", "cinema-data-api-gateway", ["spec", "egress", 0, "ports"], [{"port": 5432}]),
        ("NetworkPolicy", "cinema-data-api-gateway", ["spec", "egress", 1, "to"], [{"namespaceSelector": {}}]),
        ("AuthorizationPolicy", "cinema-data-api-gateway", ["spec", "rules", 0, "from"], [{"source": {"namespaces": ["cinema"]}}]),
        ("AuthorizationPolicy", "cinema-data-api-gateway", ["spec", "rules", 1, "to"], [{"operation": {"ports": ["8090"]}}]),
        ("AuthorizationPolicy", "cinema-data-api-gateway", ["spec", "rules", 1, "from"], [{"source": {"namespaces": ["default"]}}]),
        ("AuthorizationPolicy", "cinema-movies", ["spec", "rules"], [{}]),
        ("AuthorizationPolicy", "cinema-movies", ["spec", "rules"], []),
        ("AuthorizationPolicy", "cinema-movies", ["spec", "rules", 0, "from"], [{"source": {"principals": ["*"]}}]),
        ("AuthorizationPolicy", "cinema-movies", ["spec", "rules", 0, "from"], [{"source": {"namespaces": ["cinema"]}}]),
        (
            "AuthorizationPolicy",
            "cinema-movies",
            ["spec", "rules", 0, "from", 0, "source", "principals", 0],
            "cluster.local/ns/istio-ingress/sa/other",
        ),
        ("AuthorizationPolicy", "cinema-movies", ["spec", "rules", 0, "to"], [{"operation": {"methods": ["GET"]}}]),
        ("AuthorizationPolicy", "cinema-movies", ["spec", "rules", 0, "to"], [{"operation": {"ports": ["8080"]}}]),
        ("AuthorizationPolicy", "cinema-movies", ["spec", "action"], "DENY"),
        ("AuthorizationPolicy", "cinema-movies", ["spec", "selector"], {"matchLabels": {}}),
        ("SpinApp", "cinema-docs", ["spec", "serviceAccountName"], "cinema-users"),
        ("SpinApp", "cinema-docs", ["spec", "podLabels", "app.kubernetes.io/component"], "users"),
        ("SpinApp", "cinema-docs", ["spec", "podLabels", "app.kubernetes.io/name"], "other"),
        ("ConfigMap", "cinema-settings", ["data", "data_api_url"], "http://elsewhere.cinema-storage.svc.cluster.local:8090"),
        ("ConfigMap", "cinema-settings", ["data", "data_api_url"], "https://data.example.com"),
    ],
)
def test_a_way_too_many_or_too_few_is_found(prod, kind, name, path, value):
    things, thing = render.changed(prod.things, kind, name)
    put(thing, path, value)
    assert edges.faults(things) != []


def test_without_any_policies_all_is_open(prod):
    """What the evaluator says of a cluster with no policies, and of one where an app's own is missing."""
    bare = [t for t in prod.things if t["kind"] not in ("NetworkPolicy", "AuthorizationPolicy")]
    movies, docs = Cluster(bare).pod("cinema-movies"), Cluster(bare).pod("cinema-docs")
    assert edges.allowed(docs, movies, 80, Cluster(bare))
    assert edges.authorized(edges.Caller("cinema", "cinema-docs"), movies, 80, Cluster(bare))
    less = [t for t in prod.things if not (t["kind"] == "NetworkPolicy" and t["metadata"]["name"] == "cinema-movies")]
    assert edges.faults(less) != []
