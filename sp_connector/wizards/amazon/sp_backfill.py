from datetime import datetime, time, timedelta, timezone

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...engine.amazon.listing import HISTORY


class SpBackfill(models.TransientModel):
    """Bring in what Amazon made before: all it has, or a range of days."""

    _name = "sp.backfill"
    _description = "Amazon Backfill"

    connection_id = fields.Many2one("sp.connection", required=True, ondelete="cascade")
    scope = fields.Selection(
        [("all", "All that Amazon has (89 days)"), ("range", "A range of days")],
        string="Bring In",
        required=True,
        default="all",
    )
    date_from = fields.Date("From")
    date_to = fields.Date("To", help="This day is included; empty means up to now.")
    date_oldest = fields.Date(compute="_compute_date_oldest")
    is_too_old = fields.Boolean(compute="_compute_is_too_old")
    known_count = fields.Integer("Reports Known", compute="_compute_known_count")
    seller_central_url = fields.Char(compute="_compute_seller_central_url")

    # === COMPUTE METHODS === #

    def _compute_date_oldest(self):
        """The oldest day, in the user's time zone, of which Amazon still tells anything."""
        oldest = fields.Datetime.context_timestamp(self, fields.Datetime.now() - HISTORY).date()
        for wizard in self:
            wizard.date_oldest = oldest

    @api.depends("scope", "date_from", "date_oldest")
    def _compute_is_too_old(self):
        for wizard in self:
            wizard.is_too_old = bool(
                wizard.scope == "range"
                and wizard.date_from
                and wizard.date_from < wizard.date_oldest
            )

    @api.depends("connection_id", "scope", "date_from", "date_to")
    def _compute_known_count(self):
        for wizard in self:
            since, until = wizard._range()
            domain = Domain("connection_id", "=", wizard.connection_id.id)
            domain &= Domain("created_at", ">=", since)
            if until:
                domain &= Domain("created_at", "<=", until)
            wizard.known_count = self.env["sp.report"].search_count(domain)

    @api.depends("connection_id")
    def _compute_seller_central_url(self):
        for wizard in self:
            connection = wizard.connection_id
            wizard.seller_central_url = connection.sudo().application_id._seller_central(
                connection.marketplace_id
            )

    # === ACTIONS === #

    def action_start(self):
        """Ask Amazon for the reports of the range now; they are imported in the background."""
        self.ensure_one()
        connection = self.connection_id
        connection.check_access("write")
        if connection.parent_id or connection.state not in ("connected", "attention"):
            raise UserError(self.env._("Connect %(name)s first.", name=connection.name))
        self._check_range()
        self.env["sp.connection.backfill"]._start(connection.sudo(), *self._range())
        action = connection.action_sync_now()
        action["params"]["next"] = {"type": "ir.actions.act_window_close"}
        return action

    def _check_range(self):
        if self.scope == "all":
            return
        if not self.date_from:
            raise UserError(self.env._("Say from which day on."))
        if self.is_too_old:
            raise UserError(
                self.env._(
                    "Amazon answers for the last 89 days only, from %(date)s on. Download older "
                    "settlements in Seller Central (%(url)s: Payments, All Statements, Download "
                    "Flat File V2) and upload them with Import.",
                    date=format_date(self.env, self.date_oldest),
                    url=self.seller_central_url,
                )
            )
        if self.date_from > fields.Date.context_today(self):
            raise UserError(self.env._("The range begins in the future."))
        if self.date_to and self.date_to < self.date_from:
            raise UserError(self.env._("The range ends before it begins."))

    def _range(self):
        """Return the range as (since, until), naive UTC; ``until`` is ``False`` for now."""
        self.ensure_one()
        now = fields.Datetime.now()
        oldest = now - HISTORY
        if self.scope == "all" or not self.date_from:
            return oldest, False
        since = max(self._midnight(self.date_from), oldest)
        until = self.date_to and self._midnight(self.date_to + timedelta(days=1))
        return since, until if until and until < now else False

    def _midnight(self, day):
        """Return the time (naive UTC) when a day begins where the user is."""
        local = self.env.tz.localize(datetime.combine(day, time.min))
        return local.astimezone(timezone.utc).replace(tzinfo=None)
