"""Each values file, from an empty namespace to an empty namespace."""

import pytest

import render
from kube import until
from place import name_of
from whole import assert_policy_reaches_new_pods, assert_whole

# What a first install takes beside the file.
FIRST = {"keda": ["--set", "autoscaling.by=hpa"]}


def files():
    return {"defaults": [], **{file.stem: render.values_of(file) for file in render.values_files()}}


@pytest.mark.parametrize("name", files())
def test_a_release_from_its_beginning_to_its_end(name, place, wanted):
    values = [*files()[name], *FIRST.get(name, [])]
    text = place.rendered(*values)
    wanted(text)
    place.install(*values)
    assert_whole(place)
    if "MutatingAdmissionPolicy" in text:
        assert_policy_reaches_new_pods(place)
    place.strictly(text)

    there = place.content()
    place.install(*values)
    assert changes(there, place.content()) == []

    place.uninstall()
    until(left, place)


def changes(before, after):
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def left(place):
    """What an uninstalled release leaves, but for the claims, the Secrets of before, and the operator's own of certificates."""
    ours = {"cinema-keys", "cinema-first-staff", "cinema-data-api", "cinema-data-api-gateway", "cinema-mongodb", "spin-ca"}
    kept = {f"Secret {name}" for name in ours}
    return [name_of(t) for t in place.everything() if name_of(t) not in kept and t["kind"] != "PersistentVolumeClaim"]
