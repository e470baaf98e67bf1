"""Storage as k8s/storage has it: who reaches it, what its parts have in common, and that a restore fits it."""

import pytest

import edges
import render
import spin
from authorization import Caller, authorized
from cluster import Cluster, Pod
from network import Address, allowed, one_way
from paths import put
from tools import K8S

STORAGE = K8S / "storage"
WORKLOADS = {"ferretdb", "cinema-db", "backup-retention"}
# (caller, called, port): all that is open within the namespace.
WAYS = {("ferretdb", "cinema-db", 5432)}


def things():
    return render.kustomize(STORAGE) + render.kustomize(STORAGE / "istio") + render.sources()["chart-prod"]()


def faults(rendered):
    cluster = Cluster(rendered)
    pods = {pod.name: pod for pod in cluster.pods() if pod.namespace == "cinema-storage"}
    if set(pods) != WORKLOADS:
        yield f"the pods are {sorted(pods)}"
        return
    strangers = [Pod("stranger", place, {"app": "stranger"}) for place in ("cinema", "cinema-storage", "default")]
    everybody = [*pods.values(), *edges.apps(cluster), *strangers]
    for called in pods.values():
        for caller in everybody:
            if caller is called:
                continue
            for port in (80, 443, 5432, 8000, 8090, 27017):
                wanted = (caller.name, called.name, port) in WAYS or asks_for_data(caller, called, port, cluster)
                if allowed(caller, called, port, cluster) != wanted:
                    yield edges.tell(caller.name, called.name, port, wanted)
                # The door by itself.
                if one_way(called, caller, called, "Ingress", port, "TCP", cluster) != wanted:
                    yield f"Ingress: {edges.tell(caller.name, called.name, port, wanted)}"
        for address in edges.ANYWHERE:
            for port in (80, 443, 5432, 8090):
                if one_way(called, address, called, "Ingress", port, "TCP", cluster):
                    yield edges.tell(address.ip, called.name, port, False)
    for name in ("ferretdb", "cinema-db"):
        for port in (53, 80, 5432, 8090):
            if one_way(pods[name], Address("198.51.100.7"), None, "Egress", port, "TCP", cluster):
                yield edges.tell(name, "the internet", port, False)
    yield from by_identity(pods["ferretdb"], cluster)


def asks_for_data(caller, called, port, cluster):
    return (
        caller.owner.get("kind") == "SpinApp"
        and called.name == "ferretdb"
        and port == 8090
        and edges.calls_storage(caller, cluster)
    )


def by_identity(ferretdb, cluster):
    for caller in (
        Caller("default", "default"),
        Caller("istio-ingress", "istio-ingress"),
        Caller("cinema", "cinema-movies", in_mesh=False),
    ):
        if authorized(caller, ferretdb, 8090, cluster):
            yield edges.tell(caller, "ferretdb", 8090, False)
    for pod in edges.apps(cluster):
        for port, wanted in ((8090, edges.calls_storage(pod, cluster)), (8088, False)):
            if authorized(Caller("cinema", pod.service_account), ferretdb, port, cluster) != wanted:
                yield edges.tell(pod.name, "ferretdb", port, wanted)
    # Metrics: to those who watch, in the mesh or not.
    for caller in (Caller("observability", "collector"), Caller("monitoring", "prometheus", in_mesh=False)):
        if not authorized(caller, ferretdb, 8088, cluster):
            yield edges.tell(caller, "ferretdb", 8088, True)


def test_only_who_stores_reaches_storage():
    assert list(faults(things())) == []


INTERNET = {"ipBlock": {"cidr": "0.0.0.0/0"}}


@pytest.mark.parametrize(
    "name, path, value",
    [
        ("database", ["spec", "ingress"], [{"ports": [{"port": 5432}]}]),
        ("database", ["spec", "ingress", 0, "from"], [{"podSelector": {}}]),
        ("database", ["spec", "egress"], [{"to": [INTERNET]}]),
        ("ferretdb", ["spec", "ingress", 0, "from", 0, "podSelector"], {}),
        ("ferretdb", ["spec", "ingress", 0, "ports"], [{"port": 8090}, {"port": 27017}]),
        ("ferretdb", ["spec", "ingress"], []),
        ("ferretdb", ["spec", "egress"], []),
        ("ferretdb", ["spec", "egress"], [{"to": [INTERNET]}]),
        ("backup-retention", ["spec", "ingress"], [{}]),
    ],
)
def test_a_way_too_many_or_too_few_to_storage_is_found(name, path, value):
    rendered, thing = render.changed(things(), "NetworkPolicy", name)
    put(thing, path, value)
    assert list(faults(rendered)) != []


def test_the_address_in_prod_is_ferretdbs_service(prod):
    service = next(t for t in render.kustomize(STORAGE) if t["kind"] == "Service" and t["metadata"]["name"] == "ferretdb")
    port = service["spec"]["ports"][0]["port"]
    assert edges.setting(prod.cluster, "data_api_url") == f"http://ferretdb.cinema-storage.svc.cluster.local:{port}"


def test_ferretdb_listens_where_its_service_leads():
    container = Cluster(render.kustomize(STORAGE)).pod("ferretdb").spec["containers"][0]
    env = {entry["name"]: entry.get("value") for entry in container["env"]}
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert env["FERRETDB_LISTEN_DATA_API_ADDR"] == f":{ports['data-api']}"
    assert env["FERRETDB_LISTEN_ADDR"].startswith("127.0.0.1:")


def test_volumes_and_snapshots_are_of_one_driver():
    kinds = {thing["kind"]: thing for thing in render.kustomize(STORAGE / "rook-ceph")}
    assert kinds["StorageClass"]["provisioner"] == kinds["VolumeSnapshotClass"]["driver"]
    assert kinds["StorageClass"]["provisioner"].startswith(kinds["CephCluster"]["metadata"]["namespace"] + ".")
    assert kinds["CephBlockPool"]["spec"]["replicated"]["size"] <= kinds["CephCluster"]["spec"]["mon"]["count"]


def test_backups_are_snapshots_on_a_schedule_and_outlive_the_schedule():
    kinds = {thing["kind"]: thing for thing in render.kustomize(STORAGE)}
    backup, cluster = kinds["ScheduledBackup"]["spec"], kinds["Cluster"]["spec"]
    assert backup["method"] == "volumeSnapshot" and backup["backupOwnerReference"] == "none"
    # CloudNativePG's schedules begin with seconds.
    assert len(backup["schedule"].split()) == 6
    assert cluster["backup"]["volumeSnapshot"]["snapshotOwnerReference"] == "backup"


def test_a_restore_is_the_same_database_out_of_a_snapshot():
    before = next(t for t in render.kustomize(STORAGE) if t["kind"] == "Cluster")
    restored = {t["kind"]: t for t in render.kustomize(STORAGE / "restore")}
    after = restored["Cluster"]
    assert after["metadata"]["name"] != before["metadata"]["name"]
    differing = {
        key for key in before["spec"].keys() | after["spec"].keys() if before["spec"].get(key) != after["spec"].get(key)
    }
    assert differing == {"bootstrap"} and set(after["spec"]["bootstrap"]) == {"recovery"}
    container = restored["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    host = next(entry["value"] for entry in container["env"] if entry["name"] == "DATABASE_HOST")
    assert host == f"{after['metadata']['name']}-rw"
    assert restored["ScheduledBackup"]["spec"]["cluster"]["name"] == after["metadata"]["name"]


def test_containers_have_no_rights(rendering):
    for pod in rendering.cluster.pods():
        if pod.owner["kind"] not in ("Deployment", "CronJob", "StatefulSet"):
            continue
        assert pod.spec["securityContext"]["runAsNonRoot"] is True
        assert pod.spec["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
        # A token is for who asks the Kubernetes API, and for nobody else.
        asks = (
            any(rule["verbs"] for role in rendering.cluster.all("Role") for rule in role["rules"])
            and pod.service_account != "default"
        )
        assert pod.spec["automountServiceAccountToken"] is bool(asks)
        for container in pod.spec["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True and context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}


def test_storage_speaks_only_where_it_is_named():
    """The Data API's variables are the only way to storage: no component of spin.toml names another."""
    for component in spin.components().values():
        assert not [host for host in component.hosts if not spin.templates(host)]
