"""Whether what is in a place is whole: what its objects name is there, and what they select."""

from kube import until
from network import selects
from place import name_of

KINDS = ("Pod", "Deployment", "Service", "PodDisruptionBudget", "HorizontalPodAutoscaler", "ScaledObject", "Certificate")
NAMED = ("ConfigMap", "Secret", "ServiceAccount", "PersistentVolumeClaim")


def assert_whole(place):
    found = list(faults(place))
    assert not found, found


def faults(place):
    pods, deployments, services, budgets, hpas, scaled, certificates = place.get_by_kind(*KINDS)
    if not pods:
        yield "there are no pods"
    there = named(place)
    for name, pod in pods.items():
        yield from (f"Pod {name}: {what}" for what in references(pod["spec"]) if what not in there)
        yield from (f"Pod {name}: {fault}" for fault in of_ports(pod["spec"]))
    for name, service in services.items():
        chosen = [pod for pod in pods.values() if selects({"matchLabels": service["spec"]["selector"]}, pod["metadata"]["labels"])]
        wanted = app_of(pods, deployments[name.removesuffix("-nodeport").removesuffix("-h2c")])
        yield from (f"Service {name}: {fault}" for fault in of_service(service, chosen, wanted))
    for name, budget in budgets.items():
        chosen = [pod for pod in pods.values() if selects(budget["spec"]["selector"], pod["metadata"]["labels"])]
        if {id(pod) for pod in chosen} != {id(pod) for pod in app_of(pods, deployments[name])}:
            yield f"PodDisruptionBudget {name} is not for the app's pods"
    for scaler in [*hpas.values(), *scaled.values()]:
        if scaler["spec"]["scaleTargetRef"]["name"] not in deployments:
            yield f"{name_of(scaler)} scales nothing"


def app_of(pods, deployment):
    return [pod for pod in pods.values() if selects(deployment["spec"]["selector"], pod["metadata"]["labels"])]


def of_service(service, chosen, wanted):
    if not chosen or {id(pod) for pod in chosen} != {id(pod) for pod in wanted}:
        yield f"selects {[pod['metadata']['name'] for pod in chosen]}"
    for port in service["spec"]["ports"]:
        for pod in chosen:
            ports = [p for c in pod["spec"]["containers"] for p in c.get("ports", [])]
            if port["targetPort"] not in {p.get("name") for p in ports} | {p["containerPort"] for p in ports}:
                yield f"leads to port {port['targetPort']}, which {pod['metadata']['name']} has not"


def named(place):
    """All that a pod may name, as (kind, name) and (kind, name, key)."""
    found = {("RuntimeClass", thing["metadata"]["name"]) for thing in place.kube.get("runtimeclasses")}
    for kind, things in zip(NAMED, place.get_by_kind(*NAMED), strict=True):
        for name, thing in things.items():
            found |= {(kind, name), *((kind, name, key) for key in thing.get("data", {}))}
    return found


def references(spec):
    yield "ServiceAccount", spec["serviceAccountName"]
    if "runtimeClassName" in spec:
        yield "RuntimeClass", spec["runtimeClassName"]
    for secret in spec.get("imagePullSecrets", []):
        yield "Secret", secret["name"]
    for volume in spec.get("volumes", []):
        if "persistentVolumeClaim" in volume:
            yield "PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]
        for kind, key in (("ConfigMap", "name"), ("Secret", "secretName")):
            source = volume.get(kind[0].lower() + kind[1:])
            if source and not source.get("optional"):
                yield kind, source[key]
                yield from ((kind, source[key], item["key"]) for item in source.get("items", []))
    for container in spec["containers"]:
        for variable in container.get("env", []):
            for kind in ("ConfigMap", "Secret"):
                if source := variable.get("valueFrom", {}).get(f"{kind[0].lower()}{kind[1:]}KeyRef"):
                    yield kind, source["name"], source["key"]


def of_ports(spec):
    for container in spec["containers"]:
        ports = container.get("ports", [])
        known = {p.get("name") for p in ports} | {p["containerPort"] for p in ports}
        for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
            port = container.get(probe, {}).get("httpGet", {}).get("port")
            if port is not None and port not in known:
                yield f"its {probe} asks port {port}"


def without_policy(place):
    """Pods that the policy should have changed and has not. They are made anew."""
    for pod in place.get("pods", "--selector", "core.spinkube.dev/app-name"):
        spec, container = pod["spec"], pod["spec"]["containers"][0]
        reached = (
            (spec.get("securityContext") or {}).get("seccompProfile")
            and (container.get("securityContext") or {}).get("capabilities", {}).get("drop") == ["ALL"]
            and container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0) > 0
            and len(spec.get("topologySpreadConstraints", [])) == 2
        )
        if not reached:
            name = pod["metadata"]["name"]
            place.kube.kubectl("--namespace", place.name, "delete", "pod", name, "--wait=false", "--ignore-not-found")
            yield name


def assert_policy_reaches_new_pods(place):
    """A first install's pods may be older than the policy is in force."""
    until(without_policy, place)
    until(place.unsettled)
