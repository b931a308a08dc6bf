"""Asks Amazon for the transactions of an accrual, question by question."""

import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...engine.amazon import finances
from ...engine.errors import AmazonError, KeyLost, Rejected, Retryable
from ..amazon.reasons import words_of

#: How long somebody who pressed a button waits; the rest is asked in the background.
SECONDS = 20
#: The days of a month on which the scheduled action accrues the last one: before the third,
#: Amazon may not have told all of it.
DAYS = range(3, 8)
_ALARM = "sp_connector.mail_activity_type_accrual"


class SpAccrualSync(models.AbstractModel):
    """Searches go on where they were: each answer is kept with how far it brought them."""

    _name = "sp.accrual.sync"
    _description = "Amazon Accruals, Asking"

    @api.model
    def _begin(self, accrual):
        """Begin a new search and go on with it as long as a person waits."""
        now = fields.Datetime.now()
        cut_off = accrual._cut_off()
        search = finances.begin(cut_off - timedelta(days=accrual.days_back), now, now)
        accrual.sudo().write({"search_progress": finances.pack(search), "problem": False})
        self._go_on(accrual, time.monotonic() + SECONDS)

    @api.model
    def _go_on_with_all(self):
        """Go on with all searches; the scheduler keeps what each answer brought."""
        accruals = self.env["sp.accrual"].search([("search_progress", "!=", False)])
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(accruals))
        for accrual in accruals:
            mine = accrual.try_lock_for_update(allow_referencing=True)
            if mine:
                self._go_on(mine, time.monotonic() + 600, lambda: cron._commit_progress(0))
            if not cron._commit_progress(1):
                return

    @api.model
    def _go_on(self, accrual, until, keep=lambda: True):
        """Ask until all is told, time is over or Amazon wants us to wait.

        :param keep: called after each answer; false: stop
        :return: whether all is told
        """
        accrual = accrual.sudo()
        search = finances.unpack(accrual.search_progress)
        try:
            while not search.is_over:
                search = self._ask_page(accrual, search)
                accrual.search_progress = finances.pack(search)
                if not keep() or time.monotonic() > until:
                    break
        except Retryable as error:
            self._later(error.after)
            return False
        except (AmazonError, KeyLost) as error:
            accrual.write({"search_progress": False, "problem": words_of(self.env, error)})
            return False
        if not search.is_over:
            self._later(1)
            return False
        accrual.write({"search_progress": False, "asked_at": fields.Datetime.now()})
        self.env["sp.accrual.proposal"]._propose(accrual)
        return True

    @api.model
    def _later(self, seconds):
        at = fields.Datetime.now() + timedelta(seconds=max(int(seconds), 1))
        self.env.ref("sp_connector.ir_cron_accrual_ask").sudo()._trigger(at=at)

    @api.model
    def _ask_page(self, accrual, search):
        """Ask one question and keep its answer; return how far the search is then."""
        try:
            page = (
                self.env["sp.client"]
                .sudo()
                ._ask_quietly(
                    accrual.connection_id,
                    lambda partner: finances.list_transactions(partner, search),
                )
            )
        except Rejected:
            narrowed = search.narrowed()
            if narrowed is None:
                raise
            return narrowed
        self._keep(accrual, page.transactions)
        return search.after(page)

    @api.model
    def _keep(self, accrual, told):
        """Store transactions; one that is known already is as Amazon tells it now.

        One statement for a page (SQL): there may be a hundred thousand, most of them known when
        Amazon is asked again.
        """
        told = {one.ref: one for one in told}
        if not told:
            return
        records = self.env["sp.accrual.transaction"].sudo()
        currencies = self._currencies({one.currency for one in told.values()})
        constant = {"accrual_id": accrual.id, "company_id": accrual.company_id.id}
        rows = [constant | records._prepare_vals(one, currencies) for one in told.values()]
        names = list(rows[0])
        changes = SQL(", ").join(
            SQL("%s = EXCLUDED.%s", SQL.identifier(name), SQL.identifier(name)) for name in names
        )
        values = SQL(", ").join(
            SQL("(%s)", SQL(", ").join(self._column(records, row, name) for name in names))
            for row in rows
        )
        columns = SQL(", ").join(map(SQL.identifier, names))
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "INSERT INTO sp_accrual_transaction (%s) VALUES %s "
                "ON CONFLICT (accrual_id, ref) DO UPDATE SET %s",
                columns,
                values,
                changes,
            )
        )
        records.invalidate_model()
        accrual.invalidate_recordset(["transaction_ids"])

    @api.model
    def _column(self, records, row, name):
        return SQL("%s", records._fields[name].convert_to_column_insert(row[name], records, row))

    @api.model
    def _currencies(self, names):
        found = self.env["res.currency"].with_context(active_test=False)
        ids = {one.name: one.id for one in found.search([("name", "in", list(names))])}
        if missing := names - ids.keys():
            name = ", ".join(sorted(missing))
            raise Rejected("unknown_currency", operation="listTransactions", name=name)
        return ids

    # === BY ITSELF === #

    @api.model
    def _accrue_last_month(self):
        """Accrue the last month of each account that was accrued before, where nothing is open.

        How it is accrued, somebody has said with the first one.
        """
        today = fields.Date.context_today(self)
        if today.day not in DAYS:
            return
        cut_off = today.replace(day=1) - timedelta(days=1)
        accruals = self.env["sp.accrual"]
        pairs = accruals._read_group(
            [("date", "<", cut_off), ("connection_id.state", "in", ("connected", "attention"))],
            ["connection_id", "company_id"],
        )
        for connection, company in pairs:
            accrual = accruals.search(
                [
                    ("connection_id", "=", connection.id),
                    ("company_id", "=", company.id),
                    ("date", "=", cut_off),
                ]
            ) or accruals.with_company(company).create(
                {"connection_id": connection.id, "company_id": company.id, "date": cut_off}
            )
            if not accrual.asked_at and not accrual.search_progress:
                self._begin(accrual)
            problem = accrual.problem or ""
            if accrual.state == "proposal":
                try:
                    with self.env.cr.savepoint():
                        told = self.env["sp.accrual.entry"]._book(accrual)
                    if not told or told.is_done:
                        continue
                    problem = told.reason
                except UserError as error:  # a locked period, a missing rate
                    problem = str(error)
            if accrual.state not in ("asking", "posted") and not accrual.activity_search([_ALARM]):
                accrual._raise_alarm(
                    _ALARM,
                    company,
                    connection.user_id,
                    self.env._("The accrual waits for somebody"),
                    problem,
                )
