#!/bin/sh
# Copies the primary while there is no copy yet, then goes on as PostgreSQL's image does, with the same command.
set -eu
if ! test -e "$PGDATA/PG_VERSION"; then
    # One that was interrupted leaves nothing that looks whole.
    rm -rf "$PGDATA.unfinished"
    PGPASSWORD=$(cat /run/secrets/copy_password) pg_basebackup --dbname "host=postgres user=copy application_name=replica" \
        --pgdata "$PGDATA.unfinished" --write-recovery-conf --wal-method stream --slot replica --checkpoint fast
    mv "$PGDATA.unfinished" "$PGDATA"
fi
exec docker-entrypoint.sh "$@"
