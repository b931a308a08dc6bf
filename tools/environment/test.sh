#!/bin/sh
# Run the Odoo tests of an addon with pytest: test.sh ADDON [PYTEST ARGUMENTS…]; see the Makefile.
# FROM names a database to begin with a copy of: that of the addon which this one extends. ALSO are
# modules to install beside it, ALSO_TESTS the files with tests that need them.
set -eu
addon=$1
shift
: "${DB:=sp_connector_test}" "${FROM:=}"
export PGOPTIONS="-c client_min_messages=warning"
# Charts and taxes of countries for tests that need real ones; the addon itself does without. The
# tests know them from here: elsewhere they skip where a chart is missing, here they fail.
export SP_CONNECTOR_TEST_MODULES=l10n_uk,l10n_de,l10n_fr_account,l10n_it,l10n_es,l10n_nl,l10n_be,l10n_pl,l10n_se,l10n_ie,l10n_ca,l10n_au,l10n_jp,l10n_us_account,l10n_in
[ -z "${ALSO:-}" ] || SP_CONNECTOR_TEST_MODULES=$SP_CONNECTOR_TEST_MODULES,$ALSO

exists() {
    psql -Atq -d postgres -c "SELECT 1 FROM pg_database WHERE datname = '$1'" | grep -q 1
}
odoo() {
    python -m odoo -d "$DB" "$@" --stop-after-init --no-http --log-level=warn
}

if [ -n "${KEEP:-}" ] && exists "$DB"; then
    echo "Updating $addon in the database $DB …"
    # And all that extend it.
    odoo -u sp_connector -i "$SP_CONNECTOR_TEST_MODULES"
else
    dropdb --force --if-exists "$DB"
    rm -rf "$ODOO_DATA_DIR/filestore/$DB"
    if [ -n "$FROM" ] && exists "$FROM"; then
        echo "Installing $addon in a copy $DB of the database $FROM …"
        createdb -T "$FROM" "$DB"
        [ ! -d "$ODOO_DATA_DIR/filestore/$FROM" ] ||
            cp -r "$ODOO_DATA_DIR/filestore/$FROM" "$ODOO_DATA_DIR/filestore/$DB"
    else
        echo "Installing $addon in a fresh database $DB …"
    fi
    odoo -i "$addon,$SP_CONNECTOR_TEST_MODULES"
fi

if ! which chromium chromium-browser google-chrome google-chrome-stable | grep -q .; then
    echo "No chromium here: the browser tests will be skipped (as root: apt-get install chromium)."
fi
# Clients of npm check the simulator from outside, where node and npm are.
if NODE_PATH=$(python3 tools/environment node-modules) && [ -n "$NODE_PATH" ]; then
    export NODE_PATH
else
    unset NODE_PATH
    echo "No node and npm, or no packages for them, here: the tests with npm's clients will be skipped."
fi
# What a foreign machine may lack (the right to create databases) must not be missing here.
export SP_CONNECTOR_STRICT=1
# The engine's tests run without Odoo, and inside it by tests/house/test_engine.py: not a third time.
run() {
    python -m pytest --odoo-database="$1" --odoo-http -rs --durations=30 --ignore="$addon/engine" "$addon" ${ALSO_TESTS:-}
}

if [ $# -gt 0 ]; then
    status=0
    python -m pytest --odoo-database="$DB" --odoo-http -rs "$addon" ${ALSO_TESTS:-} "$@" || status=$?
    # 5: the words given for pytest name no test of this addon; without words that is an error.
    [ "$status" = 5 ] && status=0
    exit "$status"
fi
# All of them: two processes share them, each in a database of its own (see pytest_share.py).
copy=${DB}_half
dropdb --force --if-exists "$copy"
createdb -T "$DB" "$copy"
rm -rf "$ODOO_DATA_DIR/filestore/$copy"
[ ! -d "$ODOO_DATA_DIR/filestore/$DB" ] ||
    cp -r "$ODOO_DATA_DIR/filestore/$DB" "$ODOO_DATA_DIR/filestore/$copy"
export PYTHONPATH="$(dirname "$0")/..:$PYTHONPATH" PYTEST_PLUGINS=pytest_share
SHARE=$(mktemp -d)
export SHARE
log=$(mktemp)
trap 'kill 0' INT TERM
run "$copy" >"$log" 2>&1 &
second=$!
status=0
run "$DB" || status=$?
wait "$second" || status=$?
cat "$log"
rm -rf "$log" "$SHARE"
dropdb --force --if-exists "$copy"
rm -rf "$ODOO_DATA_DIR/filestore/$copy"
exit "$status"
