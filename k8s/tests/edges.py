"""Who may call whom, held against spin.toml: for every pair of pods each way by itself, and for everybody else there is."""

from urllib.parse import urlsplit

import outside
import render
import spin
from authorization import Caller, authorized
from cluster import Cluster, Pod
from network import Address, allowed, one_way, selects
from tools import K8S

HBONE = 15008
KUBELET_IN_AMBIENT = Address("169.254.7.127")
# Addresses outside of the cluster, and one that a node or a pod may have.
ANYWHERE = [Address("198.51.100.7"), Address("10.42.0.9"), Address("169.254.169.254")]


def apps(cluster):
    """The application's own pods."""
    return [
        p
        for p in cluster.pods()
        if p.namespace == "cinema" and p.labels.get("app.kubernetes.io/component") in {"app", *spin.public()}
    ]


def gateway_to_mongodb(cluster):
    return next((p for p in cluster.pods() if p.labels.get("app.kubernetes.io/component") == "data-api-gateway"), None)


def workloads(cluster):
    """The application's pods, and the gateway's, where there is one."""
    gateway = gateway_to_mongodb(cluster)
    return apps(cluster) + ([gateway] if gateway else [])


def components_of(pod):
    return pod.components or tuple(spin.components())


def calls(caller, called):
    """Whether spin.toml has a caller's components call called ones. Of one pod's own there is no need of a network."""
    targets = set(components_of(called))
    return caller.name != called.name and any(spin.components()[c].calls & targets for c in components_of(caller))


def calls_storage(pod, cluster):
    return not chained(cluster) and any(spin.STORAGE in spin.components()[c].calls for c in components_of(pod))


def setting(cluster, name):
    return cluster.get("ConfigMap", "cinema-settings")["data"][name]


def chained(cluster):
    """Whether storage is in the same process."""
    return urlsplit(setting(cluster, "data_api_url")).hostname.endswith(".spin.internal")


def in_mesh(cluster):
    return bool(cluster.all("PeerAuthentication"))


def others():
    """Everybody of the cluster who is not of the application, and two who are nobody at all."""
    known = [
        Pod(name=account, namespace=place, labels=labels, service_account=account) for place, labels, account in outside.PODS
    ]
    strangers = [
        Pod(name=f"stranger in {place}", namespace=place, labels={"app": "stranger"}) for place in ("cinema", "default")
    ]
    return known + strangers


def gateways(cluster):
    """The ServiceAccounts of the gateways that bring the outside in."""
    found = set()
    for gateway in cluster.all("Gateway"):
        if gateway["apiVersion"].startswith("networking.istio.io"):
            found.add("istio-ingress")
        elif gateway["spec"]["gatewayClassName"] != "istio-waypoint":
            found.add("envoy")
    return found


def faults(things):
    cluster = Cluster(things)
    return [*among_apps(cluster), *from_outside(cluster), *to_outside(cluster), *to_storage(cluster), *by_identity(cluster)]


def tell(caller, called, port, wanted):
    return f"{caller} -> {called}:{port} is {'refused' if wanted else 'open'}"


def ports_of(pod, cluster):
    return [pod.ports["http-app"]] + ([HBONE] if in_mesh(cluster) else [])


def among_apps(cluster):
    gateway = gateway_to_mongodb(cluster)
    for caller in workloads(cluster):
        for called in apps(cluster):
            if caller.name == called.name:
                continue
            wanted = caller != gateway and calls(caller, called)
            for port in ports_of(called, cluster):
                for direction, subject, other in (("Egress", caller, called), ("Ingress", called, caller)):
                    if direction == "Ingress" and by_node_port(called, cluster):
                        continue
                    if one_way(subject, other, called, direction, port, "TCP", cluster) != wanted:
                        yield f"{direction}: {tell(caller.name, called.name, port, wanted)}"
            for port in (22, 443, 8081):
                if allowed(caller, called, port, cluster):
                    yield tell(caller.name, called.name, port, False)


def by_node_port(pod, cluster):
    """By a node's port everybody comes, and from the node's address: there is nobody whom a policy could name."""
    return any(
        s["spec"].get("type") == "NodePort" and selects({"matchLabels": s["spec"]["selector"]}, pod.labels)
        for s in cluster.all("Service")
    )


def from_outside(cluster):
    doors = gateways(cluster)
    for pod in apps(cluster):
        port = pod.ports["http-app"]
        for caller in others():
            for at in ports_of(pod, cluster):
                wanted = caller.service_account in doors or by_node_port(pod, cluster)
                if one_way(pod, caller, pod, "Ingress", at, "TCP", cluster) != wanted:
                    yield tell(caller.name, pod.name, at, wanted)
            if one_way(pod, caller, pod, "Ingress", 9000, "TCP", cluster):
                yield tell(caller.name, pod.name, 9000, False)
        for address in ANYWHERE:
            wanted = by_node_port(pod, cluster)
            if one_way(pod, address, pod, "Ingress", port, "TCP", cluster) != wanted:
                yield tell(address.ip, pod.name, port, wanted)
        if in_mesh(cluster) and not one_way(pod, KUBELET_IN_AMBIENT, pod, "Ingress", port, "TCP", cluster):
            yield tell("the kubelet", pod.name, port, True)


def to_outside(cluster):
    for pod in apps(cluster):
        asks = calls_storage(pod, cluster) or any(calls(pod, other) for other in apps(cluster))
        for other in others():
            dns = other.labels.get("k8s-app") == "kube-dns"
            for protocol in ("UDP", "TCP"):
                if one_way(pod, other, other, "Egress", 53, protocol, cluster) != (dns and asks):
                    yield tell(pod.name, other.name, f"53/{protocol}", dns and asks)
            for port in (80, 443, 8090, HBONE):
                if one_way(pod, other, other, "Egress", port, "TCP", cluster):
                    yield tell(pod.name, other.name, port, False)
        for address in ANYWHERE:
            for port in (53, 80, 443, 8090):
                if one_way(pod, address, address, "Egress", port, "TCP", cluster):
                    yield tell(pod.name, address.ip, port, False)


def to_storage(cluster):
    url = urlsplit(setting(cluster, "data_api_url"))
    if gateway := gateway_to_mongodb(cluster):
        yield from to_storage_by_gateway(gateway, url, cluster)
    elif waypoints := [g for g in cluster.pods() if g.owner["spec"].get("gatewayClassName") == "istio-waypoint"]:
        yield from to_storage_by_waypoint(waypoints[0], cluster)
    elif not chained(cluster):
        yield from to_storage_elsewhere(url, cluster)


def to_storage_by_gateway(gateway, url, cluster):
    """Who stores to the gateway, who watches to its metrics, and nobody else; the gateway to the database, and nowhere else."""
    service = cluster.services().get(cluster.resolve(url.hostname))
    if url.port or not service or not selects({"matchLabels": service["selector"]}, gateway.labels):
        yield f"{url.geturl()} is not the gateway's Service"
        return
    door, metrics = gateway.ports[service["ports"][0]["targetPort"]], gateway.ports["metrics"]
    mesh = in_mesh(cluster)
    for caller in apps(cluster) + others():
        stores = caller.owner != {} and calls_storage(caller, cluster)
        watches = caller.namespace == "observability"
        for port, wanted in ((door, stores), (metrics, watches), (HBONE, mesh and (stores or watches)), (443, False)):
            if one_way(gateway, caller, gateway, "Ingress", port, "TCP", cluster) != wanted:
                yield tell(caller.name, "the gateway to MongoDB", port, wanted)
            if caller.owner and one_way(caller, gateway, gateway, "Egress", port, "TCP", cluster) != wanted:
                yield f"Egress: {tell(caller.name, 'the gateway to MongoDB', port, wanted)}"
        if mesh and authorized(Caller(caller.namespace, caller.service_account), gateway, door, cluster) != stores:
            yield f"identity: {tell(caller.name, 'the gateway to MongoDB', door, stores)}"
        if mesh and authorized(Caller(caller.namespace, caller.service_account), gateway, metrics, cluster) != watches:
            yield f"identity: {tell(caller.name, 'the gateway to MongoDB', metrics, watches)}"
        dns = caller.labels.get("k8s-app") == "kube-dns"
        for port, wanted in ((53, dns), (80, False), (443, False), (27017, False)):
            if one_way(gateway, caller, caller, "Egress", port, "TCP", cluster) != wanted:
                yield tell("the gateway to MongoDB", caller.name, port, wanted)
    outsider = Caller("monitoring", "prometheus", in_mesh=False)
    if mesh and (authorized(outsider, gateway, door, cluster) or not authorized(outsider, gateway, metrics, cluster)):
        yield "who is outside of the mesh may ask for something else than metrics"
    if mesh and not one_way(gateway, KUBELET_IN_AMBIENT, gateway, "Ingress", door, "TCP", cluster):
        yield tell("the kubelet", "the gateway to MongoDB", door, True)
    yield from to_mongodb(gateway, cluster)


def to_mongodb(gateway, cluster):
    database = next(pod for pod in Cluster(render.kustomize(K8S / "storage")).pods())
    found = [
        (other, port)
        for other in (database, *ANYWHERE)
        for port in (443, 5432, 10260, 27017)
        if one_way(gateway, other, other, "Egress", port, "TCP", cluster)
    ]
    if found not in ([(database, 10260)], [(address, 27017) for address in ANYWHERE]):
        yield f"the gateway reaches {found}"


def to_storage_by_waypoint(waypoint, cluster):
    """The apps to the waypoint by HBONE, the waypoint to the host that the ServiceEntry names, and to DNS."""
    entry = cluster.all("ServiceEntry")[0]["spec"]
    if urlsplit(setting(cluster, "data_api_url")).hostname not in entry["hosts"]:
        yield "the ServiceEntry is not for the Data API's host"
    for pod in apps(cluster):
        if allowed(pod, waypoint, HBONE, cluster) != calls_storage(pod, cluster):
            yield tell(pod.name, "the waypoint", HBONE, calls_storage(pod, cluster))
    for stranger in others():
        if allowed(stranger, waypoint, HBONE, cluster):
            yield tell(stranger.name, "the waypoint", HBONE, False)
    target = entry["ports"][0].get("targetPort", entry["ports"][0]["number"])
    for port in {80, 443, 8090, target}:
        if allowed(waypoint, ANYWHERE[0], port, cluster) != (port == target):
            yield tell("the waypoint", "the Data API's host", port, port == target)
    for name, port in (("coredns", 53), ("istiod", 15012)):
        other = next(p for p in others() if p.service_account == name)
        if not allowed(waypoint, other, port, cluster):
            yield tell("the waypoint", name, port, True)


def to_storage_elsewhere(url, cluster):
    port = url.port or (443 if url.scheme == "https" else 80)
    if url.hostname.endswith(".svc.cluster.local"):
        servers = [Pod("server", url.hostname.split(".")[1], {})]
    else:
        servers = [
            Address(peer["ipBlock"]["cidr"].split("/")[0])
            for policy in cluster.all("NetworkPolicy")
            for rule in policy["spec"].get("egress") or []
            for peer in rule.get("to", [])
            if "ipBlock" in peer
        ]
    if not servers:
        yield f"no way to {url.hostname}"
    for pod in apps(cluster):
        for server in servers:
            if allowed(pod, server, port, cluster) != calls_storage(pod, cluster):
                yield tell(pod.name, url.hostname, port, calls_storage(pod, cluster))


def by_identity(cluster):
    """What ztunnel sees: the callers' identities, whatever the network lets through."""
    if not in_mesh(cluster):
        return
    doors = gateways(cluster)
    for called in apps(cluster):
        port = called.ports["http-app"]
        for caller in apps(cluster) + others():
            wanted = caller.service_account in doors if caller not in apps(cluster) else calls(caller, called)
            if caller.name == called.name:
                continue
            if authorized(Caller(caller.namespace, caller.service_account), called, port, cluster) != wanted:
                yield f"identity: {tell(caller.name, called.name, port, wanted)}"
        for caller in (
            Caller("cinema", "cinema-users", in_mesh=False),
            Caller("elsewhere", "cinema-users"),
            Caller("cinema", "default"),
        ):
            if authorized(caller, called, port, cluster):
                yield f"identity: {tell(caller, called.name, port, False)}"
        for port in (22, 8081):
            if any(authorized(Caller(a.namespace, a.service_account), called, port, cluster) for a in apps(cluster) + others()):
                yield f"identity: port {port} of {called.name} is open"
