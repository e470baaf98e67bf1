"""What spin.toml and the openapi.json files say of the application: the truth that everything in k8s/ is held against."""

import functools
import json
import re
import tomllib
from dataclasses import dataclass, field

from tools import ROOT

STORAGE = "storage"


@dataclass(frozen=True)
class Component:
    name: str
    routes: tuple
    private: bool
    calls: frozenset
    hosts: tuple
    variables: frozenset = field(hash=False)


@functools.cache
def manifest():
    return tomllib.loads((ROOT / "spin.toml").read_text())


def templates(text):
    return re.findall(r"{{\s*(\w+)\s*}}", text)


@functools.cache
def components():
    found = {}
    for name, component in manifest()["component"].items():
        routes = [t["route"] for t in manifest()["trigger"]["http"] if t["component"] == name]
        hosts = component.get("allowed_outbound_hosts", [])
        values = component.get("variables", {}).values()
        found[name] = Component(
            name=name,
            routes=tuple(r for r in routes if isinstance(r, str)),
            private=any(isinstance(r, dict) for r in routes),
            calls=frozenset(addresses()[variable] for host in hosts for variable in templates(host)),
            hosts=tuple(hosts),
            variables=frozenset(variable for value in values for variable in templates(value)),
        )
    return found


def variables():
    return manifest()["variables"]


@functools.cache
def addresses():
    """Whoever has one of these variables in its allowed_outbound_hosts may call what it stands for."""
    siblings = {name: name.removesuffix("_url") for name in variables() if name.endswith("_url")}
    return siblings | {"data_api_url": STORAGE}


def version():
    return manifest()["application"]["version"]


def public():
    """The components that are reached from outside."""
    return {name: c for name, c in components().items() if not c.private}


def component_of(path):
    """The component whose route answers a path, by Spin's rules: exact before longest prefix."""
    best = None
    for component in public().values():
        for route in component.routes:
            prefix = route.removesuffix("/...")
            exact = prefix == route
            if path == prefix and exact:
                return component.name
            below = not exact and (path == prefix or path.startswith(prefix + "/"))
            if below and (best is None or len(prefix) > len(best[0])):
                best = (prefix, component.name)
    return best[1] if best else None


def grpc():
    """The routes of what speaks gRPC, /package.Service/..."""
    return [route for c in public().values() for route in c.routes if re.fullmatch(r"/[\w.]+\.[A-Z]\w*/\.\.\.", route)]


@functools.cache
def paths():
    """Every public path, as its openapi.json has it, with its methods; of what has pages and no API, whether it lives."""
    pages = [name for name in public() if not (ROOT / "components" / name / "openapi.json").exists()]
    found = {f"/{name}/{probe}": frozenset({"GET"}) for name in pages for probe in ("healthz", "healthy")}
    for file in sorted(ROOT.glob("components/*/openapi.json")):
        for path, item in json.loads(file.read_text())["paths"].items():
            found[path] = frozenset(method.upper() for method in item if method != "parameters")
    return found


def selection_fault(selected):
    """Spin's own refusal of selected components: none may chain to one that is left out. Templates are passed by."""
    for name in selected:
        if name not in components():
            return f"no component {name}"
        for host in components()[name].hosts:
            chained = re.match(r"^https?://([^/:]+)\.spin\.internal", host)
            if chained and chained[1] not in selected:
                return f"{name} chains to {chained[1]}, which is left out"
    return None
