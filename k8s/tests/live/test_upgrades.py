"""From one set of values to another, and back; and what is refused on the way."""

import re
import subprocess

import pytest

import render
from kube import until
from tools import CHART, KUBECTL, ROOT
from whole import assert_whole

ELSEWHERE = "storage.kind=data-api,dataApi.url=https://data.example.com,dataApi.network.cidrs={203.0.113.7/32}"
HOST_OUTSIDE = ["--set", f"shape=together,runtime=host,replicas=2,{ELSEWHERE}"]


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
    place.install(*values("together-data-api"))
    place.install()
    assert "cinema" not in strategy(place) and len(strategy(place)) == 8
    assert_whole(place)
    place.rollback(1)
    until(lambda: strategy(place).keys() - {"cinema"})
    assert_whole(place)


@pytest.mark.parametrize("within", ["host", "dev"])
def test_storage_moves_from_kind_to_kind_and_back(place, within):
    """With the gateway while it is of MongoDB alone; one store never has two writers."""
    runtime = {"host": ["runtime=host"], "dev": ["podPolicy.enabled=true,nodePort.enabled=true"]}[within]
    common = ["--set", ",".join(["shape=together", *runtime])]
    # Under SpinKube a policy says it, which is in force a moment later: it counts for the next change of the Deployment.
    again = {"embedded": ["--set-string", "podAnnotations.again=1"]} if within == "dev" else {}
    fewer = ["--set", "replicas=1"] if within == "dev" else []
    kinds = {"embedded": values(within), "mongodb": common, "data-api": [*common, "--set", ELSEWHERE]}
    wanted = {"embedded": "Recreate", "mongodb": "RollingUpdate", "data-api": "RollingUpdate"}
    for kind in ("embedded", "mongodb", "data-api", "embedded", "data-api", "mongodb", "embedded"):
        place.install(*kinds[kind])
        place.install(*kinds[kind], *again.get(kind, fewer))
        gateway = {"cinema-data-api-gateway": "RollingUpdate"} if kind == "mongodb" else {}
        assert strategy(place) == {"cinema": wanted[kind]} | gateway, kind
        assert_whole(place)


def test_storage_by_its_former_names_is_refused_with_the_new_ones(place):
    place.install(*values("host"))
    for former, now in (("external", "data-api"), ("embedded", "embedded")):
        refused(place, values("host", "--set", f"storage={former}"), f"storage: {former} is now storage.kind: {now}")
    refused(place, values("host", "--set", "storage.kind=data-api"), "dataApi.url does not say which")


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
        assert (len(scaled), bool(set(hpas) & set(strategy(place)))) == ((8, False) if by == "keda" else (0, True))
        assert_whole(place)


def handing_over():
    """The documents' own commands."""
    text = (ROOT / "docs" / "deployment.md").read_text()
    return re.search(r"### Turning autoscaling on\n.*?```sh\n(.*?)```", text, re.DOTALL)[1]


@pytest.mark.parametrize("arguments", [[], HOST_OUTSIDE], ids=["spinkube", "host"])
def test_autoscaling_comes_without_a_gap(place, arguments):
    three = "replicas=3,mongodb.replicas=3"
    place.install(*arguments, "--set", three)
    place.kube.run("bash", "-euc", handing_over().replace("-n cinema", f"-n {place.name}"))
    counts = [KUBECTL, "--namespace", place.name, "get", "deployments", "--watch", "--output=jsonpath={.spec.replicas} "]
    seen = subprocess.Popen(counts, env=place.kube.environment, stdout=subprocess.PIPE, text=True)
    try:
        place.install(*arguments, "--set", f"{three},autoscaling.enabled=true")
    finally:
        seen.terminate()
    assert set(seen.communicate()[0].split()) == {"3"}


def refused(place, arguments, sentence):
    done = place.helm(*arguments)
    assert done.returncode != 0 and sentence in done.stderr, done.stderr or "it was taken"


def test_another_runtime_is_refused_in_place(place):
    place.install(*values("together-data-api"))
    refused(place, HOST_OUTSIDE, "Uninstall first")
    place.uninstall()
    place.install(*HOST_OUTSIDE)
    refused(place, values("together-data-api"), "Uninstall first")
