"""Replicas, autoscalers and budgets fit together: prod outlives a node, and one store has one pod."""

import edges


def scalers_of(pod, cluster):
    scalers = cluster.all("HorizontalPodAutoscaler") + cluster.all("ScaledObject")
    return [s for s in scalers if s["spec"]["scaleTargetRef"]["name"] == pod.name and cluster.namespace_of(s) == pod.namespace]


def fewest(pod, scalers):
    """How many replicas there are at the least."""
    spec = scalers[0]["spec"] if scalers else pod.owner["spec"]
    return spec.get("minReplicas", spec.get("minReplicaCount", spec.get("replicas")))


def test_an_app_has_one_who_says_how_many_and_a_budget_where_there_are_more(application):
    cluster = application.cluster
    for pod in edges.workloads(cluster):
        scalers, spec = scalers_of(pod, cluster), pod.owner["spec"]
        assert ("replicas" in spec) + len(scalers) == 1, pod.name
        if pod.owner["kind"] == "SpinApp":
            assert spec.get("enableAutoscaling", False) is bool(scalers), pod.name
        budget = cluster.get("PodDisruptionBudget", pod.name)
        assert bool(budget) == (fewest(pod, scalers) > 1), pod.name
        assert not budget or budget["spec"]["maxUnavailable"] < fewest(pod, scalers), pod.name


def test_prod_outlives_the_loss_of_a_node(prod):
    for pod in edges.workloads(prod.cluster):
        assert fewest(pod, scalers_of(pod, prod.cluster)) >= 2, pod.name


def test_one_store_has_one_pod(application):
    """A volume of SQLite is mounted by one app of one replica, and nothing scales it."""
    for pod in edges.apps(application.cluster):
        volumes = pod.owner["spec"].get("volumes", []) + pod.spec.get("volumes", [])
        if any("persistentVolumeClaim" in volume for volume in volumes):
            assert pod.owner["spec"]["replicas"] == 1 and not scalers_of(pod, application.cluster)
            assert pod.components == ()
