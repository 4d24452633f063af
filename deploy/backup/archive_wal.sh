#!/bin/sh
# PostgreSQL's archive_command, `archive_wal.sh %p ARCHIVE`: keeps a segment of history as ARCHIVE/NAME.gz.
# It succeeds once the disk has the very bytes; until then the server keeps the segment, and asks again.
set -eu
archive=$2
kept=$archive/${1##*/}.gz
if ! test -e "$kept"; then
    unfinished=$(mktemp "$archive/unfinished.XXXXXX")
    trap 'rm -f "$unfinished"' EXIT
    gzip -1c "$1" >"$unfinished"
    sync "$unfinished"
    # A link never takes the place of what is there, as a copy or a move would.
    ln "$unfinished" "$kept"
fi
# What is there may be of an earlier try, which is right, or of another server, which must not be lost.
if ! gzip -dc "$kept" | cmp -s - "$1"; then
    echo "$kept is there already, and holds something else." >&2
    exit 1
fi
sync "$kept" "$archive"
