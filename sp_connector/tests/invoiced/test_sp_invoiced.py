"""Orders that are invoiced in Odoo too: said before their sales count twice."""

from decimal import Decimal

from odoo.fields import Command

from ...engine.tests import helpers
from ..common import SpCase

ORDER, OTHER = "026-1234567-7654321", "026-0000001-0000001"
PRICE, TAX = "Order/ItemPrice/Principal", "Order/ItemPrice/Tax"
REFUND, REFUND_TAX = "Refund/ItemPrice/Principal", "Refund/ItemPrice/Tax"
FEE = "Order/ItemFees/Commission"


class InvoicedCase(SpCase):
    """A company that invoices its orders; ``row`` and ``invoice`` make both sides of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receivable = cls.make_account("Debtors", "asset_receivable", reconcile=True)
        cls.buyer = cls.make_buyer("Amazon customers")
        cls.journal = cls.root_env["account.journal"].create(
            {"name": "Invoices", "code": "SPI", "type": "sale", "company_id": cls.company.id}
        )

    @classmethod
    def make_buyer(cls, name):
        partner = cls.root_env["res.partner"].create({"name": name})
        partner.with_company(cls.company).property_account_receivable_id = cls.receivable
        return partner

    @classmethod
    def row(cls, words, amount, order=ORDER, ref="81", **cells):
        return helpers.row(words, amount, ref, order_id=order, **cells)

    @classmethod
    def settlement_of(cls, *rows, ref="81", **cells):
        total = sum(Decimal(row["amount"]) for row in rows)
        return cls.import_file(cls.file(*rows, total=str(total), ref=ref, **cells))

    @classmethod
    def invoice(cls, amount=24.0, post=True, taxes=None, **vals):
        move = cls.root_env["account.move"].create(
            {
                "move_type": "out_invoice",
                "journal_id": cls.journal.id,
                "partner_id": cls.buyer.id,
                "invoice_date": "2026-01-10",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Tea",
                            "price_unit": amount,
                            "account_id": cls.account_of("sales").id,
                            "tax_ids": [Command.set(taxes.ids if taxes else [])],
                        }
                    )
                ],
                **vals,
            }
        )
        if post:
            move.action_post()
        return move


class TestSpInvoiced(InvoicedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settlement = cls.settlement_of(
            cls.row(PRICE, "24.00"), cls.row(PRICE, "10.00", "026-0000001-0000001")
        )

    def find(self):
        return tuple(self.settlement._decide().facts.invoiced())

    def test_it_is_said_before_posting_with_number_and_sum(self):
        self.settlement.action_check()
        self.assertFalse(self.settlement.booking_note and "orders" in self.settlement.booking_note)
        self.invoice(ref=ORDER)
        self.invoice(invoice_origin=f"Amazon Order {ORDER}")
        self.assertEqual(self.find(), (2, Decimal("48.00")))
        self.settlement.action_check()
        note = self.settlement.booking_note.replace("\N{NO-BREAK SPACE}", " ")
        self.assertIn("2 posted customer invoices, £ 48.00", note)
        self.assertEqual(self.settlement.state, "review", "nothing is held by it")

    def test_only_posted_invoices_of_its_orders(self):
        self.invoice(post=False, ref=ORDER)
        self.invoice(ref=ORDER).button_cancel()
        self.invoice(ref="026-9999999-9999999")
        self.invoice(ref=f"{ORDER}-1")
        self.invoice(ref=ORDER, invoice_date="2020-01-01")
        self.invoice(ref="Tea")
        self.assertEqual(self.find(), (0, Decimal()))

    def test_as_income_the_entry_is_what_it_was_without_invoices(self):
        before = self.settlement._decide().plan
        self.invoice(ref=ORDER)
        self.assertEqual(self.settlement._decide().plan, before)
        self.settlement.action_post()
        self.assertFalse(self.settlement.has_invoiced)
        self.assertBalanced(self.settlement)
