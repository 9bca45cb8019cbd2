#!/bin/sh
# Run once, by the image, on an empty data folder: a database and a user for the store, two databases for Temporal.
set -eu

psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" \
  --set store_password="$STORE_PASSWORD" --set history_password="$HISTORY_PASSWORD" <<'SQL'
CREATE ROLE journey LOGIN PASSWORD :'store_password';
CREATE DATABASE journey OWNER journey;
CREATE ROLE temporal LOGIN PASSWORD :'history_password';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
REVOKE CONNECT ON DATABASE journey, temporal, temporal_visibility FROM PUBLIC;
SQL
