"""The doctor: what is right and wrong with a connection, a line per check with its remedy."""

from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from odoo import fields, models
from odoo.fields import Command
from odoo.tools import format_date, format_datetime

from ...engine.amazon import reports
from ...engine.amazon.listing import HISTORY
from ...engine.errors import AmazonError, KeyLost, Retryable
from .sp_connection import explain

MAX_CLOCK_SECONDS = 120
#: Amazon pays every two weeks as a rule; where nothing came for longer, somebody should look.
MAX_REPORT_DAYS = 31


class SpConnection(models.Model):
    _inherit = "sp.connection"

    def action_test(self):
        """Test these connections and show the lines of their checks."""
        self.check_access("read")
        for connection in self:
            lines = connection._examine()
            connection.sudo().check_ids = [
                Command.clear(),
                *(
                    Command.create({"name": name, "result": result, "text": text, "remedy": remedy})
                    for name, result, text, remedy in lines
                ),
            ]
        if len(self) == 1:
            # A dialog over the connection, which is read again when it is closed.
            view = self.env.ref("sp_connector.sp_connection_view_form_checks")
            name = self.env._("Test of %(name)s", name=self.name)
            return {
                **self._get_records_action(name=name, target="new"),
                "views": [(view.id, "form")],
            }
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_connection_check_action"
        )
        action["domain"] = [("connection_id", "in", self.ids)]
        return action

    def _examine(self):
        """Return the checks as (name, result, what was found, remedy)."""
        self.ensure_one()
        lines = [self._examine_key(), self._examine_secret()]
        if lines[0][1] == "failed" and self.state == "connected":
            self._set_state("attention", "key_lost")
        if lines[0][1] == "failed" or not self._has_token():
            if not self._has_token():
                lines.append(
                    (
                        self.env._("Token"),
                        "failed",
                        self.env._("This connection has no token."),
                        self.env._("Press Connect."),
                    )
                )
            return lines
        return [
            *lines,
            *self._examine_amazon(),
            self._examine_expiry(),
            *self._examine_marketplaces(),
        ]

    def _has_token(self):
        return bool(self.env["sp.secret"]._find(self._token_owner(), "refresh_token"))

    def _examine_key(self):
        name = self.env._("Key of the secrets")
        secrets = self.env["sp.secret"]
        try:
            secrets._get(self.sudo().application_id, "client_secret")
            secrets._get(self._token_owner(), "refresh_token")
        except KeyLost:
            return (name, "failed", *explain(self.env, "key_lost"))
        return (name, "ok", self.env._("The stored secrets can be decrypted."), "")

    def _examine_secret(self):
        name = self.env._("Client secret")
        application = self.sudo().application_id
        if not application.has_secret:
            return (name, "failed", *explain(self.env, "no_secret"))
        if not application.secret_expires_on:
            return (name, "unknown", self.env._("Its age is not known."), "")
        days = (application.secret_expires_on - fields.Date.context_today(self)).days
        text = self.env._(
            "Valid until %(date)s, %(days)s days.",
            date=format_date(self.env, application.secret_expires_on),
            days=days,
        )
        remedy = explain(self.env, "secret_expired")[1] if days <= 30 else ""
        return (name, "failed" if days < 0 else "warning" if days <= 30 else "ok", text, remedy)

    def _examine_amazon(self):
        """Token, role, region, newest report and clock: two calls to Amazon."""
        lines = []
        token_name, role_name = self.env._("Token"), self.env._("Role and region")
        partners = []

        def newest(partner):
            partners.append(partner)
            return self._newest_reports(partner)

        try:
            dates = self._ask(newest)
        except (AmazonError, KeyLost) as error:
            code = getattr(error, "code", "key_lost")
            found, remedy = explain(self.env, code, self.by_token) or (
                str(error),
                self.env._("Try again later, or ask Amazon's support."),
            )
            if getattr(error, "said", ""):
                found += " " + self.env._("Amazon says: %(words)s", words=error.said)
            if getattr(error, "request_id", ""):
                found += " " + self.env._("(request %(ref)s)", ref=error.request_id)
            if code == "no_access":
                lines.append((token_name, "ok", self.env._("Amazon accepts it."), ""))
                lines.append((role_name, "failed", found, remedy))
            elif code == "limit":
                remedy = self.env._("Test again in %(seconds)s seconds.", seconds=int(error.after))
                lines.append((self.env._("Amazon"), "unknown", found, remedy))
            elif isinstance(error, Retryable) and code != "token_refused":
                lines.append(
                    (self.env._("Amazon"), "warning", found, explain(self.env, "out_of_reach")[1])
                )
            else:
                lines.append((token_name, "failed", found, remedy))
        else:
            until = self.access_token_until
            lines.append(
                (
                    token_name,
                    "ok",
                    self.env._(
                        "Amazon accepts it. The access token is valid until %(until)s and is "
                        "renewed by itself.",
                        until=format_datetime(self.env, until) if until else "–",
                    ),
                    "",
                )
            )
            lines.append((role_name, "ok", self.env._("Settlement reports may be read."), ""))
            lines.append(self._examine_reports(dates))
            # The Sellers API needs a role of its own: where it is refused, the known ones stay.
            found = self._ask(lambda partner: partner.participations(), optional=True)
            if found is not None:
                self.sudo()._store_participations(found)
        if partners and partners[-1].date:
            lines.append(self._examine_clock(partners[-1].date))
        return lines

    def _newest_reports(self, partner):
        """Return when reports were made, the newest among them, in whatever order they come."""
        now = fields.Datetime.now()
        dates = []
        for span in (HISTORY, *map(timedelta, (MAX_REPORT_DAYS, 7, 1))):
            page = reports.first_page(partner, now - span)
            dates += [info.created_at for info in page.reports]
            if not page.next_token:
                break
        return dates

    def _examine_reports(self, dates):
        """Tell how old the newest report is, of these and those that are known."""
        name = self.env._("Newest report")
        dates = dates + self.report_ids.filtered("created_at")[:1].mapped("created_at")
        if not dates:
            return (
                name,
                "warning",
                self.env._("Amazon lists no settlement report."),
                self.env._("Normal for a new seller; else check region and seller account."),
            )
        days = (fields.Datetime.now() - max(dates)).days
        result = "ok" if days <= MAX_REPORT_DAYS else "warning"
        remedy = (
            ""
            if days <= MAX_REPORT_DAYS
            else self.env._("Look in Seller Central for newer statements.")
        )
        return (name, result, self.env._("%(days)s days old.", days=days), remedy)

    def _examine_clock(self, date):
        name = self.env._("Clock")
        try:
            seconds = abs(
                (datetime.now(timezone.utc) - parsedate_to_datetime(date)).total_seconds()
            )
        except (TypeError, ValueError):
            return (name, "unknown", self.env._("Amazon's time cannot be read."), "")
        if seconds <= MAX_CLOCK_SECONDS:
            return (name, "ok", self.env._("Agrees with Amazon's."), "")
        return (
            name,
            "warning",
            self.env._("Differs from Amazon's by %(seconds)s seconds.", seconds=round(seconds)),
            self.env._("Let the server synchronise its clock (NTP)."),
        )

    def _examine_expiry(self):
        name = self.env._("Authorisation")
        if self.state == "reconnect_required":
            found, remedy = explain(self.env, self.state_reason or "invalid_grant", self.by_token)
            return (name, "failed", found, remedy)
        if self.by_token:
            return (name, "ok", self.env._("By a refresh token, without a known end."), "")
        expires_at = self._token_owner().expires_at
        if not expires_at:
            return (name, "unknown", self.env._("Its date is not known."), "")
        days = (expires_at - fields.Datetime.now()).days
        date = format_date(self.env, expires_at)
        if days < 0:
            text = self.env._("Ended on %(date)s, after a year.", date=date)
        else:
            text = self.env._("Expires on %(date)s, in %(days)s days.", date=date, days=days)
        if days > 60:
            return (name, "ok", text, "")
        remedy = self.env._("Press Reconnect; settlements and mapping stay.")
        return (name, "warning" if days >= 0 else "failed", text, remedy)

    def _examine_marketplaces(self):
        lines = []
        for line in self.participation_ids.filtered("marketplace_id"):
            if line.is_participating and not line.has_suspended_listings:
                result, text = "ok", self.env._("Participating.")
            elif line.is_participating:
                result, text = "warning", self.env._("Listings are suspended.")
            else:
                result, text = (
                    "warning" if line.is_active else "ok",
                    self.env._("Not participating."),
                )
            lines.append((line.name, result, text, ""))
        return lines or [
            (
                self.env._("Marketplaces"),
                "unknown",
                self.env._("Amazon did not tell them."),
                explain(self.env, "no_access")[1],
            )
        ]
