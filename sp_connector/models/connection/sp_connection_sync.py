"""Settlement reports of a connection are found by the scheduler, slice by slice of time."""

import logging
import time
from collections import Counter
from datetime import timedelta

import psycopg2.extensions

from odoo import api, fields, models

from ...engine.amazon import listing, reports
from ...engine.errors import AmazonError, KeyLost, Rejected, Retryable

_logger = logging.getLogger(__name__)
#: After so many seconds a look rests: whoever wants to change the connection waits for its lock.
LOOK_SECONDS = 30
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
        help="All reports that Amazon made up to here are known and finished at Amazon.",
    )
    looked_at = fields.Datetime("Last Look", readonly=True, copy=False)
    look_tries = fields.Integer(
        readonly=True, copy=False, help="Looks in a row that ended early by a trouble at Amazon."
    )
    listing_progress = fields.Json(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="How far Amazon was asked, while a listing is under way.",
    )
    clock_offset = fields.Integer(
        readonly=True,
        copy=False,
        help="Seconds that are added to the server's clock to get the time Amazon is asked by.",
    )
    report_ids = fields.One2many("sp.report", "connection_id", "Reports", readonly=True)
    report_count = fields.Integer("Number of Reports", compute="_compute_report_counts")
    waiting_count = fields.Integer("Reports Waiting", compute="_compute_report_counts")
    failed_count = fields.Integer("Reports Failed", compute="_compute_report_counts")
    unfinished_count = fields.Integer(
        "Unfinished at Amazon",
        compute="_compute_report_counts",
        help="Reports that Amazon is still making. They are asked for until they end.",
    )
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
            connection.unfinished_count = counts.get((connection, "unfinished"), 0)

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
        words = line._words_of_found()
        if line.message:
            again = self._time_text(self.next_sync_at)
            why = f"{words}. {line.message}" if line.found else line.message
            return self.env._("%(why)s Tried again at %(time)s.", why=why, time=again)
        if line.found > line.unfinished + line.failed:
            return self.env._("%(new)s; the import runs in the background.", new=words)
        if line.found:
            return words
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
        now = fields.Datetime.now()
        return [
            *SYNCED,
            "|",
            "|",
            ("next_sync_at", "=", False),
            ("next_sync_at", "<=", now),
            # It was set by a clock that ran ahead, and might be years away.
            ("looked_at", ">", now + listing.TOLERANCE),
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
            self.write({"looked_at": started, "next_sync_at": started + timedelta(hours=1)})
            message = self.env._("Unexpected: %(error)s", error=error)
            self._log_search(started, result="failed", message=message)
            return 0

    def _find_reports(self):
        """Ask Amazon for reports, and store those that are new or have changed there.

        What an answer brought is kept with it: a look that ends early goes on where it was.

        :return: the line of the sync log
        """
        self.ensure_one()
        started = fields.Datetime.now()
        self._forget_the_future(started)
        self.looked_at = started
        counts, vals = Counter(), {"result": "done"}
        try:
            at = self._list_reports(counts)
            self.write({"last_sync_at": started, "next_sync_at": at, "look_tries": 0})
        except (AmazonError, KeyLost) as error:
            waits = isinstance(error, Retryable)
            self.next_sync_at = started + self._pause_after(error)
            vals = {
                "result": "waiting" if waits else "failed",
                "message": str(error),
                "request_ref": getattr(error, "request_id", "") or False,
            }
            if waits:
                self.env.ref("sp_connector.ir_cron_find_reports").sudo()._trigger(
                    at=self.next_sync_at
                )
        self._hold_point()
        return self._log_search(started, **vals, **counts)

    def _list_reports(self, counts):
        """List until the end of the range that is due, slice by slice.

        :param counts: is told what was stored
        :return: when to look next
        :raises AmazonError, KeyLost: it ended early; what was listed up to then is kept
        """
        rests_at = time.monotonic() + LOOK_SECONDS
        was_refused = False
        while True:
            clock = fields.Datetime.now()
            now = clock + timedelta(seconds=self.clock_offset)
            under_way = self._listing_under_way(now)
            asked = listing.next_slice(under_way, now)
            try:
                page = self._ask_page(asked, under_way.token)
            except Rejected as error:
                if was_refused or error.operation != "getReports":
                    raise
                # The token of the page may be over, or a wrong clock asked for too long ago.
                was_refused = True
                self.listing_progress = listing.pack(under_way._replace(token=""))
                if not (under_way.token or self._set_clock(error.moment, clock, under_way, True)):
                    raise
                continue
            if not was_refused and self._set_clock(page.told_at, clock, under_way):
                continue
            counts.update(self._store_reports(page.reports))
            under_way, is_finished = listing.after_page(
                under_way, asked, page, page.told_at or now, reports.PAGE_SIZE
            )
            self._keep_listing(under_way, is_finished, now, clock)
            if is_finished:
                # What came after a range that ended earlier is asked for at once.
                hours = 0 if under_way.until else max(self.sync_hours, 1)
                return clock + timedelta(hours=hours)
            if time.monotonic() > rests_at:
                raise Retryable("more", self.env._("Amazon has more reports."), after=1)

    def _ask_page(self, asked, token):
        """Return a page of a slice; the error of a refusal knows Amazon's clock."""
        partners = []

        def ask(partner):
            partners.append(partner)
            return (
                reports.next_page(partner, token) if token else reports.first_page(partner, *asked)
            )

        try:
            return self._ask(ask)
        except Rejected as error:
            error.moment = partners[-1].moment if partners else None
            raise

    def _set_clock(self, told_at, clock, under_way, is_refused=False):
        """Correct the time that Amazon is asked by; tell whether that was needed."""
        offset = timedelta(seconds=self.clock_offset)
        corrected = listing.offset_of(offset, told_at, clock, is_refused)
        if corrected == offset:
            return False
        self.clock_offset = corrected.total_seconds()
        if under_way.at == under_way.since:
            self.listing_progress = False  # it began at a wrong time
            if not self.proven_until:
                self.backfill_since = False  # and so did the first look, of all that Amazon has
        return True

    def _pause_after(self, error):
        """Return how long to wait after a look that ended early, longer each time in a row."""
        if not isinstance(error, Retryable):
            return timedelta(hours=1)
        if error.code in ("limit", "throttled", "busy", "more"):  # waiting one's turn
            return timedelta(seconds=max(int(error.after), 1))
        self.look_tries += 1
        return listing.pause(self.look_tries, error.after)

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
        """Store what Amazon tells of reports, whether they are finished or not.

        :return: counts of those that are new: {field of the log: number}
        """
        told = {info.report_ref: info for info in infos}
        known = self.env["sp.report"].search(
            [("connection_id", "=", self.id), ("report_ref", "in", list(told))]
        )
        for report in known:
            report._note_at_amazon(told.pop(report.report_ref))
        new = self.env["sp.report"]._make(self, told.values())
        states = new.mapped("state")
        return {
            "found": len(new),
            "unfinished": states.count("unfinished"),
            "failed": states.count("failed"),
        }
