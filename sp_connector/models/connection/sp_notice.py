"""Who is responsible for a connection is told what waits: at once, daily, weekly or never."""

from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain

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


class SpNotice(models.AbstractModel):
    """Activities and digests about what a connection brought."""

    _name = "sp.notice"
    _description = "Amazon Notices"

    @api.model
    def _receivers(self, connection):
        """Return the users who are told of a connection; see ``sp.alarm.mixin``."""
        connection = connection.sudo()
        return connection._alarm_receivers(connection.company_id, connection.user_id)

    @api.model
    def _readable(self, records, user):
        """Return those of the records that a user may read, in any of the user's companies."""
        mine = records.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids, lang=user.lang
        )
        return mine._filtered_access("read")

    # === ACTIVITIES === #

    @api.model
    def _announce_reconnect(self, connection):
        """Raise one activity to reconnect, in the place of an earlier warning."""
        connection._raise_alarm(
            "sp_connector.mail_activity_type_reconnect",
            connection.company_id,
            connection.user_id,
            self.env._("Reconnect %(name)s", name=connection.name),
            self.env._("Until then no settlement arrives by itself."),
        )

    @api.model
    def _announce_settlements(self, connection, settlements):
        """Raise an activity for each new settlement, if the users want to be told at once."""
        facts = self.env["sp.settlement.facts"]
        waiting = settlements.filtered(
            lambda one: one.state != "empty" and not facts._unused_places(one)
        )
        for user in self._told_at_once(connection):
            env = self.with_context(lang=user.lang).env
            for settlement in self._readable(waiting, user):
                held = settlement.state == "held"
                settlement.sudo().activity_schedule(
                    "sp_connector.mail_activity_type_review",
                    summary=env._("Held: see what is missing")
                    if held
                    else env._("Review and post"),
                    # What files say stays text: no link, no picture of theirs is shown.
                    note=nl2br(settlement.with_env(env).hold_reason or ""),
                    user_id=user.id,
                )

    @api.model
    def _announce_gaps(self, connection, gaps):
        """Raise an activity for each new break between settlements, likewise."""
        for user in self._told_at_once(connection):
            for gap in self._readable(gaps, user):
                gap.sudo().activity_schedule(
                    "sp_connector.mail_activity_type_gap",
                    summary=gap.display_name,
                    user_id=user.id,
                )

    @api.model
    def _told_at_once(self, connection):
        is_each = connection.sudo().notice == "each"
        return self._receivers(connection) if is_each else self.env["res.users"]

    # === DIGEST === #

    @api.model
    def _with_digest(self):
        """Return the connections whose users are told by e-mail."""
        return self.env["sp.connection"].search([("notice", "in", ("daily", "weekly"))])

    @api.model
    def _send_digest(self, connection):
        """Queue the digest if its day has come and there is something new to tell."""
        receivers = self._receivers(connection).filtered("email_formatted")
        if not receivers or not self._is_digest_due(connection, receivers[0]):
            return
        since = connection.last_notice_at
        connection.last_notice_at = fields.Datetime.now()
        for user in receivers:
            theirs = connection.with_user(user).with_context(
                allowed_company_ids=user.company_ids.ids, lang=user.lang, tz=user.tz
            )
            if parts := self.with_env(theirs.env)._digest_parts(theirs, since):
                self._mail_digest(connection, user, parts, since)

    @api.model
    def _mail_digest(self, connection, user, parts, since):
        template = self.env.ref("sp_connector.mail_template_digest").with_context(
            lang=user.lang,
            sp_connector_user=user,
            sp_connector_parts=parts,
            sp_connector_since=since,
            sp_connector_shown=_SHOWN,
        )
        template.send_mail(
            connection.id,
            # Without a record it is nobody's chatter: it was made for one reader.
            email_values={"email_to": user.email_formatted, "model": False, "res_id": False},
        )

    @api.model
    def _is_digest_due(self, connection, user):
        """Tell whether the last digest is of an earlier day, or week, of the user's calendar."""
        told = connection.last_notice_at or connection.create_date
        today, last = (
            fields.Datetime.context_timestamp(connection.with_context(tz=user.tz), moment).date()
            for moment in (fields.Datetime.now(), told)
        )
        is_weekly = connection.notice == "weekly"
        first = today - timedelta(days=today.weekday()) if is_weekly else today
        return last < first

    @api.model
    def _tells_of_files(self, connection):
        """Tell whether this connection's digest also tells of its company's uploaded files.

        They belong to no connection: the first of the company that sends digests does it.
        """
        others = self._with_digest().filtered(lambda one: one.company_id == connection.company_id)
        return connection == min(others, key=lambda one: one.id, default=connection)

    @api.model
    def _digest_parts(self, connection, since):
        """Return what waits for the user, or nothing where nothing of it is new.

        What still waits is told again beside what is new: each digest is complete in itself.

        :param since: what is older was told already; ``False`` if nothing was
        :return: list of ``Part``, in the user's language
        """
        own = Domain("connection_id", "=", connection.id)
        files = Domain.FALSE
        if self._tells_of_files(connection):
            files = Domain("company_id", "=", connection.company_id.id)
        mine = own | (files & Domain("connection_id", "=", False))
        settlements = self.env["sp.settlement"]
        told = connection.activity_search(["sp_connector.mail_activity_type_reconnect"])
        parts = [
            Part(
                self.env._("Reconnect"),
                [
                    Item(
                        item,
                        item.problem,
                        item.remedy,
                        max(told.mapped("create_date"), default=None),
                    )
                    for item in connection.filtered("needs_reconnect")
                ],
            ),
            Part(
                self.env._("Missing settlements"),
                [
                    Item(gap, gap.display_name, gap.currency_id.name, gap.opened_at)
                    for gap in self.env["sp.settlement.gap"].search(
                        mine & Domain("state", "=", "open")
                    )
                ],
            ),
            Part(
                self.env._("Uploads that failed"),
                [
                    Item(item, item.name, (item.message or "").partition("\n")[0], item.write_date)
                    for item in self.env["sp.upload"].search(files & Domain("state", "=", "failed"))
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
                    for item in settlements.search(
                        mine & Domain("state", "in", ("partly", "changed"))
                    )
                ],
            ),
            Part(
                self.env._("Held"),
                [
                    Item(item, item._notice_title(), item._first_reason(), item.write_date)
                    for item in settlements.search(mine & Domain("state", "=", "held"))
                    if not self.env["sp.settlement.facts"]._unused_places(item)
                ],
            ),
            Part(
                self.env._("To review"),
                [
                    Item(item, item._notice_title(), "", item.create_date)
                    for item in settlements.search(mine & Domain("state", "=", "review"))
                ],
            ),
        ]
        dates = [item.since for part in parts for item in part.items]
        is_new = bool(dates) if not since else any(date and date > since for date in dates)
        return [part for part in parts if part.items] if is_new else []
