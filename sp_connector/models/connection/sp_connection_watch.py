"""Announces authorisations that run out, and client secrets. Run daily by the scheduler."""

from functools import partial

from odoo import api, fields, models

from ...const import AUTHORISATION_WARNING_DAYS, announced_span


class SpConnection(models.Model):
    _inherit = "sp.connection"

    @api.model
    def _switch_on_crons(self):
        """The scheduled actions are shipped inactive; the first connection switches them on.

        Reports are looked for at once: whoever connects an account wants to see them come.
        """
        for name in ("find_reports", "import_reports", "watch_connections"):
            cron = self.env.ref(f"sp_connector.ir_cron_{name}", raise_if_not_found=False)
            if cron and not cron.sudo().active:
                cron.sudo().active = True
            if cron and name == "find_reports":
                cron.sudo()._trigger()

    @api.model
    def _cron_watch_connections(self):
        """Announce expiries once per span and record, recheck the chains, send the digests."""
        connections = self.search(
            [("state", "in", ("connected", "attention")), ("parent_id", "=", False)]
        )
        applications = self.env["sp.application"].search([("connection_ids", "!=", False)])
        gaps = self.env["sp.settlement.gap"]
        steps = [connection._announce_expiry for connection in connections]
        steps += [application._announce_secret_expiry for application in applications]
        steps += [partial(gaps._recheck, [pool]) for pool in gaps._pools()]
        # Last, so that they tell what the other steps found.
        steps += [connection._send_digest for connection in self.search(self._digest_domain())]
        self.env["ir.cron"]._commit_progress(remaining=len(steps))
        for step in steps:
            step()
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
        self._raise_alarm(
            "sp_connector.mail_activity_type_reconnect",
            self.company_id,
            self.user_id,
            self.env._("Reconnect %(name)s: Amazon asks once a year", name=self.name),
            date_deadline=self.expires_at.date(),
        )
