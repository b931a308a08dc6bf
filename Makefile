# Every target sets up what it needs at first use. `make help` lists them.

ENVIRONMENT = python3 tools/environment
ADDON = sp_connector
# The test database; KEEP=1 updates and uses it again instead of making it anew.
DB ?= sp_connector_test
# Words for pytest, such as ARGS="-k settlement -x".
ARGS ?=
export SERVE FILES DB KEEP

.PHONY: help demo test test-engine test-odoo bench lint

help:
	@echo 'make demo          import the sample settlements into a fresh Odoo and serve it'
	@echo '                   SERVE=0: only import;  FILES="a.txt b.txt": your own files'
	@echo 'make test          every test;  ARGS="-k name": some of them;  KEEP=1: keep the database'
	@echo 'make test-engine   the tests of the engine alone: seconds, no Odoo, no set-up'
	@echo 'make bench         measure the import of a large file'
	@echo 'make lint          ruff, pylint-odoo, checks of XML and CSV'

demo:
	@$(ENVIRONMENT) python tools/demo.py

test: test-engine test-odoo

test-engine:
	@cd $(ADDON) && PYTHONDONTWRITEBYTECODE=1 python3 -m unittest discover -s engine/tests -t .

test-odoo:
	@$(ENVIRONMENT) run sh tools/environment/test.sh $(ADDON) $(ARGS)

bench:
	@$(ENVIRONMENT) python tools/bench.py

lint:
	@$(ENVIRONMENT) lint sh tools/environment/lint.sh $(ADDON)
