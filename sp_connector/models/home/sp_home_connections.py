from datetime import timedelta
from statistics import median

from odoo import api, fields, models
from odoo.tools import format_date

from ...engine.books.chain import Period, expected_end, find_chains
from ..common.texts import time_text

#: What is shown; the worst come first, the rest is one click away.
_SHOWN = 12
#: Payouts of a sparkline, of so many currencies.
_PAYOUTS, _CURRENCIES = 12, 3
_SINCE = timedelta(days=200)
#: A report is made soon after its settlement's end.
_LATE = timedelta(days=3)
_LOOKS = {"connected": "success", "attention": "warning", "reconnect_required": "danger"}
_WORST_FIRST = ("reconnect_required", "attention", "draft", "connected")


class SpHomeConnections(models.AbstractModel):
    """Each connection on the first page: is it well, what came last, what is to come."""

    _name = "sp.home.connections"
    _description = "Amazon Connections on Home"

    @api.model
    def _domain(self):
        return [("state", "!=", "disconnected")]

    @api.model
    def _count(self):
        return self.env["sp.connection"].search_count(self._domain())

    @api.model
    def _show(self):
        """Return what is shown of the connections in use, the worst first; then of mere files."""
        connections = self.env["sp.connection"].search(self._domain())
        connections = connections.sorted(lambda one: _WORST_FIRST.index(one.state))[:_SHOWN]
        settlements = self._recent(connections)
        shown = [self._show_one(one, self._of(one, settlements)) for one in connections]
        if files := settlements.filtered(lambda one: not one.connection_id):
            shown.append(self._show_files(files))
        return shown

    @api.model
    def _recent(self, connections):
        """Return the last months' settlements of these, and of no connection, oldest first."""
        owners = connections.sudo().parent_id | connections
        return self.env["sp.settlement"].search_fetch(
            [
                ("connection_id", "in", [*owners.ids, False]),
                ("date_end", ">=", fields.Datetime.now() - _SINCE),
                ("date_start", "!=", False),
            ],
            [
                "settlement_ref",
                "company_id",
                "connection_id",
                "currency_id",
                "marketplace_id",
                "date_start",
                "date_end",
                "amount_total",
            ],
            order="date_end, id",
        )

    @api.model
    def _of(self, connection, settlements):
        """Return what a connection brought; of a child, what came to its company."""
        owner = connection.sudo().parent_id or connection
        return settlements.filtered(
            lambda one: (
                one.connection_id.id == owner.id
                and (owner == connection or one.company_id == connection.company_id)
            )
        )

    @api.model
    def _show_one(self, connection, settlements):
        is_asked = connection.state in ("connected", "attention") and not connection.parent_id
        following = connection.next_sync_at
        return {
            "id": connection.id,
            "name": connection.name,
            "company": connection.company_id.name if len(self.env.companies) > 1 else "",
            "status": dict(connection._selection_status())[connection.status],
            "look": _LOOKS.get(connection.status, "secondary"),
            "problem": connection.problem or "",
            "remedy": connection.remedy or "",
            "button": self._button(connection),
            "looked": connection.looked_at and time_text(connection, connection.looked_at),
            "next": is_asked and following and time_text(connection, following),
            "payouts": self._payouts(settlements),
            **self._expected(settlements),
        }

    @api.model
    def _show_files(self, settlements):
        return {
            "id": False,
            "name": self.env._("Uploaded files"),
            "payouts": self._payouts(settlements),
            **self._expected(settlements),
        }

    @api.model
    def _button(self, connection):
        """Return the method that mends a connection and its label, for whom may press it."""
        if not connection.has_access("write") or connection.parent_id:
            return False
        is_off = connection.state == "draft"
        if connection.by_token and (is_off or connection.needs_reconnect):
            return {"method": "action_replace_token", "label": self.env._("Replace Token")}
        if is_off or connection.needs_reconnect:
            label = self.env._("Connect") if is_off else self.env._("Reconnect")
            return {"method": "action_connect", "label": label}
        if connection.problem:
            return {"method": "action_test", "label": self.env._("Test")}
        return False

    @api.model
    def _payouts(self, settlements):
        """Return the last payouts of each currency, the busiest currencies first."""
        groups = settlements.grouped("currency_id").items()
        busiest = sorted(groups, key=lambda item: (-len(item[1]), item[0].name))
        return [
            {
                "currency": currency.name,
                "amounts": group[-_PAYOUTS:].mapped("amount_total"),
                "last": currency.format(group[-1].amount_total),
                "usual": currency.format(median(group[-_PAYOUTS:].mapped("amount_total"))),
                "on": format_date(self.env, group[-1].date_end),
            }
            for currency, group in busiest[:_CURRENCIES]
        ]

    @api.model
    def _expected(self, settlements):
        """Return when the next settlement should end, and whether it is late."""
        now = fields.Datetime.now()
        found = []
        for group in settlements.grouped(lambda one: (one.company_id, one.currency_id)).values():
            periods = [
                Period(
                    one.settlement_ref, one.date_start, one.date_end, place=one.marketplace_id.id
                )
                for one in group
            ]
            found.append(expected_end(find_chains(periods).chains, now))
        end = min(filter(None, found), default=None)
        return {
            "expected": end and format_date(self.env, end),
            "is_late": bool(end and end + _LATE < now),
        }
