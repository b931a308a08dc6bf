#!/bin/sh
# Run the Odoo tests of an addon with pytest: test.sh ADDON [PYTEST ARGUMENTS…]; see the Makefile.
set -eu
addon=$1
shift
: "${DB:=sp_connector_test}"

exists() {
    psql -Atq -d postgres -c "SELECT 1 FROM pg_database WHERE datname = '$DB'" | grep -q 1
}

if [ -n "${KEEP:-}" ] && exists; then
    echo "Updating $addon in the database $DB …"
    python -m odoo -d "$DB" -u "$addon" --stop-after-init --no-http --log-level=warn
else
    echo "Installing $addon in a fresh database $DB …"
    PGOPTIONS="-c client_min_messages=warning" dropdb --force --if-exists "$DB"
    rm -rf "$ODOO_DATA_DIR/filestore/$DB"
    python -m odoo -d "$DB" -i "$addon" --stop-after-init --no-http --log-level=warn
fi

if ! which chromium chromium-browser google-chrome google-chrome-stable | grep -q .; then
    echo "No chromium here: the browser tests will be skipped (as root: apt-get install chromium)."
fi
# What a foreign machine may lack (the right to create databases) must not be missing here.
export SP_CONNECTOR_STRICT=1
exec python -m pytest --odoo-database="$DB" --odoo-http -rs "$addon" "$@"
