"""A backfill: what Amazon made in a range of time is found and imported, with its progress."""

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import format_datetime, format_time

from ..engine import reports

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
        self.write({"backfill_since": since, "backfill_until": until, "is_backfill_listed": False})

    def _next_range(self, now, overlap):
        """Return (since, until) to ask Amazon for, naive UTC; ``until`` is ``None`` for now.

        A backfill goes first. The first look of a connection is one of all that Amazon has.
        """
        self.ensure_one()
        oldest = now - reports.HISTORY
        if self.backfill_since and self.is_backfill_listed and not self.is_backfilling:
            self.write({"backfill_since": False, "backfill_until": False})
        if not self.backfill_since and not self.proven_until:
            self._start_backfill(oldest)
        if self.backfill_since and not self.is_backfill_listed:
            return max(self.backfill_since, oldest), self.backfill_until or None
        return max(self.proven_until - overlap, oldest), None

    def _range_was_listed(self, now, since, until, interval):
        """Note that Amazon told all reports of a range; see ``_next_range``.

        The point up to which everything is known moves to the end of the range, if the range
        began before that point, or reaches back as far as Amazon does: else a gap would be hidden.
        """
        self.ensure_one()
        end = until or now
        vals = {"last_sync_at": now, "next_sync_at": now + interval}
        if until:
            vals = {"next_sync_at": now}  # what came after the range is asked for next
        proven, oldest = self.proven_until, now - reports.HISTORY
        if since <= max(proven or oldest, oldest):
            vals["proven_until"] = max(end, proven or end)
        if self.backfill_since and not self.is_backfill_listed:
            vals.update(is_backfill_listed=True, backfill_until=end)
        self.write(vals)
