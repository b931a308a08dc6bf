#!/bin/sh
# Check all Python and an addon's XML, CSV and manifest: lint.sh ADDON; see the Makefile.
addon=$1
status=0
check() {
    echo "== $1"
    shift
    "$@" || status=1
}
check "ruff" ruff check --no-cache .
check "ruff format" ruff format --no-cache --check .
check "pylint-odoo" pylint --rcfile=.pylintrc "$addon"
# Less two matters of taste: the exact XML header, the order of attributes.
check "XML and CSV" oca-checks-odoo-module --disable=xml-header-wrong,xml-tag-position "$addon"
exit $status
