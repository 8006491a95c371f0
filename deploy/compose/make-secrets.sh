#!/bin/sh
# Makes the secrets that a compose file names, in the folder `secrets` of the current folder.
# What is there already stays. Those that a platform gives out are asked for by their names.
set -eu

# Containers run as different users and see single files: those may be read, the folder may not.
mkdir -p secrets
chmod 700 secrets

# keep NAME: writes standard input into a new file; an existing one stays as it is.
keep() {
    [ -s "secrets/$1" ] && return
    cat >"secrets/$1"
    chmod 444 "secrets/$1"
}

password() {
    openssl rand -hex 24
}

openssl rand -base64 32 | keep store_key

case ${1:-} in
single) ;;
replicas)
    password | keep database_password
    password | keep cache_password
    password | keep grafana_password
    printf 'postgresql://gateway:%s@postgres/gateway\n' "$(cat secrets/database_password)" |
        keep store_url
    printf 'redis://gateway:%s@valkey:6379/0\n' "$(cat secrets/cache_password)" | keep cache_url
    printf '%s\n' 'user default off' \
        "user gateway on >$(cat secrets/cache_password) ~* &* +@all -@admin" \
        'user health on nopass +ping' | keep cache_users
    ;;
*)
    echo "usage: make-secrets.sh single|replicas" >&2
    exit 2
    ;;
esac

for name in weixin_secret weixin_event_token weixin_event_aes_key; do
    [ -s "secrets/$name" ] || echo "write secrets/$name: the platform's console shows it"
done
