"""Which Service a request from outside goes to, by Istio's VirtualServices and by the Gateway API's HTTPRoutes."""

import re
from dataclasses import dataclass

from cluster import Cluster


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: tuple = ()


@dataclass(frozen=True)
class Route:
    service: str
    port: int
    attempts: int
    timeout: str | None
    protocol: str | None

    @classmethod
    def to(cls, place, port, attempts, timeout, cluster):
        told = [p.get("appProtocol") for p in cluster.services().get(place, {}).get("ports", []) if p["port"] == port]
        return cls(place[1], port, attempts, timeout, *told or [None])


def routes(request, cluster: Cluster):
    """Every route that takes a request. More than one is a fault: which one wins is then left to chance, but for one that takes
    whatever there is, by any method, which Istio asks last."""
    taken = [r for r in (by_virtual_service(vs, request, cluster) for vs in cluster.all("VirtualService")) if r]
    found = [r for r, is_last in taken if not is_last] or [r for r, _ in taken]
    best = by_http_routes(request, cluster)
    return found + best


def by_virtual_service(thing, request, cluster):
    for rule in thing["spec"]["http"]:
        if not rule.get("match") or any(istio_match(match, request) for match in rule["match"]):
            target = rule["route"][0]["destination"]
            place = cluster.resolve(target["host"], cluster.namespace_of(thing))
            # Unsaid, Istio tries twice more.
            attempts = rule.get("retries", {"attempts": 2})["attempts"]
            place = place or (None, target["host"])
            route = Route.to(place, target["port"]["number"], attempts, rule.get("timeout"), cluster)
            return route, {"uri": {"prefix": "/"}} in rule.get("match", [])
    return None


def istio_match(match, request):
    known = {"uri", "method", "headers", "name"}
    assert set(match) <= known, f"a match that is not understood here: {match}"
    if "uri" in match and not string_match(match["uri"], request.path):
        return False
    if "method" in match and not string_match(match["method"], request.method):
        return False
    headers = dict(request.headers)
    return all(name in headers and string_match(how, headers[name]) for name, how in match.get("headers", {}).items())


def string_match(how, value):
    ((kind, pattern),) = how.items()
    return {"exact": value == pattern, "prefix": value.startswith(pattern), "regex": bool(re.fullmatch(pattern, value))}[kind]


def by_http_routes(request, cluster):
    """The Gateway API has the most specific match win: exact paths, then the longest prefix, then a method."""
    candidates = []
    for thing in cluster.all("HTTPRoute"):
        if cluster.namespace_of(thing) != "cinema":
            continue
        for rule in thing["spec"]["rules"]:
            for match in rule.get("matches", []):
                path = match["path"]
                if gateway_path(path, request.path) and match.get("method", request.method) == request.method:
                    rank = (path["type"] == "Exact", len(path["value"]), "method" in match)
                    target = rule["backendRefs"][0]
                    place = cluster.namespace_of(thing), target["name"]
                    route = Route.to(place, target["port"], 0, rule.get("timeouts", {}).get("request"), cluster)
                    candidates.append((rank, route))
    top = max((rank for rank, _ in candidates), default=None)
    return sorted({route for rank, route in candidates if rank == top}, key=str)


def gateway_path(path, asked):
    if path["type"] == "Exact":
        return asked == path["value"]
    assert path["type"] == "PathPrefix", f"a path that is not understood here: {path}"
    return asked == path["value"] or asked.startswith(path["value"].rstrip("/") + "/")
