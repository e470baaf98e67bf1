"""From one set of values to another, and back; and what is refused on the way."""

import re
import subprocess

import pytest

import render
from kube import until
from tools import CHART, KUBECTL, ROOT
from whole import assert_whole

OUTSIDE = ["--set", "shape=together,dataApi.url=https://data.example.com,dataApi.network.cidrs={203.0.113.7/32}"]
HOST_OUTSIDE = [*OUTSIDE, "--set", "runtime=host,replicas=2"]


def values(name, *more):
    return [*render.values_of(CHART / "values" / f"{name}.yaml"), *more]


def strategy(place):
    (deployments,) = place.get_by_kind("Deployment")
    return {name: deployment["spec"]["strategy"]["type"] for name, deployment in deployments.items()}


def images(place):
    (pods,) = place.get_by_kind("Pod")
    return {pod["spec"]["containers"][0]["image"].rpartition(":")[2] for pod in pods.values()}


def test_a_new_image_replaces_the_only_writer(place):
    """The pod that has the store ends before the next one begins, from upgrade to upgrade and on the way back."""
    place.install(*values("dev"))
    for tag in ("0.1.1", "0.1.2"):
        place.install(*values("dev", "--set", f"image.tag={tag}"))
        until(lambda tag=tag: images(place) - {tag})
        assert strategy(place) == {"cinema": "Recreate"}
        assert_whole(place)
    place.rollback(2)
    until(lambda: images(place) - {"0.1.1"})
    assert strategy(place) == {"cinema": "Recreate"}


def test_one_app_becomes_many_and_goes_back(place):
    place.install(*values("together-external"))
    place.install()
    assert "cinema" not in strategy(place) and len(strategy(place)) == 6
    assert_whole(place)
    place.rollback(1)
    until(lambda: strategy(place).keys() - {"cinema"})
    assert_whole(place)


def test_the_hosts_storage_moves_in_and_out(place):
    place.install(*HOST_OUTSIDE)
    for arguments, wanted in ((values("host"), "Recreate"), (HOST_OUTSIDE, "RollingUpdate"), (values("host"), "Recreate")):
        place.install(*arguments)
        assert strategy(place) == {"cinema": wanted}
        assert_whole(place)


def test_prods_storage_moves_outside_and_back(place, wanted):
    wanted(place.rendered(*values("egress")))
    for name in ("prod", "egress", "prod"):
        place.install(*values(name))
        assert_whole(place)


def test_keda_takes_over_from_the_clusters_autoscaler_and_gives_back(place, wanted):
    wanted(place.rendered(*values("keda")))
    refused(place, values("keda"), "autoscaling.by: hpa")
    for by in ("hpa", "keda", "hpa"):
        place.install(*values("keda", "--set", f"autoscaling.by={by}"))
        hpas, scaled = place.get_by_kind("HorizontalPodAutoscaler", "ScaledObject")
        assert (len(scaled), bool(set(hpas) & set(strategy(place)))) == ((6, False) if by == "keda" else (0, True))
        assert_whole(place)


def handing_over():
    """The documents' own commands."""
    text = (ROOT / "docs" / "deployment.md").read_text()
    return re.search(r"### Turning autoscaling on\n.*?```sh\n(.*?)```", text, re.DOTALL)[1]


@pytest.mark.parametrize("arguments", [[], HOST_OUTSIDE], ids=["spinkube", "host"])
def test_autoscaling_comes_without_a_gap(place, arguments):
    place.install(*arguments, "--set", "replicas=3")
    place.kube.run("bash", "-euc", handing_over().replace("-n cinema", f"-n {place.name}"))
    counts = [KUBECTL, "--namespace", place.name, "get", "deployments", "--watch", "--output=jsonpath={.spec.replicas} "]
    seen = subprocess.Popen(counts, env=place.kube.environment, stdout=subprocess.PIPE, text=True)
    try:
        place.install(*arguments, "--set", "replicas=3,autoscaling.enabled=true")
    finally:
        seen.terminate()
    assert set(seen.communicate()[0].split()) == {"3"}


def refused(place, arguments, sentence):
    done = place.helm(*arguments)
    assert done.returncode != 0 and sentence in done.stderr, done.stderr or "it was taken"


def test_another_runtime_is_refused_in_place(place):
    place.install(*values("together-external"))
    refused(place, HOST_OUTSIDE, "Uninstall first")
    place.uninstall()
    place.install(*HOST_OUTSIDE)
    refused(place, values("together-external"), "Uninstall first")
