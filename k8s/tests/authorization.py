"""Istio's AuthorizationPolicies as ztunnel means them: DENY before ALLOW; where any ALLOW is for a workload, what none of them
allows is refused. ztunnel sees connections: a rule that asks for methods or paths never allows one there."""

from dataclasses import dataclass

from cluster import Cluster, Pod
from network import selects

TRUST_DOMAIN = "cluster.local"
OF_REQUESTS = ("hosts", "notHosts", "methods", "notMethods", "paths", "notPaths")


@dataclass(frozen=True)
class Caller:
    namespace: str
    service_account: str
    # Whoever is not in the mesh has no identity.
    in_mesh: bool = True

    @property
    def principal(self):
        return f"{TRUST_DOMAIN}/ns/{self.namespace}/sa/{self.service_account}" if self.in_mesh else ""


def matches(pattern, value):
    if pattern == "*":
        return value != ""
    if pattern.startswith("*"):
        return value.endswith(pattern[1:])
    if pattern.endswith("*"):
        return value.startswith(pattern[:-1])
    return pattern == value


def any_of(patterns, value):
    return any(matches(pattern, value) for pattern in patterns)


def source_fits(source, caller: Caller):
    account = f"{caller.namespace}/{caller.service_account}" if caller.in_mesh else ""
    seen = {
        "principals": caller.principal,
        "namespaces": caller.namespace if caller.in_mesh else "",
        "serviceAccounts": account,
    }
    for key, patterns in source.items():
        negated = key.startswith("not")
        plain = key[3].lower() + key[4:] if negated else key
        if plain not in seen:
            return False
        if plain == "serviceAccounts":
            patterns = [p if "/" in p else f"{caller.namespace}/{p}" for p in patterns]
        if any_of(patterns, seen[plain]) == negated:
            return False
    return True


def operation_fits(operation, port):
    if any(key in operation for key in OF_REQUESTS):
        return False
    if "ports" in operation and str(port) not in operation["ports"]:
        return False
    return str(port) not in operation.get("notPorts", [])


def rule_fits(rule, caller, port):
    if rule.get("when"):
        return False
    if "from" in rule and not any(source_fits(peer["source"], caller) for peer in rule["from"]):
        return False
    return "to" not in rule or any(operation_fits(target["operation"], port) for target in rule["to"])


def policies_for(pod: Pod, cluster: Cluster):
    for policy in cluster.all("AuthorizationPolicy"):
        spec = policy.get("spec") or {}
        if "targetRefs" in spec or "targetRef" in spec or cluster.namespace_of(policy) != pod.namespace:
            continue
        if selects(spec.get("selector", {}), pod.labels):
            yield spec


def authorized(caller: Caller, pod: Pod, port, cluster: Cluster):
    policies = list(policies_for(pod, cluster))
    by_action = lambda action: [p for p in policies if p.get("action", "ALLOW") == action]  # noqa: E731
    fits = lambda policy: any(rule_fits(rule, caller, port) for rule in policy.get("rules") or [])  # noqa: E731
    if any(fits(policy) for policy in by_action("DENY")):
        return False
    allowing = by_action("ALLOW")
    return not allowing or any(fits(policy) for policy in allowing)
