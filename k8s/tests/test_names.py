"""What objects of the mesh, the gateways and certificates name is there. What pods name, a live cluster shows."""

import pytest

import render
from cluster import Cluster
from paths import put
from tools import K8S


def faults(things):
    """Names of nothing, as (kind, name); of a Service's host, as a pod would ask for it."""
    cluster = Cluster(things)
    return [named for thing in things for named in names(thing, cluster) if not there(*named, cluster)]


def names(thing, cluster):
    spec, place = thing.get("spec", {}), cluster.namespace_of(thing)
    match thing["kind"]:
        case "VirtualService":
            yield from (("Gateway", *gateway.split("/")) for gateway in spec["gateways"] if gateway != "mesh")
            yield from (("Service", place, route["destination"]["host"]) for h in spec["http"] for route in h.get("route", []))
        case "DestinationRule":
            yield "Service", place, spec["host"]
        case "HTTPRoute":
            yield from (("Gateway", parent.get("namespace", place), parent["name"]) for parent in spec["parentRefs"])
        case "Gateway":
            doors = [door.get("tls", {}) for door in spec.get("servers", []) + spec.get("listeners", [])]
            yield from (("TLS", None, door["credentialName"]) for door in doors if "credentialName" in door)
            yield from (("TLS", None, certificate["name"]) for door in doors for certificate in door.get("certificateRefs", []))
        case "Certificate":
            if spec["issuerRef"].get("kind") != "ClusterIssuer":
                yield "Issuer", place, spec["issuerRef"]["name"]
        case "AuthorizationPolicy":
            sources = [peer["source"] for rule in spec.get("rules", []) for peer in rule.get("from", [])]
            for principal in (p for source in sources for p in source.get("principals", [])):
                _, _, namespace, _, account = principal.split("/")
                yield "ServiceAccount", namespace, account
        case "MutatingAdmissionPolicyBinding":
            yield "MutatingAdmissionPolicy", None, spec["policyName"]
        case "ScheduledBackup":
            yield "DocumentDB", place, spec["cluster"]["name"]
        case "DocumentDB":
            yield "Issuer", place, spec["tls"]["gateway"]["certManager"]["issuerRef"]["name"]


def there(kind, namespace, name, cluster):
    if kind == "Service":
        outside = {host for entry in cluster.all("ServiceEntry") for host in entry["spec"]["hosts"]}
        return name in outside or cluster.resolve(name, namespace) is not None
    if kind == "TLS":
        return name in {certificate["spec"]["secretName"] for certificate in cluster.all("Certificate")}
    if (kind, namespace, name) == ("ServiceAccount", "istio-ingress", "istio-ingress"):
        return True
    return cluster.get(kind, name, namespace) is not None


def test_what_the_application_names_is_there(application):
    assert faults(application.things) == []


@pytest.mark.parametrize("folder", ["storage", "storage/restore", "karmada/east", "karmada/west"])
def test_what_storage_names_is_there(folder):
    assert faults(render.kustomize(K8S / folder)) == []


@pytest.mark.parametrize(
    "kind, path, value",
    [
        ("VirtualService", ["spec", "gateways"], ["cinema/door"]),
        ("VirtualService", ["spec", "http", 0, "route", 0, "destination", "host"], "cinema-films.cinema.svc.cluster.local"),
        ("Gateway", ["spec", "servers", 0, "tls", "credentialName"], "tls"),
        ("Certificate", ["spec", "issuerRef", "name"], "another"),
        ("Certificate", ["metadata", "namespace"], "cinema"),
        ("AuthorizationPolicy", ["spec", "rules"], [{"from": [{"source": {"principals": ["cluster.local/ns/cinema/sa/a"]}}]}]),
        ("MutatingAdmissionPolicyBinding", ["spec", "policyName"], "another"),
        ("ScheduledBackup", ["spec", "cluster", "name"], "another"),
        ("DocumentDB", ["spec", "tls", "gateway", "certManager", "issuerRef", "name"], "another"),
    ],
)
def test_a_name_of_nothing_is_found(prod, kind, path, value):
    things, thing = render.changed(prod.things + render.kustomize(K8S / "storage"), kind)
    put(thing, path, value)
    assert faults(things) != []
