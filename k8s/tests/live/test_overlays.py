"""Who has no Helm gets the same, by kubectl alone; and the documents' own overlay upon prod is tried as they have it."""

import re

import pytest

import render
from kube import until
from place import RUNTIME_CLASS, listed, name_of
from test_install import changes
from tools import K8S, ROOT
from whole import assert_policy_reaches_new_pods, assert_whole


@pytest.fixture
def overlays(place, tmp_path):
    """k8s/render's, for this place; and `mine`, out of the documents."""
    folder = tmp_path / "overlays"
    place.kube.run(K8S / "render", folder, place.name)
    text = (ROOT / "docs" / "deployment.md").read_text()
    (mine,) = [block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "kind: Kustomization" in block]
    (folder / "mine").mkdir()
    (folder / "mine" / "kustomization.yaml").write_text(mine)
    (folder / "mine" / "images.yaml").write_text((folder / "prod" / "images.yaml").read_text())
    return lambda name: place.kube.kubectl("kustomize", folder / name)


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_an_overlay_is_applied_twice_and_deleted(name, place, overlays, wanted):
    wanted(overlays(name))
    text = place.applied(overlays(name))
    assert_whole(place)
    assert_policy_reaches_new_pods(place)
    there = place.content()
    place.applied(overlays(name))
    assert changes(there, place.content()) == []
    rest = [thing for thing in render.parse(text) if thing["kind"] != "Namespace"]
    place.kube.kubectl("delete", "--wait=false", "--filename=-", input=listed(rest))
    until(lambda: [name_of(t) for t in place.everything() if "app.kubernetes.io/name" in t["metadata"].get("labels", {})])


def test_the_documents_overlay(place, overlays, wanted):
    """With its image, and with the class left to whoever has made it."""
    text = overlays("mine")
    wanted(text)
    assert f"name: {RUNTIME_CLASS}" not in text
    if not place.has_class:
        made = {"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "handler": "spin-v2"}
        place.make(made | {"metadata": {"name": RUNTIME_CLASS, "labels": {"app.kubernetes.io/part-of": "cinema"}}})
    place.applied(text)
    assert_whole(place)
    assert {app["spec"]["image"] for app in place.get("spinapps")} == {"ghcr.io/you/cinema:0.1.0"}
    gateway = "app.kubernetes.io/component=data-api-gateway"
    images = {pod["spec"]["containers"][0]["image"] for pod in place.get("pods", "--selector", gateway)}
    assert images == {"ghcr.io/you/data-api-gateway:0.1.0"}
