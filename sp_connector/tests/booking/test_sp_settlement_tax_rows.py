"""Amazon's tax rows in the boxes of real tax returns: whose tax, which box, how much."""

from datetime import date

from odoo.fields import Command

from ...engine.tests import helpers
from ..common import SpCase

PRICE, TAX = "Order/ItemPrice/Principal", "Order/ItemPrice/Tax"
SHIPPING, SHIPPING_TAX = "Order/ItemPrice/Shipping", "Order/ItemPrice/ShippingTax"
DISCOUNT, TAX_DISCOUNT = "Order/Promotion/Principal", "Order/Promotion/TaxDiscount"
REFUND, FEE = "Refund/ItemPrice/Principal", "Order/ItemFees/Commission"
KEPT = "Order/ItemWithheldTax/MarketplaceFacilitatorTax-Principal"
SALES = ("sales", "shipping_income", "giftwrap_income", "promotions", "refunds")


class TaxRowsCase(SpCase):
    """A company with a country's chart, whose sales have one of its taxes."""

    currency = module = chart = sale = place = None

    @classmethod
    def make_company(cls, name, currency=None, country=None):
        country = cls.chart.split("_")[0] if country is None else country
        company = super().make_company(name, currency or cls.currency, country)
        cls.load_chart(company, cls.module, cls.chart)
        return company

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.map_sales(cls.tax(cls.sale))

    @classmethod
    def tax(cls, name):
        """A tax of the chart by its template's id."""
        return cls.root_env["account.chart.template"].sudo().with_company(cls.company).ref(name)

    @classmethod
    def map_sales(cls, tax, mode="output_included", **limits):
        for category in SALES:
            cls.map_tax(category, mode, tax, **limits)

    def settle(self, *rows, **options):
        """Import (words, amount, order item) rows of a marketplace."""
        made = [
            helpers.row(
                *(words, amount),
                order_id=f"250-{item}",
                order_item_code=item,
                marketplace_name=self.place,
                sku=options.get("skus", {}).get(item, "LAMP"),
            )
            for words, amount, item in rows
        ]
        total = sum(round(float(cells["amount"]) * 100) for cells in made) / 100
        return self.import_file(self.file(*made, total=f"{total:.2f}", currency=self.currency))

    def post(self, *rows, **options):
        settlement = self.settle(*rows, **options)
        self.assertEqual(settlement.state, "review", settlement.hold_reason)
        settlement.action_post()
        self.assertBalanced(settlement)
        return settlement

    def boxes(self, settlement):
        """{tag: sum of the items that have it}, as credits are positive."""
        found = {}
        for item in settlement._active_moves().line_ids:
            for tag in item.tax_tag_ids:
                found[tag.name] = round(found.get(tag.name, 0.0) - item.balance, 2)
        return found

    def tax_items(self, settlement):
        items = settlement._active_moves().line_ids.filtered("tax_line_id")
        return {item.tax_line_id.name: item.amount_currency for item in items}


class TestAustralia(TaxRowsCase):
    currency, module, chart = "AUD", "l10n_au", "au"
    sale, place = "au_tax_sale_10", "Amazon.com.au"

    def test_a_discount_of_tax_without_a_discounted_price(self):
        """Free financing by a card, as in an Australian settlement of July 2026."""
        rows = [
            *((PRICE, "20.85", "1"), (TAX, "2.09", "1"), (FEE, "-3.22", "1")),
            *((TAX_DISCOUNT, "-0.39", "1"),),
            *((PRICE, "17.88", "2"), (TAX, "1.79", "2"), (FEE, "-1.71", "2")),
            *((TAX_DISCOUNT, "-0.33", "2"),),
            *((PRICE, "40.00", "3"), (TAX, "4.00", "3"), (FEE, "-5.67", "3")),
            *((DISCOUNT, "-4.00", "3"), (TAX_DISCOUNT, "-0.40", "3")),
        ]
        settlement = self.post(*rows)
        self.assertEqual(settlement.amount_total, 70.89)
        entry = {account: amount for _label, account, amount in self.entry(settlement)}
        self.assertEqual(entry["Amazon Sales"], -78.73)
        self.assertEqual(entry["Amazon Promotions"], 4.0)
        self.assertEqual(entry["Amazon Selling Fees"], 10.6)
        self.assertEqual(list(self.tax_items(settlement).values()), [-6.76])
        self.assertIn("0.72", settlement.booking_note)

    def test_free_goods_with_taxed_shipping(self):
        """With a tax class, and without one: then it is said how much is left untaxed."""
        rows = [
            *((PRICE, "20.00", "1"), (SHIPPING, "5.00", "1"), (SHIPPING_TAX, "0.50", "1")),
            *((PRICE, "30.00", "2"), (TAX, "3.00", "2")),
        ]
        settlement = self.settle(*rows, skus={"1": "RICE"})
        self.assertEqual(settlement.state, "review", settlement.hold_reason)
        self.assertIn("20.00", settlement.booking_note)
        self.assertIn("No tax charged", settlement.booking_note)
        free = self.tax("au_tax_sale_exempt")
        self.map_sales(free, tax_class="zero")
        self.root_env["sp.sku.rule"].create(
            {"pattern": "RICE", "tax_class": "zero", "company_id": self.company.id}
        )
        self.assertFalse(settlement.booking_note)
        settlement.action_post()
        self.assertBalanced(settlement)
        self.assertEqual(list(self.tax_items(settlement).values()), [-3.5])
        boxes = self.boxes(settlement)
        self.assertEqual((boxes["G1"], boxes["G3"]), (58.5, 20.0))

    def test_prices_without_tax_follow_their_price_form(self):
        """They are in the return where the mapping says so, and nothing needs to be said."""
        self.map_sales(self.tax("au_tax_sale_exempt"), tax_form="zero")
        settlement = self.post((PRICE, "20.00", "1"), (TAX, "0.00", "1"))
        self.assertFalse(settlement.booking_note)
        self.assertEqual(self.boxes(settlement), {"G1": 20.0, "G3": 20.0})

    def test_promotions_of_net_prices_without_a_discount_of_tax(self):
        rows = [(PRICE, "100.00", "1"), (TAX, "10.00", "1"), (DISCOUNT, "-11.00", "1")]
        settlement = self.post(*rows)
        self.assertEqual(list(self.tax_items(settlement).values()), [-10.0])
        self.assertFalse(settlement.booking_note)

    def test_one_price_at_another_rate_is_named(self):
        rows = [row for n in range(60) for row in ((PRICE, "50.00", str(n)), (TAX, "5.00", str(n)))]
        settlement = self.settle(*rows, (PRICE, "5.00", "x"), (TAX, "0.25", "x"))
        self.assertHeld(settlement, "tax rows", "5 % to 10 %")


class TestCanada(TaxRowsCase):
    currency, module, chart = "CAD", "l10n_ca", "ca_2023"
    sale, place = "gst_sale_tax_5", "Amazon.ca"

    def test_provincial_tax_is_kept_and_federal_tax_is_paid_to_the_seller(self):
        settlement = self.post(
            *((PRICE, "100.00", "1"), (TAX, "12.00", "1"), (KEPT, "-7.00", "1")),
            *((PRICE, "100.00", "2"), (TAX, "12.00", "2"), (KEPT, "-12.00", "2")),
            *((PRICE, "100.00", "3"), (TAX, "5.00", "3")),
        )
        self.assertEqual(self.boxes(settlement)["Ca103"], 10.0)
        self.assertEqual(self.boxes(settlement)["Ca90"], 200.0)
        self.assertEqual(settlement.amount_facilitator, 0)
        forms = settlement.line_ids.filtered(lambda line: line.category == "sales")
        self.assertEqual(sorted(forms.mapped("tax_form")), ["net", "partly", "withheld"])


class TestSpain(TaxRowsCase):
    currency, module, chart = "EUR", "l10n_es", "es_pymes"
    sale, place = "account_tax_template_s_iva21b", "Amazon.es"

    def test_a_discount_at_the_sale_is_in_the_boxes_of_sales(self):
        settlement = self.post((PRICE, "121.00", "1"), (DISCOUNT, "-12.10", "1"))
        boxes = self.boxes(settlement)
        self.assertEqual((boxes["mod303[07]"], boxes["mod303[09]"]), (90.0, 18.9))
        self.assertNotIn("mod303[14_sale]", boxes)
        self.assertNotIn("mod303[15]", boxes)

    def test_a_refund_and_its_discount_are_in_those_of_credit_notes(self):
        settlement = self.post(
            *((PRICE, "121.00", "1"), (REFUND, "-121.00", "2")),
            ("Refund/Promotion/Principal", "12.10", "2"),
        )
        boxes = self.boxes(settlement)
        self.assertEqual((boxes["mod303[07]"], boxes["mod303[09]"]), (100.0, 21.0))
        self.assertEqual((boxes["mod303[14_sale]"], boxes["mod303[15]"]), (-90.0, -18.9))

    def test_fees_that_come_back_are_credit_notes_and_the_fee_of_a_refund_is_none(self):
        self.map_tax("selling_fees", "input_included", self.tax("account_tax_template_p_iva21_sc"))
        settlement = self.post(
            *((FEE, "-12.10", "1"), ("Refund/ItemFees/Commission", "6.05", "2")),
            ("Refund/ItemFees/RefundCommission", "-1.21", "2"),
        )
        boxes = self.boxes(settlement)
        self.assertEqual((boxes["mod303[28]"], boxes["mod303[29]"]), (-11.0, -2.31))
        self.assertEqual((boxes["mod303[40]"], boxes["mod303[41]"]), (5.0, 1.05))


class TestUnitedKingdom(TaxRowsCase):
    currency, module, chart, sale, place = "GBP", "l10n_uk", "uk", "ST11", "Amazon.co.uk"

    def test_net_gift_wrap_taken_back_has_no_input_tax(self):
        """A British order of 2020: 2.49 and VAT of 0.50 are paid, 2.49 are taken back."""
        self.map_tax("fba_fees", "input_included", self.tax("PT_20_S"))
        settlement = self.post(
            *((PRICE, "45.07", "1"), (TAX, "9.02", "1")),
            *(
                ("Order/ItemPrice/GiftWrap", "2.49", "1"),
                ("Order/ItemPrice/GiftWrapTax", "0.50", "1"),
            ),
            ("Order/ItemFees/GiftwrapChargeback", "-2.49", "1"),
            ("Order/ItemFees/FBAPerUnitFulfillmentFee", "-2.40", "1"),
        )
        self.assertEqual(self.boxes(settlement)["1"], 9.52)
        self.assertEqual(self.boxes(settlement)["4"], -0.4)

    def test_a_discount_at_the_sale_lessens_boxes_1_and_6(self):
        settlement = self.post(
            *((PRICE, "120.00", "1"), (DISCOUNT, "-12.00", "1"), (REFUND, "-24.00", "2"))
        )
        boxes = self.boxes(settlement)
        self.assertEqual((boxes["1"], boxes["6"]), (14.0, 70.0))


class TestDays(SpCase):
    """Rates and rules of the day on which something happened, not of the day it is booked."""

    def test_a_changed_tax_holds_for_rows_from_then_on_in_one_entry_too(self):
        self.company.sp_split_months = False
        old, new = self.make_tax("Old", 10.0), self.make_tax("New", 20.0)
        before = self.map_tax("sales", "output_included", old)
        after = before.copy({"date_from": "2026-07-01"})
        after.write({"tax_ids": [Command.set(new.ids)]})
        settlement = self.import_file(
            self.file(
                *(
                    helpers.row(
                        *(PRICE, "132.00"),
                        order_id=month,
                        posted_date_time=f"2026-{month}-03 12:00:00 UTC",
                    )
                    for month in ("06", "07")
                ),
                total="264.00",
                settlement_start_date="2026-06-01 00:00:00 UTC",
                settlement_end_date="2026-07-08 00:00:00 UTC",
                deposit_date="2026-07-10 00:00:00 UTC",
            )
        )
        # What people see of a line before it is booked is what will be booked.
        shown = {line.month: line.mapping_id for line in settlement.line_ids}
        self.assertEqual(shown, {date(2026, 6, 1): before, date(2026, 7, 1): after})
        self.assertEqual(
            {line.month: line.tax_ids for line in settlement.line_ids},
            {date(2026, 6, 1): old, date(2026, 7, 1): new},
        )
        settlement.action_post()
        self.assertEqual(
            self.taxed_entry(settlement)[:4],
            [
                ("Amazon Sales", -120.0, "Old invoice base"),
                ("Amazon Sales", -110.0, "New invoice base"),
                ("Old account", -12.0, "Old invoice tax"),
                ("New account", -22.0, "New invoice tax"),
            ],
        )

    def test_a_date_moved_by_a_lock_keeps_the_rate_of_its_own_day(self):
        self.set_rate("EUR", "2026-01-01", 2.0)
        self.set_rate("EUR", "2026-05-01", 4.0)
        self.company.write({"sp_lock_policy": "next_open", "fiscalyear_lock_date": "2026-04-30"})
        settlement = self.import_file(self.file((PRICE, "10.00"), total="10.00", currency="EUR"))
        settlement.action_post()
        self.assertEqual(settlement.move_id.date, date(2026, 5, 1))
        clearing = settlement.move_id.line_ids.filtered(lambda item: item.amount_currency > 0)
        self.assertEqual((clearing.amount_currency, clearing.balance), (10.0, 5.0))


class TestTaxClasses(SpCase):
    def test_the_branchs_rule_replaces_its_parents_for_the_same_skus(self):
        branch = self.root_env["res.company"].create(
            {
                "name": "Branch",
                "parent_id": self.company.id,
                "country_id": self.company.country_id.id,
            }
        )
        rules = self.root_env["sp.sku.rule"]
        for pattern in ("BOOK-*", "TEA-1"):
            for company, tax_class in ((branch, "zero"), (self.company, "reduced")):
                rules.create(
                    {
                        "pattern": pattern if company == branch else pattern.lower(),
                        "tax_class": tax_class,
                        "company_id": company.id,
                    }
                )
        for sku in ("BOOK-1", "TEA-1"):
            self.assertEqual(branch._sp_grouping().sku_classes.find(sku), "zero", sku)
            self.assertEqual(self.company._sp_grouping().sku_classes.find(sku), "reduced", sku)
