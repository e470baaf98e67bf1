"""Each app is given the variables that its components have in spin.toml: no other, none wrong, and all that are needed."""

from dataclasses import replace
from urllib.parse import urlsplit

import pytest

import edges
import render
import settings
import spin
from cluster import Cluster


def faults(things):
    cluster = Cluster(things)
    pods = edges.apps(cluster)
    found = [f"{pod.name}: {fault}" for pod in pods for fault in of_pod(pod, pods, cluster)]
    return found + list(of_all(pods, cluster))


def of_pod(pod, pods, cluster):
    pairs = settings.of_pod(pod, cluster)
    given = dict(pairs)
    components = edges.components_of(pod)
    if len(given) != len(pairs):
        yield "a variable comes twice"
    if fault := spin.selection_fault(components):
        yield fault
    for name, source in given.items():
        if name not in spin.variables():
            yield f"{name} is not declared in spin.toml"
            continue
        if name not in settings.used(pod):
            yield f"{name} is for none of its components"
        if spin.variables()[name].get("secret") and source.kind != "Secret":
            yield f"{name} is a secret, and not from a Secret"
        if source.kind in ("ConfigMap", "Secret") and source.key != name:
            yield f"{name} is from the key {source.key}"
        if name in settings.ALONE and settings.ALONE[name] not in components:
            yield f"{name} is for {settings.ALONE[name]} alone"
    for name in sorted(settings.REQUIRED & settings.used(pod) - given.keys()):
        yield f"{name} is not set"
    secrets = settings.STORAGE_SECRETS & given.keys()
    if secrets not in settings.STORAGE_KINDS:
        yield f"no kind of authentication to storage has {sorted(secrets)}"
    yield from of_addresses(pod, given, pods, cluster)


def of_addresses(pod, given, pods, cluster):
    """Where a sibling is not in the same process, its address is that of its Service."""
    components = edges.components_of(pod)
    for name, service in settings.SIBLINGS.items():
        if name not in settings.used(pod):
            continue
        address = given[name].value if name in given else spin.variables()[name]["default"]
        url = urlsplit(address)
        if service in components:
            if url.hostname != f"{service}.spin.internal":
                yield f"{name}: {address} leaves the process"
            continue
        place = cluster.resolve(url.hostname, pod.namespace)
        owner = next((p for p in pods if (p.namespace, p.name) == place), None)
        if owner is None or service not in edges.components_of(owner) or (url.scheme, url.port, url.path) != ("http", None, ""):
            yield f"{name}: {address} is not {service}"
    if "data_api_url" in settings.used(pod):
        address = given["data_api_url"].value if "data_api_url" in given else spin.variables()["data_api_url"]["default"]
        host = urlsplit(address).hostname or ""
        if urlsplit(address).path:
            yield f"data_api_url: {address} has a path, which Spin refuses"
        if host.endswith(".spin.internal") and (host != "data-api.spin.internal" or "data-api" not in components):
            yield f"data_api_url: {address} is not in this app"


def of_all(pods, cluster):
    """What all have to have alike, and that nothing is set for nobody."""
    given = [dict(settings.of_pod(pod, cluster)) for pod in pods]
    for name in ("auth_jwks", "auth_issuer", "auth_audience", *sorted(settings.STORAGE_SETTINGS | settings.STORAGE_SECRETS)):
        sources = {variables[name] for variables in given if name in variables}
        if len(sources) > 1:
            yield f"{name} differs between apps"
    kinds = {frozenset(settings.STORAGE_SECRETS & v.keys()) for v in given if "data_api_url" in v}
    if len(kinds) > 1:
        yield "apps know storage in different ways"
    read = {source.key for variables in given for source in variables.values() if source.kind == "ConfigMap"}
    for key in cluster.get("ConfigMap", "cinema-settings")["data"].keys() - read:
        yield f"the setting {key} is for nobody"
    running = sorted(name for pod in pods for name in pod.components)
    if running and running != sorted(spin.public()):
        yield f"what runs is {running}, and not each service once"


def test_variables_are_those_of_the_components(application):
    assert faults(application.things) == []


def test_only_auth_signs_and_only_users_makes_the_first_of_the_staff(application):
    cluster = application.cluster
    for name, component in settings.ALONE.items():
        holders = [pod for pod in edges.apps(cluster) if name in dict(settings.of_pod(pod, cluster))]
        assert [component in edges.components_of(pod) for pod in holders] == [True], name


def test_a_changed_setting_rolls_the_pods():
    annotation = "checksum/settings"
    sums = []
    for issuer in ("cinema", "another"):
        app = next(thing for thing in render.chart("--set", f"auth.issuer={issuer}") if thing["kind"] == "SpinApp")
        sums.append(app["spec"]["podAnnotations"][annotation])
    assert sums[0] != sums[1]


def variable(name, kind=None):
    """One more variable, from a Secret or with a value in clear."""
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": kind, "key": name}}} if kind else {"name": name, "value": "x"}


@pytest.mark.parametrize(
    "app, more",
    [
        ("cinema-movies", variable("auth_signing_key", "cinema-keys")),
        ("cinema-movies", variable("first_staff_password", "cinema-first-staff")),
        ("cinema-movies", variable("bookings_url")),
        ("cinema-movies", variable("log_level")),
        ("cinema-movies", variable("data_api_key", "cinema-data-api")),
        ("cinema-movies", variable("data_api_password")),
        ("cinema-docs", variable("auth_jwks", "cinema-keys")),
        ("cinema-auth", variable("auth_jwks", "cinema-keys")),
    ],
)
def test_a_variable_too_many_is_found(prod, app, more):
    things, thing = render.changed(prod.things, "SpinApp", app)
    thing["spec"].setdefault("variables", []).append(more)
    assert faults(things) != []


@pytest.mark.parametrize("app", ["cinema-movies", "cinema-showtimes", "cinema-bookings", "cinema-users", "cinema-auth"])
def test_each_variable_that_is_missing_is_found(prod, app):
    """First staff's are the one pair that may be left out, and is then left out whole."""
    _, thing = render.changed(prod.things, "SpinApp", app)
    for place, left_out in enumerate(thing["spec"]["variables"]):
        if left_out["name"].startswith("first_staff"):
            continue
        things, changed = render.changed(prod.things, "SpinApp", app)
        del changed["spec"]["variables"][place]
        assert faults(things) != [], left_out["name"]


@pytest.mark.parametrize(
    "key, value",
    [
        ("movies_url", "http://movies.spin.internal"),
        ("movies_url", "http://cinema-showtimes"),
        ("movies_url", "http://cinema-movies.default"),
        ("movies_url", "http://cinema-movies:8080"),
        ("movies_url", "https://cinema-movies"),
        ("bookings_url", "http://cinema-booking"),
        ("data_api_url", "http://data-api.spin.internal"),
        ("data_api_url", "http://cinema-data-api-gateway/action"),
        ("movie_url", "http://cinema-movies"),
    ],
)
def test_a_wrong_setting_is_found(prod, key, value):
    things, thing = render.changed(prod.things, "ConfigMap", "cinema-settings")
    thing["data"][key] = value
    assert faults(things) != []


@pytest.mark.parametrize("components", [["movies", "docs"], ["movies", "data-api"], ["movie"], ["users"]])
def test_a_wrong_selection_of_components_is_found(prod, components):
    things, thing = render.changed(prod.things, "SpinApp", "cinema-movies")
    thing["spec"]["components"] = components
    assert faults(things) != [] or edges.faults(things) != []


def test_spins_rule_of_selected_components_is_kept(monkeypatch):
    """No component of spin.toml names a sibling by a literal address; one that did could not be selected without it."""
    for name in spin.public():
        assert spin.selection_fault([name]) is None
    movies = replace(spin.components()["movies"], hosts=("http://data-api.spin.internal",))
    literal = spin.components() | {"movies": movies}
    monkeypatch.setattr(spin, "components", lambda: literal)
    assert spin.selection_fault(["movies"]) and spin.selection_fault(["movies", "data-api"]) is None
