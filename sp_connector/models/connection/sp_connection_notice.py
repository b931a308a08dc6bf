"""The responsible user of a connection is told what waits: at once, daily, weekly or never."""

from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models

from odoo.addons.base.models.ir_qweb_fields import nl2br

#: Lines of each part of a digest; what is beyond them is counted.
_SHOWN = 20


class Item(NamedTuple):
    """One line of a digest; ``since`` (UTC) is when it became as it is, if that is known."""

    record: models.Model
    title: str
    detail: str
    since: object

    @property
    def url(self):
        """Where the record is shown."""
        return f"{self.record.get_base_url()}/odoo/{self.record._name}/{self.record.id}"


class Part(NamedTuple):
    """What waits of one kind."""

    title: str
    items: list


class SpConnection(models.Model):
    _inherit = "sp.connection"

    notice = fields.Selection(
        [
            ("each", "At once, an activity each"),
            ("daily", "Daily by e-mail"),
            ("weekly", "On Mondays by e-mail"),
            ("off", "Never"),
        ],
        "Notices",
        default="daily",
        required=True,
        help="How the responsible user is told of settlements to review, held and missing ones. "
        "That an account must be reconnected is always told, by an activity.",
    )
    user_email = fields.Char("Email of the Responsible", related="user_id.email")
    last_notice_at = fields.Datetime(
        "Last Digest", readonly=True, copy=False, help="What is newer belongs to the next digest."
    )

    def _set_state(self, state, reason=False, request_id=""):
        lost = self.filtered(lambda connection: connection.state != state == "reconnect_required")
        answer = super()._set_state(state, reason, request_id)
        for connection in lost.filtered(lambda item: not item.parent_id).sudo():
            connection._announce_reconnect()
        if state == "disconnected":
            self.sudo().activity_unlink(["sp_connector.mail_activity_type_reconnect"])
        return answer

    # === ACTIVITIES === #

    def _announce_reconnect(self):
        """Raise one activity to reconnect, in the place of an earlier warning."""
        self.ensure_one()
        self._raise_alarm(
            "sp_connector.mail_activity_type_reconnect",
            self.company_id,
            self.user_id,
            self.env._("Reconnect %(name)s", name=self.name),
            self.env._("Until then no settlement arrives by itself."),
        )

    def _announce_settlements(self, settlements):
        """Raise an activity for each new settlement, if the user wants to be told at once."""
        user = self._told_at_once()
        self = self.with_context(lang=user.lang)
        facts = self.env["sp.settlement.facts"]
        waiting = settlements.filtered(
            lambda one: one.state != "empty" and not facts._unused_places(one)
        )
        for settlement in user and self._readable(waiting, user):
            held = settlement.state == "held"
            settlement.sudo().activity_schedule(
                "sp_connector.mail_activity_type_review",
                summary=self.env._("Held: see what is missing")
                if held
                else self.env._("Review and post"),
                # What files say stays text: no link, no picture of theirs is shown.
                note=nl2br(settlement.hold_reason or ""),
                user_id=user.id,
            )

    def _announce_gaps(self, gaps):
        """Raise an activity for each new break between settlements, likewise."""
        user = self._told_at_once()
        for gap in user and self._readable(gaps, user):
            gap.sudo().activity_schedule(
                "sp_connector.mail_activity_type_gap",
                summary=gap.display_name,
                user_id=user.id,
            )

    def _told_at_once(self):
        user = self.sudo().user_id
        return user if self and self.notice == "each" and user.active else user.browse()

    @api.model
    def _readable(self, records, user):
        """Return those of the records that a user may read, in any of the user's companies."""
        mine = records.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids, lang=user.lang
        )
        return mine._filtered_access("read")

    # === DIGEST === #

    @api.model
    def _digest_domain(self):
        return [("notice", "in", ("daily", "weekly")), ("user_id.active", "=", True)]

    def _send_digest(self):
        """Queue the digest if its day has come and there is something new to tell."""
        self.ensure_one()
        user = self.user_id
        if not user.email_formatted or not self._is_digest_due(user):
            return
        since, now = self.last_notice_at, fields.Datetime.now()
        connection = self.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids, lang=user.lang, tz=user.tz
        )
        if not connection.has_access("read"):
            return
        parts = connection._digest_parts(since)
        self.last_notice_at = now
        if not parts:
            return
        body = self.env["ir.qweb"]._render(
            "sp_connector.sp_connection_digest",
            {
                "connection": connection,
                "user": user,
                "parts": parts,
                "since": since,
                "shown": _SHOWN,
            },
            minimal_qcontext=True,
            lang=user.lang,
        )
        company = self.company_id
        self.env["mail.mail"].sudo().create(
            {
                "subject": connection.env._("Amazon settlements: %(name)s", name=self.name),
                "body_html": body,
                "email_to": user.email_formatted,
                "email_from": company.email_formatted or self.env.user.email_formatted,
                "auto_delete": True,
            }
        )

    def _is_digest_due(self, user):
        """Tell whether the last digest is of an earlier day, or week, of the user's calendar."""
        told = self.last_notice_at or self.create_date
        today, last = (
            fields.Datetime.context_timestamp(self.with_context(tz=user.tz), moment).date()
            for moment in (fields.Datetime.now(), told)
        )
        first = today - timedelta(days=today.weekday()) if self.notice == "weekly" else today
        return last < first

    def _digest_parts(self, since):
        """Return what waits for the user, or nothing where nothing of it is new.

        What still waits is told again beside what is new: each digest is complete in itself.

        :param since: what is older was told already; ``False`` if nothing was
        :return: list of ``Part``, in the user's language
        """
        self.ensure_one()
        mine = [("connection_id", "=", self.id)]
        settlements = self.env["sp.settlement"]
        told = self.activity_search(["sp_connector.mail_activity_type_reconnect"])
        parts = [
            Part(
                self.env._("Reconnect"),
                [
                    Item(
                        self,
                        item.problem,
                        item.remedy,
                        max(told.mapped("create_date"), default=None),
                    )
                    for item in self.filtered("needs_reconnect")
                ],
            ),
            Part(
                self.env._("Missing settlements"),
                [
                    Item(gap, gap.display_name, gap.currency_id.name, gap.opened_at)
                    for gap in self.env["sp.settlement.gap"].search([*mine, ("state", "=", "open")])
                ],
            ),
            Part(
                self.env._("Changed in the ledger"),
                [
                    Item(
                        item,
                        item._notice_title(),
                        (item.ledger_note or "").partition("\n")[0],
                        item.write_date,
                    )
                    for item in settlements.search([*mine, ("state", "in", ("partly", "changed"))])
                ],
            ),
            Part(
                self.env._("Held"),
                [
                    Item(item, item._notice_title(), item._first_reason(), item.write_date)
                    for item in settlements.search([*mine, ("state", "=", "held")])
                    if not self.env["sp.settlement.facts"]._unused_places(item)
                ],
            ),
            Part(
                self.env._("To review"),
                [
                    Item(item, item._notice_title(), "", item.create_date)
                    for item in settlements.search([*mine, ("state", "=", "review")])
                ],
            ),
        ]
        dates = [item.since for part in parts for item in part.items]
        is_new = bool(dates) if not since else any(date and date > since for date in dates)
        return [part for part in parts if part.items] if is_new else []
