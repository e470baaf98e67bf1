"""Helm and kustomize give the same objects, and what is committed is what the chart gives."""

import copy

import pytest

import render
from tools import CHART, K8S, TOOLS, call

# Helm's own marks; whoever has no Helm has none of them.
HELM_LABELS = ("app.kubernetes.io/managed-by", "helm.sh/chart")
HELM_ANNOTATIONS = ("helm.sh/resource-policy",)


def without_helm(thing):
    thing = copy.deepcopy(thing)
    metadata = thing["metadata"]
    for key, names in (("labels", HELM_LABELS), ("annotations", HELM_ANNOTATIONS)):
        metadata[key] = {name: value for name, value in metadata.get(key, {}).items() if name not in names}
    return {**thing, "metadata": {key: value for key, value in metadata.items() if value}}


def by_name(things):
    named = {}
    for thing in map(without_helm, things):
        name = (thing["apiVersion"], thing["kind"], thing["metadata"].get("namespace"), thing["metadata"]["name"])
        assert name not in named, f"{name} comes twice"
        named[name] = thing
    return named


def differences(some, others):
    some, others = by_name(some), by_name(others)
    missing = [f"only in one: {name}" for name in some.keys() ^ others.keys()]
    return missing + [f"differs: {name}" for name in some.keys() & others.keys() if some[name] != others[name]]


@pytest.mark.parametrize("overlay", render.overlays(), ids=lambda folder: folder.name)
def test_helm_and_kustomize_agree(overlay):
    file = CHART / "values" / f"{overlay.name}.yaml"
    assert differences(render.chart(*render.values_of(file)), render.kustomize(overlay)) == []


def test_both_overlays_are_there():
    assert {folder.name for folder in render.overlays()} == {"dev", "prod"}


def test_what_is_committed_is_what_the_chart_gives():
    done = call(TOOLS / "venv" / "bin" / "python", K8S / "render", "--check")
    assert done.returncode == 0, done.stderr


def test_a_difference_is_found(prod):
    less = prod.things[1:]
    other, thing = render.changed(prod.things, "SpinApp", "cinema-auth")
    thing["spec"]["image"] += "-other"
    assert differences(prod.things, less) and differences(prod.things, other)
    assert differences(prod.things, prod.things) == []


def test_another_image_can_be_set_as_the_readme_says(tmp_path):
    """An overlay upon prod with `images`, which kustomize by itself would not look for in a SpinApp."""
    for part in ("base", "overlays"):
        call("cp", "-R", K8S / part, tmp_path / part)
    mine = tmp_path / "overlays" / "mine"
    mine.mkdir()
    (mine / "images.yaml").write_text((tmp_path / "overlays" / "prod" / "images.yaml").read_text())
    (mine / "kustomization.yaml").write_text(
        "resources: [../prod]\n"
        "configurations: [images.yaml]\n"
        "images: [{name: registry.example.com/cinema, newName: ghcr.io/you/cinema, newTag: 0.2.0}]\n"
    )
    images = {app["spec"]["image"] for app in render.kustomize(mine) if app["kind"] == "SpinApp"}
    assert images == {"ghcr.io/you/cinema:0.2.0"}
