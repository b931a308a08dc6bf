"""How fast a large file becomes rows, lines and an entry: ratios within one run.

Seconds differ from machine to machine; ratios to what the same machine does at its best hardly do:
to Python's ``csv.reader`` for reading, to a bare COPY of the same rows for storing. ``SIZE=small``
takes some minutes, ``SIZE=full`` measures a million rows. The numbers go to ``build/bench.json``;
``docs/benchmark.md`` says what they were and what they mean.
"""

import csv
import io
import json
import logging
import os
import platform
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import bench_rows
from demo import prepare, say, set_up_accounts, set_up_company, set_up_taxes
from generate_settlement import Settlement

import odoo
from odoo import SUPERUSER_ID, api
from odoo.fields import Command

DATABASE = os.environ.get("BENCH_DB") or "bench"
OUT = Path(__file__).parent.parent / "build" / "bench.json"
SIZES = {
    # rows of the large file, settlements of a month, settlement ids in one file
    "small": (100_000, 20, 400),
    "full": (1_000_000, 1_000, 4_000),
}
ORM_ROWS, STATEMENT_LINES = 2_000, 200
USER = "sp_connector.sp_connector_group_user"
#: The columns of a row with everything in it, typed: what a bare COPY would load.
TYPED = """
    settlement_id int, line_id int, line_number int, part int, transaction_type varchar,
    amount_type varchar, amount_description varchar, amount numeric, posted_at timestamp,
    marketplace_name varchar, fulfillment varchar, order_ref varchar, merchant_order_ref varchar,
    adjustment_ref varchar, shipment_ref varchar, order_item_ref varchar,
    merchant_order_item_ref varchar, merchant_adjustment_item_ref varchar, sku varchar,
    quantity int, promotion_ref varchar
"""


def main():
    """Measure, print the table and write the JSON."""
    size = os.environ.get("SIZE") or "small"
    if size not in SIZES:
        sys.exit(f"SIZE is one of {', '.join(SIZES)}")
    rows, month, ids = SIZES[size]
    odoo.tools.config.parse_config(["-d", DATABASE, "--log-level", "error"], setup_logging=True)
    logging.getLogger("odoo").setLevel(logging.ERROR)
    registry = prepare(DATABASE)
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        set_up_company(env)
        set_up_accounts(env)
        set_up_taxes(env)
    bench = Bench(registry, {"size": size, "rows": rows, **machine(registry)})
    with tempfile.TemporaryDirectory() as folder:
        bench.folder = Path(folder)
        bench.large_file(rows)
        bench.memory([rows // 10, rows])
        bench.posted(10_000)
        bench.month(month, 500)
        bench.many_ids([ids // 10, ids])
        bench.screens(rows)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(bench.found, indent=2) + "\n")
    say(f"\nWritten to {OUT.relative_to(Path.cwd()) if OUT.is_relative_to(Path.cwd()) else OUT}")


def machine(registry):
    """Return what the numbers depend on."""
    with registry.cursor() as cr:
        cr.execute("SELECT version()")
        server = cr.fetchone()[0].split(" on ")[0]
    cpu = "unknown"
    if (info := Path("/proc/cpuinfo")).exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = names[0].partition(": ")[2] if names else cpu
    return {
        "date": date.today().isoformat(),
        "python": platform.python_version(),
        "postgresql": server,
        "odoo": odoo.release.version,
        "processor": f"{os.cpu_count()} × {cpu}",
        "load": round(os.getloadavg()[0], 1),
    }


class Bench:
    """One run; ``found`` is what the JSON says."""

    def __init__(self, registry, found):
        self.registry, self.found, self.folder = registry, found, None

    def note(self, name, value, text=""):
        """Keep a number and print it."""
        self.found[name] = value
        print(f"{name:<44}{value!s:>12} {text}", flush=True)

    def write(self, rows, name=None, **options):
        """Write a generated settlement (US, V2, fixed seed) and return its path."""
        settlement = Settlement(rows, 5, "US", "v2", **options)
        path = self.folder / (name or f"{rows}.txt")
        with path.open("w", encoding=settlement.encoding, newline="") as out:
            out.writelines(settlement.lines())
        return path

    # -- a large file

    def large_file(self, rows):
        """Reading, storing, storing again; beside csv.reader, a bare COPY and what others do."""
        path = self.write(rows)
        self.import_file(self.write(rows // 10))  # warm: imports, caches, plans
        self.note("file, MB", round(path.stat().st_size / 1e6, 1))
        reader = timed(lambda: read_csv(path))
        self.note("csv.reader, s", round(reader, 2))
        copy = self.bare_copy(path)
        self.note("bare COPY, s", round(copy, 2))
        engine = self.engine(path)
        self.note("engine / csv.reader", round(engine / reader, 1), "goal 3")
        settlement_id, seconds = self.import_file(path, keep=True)
        self.note("whole import, s", round(seconds, 2))
        self.note("whole import / bare COPY", round(seconds / copy, 1), "goal 4")
        again = self.known(path)
        self.note("known file / its import, %", round(100 * again / seconds, 2), "goal 3")
        orm = self.orm_create(settlement_id) * rows
        self.note("ORM create / whole import", round(orm / seconds, 1), "goal 25, extrapolated")
        statement = self.statement_lines() * rows / 4
        self.note(
            "a bank statement line per order / import", round(statement / seconds), "extrapolated"
        )
        if (pandas := self.pandas(path)) is not None:
            self.note("pandas read and groupby / engine", round(pandas / engine, 1))
        self.delete(settlement_id)

    def engine(self, path):
        from odoo.addons.sp_connector.engine.lines.flat_file import open_reports
        from odoo.addons.sp_connector.engine.lines.summary import summarise

        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            reading = env["sp.settlement"]._reading(env.company)

        def read():
            report = next(open_reports(path.name, lambda: path.open("rb")))
            (summary,) = summarise(report, *reading).values()
            assert summary.proved

        return timed(read)

    def import_file(self, path, keep=False):
        """Upload, import and commit a file; return (id of the settlement, seconds)."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            settlements = env["sp.settlement"]
            started = time.perf_counter()
            (attachment,) = env["ir.attachment"]._sp_create_streamed(
                [{"name": path.name}], lambda: path.open("rb")
            )
            for report in settlements._open_attachment(attachment):
                settlements |= settlements._import_report(
                    report, env.company, attachment=attachment
                )
            cr.commit()
            seconds = time.perf_counter() - started
            settlement_id = settlements.id
        if not keep:
            self.delete(settlement_id)
        return settlement_id, seconds

    def delete(self, *settlement_ids):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["sp.settlement"].browse(settlement_ids).unlink()
            cr.commit()
            cr._cnx.autocommit = True
            cr.execute("VACUUM ANALYZE sp_settlement_row")
            cr._cnx.autocommit = False

    def known(self, path):
        """Seconds until a file that was imported is refused, its upload included."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            (attachment,) = env["ir.attachment"]._sp_create_streamed(
                [{"name": path.name}], lambda: path.open("rb")
            )
            seconds = timed(
                lambda: env["sp.settlement"]._find_imported_from(attachment, env.company)
            )
            assert env["sp.settlement"]._find_imported_from(attachment, env.company)
            cr.rollback()
        return seconds

    def bare_copy(self, path):
        """Seconds of a COPY of the file's rows, typed and ready, into a table without keys."""
        text, lines = io.BytesIO(), {}
        with path.open(newline="") as stream:
            rows = csv.reader(stream, delimiter="\t")
            next(rows), next(rows)
            for number, row in enumerate(rows, 3):
                line = lines.setdefault((*row[11:14], row[15], row[6], row[17][:7]), len(lines))
                cells = [1, line, number, 0, row[6], *row[12:15], row[17][:19], row[11], row[15]]
                cells += [*row[7:11], *row[18:22], row[22] or 0, row[23]]
                text.write(("\t".join(map(str, cells)) + "\n").encode())
        best = float("inf")
        with self.registry.cursor() as cr:
            for _turn in range(3):
                cr.execute(f"CREATE TABLE bench_rows ({TYPED})")
                cr.commit()
                text.seek(0)
                started = time.perf_counter()
                cr.copy_expert("COPY bench_rows FROM STDIN WITH (NULL '')", text, 64 * 1024)
                cr.commit()
                best = min(best, time.perf_counter() - started)
                cr.execute("DROP TABLE bench_rows")
                cr.commit()
        return best

    def orm_create(self, settlement_id):
        """Seconds a row takes through the ORM's create."""
        with self.registry.cursor() as cr:
            rows = api.Environment(cr, SUPERUSER_ID, {})["sp.settlement.row"]
            vals = rows.search([("settlement_id", "=", settlement_id)], limit=1).copy_data()[0]
            started = time.perf_counter()
            rows.create([dict(vals) for _number in range(ORM_ROWS)])
            rows.env.flush_all()
            seconds = time.perf_counter() - started
            cr.rollback()
        return seconds / ORM_ROWS

    def statement_lines(self):
        """Seconds of a bank statement line, as which many book each order."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            journal = env["account.journal"].search(
                [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1
            )
            vals = {"journal_id": journal.id, "payment_ref": "Order", "amount": 9.5}
            started = time.perf_counter()
            env["account.bank.statement.line"].create([vals] * STATEMENT_LINES)
            env.flush_all()
            seconds = time.perf_counter() - started
            cr.rollback()
        return seconds / STATEMENT_LINES

    def pandas(self, path):
        """Seconds of pandas for the sums alone: no proof, no tax forms; ``None`` without pandas."""
        try:
            import pandas
        except ImportError:
            return None

        def read():
            table = pandas.read_csv(path, sep="\t", dtype={"sku": str}, low_memory=False)
            words = ["transaction-type", "amount-type", "amount-description", "marketplace-name"]
            table.groupby(words, dropna=False)["amount"].sum()

        return timed(read)

    # -- memory

    def memory(self, sizes):
        """Peak memory of an import above an idle Odoo: each in a process of its own."""
        for rows in sizes:
            path = self.write(rows, "memory.txt")
            odoo.sql_db.close_all()
            reading, writing = os.pipe()
            child = os.fork()
            if not child:
                Path("/proc/self/clear_refs").write_text("5")
                idle = status("VmRSS")
                self.import_file(path)
                os.write(writing, str(status("VmHWM") - idle).encode())
                os._exit(0)
            os.close(writing)
            with os.fdopen(reading) as answer:
                peak = int(answer.read() or -1)
            os.waitpid(child, 0)
            self.note(f"memory of {rows:,} rows, MiB", peak // 1024, "goal 100")

    # -- entries

    def posted(self, rows):
        """A file from its upload to the posted entry, less Odoo's own cost of such an entry."""
        path = self.write(rows)
        self.import_file(path)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            started = time.perf_counter()
            (attachment,) = env["ir.attachment"]._sp_create_streamed(
                [{"name": path.name}], lambda: path.open("rb")
            )
            settlements = env["sp.settlement"]
            for report in settlements._open_attachment(attachment):
                settlements |= settlements._import_report(
                    report, env.company, attachment=attachment
                )
            settlements.action_post()
            env.flush_all()
            ours = time.perf_counter() - started
            assert settlements.state == "posted", settlements.hold_reason
            started = time.perf_counter()
            for move in settlements.move_ids:
                keep = ("account_id", "name", "balance", "amount_currency", "currency_id")
                lines = [
                    {key: val for key, val in line.copy_data()[0].items() if key in keep}
                    for line in move.line_ids
                ]
                env["account.move"].create(
                    {
                        "journal_id": move.journal_id.id,
                        "date": move.date,
                        "line_ids": [Command.create(vals) for vals in lines],
                    }
                ).action_post()
            env.flush_all()
            theirs = time.perf_counter() - started
            cr.rollback()
        self.note(f"{rows:,} rows, upload to posted, s", round(ours, 2))
        self.note("… Odoo's own entry of the same items, s", round(theirs, 2))
        self.note("… beyond it, s", round(ours - theirs, 2), "goal 1.0")

    def month(self, count, rows):
        """Many settlements, one file each: imported and posted."""
        files = []
        for number in range(count):
            settlement = Settlement(rows, number, "US", "v2")
            text = "".join(settlement.lines()).replace("99000000001", str(70000000000 + number))
            files.append(text.encode())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            self._import_texts(env, files[:2])
            started, before = time.perf_counter(), cr.sql_log_count
            settlements = self._import_texts(env, files[2:])
            imported, between = time.perf_counter() - started, cr.sql_log_count
            started = time.perf_counter()
            for settlement in settlements:
                settlement.action_post()
            env.flush_all()
            posted, after = time.perf_counter() - started, cr.sql_log_count
            assert set(settlements.mapped("state")) == {"posted"}
            cr.rollback()
        count -= 2
        self.note(f"{rows}-row settlements imported a second", round(count / imported, 1))
        self.note("… queries for each", round((between - before) / count))
        self.note("… posted a second", round(count / posted, 1))
        self.note("… queries for each, posting", round((after - between) / count))

    def _import_texts(self, env, texts):
        from odoo.addons.sp_connector.engine.lines.flat_file import open_reports

        settlements = env["sp.settlement"]
        for text in texts:
            for report in open_reports("month.txt", text):
                settlements |= settlements._import_report(report, env.company)
        env.flush_all()
        return settlements

    def many_ids(self, counts):
        """One file of many settlements: the time of each should not grow with their number."""
        seconds = []
        for count in counts:
            text = []
            for number in range(count):
                settlement = Settlement(8, number, "US", "v2")
                lines = "".join(settlement.lines()).replace("99000000001", str(6 * 10**10 + number))
                text.append(lines if not number else lines.partition("\n")[2])
            data = "".join(text).encode()
            with self.registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                seconds.append(timed(lambda env=env, data=data: self._import_texts(env, [data]), 1))
                cr.rollback()
        growth = seconds[1] / seconds[0] / (counts[1] / counts[0])
        self.note(f"{counts[1]:,} settlements in one file, s", round(seconds[1], 2))
        self.note("… time for each, to a tenth of them", round(growth, 2), "1.0 is linear")

    # -- screens

    def screens(self, rows):
        """What people wait for beside nine times as many rows of others, in milliseconds."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            settlement = bench_rows.build(env, rows)
            line = settlement.line_ids[0]
            account = env["account.account"].search([], limit=1)
            journal = env["account.journal"].search([("type", "=", "general")], limit=1)
            sides = [{"account_id": account.id, side: 1} for side in ("debit", "credit")]
            move = env["account.move"].create(
                {"journal_id": journal.id, "line_ids": [Command.create(side) for side in sides]}
            )
            line.move_line_id = move.line_ids[0]
            user = env["res.users"].search([("login", "=", "bench")])
            if not user:
                user = env["res.users"].create(
                    {
                        "name": "Bookkeeper",
                        "login": "bench",
                        "group_ids": [Command.link(env.ref(USER).id)],
                    }
                )
            cr.commit()
            ids = user.id, settlement.id, move.line_ids[0].id
        explain = bool(os.environ.get("EXPLAIN"))
        answers = bench_rows.measure(self.registry, *ids, explain=explain)
        for name, milliseconds in answers.items():
            self.note(f"{name}, ms", milliseconds, "goal 300")
        if not os.environ.get("KEEP"):
            with self.registry.cursor() as cr:
                cr.execute("TRUNCATE sp_settlement_row")
                cr.execute("DELETE FROM sp_settlement WHERE settlement_ref LIKE '8000000____'")


def read_csv(path):
    with path.open(newline="") as stream:
        for _row in csv.reader(stream, delimiter="\t"):
            pass


def timed(call, turns=3):
    """Return the seconds of the fastest of some calls: what else the machine does only adds."""
    best = float("inf")
    for _turn in range(turns):
        started = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - started)
    return best


def status(name):
    """Return a number of /proc/self/status, in KiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


if __name__ == "__main__":
    main()
