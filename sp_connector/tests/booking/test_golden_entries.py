"""The books of whole settlements, compared with what was read and found right."""

from pathlib import Path

from odoo.fields import Command

from ...engine.tests import helpers
from .. import golden_entries
from ..cost_common import CostCase
from .test_sp_settlement_parts import PartsCase

PRICE, FEE = "Order/ItemPrice/Principal", "Order/ItemFees/Commission"
ADVERTISING = "ServiceFee/Cost of Advertising/TransactionTotalAmount"
RESERVE = "other-transaction/other-transaction/Current Reserve Amount"
SALES = ("sales", "shipping_income", "giftwrap_income", "promotions", "refunds")
FEES = ("selling_fees", "fba_fees", "storage_fees", "advertising", "subscription")


class GoldenCase(PartsCase):
    currency = "GBP"

    @classmethod
    def make_company(cls, name, currency=None):
        return super().make_company(name, currency or cls.currency)

    def check(self, stem, settlement):
        """Post it, prove it, and compare its books with the record."""
        self.assertEqual(settlement.state, "review", settlement.hold_reason)
        settlement.action_post()
        self.assertBalanced(settlement)
        golden_entries.compare(self, stem, golden_entries.render(settlement))

    def map_sales(self, tax, **limits):
        for category in SALES:
            self.map_tax(category, "output_included", tax, **limits)

    def map_withheld(self, zero):
        for category in SALES:
            self.map_tax(category, "marketplace", zero, tax_form="withheld")

    def map_fees(self, mode, tax):
        for category in FEES:
            self.map_tax(category, mode, tax)

    def classify_skus(self, pattern, tax_class):
        self.env["sp.sku.rule"].with_user(self.manager).create(
            {"pattern": pattern, "tax_class": tax_class, "company_id": self.company.id}
        )

    def made(self, *rows, total, start, end, deposit, **options):
        """A settlement of (words, amount, day) rows of Amazon.co.uk."""
        moments = {
            "settlement_start_date": f"{start} 00:00:00 UTC",
            "settlement_end_date": f"{end} 10:00:00 UTC",
            "deposit_date": f"{deposit} 10:00:00 UTC",
        }
        rows = [
            helpers.row(
                *(words, amount),
                posted_date_time=f"{day} 12:00:00 UTC",
                order_id=f"999-{number}" if words.startswith("Order") else "",
                marketplace_name="Amazon.co.uk" if words.startswith("Order") else "",
            )
            for number, (words, amount, day) in enumerate(rows)
        ]
        return self.import_file(self.file(*rows, total=total, **moments, **options))


class TestUnitedKingdom(GoldenCase):
    def setUp(self):
        super().setUp()
        zero = self.make_tax("UK 0%", 0.0)
        self.map_sales(self.make_tax("UK 20%", 20.0))
        self.map_sales(zero, tax_class="zero")
        self.map_withheld(zero)
        self.map_fees("input_included", self.make_tax("UK 20% input", 20.0, "purchase"))

    def test_vat_and_zero_rated_skus(self):
        self.classify_skus("TEA-GREEN-*", "zero")
        self.check("uk_vat_zero_rated", self.import_sample("v2_uk_gbp.txt"))

    def test_a_month_end(self):
        self.check("uk_month", self.import_sample("v2_uk_gbp_next.txt"))

    def test_a_quarter_end(self):
        settlement = self.made(
            *((PRICE, "60.00", "2026-02-25"), (FEE, "-9.00", "2026-02-25")),
            *((PRICE, "36.50", "2026-03-15"), (FEE, "-5.48", "2026-03-15")),
            *((PRICE, "0.05", "2026-04-01"), (RESERVE, "-20.00", "2026-04-03")),
            **{"total": "62.07", "start": "2026-02-20", "end": "2026-04-03"},
            deposit="2026-04-05",
        )
        self.check("uk_quarter", settlement)

    def test_a_year_end_that_owes_amazon(self):
        settlement = self.made(
            *((PRICE, "24.00", "2025-12-22"), (ADVERTISING, "-90.00", "2025-12-31")),
            *((PRICE, "120.00", "2026-01-01"), (FEE, "-18.00", "2026-01-01")),
            **{"total": "36.00", "start": "2025-12-20", "end": "2026-01-03"},
            deposit="2026-01-05",
        )
        self.check("uk_year", settlement)

    def test_a_debt_to_amazon(self):
        self.check("uk_negative", self.import_sample("v2_negative.txt"))

    def test_the_next_open_day(self):
        self.company.sudo().sp_lock_policy = "next_open"
        self.company.fiscalyear_lock_date = "2026-04-30"
        self.check("uk_next_open_day", self.import_sample("v2_uk_gbp_next.txt"))

    def test_invoices(self):
        journal = self.root_env["account.journal"].create(
            {"name": "Sales", "code": "INV", "type": "sale", "company_id": self.company.id}
        )
        receivable = self.make_account("Debtors", "asset_receivable", reconcile=True)
        partner = self.root_env["res.partner"].create({"name": "Amazon", "is_company": True})
        partner.with_company(self.company).property_account_receivable_id = receivable
        self.company.sudo().write(
            {
                "sp_booking_form": "invoice",
                "sp_invoice_journal_id": journal.id,
                "sp_partner_id": partner.id,
            }
        )
        self.check("uk_invoice", self.import_sample("v2_uk_gbp_next.txt"))

    def test_orders_that_are_invoiced(self):
        self.company.sudo().sp_invoiced_orders = "invoices"
        receivable = self.make_account("Debtors", "asset_receivable", reconcile=True)
        buyer = self.root_env["res.partner"].create({"name": "Amazon customers"})
        buyer.with_company(self.company).property_account_receivable_id = receivable
        journal = self.root_env["account.journal"].create(
            {"name": "Sales", "code": "INV", "type": "sale", "company_id": self.company.id}
        )
        income = self.account_of("sales")
        tax = self.root_env["account.tax"].search([("name", "=", "UK 20%")], limit=1)
        # Shipping that a promotion takes back, a price that differs, tax that Amazon keeps.
        for number, gross, taxes, kind in (
            *((1, 24.0, tax, "out_invoice"), (1, 24.0, tax, "out_refund")),
            *((2, 36.0, tax, "out_invoice"), (3, 50.0, tax, "out_invoice")),
            (4, 20.0, tax.browse(), "out_invoice"),
        ):
            price = gross / 1.2 if taxes else gross
            item = {"name": "Goods", "price_unit": price, "account_id": income.id}
            move = self.root_env["account.move"].create(
                {
                    "move_type": kind,
                    "journal_id": journal.id,
                    "partner_id": buyer.id,
                    "ref": f"999-0000101-000000{number}",
                    "invoice_date": "2026-02-10",
                    "invoice_line_ids": [
                        Command.create({**item, "tax_ids": [Command.set(taxes.ids)]})
                    ],
                }
            )
            move.action_post()
        self.check("uk_invoiced", self.import_sample("v2_uk_gbp.txt"))

    def test_a_foreign_currency_leaves_a_residue(self):
        self.set_rate("EUR", "2026-01-01", 1.1732)
        germany = self.env.ref("sp_connector.sp_marketplace_de")
        tax = self.make_tax("DE 19%", 19.0)
        for category in ("sales", "shipping_income", "refunds"):
            self.map_tax(category, "output_included", tax, germany)
        self.check("uk_foreign", self.import_sample("v2_de_eur_comma.txt"))


class TestCosts(CostCase, GoldenCase):
    def test_what_the_goods_of_each_month_cost(self):
        self.book_costs(sp_cost_refunds="all")
        for sku in ("TEA-GREEN-100", "MUG-RED-200", "LAMP-OAK-300"):
            self.set_cost(sku, 5.25)
            self.set_cost(sku, 5.5, "2026-05-01")
        settlement = self.import_sample("v2_uk_gbp_next.txt")
        self.check("uk_month_costs", settlement)
        self.assertEqual(settlement.state, "posted", settlement.ledger_note)
        self.assertFalse(settlement.newer_plan_note)


class TestEuro(GoldenCase):
    currency = "EUR"

    def test_decimal_comma_and_two_rates(self):
        self.map_sales(self.make_tax("DE 19%", 19.0))
        self.map_sales(self.make_tax("DE 7%", 7.0), tax_class="reduced")
        self.classify_skus("TEA-*", "reduced")
        self.map_fees("input_included", self.make_tax("DE 19% input", 19.0, "purchase"))
        self.check("de_comma", self.import_sample("v2_de_eur_comma.txt"))

    def test_countries_and_the_deemed_supplier(self):
        for code, rate in (("de", 19.0), ("fr", 20.0), ("it", 22.0), ("es", 21.0)):
            tax = self.make_tax(f"{code.upper()} {rate:.0f}%", rate)
            place = self.env.ref(f"sp_connector.sp_marketplace_{code}")
            for category in SALES:
                self.map_tax(category, "output_included", tax, place)
        self.map_withheld(self.make_tax("OSS 0%", 0.0))
        reverse = self.make_tax("DE 19% reverse charge", 19.0, "purchase", reverse=True)
        self.map_fees("reverse_charge", reverse)
        self.check("eu_mix", self.import_sample("v2_eu_eur_mix.txt"))


class TestUnitedStates(GoldenCase):
    currency = "USD"

    def test_the_facilitators_tax_is_nobodys(self):
        self.check("us_facilitator", self.import_sample("v2_us_usd.txt"))

    def test_all_is_held_in_the_reserve(self):
        self.check("us_zero", self.import_sample("v2_zero.txt"))


class TestAustralia(GoldenCase):
    currency = "AUD"

    def test_gross_and_net_prices(self):
        self.map_sales(self.make_tax("GST 10%", 10.0))
        self.map_withheld(self.make_tax("GST free", 0.0))
        self.map_fees("input_included", self.make_tax("GST 10% input", 10.0, "purchase"))
        self.check("au_gross_net", self.import_sample("v2_au_aud_gross_net.txt"))


class TestJapan(GoldenCase):
    currency = "JPY"

    def test_whole_yen(self):
        self.map_sales(self.make_tax("JCT 10%", 10.0))
        self.map_fees("input_included", self.make_tax("JCT 10% input", 10.0, "purchase"))
        self.check("jp_yen", self.import_sample("v2_jp_jpy.txt"))


class TestRecords(GoldenCase):
    def test_every_record_has_its_test(self):
        tests = Path(__file__).parents[1].glob("*/test_golden_*.py")
        source = "".join(path.read_text("utf-8") for path in tests)
        for path in golden_entries.FOLDER.glob("*.txt"):
            self.assertIn(f'self.check("{path.stem}", ', source)
