"""Amazon's orders known by sale orders: their invoices are paid, and both sides compared."""

from datetime import date, timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time

from odoo.addons.sp_connector.tests.common import USER
from odoo.addons.sp_connector.tests.invoiced.test_sp_invoiced import (
    FEE,
    ORDER,
    OTHER,
    PRICE,
    REFUND,
    InvoicedCase,
)

THIRD, FOURTH = "026-0000003-0000003", "026-0000004-0000004"


class SaleCase(InvoicedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        products = cls.root_env["product.product"].with_company(cls.company)
        cls.tea = products.create(
            {
                "name": "Tea",
                "default_code": "TEA-1",
                "type": "service",
                "invoice_policy": "order",
                "taxes_id": [Command.clear()],
                "property_account_income_id": cls.account_of("sales").id,
            }
        )

    @classmethod
    def sell(cls, price, invoiced=True, **vals):
        """Make a sale order of Amazon and its invoice, which names the order's number alone."""
        env = cls.root_env(context={"allowed_company_ids": cls.company.ids})
        sale = env["sale.order"].create(
            {
                "partner_id": cls.buyer.id,
                "company_id": cls.company.id,
                "order_line": [
                    Command.create(
                        {"product_id": cls.tea.id, "price_unit": price, "tax_ids": False}
                    )
                ],
                **vals,
            }
        )
        sale.action_confirm()
        if invoiced:
            invoice = sale._create_invoices()
            invoice.write({"invoice_date": "2026-01-10", "ref": False, "payment_reference": False})
            invoice.action_post()
        return sale

    def report(self, **vals):
        report = self.env["sp.order.report"].create(
            {"date_from": "2026-01-01", "date_to": "2026-12-31", **vals}
        )
        report.action_show()
        return {kind.kind: kind for kind in report.kind_ids}

    def listed(self, kind):
        lines = self.env["sp.order.report.line"].search(kind.action_view_lines()["domain"])
        return [
            (line.order_ref or line.sku, line.amount_settled, line.amount_invoiced)
            for line in lines.sorted(lambda line: (line.order_ref or line.sku, line.is_refund))
        ]


class TestThroughSaleOrders(SaleCase):
    def test_invoices_of_sale_orders_are_paid(self):
        self.company.sudo().sp_invoiced_orders = "invoices"
        first = self.sell(24.0, client_order_ref=ORDER)
        second = self.sell(10.0, name=f"Amazon Order {OTHER}")
        credit = first.invoice_ids._reverse_moves([{"invoice_date": date(2026, 1, 12)}])
        credit.write({"ref": False, "payment_reference": False})
        credit.action_post()
        rows = [self.row(PRICE, "24.00"), self.row(PRICE, "10.00", OTHER), self.row(FEE, "-3.00")]
        rows += [self.row(REFUND, "-24.00"), self.row(PRICE, "7.00", THIRD)]
        settlement = self.settlement_of(*rows)
        settlement.action_post()
        self.assertEqual(settlement.state, "posted", settlement.hold_reason)
        self.assertBalanced(settlement)
        self.assertEqual(settlement.invoiced_amount, 10.0)
        self.assertEqual(settlement.invoiced_open, 0.0)
        self.assertFalse(sum((first | second).invoice_ids.mapped("amount_residual")))
        owed = self.root_env["account.move.line"].search(
            [("account_id", "=", self.receivable.id), ("partner_id", "=", self.buyer.id)]
        )
        self.assertFalse(sum(owed.mapped("balance")))
        income = settlement.move_id.line_ids.filtered(
            lambda item: item.account_id == self.account_of("sales")
        )
        self.assertEqual(income.balance, -7.0)

    def test_a_field_that_the_company_chose(self):
        self.sell(24.0, reference=ORDER)
        settlement = self.settlement_of(self.row(PRICE, "24.00"))
        self.assertEqual(settlement._decide().facts.invoiced().invoices, 0)
        report = self.env["sp.order.report"].with_user(self.manager).create({})
        report.order_field = "reference"
        self.assertEqual(self.company.sudo().sp_order_field, "reference")
        self.assertEqual(settlement._decide().facts.invoiced().invoices, 1)
        with self.assertRaises(ValidationError):
            self.company.sudo().sp_order_field = "no_such_field"
        with self.assertRaises(AccessError):
            self.env["sp.order.report"].create({}).order_field = "name"

    def test_rows_know_their_sale_order_and_product(self):
        sale = self.sell(24.0, client_order_ref=ORDER)
        rows = [self.row(PRICE, "24.00", sku="tea-1"), self.row(PRICE, "7.00", THIRD, sku="CUP")]
        settlement = self.settlement_of(*rows)
        mine, other = settlement.row_ids.with_user(self.bookkeeper).sorted("line_number")
        self.assertEqual((mine.sale_order_id, mine.product_id), (sale, self.tea))
        self.assertFalse(other.sale_order_id or other.product_id)
        values = mine.web_read({"sale_order_id": {"fields": {"display_name": {}}}})
        self.assertEqual(values[0]["sale_order_id"]["display_name"], sale.name)

    def test_sale_orders_of_another_company_are_not_looked_at(self):
        other = self.make_company("Lamps Ltd")
        self.sell(24.0, client_order_ref=ORDER)
        settlement = self.settlement_of(self.row(PRICE, "24.00"))
        self.assertEqual(settlement._decide().facts.invoiced().invoices, 1)
        found = self.env["sp.invoiced.finder"]._sale_orders(other, [ORDER])
        self.assertEqual(found, {})


class TestReport(SaleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls.sell(24.0, client_order_ref=ORDER)
        cls.sell(12.0, client_order_ref=OTHER)
        cls.sell(50.0, client_order_ref=FOURTH)
        rows = [cls.row(PRICE, "24.00", sku="tea-1"), cls.row(PRICE, "10.00", OTHER, sku="LAMP-1")]
        rows += [cls.row(PRICE, "5.00", THIRD, sku="TEA-1"), cls.row(REFUND, "-4.00", sku="TEA-1")]
        cls.settlement = cls.settlement_of(*rows)

    @freeze_time("2026-06-01")
    def test_each_kind_is_listed_with_its_amounts(self):
        kinds = self.report()
        self.assertEqual(
            {kind: self.listed(record) for kind, record in kinds.items() if kind != "equal"},
            {
                "no_invoice": [(THIRD, 5.0, 0.0), (ORDER, -4.0, 0.0)],
                "no_settlement": [(FOURTH, 0.0, 50.0)],
                "difference": [(OTHER, 10.0, 12.0)],
                "no_product": [("LAMP-1", 10.0, 0.0)],
            },
        )
        equal, differ = kinds["equal"], kinds["difference"]
        self.assertEqual((equal.count, equal.amount_settled), (1, 24.0))
        self.assertEqual((differ.count, differ.amount_difference), (1, -2.0))
        line = differ.line_ids
        self.assertEqual(line.sale_order_id.client_order_ref, OTHER)
        self.assertEqual(line.action_view_invoice()["res_id"], line.move_id.id)
        rows = self.env["sp.settlement.row"].search(line.action_view_rows()["domain"])
        self.assertEqual(rows.mapped("order_ref"), [OTHER])

    @freeze_time("2026-01-20")
    def test_what_is_young_waits(self):
        self.assertNotIn("no_settlement", self.report())
        self.assertIn("no_settlement", self.report(days=5))

    @freeze_time("2026-06-01")
    def test_what_another_settlement_has_of_an_order_counts(self):
        self.settlement_of(
            self.row(PRICE, "2.00", OTHER, ref="82"),
            ref="82",
            settlement_start_date="2026-05-01 00:00:00 UTC",
            settlement_end_date="2026-05-14 00:00:00 UTC",
        )
        end = self.settlement.date_end.date()
        self.assertNotIn("difference", self.report(date_to=end + timedelta(days=1)))

    @freeze_time("2026-06-01")
    def test_it_is_its_maker_s_own_and_of_one_s_companies(self):
        kinds = self.report()
        record = kinds["difference"]
        other = self.make_company("Lamps Ltd")
        stranger = self.make_user("stranger", USER, other)
        for one in (record, record.report_id, record.line_ids):
            self.assertDenied(one.with_user(stranger).read, ["company_id"])
            self.assertDenied(one.with_user(self.manager).read, ["company_id"])
        self.assertDenied(self.env["sp.order.report"].create, {"company_id": other.id})
