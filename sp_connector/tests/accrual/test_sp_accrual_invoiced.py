"""Orders that Odoo invoices: their income is in the books already, and is not accrued again."""

from collections import defaultdict
from datetime import date, datetime

from odoo.tests import freeze_time, tagged

from ..invoiced.test_sp_invoiced import InvoicedCase
from .accrual_common import AccrualCase
from .quarter import Quarter

CUT_OFF = date(2026, 2, 28)
#: Of the fourth orders of Amazon.de (settled in March) and of invoiced buyers (deferred): 130 and a
#: fifth of tax. Of the second one of Amazon.de, 110, a refund in February.
OPEN, DEFERRED, BACK = "305-2000100-0000003", "305-3000098-0000003", "305-2000100-0000001"
LATER = "305-3000098-0000001"


@tagged("post_install", "-at_install")
class TestSpAccrualInvoiced(AccrualCase, InvoicedCase):
    orders = 4

    def setUp(self):
        self.patch(Quarter, "digits", 6)
        super().setUp()

    def make_invoices(self):
        for order, amount, day, kind in (
            (OPEN, 156.0, "2026-02-03", "out_invoice"),
            (DEFERRED, 156.0, "2026-02-28", "out_invoice"),
            (BACK, 132.0, "2026-02-12", "out_refund"),
            (LATER, 132.0, "2026-03-01", "out_invoice"),
        ):
            euro = self.root_env.ref("base.EUR").id
            self.invoice(amount, ref=order, invoice_date=day, move_type=kind, currency_id=euro)

    def sums(self, accrual):
        """{category: what is accrued in euros}."""
        found = defaultdict(float)
        for line in accrual.line_ids.filtered(lambda line: line.currency_id.name == "EUR"):
            if line.amount_accrued:
                found[line.category] += line.amount_accrued
        return {category: round(amount, 2) for category, amount in found.items()}

    def test_what_is_on_invoices_is_said_and_not_accrued(self):
        with freeze_time(datetime(2026, 3, 4, 9), tick=True):
            self.settle(datetime(2026, 3, 4))
            accrual = self.accrue(CUT_OFF)
            accrual.action_book()
            before = self.sums(accrual)
            self.make_invoices()
            self.check_as_income(accrual, before)
            self.company.sp_invoiced_orders = "invoices"
            accrual.invalidate_recordset()
            self.assertIn("Invoices of 3 orders", accrual.stale_note)
            accrual.action_propose()
            self.check_left(accrual, before)
            self.assertEqual(accrual.state, "adjust")
            accrual.action_book()
            self.assertEqual((accrual.state, accrual.stale_note), ("posted", False))
            self.assertAlmostEqual(accrual.amount_booked, accrual.amount_accrued, delta=0.05)
            self.check_held(accrual)
        with freeze_time(datetime(2026, 4, 4, 9), tick=True):
            self.settle(datetime(2026, 4, 4))
            self.check_tied(accrual)

    def check_as_income(self, accrual, before):
        accrual.action_propose()
        self.assertEqual((accrual.state, self.sums(accrual)), ("posted", before))
        self.assertIn("3 posted customer invoices", accrual.note)
        self.assertIn("count twice", accrual.note)

    def check_left(self, accrual, before):
        change = {"sales": -260, "refunds": 110, "sales_tax": -30}
        expected = {
            category: round(amount + change.get(category, 0), 2)
            for category, amount in before.items()
        }
        self.assertEqual(self.sums(accrual), expected)
        note = accrual.note.replace("\N{NO-BREAK SPACE}", " ")
        self.assertIn("180.00", note)
        self.assertIn("3 orders", note)
        self.assertNotIn("twice", note)
        left = accrual.line_ids.filtered(lambda line: line.state == "invoiced")
        self.assertEqual(set(left.transaction_ids.mapped("order_ref")), {OPEN, DEFERRED, BACK})

    def check_held(self, accrual):
        held = self.bookkeeping["sp.held"].create({"date": CUT_OFF})
        held.action_ask()
        found = {one.kind: one for one in held.witness_ids if one.currency_id.name == "EUR"}
        deferred = found["DEFERRED"]
        self.assertEqual((deferred.difference_stated, deferred.difference_amazon), (0, 0))
        self.assertIn("156.00", deferred.note)
        lines = held.line_ids.filtered(lambda line: line.reason == "invoiced")
        self.assertEqual(sorted(lines.mapped("amount_closing")), [24, 156])
        behind = [
            self.bookkeeping["sp.accrual.transaction"].search(line.action_view()["domain"])
            for line in lines.sorted("amount_closing")
        ]
        self.assertEqual(
            [set(some.mapped("order_ref")) for some in behind], [{OPEN, BACK}, {DEFERRED}]
        )
        self.assertEqual(set(held.account_ids.mapped("amount_difference")), {0})

    def check_tied(self, accrual):
        tie = self.bookkeeping["sp.accrual.tie"].browse(accrual.action_tie_out()["res_id"])
        lines = {line.category: line for line in tie.line_ids if line.currency_id.name == "EUR"}
        found = {
            category: (
                line.amount_accrued,
                line.amount_settled,
                line.amount_waiting,
                line.amount_difference,
            )
            for category, line in lines.items()
        }
        # The deferred order is settled since: its fees were accrued, its sale went to the invoice.
        self.assertEqual(found["sales"], (460, 0, 460, 0))
        self.assertEqual(found["sales_tax"], (70, 0, 70, 0))
        self.assertEqual(found["selling_fees"], (-62.5, -16.25, -46.25, 0))
