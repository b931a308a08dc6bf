"""The doctor: what is right and wrong with a connection, a line per check with its remedy."""

from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_date, format_datetime

from ...engine.amazon import reports
from ...engine.amazon.listing import HISTORY
from ...engine.errors import AmazonError, KeyLost, Retryable
from ..amazon.reasons import explain, words_of, words_said

MAX_CLOCK_SECONDS = 120
#: Amazon pays every two weeks as a rule; where nothing came for longer, somebody should look.
MAX_REPORT_DAYS = 31


class SpConnectionDoctor(models.AbstractModel):
    """Examines connections; nothing but their state and marketplaces follows from it."""

    _name = "sp.connection.doctor"
    _description = "Amazon Connection Doctor"

    @api.model
    def _show(self, connections):
        """Examine connections, keep the lines of their checks and return what shows them."""
        for connection in connections:
            connection.sudo().check_ids = [
                Command.clear(),
                *(
                    Command.create({"name": name, "result": result, "text": text, "remedy": remedy})
                    for name, result, text, remedy in self._examine(connection)
                ),
            ]
        if len(connections) == 1:
            # A dialog over the connection, which is read again when it is closed.
            view = self.env.ref("sp_connector.sp_connection_view_form_checks")
            name = self.env._("Test of %(name)s", name=connections.name)
            return connections._get_records_action(
                name=name, target="new", views=[(view.id, "form")]
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_connection_check_action"
        )
        return {**action, "domain": [("connection_id", "in", connections.ids)]}

    @api.model
    def _examine(self, connection):
        """Return the checks as (name, result, what was found, remedy)."""
        lines = [self._examine_key(connection), self._examine_secret(connection)]
        is_key_lost = lines[0][1] == "failed"
        if is_key_lost and connection.state == "connected":
            connection._set_state("attention", "key_lost")
        has_token = self._has_token(connection)
        if is_key_lost or not has_token:
            if not has_token:
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
            *self._examine_amazon(connection),
            self._examine_expiry(connection),
            *self._examine_marketplaces(connection),
        ]

    @api.model
    def _has_token(self, connection):
        owner = connection._token_owner()
        return bool(self.env["sp.secret"]._find(owner, "refresh_token"))

    @api.model
    def _examine_key(self, connection):
        name = self.env._("Key of the secrets")
        secrets = self.env["sp.secret"]
        try:
            secrets._get(connection.sudo().application_id, "client_secret")
            secrets._get(connection._token_owner(), "refresh_token")
        except KeyLost:
            return (name, "failed", *explain(self.env, "key_lost"))
        return (name, "ok", self.env._("The stored secrets can be decrypted."), "")

    @api.model
    def _examine_secret(self, connection):
        name = self.env._("Client secret")
        application = connection.sudo().application_id
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

    @api.model
    def _examine_amazon(self, connection):
        """Token, role, region, newest report and clock: two calls to Amazon."""
        client, lines = self.env["sp.client"], []
        token_name, role_name = self.env._("Token"), self.env._("Role and region")
        partners = []

        def newest(partner):
            partners.append(partner)
            return self._newest_reports(partner)

        try:
            dates = client._ask(connection, newest)
        except (AmazonError, KeyLost) as error:
            code = error.code
            is_refused = code == "no_access"
            if is_refused:
                token = client._usable_token(connection)
                code = self.env["sp.grant"]._why_refused(connection, token)
                family = connection._token_owner()._family()
                family._set_state("attention", code, error.request_id)
            found, remedy = explain(self.env, code, connection.by_token) or (
                words_of(self.env, error),
                self.env._("Try again later, or ask Amazon's support."),
            )
            found = words_said(self.env, error, found)
            if error.request_id:
                found += " " + self.env._("(request %(ref)s)", ref=error.request_id)
            if is_refused:
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
            until = connection.access_token_until
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
            lines.append(self._examine_reports(connection, dates))
            # The Sellers API needs a role of its own: where it is refused, the known ones stay.
            found = client._ask(connection, lambda partner: partner.participations(), optional=True)
            if found is not None:
                self.env["sp.connection.marketplace"]._store(connection.sudo(), found)
        if partners and partners[-1].date:
            lines.append(self._examine_clock(partners[-1].date))
        return lines

    @api.model
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

    @api.model
    def _examine_reports(self, connection, dates):
        """Tell how old the newest report is, of these and those that are known."""
        name = self.env._("Newest report")
        dates = dates + connection.report_ids.filtered("created_at")[:1].mapped("created_at")
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

    @api.model
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

    @api.model
    def _examine_expiry(self, connection):
        name = self.env._("Authorisation")
        if connection.state == "reconnect_required":
            reason = connection.state_reason or "invalid_grant"
            found, remedy = explain(self.env, reason, connection.by_token)
            return (name, "failed", found, remedy)
        if connection.by_token:
            return (name, "ok", self.env._("By a refresh token, without a known end."), "")
        expires_at = connection._token_owner().expires_at
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

    @api.model
    def _examine_marketplaces(self, connection):
        lines = []
        for line in connection.participation_ids.filtered("marketplace_id"):
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
