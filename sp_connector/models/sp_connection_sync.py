"""Settlement reports of a connection are found by the scheduler, page by page, within limits."""

import logging
from datetime import timedelta

import psycopg2.extensions

from odoo import api, fields, models

from ..engine import reports
from ..engine.errors import AmazonError, KeyLost, Retryable

_logger = logging.getLogger(__name__)
#: Asked for again each time: what Amazon listed late, or while pages moved.
OVERLAP = timedelta(days=3)
SYNCED = [("state", "in", ("connected", "attention")), ("parent_id", "=", False)]


class SpConnection(models.Model):
    _inherit = "sp.connection"

    sync_hours = fields.Integer(
        "Look Every (Hours)", default=4, help="How often Amazon is asked for new settlements."
    )
    next_sync_at = fields.Datetime("Next Sync", readonly=True, copy=False, index=True)
    last_sync_at = fields.Datetime("Last Successful Sync", readonly=True, copy=False)
    proven_until = fields.Datetime(
        "Complete Until",
        readonly=True,
        copy=False,
        help="All reports that Amazon made up to here are known.",
    )
    report_ids = fields.One2many("sp.report", "connection_id", "Reports", readonly=True)
    report_count = fields.Integer("Number of Reports", compute="_compute_report_counts")
    waiting_count = fields.Integer("Reports Waiting", compute="_compute_report_counts")
    failed_count = fields.Integer("Reports Failed", compute="_compute_report_counts")
    log_ids = fields.One2many("sp.sync.log", "connection_id", "Sync Log", readonly=True)
    last_result = fields.Selection("_selection_last_result", compute="_compute_last_run")
    last_run_text = fields.Char("Last Run", compute="_compute_last_run")

    def _compute_report_counts(self):
        counts = {
            (connection, state): count
            for connection, state, count in self.env["sp.report"]._read_group(
                [("connection_id", "in", self.ids)], ["connection_id", "state"], ["__count"]
            )
        }
        totals = {}
        for (connection, _state), count in counts.items():
            totals[connection] = totals.get(connection, 0) + count
        for connection in self:
            connection.report_count = totals.get(connection, 0)
            connection.waiting_count = counts.get((connection, "found"), 0) + counts.get(
                (connection, "fetched"), 0
            )
            connection.failed_count = counts.get((connection, "failed"), 0)

    @api.model
    def _selection_last_result(self):
        return self.env["sp.sync.log"]._fields["result"]._description_selection(self.env)

    def _compute_last_run(self):
        log = self.env["sp.sync.log"]
        newest = dict(
            log._read_group([("connection_id", "in", self.ids)], ["connection_id"], ["id:max"])
        )
        for connection in self:
            line = log.browse(newest.get(connection))
            connection.last_result = line.result
            connection.last_run_text = line and self.env._(
                "%(time)s: %(what)s",
                time=connection._time_text(line.started_at),
                what=line.summary,
            )

    # === ACTIONS === #

    def action_sync_now(self):
        """Look for new reports at once, then let the scheduler fetch and import them."""
        self.ensure_one()
        self.check_access("read")
        # Whoever looks holds the lock: the scheduler, or somebody who pressed before.
        connection = self.sudo().try_lock_for_update(allow_referencing=True)
        if connection:
            line = connection._find_reports()
            kind = "success" if line.result == "done" else "warning"
            message = connection._words_of_look(line)
        else:
            kind = "info"
            message = self.env._("Amazon is being asked at this moment.")
        self.env.ref("sp_connector.ir_cron_import_reports").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "title": self.name,
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _words_of_look(self, line):
        """Return what a look found (a line of the sync log), and what comes next."""
        if line.message:
            again = self._time_text(self.next_sync_at)
            return self.env._("%(why)s Tried again at %(time)s.", why=line.message, time=again)
        if line.found:
            return self.env._(
                "%(new)s; the import runs in the background.", new=line._words_of_found()
            )
        return self.env._("Amazon has no new reports.")

    def action_view_reports(self):
        """Open the reports of this connection; those that failed where the context says so."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sp_connector.sp_report_action")
        action["domain"] = [("connection_id", "=", self.id)]
        failed_only = self.env.context.get("sp_connector_failed")
        action["context"] = {"search_default_failed": 1} if failed_only else {}
        return action

    # === CRON === #

    @api.model
    def _sync_domain(self):
        return [
            *SYNCED,
            "|",
            ("next_sync_at", "=", False),
            ("next_sync_at", "<=", fields.Datetime.now()),
        ]

    @api.model
    def _cron_find_reports(self):
        """Look for the reports of every connection that is due, the longest waiting first."""
        searched = fields.Datetime.now()
        self.search(self._sync_domain(), order="next_sync_at, id")._dispatch()
        # Whoever is due a moment after a regular run must not wait for the following one.
        following = self.search(
            [*SYNCED, ("next_sync_at", ">", searched)], order="next_sync_at", limit=1
        )
        if following:
            at = max(following.next_sync_at, fields.Datetime.now() + timedelta(seconds=1))
            self.env.ref("sp_connector.ir_cron_find_reports")._trigger(at=at)

    def _dispatch(self):
        """Look for the reports of these connections, one after the other.

        Called by the scheduler only, as it commits. Who has workers of its own puts ``_look``
        into their queue here instead.
        """
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(self))
        found = False
        for connection in self:
            found |= connection._look()
            if not cron._commit_progress(1):
                break
        if found:
            self.env.ref("sp_connector.ir_cron_import_reports")._trigger()

    def _look(self):
        """Look for reports where it is due and nobody else does; return whether any are new."""
        # Others may refer to it meanwhile: their reports and log lines do not wait for Amazon.
        mine = self.try_lock_for_update(allow_referencing=True)
        mine.invalidate_recordset()  # what was read before the lock may have changed
        mine = mine.filtered_domain(self._sync_domain())
        return bool(mine and mine._find_reports_alone())

    def _find_reports_alone(self):
        """Find reports so that whatever goes wrong stops no other connection.

        :return: how many new ones were found
        """
        started = fields.Datetime.now()
        try:
            with self.env.cr.savepoint():
                return self._find_reports().found
        except psycopg2.extensions.TransactionRollbackError:
            return 0  # somebody else changed it meanwhile; it is still due
        except psycopg2.OperationalError:
            raise  # without a database there is nothing to go on with
        except Exception as error:
            _logger.exception("Finding the reports of connection %s failed", self.id)
            self.next_sync_at = started + timedelta(hours=1)
            message = self.env._("Unexpected: %(error)s", error=error)
            self._log_search(started, result="failed", message=message)
            return 0

    def _find_reports(self):
        """Ask Amazon for reports, all pages, and store those that are new.

        The point up to which everything is known moves only in the transaction that stores what
        proves it, and only when the last page was read.

        :return: the line of the sync log
        """
        self.ensure_one()
        started = fields.Datetime.now()
        since, until = self._next_range(started, OVERLAP)
        known = set(self.report_ids.mapped("report_ref"))
        new = {}
        vals = {"result": "done"}
        try:
            page = self._ask_limited(
                "getReports", lambda partner: reports.first_page(partner, since, until)
            )
            while True:
                # A page that shifts while it is read lists a report twice, or misses one that
                # the overlap catches the next time.
                new.update({info.report_ref: info for info in page.reports})
                if not page.next_token:
                    break
                token = page.next_token
                page = self._ask_limited(
                    "getReports", lambda partner, token=token: reports.next_page(partner, token)
                )
            interval = timedelta(hours=max(self.sync_hours, 1))
            self._range_was_listed(started, since, until, interval)
        except (AmazonError, KeyLost) as error:
            waits = isinstance(error, Retryable)
            after = timedelta(seconds=max(error.after, 60)) if waits else timedelta(hours=1)
            self.next_sync_at = started + after
            vals = {
                "result": "waiting" if waits else "failed",
                "message": str(error),
                "request_ref": getattr(error, "request_id", "") or False,
            }
            if waits:
                self.env.ref("sp_connector.ir_cron_find_reports").sudo()._trigger(
                    at=self.next_sync_at
                )
        fresh = [info for reference, info in new.items() if reference not in known]
        self._store_reports(fresh)
        return self._log_search(started, found=len(fresh), **vals)

    def _log_search(self, started, **vals):
        return self.env["sp.sync.log"].create(
            {
                "connection_id": self.id,
                "step": "find",
                "started_at": started,
                "ended_at": fields.Datetime.now(),
                **vals,
            }
        )

    def _store_reports(self, infos):
        """Store reports that are ready; one that Amazon is still making is listed again later."""
        self.env["sp.report"].create(
            [
                {
                    "connection_id": self.id,
                    "report_ref": info.report_ref,
                    "document_ref": info.document_ref,
                    "processing_status": info.processing_status,
                    "created_at": info.created_at,
                    "date_start": info.date_start,
                    "date_end": info.date_end,
                }
                for info in infos
                if info.processing_status == "DONE"
            ]
        )

    def _ask_limited(self, operation, question, quietly=False):
        """Ask Amazon within its limits; see ``_ask``.

        :param quietly: leave the state of the connection alone
        :raises Retryable: also ``limit``: the call was not made, ask again after so many seconds
        """
        limits = self.env["sp.rate.limit"]

        def limited(partner):
            limits._take(self, operation)
            return question(partner)

        try:
            return self._ask_quietly(limited) if quietly else self._ask(limited)
        except Retryable as error:
            if error.code == "throttled":
                limits._drain(self, operation)
            raise
