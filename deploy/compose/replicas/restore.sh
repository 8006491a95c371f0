#!/bin/sh
# Makes PostgreSQL's folder from the archive: the base backup, and the log of changes since then.
# The server replays that log at its next start, and then serves as a new timeline.
set -eu

if [ -n "$(ls -A "$PGDATA" 2>/dev/null)" ]; then
    echo "$PGDATA is not empty: restore into a new volume" >&2
    exit 1
fi
mkdir -p "$PGDATA"
chmod 700 "$PGDATA"
cp -R /archive/base/. "$PGDATA/"
for segment in /archive/wal/*; do
    name=${segment##*/}
    # The last one was not complete yet.
    cp "$segment" "$PGDATA/pg_wal/${name%.partial}"
done
# All that is to be replayed lies in pg_wal now; nothing has to be fetched.
echo "restore_command = 'false'" >>"$PGDATA/postgresql.auto.conf"
touch "$PGDATA/recovery.signal"
# The new timeline has an archive of its own, and wants a base backup of its own.
mv /archive/base /archive/base.restored
mv /archive/wal /archive/wal.restored
mkdir /archive/wal
