"""What a cluster would make of a rendering: its objects by name, its pods and its Services, SpinKube's operator's too."""

from dataclasses import dataclass, field

# Kinds that belong to no namespace.
CLUSTER_WIDE = {
    "ClusterIssuer",
    "ClusterPropagationPolicy",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "GatewayClass",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "Namespace",
    "PriorityClass",
    "ResourceInterpreterCustomization",
    "RuntimeClass",
    "StorageClass",
    "VolumeSnapshotClass",
}


@dataclass
class Pod:
    """One pod stands for all replicas. `owner` is the object it is made for."""

    name: str
    namespace: str
    labels: dict
    service_account: str = "default"
    ports: dict = field(default_factory=dict)
    owner: dict = field(default_factory=dict, repr=False)
    spec: dict = field(default_factory=dict, repr=False)
    components: tuple = ()


class Cluster:
    def __init__(self, things, namespace="cinema"):
        self.things = things
        self.default = namespace

    def namespace_of(self, thing):
        if thing["kind"] in CLUSTER_WIDE:
            return None
        return thing["metadata"].get("namespace", self.default)

    def all(self, kind):
        return [thing for thing in self.things if thing["kind"] == kind]

    def get(self, kind, name, namespace=None):
        namespace = None if kind in CLUSTER_WIDE else namespace or self.default
        for thing in self.all(kind):
            if thing["metadata"]["name"] == name and self.namespace_of(thing) == namespace:
                return thing
        return None

    def namespace_labels(self, name):
        made = self.get("Namespace", name) or {"metadata": {}}
        return {**made["metadata"].get("labels", {}), "kubernetes.io/metadata.name": name}

    def pods(self):
        makers = {
            "SpinApp": pod_of_spin_app,
            "Deployment": pod_of_template,
            "StatefulSet": pod_of_template,
            "CronJob": pod_of_cron_job,
            "DocumentDB": pod_of_database,
            "Gateway": pod_of_gateway,
        }
        made = [makers[thing["kind"]](thing, self.namespace_of(thing)) for thing in self.things if thing["kind"] in makers]
        return [pod for pod in made if pod]

    def pod(self, name):
        return next(pod for pod in self.pods() if pod.name == name)

    def component(self, name):
        return next(pod for pod in self.pods() if pod.labels.get("app.kubernetes.io/component") == name)

    def services(self):
        """Each Service as (namespace, name) with its ports and its selector."""
        found = {}
        for thing in self.things:
            name, namespace = thing["metadata"]["name"], self.namespace_of(thing)
            if thing["kind"] == "SpinApp":
                found[namespace, name] = {"ports": [{"port": 80, "targetPort": "http-app"}], "selector": ready_label(name)}
            if thing["kind"] == "DocumentDB" and thing["spec"].get("exposeViaService"):
                found[namespace, f"documentdb-service-{name}"] = {
                    "ports": [{"port": 10260, "targetPort": 10260}],
                    "selector": {"app": name, "cnpg.io/instanceRole": "primary"},
                }
            if thing["kind"] == "Service":
                found[namespace, name] = {
                    "ports": thing["spec"].get("ports", []),
                    "selector": thing["spec"].get("selector", {}),
                }
        return found

    def resolve(self, host, namespace=None):
        """The Service that a host name means to a pod: `movies`, `movies.cinema`, `movies.cinema.svc.cluster.local`."""
        parts = host.removesuffix(".cluster.local").removesuffix(".svc").split(".")
        key = (parts[1], parts[0]) if len(parts) == 2 else (namespace or self.default, parts[0])
        return key if len(parts) <= 2 and key in self.services() else None


def ready_label(name):
    return {f"core.spinkube.dev/app.{name}.status": "ready"}


def pod_of_spin_app(app, namespace):
    """As the operator makes it, port 80 with the name http-app; no field of a pod but those of a SpinApp."""
    name, spec = app["metadata"]["name"], app["spec"]
    return Pod(
        name=name,
        namespace=namespace,
        labels={**spec.get("podLabels", {}), "core.spinkube.dev/app-name": name, **ready_label(name)},
        service_account=spec.get("serviceAccountName", "default"),
        ports={"http-app": 80},
        owner=app,
        components=tuple(spec.get("components", ())),
    )


def pod_of_template(owner, namespace, template=None):
    template = template or owner["spec"]["template"]
    spec = template["spec"]
    return Pod(
        name=owner["metadata"]["name"],
        namespace=namespace,
        labels=template["metadata"].get("labels", {}),
        service_account=spec.get("serviceAccountName", "default"),
        ports={
            p.get("name", str(p["containerPort"])): p["containerPort"] for c in spec["containers"] for p in c.get("ports", [])
        },
        owner=owner,
        spec=spec,
    )


def pod_of_cron_job(owner, namespace):
    return pod_of_template(owner, namespace, owner["spec"]["jobTemplate"]["spec"]["template"])


def pod_of_gateway(owner, namespace):
    """Istio makes a gateway's pods beside it, and gives them all its labels where it names none for them."""
    spec, name = owner["spec"], owner["metadata"]["name"]
    if not spec.get("gatewayClassName", "").startswith("istio"):
        return None
    labels = spec.get("infrastructure", {}).get("labels", owner["metadata"].get("labels", {}))
    if spec["gatewayClassName"] != "istio-waypoint":
        name += "-istio"
    ports = {listener["name"]: listener["port"] for listener in spec["listeners"]}
    labels = {**labels, "gateway.networking.k8s.io/gateway-name": owner["metadata"]["name"]}
    return Pod(name=name, namespace=namespace, labels=labels, service_account=name, ports=ports, owner=owner)


def pod_of_database(owner, namespace):
    """The primary, as CloudNativePG makes it of what DocumentDB's operator makes."""
    name = owner["metadata"]["name"]
    labels = {"app": name, "cnpg.io/cluster": name, "cnpg.io/podRole": "instance", "cnpg.io/instanceRole": "primary"}
    return Pod(name=name, namespace=namespace, labels=labels, ports={"postgresql": 5432, "status": 8000}, owner=owner)
