"""Every object is one that the cluster takes: its fields are known, and of the right type."""

import copy

import pytest
import yaml
from packaging.version import Version

import render
import schemas
from paths import REMOVED, put
from tools import CHART

OLDEST = schemas.oldest(yaml.safe_load((CHART / "Chart.yaml").read_text()))
# Kinds that came later than the oldest Kubernetes: whoever has an older one leaves them off.
SINCE = {
    ("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy"): "1.36.0",
    ("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicyBinding"): "1.36.0",
}


@pytest.mark.parametrize("version", [OLDEST, schemas.NEWEST])
def test_every_object_is_as_its_schema_says(rendering, version):
    found = []
    for thing in rendering.things:
        since = SINCE.get((thing["apiVersion"], thing["kind"]), "0")
        name = f"{thing['kind']} {thing['metadata']['name']}"
        found += [f"{name}: {fault}" for fault in schemas.faults(thing, max(version, since, key=Version))]
    assert found == []


def test_kinds_that_came_later_did_come_then():
    for (api_version, kind), version in SINCE.items():
        before = f"1.{int(version.split('.')[1]) - 1}.0"
        thing = every_kind()[api_version, kind]
        assert schemas.faults(thing, version) == [] and schemas.faults(thing, before) != []


def test_no_object_comes_twice(rendering):
    names = [(t["apiVersion"], t["kind"], rendering.cluster.namespace_of(t), t["metadata"]["name"]) for t in rendering.things]
    assert len(names) == len(set(names))


def every_kind():
    """Of each kind the object that has most in it."""
    found = {}
    for source in render.sources().values():
        for thing in source():
            found.setdefault((thing["apiVersion"], thing["kind"]), []).append(thing)
    return {kind: max(things, key=lambda thing: len(list(places(thing)))) for kind, things in found.items()}


def places(thing, path=()):
    """Every place in an object that is filled, from the outside in."""
    yield path, thing
    for key, value in thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else ():
        yield from places(value, (*path, key))


# Maps of names that are anybody's own: no schema knows them.
MAPS = {
    "annotations",
    "connectionParameters",
    "data",
    "invocationLimits",
    "labels",
    "limits",
    "matchLabels",
    "metadata",  # of KEDA's triggers; that of objects is looked at below
    "nodeSelector",
    "parameters",
    "podAnnotations",
    "podLabels",
    "requests",
    "selector",
}
# What may be of any type: an overriding value of Karmada's.
ANY = {"value"}


def accepted(thing):
    """The changes for the worse that the schema of an object lets pass."""
    for path, value in places(thing):
        if isinstance(value, dict) and (not path or path[-1] not in MAPS or path == ("metadata",)):
            wrong = copy.deepcopy(thing)
            put(wrong, [*path, "unheardOf"], "x")
            if not schemas.faults(wrong):
                yield "an unknown field", path
        if path and not isinstance(value, dict) and path[-1] not in ANY:
            wrong = copy.deepcopy(thing)
            put(wrong, path, {"of": {"a": ["wrong type"]}})
            if not schemas.faults(wrong):
                yield "a wrong type", path


def test_the_schemas_refuse_an_unknown_field_and_a_wrong_type_at_every_place():
    """The schemas are tested, too: one that lets anything pass is worth nothing."""
    found = {kind: list(accepted(thing)) for kind, thing in every_kind().items()}
    assert {kind: faults for kind, faults in found.items() if faults} == {}


APP = {
    "apiVersion": "core.spinkube.dev/v1alpha1",
    "kind": "SpinApp",
    "metadata": {"name": "cinema-movies", "namespace": "cinema"},
    "spec": {
        "executor": "containerd-shim-spin",
        "image": "registry.example.com/cinema:0.1.0",
        "replicas": 2,
        "components": ["movies"],
        "checks": {"liveness": {"httpGet": {"path": "/movies/healthz"}, "periodSeconds": 10}},
        "resources": {"limits": {"memory": "128Mi"}, "requests": {"cpu": "100m"}},
        "variables": [{"name": "auth_jwks", "valueFrom": {"secretKeyRef": {"name": "cinema-keys", "key": "auth_jwks"}}}],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "cinema-data"}}],
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
        "runtimeConfig": {"sqliteDatabases": [{"name": "default", "type": "spin"}]},
    },
}
EXECUTOR = {
    "apiVersion": "core.spinkube.dev/v1alpha1",
    "kind": "SpinAppExecutor",
    "metadata": {"name": "containerd-shim-spin"},
    "spec": {
        "createDeployment": True,
        "deploymentConfig": {"runtimeClassName": "wasmtime-spin-v2", "installDefaultCACerts": True},
    },
}


def test_a_good_spin_app_and_executor_pass():
    assert schemas.faults(APP) == []
    assert schemas.faults(EXECUTOR) == []


@pytest.mark.parametrize(
    "thing, path, value",
    [
        (APP, ["spec", "image"], REMOVED),
        (APP, ["spec", "executor"], REMOVED),
        (APP, ["spec", "executor"], ""),
        (APP, ["spec", "replicas"], "2"),
        (APP, ["spec", "replicas"], 0),
        (APP, ["spec", "replicas"], REMOVED),
        (APP, ["spec", "enableAutoscaling"], True),
        (APP, ["spec", "components"], []),
        (APP, ["spec", "components"], ["movies", "movies"]),
        (APP, ["spec", "component"], ["movies"]),
        (APP, ["spec", "securityContext"], {}),
        (APP, ["spec", "affinity"], {}),
        (APP, ["spec", "checks", "startup"], {"httpGet": {"path": "/"}}),
        (APP, ["spec", "checks", "liveness", "httpGet", "path"], "movies/healthz"),
        (APP, ["spec", "checks", "liveness", "httpGet", "port"], 80),
        (APP, ["spec", "checks", "liveness", "successThreshold"], 2),
        (APP, ["spec", "checks", "liveness", "periodSeconds"], 0),
        (APP, ["spec", "resources", "limits", "memory"], "128 MB"),
        (APP, ["spec", "variables", 0, "value"], "both"),
        (APP, ["spec", "variables", 0, "name"], "AUTH-JWKS"),
        (APP, ["spec", "variables", 0, "valueFrom", "secretKeyRef", "key"], REMOVED),
        (APP, ["spec", "variables", 0, "valueFrom", "secretRef"], {}),
        (APP, ["spec", "volumes", 0, "persistentVolumeClaim", "name"], "x"),
        (APP, ["spec", "volumeMounts", 0, "mountPath"], REMOVED),
        (APP, ["spec", "runtimeConfig", "sqliteDatabases", 0, "type"], REMOVED),
        (APP, ["spec", "podLabels"], {"a": 1}),
        (APP, ["metadata", "labels"], {"a": 1}),
        (APP, ["kind"], "SpinAp"),
        (APP, ["apiVersion"], "core.spinoperator.dev/v1alpha1"),
        (EXECUTOR, ["spec", "createDeployment"], REMOVED),
        (EXECUTOR, ["spec", "deploymentConfig"], REMOVED),
        (EXECUTOR, ["spec", "deploymentConfig", "spinImage"], "both"),
        (EXECUTOR, ["spec", "deploymentConfig", "runtimeClassName"], REMOVED),
        (EXECUTOR, ["spec", "deploymentConfig", "otel"], {"endpoint": "http://collector:4318"}),
    ],
)
def test_a_wrong_spin_app_or_executor_is_refused(thing, path, value):
    wrong = copy.deepcopy(thing)
    put(wrong, path, value)
    assert schemas.faults(wrong) != []
