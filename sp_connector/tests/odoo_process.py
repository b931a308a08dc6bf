"""An Odoo without tests around it: real cursors, real commits, its own database. A program.

It loads Odoo once and then forks like Odoo's own server does: each *life* is a process with its
own connections that runs the scheduler, and may be killed. Standard input takes one JSON list of
lives a line, which live at the same time; the answer is a list of ``[signal or exit status,
result]``.
"""

import functools
import gc
import hashlib
import importlib
import json
import logging
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from datetime import datetime, timedelta

#: Seconds for which one life waits for the others.
PATIENCE = 60
#: Columns that two databases of the same content may differ in.
INCIDENTAL = frozenset(
    "id create_date write_date create_uid write_uid settlement_id line_id move_id move_line_id "
    "attachment_id sp_settlement_id retry_at error_date report_id".split()
)
#: Everything that an import and a booking leave behind, under names that no id is part of.
CONTENT = {
    "settlements": "SELECT to_jsonb(s), a.name FROM sp_settlement s"
    " LEFT JOIN ir_attachment a ON a.id = s.attachment_id",
    "lines": "SELECT to_jsonb(l), s.settlement_ref, i.name, i.account_id FROM sp_settlement_line l"
    " LEFT JOIN sp_settlement s ON s.id = l.settlement_id"
    " LEFT JOIN account_move_line i ON i.id = l.move_line_id",
    "rows": "SELECT to_jsonb(r), s.settlement_ref, l.category FROM sp_settlement_row r"
    " LEFT JOIN sp_settlement s ON s.id = r.settlement_id"
    " LEFT JOIN sp_settlement_line l ON l.id = r.line_id",
    "entries": "SELECT m.name, m.ref, m.state, m.date::text, m.amount_total::text, s.settlement_ref"
    " FROM account_move m LEFT JOIN sp_settlement s ON s.id = m.sp_settlement_id",
    "items": "SELECT m.name, i.name, i.account_id, i.balance::text, i.amount_currency::text"
    " FROM account_move_line i JOIN account_move m ON m.id = i.move_id",
    "reports": "SELECT to_jsonb(r), a.name,"
    " (SELECT array_agg(s.settlement_ref ORDER BY s.settlement_ref) FROM sp_settlement s"
    "  JOIN sp_report_sp_settlement_rel l ON l.sp_settlement_id = s.id AND l.sp_report_id = r.id),"
    " (SELECT count(*) FROM mail_activity t WHERE t.res_model = 'sp.report' AND t.res_id = r.id),"
    " (SELECT count(*) FROM mail_message m WHERE m.model = 'sp.report' AND m.res_id = r.id)"
    " FROM sp_report r LEFT JOIN ir_attachment a ON a.id = r.attachment_id",
    "files": "SELECT a.store_fname, a.name, a.checksum, a.mimetype, r.report_ref, s.settlement_ref"
    " FROM ir_attachment a"
    " LEFT JOIN sp_report r ON a.res_model = 'sp.report' AND r.id = a.res_id"
    " LEFT JOIN sp_settlement s ON a.res_model = 'sp.settlement' AND s.id = a.res_id"
    " WHERE a.res_model LIKE 'sp.%%'",
    "connections": "SELECT name, state, state_reason FROM sp_connection",
}


class Life:
    """What one process does with its database."""

    def __init__(self, database):
        self.database = database

    def env(self, cr):
        from odoo import SUPERUSER_ID, api

        return api.Environment(cr, SUPERUSER_ID, {})

    def cursor(self):
        from odoo.modules.registry import Registry

        return Registry(self.database).cursor()

    # -- a company with its sellers, and what became of them

    def prepare(self, application, sellers):
        """Make a company that is connected to these sellers, and nobody else's scheduler."""
        with self.cursor() as cr:
            env = self.env(cr)
            env["ir.cron"].search([]).active = False
            pounds = env.ref("base.GBP")
            pounds.active = True
            company = env["res.company"].create({"name": "Tea Ltd", "currency_id": pounds.id})
            env.user.company_ids += company
            env = env(context={"allowed_company_ids": company.ids})
            env["sp.account.plan"]._set_up(company)
            made = env["sp.application"].create({**application, "company_ids": company.ids})
            for seller in sellers:
                env["sp.connect"].create(
                    {
                        "company_id": company.id,
                        "application_id": made.id,
                        "region": "eu",
                        "method": "token",
                        **seller,
                    }
                ).action_connect()
            # The access tokens are over: the first who asks Amazon has to refresh.
            cr.execute("UPDATE sp_secret SET expires_at = '2020-01-01' WHERE name = 'access_token'")
            cr.execute("UPDATE sp_connection SET next_sync_at = '2999-01-01'")

    def run(self, connections=(), kill=None):
        """Let the scheduler do all that is due.

        :param connections: names of those to look at now
        :param kill: (what, "before" or "after", n): die at its n-th call
        """
        with self.cursor() as cr:
            cr.execute(
                "UPDATE sp_connection SET next_sync_at = NULL WHERE name = ANY(%s)",
                (list(connections),),
            )
            # Whole seconds, as Odoo writes them: it compares with its own clock cut to seconds, and
            # what is a fraction later would be due again at once.
            cr.execute(
                "UPDATE ir_cron SET nextcall = date_trunc('second', now()) - interval '1 hour'"
                " WHERE active"
            )
            # So long after the last life that Amazon's limits allow all calls again: what a dead
            # process had asked for counts, and to ask once more would have to wait.
            cr.execute("DELETE FROM sp_rate_limit")
        # A page of two: three reports make a second page.
        _target("engine.amazon.reports:PAGE_SIZE", lambda _size: 2)
        if kill:
            what, when, turn = kill
            _target(what, lambda method: _deadly(method, when, turn))
        from odoo.addons.base.models.ir_cron import IrCron

        for _turn in range(20):
            IrCron._process_jobs(self.database)
            with self.cursor() as cr:
                if not IrCron._get_all_ready_jobs(cr):
                    return True
        return False

    def upload(self, text):
        """Upload a file that is left to the scheduler."""
        with self.cursor() as cr:
            env = self.env(cr)
            company = env["res.company"].search([("name", "=", "Tea Ltd")])
            env = env(context={"allowed_company_ids": company.ids})
            env.ref("sp_connector.ir_cron_import_uploads").active = True
            file = env["ir.attachment"].create({"name": "large.txt", "raw": text.encode()})
            env["sp.upload"]._take(file, company)

    def uploads(self):
        """Return [(state, settlement ids of Amazon)] of the uploads."""
        with self.cursor() as cr:
            found = self.env(cr)["sp.upload"].search([], order="id")
            return [(one.state, one.settlement_ids.mapped("settlement_ref")) for one in found]

    def book(self):
        """Post whatever can be posted, in the order of Amazon's numbers."""
        with self.cursor() as cr:
            env = self.env(cr)
            for settlement in env["sp.settlement"].search([], order="settlement_ref"):
                settlement.with_company(settlement.company_id).action_post()

    # -- many at once

    def batch(self, operation):
        """Press a button for all settlements, so that the scheduler does it."""
        _target("models.batch.sp_batch:AT_ONCE", lambda _count: 1)
        with self.cursor() as cr:
            env = self.env(cr)
            company = env["res.company"].search([("name", "=", "Tea Ltd")])
            env = env(context={"allowed_company_ids": company.ids})
            cron = env.ref("sp_connector.ir_cron_run_batches")
            if not cron.active:
                cron.active = True
            env["sp.batch"]._press(operation, env["sp.settlement"].search([]))

    def cancel_batches(self):
        """Cancel what still waits."""
        with self.cursor() as cr:
            self.env(cr)["sp.batch"].search([]).action_cancel()

    def batches(self):
        """Return [[state of each settlement], …] of the batches, in the order of their work."""
        with self.cursor() as cr:
            batches = self.env(cr)["sp.batch"].search([], order="id")
            return [batch.line_ids.sorted("id").mapped("state") for batch in batches]

    def entries(self):
        """Return [(number, state)] of the settlements' entries."""
        with self.cursor() as cr:
            moves = self.env(cr)["account.move"].search([("sp_settlement_ref", "!=", False)])
            return sorted((move.name or "", move.state) for move in moves)

    def dump(self):
        """Return {table: sorted texts of its records}, attachments with the bytes of the file."""
        found = {}
        with self.cursor() as cr:
            store = self.env(cr)["ir.attachment"]
            for name, query in CONTENT.items():
                cr.execute(query)
                found[name] = sorted(
                    json.dumps(_plain(line), default=str) for line in cr.fetchall()
                )
                if name == "files":
                    for line in found[name]:
                        path = store._full_path(json.loads(line)[0])
                        with open(path, "rb") as file:
                            digest = hashlib.sha1(file.read()).hexdigest()
                        if digest != json.loads(line)[2]:
                            raise AssertionError(f"Other bytes: {line}")
        return found

    # -- a day with the others

    def at_once(self):
        """Let all connections and scheduled actions be due in the time that is simulated."""
        with self.cursor() as cr:
            cr.execute("DELETE FROM sp_rate_limit")
            cr.execute("UPDATE sp_secret SET expires_at = '2020-01-01' WHERE name = 'access_token'")
            cr.execute(
                # What a look in the real time proved, the simulated time knows nothing of.
                "UPDATE sp_connection SET next_sync_at = NULL, proven_until = NULL,"
                " backfill_since = NULL, backfill_until = NULL, is_backfill_listed = FALSE"
            )
            cr.execute("UPDATE ir_cron SET nextcall = '2020-01-01' WHERE active")

    def take(self, barrier, turns):
        """Ask again and again for one more call of the same bucket; return how many, and errors."""
        errors, taken = _errors_of_the_log(), 0
        barrier.wait(PATIENCE)
        for _turn in range(turns):
            with self.cursor() as cr:
                env = self.env(cr)
                connection = env["sp.connection"].search([], order="id", limit=1)
                try:
                    env["sp.rate.limit"]._take(connection, "getReports")
                    taken += 1
                except _addon("engine.errors").Retryable:
                    continue
        return taken, errors

    def look(self, barrier):
        """Ask Amazon for the reports of all connections."""
        barrier.wait(PATIENCE)
        with self.cursor() as cr:
            self.env(cr)["sp.connection"]._cron_find_reports()

    def refer(self, barrier, amazon, calls):
        """Refer to every connection while another process asks; return seconds and errors.

        :param calls: more requests than these: the other one has begun to ask
        """
        import requests

        errors = _errors_of_the_log()
        with self.cursor() as cr:
            env = self.env(cr)
            connections = env["sp.connection"].search([])
            barrier.wait(PATIENCE)
            while requests.get(f"{amazon}/_control", timeout=10).json()["calls"] <= calls:
                time.sleep(0.01)
            started = time.monotonic()
            for connection in connections:
                env["sp.connection.sync"]._log_search(connection, datetime.now(), result="done")
            env.flush_all()
            return time.monotonic() - started, errors

    def day(self, barrier, place, start, ticks, minutes, amazon):
        """Live a simulated day, in step with the other processes; return the errors of the log.

        :param place: which of the processes this is
        :param amazon: address of the simulator, whose clock the first one moves
        """
        import freezegun
        import requests

        from odoo.sql_db import BaseCursor

        from odoo.addons.base.models.ir_cron import IrCron

        errors = _errors_of_the_log()
        start = datetime.fromisoformat(start)
        with freezegun.freeze_time(start) as clock:
            BaseCursor.now = lambda _cr: datetime.now()
            for tick in range(ticks):
                clock.move_to(start + timedelta(minutes=minutes * tick))
                barrier.wait(PATIENCE)
                if tick % 4 == 3:
                    self._crowd(tick, errors)
                IrCron._process_jobs(self.database)
                barrier.wait(PATIENCE)
                if place == 0:
                    requests.post(
                        f"{amazon}/_control/advance", json={"seconds": 60 * minutes}, timeout=10
                    ).raise_for_status()
        return errors

    def _crowd(self, tick, errors):
        """Everybody presses the button of the same connection, and imports without a scheduler."""
        from odoo.service.model import retrying

        with self.cursor() as cr:
            env = self.env(cr)
            connections = env["sp.connection"].search([], order="id")
            connection = connections[tick // 4 % len(connections)]
            known = len(errors)
            try:
                retrying(connection.action_sync_now, env)
            except Exception as error:
                errors.append(f"action_sync_now: {error!r}")
            # Odoo presses a button again whose transaction came too late, and notes each time.
            errors[known:] = [one for one in errors[known:] if "could not serialize" not in one]
        with self.cursor() as cr:
            try:
                self.env(cr)["sp.report"]._cron_import_reports()
            except Exception as error:
                errors.append(f"_cron_import_reports: {error!r}")


def _plain(record):
    return [
        {name: cell for name, cell in value.items() if name not in INCIDENTAL}
        if isinstance(value, dict)
        else value
        for value in record
    ]


def _addon(module):
    return importlib.import_module(f"odoo.addons.sp_connector.{module}")


def _target(path, change):
    """Replace ``module:name`` of the addon, or ``model/method``, by ``change(what it is)``."""
    if "/" in path:
        from odoo.modules.registry import Registry

        model, _slash, name = path.partition("/")
        (registry,) = Registry.registries.values()
        owner = registry[model]
    else:
        module, _colon, names = path.partition(":")
        *inner, name = names.split(".")
        owner = functools.reduce(getattr, inner, _addon(module))
    setattr(owner, name, change(getattr(owner, name)))


def _deadly(method, when, turn):
    """Wrap a method so that its n-th call kills this process, before or after its work."""
    calls = 0

    @functools.wraps(method)
    def wrapper(*args, **kwargs):
        nonlocal calls
        calls += 1
        if calls == turn and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = method(*args, **kwargs)
        if calls == turn:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return wrapper


def _errors_of_the_log():
    """Return a list that fills with what is logged as an error from now on."""
    lines = []

    class Errors(logging.Handler):
        def emit(self, record):
            lines.append(self.format(record))

    logging.getLogger().addHandler(Errors(logging.ERROR))
    return lines


def _fork(database, life, barrier, answer):
    """Start a life; its result goes to the file ``answer``."""
    if pid := os.fork():
        return pid
    status = 1
    try:
        random.seed()  # noqa: S311
        what = life.pop("do")
        if what in ("day", "look", "refer", "take"):
            life["barrier"] = barrier
        result = getattr(Life(database), what)(**life)
        with open(answer, "w") as out:
            json.dump(result, out)
        status = 0
    except BaseException:
        logging.getLogger(__name__).exception("A life ended early")
    finally:
        os._exit(status)


def _wait_for_the_end(pids):
    """Wait until PostgreSQL has noticed that these processes died: until then their locks stay."""
    from odoo.sql_db import db_connect

    names = [f"odoo-{pid}" for pid in pids]  # what Odoo calls its connections
    end = time.monotonic() + PATIENCE
    while names and time.monotonic() < end:
        with db_connect("postgres").cursor() as cr:
            cr.execute("SELECT 1 FROM pg_stat_activity WHERE application_name = ANY(%s)", (names,))
            if not cr.fetchone():
                return
        time.sleep(0.05)


def main(configuration, database):
    """Load Odoo, then serve lives until standard input ends."""
    import odoo.tools
    from odoo.modules.registry import Registry
    from odoo.sql_db import close_all

    odoo.tools.config.parse_config(["-c", configuration, "-d", database], setup_logging=True)
    Registry(database)
    gc.collect()
    gc.freeze()  # what all lives share stays shared: no collection touches its pages
    with tempfile.TemporaryDirectory() as folder:
        answer = os.path.join(folder, "%s.json").__mod__
        for line in sys.stdin:
            close_all()  # no connection is shared with a life
            lives = json.loads(line)
            barrier = multiprocessing.get_context("fork").Barrier(len(lives))
            pids = [
                _fork(database, life, barrier, answer(place)) for place, life in enumerate(lives)
            ]
            ends = []
            for place, pid in enumerate(pids):
                status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                with open(answer(place)) if status == 0 else open(os.devnull) as file:
                    ends.append([status, json.load(file) if status == 0 else None])
            _wait_for_the_end([pid for pid, end in zip(pids, ends, strict=True) if end[0] < 0])
            sys.stdout.write(json.dumps(ends) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    sys.path.pop(0)  # this folder: its modules are Odoo's, not the program's
    main(*sys.argv[1:])
