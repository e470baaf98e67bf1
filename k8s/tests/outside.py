"""What the renderings name and others make, with who makes it. Whatever is neither rendered nor in here is a fault."""

import spin

STORAGE_SECRETS = {
    name for name in spin.variables() if name.startswith("data_api_") and name not in ("data_api_url", "data_api_path")
}

# Secrets with their keys.
SECRETS = {
    # By k8s/secrets, out of .env.
    ("cinema", "cinema-keys"): {"auth_jwks", "auth_signing_key"},
    ("cinema", "cinema-first-staff"): {"first_staff_username", "first_staff_password"},
    ("cinema", "cinema-data-api"): STORAGE_SECRETS,
    # By cert-manager, for an account with the certificate authority.
    ("istio-ingress", "cinema-acme-account"): {"tls.key"},
    # By whoever runs the domain's DNS.
    ("istio-ingress", "cinema-acme-dns"): {"key"},
    # By k8s/storage/credentials.
    ("cinema-storage", "cinema-db-ferretdb"): {"username", "password"},
    ("cinema-storage", "cinema-db-cinema"): {"username", "password"},
    # By CloudNativePG, for each of its Clusters.
    ("cinema-storage", "cinema-db-ca"): {"ca.crt", "ca.key"},
    ("cinema-storage", "cinema-db-restored-ca"): {"ca.crt", "ca.key"},
    # Copied from the one member cluster to the other (k8s/karmada).
    ("cinema-storage", "east-db-replication"): {"tls.crt", "tls.key"},
    ("cinema-storage", "east-db-ca"): {"ca.crt"},
    # By Rook's operator.
    ("rook-ceph", "rook-csi-rbd-provisioner"): {"userID", "userKey"},
    ("rook-ceph", "rook-csi-rbd-node"): {"userID", "userKey"},
}

# Pods of others that our policies name: namespace, labels, ServiceAccount.
PODS = [
    ("kube-system", {"k8s-app": "kube-dns"}, "coredns"),
    ("istio-system", {"app": "istiod"}, "istiod"),
    ("istio-ingress", {"istio": "ingress"}, "istio-ingress"),
    ("envoy-gateway-system", {"app.kubernetes.io/name": "envoy"}, "envoy"),
    ("observability", {}, "collector"),
    ("monitoring", {}, "prometheus"),
    ("cnpg-system", {"app.kubernetes.io/name": "cloudnative-pg"}, "cloudnative-pg"),
]

# (kind, namespace, name) of the rest.
OBJECTS = {
    # The application's certificates by the Gateway API come from a ClusterIssuer of the cluster's.
    ("ClusterIssuer", None, "letsencrypt"),
    ("ClusterIssuer", None, "public-by-dns"),
    # By the implementations of the Gateway API.
    ("GatewayClass", None, "envoy-gateway"),
    ("GatewayClass", None, "istio"),
    ("GatewayClass", None, "istio-waypoint"),
    # Kubernetes' own.
    ("PriorityClass", None, "system-node-critical"),
    ("PriorityClass", None, "system-cluster-critical"),
    ("ServiceAccount", "cinema-storage", "default"),
    # What a restore starts from: its operator puts the name in (k8s/storage/README.md).
    ("VolumeSnapshot", "cinema-storage", "snapshot-to-restore"),
}
