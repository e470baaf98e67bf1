"""Everything that an object names, as references: a kind with namespace and name, and what is asked of it."""

from dataclasses import dataclass

import outside
from cluster import Cluster, Pod
from network import selects


@dataclass(frozen=True)
class Reference:
    kind: str
    namespace: str | None
    name: str
    # A key of a ConfigMap or a Secret, a port of a Service, a listener of a Gateway.
    part: str | int | None = None


def of(thing, cluster: Cluster):
    """All references of an object."""
    namespace = cluster.namespace_of(thing)
    finder = FINDERS.get(thing["kind"])
    if finder:
        yield from finder(thing.get("spec") or thing, namespace, cluster)


def of_source(source, namespace):
    """Of an environment variable's or a Spin variable's `valueFrom`."""
    for key, kind in (("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")):
        if key in source:
            yield Reference(kind, namespace, source[key]["name"], source[key]["key"])


def of_volumes(volumes, namespace):
    for volume in volumes:
        if "persistentVolumeClaim" in volume:
            yield Reference("PersistentVolumeClaim", namespace, volume["persistentVolumeClaim"]["claimName"])
        if "configMap" in volume:
            yield Reference("ConfigMap", namespace, volume["configMap"]["name"])
        if "secret" in volume:
            items = volume["secret"].get("items") or [{"key": None}]
            for item in items:
                yield Reference("Secret", namespace, volume["secret"]["secretName"], item["key"])


def of_spin_app(spec, namespace, _):
    yield Reference("SpinAppExecutor", namespace, spec["executor"])
    yield Reference("ServiceAccount", namespace, spec.get("serviceAccountName", "default"))
    for secret in spec.get("imagePullSecrets", []):
        yield Reference("Secret", namespace, secret["name"])
    for variable in spec.get("variables", []):
        yield from of_source(variable.get("valueFrom", {}), namespace)
    stores = spec.get("runtimeConfig", {})
    if "loadFromSecret" in stores:
        yield Reference("Secret", namespace, stores["loadFromSecret"], "runtime-config.toml")
    for store in stores.get("sqliteDatabases", []) + stores.get("keyValueStores", []):
        for option in store.get("options", []):
            yield from of_source(option.get("valueFrom", {}), namespace)
    yield from of_volumes(spec.get("volumes", []), namespace)
    yield from mounted(spec.get("volumes", []), spec.get("volumeMounts", []))


def mounted(volumes, mounts):
    """A mount names a volume of its own pod: where there is none, that is a reference to nothing."""
    names = {volume["name"] for volume in volumes}
    return [Reference("volume of its pod", None, mount["name"]) for mount in mounts if mount["name"] not in names]


def of_pod(spec, namespace, _=None):
    yield Reference("ServiceAccount", namespace, spec.get("serviceAccountName", "default"))
    for key, kind in (("runtimeClassName", "RuntimeClass"), ("priorityClassName", "PriorityClass")):
        if key in spec:
            yield Reference(kind, None, spec[key])
    for secret in spec.get("imagePullSecrets", []):
        yield Reference("Secret", namespace, secret["name"])
    yield from of_volumes(spec.get("volumes", []), namespace)
    for container in spec["containers"] + spec.get("initContainers", []):
        yield from mounted(spec.get("volumes", []), container.get("volumeMounts", []))
        for variable in container.get("env", []):
            yield from of_source(variable.get("valueFrom", {}), namespace)
        for source in container.get("envFrom", []):
            for key, kind in (("secretRef", "Secret"), ("configMapRef", "ConfigMap")):
                if key in source:
                    yield Reference(kind, namespace, source[key]["name"])
        ports = {port.get("name") for port in container.get("ports", [])} | {
            p["containerPort"] for p in container.get("ports", [])
        }
        for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
            port = container.get(probe, {}).get("httpGet", {}).get("port")
            if port is not None and port not in ports:
                yield Reference("port of its container", None, str(port))


def of_template(spec, namespace, _):
    yield from of_pod(spec["template"]["spec"], namespace)


def of_cron_job(spec, namespace, _):
    yield from of_pod(spec["jobTemplate"]["spec"]["template"]["spec"], namespace)


def of_executor(spec, namespace, _):
    config = spec.get("deploymentConfig", {})
    if "runtimeClassName" in config:
        yield Reference("RuntimeClass", None, config["runtimeClassName"])
    if "caCertSecret" in config and not config.get("installDefaultCACerts"):
        yield Reference("Secret", namespace, config["caCertSecret"])


def of_scaler(spec, namespace, _):
    target = spec["scaleTargetRef"]
    yield Reference(target.get("kind", "Deployment"), namespace, target["name"])


def of_virtual_service(spec, namespace, cluster):
    for gateway in spec.get("gateways", []):
        where, _, name = gateway.rpartition("/")
        if gateway != "mesh":
            yield Reference("Gateway", where or namespace, name)
    for route in spec.get("http", []):
        for target in route.get("route", []):
            yield of_host(
                target["destination"]["host"], target["destination"].get("port", {}).get("number"), namespace, cluster
            )


def of_host(host, port, namespace, cluster):
    found = cluster.resolve(host, namespace)
    entries = [e for e in cluster.all("ServiceEntry") if host in e["spec"]["hosts"]]
    if entries and not found:
        return Reference("ServiceEntry", cluster.namespace_of(entries[0]), entries[0]["metadata"]["name"])
    return Reference("Service", *(found or (namespace, host)), port)


def of_route(spec, namespace, _):
    for parent in spec["parentRefs"]:
        yield Reference(
            parent.get("kind", "Gateway"), parent.get("namespace", namespace), parent["name"], parent.get("sectionName")
        )
    for rule in spec["rules"]:
        for backend in rule.get("backendRefs", []):
            yield Reference(
                backend.get("kind", "Service"), backend.get("namespace", namespace), backend["name"], backend.get("port")
            )


def of_gateway(spec, namespace, cluster):
    if "gatewayClassName" in spec:
        yield Reference("GatewayClass", None, spec["gatewayClassName"])
    for listener in spec.get("listeners", []):
        for certificate in listener.get("tls", {}).get("certificateRefs", []):
            yield Reference("Secret", certificate.get("namespace", namespace), certificate["name"], "tls.crt")
    for server in spec.get("servers", []):
        secret = server.get("tls", {}).get("credentialName")
        if secret:
            # Istio reads it where the gateway's pods are.
            pods = [place for place, labels, _ in outside.PODS if selects({"matchLabels": spec["selector"]}, labels)]
            yield Reference("Secret", pods[0] if pods else namespace, secret, "tls.crt")


def of_certificate(spec, namespace, _):
    kind = spec["issuerRef"].get("kind", "Issuer")
    yield Reference(kind, None if kind == "ClusterIssuer" else namespace, spec["issuerRef"]["name"])


def of_issuer(spec, namespace, _):
    for key, value in walk(spec):
        if key.endswith("SecretRef") and key != "privateKeySecretRef":
            yield Reference("Secret", namespace, value["name"], value.get("key"))
        if key == "privateKeySecretRef":
            yield Reference("Secret", namespace, value["name"], "tls.key")


def walk(thing):
    for key, value in thing.items() if isinstance(thing, dict) else enumerate(thing):
        if isinstance(value, (dict, list)):
            if isinstance(key, str) and isinstance(value, dict):
                yield key, value
            yield from walk(value)


def of_destination_rule(spec, namespace, cluster):
    yield of_host(spec["host"], None, namespace, cluster)


def of_authorization(spec, namespace, cluster):
    for target in spec.get("targetRefs", []):
        yield Reference(target["kind"], namespace, target["name"])
    for rule in spec.get("rules", []):
        for peer in rule.get("from", []):
            for principal in peer["source"].get("principals", []):
                _, _, where, _, name = principal.split("/")
                yield Reference("ServiceAccount", where, name)


def of_binding(spec, *_):
    yield Reference("MutatingAdmissionPolicy", None, spec["policyName"])


def of_role_binding(thing, namespace, _):
    role = thing["roleRef"]
    yield Reference(role["kind"], namespace if role["kind"] == "Role" else None, role["name"])
    for subject in thing["subjects"]:
        yield Reference(subject["kind"], subject.get("namespace", namespace), subject["name"])


def of_database(spec, namespace, _):
    for key in ("storage", "walStorage"):
        if spec.get(key, {}).get("storageClass"):
            yield Reference("StorageClass", None, spec[key]["storageClass"])
    snapshots = spec.get("backup", {}).get("volumeSnapshot", {})
    if "className" in snapshots:
        yield Reference("VolumeSnapshotClass", None, snapshots["className"])
    for way in spec.get("bootstrap", {}).values():
        if "secret" in way:
            yield Reference("Secret", namespace, way["secret"]["name"], "password")
        for snapshot in way.get("volumeSnapshots", {}).values():
            yield Reference(snapshot["kind"], namespace, snapshot["name"])
        if "source" in way and way["source"] not in [each["name"] for each in spec.get("externalClusters", [])]:
            yield Reference("external cluster of its own", None, way["source"])
    for role in spec.get("managed", {}).get("roles", []):
        if "passwordSecret" in role:
            yield Reference("Secret", namespace, role["passwordSecret"]["name"], "password")
    for cluster in spec.get("externalClusters", []):
        for key in ("sslKey", "sslCert", "sslRootCert", "password"):
            if key in cluster:
                yield Reference("Secret", namespace, cluster[key]["name"], cluster[key]["key"])


def of_scheduled_backup(spec, namespace, _):
    yield Reference("Cluster", namespace, spec["cluster"]["name"])


def of_ceph_cluster(spec, *_):
    for name in spec.get("priorityClassNames", {}).values():
        yield Reference("PriorityClass", None, name)


def of_storage_class(thing, *_):
    parameters = thing.get("parameters", {})
    for key, name in parameters.items():
        if key.endswith("-secret-name"):
            yield Reference("Secret", parameters[key.removesuffix("name") + "namespace"], name)
    if "pool" in parameters:
        yield Reference("CephBlockPool", parameters["clusterID"], parameters["pool"])
    if "clusterID" in parameters:
        yield Reference("CephCluster", parameters["clusterID"], parameters["clusterID"])


FINDERS = {
    "AuthorizationPolicy": of_authorization,
    "CephCluster": of_ceph_cluster,
    "Certificate": of_certificate,
    "Cluster": of_database,
    "CronJob": of_cron_job,
    "Deployment": of_template,
    "DestinationRule": of_destination_rule,
    "Gateway": of_gateway,
    "HTTPRoute": of_route,
    "HorizontalPodAutoscaler": of_scaler,
    "Issuer": of_issuer,
    "MutatingAdmissionPolicyBinding": of_binding,
    "RoleBinding": of_role_binding,
    "ScaledObject": of_scaler,
    "ScheduledBackup": of_scheduled_backup,
    "SpinApp": of_spin_app,
    "SpinAppExecutor": of_executor,
    "StatefulSet": of_template,
    "StorageClass": of_storage_class,
    "VirtualService": of_virtual_service,
    "VolumeSnapshotClass": of_storage_class,
}


def missing(reference, cluster: Cluster):
    """What is wrong with a reference; None where all is well."""
    kind, namespace, name, part = reference.kind, reference.namespace, reference.name, reference.part
    if (kind, namespace, name) in outside.OBJECTS:
        return None
    if kind == "Secret":
        keys = secret_keys(namespace, name, cluster)
        return fault(reference, keys is not None, part is None or part in (keys or ()))
    if kind == "Service":
        service = cluster.services().get((namespace, name))
        ports = [port["port"] for port in service["ports"]] if service else []
        return fault(reference, service is not None, part is None or part in ports)
    if kind == "ServiceAccount" and (namespace, name) in [(place, account) for place, _, account in outside.PODS]:
        return None
    if kind == "Deployment":
        made = [
            app for app in cluster.all("SpinApp") if cluster.namespace_of(app) == namespace and app["metadata"]["name"] == name
        ]
        return fault(reference, bool(made) or cluster.get(kind, name, namespace) is not None)
    found = cluster.get(kind, name, namespace)
    if kind == "ConfigMap":
        return fault(reference, found is not None, part is None or part in (found or {}).get("data", {}))
    if kind == "Gateway":
        names = [listener["name"] for listener in (found or {"spec": {}})["spec"].get("listeners", [])]
        return fault(reference, found is not None, part is None or part in names)
    return fault(reference, found is not None)


def secret_keys(namespace, name, cluster):
    for certificate in cluster.all("Certificate"):
        if (cluster.namespace_of(certificate), certificate["spec"]["secretName"]) == (namespace, name):
            return {"tls.crt", "tls.key", "ca.crt"}
    return outside.SECRETS.get((namespace, name))


def fault(reference, there, complete=True):
    where = f" in {reference.namespace}" if reference.namespace else ""
    if not there:
        return f"no {reference.kind} {reference.name}{where}"
    return None if complete else f"{reference.kind} {reference.name}{where} has no {reference.part}"


def pods_outside():
    return [
        Pod(name=account, namespace=place, labels=labels, service_account=account) for place, labels, account in outside.PODS
    ]
