# Every target sets up what it needs at first use. `make help` lists them.

ENVIRONMENT = python3 tools/environment
ADDON = sp_connector
# All addons of this repository, the one that the others extend first.
ADDONS = sp_connector sp_connector_queue sp_connector_sale
# The database; for tests KEEP=1 updates and uses it again instead of making it anew.
DB ?= $(if $(filter demo,$(MAKECMDGOALS)),demo,sp_connector_test)
# What is measured: small takes minutes, full a million rows.
SIZE ?= small
# Words for pytest, such as ARGS="-k settlement -x".
ARGS ?=
export SERVE FILES DB KEEP

.PHONY: help demo test test-engine test-odoo test-queue test-upgrade test-install bench bench-day bench-bank bench-invoices lint

help:
	@echo 'make demo          import the sample settlements into a fresh Odoo and serve it'
	@echo '                   SERVE=0: only import;  FILES="a.txt b.txt": your own files;  DB=name'
	@echo 'make test          every test;  ARGS="-k name": some of them;  KEEP=1: keep the database'
	@echo 'make test-engine   the tests of the engine alone: seconds, no Odoo, no set-up'
	@echo 'make test-queue    the tests of the bridges and those with OCA addons alone'
	@echo 'make test-upgrade  a database of the former version, updated to this one'
	@echo 'make test-install  plain Odoo, the app from the list of apps, a first posted settlement'
	@echo 'make bench         measure a large file and its screens; SIZE=full: a million rows'
	@echo 'make bench-day     measure a day of 1,000 connections, queue workers'
	@echo 'make bench-bank    measure how bank lines and payouts find each other'
	@echo 'make bench-invoices  measure a settlement of 10,000 orders that are invoiced in Odoo'
	@echo 'make lint          ruff, mypy on the engine, pylint-odoo, XML and CSV'

demo:
	@$(ENVIRONMENT) python tools/demo.py

# Among them the engine's, inside Odoo. The update of a database goes on beside them, as one of two
# processors idles while Odoo is installed; its output follows theirs.
test:
ifeq ($(ARGS),)
	@log=$$(mktemp); $(MAKE) -s test-upgrade >$$log 2>&1 & upgrade=$$!; status=0; \
	trap "kill $$upgrade" INT TERM; \
	$(MAKE) -s test-odoo test-queue || status=$$?; \
	wait $$upgrade || status=$$?; cat $$log; rm -f $$log; exit $$status
else
	@$(MAKE) -s test-odoo test-queue
endif

test-engine:
	@cd $(ADDON) && PYTHONDONTWRITEBYTECODE=1 python3 -m unittest discover -s engine/tests -t .

test-odoo:
	@$(ENVIRONMENT) run sh tools/environment/test.sh $(ADDON) $(ARGS)

# In a database of its own: the other tests run without Odoo's Sales and OCA's addons being
# installed: its queue_job for the bridge, its reconciliation screen and importers for the tests of
# what is done with them.
test-queue:
	@DB=$(DB)_queue FROM=$(DB) \
		ALSO=sp_connector_sale,account_reconcile_oca,account_statement_import_camt,account_statement_import_sheet_file \
		ALSO_TESTS="sp_connector/tests/bank/test_bank_oca.py sp_connector_sale" \
		$(ENVIRONMENT) run sh tools/environment/test.sh sp_connector_queue $(ARGS)

test-upgrade:
	@DB=$(DB)_upgrade $(ENVIRONMENT) python tools/upgrade.py

# Not among the tests: it needs playwright, and minutes.
test-install:
	@DB=$(DB)_install $(ENVIRONMENT) python tools/first_run.py

bench:
	@SIZE=$(SIZE) $(ENVIRONMENT) python tools/bench.py

bench-day:
	@$(ENVIRONMENT) python tools/bench_scheduler.py

bench-bank:
	@$(ENVIRONMENT) python tools/bench_bank.py

bench-invoices:
	@$(ENVIRONMENT) python tools/bench_invoices.py

lint:
	@$(ENVIRONMENT) lint sh tools/environment/lint.sh $(ADDONS)
