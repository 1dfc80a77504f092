#!/bin/sh
# Makes the secrets of an installation, a file each, where they are not there yet:
#
#     sh deploy/make-secrets.sh
#
# The folder is for its owner only. The files in it are readable, since a container's user reads them one by one.
set -eu
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
chmod 0700 "$folder"

make() {
    [ -e "$folder/$1" ] || printf '%s' "$2" > "$folder/$1"
    chmod 0444 "$folder/$1"
}

random() {
    head -c 32 /dev/urandom | od -A n -t x1 | tr -d ' \n'
}

make secret_key "$(random)"
make database_admin_password "$(random)"
make database_admin_url "postgresql://lyceum_admin:$(cat "$folder/database_admin_password")@database:5432/lyceum"
for role in lrs ingest transform operator dagster superset; do
    make "database_password_$role" "$(random)"
done
