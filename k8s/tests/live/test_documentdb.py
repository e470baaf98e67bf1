"""What DocumentDB's operator makes of k8s/storage, with our policy upon it, and whether CloudNativePG takes that. No pod comes of it."""

import base64
import json
from urllib.parse import urlsplit

import pytest

import documentdb
import render
from kube import until
from network import selects
from place import listed
from tools import K8S, KUBECTL, call, output

CLUSTER = "clusters.postgresql.cnpg.io"
STORAGE = K8S / "storage"
# Of a Cluster as the operator makes it, what our policies change.
AS_MADE = {
    "apiVersion": "postgresql.cnpg.io/v1",
    "kind": "Cluster",
    "metadata": {"name": "cinema-db"},
    "spec": {
        "instances": 3,
        "storage": {"size": "20Gi"},
        "bootstrap": {"initdb": {"postInitSQL": ["CREATE EXTENSION documentdb CASCADE"]}},
        "postgresql": {"pg_hba": ["host all all 0.0.0.0/0 trust", "host all all ::0/0 trust", "host replication all all trust"]},
        "backup": {"target": "primary", "volumeSnapshot": {"snapshotOwnerReference": "backup"}},
    },
}


@pytest.fixture(scope="module")
def operator(kube, tmp_path_factory):
    if not documentdb.there():
        pytest.skip(documentdb.NONE + "what it makes of k8s/storage is not seen")
    made = documentdb.Operator(kube, tmp_path_factory.mktemp("operator"))
    yield made
    made.end()


@pytest.fixture
def storage(place, operator):
    """Storage in a place of its own, from one of the folders."""

    def applied(folder):
        text = render.kustomize_text(folder) + "---\n" + output("sh", STORAGE / "credentials")
        text = text.replace("cinema-storage", place.name).replace("namespace: cinema\n", f"namespace: {place.name}\n")
        place.apply(text, "--force-conflicts")
        until(lambda: [] if place.get(CLUSTER) else ["the operator has made no Cluster"])
        (cluster,) = place.get(CLUSTER)
        return cluster["spec"]

    yield applied
    for kind in ("documentdb", "scheduledbackups.documentdb.io", "backups.documentdb.io"):
        place.kube.kubectl("--namespace", place.name, "delete", kind, "--all")


@pytest.fixture(scope="module")
def admitted(operator, tmp_path_factory):
    program = documentdb.judge(tmp_path_factory.mktemp("cloudnative-pg"))

    def check(spec):
        done = call(program, input=json.dumps(AS_MADE | {"spec": spec}))
        assert done.returncode == 0, done.stderr
        wrong = spec["postgresql"] | {"synchronous": spec["postgresql"]["synchronous"] | {"number": spec["instances"]}}
        assert "Invalid synchronous" in call(program, input=json.dumps(AS_MADE | {"spec": spec | {"postgresql": wrong}})).stderr

    return check


def get(place, kind, name):
    (thing,) = place.get(kind, name)
    return thing


def uri(place):
    return urlsplit(base64.b64decode(get(place, "secret", "cinema-mongodb")["data"]["uri"]).decode())


def database():
    return next(thing["spec"] for thing in render.kustomize(STORAGE) if thing["kind"] == "DocumentDB")


def test_the_operator_makes_the_database_as_we_want_it(storage, admitted):
    spec = storage(STORAGE)
    ours = database()
    assert (spec["instances"], spec["imageName"]) == (ours["instancesPerNode"], ours["image"]["postgres"])
    assert spec["storage"] == {"resizeInUseVolumes": True, "size": "20Gi", "storageClass": "rook-ceph-block"}
    assert spec["affinity"]["podAntiAffinityType"] == "required"
    (extension,) = spec["postgresql"]["extensions"]
    (plugin,) = spec["plugins"]
    for image in (extension["image"]["reference"], plugin["parameters"]["gatewayImage"]):
        assert image.endswith(f":{ours['documentDBVersion']}")
    assert plugin["parameters"]["documentDbCredentialSecret"] == ours["documentDbCredentialSecret"]
    assert_policy(spec)
    admitted(spec)


def assert_policy(spec):
    """Nobody is trusted over the network, a write is on two machines, and snapshots are of a standby that is stopped."""
    assert [rule.split()[3:] for rule in spec["postgresql"]["pg_hba"]] == [
        ["127.0.0.1/32", "trust"],
        ["::1/128", "trust"],
        ["all", "reject"],
    ]
    assert spec["postgresql"]["synchronous"]["dataDurability"] == "required" and spec["postgresql"]["synchronous"]["number"] == 1
    assert spec["backup"]["target"] == "prefer-standby" and spec["backup"]["volumeSnapshot"]["online"] is False


def test_the_policy_closes_what_the_operator_leaves_open(place, wanted):
    """And makes a replica of it in west; this one by itself, where there is no operator to be run."""
    text = render.kustomize_text(K8S / "karmada" / "west")
    policies = [thing for thing in render.parse(text) if thing["kind"].startswith("MutatingAdmission")]
    wanted(listed([*policies, AS_MADE]))
    place.apply(listed(policies).replace("cinema-storage", place.name))

    def created():
        command = ["--namespace", place.name, "create", "--dry-run=server", "--output=json", "--filename=-"]
        return json.loads(place.kube.kubectl(*command, input=json.dumps(AS_MADE)))["spec"]

    until(lambda: [] if {"replica", "backup"} <= created().keys() and created()["backup"]["target"] != "primary" else ["not yet"])
    assert_policy(created())
    assert_replica(created())


def test_the_policy_holds_when_the_operator_changes_the_database(storage, place):
    storage(STORAGE)
    change = json.dumps({"spec": {"instancesPerNode": 2, "postgres": {"parameters": {"work_mem": "8MB"}}}})
    place.kube.kubectl("--namespace", place.name, "patch", "documentdb", "cinema-db", "--type=merge", "--patch", change)
    until(lambda: [] if place.get(CLUSTER)[0]["spec"]["instances"] == 2 else ["the Cluster is as it was"])
    (cluster,) = place.get(CLUSTER)
    assert cluster["spec"]["postgresql"]["parameters"]["work_mem"] == "8MB"
    assert_policy(cluster["spec"])


def assert_replica(spec):
    assert spec["replica"]["enabled"] is True and spec["bootstrap"] == {"pg_basebackup": {"source": spec["replica"]["source"]}}
    (east,) = spec["externalClusters"]
    assert east["name"] == spec["replica"]["source"] and east["connectionParameters"]["sslmode"] == "verify-ca"
    assert {"sslKey", "sslCert", "sslRootCert"} <= east.keys() and "password" not in east


def test_the_gateways_address_is_the_operators_service_and_in_its_certificate(storage, place):
    spec = storage(STORAGE)
    address = uri(place)
    name, namespace, _ = address.hostname.split(".")
    service = get(place, "service", name)["spec"]
    assert namespace == place.name and address.port in [port["port"] for port in service["ports"]]
    pod = spec["inheritedMetadata"]["labels"] | {"cnpg.io/instanceRole": "primary"}
    assert selects({"matchLabels": service["selector"]}, pod)
    (certificate,) = place.get("certificates")
    assert address.hostname in certificate["spec"]["dnsNames"]
    (issuer,) = place.get("issuers")
    assert certificate["spec"]["issuerRef"]["name"] == issuer["metadata"]["name"]
    credentials = get(place, "secret", database()["documentDbCredentialSecret"])["data"]
    assert base64.b64decode(credentials["username"]).decode() == address.username
    assert base64.b64decode(credentials["password"]).decode() == address.password


def test_a_backup_is_a_snapshot_that_is_kept_for_its_time(storage, place):
    storage(STORAGE)
    classes = [t for t in render.kustomize(STORAGE / "rook-ceph") if t["kind"] == "VolumeSnapshotClass"]
    place.make(classes[0])
    try:
        backup = {"apiVersion": "documentdb.io/preview", "kind": "Backup", "metadata": {"name": "now", "namespace": place.name}}
        place.make(backup | {"spec": {"cluster": {"name": "cinema-db"}}})
        until(lambda: [] if place.get("backups.postgresql.cnpg.io") else place.get("backups.documentdb.io", "now"))
    finally:
        place.kube.kubectl("delete", "volumesnapshotclass", classes[0]["metadata"]["name"])
    (snapshot,) = place.get("backups.postgresql.cnpg.io")
    assert snapshot["spec"]["method"] == "volumeSnapshot" and snapshot["spec"]["cluster"]["name"] == "cinema-db"
    assert [owner["name"] for owner in snapshot["metadata"]["ownerReferences"]] == ["now"]
    schedule = get(place, "scheduledbackups.documentdb.io", "cinema-db")
    assert schedule["status"]["nextScheduledTime"][11:] in [f"{hour:02}:00:00Z" for hour in (0, 6, 12, 18)]


def test_a_restore_begins_with_the_backup(storage, admitted):
    spec = storage(STORAGE / "restore")
    assert spec["bootstrap"] == {"recovery": {"backup": {"name": "backup-to-restore"}}}
    assert_policy(spec)
    admitted(spec)


def test_wests_database_is_made_as_easts_replica_and_can_be_promoted(storage, place, admitted):
    spec = storage(K8S / "karmada" / "west")
    assert_replica(spec)
    assert_policy(spec)
    admitted(spec)
    change = json.dumps({"spec": {"replica": {"enabled": False}}})
    place.kube.kubectl("--namespace", place.name, "patch", CLUSTER, "cinema-db", "--type=merge", "--patch", change)
    place.kube.kubectl("--namespace", place.name, "annotate", "documentdb", "cinema-db", "again=now")
    (cluster,) = place.get(CLUSTER)
    assert cluster["spec"]["replica"]["enabled"] is False


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"schemaVersion": "0.111.0"}, "exceeds the binary version"),
        ({"resource": {"memory": "100Mi", "gateway": {"memory": "100Mi"}}}, "resource"),
        ({"resource": {"storage": {"pvcSize": "1Gi"}}}, "shrink"),
    ],
)
def test_the_operators_own_checks_are_asked(change, sentence, storage, place):
    """What it takes of ours it has looked at."""
    storage(STORAGE)
    command = ["--namespace", place.name, "patch", "documentdb", "cinema-db", "--type=merge"]
    done = place.kube.call(KUBECTL, *command, "--patch", json.dumps({"spec": change}))
    assert done.returncode != 0 and sentence in done.stderr, done.stderr
