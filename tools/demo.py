"""Settlement files become journal entries in a real Odoo: the main job, in one command.

Creates the database ``demo`` with a UK company, connects seller accounts of the Amazon simulator,
lets Odoo's scheduled actions bring their settlements, sets up accounts, posts the entries, prints a
row per settlement and then serves Odoo, with the simulator beside it. Amazon's API gives the newer
form (V2) alone; files of the older one (V1), and your own, are uploaded. Running it again is safe:
what is imported stays.

Environment: ``FILES`` your own files or patterns instead of the shipped ones · ``SERVE=0`` stop
after the table, with exit status 0 only if every settlement is balanced and posted ·
``EXCUSE`` names of files that may stay held · ``PORT`` · ``DB`` another database than ``demo``.
"""

import glob
import logging
import os
import re
import resource
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path

from demo_amazon import DemoAmazon

import odoo
from odoo import SUPERUSER_ID, api, fields
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.service.db import exp_db_exist

DATABASE = os.environ.get("DB") or "demo"
#: Odoo's command without its word on the user: this server is the demo's, for this machine alone.
ODOO = (
    sys.executable,
    "-c",
    "from odoo.cli import command, server; server.check_root_user = lambda: None; command.main()",
)
#: What docutils says of the descriptions of Odoo's own modules.
NOISE = re.compile(r"<string>:\d+: \((?:ERROR/3|WARNING/2)\)")
ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "sp_connector" / "engine" / "tests" / "samples"
#: Shipped samples that are broken on purpose, or hold another sample's settlements.
NOT_SHOWN = ("v2_unknown_words", "v2_no_total", "v2_does_not_sum", "v2_two_settlements")
#: Units of each currency for one pound: made up, one rate for all times, to try things out only.
SAMPLE_RATES = {
    "AED": 4.9, "AUD": 2.0, "BRL": 7.2, "CAD": 1.85, "EGP": 65.0, "EUR": 1.17, "INR": 112.0,
    "JPY": 195.0, "MXN": 24.5, "PLN": 4.95, "SAR": 5.0, "SEK": 12.9, "SGD": 1.73, "TRY": 54.0,
    "USD": 1.33, "ZAR": 23.5,
}  # fmt: skip
COLUMNS = (
    ("settlement", 14), ("marketplace", 14), ("period", 23), ("rows", 8), ("lines", 6),
    ("total", 15), ("entry", 15), ("difference", 11), ("state", 9), ("seconds", 8),
)  # fmt: skip


def main():
    """Run the demo and return the exit status."""
    scheduled, uploaded = find_files()
    port = int(os.environ.get("PORT") or free_port(8069))
    say(f"Preparing the database {DATABASE} (a minute or two at the first time) …")
    odoo.tools.config.parse_config(
        ["-d", DATABASE, "--log-level", "error", "--max-cron-threads", "0"], setup_logging=True
    )
    logging.getLogger("odoo").setLevel(logging.ERROR)
    registry = prepare(DATABASE)
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        set_up_company(env)
        amazon = DemoAmazon(env, f"http://localhost:{port}", scheduled)
        say(amazon.text())
    seconds = run_crons(registry, amazon) if scheduled else 0
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        set_up_accounts(env)
        set_up_taxes(env)
    print(" ".join(title.ljust(width) for title, width in COLUMNS))
    excused = set(shlex.split(os.environ.get("EXCUSE", "")))
    failed = post_scheduled(registry, amazon, seconds) if scheduled else 0
    failed += sum(run_file(registry, path, excused) for path in uploaded)
    if scheduled:
        pay(registry)
        failed += not accrue(registry, amazon)
    say(f"Peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB.")
    if failed:
        say(f"{failed} settlement(s) or file(s) are not balanced and posted.")
    if os.environ.get("SERVE") == "0":
        amazon.stop()
        return 1 if failed else 0
    amazon.outlive_exec()
    serve(DATABASE, port)


def find_files():
    """Return (files that Amazon has, files to upload): the shipped samples, or those of FILES.

    FILES may hold patterns; Amazon then has none.
    """
    patterns = shlex.split(os.environ.get("FILES", ""))
    if not patterns:
        found = sorted(SAMPLES.glob("v2_*.txt"))
        shown = [path for path in found if path.stem not in NOT_SHOWN]
        return shown, sorted(SAMPLES.glob("v1_*.txt"))
    paths = []
    for pattern in patterns:
        matches = sorted(glob.glob(pattern))
        if not matches:
            sys.exit(f"FILES: no file matches {pattern} (relative to {Path.cwd()})")
        paths += map(Path, matches)
    return [], paths


def prepare(database):
    """Install the addon, or update it to this code, and return the database's registry."""
    installed = exp_db_exist(database)
    what = ["-u", "sp_connector"] if installed else ["-i", "sp_connector,l10n_uk"]
    command = [*ODOO, "-d", database, *what, "--stop-after-init", "--log-level", "error"]
    result = subprocess.run(command, check=False, stderr=subprocess.PIPE, text=True)
    lines = result.stderr.splitlines(keepends=True)
    sys.stderr.writelines(line for line in lines if not NOISE.match(line))
    if result.returncode:
        sys.exit(f"Odoo could not prepare the database {database}; its messages are above.")
    return Registry(database)


def set_up_company(env):
    """A UK company with its chart and sample rates."""
    company = env.ref("base.main_company")
    if company.chart_template == "uk":
        return
    company.write({"name": "Demo Seller Ltd", "country_id": env.ref("base.uk").id})
    company.vat = "GB123456782"  # Odoo's own example of a British number
    env["account.chart.template"].try_loading("uk", company)
    currencies = env["res.currency"].with_context(active_test=False)
    for currency in currencies.search([("name", "in", list(SAMPLE_RATES))]):
        currency.active = True
        if not currency.rate_ids:
            env["res.currency.rate"].create(
                {
                    "currency_id": currency.id,
                    "company_id": company.id,
                    "name": "2000-01-01",
                    "rate": SAMPLE_RATES[currency.name],
                }
            )
    missing = env["sp.marketplace"].search([]).currency_id - currencies.search(
        [("rate_ids", "!=", False)]
    )
    if missing - company.currency_id:
        sys.exit(f"No sample rate for {', '.join(missing.mapped('name'))}")


def set_up_accounts(env):
    """Create the journal and the accounts of the addon, as its dialog proposes them."""
    company = env.ref("base.main_company")
    mapped = env["sp.account.mapping"]._general(company)
    if not company.sp_journal_id or "rollover" not in mapped:
        env["sp.account.plan"]._set_up(company)


def set_up_taxes(env):
    """Decide every tax as the addon's dialog proposes it; what it leaves open bears none here."""
    company = env.ref("base.main_company")
    if not env["sp.account.mapping"].search_count([("tax_mode", "=", "undecided")], limit=1):
        return
    places = env["sp.marketplace"].search([("is_other_channel", "=", False)])
    setup = env["sp.setup"].create(
        {
            "company_id": company.id,
            "is_complete": True,
            "marketplace_ids": [Command.set(places.ids)],
        }
    )
    for line in setup.line_ids.filtered("has_tax"):
        if line.tax_mode == "undecided" or (line.tax_mode != "none" and not line.tax_ids):
            line.write({"tax_mode": "none", "tax_ids": [Command.clear()]})
        line.is_ticked = True
    setup.action_apply()


def run_crons(registry, amazon):
    """Run the scheduled actions once, as Odoo's scheduler does; return the seconds they took."""
    started = time.monotonic()
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        # Due at once, although the same demo may have looked an hour ago.
        connections = env["sp.connection"].browse(amazon.connections.ids)
        connections.next_sync_at = False
        known = len(connections.report_ids)
        cr.commit()
        for name in ("find_reports", "import_reports"):
            env.ref(f"sp_connector.ir_cron_{name}").method_direct_trigger()
            cr.commit()
        seconds = time.monotonic() - started
        env.invalidate_all()
        new = len(connections.report_ids) - known
        say(
            f"Amazon has {amazon.report_count} settlement reports; Odoo's scheduled actions "
            f"brought in {new} new ones in {seconds:.1f} seconds."
        )
    return seconds


def post_scheduled(registry, amazon, seconds):
    """Post what the scheduled actions brought, print it; return how much went wrong."""
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        connections = env["sp.connection"].browse(amazon.connections.ids)
        reports = connections.report_ids
        failed = max(amazon.report_count - len(reports), 0)
        if failed:
            say(f"{failed} report(s) were not found.")
        for report in reports.filtered(lambda one: one.state not in ("imported", "duplicate")):
            say(f"Report {report.report_ref} is {report.state}: {report.error_message}")
            failed += 1
        settlements = reports.settlement_ids.sorted("settlement_ref")
        share = seconds / max(len(settlements), 1)
        for settlement in settlements:
            started = time.monotonic()
            if settlement.state == "review":
                settlement.action_post()
                cr.commit()
            failed += show(settlement, share + time.monotonic() - started, False)
    return failed


def run_file(registry, path, excused):
    """Import, book and post one file, each step a transaction; return how much went wrong."""
    from odoo.addons.sp_connector.engine.lines.flat_file import open_reports

    failed = 0
    for report in open_reports(path.name, lambda: open(path, "rb")):
        if not report.headers:
            say(f"{report.document.name}: {report.problems[0]}")
            failed += report.document.name not in excused
            continue
        started = time.monotonic()
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            company = env.ref("base.main_company")
            settlements = env["sp.settlement"].with_company(company)
            new = settlements._import_report(report, company)
            cr.commit()
            new.action_post()
            seconds = (time.monotonic() - started) / len(report.headers)
            for settlement in new:
                failed += show(settlement, seconds, path.name in excused)
            known = report.headers.keys() - set(new.mapped("settlement_ref"))
            if known:
                failed += show_known(settlements, report, known, path.name in excused)
    return failed


def show_known(settlements, report, references, excused):
    """Print the settlements of a file that were imported before; return how many are amiss."""
    from odoo.addons.sp_connector.engine.lines.summary import summarise

    failed = 0
    company = settlements.env.company
    for reference, summary in summarise(report, *settlements._reading(company)).items():
        if reference in references:
            status, message, settlement = settlements._compare(summary, company)
            if settlement:
                failed += show(settlement, 0, excused)
            print(f"    {message}")
            failed += status != "same" and not excused
    return failed


def pay(registry):
    """Let the bank bring the payouts, as a statement import would; two are left to try.

    One line lacks a fee, one does not say Amazon: both are proposed and for a person to decide.
    """
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        company = env.ref("base.main_company")
        lines = env["account.bank.statement.line"]
        if not lines.search_count([("company_id", "=", company.id)], limit=1):
            journal = env["account.journal"].search(
                [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
            )
            waiting = env["sp.settlement"].search([("payment_state", "=", "waiting")])
            own = waiting.filtered(lambda one: one.currency_id == company.currency_id)
            own = own.filtered(lambda one: one.amount_total > 0)
            texts, fees = {own[:1]: "FASTER PAYMENT RECEIVED"}, {own[1:2]: 1.5}
            lines.create(
                [
                    {
                        "journal_id": journal.id,
                        "date": fields.Date.add(one.date_deposit.date(), days=1),
                        "payment_ref": texts.get(one, f"AMAZON PAYMENTS {one.settlement_ref}"),
                        "amount": sum(one._payout_items().mapped("amount_residual"))
                        - fees.get(one, 0.0),
                        **foreign(one),
                    }
                    for one in waiting
                ]
            )
            cr.commit()
        found = env["sp.settlement"]._read_group(
            [("payment_state", "in", ("waiting", "paid"))], ["payment_state"], ["__count"]
        )
        count = dict(found)
        say(
            f"The bank paid {count.get('paid', 0)} payouts, matched by themselves; "
            f"{count.get('waiting', 0)} are left to try under Bank."
        )


def accrue(registry, amazon):
    """Book what the seller earned up to the month's end; return whether it is booked."""
    from demo_accrual import accrue, prepare

    today = fields.Date.today()
    prepare(amazon, today)
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        done = accrue(env, amazon, today)
        cr.commit()
    return done


def foreign(settlement):
    """Return what a bank's line says of the currency that it converted."""
    if settlement.currency_id == settlement.company_currency_id:
        return {}
    return {
        "foreign_currency_id": settlement.currency_id.id,
        "amount_currency": settlement.amount_total,
    }


def show(settlement, seconds, excused):
    """Print one settlement; return True if it is neither balanced and posted nor excused."""
    currency = settlement.currency_id

    def money(amount):
        return f"{amount:,.{currency.decimal_places}f} {currency.name}"

    period = " – ".join(
        str(moment.date()) if moment else "?"
        for moment in (settlement.date_start, settlement.date_end)
    )
    good = settlement.state == "posted" and currency.is_zero(settlement.amount_difference)
    values = (
        settlement.settlement_ref,
        settlement.marketplace_id.name or "several",
        period,
        settlement.row_count,
        len(settlement.line_ids),
        money(settlement.amount_total),
        money(settlement.amount_entry),
        money(settlement.amount_difference),
        settlement.state,
        f"{seconds:.2f}",
    )
    widths = [width for _title, width in COLUMNS]
    print(" ".join(str(value).ljust(width) for value, width in zip(values, widths, strict=True)))
    if settlement.hold_reason:
        print("    held: " + settlement.hold_reason.replace("\n", "\n          "))
    return not (good or excused)


def serve(database, port):
    """Replace this process by Odoo's server."""
    say(
        f"Odoo is at http://localhost:{port}/odoo/amazon-settlements — "
        "login admin, password admin. Ctrl+C stops it.\n"
        f"Try Connect at http://localhost:{port}/odoo/amazon-connections: sellers in Brazil (North "
        "America) and in Poland (Europe) are free."
    )
    arguments = ["-d", database, "--db-filter", f"^{database}$", "--http-port", str(port)]
    arguments += ["--http-interface", "127.0.0.1", "--log-level", "warn"]
    os.execv(sys.executable, [*ODOO, *arguments])


def free_port(first):
    """Return the first free port of this machine from ``first`` on."""
    for port in range(first, first + 100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    sys.exit(f"No free port from {first} on; set PORT.")


def say(text):
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
