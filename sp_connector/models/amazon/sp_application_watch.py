"""Announces client secrets that run out; run by ``sp.connection._cron_watch_connections``."""

from odoo import fields, models

from ...const import SECRET_WARNING_DAYS, announced_span


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
        self._raise_alarm(
            "sp_connector.mail_activity_type_rotate_secret",
            self.company_ids,
            self.user_id,
            self.env._(
                "New client secret for %(name)s before all connections stop", name=self.name
            ),
            date_deadline=self.secret_expires_on,
        )
