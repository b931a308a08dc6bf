"""Announces authorisations that run out, and client secrets. Run daily by the scheduler."""

from odoo import api, fields, models

from ..const import AUTHORISATION_WARNING_DAYS, announced_span


class SpConnection(models.Model):
    _inherit = "sp.connection"

    @api.model
    def _switch_on_crons(self):
        """The scheduled actions are shipped inactive; the first connection switches them on."""
        for name in ("find_reports", "import_reports", "watch_connections"):
            cron = self.env.ref(f"sp_connector.ir_cron_{name}", raise_if_not_found=False)
            if cron and not cron.sudo().active:
                cron.sudo().active = True

    @api.model
    def _cron_watch_connections(self):
        """Announce expiries, one activity per span and record."""
        connections = self.search(
            [("state", "in", ("connected", "attention")), ("parent_id", "=", False)]
        )
        applications = self.env["sp.application"].search([("connection_ids", "!=", False)])
        self.env["ir.cron"]._commit_progress(remaining=len(connections) + len(applications))
        for connection in connections:
            connection._announce_expiry()
            if not self.env["ir.cron"]._commit_progress(1):
                return
        for application in applications:
            application._announce_secret_expiry()
            if not self.env["ir.cron"]._commit_progress(1):
                return

    def _announce_expiry(self):
        self.ensure_one()
        if not self.expires_at:
            return
        days_left = (self.expires_at - fields.Datetime.now()).days
        span = announced_span(days_left, AUTHORISATION_WARNING_DAYS)
        if span is None or span == self.announced_days:
            return
        self.announced_days = span
        self.activity_unlink(["sp_connector.mail_activity_type_reconnect"])
        self.activity_schedule(
            "sp_connector.mail_activity_type_reconnect",
            date_deadline=self.expires_at.date(),
            summary=self.env._("Reconnect %(name)s: Amazon asks once a year", name=self.name),
            user_id=(self.user_id or self.env.user).id,
        )
