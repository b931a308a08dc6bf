"""Once a day: what runs out is announced, chains are looked at anew, digests are sent."""

import logging
from collections.abc import Callable
from typing import NamedTuple

import psycopg2
import psycopg2.extensions

from odoo import api, fields, models

from odoo.addons.base.models.ir_qweb_fields import nl2br

from ...const import AUTHORISATION_WARNING_DAYS, SECRET_WARNING_DAYS, announced_span
from ...engine.amazon.transport import clean

_logger = logging.getLogger(__name__)


class Step(NamedTuple):
    """One thing to do.

    :param record: a connection or application that a failure is told at; may be empty
    :param companies: whose managers are told where nobody is responsible
    :param do: what is called with ``argument``
    """

    record: models.Model
    companies: models.Model
    do: Callable
    argument: object


class SpDailyWatch(models.AbstractModel):
    """The scheduler's daily round. Each step is by itself: what fails is said, the rest goes on."""

    _name = "sp.daily.watch"
    _description = "Amazon Daily Watch"

    @api.model
    def _cron_watch(self):
        """Announce what runs out once per span, recheck the chains, send the digests."""
        self.env["mail.activity"].search([("activity_type_id", "=", self._failed().id)]).unlink()
        steps = self._steps()
        self.env["ir.cron"]._commit_progress(remaining=len(steps))
        for step in steps:
            self._take(step)
            if not self.env["ir.cron"]._commit_progress(1):
                return

    @api.model
    def _steps(self):
        """Return what is to be done: list of ``Step``."""
        connections = self.env["sp.connection"].search(
            [("state", "in", ("connected", "attention")), ("parent_id", "=", False)]
        )
        applications = self.env["sp.application"].search([("connection_ids", "!=", False)])
        gaps, notice = self.env["sp.settlement.gap"], self.env["sp.notice"]
        steps = [Step(one, one.company_id, self._announce_expiry, one) for one in connections]
        steps += [
            Step(one, one.company_ids, self._announce_secret_expiry, one) for one in applications
        ]
        steps += [
            Step(self._connection_of(company), company, gaps._recheck, [(company, currency)])
            for company, currency in gaps._pools()
        ]
        accruals = self.env["sp.accrual.month"]
        steps += [
            Step(one.connection_id, one.company_id, accruals._watch, one)
            for one in accruals._booked()
        ]
        # Last, so that they tell what the other steps found.
        steps += [
            Step(one, one.company_id, notice._send_digest, one) for one in notice._with_digest()
        ]
        return steps

    @api.model
    def _connection_of(self, company):
        """Return a connection whose settlements are in a company's books, if there is any."""
        return self.env["sp.connection"].search(
            [
                "|",
                ("company_id", "=", company.id),
                ("participation_ids.booking_company_id", "=", company.id),
            ],
            limit=1,
        )

    @api.model
    def _take(self, step):
        """Take one step; what it cannot do is logged and told, and stops no other."""
        try:
            with self.env.cr.savepoint():
                step.do(step.argument)
        except psycopg2.extensions.TransactionRollbackError:
            _logger.info("%s was changed by somebody else: it is looked at tomorrow.", step.record)
        except psycopg2.OperationalError:
            raise  # without a database there is nothing to go on with
        except Exception as error:
            _logger.exception("The daily watch failed at %s", step.record or step.companies)
            self._tell(step, clean(f"{type(error).__name__}: {error}"))

    @api.model
    def _tell(self, step, error):
        """Raise an alarm at the record; where there is none, an activity of its own."""
        record, companies = step.record, step.companies
        place = record or companies
        words = self.env._("The daily watch failed at %(name)s", name=place[:1].display_name)
        for user in record._alarm_receivers(companies, record.user_id):
            self.env["mail.activity"].create(
                {
                    "activity_type_id": self._failed().id,
                    "res_model_id": self.env["ir.model"]._get_id(record._name) if record else False,
                    "res_id": record.id,
                    "user_id": user.id,
                    "summary": words,
                    "note": nl2br(error),
                }
            )

    @api.model
    def _failed(self):
        return self.env.ref("sp_connector.mail_activity_type_watch")

    # === WHAT RUNS OUT === #

    @api.model
    def _announce_expiry(self, connection):
        """Announce the end of an authorisation, once per span before it."""
        if not connection.expires_at:
            return
        days_left = (connection.expires_at - fields.Datetime.now()).days
        span = announced_span(days_left, AUTHORISATION_WARNING_DAYS)
        if span is None or span == connection.announced_days:
            return
        connection.announced_days = span
        connection._raise_alarm(
            "sp_connector.mail_activity_type_reconnect",
            connection.company_id,
            connection.user_id,
            self.env._("Reconnect %(name)s: Amazon asks once a year", name=connection.name),
            date_deadline=connection.expires_at.date(),
        )

    @api.model
    def _announce_secret_expiry(self, application):
        """Announce the end of a client secret, likewise."""
        if not application.secret_expires_on:
            return
        days_left = (application.secret_expires_on - fields.Date.context_today(application)).days
        span = announced_span(days_left, SECRET_WARNING_DAYS)
        if span is None or span == application.announced_days:
            return
        application.announced_days = span
        application._raise_alarm(
            "sp_connector.mail_activity_type_rotate_secret",
            application.company_ids,
            application.user_id,
            self.env._(
                "New client secret for %(name)s before all connections stop", name=application.name
            ),
            date_deadline=application.secret_expires_on,
        )

    # === SCHEDULED ACTIONS === #

    @api.model
    def _switch_on_crons(self):
        """The scheduled actions are shipped inactive; the first connection switches them on.

        Reports are looked for at once: whoever connects an account wants to see them come.
        """
        for name in ("find_reports", "import_reports", "daily_watch"):
            cron = self.env.ref(f"sp_connector.ir_cron_{name}", raise_if_not_found=False)
            if cron and not cron.sudo().active:
                cron.sudo().active = True
            if cron and name == "find_reports":
                cron.sudo()._trigger()
