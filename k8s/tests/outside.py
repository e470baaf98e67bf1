"""What the renderings name and others make, with who makes it."""

import spin

STORAGE_SECRETS = {
    name for name in spin.variables() if name.startswith("data_api_") and name not in ("data_api_url", "data_api_path")
}

# Secrets with their keys, by our own scripts. By k8s/secrets, out of .env.
SECRETS = {
    ("cinema", "cinema-keys"): {"auth_jwks", "auth_signing_key"},
    ("cinema", "cinema-first-staff"): {"first_staff_username", "first_staff_password"},
    ("cinema", "cinema-data-api"): STORAGE_SECRETS,
    ("cinema", "cinema-data-api-gateway"): {"gateway.toml"},
}

# By k8s/storage/credentials.
STORAGE = {
    ("cinema", "cinema-mongodb"): {"uri", "ca.crt"},
    ("cinema-storage", "cinema-db-credentials"): {"username", "password"},
    ("cinema-storage", "cinema-db-authority"): {"tls.crt", "tls.key"},
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
