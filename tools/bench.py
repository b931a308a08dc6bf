"""How long the main job takes and how it grows, as ratios within one run.

Seconds differ from machine to machine; ratios hardly do: how much more time ten times the rows
take (1.0 is linear), and what COPY saves against the ORM. ``ROWS`` sets the larger file.
"""

import logging
import os
import resource
import tempfile
import time
from pathlib import Path

from demo import prepare, say, set_up_accounts, set_up_company
from generate_settlement import Settlement

import odoo
from odoo import SUPERUSER_ID, api

DATABASE = "bench"
ROWS = int(os.environ.get("ROWS") or 100_000)
ORM_ROWS = 2_000


def main():
    """Measure and print; every database change is rolled back."""
    odoo.tools.config.parse_config(["-d", DATABASE, "--log-level", "error"], setup_logging=True)
    logging.getLogger("odoo").setLevel(logging.ERROR)
    registry = prepare(DATABASE)
    with registry.cursor() as cr:
        set_up_company(api.Environment(cr, SUPERUSER_ID, {}))
        set_up_accounts(api.Environment(cr, SUPERUSER_ID, {}))
    with tempfile.TemporaryDirectory() as folder:
        small, large = (write_file(Path(folder), rows) for rows in (ROWS // 10, ROWS))
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            measure(env, small)  # warm: imports, caches, plans
            cr.rollback()
            few = measure(env, small)
            cr.rollback()
            memory = peak()
            many = measure(env, large)
            growth = peak() - memory
            orm = measure_orm(env)
            cr.rollback()
    report(few, many, growth, orm)


def write_file(folder, rows):
    """Write a generated settlement (US, V2, fixed seed) and return its path."""
    settlement = Settlement(rows, 5, "US", "v2")
    path = folder / f"{rows}.txt"
    with path.open("w", encoding=settlement.encoding, newline="") as out:
        out.writelines(settlement.lines())
    return path


def measure(env, path):
    """Import and book a file; return {step: seconds}."""
    from odoo.addons.sp_connector.engine.files.flat_file import open_reports
    from odoo.addons.sp_connector.engine.files.summary import summarise

    company = env.ref("base.main_company")
    classifier = env["sp.category.rule"]._classifier(company)
    steps = {}

    def step(name, call):
        started = time.perf_counter()
        result = call()
        steps[name] = time.perf_counter() - started
        return result

    report = step("survey", lambda: next(open_reports(path.name, lambda: path.open("rb"))))
    step("summarise", lambda: summarise(report, classifier))
    settlement = step("import", lambda: env["sp.settlement"]._import_report(report, company))
    step("book", settlement.action_post)
    assert settlement.state == "posted" and not settlement.amount_difference
    return steps


def measure_orm(env):
    """Seconds a row takes through the ORM's create, for comparison only."""
    row = env["sp.settlement.row"].search([], limit=1)
    vals = row.copy_data()[0]
    started = time.perf_counter()
    env["sp.settlement.row"].create([dict(vals) for _number in range(ORM_ROWS)])
    env.flush_all()
    return (time.perf_counter() - started) / ORM_ROWS


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def report(few, many, growth, orm):
    """Print the table of ratios."""
    say(f"\n{'step':<12}{'rows/s':>10}{'growth':>10}   growth: time per row, {ROWS:,} rows to")
    say(f"{'':<32}   {ROWS // 10:,} rows; 1.0 is linear, less is better")
    for name, seconds in many.items():
        say(f"{name:<12}{ROWS / seconds:>10,.0f}{seconds / few[name] / 10:>10.2f}")
    total = sum(many.values()) - many["survey"] - many["summarise"]
    say(f"\nimport and booking of {ROWS:,} rows: {total:.1f} s here")
    say(f"a row through the ORM takes {orm * ROWS / many['import']:.0f} times the whole import")
    say(f"memory grew by {growth} MB for a file of {ROWS:,} rows")


if __name__ == "__main__":
    main()
