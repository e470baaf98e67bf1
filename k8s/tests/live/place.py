"""A namespace of our own on a cluster, what is put into it, and what is there."""

import json

import render
from kube import until
from tools import CHART, HELM, K8S, TOOLS

RELEASE = "cinema"
OURS = "app.kubernetes.io/part-of=cinema"
RUNTIME_CLASS = "wasmtime-spin-v2"
# What is in every namespace, or about others.
OF_THE_CLUSTER = {"Event", "EndpointSlice", "Endpoints", "Lease", "default", "kube-root-ca.crt", "istio-ca-root-cert"}
OF_THE_CLUSTER |= {"openshift-service-ca.crt"}
# What k8s/secrets reads, as `cinema keys` writes it, and the key to storage.
KEYS = {
    "AUTH_JWKS": '{"keys":[]}',
    "AUTH_SIGNING_KEY": "{}",
    "FIRST_STAFF_USERNAME": "staff",
    "FIRST_STAFF_PASSWORD": "battery staple",
    "DATA_API_KEY": "correct horse " * 4,
}
# How the gateway to MongoDB finds the database, which is for whoever has one to say.
MONGODB = {"uri": "mongodb://a.example.com/?tls=true&tlsCAFile=/etc/mongodb/ca.crt", "ca.crt": "…"}


def name_of(thing):
    return f"{thing['kind']} {thing['metadata']['name']}"


def listed(things):
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": things})


class Place:
    def __init__(self, kube, name):
        self.kube, self.name, self.ingress = kube, name, f"{name}-ingress"
        # Where nodes run Spin it is there, and a release that took it over would take it along.
        self.has_class = bool(kube.get("runtimeclass", RUNTIME_CLASS))
        for namespace in (self.name, self.ingress):
            kube.kubectl("create", "namespace", namespace)

    def end(self):
        self.kube.call(HELM, "uninstall", RELEASE, "--namespace", self.name, "--ignore-not-found")
        kinds = ["RuntimeClass", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"]
        there = ",".join(kind for kind in kinds if kind in {kind for _, kind in self.kube.kinds})
        for thing in self.kube.get(there, "--selector", OURS):
            if self.is_ours(thing):
                self.kube.kubectl("delete", thing["kind"], thing["metadata"]["name"])
        self.kube.kubectl("delete", "namespace", self.name, self.ingress, "--wait=false")

    def secrets(self, file):
        """By k8s/secrets, out of an .env file of the test's own."""
        file.write_text("".join(f"SPIN_VARIABLE_{name}='{value}'\n" for name, value in KEYS.items()))
        self.apply(self.kube.run(TOOLS / "venv" / "bin" / "python", K8S / "secrets", "--gateway", "-n", self.name, file))
        metadata = {"name": "cinema-mongodb", "namespace": self.name}
        self.make({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": MONGODB})

    # Helm, as the documents have it.

    def values(self, *arguments):
        sets = [f"istio.ingress.namespace={self.ingress}", *(["runtimeClass.create=false"] if self.has_class else [])]
        return ("--namespace", self.name, *arguments, "--set", ",".join(sets))

    def helm(self, *arguments):
        """`helm upgrade` as a finished process, for those who look at how it is refused."""
        return self.kube.call(HELM, "upgrade", "--install", RELEASE, CHART, "--take-ownership", *self.values(*arguments))

    def install(self, *arguments):
        done = self.helm(*arguments)
        assert done.returncode == 0 and not done.stderr, done.stderr
        until(self.unsettled)

    def rollback(self, revision):
        self.kube.run(HELM, "rollback", RELEASE, str(revision), "--namespace", self.name)
        until(self.unsettled)

    def uninstall(self):
        self.kube.run(HELM, "uninstall", RELEASE, "--namespace", self.name)
        until(lambda: self.get("deployments,replicasets,pods,services"))

    def rendered(self, *arguments):
        return self.kube.run(HELM, "template", RELEASE, CHART, *self.values(*arguments))

    # kubectl, as the documents have it.

    def apply(self, text, *arguments):
        self.kube.kubectl("apply", "--server-side", *arguments, "--filename", "-", input=text)

    def make(self, thing):
        self.apply(json.dumps(thing))

    def strictly(self, text):
        """Whether the server would take it, unknown fields being faults, and nothing else coming of it."""
        self.apply(text, "--dry-run=server", "--validate=strict", "--force-conflicts", "--field-manager=helm")

    def applied(self, text):
        """An overlay, for this place."""
        text = text.replace("namespace: istio-ingress", f"namespace: {self.ingress}")
        if self.has_class:
            text = listed([thing for thing in render.parse(text) if thing["kind"] != "RuntimeClass"])
        self.apply(text)
        until(self.unsettled)
        return text

    # What is there.

    def get(self, *arguments):
        return self.kube.get("--namespace", self.name, *arguments)

    def get_by_kind(self, *kinds):
        """Objects by name, by kind. A kind that the cluster has not got has none."""
        known = [kind for kind in kinds if kind in {kind for _, kind in self.kube.kinds}]
        found = {kind: {} for kind in kinds}
        for thing in self.get(",".join(known)):
            found[thing["kind"]][thing["metadata"]["name"]] = thing
        return [found[kind] for kind in kinds]

    def is_ours(self, thing):
        """Of the whole cluster: the class, and the policies, which have the namespace in their names."""
        return f".{self.name}." in thing["metadata"]["name"] or thing["kind"] == "RuntimeClass" and not self.has_class

    def everything(self):
        """All that is in our namespaces or, for the whole cluster, of us; but for the cluster's own, and Helm's records."""
        for thing in self.kube.everything():
            namespace, name = thing["metadata"].get("namespace"), thing["metadata"]["name"]
            own = thing["kind"] in OF_THE_CLUSTER or name in OF_THE_CLUSTER or thing.get("type") == "helm.sh/release.v1"
            part = thing["metadata"].get("labels", {}).get("app.kubernetes.io/part-of") == "cinema"
            if namespace in (self.name, self.ingress) and not own or not namespace and part and self.is_ours(thing):
                yield thing

    def content(self):
        """What was set, by whom and when, without what the cluster reports of it. Of what an owner makes, what pods are to be like:
        how many there are, an autoscaler may say in the same moment."""
        found = {}
        for thing in self.everything():
            metadata = {key: value for key, value in thing["metadata"].items() if key != "resourceVersion"}
            metadata["managedFields"] = [e for e in metadata.get("managedFields", []) if "subresource" not in e]
            if "ownerReferences" not in metadata:
                found[name_of(thing)] = {k: v for k, v in thing.items() if k != "status"} | {"metadata": metadata}
            elif thing["kind"] == "Deployment":
                found[name_of(thing)] = {k: v for k, v in thing["spec"].items() if k in ("template", "strategy")}
        return found

    def unsettled(self):
        """What is still to follow: of apps their Deployments, of Deployments their sets, of sets their pods."""
        kinds = ("SpinApp", "Deployment", "ReplicaSet", "Pod", "Service")
        apps, deployments, sets, pods, _ = there = self.get_by_kind(*kinds)
        for thing in (thing for things in there for thing in things.values()):
            for owner in thing["metadata"].get("ownerReferences", []):
                if owner["kind"] in kinds and owner["name"] not in there[kinds.index(owner["kind"])]:
                    yield f"{name_of(thing)} has outlived its {owner['kind']}"
        for name, app in apps.items():
            containers = deployments[name]["spec"]["template"]["spec"]["containers"] if name in deployments else [{}]
            if containers[0].get("image") != app["spec"]["image"]:
                yield f"SpinApp {name} has no Deployment of its image"
        for name, deployment in deployments.items():
            status = deployment.get("status", {})
            if status.get("observedGeneration", 0) < deployment["metadata"]["generation"]:
                yield f"Deployment {name} has not been looked at"
            elif status.get("updatedReplicas", 0) == 0 and deployment["spec"]["replicas"]:
                yield f"Deployment {name} has no pod as it says now"
        for name, thing in sets.items():
            if thing["spec"]["replicas"] != thing["status"]["replicas"]:
                yield f"ReplicaSet {name} has not the pods that it says"
        for name, pod in pods.items():
            if "deletionTimestamp" in pod["metadata"]:
                yield f"Pod {name} has not ended"
        yield from (event["message"] for event in self.get("events", "--field-selector", "reason=FailedCreate"))
