"""Replicas, autoscalers, budgets and resources fit together: a drain is let through, and never takes an app away whole."""

import re

import pytest

import edges
import render
from cluster import Cluster
from network import selects
from paths import REMOVED, put

UNITS = {"": 1, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def quantity(text):
    number, unit = re.fullmatch(r"([0-9.]+)([A-Za-z]*)", str(text)).groups()
    return float(number) * UNITS[unit]


def scaler_of(pod, cluster):
    scalers = cluster.all("HorizontalPodAutoscaler") + cluster.all("ScaledObject")
    return [s for s in scalers if s["spec"]["scaleTargetRef"]["name"] == pod.name and cluster.namespace_of(s) == pod.namespace]


def bounds(scaler):
    spec = scaler["spec"]
    return spec.get("minReplicas", spec.get("minReplicaCount", 0)), spec.get("maxReplicas", spec.get("maxReplicaCount", 0))


def resources_of(pod):
    return pod.owner["spec"]["resources"] if pod.owner["kind"] == "SpinApp" else pod.spec["containers"][0]["resources"]


def faults(things):
    cluster = Cluster(things)
    for pod in edges.apps(cluster):
        yield from (f"{pod.name}: {fault}" for fault in of_pod(pod, cluster))
    for budget in cluster.all("PodDisruptionBudget"):
        selected = [
            p
            for p in cluster.pods()
            if p.namespace == cluster.namespace_of(budget) and selects(budget["spec"]["selector"], p.labels)
        ]
        if len(selected) != 1:
            yield f"budget {budget['metadata']['name']} is for {[p.name for p in selected]}"


def of_pod(pod, cluster):
    scalers, spec = scaler_of(pod, cluster), pod.owner["spec"]
    resources = resources_of(pod)
    if pod.owner["kind"] == "SpinApp" and bool(spec.get("enableAutoscaling")) != bool(scalers):
        yield "enableAutoscaling is not as there are autoscalers"
    if pod.owner["kind"] == "Deployment" and scalers and "replicas" in spec:
        yield "both replicas and an autoscaler"
    if len(scalers) > 1:
        yield "two autoscalers"
    fewest = spec.get("replicas", 1)
    if scalers:
        fewest, most = bounds(scalers[0])
        if not 1 <= fewest < most:
            yield f"from {fewest} to {most} replicas"
        if "cpu" not in resources.get("requests", {}):
            yield "an autoscaler by the share of a CPU that is not requested"
    yield from of_budget(pod, fewest, cluster)
    yield from of_resources(pod, resources)


def of_budget(pod, fewest, cluster):
    budgets = [
        b
        for b in cluster.all("PodDisruptionBudget")
        if cluster.namespace_of(b) == pod.namespace and selects(b["spec"]["selector"], pod.labels)
    ]
    if fewest > 1 and len(budgets) != 1:
        yield f"{len(budgets)} budgets for {fewest} replicas"
    for budget in budgets:
        if share(budget["spec"], fewest) < 1:
            yield "a budget that lets no node be drained"
        if share(budget["spec"], fewest) >= fewest:
            yield "a budget that lets all replicas go at once"


def share(budget, replicas):
    """How many pods may go. Kubernetes rounds shares up."""
    key = "maxUnavailable" if "maxUnavailable" in budget else "minAvailable"
    value = budget[key]
    count = -(-replicas * int(value[:-1]) // 100) if isinstance(value, str) else value
    return count if key == "maxUnavailable" else replicas - count


def of_resources(pod, resources):
    requests, limits = resources.get("requests", {}), resources.get("limits", {})
    if "memory" not in limits or {"cpu", "memory"} - requests.keys():
        yield "no requests, or no limit of memory"
        return
    if any(quantity(requests[name]) > quantity(limits[name]) for name in limits if name in requests):
        yield "requests above the limits"
    one = pod.owner["spec"].get("invocationLimits", {}).get("memory")
    if one and quantity(one) > quantity(limits["memory"]):
        yield "one request may use more than the pod"


def test_replicas_budgets_and_resources_fit_together(application):
    assert list(faults(application.things)) == []


def test_prod_outlives_the_loss_of_a_node(prod):
    cluster = prod.cluster
    for pod in edges.apps(cluster):
        scalers = scaler_of(pod, cluster)
        assert (bounds(scalers[0])[0] if scalers else pod.owner["spec"]["replicas"]) >= 2, pod.name
    spread = cluster.all("MutatingAdmissionPolicy")[0]["spec"]["mutations"]
    assert any("topologySpreadConstraints" in mutation["jsonPatch"]["expression"] for mutation in spread)


def test_one_store_has_one_pod(application):
    """A volume of SQLite is mounted by one app of one replica, and nothing scales it."""
    for pod in edges.apps(application.cluster):
        volumes = pod.owner["spec"].get("volumes", []) + pod.spec.get("volumes", [])
        if any("persistentVolumeClaim" in volume for volume in volumes):
            assert pod.owner["spec"]["replicas"] == 1 and not scaler_of(pod, application.cluster)
            assert pod.components == ()
            if pod.owner["kind"] == "Deployment":
                assert pod.owner["spec"]["strategy"]["type"] == "Recreate"


@pytest.mark.parametrize(
    "kind, name, path, value",
    [
        ("HorizontalPodAutoscaler", "cinema-movies", ["spec", "minReplicas"], 0),
        ("HorizontalPodAutoscaler", "cinema-movies", ["spec", "minReplicas"], 30),
        ("HorizontalPodAutoscaler", "cinema-movies", ["spec", "minReplicas"], 1),
        ("HorizontalPodAutoscaler", "cinema-movies", ["spec", "scaleTargetRef", "name"], "cinema-docs"),
        ("PodDisruptionBudget", "cinema-movies", ["spec", "maxUnavailable"], 0),
        ("PodDisruptionBudget", "cinema-movies", ["spec", "maxUnavailable"], "100%"),
        (
            "PodDisruptionBudget",
            "cinema-movies",
            ["spec"],
            {"minAvailable": 2, "selector": {"matchLabels": {"app.kubernetes.io/component": "movies"}}},
        ),
        ("PodDisruptionBudget", "cinema-movies", ["spec", "selector", "matchLabels"], {"app.kubernetes.io/name": "cinema"}),
        ("PodDisruptionBudget", "cinema-movies", ["spec", "selector", "matchLabels"], {"app": "cinema"}),
        ("SpinApp", "cinema-movies", ["spec", "enableAutoscaling"], False),
        ("SpinApp", "cinema-movies", ["spec", "resources", "requests", "cpu"], REMOVED),
        ("SpinApp", "cinema-movies", ["spec", "resources", "limits", "memory"], "64Mi"),
        ("SpinApp", "cinema-movies", ["spec", "resources", "limits"], {}),
        ("SpinApp", "cinema-movies", ["spec", "invocationLimits", "memory"], "1Gi"),
    ],
)
def test_what_does_not_fit_is_found(prod, kind, name, path, value):
    things, thing = render.changed(prod.things, kind, name)
    put(thing, path, value)
    assert list(faults(things)) != []
