#!/bin/bash
# Runs once, when PostgreSQL makes its cluster: the role that owns AS-RO's schema, and its database. It is no superuser; the service's role is
# made by the migration job.
set -euo pipefail
psql -v ON_ERROR_STOP=1 --no-psqlrc --username postgres --dbname postgres <<'SQL'
\set password `cat /private/owner-password`
create role as_ro_owner login createrole password :'password';
create database as_ro owner as_ro_owner;
-- No DDL for anybody else, temporary tables included.
revoke temporary on database as_ro from public;
SQL
