"""NetworkPolicies as Kubernetes means them: who reaches whom at which port. A pod that none selects may do anything; one that
any selects may do what any of those allows. A way is open when the caller's egress and the called one's ingress are."""

import ipaddress
from dataclasses import dataclass

from cluster import Cluster, Pod


@dataclass(frozen=True)
class Address:
    """Somebody outside of the cluster, or the node's kubelet."""

    ip: str


def selects(selector, labels):
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(expression_holds(expression, labels) for expression in selector.get("matchExpressions") or [])


def expression_holds(expression, labels):
    key, values = expression["key"], expression.get("values", [])
    match expression["operator"]:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
    raise AssertionError(f"unknown operator {expression['operator']}")


def policies_for(pod, direction, cluster: Cluster):
    for policy in cluster.all("NetworkPolicy"):
        spec = policy["spec"]
        kinds = spec.get("policyTypes") or ["Ingress"] + (["Egress"] if "egress" in spec else [])
        if cluster.namespace_of(policy) == pod.namespace and direction in kinds and selects(spec["podSelector"], pod.labels):
            yield policy


def peer_matches(peer, other, policy, cluster):
    if "ipBlock" in peer:
        if isinstance(other, Pod):
            # What addresses pods have is the cluster's own affair: blocks are for what is outside of it.
            return False
        block = peer["ipBlock"]
        address = ipaddress.ip_address(other.ip)
        within = lambda cidr: address in ipaddress.ip_network(cidr)  # noqa: E731
        return within(block["cidr"]) and not any(within(cidr) for cidr in block.get("except", []))
    if not isinstance(other, Pod):
        return False
    if "namespaceSelector" in peer:
        if not selects(peer["namespaceSelector"], cluster.namespace_labels(other.namespace)):
            return False
    elif other.namespace != cluster.namespace_of(policy):
        return False
    return selects(peer.get("podSelector", {}), other.labels)


def port_matches(rule, port, protocol, called):
    if not rule.get("ports"):
        return True
    for allowed in rule["ports"]:
        if allowed.get("protocol", "TCP") != protocol:
            continue
        number = allowed.get("port")
        if isinstance(number, str):
            number = called.ports.get(number) if isinstance(called, Pod) else None
            if number == port:
                return True
            continue
        if number is None or number <= port <= allowed.get("endPort", number):
            return True
    return False


def one_way(subject, other, called, direction, port, protocol, cluster):
    policies = list(policies_for(subject, direction, cluster))
    if not policies:
        return True
    side, peers = ("ingress", "from") if direction == "Ingress" else ("egress", "to")
    for policy in policies:
        for rule in policy["spec"].get(side) or []:
            peer_fits = not rule.get(peers) or any(peer_matches(peer, other, policy, cluster) for peer in rule[peers])
            if peer_fits and port_matches(rule, port, protocol, called):
                return True
    return False


def allowed(caller, called, port, cluster, protocol="TCP"):
    if isinstance(caller, Pod) and not one_way(caller, called, called, "Egress", port, protocol, cluster):
        return False
    return not isinstance(called, Pod) or one_way(called, caller, called, "Ingress", port, protocol, cluster)
