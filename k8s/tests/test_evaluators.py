"""The evaluators of policies are tested by themselves: everything else rests on what they say."""

import pytest

from authorization import Caller, authorized
from cluster import Cluster, Pod
from network import Address, allowed
from routing import Request, gateway_path, istio_match

A = Pod("a", "one", {"app": "a", "tier": "front"}, "a", {"http": 80})
B = Pod("b", "one", {"app": "b"}, "b", {"http": 8080, "metrics": 9000})
C = Pod("c", "two", {"app": "a"}, "c", {"http": 80})
OUTSIDE = Address("203.0.113.7")


def policy(spec, namespace="one"):
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "p", "namespace": namespace},
        "spec": spec,
    }


def ingress(*rules, **more):
    return [policy({"podSelector": {"matchLabels": {"app": "b"}}, "policyTypes": ["Ingress"], "ingress": list(rules), **more})]


def among(*peers, ports=None):
    return {"from": list(peers)} | ({"ports": ports} if ports else {})


def by_label(**labels):
    return {"podSelector": {"matchLabels": labels}}


def by_expression(key, operator, *values):
    return {
        "podSelector": {"matchExpressions": [{"key": key, "operator": operator} | ({"values": list(values)} if values else {})]}
    }


NAMED_TWO = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "two"}}}


@pytest.mark.parametrize(
    "policies, open_to",
    [
        ([], {"a", "c", "outside"}),
        (ingress(), set()),
        (ingress({}), {"a", "c", "outside"}),
        (ingress(among({"podSelector": {}})), {"a"}),
        (ingress(among({"namespaceSelector": {}})), {"a", "c"}),
        (ingress(among(by_label(app="a"))), {"a"}),
        (ingress(among(by_label(app="a", tier="back"))), set()),
        (ingress(among(NAMED_TWO)), {"c"}),
        (ingress(among(NAMED_TWO | by_label(app="a"))), {"c"}),
        (ingress(among(NAMED_TWO | by_label(app="b"))), set()),
        (ingress(among(NAMED_TWO, by_label(app="a"))), {"a", "c"}),
        (ingress(among(by_expression("tier", "Exists"))), {"a"}),
        (ingress(among(by_expression("tier", "DoesNotExist"))), set()),
        (ingress(among(by_expression("tier", "In", "front", "back"))), {"a"}),
        (ingress(among(by_expression("tier", "NotIn", "front"))), set()),
        (ingress(among({"ipBlock": {"cidr": "203.0.113.0/24"}})), {"outside"}),
        (ingress(among({"ipBlock": {"cidr": "203.0.113.0/24", "except": ["203.0.113.7/32"]}})), set()),
        (ingress(among({"podSelector": {}}, ports=[{"port": 8080}])), {"a"}),
        (ingress(among({"podSelector": {}}, ports=[{"port": "http"}])), {"a"}),
        (ingress(among({"podSelector": {}}, ports=[{"port": "metrics"}])), set()),
        (ingress(among({"podSelector": {}}, ports=[{"port": 8000, "endPort": 8100}])), {"a"}),
        (ingress(among({"podSelector": {}}, ports=[{"port": 8080, "protocol": "UDP"}])), set()),
        (ingress(among({"podSelector": {}}, ports=[{"protocol": "TCP"}])), {"a"}),
        # Rules add up, within a policy and between policies; a policy of another namespace says nothing here.
        (ingress(among(by_label(app="a")), among(NAMED_TWO)), {"a", "c"}),
        (ingress() + ingress(among(NAMED_TWO)), {"c"}),
        ([policy({"podSelector": {}, "ingress": []}, "two")], {"a", "c", "outside"}),
        # Without policyTypes it is of ingress, and of egress too where it has that.
        ([policy({"podSelector": {}})], set()),
        # What a caller may not send does not arrive.
        ([policy({"podSelector": {"matchLabels": {"app": "a"}}, "policyTypes": ["Egress"]})], {"c", "outside"}),
        (
            [
                policy(
                    {
                        "podSelector": {"matchLabels": {"app": "a"}},
                        "policyTypes": ["Egress"],
                        "egress": [{"to": [by_label(app="b")]}],
                    }
                )
            ],
            {"a", "c", "outside"},
        ),
    ],
)
def test_network_policies(policies, open_to):
    cluster = Cluster(policies)
    callers = {"a": A, "c": C, "outside": OUTSIDE}
    assert {name for name, caller in callers.items() if allowed(caller, B, 8080, cluster)} == open_to


def authorization(spec, namespace="one"):
    return {"kind": "AuthorizationPolicy", "metadata": {"name": "p", "namespace": namespace}, "spec": spec}


def source(**fields):
    return {"rules": [{"from": [{"source": fields}]}]}


@pytest.mark.parametrize(
    "policies, open_to",
    [
        ([], {"a", "c", "nobody"}),
        ([{}], set()),
        ([{"rules": [{}]}], {"a", "c", "nobody"}),
        ([source(principals=["cluster.local/ns/one/sa/a"])], {"a"}),
        ([source(principals=["cluster.local/ns/one/*"])], {"a"}),
        ([source(principals=["*/sa/c"])], {"c"}),
        ([source(principals=["*"])], {"a", "c"}),
        ([source(namespaces=["two"])], {"c"}),
        ([source(notNamespaces=["two"])], {"a", "nobody"}),
        ([source(principals=["*"], notPrincipals=["cluster.local/ns/two/sa/c"])], {"a"}),
        ([source(ipBlocks=["0.0.0.0/0"])], set()),
        ([{"rules": [{"to": [{"operation": {"ports": ["8080"]}}]}]}], {"a", "c", "nobody"}),
        ([{"rules": [{"to": [{"operation": {"ports": ["80"]}}]}]}], set()),
        ([{"rules": [{"to": [{"operation": {"notPorts": ["8080"]}}]}]}], set()),
        ([{"rules": [{"to": [{"operation": {"methods": ["GET"]}}]}]}], set()),
        ([{"rules": [{"when": [{"key": "request.headers[x]", "values": ["y"]}]}]}], set()),
        ([{}, source(namespaces=["one"])], {"a"}),
        ([source(namespaces=["one"]), source(namespaces=["two"])], {"a", "c"}),
        ([{"action": "DENY"} | source(namespaces=["one"])], {"c", "nobody"}),
        ([{"action": "DENY"} | source(namespaces=["one"]), source(namespaces=["one", "two"])], {"c"}),
        ([{"selector": {"matchLabels": {"app": "a"}}}], {"a", "c", "nobody"}),
        ([{"targetRefs": [{"kind": "Gateway", "name": "x"}]}], {"a", "c", "nobody"}),
    ],
)
def test_authorization_policies(policies, open_to):
    cluster = Cluster([authorization(spec) for spec in policies])
    callers = {"a": Caller("one", "a"), "c": Caller("two", "c"), "nobody": Caller("one", "a", in_mesh=False)}
    assert {name for name, caller in callers.items() if authorized(caller, B, 8080, cluster)} == open_to


def test_matches_of_routes():
    get = Request("GET", "/movies/1", (("x", "y"),))
    assert istio_match({"uri": {"prefix": "/movies/"}, "method": {"regex": "GET|HEAD"}}, get)
    assert not istio_match({"uri": {"exact": "/movies"}}, get)
    assert not istio_match({"uri": {"prefix": "/movies/"}, "method": {"exact": "POST"}}, get)
    assert istio_match({"headers": {"x": {"regex": ".+"}}}, get) and not istio_match({"headers": {"z": {"regex": ".*"}}}, get)
    prefix = {"type": "PathPrefix", "value": "/movies"}
    assert gateway_path(prefix, "/movies") and gateway_path(prefix, "/movies/1") and not gateway_path(prefix, "/moviesx")
    assert not gateway_path({"type": "Exact", "value": "/movies"}, "/movies/1")
