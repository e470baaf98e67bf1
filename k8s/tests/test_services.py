"""Whoever lists the components or the services lists those of spin.toml."""

import json
import re
import tomllib

import pytest
import yaml

import spin
from tools import CHART, ROOT

COMPONENTS = set(spin.components())
# Those with routes of their own that are open to the outside, and those of them that have an API.
SERVICES = set(spin.public())
DESCRIBED = {name for name in COMPONENTS if (ROOT / "components" / name / "openapi.json").exists()}


def text(*path):
    return ROOT.joinpath(*path).read_text()


def words(pattern, *path):
    return [set(re.findall(r"[a-z-]+", found)) for found in re.findall(pattern, text(*path), re.MULTILINE)]


def chart():
    body = re.search(r'define "cinema.services" -}}\n(.*?){{- end }}', text(CHART / "templates" / "_services.tpl"), re.DOTALL)
    return yaml.safe_load(body[1])


@pytest.mark.parametrize(
    "place, found",
    [
        ("Makefile", lambda: words(r"^COMPONENTS := (.*)", "Makefile")),
        ("sizes", lambda: [{name.replace("_", "-") for name in tomllib.loads(text(".github", "wasm-sizes.toml"))}]),
    ],
)
def test_the_components(place, found):
    assert found() == [COMPONENTS | {"recommender"}], place


@pytest.mark.parametrize(
    "place, found",
    [
        ("chart", lambda: [set(chart())]),
        ("values", lambda: [set(json.loads(text(CHART / "values.schema.json"))["properties"]["services"]["properties"])]),
        ("deployment", lambda: words(r"for app in ([a-z ]+);", "docs", "deployment.md")[:1]),
        ("rotation", lambda: words(r"for app in ([a-z ]+);", "docs", "deployment.md")[1:]),
    ],
)
def test_the_services(place, found):
    assert found() == [SERVICES], place


def test_the_routes():
    ours = {name: sorted(it["routes"] + it.get("grpc", [])) for name, it in chart().items()}
    assert ours == {name: sorted(component.routes) for name, component in spin.public().items()}


def test_what_is_described():
    assert words(r"^const SERVICES: [^=]*= \[([^\]]*)\];", "components", "docs", "build", "main.rs") == [DESCRIBED]
