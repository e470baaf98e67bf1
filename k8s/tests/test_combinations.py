"""Whatever combination of values the chart takes gives objects that are right; what it does not take, it says why."""

import itertools

import pytest

import edges
import render
import test_routes
import test_variables

SHAPES = {"apart": "shape=apart", "together": "shape=together"}
RUNTIMES = {"spinkube": "runtime=spinkube", "host": "runtime=host"}
STORAGES = {
    "mongodb": "storage.kind=mongodb",
    "atlas": "mongodb.network.namespace=,mongodb.network.cidrs={0.0.0.0/0},mongodb.network.port=0",
    "beside": "storage.kind=data-api,dataApi.url=http://store.stores.svc.cluster.local:8090,dataApi.network.namespace=stores",
    "elsewhere": "storage.kind=data-api,dataApi.url=https://data.example.com,dataApi.auth=basic,"
    "dataApi.network.cidrs={203.0.113.7/32}",
    "egress": "storage.kind=data-api,dataApi.url=http://data.example.com,dataApi.auth=bearer,istio.egress.enabled=true",
    "embedded": "storage.kind=embedded,replicas=1",
}
ENTRANCES = {
    "none": "namespace.create=true",
    "istio": "istio.enabled=true,namespace.create=true,tls.certificate.create=true,tls.issuer.create=true",
    "gateway": "gatewayApi.enabled=true,gatewayApi.className=envoy-gateway,gatewayApi.pods.namespace=envoy-gateway-system,"
    "tls.certificate.create=true,tls.certificate.issuer.kind=ClusterIssuer,tls.certificate.issuer.name=letsencrypt",
    "node-port": "nodePort.enabled=true",
}
# By turns: each is met with most of the rest.
SCALINGS = ["autoscaling.enabled=false", "autoscaling.enabled=true", "autoscaling.enabled=true,autoscaling.by=keda"]
COMBINATIONS = list(itertools.product(SHAPES, RUNTIMES, STORAGES, ENTRANCES))


def arguments(number, shape, runtime, storage, entrance):
    scaling = "autoscaling.enabled=false" if storage == "embedded" else SCALINGS[number % 3]
    policy = f"podPolicy.enabled={str(runtime == 'spinkube').lower()}"
    return ["--set", ",".join([SHAPES[shape], RUNTIMES[runtime], STORAGES[storage], ENTRANCES[entrance], scaling, policy])]


def refused(shape, runtime, storage, entrance):
    """What values.yaml says does not go together."""
    return (
        shape == "apart"
        and (storage == "embedded" or runtime == "host" or entrance == "node-port")
        or storage == "egress"
        and entrance != "istio"
    )


@pytest.mark.parametrize("combination", COMBINATIONS, ids="-".join)
def test_every_combination(combination):
    done = render.template(*arguments(COMBINATIONS.index(combination), *combination))
    if refused(*combination):
        assert done.returncode != 0 and "Set " in done.stderr, "it was taken"
        return
    assert done.returncode == 0, done.stderr
    things = render.parse(done.stdout)
    found = [*edges.faults(things), *test_variables.faults(things), *test_routes.probe_faults(things)]
    if test_routes.routed(things):
        found += test_routes.faults(things)
    assert found == []
