#!/bin/sh
# Check all Python and the addons' XML, CSV and manifests: lint.sh ADDON…; see the Makefile.
status=0
check() {
    echo "== $1"
    shift
    "$@" || status=1
}
check "ruff" ruff check --no-cache .
check "ruff format" ruff format --no-cache --check .
check "mypy" mypy --cache-dir=/dev/null
check "pylint-odoo" pylint --rcfile=.pylintrc "$@"
# Less two matters of taste: the exact XML header, the order of attributes.
check "XML and CSV" oca-checks-odoo-module --disable=xml-header-wrong,xml-tag-position "$@"
exit $status
