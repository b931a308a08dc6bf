"""From a proved settlement to its journal entries, and back."""

from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError

from ..engine.entry import plan_entries
from ..engine.periods import Calendar
from ..engine.summary import Grouping


class SpSettlement(models.Model):
    _inherit = "sp.settlement"

    # === THE PLAN === #

    def _plan(self, mapping=None):
        """Return the engine's ``Plan`` of this settlement's entries, in its own currency."""
        self.ensure_one()
        mapping = mapping or self.env["sp.account.mapping"]._mapping(self.company_id)
        # As people see them, also right after the import: a new record's lines are as they came.
        lines = self.line_ids.sorted(
            lambda line: (line.category_sequence, line.marketplace_name or "", line.id)
        )
        return plan_entries(
            self._decimal(self.amount_total),
            [line._prepare_plan_line() for line in lines],
            mapping,
            calendar=self._calendar(),
            marketplace=self._place().id or None,
            tax_on=self._tax_on,
            unit=Decimal(1).scaleb(-self.currency_id.decimal_places),
            each_paid=self._as_invoice(),
        )

    def _place(self):
        """Return the marketplace whose clearing account takes the payout."""
        return self.marketplace_id or self.default_marketplace_id

    def _calendar(self):
        """Return the engine's ``Calendar``, or ``None`` for a file without any date."""
        self.ensure_one()
        company = self.company_id
        zone = Grouping(company._sp_zone())
        end = zone.day(self.date_end) if self.date_end else self.date
        if not end:
            return None
        last = end
        if company.sp_last_date == "deposit" and self.date_deposit:
            last = max(end, zone.day(self.date_deposit))
        start = zone.day(self.date_start) if self.date_start else None
        return Calendar(start, end, last, company.sp_split_months)

    def _tax_on(self, taxes, amount):
        """Return what taxes are on a net amount: ids and ``Decimal`` → ``Decimal``."""
        details = (
            self.env["account.tax"]
            .browse(taxes)
            ._get_tax_details(
                float(amount),
                1.0,
                precision_rounding=self.currency_id.rounding,
                special_mode="total_excluded",
            )
        )
        return self._decimal(details["total_included"] - details["total_excluded"])

    def _decimal(self, amount):
        """Leave the ORM's floats: exact at the currency's precision."""
        return Decimal(f"{amount:.{self.currency_id.decimal_places}f}")

    def _as_invoice(self):
        return self.company_id.sp_booking_form == "invoice"

    def _journal(self):
        """Return the journal: the marketplace's own, else the company's or its parents'."""
        self.ensure_one()
        company = self.company_id
        if self._as_invoice():
            return company._sp_inherited("sp_invoice_journal_id")
        participation = self.connection_id._participation(self._place())
        return participation.journal_id or company._sp_inherited("sp_journal_id")

    # === BOOKING === #

    def action_book(self):
        """Create the draft entries of each settlement that nothing holds; name the others."""
        return self._run_on_free(lambda settlements: settlements._book())

    def action_post(self):
        """Post the entries of each settlement, creating them first where there are none."""

        def post(settlements):
            settlements._book()
            settlements._active_moves().filtered(lambda move: move.state == "draft").action_post()

        return self._run_on_free(post)

    def _run_on_free(self, step):
        self.check_access("read")
        # Two people press at once: the second waits for nothing and is told so.
        self.sudo().lock_for_update()
        self.sudo()._check()
        held = self.filtered(lambda settlement: settlement.state in ("held", "empty"))
        step(self - held)
        if not held:
            return None
        message = "; ".join(
            f"{item.settlement_ref}: {(item.hold_reason or item.booking_note).splitlines()[0]}"
            for item in held
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Not booked"),
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _book(self):
        """Create the draft entries of settlements in review, with the user's own rights."""
        for settlement in self.filtered(lambda settlement: settlement.state == "review"):
            plan = settlement._plan()
            if not plan.proved:
                raise UserError(
                    self.env._(
                        "Settlement %(ref)s: the planned entry does not equal Amazon's total; "
                        "nothing is booked.",
                        ref=settlement.settlement_ref,
                    )
                )
            for part in plan.parts:
                settlement._book_part(part, is_last=part is plan.parts[-1])
            if plan.parts:
                settlement._check_entry()

    # === PROOF === #

    def _check_entry(self):
        """Refuse entries that do not equal Amazon's total, item by item.

        :raises UserError: somebody changed them, or they were never right
        """
        for settlement in self:
            if not settlement._is_entry_true():
                raise UserError(
                    self.env._(
                        "The entry of settlement %(ref)s is no longer made of its rows and of "
                        "Amazon's total of %(total)s. Undo the entry and create it again.",
                        ref=settlement.settlement_ref,
                        total=settlement.currency_id.format(settlement.amount_total),
                    )
                )

    def _is_entry_true(self):
        """Tell whether the items equal their lines, and what remains is the payout alone.

        An item without tax equals its lines; items with tax and their tax items do so together,
        entry by entry. What remains are the rollover items, which cancel each other, and the
        payout; of invoices, what Amazon owes on each.
        """
        self.ensure_one()
        currency = self.currency_id
        explained = {}
        for line in self.sudo().line_ids:
            item = line.move_line_id
            explained[item] = explained.get(item, 0.0) + line.amount
        rest, carried = [], []
        moves = self.sudo()._active_moves().sorted("id")
        for move in moves:
            part, taxed, alone = 0.0, 0.0, []
            for item in move.line_ids:
                own = explained.pop(item, 0.0)
                part += own
                if item.tax_ids or item.tax_repartition_line_id:
                    taxed += item.amount_currency + own
                else:
                    alone.append(item.amount_currency + own)
            rest += [amount for amount in [taxed, *alone] if not currency.is_zero(amount)]
            carried.append(part)
        # Lines without an item cancel each other: the plan makes no item of zero.
        rest += [-amount for amount in explained.values()]
        if self._booked_as_invoice():
            expected = carried
        else:
            expected = [self.amount_total]
            for amount in carried[:-1]:
                expected += [amount, -amount]
        rest = sorted(amount for amount in rest if not currency.is_zero(amount))
        expected = sorted(amount for amount in expected if not currency.is_zero(amount))
        return (
            len(rest) == len(expected)
            and not any(map(currency.compare_amounts, rest, expected))
            and not currency.compare_amounts(sum(carried), self.amount_total)
        )

    def _booked_as_invoice(self):
        return bool(self.sudo()._active_moves().filtered(lambda move: move.is_invoice()))

    # === UNDO === #

    def action_undo(self):
        """Take the entries back so that the settlement can be booked anew.

        A draft that never had a number is deleted. A posted entry is cancelled where its period
        is open and its journal not hashed, else reversed: the trail of numbers stays.
        """
        self.check_access("read")
        self.sudo().lock_for_update()
        self._undo_transfers()
        for settlement in self:
            for move in settlement._active_moves():
                move.line_ids.remove_move_reconcile()
                if move.state == "draft" and not move.posted_before:
                    move.unlink()
                elif move._is_sealed():
                    reversal = move._reverse_moves(
                        [{"date": fields.Date.context_today(self), "ref": move.ref}], cancel=True
                    )
                    reversal.sp_settlement_id = settlement
                    (move | reversal).sp_reversed = True
                else:
                    move.button_cancel()
            settlement.sudo().line_ids.move_line_id = False
        self.sudo()._check()
