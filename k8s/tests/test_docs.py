"""What the documents tell to run is there: make's targets, the paths of k8s/, the chart's values."""

import json
import re

import pytest

from tools import CHART, K8S, ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted(K8S.rglob("*.md"))]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"(?m)^([a-z0-9-]+):(?!=)", (ROOT / "Makefile").read_text()))
# A word behind `make` in a command: in a fenced block, between backticks, or in a workflow's `run`.
MAKE = re.compile(r"(?m)(?:^|[`;&|(]\s*|run: )make ((?:[a-z][a-z0-9-]*|[A-Z_]+=\S+)(?: (?:[a-z][a-z0-9-]*|[A-Z_]+=[^\s`]+))*)")


def named(path):
    return str(path.relative_to(ROOT))


def code(text):
    """Fenced blocks, and what stands between backticks."""
    fenced = re.findall(r"(?ms)^```\w*\n(.*?)^```", text)
    return fenced + re.findall(r"`([^`\n]+)`", re.sub(r"(?ms)^```.*?^```", "", text))


def targets(text):
    return {word for words in MAKE.findall(text) for word in words.split() if "=" not in word}


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_target_of_make_exists(document):
    found = set().union(*(targets(piece.strip()) for piece in code(document.read_text())), set())
    assert found - TARGETS == set()


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=named)
def test_every_target_of_a_workflow_exists(workflow):
    assert targets(workflow.read_text()) - TARGETS == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_path_of_k8s_exists(document):
    text = document.read_text()
    for path in sorted({path for piece in code(text) for path in re.findall(r"(?<![\w/.-])(k8s/[\w./{},-]*[\w/}])", piece)}):
        for each in braces(path):
            # What k8s/render writes, and one of the reader's own.
            assert (ROOT / each).exists() or re.search(r"overlays/(dev|prod|mine)(/|$)", each), each


def braces(path):
    """As the shell has them: overlays/{dev,prod} is two paths."""
    found = re.match(r"(.*?){([^}]*)}(.*)", path)
    return [f"{found[1]}{word}{found[3]}" for word in found[2].split(",")] if found else [path]


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_link_leads_somewhere(document):
    for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", document.read_text()):
        assert (document.parent / link).exists(), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_value_that_is_set_is_one_of_the_charts(document):
    schema = json.loads((CHART / "values.schema.json").read_text())
    for piece in code(document.read_text()):
        for pair in re.findall(r"--set(?:-string)?[ =]([\w.\[\]]+)=", piece):
            node = schema
            for key in pair.split("."):
                while "$ref" in node:
                    node = schema["$defs"][node["$ref"].removeprefix("#/$defs/")]
                assert key in node.get("properties", {}) or "properties" not in node, pair
                node = node.get("properties", {}).get(key, {})


def test_dashboards_are_json_with_panels_that_ask_something():
    for file in sorted((K8S / "grafana").glob("*.json")):
        dashboard = json.loads(file.read_text())
        panels = [p for panel in dashboard["panels"] for p in [panel, *panel.get("panels", [])]]
        assert dashboard["uid"] and dashboard["title"] and panels
        for panel in panels:
            if panel["type"] not in ("row", "text"):
                assert panel["targets"] and all(target.get("expr") for target in panel["targets"]), panel.get("title")
        assert len({panel["id"] for panel in panels}) == len(panels)


def test_a_target_that_is_missing_would_be_found():
    assert targets("make kind-upp CLUSTER=x && make test") == {"kind-upp", "test"}
    assert targets("to make it work") == set()
