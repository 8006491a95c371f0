#!/bin/sh
# Runs `gateway keys` in a pod of the gateway, on the keys file of the secret gateway-keys:
#   keys.sh add NAME --scopes orders:read --shops weixin
# One at a time: of two that run at once, the second undoes the first.
set -eu

kubectl() {
    command kubectl --namespace commerce-gateway "$@"
}

in_pod='
set -eu
umask 077
folder=$(mktemp -d)
trap "rm -rf \"$folder\"" EXIT
cat >"$folder/keys.toml"
sed "s#^keys_file = .*#keys_file = \"$folder/keys.toml\"#" /etc/gateway/gateway.toml \
    >"$folder/gateway.toml"
gateway keys "$@" --config "$folder/gateway.toml" >&2
cat "$folder/keys.toml"
'

umask 077
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
kubectl get secret gateway-keys --output 'go-template={{index .data "keys.toml"}}' |
    base64 --decode >"$folder/before"
kubectl exec --stdin deployment/gateway -- sh -c "$in_pod" keys "$@" \
    <"$folder/before" >"$folder/keys.toml"
kubectl create secret generic gateway-keys --from-file="$folder/keys.toml" \
    --dry-run=client --output yaml >"$folder/secret.yaml"
kubectl apply --filename "$folder/secret.yaml"
