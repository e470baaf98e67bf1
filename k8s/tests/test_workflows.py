"""The workflows are what the forge takes, with actions that are pinned and rights that are the least."""

import re

import pytest
import yaml

from tools import ROOT, call

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ACTIONS = sorted((GITHUB / "actions").rglob("action.yml"))
# What somebody outside can write, and a shell would read as commands.
BY_OTHERS = re.compile(r"\$\{\{[^}]*github\.(event\.(?!repository)|head_ref|actor|ref_name)[^}]*\}\}")


def named(path):
    return str(path.relative_to(GITHUB))


def load(path):
    """YAML 1.1 has `on` mean true; here it is the name it is written as."""
    text = re.sub(r"(?m)^on:", '"on":', path.read_text())
    return yaml.safe_load(text)


@pytest.mark.parametrize(
    "schema, path",
    [
        *[("vendor.github-workflows", path) for path in WORKFLOWS],
        *[("vendor.github-actions", path) for path in ACTIONS],
        ("vendor.dependabot", GITHUB / "dependabot.yml"),
    ],
    ids=lambda value: named(value) if hasattr(value, "parts") else value.removeprefix("vendor."),
)
def test_schema(schema, path):
    done = call("check-jsonschema", "--builtin-schema", schema, path)
    assert done.returncode == 0, done.stdout


def steps(path):
    document = load(path)
    jobs = document.get("jobs", {}).values() if "jobs" in document else [document["runs"]]
    return [step for job in jobs for step in job.get("steps", [])]


def pin_fault(uses):
    """An action is named by a commit; a file of this repository needs none."""
    return None if uses.startswith("./") or re.search(r"@[0-9a-f]{40}$", uses) else f"{uses} may change"


@pytest.mark.parametrize("path", WORKFLOWS + ACTIONS, ids=named)
def test_actions_are_pinned(path):
    found = [pin_fault(step["uses"]) for step in steps(path) if "uses" in step]
    assert [fault for fault in found if fault] == []


def test_an_action_that_is_not_pinned_is_found():
    assert pin_fault("actions/checkout@v4") and pin_fault("actions/checkout@main") and pin_fault("actions/checkout")
    assert pin_fault("actions/checkout@" + "ab" * 20) is None


@pytest.mark.parametrize("path", WORKFLOWS, ids=named)
def test_rights_are_the_least(path):
    document = load(path)
    assert document["permissions"] in ({}, {"contents": "read"})
    for name, job in document["jobs"].items():
        assert isinstance(job.get("permissions", {}), dict), name
        assert "timeout-minutes" in job or "uses" in job, f"{name} may run for ever"
        for step in job.get("steps", []):
            if "actions/checkout@" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False, f"{name} keeps the token in the checkout"


@pytest.mark.parametrize("path", WORKFLOWS + ACTIONS, ids=named)
def test_no_step_runs_what_others_write(path):
    for step in steps(path):
        assert not BY_OTHERS.search(step.get("run", "")), step["run"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=named)
def test_jobs_that_are_waited_for_exist(path):
    jobs = load(path)["jobs"]
    for name, job in jobs.items():
        needs = job.get("needs", [])
        assert set([needs] if isinstance(needs, str) else needs) <= jobs.keys(), name


def test_every_local_action_exists():
    for path in WORKFLOWS:
        for step in steps(path):
            if step.get("uses", "").startswith("./"):
                assert (ROOT / step["uses"] / "action.yml").exists(), step["uses"]
