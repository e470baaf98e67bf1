"""Storage as k8s/storage has it: who reaches it, what its parts have in common, and that a restore fits it."""

import ssl
import subprocess
from urllib.parse import parse_qs, urlsplit

import pytest

import edges
import render
import spin
import test_images
from cluster import Cluster, Pod
from network import Address, allowed, one_way, selects
from paths import put
from tools import K8S, output

STORAGE = K8S / "storage"
PORTS = (80, 443, 5432, 8000, 8090, 9187, 10260, 27017)


def things():
    return render.kustomize(STORAGE) + render.sources()["chart-prod"]()


def faults(rendered):
    cluster = Cluster(rendered)
    database, *more = [pod for pod in cluster.pods() if pod.namespace == "cinema-storage"]
    if more:
        yield f"there is also {[pod.name for pod in more]}"
    gateway = cluster.component("data-api-gateway")
    strangers = [Pod("stranger", place, {"app": "stranger"}) for place in ("cinema", "cinema-storage", "default")]
    disguised = [Pod("disguised", place, gateway.labels) for place in ("default", "cinema-storage")]
    if not allowed(gateway, database, 10260, cluster):
        yield edges.tell(gateway.name, database.name, 10260, True)
    for caller in (gateway, *edges.apps(cluster), *strangers, *disguised):
        for port in PORTS:
            wanted = caller.name == gateway.name and port == 10260
            if one_way(database, caller, database, "Ingress", port, "TCP", cluster) != wanted:
                yield edges.tell(caller.name, database.name, port, wanted)
            # Nor is anybody let in to, or out of, a pod that turns up in the namespace.
            if caller.namespace == "cinema-storage":
                for direction in ("Ingress", "Egress"):
                    if one_way(caller, caller, caller, direction, port, "TCP", cluster):
                        yield f"{direction}: {edges.tell(caller.name, 'itself', port, False)}"
    operator = next(pod for pod in edges.others() if pod.service_account == "cloudnative-pg")
    for caller, ports in ((operator, {5432, 8000}), (Pod("watching", "observability", {}), {9187})):
        for port in PORTS:
            if allowed(caller, database, port, cluster) != (port in ports):
                yield edges.tell(caller.name, database.name, port, port in ports)
    # An instance to another.
    for port in PORTS:
        if allowed(database, database, port, cluster) != (port in (5432, 8000)):
            yield edges.tell(database.name, database.name, port, port in (5432, 8000))
    for address in edges.ANYWHERE:
        for port in PORTS:
            if one_way(database, address, database, "Ingress", port, "TCP", cluster):
                yield edges.tell(address.ip, database.name, port, False)
    for port in (53, 80, 5432, 10260):
        if one_way(database, Address("198.51.100.7"), None, "Egress", port, "TCP", cluster):
            yield edges.tell(database.name, "the internet", port, False)


def test_only_the_gateway_reaches_storage():
    assert list(faults(things())) == []


INTERNET = {"ipBlock": {"cidr": "0.0.0.0/0"}}


@pytest.mark.parametrize(
    "name, path, value",
    [
        ("database", ["spec", "ingress"], [{"ports": [{"port": 5432}]}]),
        ("database", ["spec", "ingress"], []),
        ("database", ["spec", "ingress", 0, "from"], [{"podSelector": {}}]),
        ("database", ["spec", "ingress", 0, "from", 0, "podSelector"], {}),
        ("database", ["spec", "ingress", 0, "from", 0, "namespaceSelector"], {}),
        ("database", ["spec", "ingress", 0, "ports"], [{"port": 10260}, {"port": 5432}]),
        ("database", ["spec", "egress"], [{"to": [INTERNET]}]),
        ("database", ["spec", "egress"], []),
        ("deny-by-default", ["spec", "podSelector"], {"matchLabels": {"cnpg.io/cluster": "cinema-db"}}),
    ],
)
def test_a_way_too_many_or_too_few_to_storage_is_found(name, path, value):
    rendered, thing = render.changed(things(), "NetworkPolicy", name)
    put(thing, path, value)
    assert list(faults(rendered)) != []


def credentials():
    made = render.parse(output("sh", STORAGE / "credentials"))
    return {thing["metadata"]["name"]: thing["stringData"] for thing in made}


def of_kind(kind, folder=STORAGE):
    return next(thing for thing in render.kustomize(folder) if thing["kind"] == kind)


def test_the_gateways_address_is_the_databases_and_its_password_too():
    made = credentials()
    address = urlsplit(made["cinema-mongodb"]["uri"])
    cluster = Cluster(render.kustomize(STORAGE))
    service = cluster.services()[cluster.resolve(address.hostname)]
    assert selects({"matchLabels": service["selector"]}, cluster.pod("cinema-db").labels)
    assert address.port in [port["port"] for port in service["ports"]]
    database = made[of_kind("DocumentDB")["spec"]["documentDbCredentialSecret"]]
    assert (address.username, address.password) == (database["username"], database["password"])
    assert parse_qs(address.query)["retryWrites"] == ["false"], "DocumentDB does twice what is sent twice"


def test_the_gateway_trusts_what_the_databases_issuer_signs(tmp_path):
    """A certificate for the address's host, signed as cert-manager would, is good to who has the Secret, by its address alone."""
    made = credentials()
    authority = made[of_kind("Issuer")["spec"]["ca"]["secretName"]]
    address = urlsplit(made["cinema-mongodb"]["uri"])
    options = parse_qs(address.query)
    assert options["tls"] == ["true"] and not [name for name in options if "allow" in name.lower() or "insecure" in name.lower()]
    assert options["tlsCAFile"][0].rpartition("/")[2] in made["cinema-mongodb"]
    for name, text in (*authority.items(), ("ca.crt", made["cinema-mongodb"]["ca.crt"])):
        (tmp_path / name).write_text(text)
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key", "-subj", "/CN=leaf", "-out", "leaf.crt"]
    signed = ["-CA", "tls.crt", "-CAkey", "tls.key", "-addext", f"subjectAltName=DNS:{address.hostname}"]
    leaf = ["-addext", "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=serverAuth", "-days", "90"]
    output("openssl", "req", "-x509", *new, *signed, *leaf, cwd=tmp_path)
    verify = ["openssl", "verify", "-purpose", "sslserver", "-x509_strict", "-CAfile", "ca.crt"]
    for host, good in ((address.hostname, True), ("elsewhere.cinema-storage.svc", False)):
        done = subprocess.run([*verify, "-verify_hostname", host, "leaf.crt"], cwd=tmp_path, capture_output=True)
        assert (done.returncode == 0) == good, done.stderr
    assert ssl.create_default_context(cafile=tmp_path / "ca.crt").get_ca_certs()[0]["serialNumber"]


def test_what_the_database_runs_is_certain():
    spec = of_kind("DocumentDB")["spec"]
    for image in (spec["image"]["postgres"], f"registry.example.com/gateway:{spec['documentDBVersion']}"):
        assert test_images.fault(image) is None and image.rpartition(":")[2].count(".") >= 1, image


def test_volumes_and_snapshots_are_of_one_driver():
    kinds = {thing["kind"]: thing for thing in render.kustomize(STORAGE / "rook-ceph")}
    assert kinds["StorageClass"]["provisioner"] == kinds["VolumeSnapshotClass"]["driver"]
    assert kinds["StorageClass"]["provisioner"].startswith(kinds["CephCluster"]["metadata"]["namespace"] + ".")
    assert kinds["CephBlockPool"]["spec"]["replicated"]["size"] <= kinds["CephCluster"]["spec"]["mon"]["count"]
    assert of_kind("DocumentDB")["spec"]["resource"]["storage"]["storageClass"] == kinds["StorageClass"]["metadata"]["name"]
    # The operator has no other way to name one.
    assert kinds["VolumeSnapshotClass"]["metadata"]["annotations"]["snapshot.storage.kubernetes.io/is-default-class"] == "true"


@pytest.mark.parametrize("folder", [STORAGE, STORAGE / "restore"], ids=lambda folder: folder.name)
def test_backups_are_on_a_schedule_and_kept(folder):
    database, schedule = of_kind("DocumentDB", folder), of_kind("ScheduledBackup", folder)
    assert schedule["spec"]["cluster"]["name"] == database["metadata"]["name"]
    # DocumentDB's schedules begin with minutes, unlike CloudNativePG's.
    assert len(schedule["spec"]["schedule"].split()) == 5
    assert database["spec"]["backup"]["retentionDays"] >= 14


def test_a_restore_is_the_same_database_out_of_a_backup():
    before, after = of_kind("DocumentDB"), of_kind("DocumentDB", STORAGE / "restore")
    assert after["metadata"]["name"] != before["metadata"]["name"]
    assert after["spec"].pop("bootstrap") == {"recovery": {"backup": {"name": "backup-to-restore"}}}
    assert after["spec"] == before["spec"]


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
