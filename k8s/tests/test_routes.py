"""What is asked from outside arrives where it is answered, and nothing else does; nothing that writes is sent twice."""

import re

import pytest

import edges
import render
import spin
from cluster import Cluster
from network import selects
from paths import put
from routing import Request, routes

READS = {"GET", "HEAD"}
SAFE = READS | {"DELETE"}
# The one write that may be sent again, by its header (crates/service, API.md).
KEY = ("idempotency-key", "tide-1")
KEYED = {("POST", "/bookings")}


def requests():
    """Every path and method of the openapi.json files, and a method of whatever speaks gRPC."""
    for path, methods in spin.paths().items():
        concrete = re.sub(r"{\w+}", "65f0c0ffee", path)
        for method in sorted(methods | ({"HEAD"} if "GET" in methods else set())):
            yield path, Request(method, concrete)
    for route in spin.grpc():
        path = route.replace("...", "Method")
        yield path, Request("POST", path)


# What is no other's is a page, or a page that says that there is none.
PAGES = [
    "/",
    "/programme/2026-11-26",
    "/action/find",
    "/data-api",
    "/data-api/action/find",
    "/moviesx",
    "/movie",
    "/.well-known/spin/health",
    "/openapi.json/x",
    "/metrics",
    "/cinema.v1.MoviesX/Method",
    "/cinema.v1.DataApi/Method",
]


def pods(route, cluster):
    """The pods behind a route."""
    service = cluster.services().get(("cinema", route.service), {"selector": {"": ""}})
    return [pod.name for pod in cluster.pods() if selects({"matchLabels": service["selector"]}, pod.labels)]


def faults(things):
    cluster = Cluster(things)
    owners = {name: pod.name for pod in edges.apps(cluster) for name in edges.components_of(pod)}
    for path, request in requests():
        found = routes(request, cluster)
        wanted = owners[spin.component_of(request.path)]
        if len(found) != 1 or pods(found[0], cluster) != [wanted] or found[0].port != 80:
            yield f"{request.method} {path} goes to {found}, not to {wanted}"
            continue
        if path.removesuffix("Method") + "..." in spin.grpc() and found[0].protocol != "kubernetes.io/h2c":
            yield f"{path} is asked by HTTP/1.1"
        if request.method not in SAFE and found[0].attempts:
            yield f"{request.method} {path} may be sent {found[0].attempts} more times"
        if request.method not in SAFE and found[0].timeout:
            yield f"{request.method} {path} is given up, and may have been done"
        # The website itself waits no longer than seconds for anybody.
        if request.method in READS and not found[0].timeout and spin.component_of(request.path) != "website":
            yield f"{request.method} {path} waits for ever"
        keyed = routes(Request(request.method, request.path, (KEY,)), cluster)
        if keyed != found and (request.method, path) not in KEYED:
            yield f"{request.method} {path} is treated otherwise with an idempotency-key, which it knows nothing of"
    for path in PAGES:
        for method in ("GET", "POST"):
            found = routes(Request(method, path), cluster)
            if [pods(route, cluster) for route in found] != [[owners["website"]]] or found[0].attempts:
                yield f"{method} {path} goes to {found}"


def routed(things):
    return [thing for thing in things if thing["kind"] in ("VirtualService", "HTTPRoute")]


def test_every_path_arrives(application):
    if routed(application.things):
        assert list(faults(application.things)) == []


def test_some_application_has_each_way_in():
    kinds = {t["kind"] for source in render.application_sources().values() for t in routed(source())}
    assert kinds == {"VirtualService", "HTTPRoute"}


def test_no_host_is_routed_but_the_cinemas(application):
    for thing in routed(application.things):
        spec = thing["spec"]
        assert spec.get("hosts", spec.get("hostnames")) == ["cinema.example.com"]


def test_the_gateway_speaks_tls_and_sends_the_rest_there(application):
    for gateway in application.cluster.all("Gateway"):
        spec = gateway["spec"]
        for server in spec.get("servers", []):
            if server["port"]["protocol"] == "HTTP":
                assert server["tls"]["httpsRedirect"] is True
            else:
                assert server["port"]["protocol"] == "HTTPS" and server["tls"]["mode"] == "SIMPLE"
                assert server["tls"]["minProtocolVersion"] in ("TLSV1_2", "TLSV1_3")
        for listener in spec.get("listeners", []):
            if listener["protocol"] == "HTTP":
                names = [
                    r
                    for r in application.cluster.all("HTTPRoute")
                    if r["spec"]["parentRefs"][0].get("sectionName") == listener["name"]
                ]
                redirects = [
                    f["requestRedirect"]["scheme"] for r in names for rule in r["spec"]["rules"] for f in rule["filters"]
                ]
                assert redirects == ["https"] and all("backendRefs" not in rule for r in names for rule in r["spec"]["rules"])
            elif listener["protocol"] == "HTTPS":
                assert listener["tls"]["mode"] == "Terminate"


def test_the_certificate_is_for_the_host(application):
    for certificate in application.cluster.all("Certificate"):
        assert certificate["spec"]["dnsNames"] == ["cinema.example.com"]


def test_the_second_lock_asks_auth_for_its_keys(application):
    cluster = application.cluster
    for lock in cluster.all("RequestAuthentication"):
        for rule in lock["spec"]["jwtRules"]:
            host, _, path = rule["jwksUri"].removeprefix("http://").partition("/")
            owner = cluster.resolve(host)
            pod = next(p for p in edges.apps(cluster) if (p.namespace, p.name) == owner)
            assert "auth" in edges.components_of(pod) and f"/{path}" in spin.paths()
            assert rule["issuer"] == edges.setting(cluster, "auth_issuer")
            assert rule["audiences"] == [edges.setting(cluster, "auth_audience")]
            assert rule["forwardOriginalToken"] is True


def probes(pod):
    """Liveness and readiness: the path and the port each asks."""
    if pod.owner["kind"] == "SpinApp":
        checks = pod.owner["spec"]["checks"]
        return {kind: (checks[kind]["httpGet"]["path"], 80) for kind in ("liveness", "readiness")}
    container = pod.spec["containers"][0]
    asked = {kind: container[f"{kind}Probe"]["httpGet"] for kind in ("liveness", "readiness")}
    return {kind: (get["path"], pod.ports.get(get["port"], get["port"])) for kind, get in asked.items()}


def probe_faults(things):
    for pod in edges.apps(Cluster(things)):
        for kind, (path, port) in probes(pod).items():
            if "GET" not in spin.paths().get(path, ()) or spin.component_of(path) not in edges.components_of(pod):
                yield f"{pod.name}: {path} is no route of its components"
            # Liveness asks nothing of storage: a database that is away is no reason to restart.
            if not path.endswith({"liveness": "/healthz", "readiness": "/healthy"}[kind]):
                yield f"{pod.name}: {kind} asks {path}"
            if port != pod.ports["http-app"]:
                yield f"{pod.name}: {kind} asks port {port}"


def test_probes_ask_routes_of_the_app(application):
    assert list(probe_faults(application.things)) == []


@pytest.mark.parametrize(
    "kind, path",
    [("liveness", "/healthz"), ("liveness", "/movies/healthy"), ("readiness", "/users/healthy"), ("liveness", "/movies")],
)
def test_a_wrong_probe_is_found(prod, kind, path):
    things, thing = render.changed(prod.things, "SpinApp", "cinema-movies")
    put(thing, ["spec", "checks", kind, "httpGet", "path"], path)
    assert list(probe_faults(things)) != []


MOVIES = {"uri": {"prefix": "/movies"}}


@pytest.mark.parametrize(
    "name, path, value",
    [
        ("cinema-movies", ["spec", "http", 0, "match"], [MOVIES]),
        ("cinema-movies", ["spec", "http", 1, "match"], [MOVIES]),
        ("cinema-movies", ["spec", "http", 1, "match"], [{"uri": {"prefix": "/"}}]),
        ("cinema-movies", ["spec", "http", 1, "match"], [{"uri": {"exact": "/movies"}}]),
        ("cinema-movies", ["spec", "http", 1, "retries", "attempts"], 1),
        ("cinema-movies", ["spec", "http", 1, "timeout"], "5s"),
        ("cinema-movies", ["spec", "http", 1, "route", 0, "destination", "host"], "cinema-users.cinema.svc.cluster.local"),
        ("cinema-movies", ["spec", "http", 0, "match", 0, "method", "regex"], "GET|HEAD|DELETE|PATCH|POST"),
        ("cinema-docs", ["spec", "http", 0, "match"], [{"uri": {"prefix": "/docs"}}]),
        (
            "cinema-users",
            ["spec", "http", 0, "match", 0],
            {"uri": {"exact": "/users"}, "headers": {"idempotency-key": {"regex": ".+"}}},
        ),
        ("cinema-users", ["spec", "http", 0, "match", 0], {"uri": {"exact": "/data-api"}}),
        ("cinema-users", ["spec", "http", 2, "match"], [{"uri": {"prefix": "/cinema.v1.Movies/"}}]),
        ("cinema-users", ["spec", "http", 2, "match"], [{"uri": {"prefix": "/cinema.v1"}}]),
        ("cinema-users", ["spec", "http", 2, "retries", "attempts"], 1),
        ("cinema-users", ["spec", "http", 2, "route", 0, "destination", "host"], "cinema-users.cinema.svc.cluster.local"),
        ("cinema-users", ["spec", "http", 2, "route", 0, "destination", "host"], "cinema-auth-h2c.cinema.svc.cluster.local"),
    ],
)
def test_a_wrong_route_is_found(prod, name, path, value):
    things, thing = render.changed(prod.things, "VirtualService", name)
    put(thing, path, value)
    assert list(faults(things)) != []


@pytest.mark.parametrize(
    "path, value",
    [
        (["spec", "ports", 0, "appProtocol"], "http"),
        (["spec", "ports", 0, "port"], 8080),
        (["spec", "selector", "app.kubernetes.io/component"], "auth"),
    ],
)
def test_a_way_for_grpc_that_leads_elsewhere_is_found(prod, path, value):
    things, thing = render.changed(prod.things, "Service", "cinema-users-h2c")
    put(thing, path, value)
    assert list(faults(things)) != []


def test_a_retry_that_istio_adds_by_itself_is_found(prod):
    things, thing = render.changed(prod.things, "VirtualService", "cinema-movies")
    del thing["spec"]["http"][1]["retries"]
    assert any("may be sent" in fault for fault in faults(things))
