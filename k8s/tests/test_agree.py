"""Helm and kustomize give the same objects, and kustomize's images are set as the documents say."""

import copy

import pytest

import render
from tools import CHART, HELM, K8S, output

# Helm's own; whoever has no Helm has none of them.
MARKS = ("app.kubernetes.io/managed-by", "helm.sh/chart", "helm.sh/resource-policy")


@pytest.fixture(scope="module")
def overlays(tmp_path_factory):
    folder = tmp_path_factory.mktemp("k8s") / "overlays"
    output(K8S / "render", folder, environment={"HELM": str(HELM)})
    return folder


def without_marks(thing):
    thing = copy.deepcopy(thing)
    for part in ("labels", "annotations"):
        kept = {name: value for name, value in thing["metadata"].pop(part, {}).items() if name not in MARKS}
        thing["metadata"] |= {part: kept} if kept else {}
    return thing


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_helm_and_kustomize_agree(name, overlays):
    chart = render.chart(*render.values_of(CHART / "values" / f"{name}.yaml"))
    assert render.kustomize(overlays / name) == [without_marks(thing) for thing in chart]


def test_another_image_can_be_set_as_the_readme_says(overlays):
    """An overlay upon prod with `images`, which kustomize by itself would not look for in a SpinApp."""
    mine = overlays / "mine"
    mine.mkdir()
    (mine / "images.yaml").write_text((overlays / "prod" / "images.yaml").read_text())
    (mine / "kustomization.yaml").write_text(
        "resources: [../prod]\n"
        "configurations: [images.yaml]\n"
        "images: [{name: registry.example.com/cinema, newName: ghcr.io/you/cinema, newTag: 0.2.0}]\n"
    )
    images = {app["spec"]["image"] for app in render.kustomize(mine) if app["kind"] == "SpinApp"}
    assert images == {"ghcr.io/you/cinema:0.2.0"}
