#!/bin/sh
# Brings both databases of Temporal to the version of this image; safe to repeat. Where they are is said by SQL_*.
set -eu
schemas=/etc/temporal/schema/postgresql/v12

temporal-sql-tool --db temporal setup-schema -v 0.0
temporal-sql-tool --db temporal update-schema -d "$schemas/temporal/versioned"
temporal-sql-tool --db temporal_visibility setup-schema -v 0.0
temporal-sql-tool --db temporal_visibility update-schema -d "$schemas/visibility/versioned"
