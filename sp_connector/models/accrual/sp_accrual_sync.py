"""Asks Amazon for the transactions of an accrual, question by question."""

import logging
import time
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.amazon import finances
from ...engine.errors import AmazonError, KeyLost, Rejected, Retryable
from ..amazon.reasons import words_of

_logger = logging.getLogger(__name__)
#: How long somebody who pressed a button waits; the rest is asked in the background.
SECONDS = 20


class SpAccrualSync(models.AbstractModel):
    """Searches go on where they were: each answer is kept with how far it brought them."""

    _name = "sp.accrual.sync"
    _description = "Amazon Accruals, Asking"

    @api.model
    def _begin(self, accrual, seconds=SECONDS):
        """Begin a new search and go on with it as long as a person waits.

        :param seconds: how long that is; the rest is asked in the background
        """
        now = fields.Datetime.now()
        cut_off = accrual._cut_off()
        search = finances.begin(cut_off - timedelta(days=accrual.days_back), now, now)
        accrual.sudo().write(
            {"search_progress": finances.pack(search), "problem": False, "tried_at": now}
        )
        if seconds:
            self._go_on(accrual, time.monotonic() + seconds)
        else:
            self._later(0)

    @api.model
    def _go_on_with_all(self):
        """Go on with all searches; the scheduler keeps what each answer brought."""
        accruals = self.env["sp.accrual"].search([("search_progress", "!=", False)])
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(accruals))
        for accrual in accruals:
            mine = accrual.try_lock_for_update(allow_referencing=True)
            if mine:
                self._go_on_with(mine, lambda: cron._commit_progress(0))
            if not cron._commit_progress(1):
                return

    @api.model
    def _go_on_with(self, accrual, keep):
        """Go on with one search; whatever happens to it, those behind it do not wait."""
        try:
            is_told = self._go_on(accrual, time.monotonic() + 600, keep)
        except psycopg2.OperationalError:
            raise  # the transaction is to be run again as a whole
        except Exception as error:
            _logger.exception("The accrual %s failed", accrual.id)
            problem = words_of(self.env, Retryable("unexpected", error=error))
            accrual.sudo().write({"search_progress": False, "problem": problem})
            is_told = False
        if is_told:
            self.env["sp.accrual.month"]._trigger()
        elif accrual.problem:
            self.env["sp.accrual.month"]._tell(accrual, accrual.problem)

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
                with self.env.cr.savepoint():
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
        with self.env.cr.savepoint():
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
