"""Helm and kustomize give the same objects."""

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
