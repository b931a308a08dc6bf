"""Settlement reports of a connection are found by the scheduler, slice by slice of time."""

import logging
import time
from collections import Counter
from datetime import timedelta

import psycopg2.extensions

from odoo import api, fields, models

from ...engine.amazon import listing, reports
from ...engine.errors import AmazonError, KeyLost, Rejected, Retryable
from ..amazon.reasons import words_of
from ..common.texts import time_text

_logger = logging.getLogger(__name__)
#: After so many seconds a look rests: whoever wants to change the connection waits for its lock.
LOOK_SECONDS = 30
SYNCED = [("state", "in", ("connected", "attention")), ("parent_id", "=", False)]


class SpConnectionSync(models.AbstractModel):
    """Looks for reports: those of all connections that are due, or of one at once."""

    _name = "sp.connection.sync"
    _description = "Amazon Sync"

    # === AT ONCE === #

    @api.model
    def _look_now(self, connection):
        """Look for new reports; return the action that tells what was found.

        Reports are the seller account's: a child's parent looks for them, for all its companies.
        """
        if connection.parent_id:
            parent = connection.parent_id.sudo(False)
            parent = parent.with_context(allowed_company_ids=self.env.user.company_ids.ids)
            if connection.state == "disconnected" or not parent.has_access("read"):
                connection._check_is_parent(
                    self.env._(
                        "%(name)s looks for the settlements of this seller account, also for this "
                        "company. Ask somebody who may use that connection."
                    )
                )
            return parent.action_sync_now()
        # Whoever looks holds the lock: the scheduler, or somebody who pressed before.
        mine = connection.sudo().try_lock_for_update(allow_referencing=True)
        if mine:
            line = self.sudo()._find_reports(mine)
            kind = "success" if line.result == "done" else "warning"
            message = self._words_of_look(mine, line)
        else:
            kind = "info"
            message = self.env._("Amazon is being asked at this moment.")
        self.env.ref("sp_connector.ir_cron_import_reports").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "title": connection.name,
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _words_of_look(self, connection, line):
        """Return what a look found (a line of the sync log), and what comes next."""
        words = line._words_of_found()
        if line.message:
            again = time_text(connection, connection.next_sync_at)
            why = f"{words}. {line.message}" if line.found else line.message
            return self.env._("%(why)s Tried again at %(time)s.", why=why, time=again)
        if line.found > line.unfinished + line.failed:
            return self.env._("%(new)s; the import runs in the background.", new=words)
        if line.found:
            return words
        if not connection.report_ids:
            return self.env._(
                "Amazon has no finished settlement of the last 90 days. The first arrives by "
                "itself when Amazon closes one, mostly within 14 days."
            )
        return self.env._("Amazon has no new reports.")

    # === BY THE SCHEDULER === #

    @api.model
    def _due_domain(self):
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
    def _look_at_all(self):
        """Look for the reports of every connection that is due, the longest waiting first."""
        connections = self.env["sp.connection"]
        searched = fields.Datetime.now()
        self._dispatch(connections.search(self._due_domain(), order="next_sync_at, id"))
        # Whoever is due a moment after a regular run must not wait for the following one.
        following = connections.search(
            [*SYNCED, ("next_sync_at", ">", searched)], order="next_sync_at", limit=1
        )
        if following:
            at = max(following.next_sync_at, fields.Datetime.now() + timedelta(seconds=1))
            self.env.ref("sp_connector.ir_cron_find_reports")._trigger(at=at)

    @api.model
    def _dispatch(self, connections):
        """Look for the reports of connections, one after the other.

        Called by the scheduler only, as it commits. Who has workers of its own puts
        ``sp.connection._look`` into their queue here instead.
        """
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(connections))
        found = False
        for connection in connections:
            found |= connection._look()
            if not cron._commit_progress(1):
                break
        if found:
            self.env.ref("sp_connector.ir_cron_import_reports")._trigger()

    @api.model
    def _look(self, connection):
        """Look for reports where it is due and nobody else does; return whether any are new."""
        # Others may refer to it meanwhile: their reports and log lines do not wait for Amazon.
        mine = connection.try_lock_for_update(allow_referencing=True)
        mine.invalidate_recordset()  # what was read before the lock may have changed
        mine = mine.filtered_domain(self._due_domain())
        return bool(mine and self._find_reports_alone(mine))

    @api.model
    def _find_reports_alone(self, connection):
        """Find reports so that whatever goes wrong stops no other connection.

        :return: how many new ones were found
        """
        started = fields.Datetime.now()
        try:
            with self.env.cr.savepoint():
                return self._find_reports(connection).found
        except psycopg2.extensions.TransactionRollbackError:
            return 0  # somebody else changed it meanwhile; it is still due
        except psycopg2.OperationalError:
            raise  # without a database there is nothing to go on with
        except Exception as error:
            _logger.exception("Finding the reports of connection %s failed", connection.id)
            connection.write({"looked_at": started, "next_sync_at": started + timedelta(hours=1)})
            message = words_of(self.env, Retryable("unexpected", error=error))
            self._log_search(connection, started, result="failed", message=message)
            return 0

    @api.model
    def _find_reports(self, connection):
        """Ask Amazon for reports, and store those that are new or have changed there.

        What an answer brought is kept with it: a look that ends early goes on where it was.

        :return: the line of the sync log
        """
        connection._check_is_parent(  # both would import the same settlement
            self.env._("%(name)s looks for the settlements of this seller account.")
        )
        backfill = self.env["sp.connection.backfill"]
        started = fields.Datetime.now()
        backfill._forget_the_future(connection, started)
        connection.looked_at = started
        counts, vals = Counter(), {"result": "done"}
        try:
            at = self._list_reports(connection, counts)
            connection.write({"last_sync_at": started, "next_sync_at": at, "look_tries": 0})
        except (AmazonError, KeyLost) as error:
            waits = isinstance(error, Retryable)
            connection.next_sync_at = started + self._pause_after(connection, error)
            vals = {
                "result": "waiting" if waits else "failed",
                "message": words_of(self.env, error),
                "request_ref": error.request_id or False,
            }
            if waits:
                self.env.ref("sp_connector.ir_cron_find_reports").sudo()._trigger(
                    at=connection.next_sync_at
                )
        backfill._hold_point(connection)
        return self._log_search(connection, started, **vals, **counts)

    @api.model
    def _list_reports(self, connection, counts):
        """List until the end of the range that is due, slice by slice.

        :param counts: is told what was stored
        :return: when to look next
        :raises AmazonError, KeyLost: it ended early; what was listed up to then is kept
        """
        backfill = self.env["sp.connection.backfill"]
        rests_at = time.monotonic() + LOOK_SECONDS
        was_refused = False
        while True:
            clock = fields.Datetime.now()
            now = clock + timedelta(seconds=connection.clock_offset)
            under_way = backfill._listing_under_way(connection, now)
            asked = listing.next_slice(under_way, now)
            try:
                page = self._ask_page(connection, asked, under_way.token)
            except Rejected as error:
                if was_refused or error.operation != "getReports":
                    raise
                # The token of the page may be over, or a wrong clock asked for too long ago.
                was_refused = True
                connection.listing_progress = listing.pack(under_way._replace(token=""))
                moment = error.moment
                if not (
                    under_way.token or self._set_clock(connection, moment, clock, under_way, True)
                ):
                    raise
                continue
            if not was_refused and self._set_clock(connection, page.told_at, clock, under_way):
                continue
            counts.update(self._store_reports(connection, page.reports))
            under_way, is_finished = listing.after_page(
                under_way, asked, page, page.told_at or now, reports.PAGE_SIZE
            )
            backfill._keep_listing(connection, under_way, is_finished, now, clock)
            if is_finished:
                # What came after a range that ended earlier is asked for at once.
                hours = 0 if under_way.until else max(connection.sync_hours, 1)
                return clock + timedelta(hours=hours)
            if time.monotonic() > rests_at:
                raise Retryable("more", after=1)

    @api.model
    def _ask_page(self, connection, asked, token):
        """Return a page of a slice; the error of a refusal knows Amazon's clock."""
        partners = []

        def ask(partner):
            partners.append(partner)
            return (
                reports.next_page(partner, token) if token else reports.first_page(partner, *asked)
            )

        try:
            return self.env["sp.client"]._ask(connection, ask)
        except Rejected as error:
            error.moment = partners[-1].moment if partners else None
            raise

    @api.model
    def _set_clock(self, connection, told_at, clock, under_way, is_refused=False):
        """Correct the time that Amazon is asked by; tell whether that was needed."""
        offset = timedelta(seconds=connection.clock_offset)
        corrected = listing.offset_of(offset, told_at, clock, is_refused)
        if corrected == offset:
            return False
        connection.clock_offset = corrected.total_seconds()
        if under_way.at == under_way.since:
            connection.listing_progress = False  # it began at a wrong time
            if not connection.proven_until:
                connection.backfill_since = (
                    False  # and so did the first look, of all that Amazon has
                )
        return True

    @api.model
    def _pause_after(self, connection, error):
        """Return how long to wait after a look that ended early, longer each time in a row."""
        if not isinstance(error, Retryable):
            return timedelta(hours=1)
        if error.code in ("limit", "throttled", "busy", "more"):  # waiting one's turn
            return timedelta(seconds=max(int(error.after), 1))
        connection.look_tries += 1
        return listing.pause(connection.look_tries, error.after)

    @api.model
    def _log_search(self, connection, started, **vals):
        return self.env["sp.sync.log"].create(
            {
                "connection_id": connection.id,
                "step": "find",
                "started_at": started,
                "ended_at": fields.Datetime.now(),
                **vals,
            }
        )

    @api.model
    def _store_reports(self, connection, infos):
        """Store what Amazon tells of reports, whether they are finished or not.

        :return: counts of those that are new: {field of the log: number}
        """
        told = {info.report_ref: info for info in infos}
        known = self.env["sp.report"].search(
            [("connection_id", "=", connection.id), ("report_ref", "in", list(told))]
        )
        for report in known:
            report._note_at_amazon(told.pop(report.report_ref))
        new = self.env["sp.report"]._make(connection, told.values())
        states = new.mapped("state")
        return {
            "found": len(new),
            "unfinished": states.count("unfinished"),
            "failed": states.count("failed"),
        }
