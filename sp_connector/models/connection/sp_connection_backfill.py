"""A backfill: what Amazon made in a range of time is found and imported, with its progress."""

from odoo import api, fields, models
from odoo.fields import Domain

from ...engine.amazon import listing
from ..common.texts import time_text

_WAITING = ("found", "fetched")


class SpConnectionBackfill(models.AbstractModel):
    """The range of time that is asked for, how far it is, and when it will be done."""

    _name = "sp.connection.backfill"
    _description = "Amazon Backfill of a Connection"

    # === PROGRESS === #

    @api.model
    def _progress(self, connections):
        """Return {connection: (percent, text)} of those whose backfill is under way."""
        running = connections.filtered("backfill_since")
        counts = self._count(running)
        ends = self._expected_ends(running, counts)
        progress = {}
        for connection in running:
            count = counts.get(connection, {})
            total = sum(count.values())
            waiting = sum(count.get(state, 0) for state in _WAITING)
            is_listed = connection.is_backfill_listed
            if connection.state in ("draft", "disconnected") or (is_listed and not waiting):
                continue
            if is_listed:
                text = self._text(connection, count, ends.get(connection))
            else:
                text = self.env._("Amazon is asked which reports it has; %(n)s so far.", n=total)
            progress[connection] = (100 * (total - waiting) // total if total else 0, text)
        return progress

    @api.model
    def _text(self, connection, count, end):
        parts = [
            self.env._(
                "%(done)s of %(total)s reports imported, %(waiting)s waiting",
                done=count.get("imported", 0) + count.get("duplicate", 0),
                total=sum(count.values()),
                waiting=sum(count.get(state, 0) for state in _WAITING),
            )
        ]
        if unfinished := count.get("unfinished"):
            parts.append(self.env._("%(count)s not finished by Amazon", count=unfinished))
        if failed := count.get("failed"):
            parts.append(self.env._("%(count)s failed", count=failed))
        if end:
            parts.append(self.env._("done about %(time)s", time=time_text(connection, end)))
        return ", ".join(parts)

    @api.model
    def _domain(self, connections):
        """Return the domain of the reports that connections' backfills are about."""
        return Domain.OR(
            Domain("connection_id", "=", connection.id)
            & Domain("created_at", ">=", connection.backfill_since)
            & (
                Domain("created_at", "<=", connection.backfill_until)
                if connection.backfill_until
                else Domain.TRUE
            )
            for connection in connections
        )

    @api.model
    def _count(self, connections):
        """Return {connection: {state of a report: count}} of backfills."""
        counts = {}
        for connection, state, count in self.env["sp.report"]._read_group(
            self._domain(connections), ["connection_id", "state"], ["__count"]
        ):
            counts.setdefault(connection, {})[state] = count
        return counts

    @api.model
    def _expected_ends(self, connections, counts):
        """Return {connection: when its last document will be there (UTC)}, by Amazon's limits.

        What waits for another reason, such as an outage, moves the end, too.
        """
        asking = connections.filtered(lambda one: one.state in ("connected", "attention"))
        waiting = self.env["sp.report"]._read_group(
            self._domain(asking) & Domain("state", "in", _WAITING),
            ["connection_id"],
            ["retry_at:max"],
        )
        calls = {connection: counts[connection].get("found", 0) for connection, _at in waiting}
        ends = self.env["sp.rate.limit"]._last_calls_at("getReportDocument", calls)
        return {
            connection: max(ends[connection], at or ends[connection]) for connection, at in waiting
        }

    # === RANGE === #

    @api.model
    def _start(self, connection, since, until=False):
        """Have the next look find all reports that Amazon made in a range (naive UTC).

        :param until: the end, or nothing for the moment of asking
        """
        connection.write(
            {
                "backfill_since": since,
                "backfill_until": until,
                "is_backfill_listed": False,
                "listing_progress": False,
            }
        )

    @api.model
    def _ask_again(self, connections):
        """Have the next look of connections ask for all that Amazon has, soon."""
        now = fields.Datetime.now()
        for connection in connections:
            self._start(connection, now - listing.HISTORY)
        connections.filtered("next_sync_at").next_sync_at = now

    @api.model
    def _listing_under_way(self, connection, now):
        """Return the engine's ``Listing`` that is under way, or begin the next one.

        A backfill goes first. The first look of a connection is one of all that Amazon has.

        :param now: Amazon's time
        """
        if connection.listing_progress:
            return listing.unpack(connection.listing_progress)
        if (
            connection.backfill_since
            and connection.is_backfill_listed
            and not connection.is_backfilling
        ):
            connection.write({"backfill_since": False, "backfill_until": False})
        is_pending = connection.backfill_since and not connection.is_backfill_listed
        if not connection.proven_until and not is_pending:
            self._start(connection, now - listing.HISTORY)
            is_pending = True
        if is_pending:
            return listing.begin(now, connection.backfill_since, connection.backfill_until or None)
        return listing.begin(now, connection.proven_until - listing.OVERLAP)

    @api.model
    def _keep_listing(self, connection, under_way, is_finished, now, clock):
        """Keep how far a listing is, and what follows from it for the point."""
        point = listing.point_after(connection.proven_until or None, under_way, now, clock)
        vals = {
            "listing_progress": not is_finished and listing.pack(under_way),
            "proven_until": point,
        }
        if is_finished and connection.backfill_since and not connection.is_backfill_listed:
            vals.update(is_backfill_listed=True, backfill_until=under_way.at)
        connection.write(vals)

    @api.model
    def _hold_point(self, connection):
        """Keep the point before the oldest report that Amazon has not finished."""
        oldest = self.env["sp.report"].search(
            [("connection_id", "=", connection.id), ("state", "=", "unfinished")],
            order="created_at",
            limit=1,
        )
        held = listing.held(connection.proven_until or None, oldest.created_at or None)
        if held and held != connection.proven_until:
            connection.proven_until = held

    @api.model
    def _forget_the_future(self, connection, now):
        """Drop what was noted while the clock ran ahead: it would hide what Amazon made since."""
        times = (connection.proven_until, connection.last_sync_at, connection.backfill_since)
        if not all(listing.is_believed(moment, now) for moment in times):
            connection.write(
                {
                    "proven_until": False,
                    "last_sync_at": False,
                    "backfill_since": False,
                    "backfill_until": False,
                    "listing_progress": False,
                    "clock_offset": 0,
                }
            )
