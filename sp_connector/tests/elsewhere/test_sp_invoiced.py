"""Orders that are invoiced in Odoo too: said before their sales count twice."""

from decimal import Decimal

from odoo.fields import Command

from ...engine.tests import helpers
from ..common import SpCase

ORDER = "026-1234567-7654321"


class TestSpInvoiced(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rows = [
            helpers.row("Order/ItemPrice/Principal", "24.00", "81", order_id=ORDER),
            helpers.row("Order/ItemPrice/Principal", "10.00", "81", order_id="026-0000001-0000001"),
        ]
        cls.settlement = cls.import_file(cls.file(*rows, total="34.00", ref="81"))
        partner = cls.company.sp_partner_id.with_company(cls.company).sudo()
        partner.property_account_receivable_id = cls.make_account(
            "Receivable", "asset_receivable", reconcile=True
        )
        cls.journal = cls.root_env["account.journal"].create(
            {"name": "Invoices", "code": "SPI", "type": "sale", "company_id": cls.company.id}
        )

    def invoice(self, post=True, **vals):
        move = self.root_env["account.move"].create(
            {
                "move_type": "out_invoice",
                "journal_id": self.journal.id,
                "partner_id": self.company.sp_partner_id.id,
                "invoice_date": self.settlement.date_end.date(),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Tea",
                            "price_unit": 24.0,
                            "account_id": self.account_of("sales").id,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **vals,
            }
        )
        if post:
            move.action_post()
        return move

    def find(self):
        return tuple(self.env["sp.settlement.double"]._find_invoiced(self.settlement))

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
        self.invoice(ref="026-9999999-9999999")
        self.invoice(ref=ORDER, invoice_date="2020-01-01")
        self.invoice(ref="Tea")
        self.assertEqual(self.find(), (0, Decimal()))
