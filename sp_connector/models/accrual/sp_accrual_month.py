"""Accruals that are made by themselves, and what about accruals needs somebody."""

from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...engine.amazon.finances import LATE

#: The days of a month on which the last one is accrued: before the third, Amazon may not have told
#: all of it.
DAYS = range(3, 8)
#: How long settlements that book into an accrued month are watched for.
WATCHED = timedelta(days=190)
_ALARM = "sp_connector.mail_activity_type_accrual"


class SpAccrualMonth(models.AbstractModel):
    """The scheduled action of the first days of a month, and the daily look at accruals."""

    _name = "sp.accrual.month"
    _description = "Amazon Accruals, by Themselves"

    @api.model
    def _trigger(self):
        """Have what Amazon told meanwhile booked, where that is wanted."""
        cron = self.env.ref("sp_connector.ir_cron_accrue").sudo()
        if cron.active:
            cron._trigger()

    @api.model
    def _accrue_last_month(self):
        """Accrue the last month of each account that was accrued before, where nothing is open.

        Amazon is asked in the background, which then comes back here.
        """
        today = fields.Date.context_today(self)
        if today.day not in DAYS:
            return
        cut_off = today.replace(day=1) - timedelta(days=1)
        pairs = self.env["sp.accrual"]._read_group(
            [
                ("date", "<", cut_off),
                ("connection_id.state", "not in", ("draft", "disconnected")),
            ],
            ["connection_id", "company_id"],
        )
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(pairs))
        for connection, company in pairs:
            accrual = self._last_month(connection, company, cut_off)
            if accrual:
                self._accrue(accrual)
            if not cron._commit_progress(1):
                return

    @api.model
    def _last_month(self, connection, company, cut_off):
        """Return the accrual of a day, made if need be; none as long as Amazon tells too little."""
        accruals = self.env["sp.accrual"].with_company(company)
        own = {"connection_id": connection.id, "company_id": company.id, "date": cut_off}
        accrual = accruals.search([(name, "=", value) for name, value in own.items()])
        if not accrual and accruals.new(own)._cut_off() + LATE <= fields.Datetime.now():
            accrual = accruals.create(own)
        return accrual

    @api.model
    def _accrue(self, accrual):
        """Take the next step of an accrual: ask, book, or tell somebody what is in the way."""
        if not accrual.asked_at and not accrual.search_progress:
            # What went wrong is told, and tried again the next day.
            again = (accrual.tried_at or datetime.min) + timedelta(hours=20)
            if accrual.problem and fields.Datetime.now() < again:
                return
            self.env["sp.accrual.sync"]._begin(accrual, seconds=0)
        problem = ""
        if accrual.state == "proposal":
            try:
                with self.env.cr.savepoint():
                    told = self.env["sp.accrual.entry"]._book(accrual)
                if told and told.is_done:
                    return  # it is proposed, and those who approve are told
                problem = told.reason if told else ""
            except UserError as error:  # a locked period, a missing rate
                problem = str(error)
        if accrual.state not in ("asking", "posted"):
            self._tell(accrual, problem)

    @api.model
    def _tell(self, accrual, problem):
        """Ask who is responsible to look at an accrual, once."""
        if not accrual.activity_search([_ALARM]):
            accrual._raise_alarm(
                _ALARM,
                accrual.company_id,
                accrual.connection_id.sudo().user_id,
                self.env._("The accrual waits for somebody"),
                problem,
            )

    # === EVERY DAY === #

    @api.model
    def _booked(self):
        """Return the accruals with entries that a settlement could still book a second time."""
        return self.env["sp.accrual"].search(
            [
                ("date", ">=", fields.Date.context_today(self) - WATCHED),
                ("move_ids.state", "=", "posted"),
            ]
        )

    @api.model
    def _watch(self, accrual):
        """Tell of an accrual that counts twice, since a settlement booked into its month."""
        if accrual.stale_note:
            self._tell(accrual, accrual.stale_note)
