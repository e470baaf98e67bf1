#!/bin/sh
# Deletes the backups older than KEEP_DAYS. The newest KEEP_AT_LEAST that succeeded stay, however old they are,
# so that a schedule which has stopped working doesn't end with no backup at all.
set -eu

limit=$(date -u -d "@$(($(date +%s) - KEEP_DAYS * 86400))" +%Y-%m-%dT%H:%M:%SZ)
backups=$(kubectl get backups.postgresql.cnpg.io --namespace "$NAMESPACE" --no-headers --output \
    custom-columns=TIME:.metadata.creationTimestamp,NAME:.metadata.name,CLUSTER:.spec.cluster.name,PHASE:.status.phase)

printf '%s\n' "$backups" | sort -r | awk -v limit="$limit" -v keep="$KEEP_AT_LEAST" '
    $4 == "completed" && ++kept[$3] <= keep { next }
    $1 != "" && $1 < limit { print $2 }
' | while read -r name; do
    kubectl delete backups.postgresql.cnpg.io "$name" --namespace "$NAMESPACE"
done
