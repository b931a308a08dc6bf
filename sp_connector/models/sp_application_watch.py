"""Announces client secrets that run out; run by ``sp.connection._cron_watch_connections``."""

from odoo import fields, models

from ..const import SECRET_WARNING_DAYS, announced_span


class SpApplication(models.Model):
    _inherit = "sp.application"

    announced_days = fields.Integer(readonly=True, copy=False)

    def _announce_secret_expiry(self):
        self.ensure_one()
        if not self.secret_expires_on:
            return
        days_left = (self.secret_expires_on - fields.Date.context_today(self)).days
        span = announced_span(days_left, SECRET_WARNING_DAYS)
        if span is None or span == self.announced_days:
            return
        self.announced_days = span
        self.activity_unlink(["sp_connector.mail_activity_type_rotate_secret"])
        self.activity_schedule(
            "sp_connector.mail_activity_type_rotate_secret",
            date_deadline=self.secret_expires_on,
            summary=self.env._(
                "New client secret for %(name)s before all connections stop", name=self.name
            ),
            user_id=(self.user_id or self.env.user).id,
        )
