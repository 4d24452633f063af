#!/bin/sh
# Run by the primary's image when it makes the database: the site's role, that of who copies, and the replica's place.
set -eu
psql --username postgres --no-psqlrc --set ON_ERROR_STOP=1 <<'SQL'
\set site `cat /run/secrets/site_password`
\set copy `cat /run/secrets/copy_password`
CREATE ROLE site LOGIN PASSWORD :'site';
CREATE DATABASE site OWNER site;
CREATE ROLE copy LOGIN REPLICATION PASSWORD :'copy';
SELECT pg_create_physical_replication_slot('replica', true);
SQL
echo "host replication copy all scram-sha-256" >> "$PGDATA/pg_hba.conf"
