"""The variables that an app is given, and where each is from."""

from dataclasses import dataclass

import spin
from cluster import Cluster, Pod

PREFIX = "SPIN_VARIABLE_"
# The kinds of authentication to storage, each with all that it takes.
STORAGE_KINDS = [
    set(),
    {"data_api_username", "data_api_password"},
    {"data_api_key"},
    {"data_api_email", "data_api_password"},
    {"data_api_jwt"},
    {"data_api_token"},
]
STORAGE_SECRETS = set().union(*STORAGE_KINDS)
STORAGE_SETTINGS = {"data_api_url", "data_api_path", "data_api_source", "data_api_database"}
SIBLINGS = {variable: service for variable, service in spin.addresses().items() if service != spin.STORAGE}
# Who may hold what.
ALONE = {"auth_signing_key": "auth", "first_staff_username": "users", "first_staff_password": "users"}
# Nobody is safe without these, and nothing says so before the first request.
REQUIRED = {"auth_jwks", "auth_issuer", "auth_audience", "auth_signing_key"} | STORAGE_SETTINGS
# What the chart has a value for has to arrive.
REQUIRED |= {"time_zone", "seats_per_customer", "trusted_proxies", "cinema_name", "image_sources"}


@dataclass(frozen=True)
class Source:
    kind: str  # value, ConfigMap, Secret
    name: str = ""
    key: str = ""
    value: str = ""


def of_pod(pod: Pod, cluster: Cluster):
    """Its variables by name; a list of pairs, since the same name may be there twice."""
    if pod.owner["kind"] == "SpinApp":
        entries = [(v["name"], v) for v in pod.owner["spec"].get("variables", [])]
    else:
        env = [e for c in pod.spec["containers"] for e in c.get("env", [])]
        entries = [(e["name"].removeprefix(PREFIX).lower(), e) for e in env if e["name"].startswith(PREFIX)]
    return [(name, source(entry, pod, cluster)) for name, entry in entries]


def source(entry, pod, cluster):
    origin = entry.get("valueFrom", {})
    if "secretKeyRef" in origin:
        return Source("Secret", origin["secretKeyRef"]["name"], origin["secretKeyRef"]["key"])
    if "configMapKeyRef" in origin:
        name, key = origin["configMapKeyRef"]["name"], origin["configMapKeyRef"]["key"]
        data = (cluster.get("ConfigMap", name, pod.namespace) or {"data": {}})["data"]
        return Source("ConfigMap", name, key, data.get(key, ""))
    return Source("value", value=entry.get("value", ""))


def used(pod):
    """The variables that its components have in spin.toml."""
    names = pod.components or tuple(spin.components())
    return set().union(*(spin.components()[name].variables for name in names if name in spin.components()))
