"""Sales of invoiced orders pay their invoices: no income twice, nothing plugged, taken back."""

from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command

from ..common import USER
from .test_sp_invoiced import (
    FEE,
    ORDER,
    OTHER,
    PRICE,
    REFUND,
    REFUND_TAX,
    TAX,
    InvoicedCase,
)

THIRD = "026-0000003-0000003"


class InvoicesCase(InvoicedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sudo().sp_invoiced_orders = "invoices"

    def post(self, settlement):
        settlement.action_check()
        self.assertNotEqual(settlement.state, "held", settlement.hold_reason)
        settlement.action_post()
        self.assertEqual(settlement.state, "posted", settlement.ledger_note)
        self.assertBalanced(settlement)
        self.assertFalse(settlement.newer_plan_note)
        return settlement

    def owed(self, settlement):
        """What went to invoices: (label, amount, what is open of it)."""
        items = settlement._active_moves().line_ids.filtered(
            lambda item: item.account_id == self.receivable
        )
        return [
            (item.name, item.amount_currency, item.amount_residual_currency)
            for item in items.sorted("id")
        ]

    def note(self, settlement):
        settlement.action_check()
        return (settlement.booking_note or "").replace("\N{NO-BREAK SPACE}", " ")

    def income(self, settlement):
        items = settlement._active_moves().line_ids
        account = self.account_of("sales") | self.account_of("refunds")
        return -sum(items.filtered(lambda item: item.account_id in account).mapped("balance"))


class TestSpInvoicedEntry(InvoicesCase):
    def test_the_sale_pays_its_invoice_and_fees_stay_costs(self):
        invoice = self.invoice(ref=ORDER)
        rows = self.row(PRICE, "24.00"), self.row(FEE, "-3.60"), self.row(PRICE, "10.00", OTHER)
        settlement = self.settlement_of(*rows)
        note = self.note(settlement)
        self.assertIn("£ 24.00 of 1 orders goes to the customer invoices", note)
        self.assertNotIn("count twice", note)
        self.post(settlement)
        self.assertEqual(self.owed(settlement), [("Orders that are invoiced", -24.0, 0.0)])
        self.assertEqual(self.income(settlement), 10.0)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(invoice.line_ids.filtered("reconciled").partner_id, self.buyer)
        self.assertEqual((settlement.invoiced_amount, settlement.invoiced_open), (24.0, 0.0))
        self.assertEqual(settlement.amount_total, settlement._payout_items().amount_currency)

    def test_each_number_leads_to_its_own_rows(self):
        self.invoice(ref=ORDER)
        settlement = self.post(
            self.settlement_of(self.row(PRICE, "24.00"), self.row(PRICE, "10.00", OTHER))
        )
        rows = self.env["sp.settlement.row"]
        found = {}
        for item in settlement.move_id.line_ids:
            here = rows.search(item.action_view_sp_rows()["domain"])
            self.assertEqual(len(here), item.sp_row_count)
            if here:
                self.assertEqual(sum(here.mapped("amount")), -item.amount_currency)
                found[item.account_id.name] = here.mapped("order_ref")
        self.assertEqual(found["Debtors"], [ORDER])
        self.assertEqual(list(found.values()).count([OTHER]), 1)
        action = settlement.action_view_invoiced()
        kept = self.env["sp.invoiced"].search(action["domain"])
        self.assertEqual((kept.order_ref, kept.amount, kept.move_id.ref), (ORDER, 24.0, ORDER))

    def test_what_differs_stays_open_beside_its_own_invoice(self):
        less, more = self.invoice(20.0, ref=ORDER), self.invoice(12.0, ref=OTHER)
        settlement = self.settlement_of(
            self.row(PRICE, "24.00"), self.row(PRICE, "10.00", OTHER), self.row(PRICE, "5", THIRD)
        )
        note = self.note(settlement)
        self.assertIn(f"{ORDER} £ 24.00, invoiced £ 20.00", note)
        self.assertIn(f"{OTHER} £ 10.00, invoiced £ 12.00", note)
        self.post(settlement)
        self.assertEqual(
            self.owed(settlement),
            [(f"Invoiced order {OTHER}", -10.0, 0.0), (f"Invoiced order {ORDER}", -24.0, -4.0)],
        )
        self.assertEqual((less.amount_residual, more.amount_residual), (0.0, 2.0))
        self.assertEqual(settlement.invoiced_open, 4.0)

    def test_a_refund_pays_its_credit_note_and_is_income_without_one(self):
        note = self.invoice(8.0, ref=ORDER, move_type="out_refund")
        self.invoice(ref=ORDER)
        self.invoice(ref=OTHER)
        rows = [self.row(PRICE, "24.00", order) for order in (ORDER, OTHER)]
        rows += [self.row(REFUND, "-8.00"), self.row(REFUND, "-3.00", OTHER)]
        settlement = self.post(self.settlement_of(*rows))
        self.assertEqual(
            self.owed(settlement),
            [("Orders that are invoiced", -48.0, 0.0), ("Refunds with credit notes", 8.0, 0.0)],
        )
        self.assertEqual(note.amount_residual, 0.0)
        self.assertEqual(self.income(settlement), -3.0)

    def test_an_invoice_and_its_reversal_leave_nothing_open(self):
        """They are matched with each other before Amazon settles sale and refund, one by one."""
        invoice = self.invoice(ref=ORDER)
        wizard = self.root_env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        wizard.create({"journal_id": self.journal.id}).refund_moves()
        credit = invoice.reversal_move_ids
        credit.write({"ref": f"Reversal of {ORDER}", "invoice_date": "2026-01-12"})
        credit.action_post()
        self.assertEqual(invoice.payment_state, "reversed")
        first = self.post(self.settlement_of(self.row(PRICE, "24.00")))
        self.assertEqual(first.invoiced_open, 24.0)
        second = self.post(self.settlement_of(self.row(REFUND, "-24.00", ref="82"), ref="82"))
        self.assertEqual((first.invoiced_open, second.invoiced_open), (0.0, 0.0))

    def test_two_invoices_of_an_order_and_one_of_two_orders(self):
        parts = self.invoice(14.0, ref=ORDER), self.invoice(10.0, ref=ORDER)
        summary = self.invoice(15.0, ref=f"{OTHER}, {THIRD}")
        first = self.post(
            self.settlement_of(self.row(PRICE, "24.00"), self.row(PRICE, "10.00", OTHER))
        )
        self.assertEqual([one.payment_state for one in parts], ["paid", "paid"])
        self.assertEqual(summary.amount_residual, 5.0)
        self.post(self.settlement_of(self.row(PRICE, "5.00", THIRD, ref="82"), ref="82"))
        self.assertEqual(summary.payment_state, "paid")
        self.assertEqual(first.invoiced_open, 0.0)

    def test_a_payment_by_hand_leaves_amazon_s_amount_open_and_said(self):
        invoice = self.invoice(ref=ORDER)
        bank = self.make_account("Hand", "asset_current")
        lines = [(self.receivable, -20.0), (bank, 20.0)]
        move = self.root_env["account.move"].create(
            {
                "journal_id": self.company.sp_journal_id.id,
                "line_ids": [
                    Command.create(
                        {"account_id": account.id, "balance": value, "partner_id": self.buyer.id}
                    )
                    for account, value in lines
                ],
            }
        )
        move.action_post()
        (invoice.line_ids | move.line_ids).filtered(
            lambda item: item.account_id == self.receivable
        ).reconcile()
        settlement = self.settlement_of(self.row(PRICE, "24.00"))
        self.assertIn("£ 20.00 stays open on the receivable account", self.note(settlement))
        self.post(settlement)
        self.assertEqual((invoice.payment_state, settlement.invoiced_open), ("paid", 20.0))
        self.assertEqual(self.income(settlement), 0.0)

    def test_drafts_are_no_invoices_yet_and_are_said(self):
        self.invoice(ref=ORDER, post=False)
        self.invoice(ref=OTHER).button_cancel()
        settlement = self.settlement_of(self.row(PRICE, "24.00"), self.row(PRICE, "10.00", OTHER))
        self.assertIn("1 draft invoices name orders", self.note(settlement))
        self.assertEqual(self.income(self.post(settlement)), 34.0)

    def test_another_currency_goes_to_the_receivable_and_is_not_matched(self):
        self.set_all_rates()
        euro = self.root_env.ref("base.EUR")
        invoice = self.invoice(ref=ORDER, currency_id=euro.id)
        settlement = self.settlement_of(self.row(PRICE, "24.00"))
        self.assertIn("invoiced in another currency", self.note(settlement))
        self.post(settlement)
        self.assertEqual(self.income(settlement), 0.0)
        self.assertEqual((settlement.invoiced_open, invoice.payment_state), (24.0, "not_paid"))

    def test_a_foreign_settlement_pays_foreign_invoices(self):
        self.set_all_rates()
        self.set_rate("EUR", "2026-01-10", 2.5)
        self.set_up_exchange()
        euro = self.root_env.ref("base.EUR")
        invoice = self.invoice(ref=ORDER, currency_id=euro.id)
        settlement = self.settlement_of(
            self.row(PRICE, "24.00", marketplace_name="Amazon.de"), currency="EUR"
        )
        self.post(settlement)
        self.assertEqual((settlement.invoiced_open, invoice.payment_state), (0.0, "paid"))

    def test_each_buyer_and_each_month_has_its_own(self):
        other = self.make_buyer("Mrs Tea")
        self.invoice(ref=ORDER)
        self.invoice(10.0, ref=OTHER, partner_id=other.id)
        self.invoice(5.0, ref=THIRD)
        settlement = self.settlement_of(
            self.row(PRICE, "24.00", posted_date_time="2026-01-12 12:00:00 UTC"),
            self.row(PRICE, "10.00", OTHER, posted_date_time="2026-02-02 12:00:00 UTC"),
            self.row(PRICE, "5.00", THIRD, posted_date_time="2026-02-02 12:00:00 UTC"),
            settlement_start_date="2026-01-10 00:00:00 UTC",
            settlement_end_date="2026-02-05 00:00:00 UTC",
        )
        self.post(settlement)
        self.assertEqual(len(settlement._active_moves()), 2)
        self.assertEqual([amount for _label, amount, _open in self.owed(settlement)][0], -24.0)
        self.assertEqual({left for *_item, left in self.owed(settlement)}, {0.0})

    def test_of_another_company_nothing_is_paid(self):
        company = self.company
        other = self.make_company("Lamps Ltd")
        self.set_up_accounts(other)
        type(self).company = other
        self.addClassCleanup(setattr, type(self), "company", company)
        try:
            receivable = self.make_account("Debtors", "asset_receivable", reconcile=True)
            self.buyer.with_company(other).property_account_receivable_id = receivable
            journal = self.journal.copy({"company_id": other.id, "code": "SPL"})
            invoice = self.invoice(ref=ORDER, journal_id=journal.id)
        finally:
            type(self).company = company
        self.assertEqual(invoice.company_id, other)
        settlement = self.post(self.settlement_of(self.row(PRICE, "24.00")))
        self.assertEqual(self.income(settlement), 24.0)
        self.assertEqual(invoice.payment_state, "not_paid")


class TestTaxes(InvoicesCase):
    def boxes(self):
        """The tax return of the company: {tag: balance}."""
        items = self.root_env["account.move.line"].search(
            [("company_id", "=", self.company.id), ("parent_state", "=", "posted")]
        )
        found = {}
        for item in items:
            for tag in item.tax_tag_ids:
                found[tag.name] = round(found.get(tag.name, 0.0) + item.balance, 2)
        return found

    def test_the_tax_return_counts_each_sale_once(self):
        tax = self.make_tax("UK 20%", 20.0)
        for category in ("sales", "refunds"):
            self.map_tax(category, "output_included", tax)
        self.invoice(100.0, taxes=tax, ref=ORDER)
        self.invoice(10.0, taxes=tax, ref=ORDER, move_type="out_refund")
        rows = [self.row(PRICE, "100.00"), self.row(TAX, "20.00")]
        rows += [self.row(PRICE, "120.00", OTHER, order_item_code="2")]
        rows += [self.row(REFUND, "-10.00"), self.row(REFUND_TAX, "-2.00")]
        settlement = self.post(self.settlement_of(*rows))
        self.assertEqual(
            self.boxes(),
            {
                "UK 20% invoice base": -200.0,
                "UK 20% invoice tax": -40.0,
                "UK 20% refund base": 10.0,
                "UK 20% refund tax": 2.0,
            },
        )
        self.assertEqual({left for *_item, left in self.owed(settlement)}, {0.0})
        self.assertEqual(settlement.amount_facilitator, 0.0)

    def test_tax_that_amazon_keeps_stays_beside_what_it_withholds(self):
        zero = self.make_tax("UK 0%", 0.0)
        for category in ("sales", "refunds"):
            self.map_tax(category, "marketplace", zero, tax_form="withheld")
        self.invoice(100.0, ref=ORDER)
        kept = "Order/ItemWithheldTax/MarketplaceFacilitatorTax-Principal"
        rows = [self.row(PRICE, "100.00"), self.row(TAX, "20.00"), self.row(kept, "-20.00")]
        settlement = self.post(self.settlement_of(*rows))
        self.assertEqual(self.owed(settlement), [("Orders that are invoiced", -100.0, 0.0)])
        self.assertEqual(settlement.amount_facilitator, 0.0)
        self.assertFalse(self.boxes())


class TestWayBack(InvoicesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.paid = cls.invoice(ref=ORDER)
        cls.settlement = cls.settlement_of(cls.row(PRICE, "24.00"), cls.row(PRICE, "10.00", OTHER))

    def test_undo_opens_the_invoice_and_booking_again_pays_it(self):
        self.post(self.settlement)
        self.settlement.action_undo()
        self.assertEqual((self.settlement.state, self.paid.payment_state), ("review", "not_paid"))
        self.assertFalse(
            self.env["sp.invoiced"].search([("settlement_id", "=", self.settlement.id)])
        )
        self.assertFalse(self.settlement.has_invoiced)
        self.post(self.settlement)
        self.assertEqual(self.paid.payment_state, "paid")

    def test_in_a_closed_period_it_is_reversed(self):
        self.post(self.settlement)
        self.company.sudo().fiscalyear_lock_date = date(2026, 12, 31)
        self.settlement.action_undo()
        self.assertEqual(self.paid.payment_state, "not_paid")
        items = self.settlement.move_ids.line_ids
        owed = items.filtered(lambda item: item.account_id == self.receivable)
        self.assertEqual(sorted(owed.mapped("balance")), [-24.0, 24.0])

    def test_booking_anew_keeps_the_match(self):
        self.post(self.settlement)
        self.root_env["sp.settlement.rebook"]._rebook(self.settlement.with_user(self.manager))
        self.assertEqual(self.settlement.state, "posted")
        self.assertEqual(self.paid.payment_state, "paid")

    def test_an_invoice_that_comes_later_is_said_and_booked_anew_on_demand(self):
        self.post(self.settlement)
        later = self.invoice(10.0, ref=OTHER)
        self.env.invalidate_all()
        self.assertEqual(self.settlement.state, "posted", "it stays as it was posted")
        self.assertIn("would be", self.settlement.newer_plan_note)
        (found,) = self.env["sp.change"]._compare_booked(self.settlement)
        changed = {
            found.names[change[:2]]: change.after - change.before for change in found.changes
        }
        self.assertEqual(
            {name.split()[-1]: value for name, value in changed.items() if "Debtors" in name},
            {"Debtors": -10},
        )
        self.root_env["sp.settlement.rebook"]._rebook(self.settlement)
        self.assertEqual(later.payment_state, "paid")

    def test_a_draft_entry_takes_up_an_invoice_that_came_meanwhile(self):
        self.settlement.action_book()
        later = self.invoice(10.0, ref=OTHER)
        self.post(self.settlement)
        self.assertEqual((later.payment_state, self.paid.payment_state), ("paid", "paid"))

    def test_one_part_deleted_by_hand_is_made_again(self):
        self.settlement.action_book()
        self.settlement.move_ids.sudo().unlink()
        self.post(self.settlement)
        self.assertEqual(self.paid.payment_state, "paid")

    def test_the_set_up_shows_the_choice_before_it_is_applied(self):
        self.company.sudo().sp_invoiced_orders = "income"
        setup = self.env["sp.setup"].with_user(self.manager)
        setup = setup.create(
            {"company_id": self.company.id, "registration": "no", "invoiced_orders": "invoices"}
        )
        setup.settlement_id = self.settlement
        labels = [item["label"] for item in setup.entry["parts"][0]["items"]]
        self.assertIn("Orders that are invoiced", labels)
        setup.action_apply()
        self.assertEqual(self.company.sudo().sp_invoiced_orders, "invoices")

    def test_the_choice_shows_what_it_would_change(self):
        self.company.sudo().sp_invoiced_orders = "income"
        self.post(self.settlement)
        apply = self.company.sudo().write
        outcomes = self.env["sp.change"]._compare_trial(
            self.settlement, lambda: apply({"sp_invoiced_orders": "invoices"})
        )
        self.assertEqual(len(outcomes), 1)
        self.assertEqual(self.company.sudo().sp_invoiced_orders, "income")

    def test_people_of_other_companies_see_none_of_it(self):
        self.post(self.settlement)
        other = self.make_company("Lamps Ltd")
        stranger = self.make_user("stranger", USER, other)
        kept = self.env["sp.invoiced"].search([("settlement_id", "=", self.settlement.id)])
        self.assertTrue(kept)
        with self.assertRaises(AccessError):
            kept.with_user(stranger).with_context(allowed_company_ids=other.ids).read(["amount"])
        self.assertDenied(kept.write, {"amount": 1.0})
