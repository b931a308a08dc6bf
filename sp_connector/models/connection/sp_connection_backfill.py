"""A backfill: what Amazon made in a range of time is found and imported, with its progress."""

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import format_datetime, format_time

from ...engine.amazon import listing

_WAITING = ("found", "fetched")


class SpConnection(models.Model):
    _inherit = "sp.connection"

    backfill_since = fields.Datetime(
        readonly=True, copy=False, help="Start of the range that is brought in, if any is."
    )
    backfill_until = fields.Datetime(
        readonly=True, copy=False, help="Its end; empty until Amazon was asked up to that moment."
    )
    is_backfill_listed = fields.Boolean(
        readonly=True, copy=False, help="Amazon has told all reports of the range."
    )
    is_backfilling = fields.Boolean(compute="_compute_backfill")
    backfill_progress = fields.Integer("Backfill (%)", compute="_compute_backfill")
    backfill_text = fields.Char("Backfill", compute="_compute_backfill")

    # === PROGRESS === #

    def _compute_backfill(self):
        running = self.filtered("backfill_since")
        counts = running._count_backfill()
        ends = running._expected_ends(counts)
        for connection in self:
            count = counts.get(connection, {})
            total = sum(count.values())
            waiting = sum(count.get(state, 0) for state in _WAITING)
            is_listed = connection.is_backfill_listed
            connection.is_backfilling = bool(
                connection in running
                and (waiting or not is_listed)
                and connection.state not in ("draft", "disconnected")
            )
            if not connection.is_backfilling:
                connection.backfill_progress, connection.backfill_text = 0, False
                continue
            connection.backfill_progress = 100 * (total - waiting) // total if total else 0
            if is_listed:
                text = connection._text_of_backfill(count, total, waiting, ends.get(connection))
            else:
                text = self.env._("Amazon is asked which reports it has; %(n)s so far.", n=total)
            connection.backfill_text = text

    def _text_of_backfill(self, count, total, waiting, end):
        parts = [
            self.env._(
                "%(done)s of %(total)s reports imported, %(waiting)s waiting",
                done=count.get("imported", 0) + count.get("duplicate", 0),
                total=total,
                waiting=waiting,
            )
        ]
        if unfinished := count.get("unfinished"):
            parts.append(self.env._("%(count)s not finished by Amazon", count=unfinished))
        if failed := count.get("failed"):
            parts.append(self.env._("%(count)s failed", count=failed))
        if end:
            parts.append(self.env._("done about %(time)s", time=self._time_text(end)))
        return ", ".join(parts)

    def _time_text(self, moment):
        """Return a time (UTC) as its reader says it: the hour today, else with the day."""
        local = fields.Datetime.context_timestamp(self, moment)
        if local.date() == fields.Date.context_today(self):
            return format_time(self.env, local.time(), time_format="short")
        return format_datetime(self.env, moment, dt_format="short")

    def _in_backfill(self):
        """Return the domain of the reports that these connections' backfills are about."""
        return Domain.OR(
            Domain("connection_id", "=", connection.id)
            & Domain("created_at", ">=", connection.backfill_since)
            & (
                Domain("created_at", "<=", connection.backfill_until)
                if connection.backfill_until
                else Domain.TRUE
            )
            for connection in self
        )

    def _count_backfill(self):
        """Return {connection: {state of a report: count}} of backfills."""
        counts = {}
        for connection, state, count in self.env["sp.report"]._read_group(
            self._in_backfill(), ["connection_id", "state"], ["__count"]
        ):
            counts.setdefault(connection, {})[state] = count
        return counts

    def _expected_ends(self, counts):
        """Return {connection: when its last document will be there (UTC)}, by Amazon's limits.

        What waits for another reason, such as an outage, moves the end, too.
        """
        asking = self.filtered(lambda one: one.state in ("connected", "attention"))
        waiting = self.env["sp.report"]._read_group(
            asking._in_backfill() & Domain("state", "in", _WAITING),
            ["connection_id"],
            ["retry_at:max"],
        )
        calls = {connection: counts[connection].get("found", 0) for connection, _at in waiting}
        ends = self.env["sp.rate.limit"]._last_calls_at("getReportDocument", calls)
        return {
            connection: max(ends[connection], at or ends[connection]) for connection, at in waiting
        }

    # === RANGE === #

    def _start_backfill(self, since, until=False):
        """Have the next look find all reports that Amazon made in a range (naive UTC).

        :param until: the end, or nothing for the moment of asking
        """
        self.ensure_one()
        self.write(
            {
                "backfill_since": since,
                "backfill_until": until,
                "is_backfill_listed": False,
                "listing_progress": False,
            }
        )

    def _ask_again(self):
        """Have the next look of each connection ask for all that Amazon has, soon."""
        now = fields.Datetime.now()
        for connection in self:
            connection._start_backfill(now - listing.HISTORY)
        self.filtered("next_sync_at").next_sync_at = now

    def _listing_under_way(self, now):
        """Return the engine's ``Listing`` that is under way, or begin the next one.

        A backfill goes first. The first look of a connection is one of all that Amazon has.

        :param now: Amazon's time
        """
        self.ensure_one()
        if self.listing_progress:
            return listing.unpack(self.listing_progress)
        if self.backfill_since and self.is_backfill_listed and not self.is_backfilling:
            self.write({"backfill_since": False, "backfill_until": False})
        is_pending = self.backfill_since and not self.is_backfill_listed
        if not self.proven_until and not is_pending:
            self._start_backfill(now - listing.HISTORY)
            is_pending = True
        if is_pending:
            return listing.begin(now, self.backfill_since, self.backfill_until or None)
        return listing.begin(now, self.proven_until - listing.OVERLAP)

    def _keep_listing(self, under_way, is_finished, now, clock):
        """Keep how far a listing is, and what follows from it for the point."""
        self.ensure_one()
        point = listing.point_after(self.proven_until or None, under_way, now, clock)
        vals = {
            "listing_progress": not is_finished and listing.pack(under_way),
            "proven_until": point,
        }
        if is_finished and self.backfill_since and not self.is_backfill_listed:
            vals.update(is_backfill_listed=True, backfill_until=under_way.at)
        self.write(vals)

    def _hold_point(self):
        """Keep the point before the oldest report that Amazon has not finished."""
        self.ensure_one()
        oldest = self.env["sp.report"].search(
            [("connection_id", "=", self.id), ("state", "=", "unfinished")],
            order="created_at",
            limit=1,
        )
        held = listing.held(self.proven_until or None, oldest.created_at or None)
        if held and held != self.proven_until:
            self.proven_until = held

    def _forget_the_future(self, now):
        """Drop what was noted while the clock ran ahead: it would hide what Amazon made since."""
        self.ensure_one()
        times = (self.proven_until, self.last_sync_at, self.backfill_since)
        if not all(listing.is_believed(moment, now) for moment in times):
            self.write(
                {
                    "proven_until": False,
                    "last_sync_at": False,
                    "backfill_since": False,
                    "backfill_until": False,
                    "listing_progress": False,
                    "clock_offset": 0,
                }
            )
