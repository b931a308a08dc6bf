"""Amazon's tax rows become the tax of the prices they stand beside, or the settlement waits."""

import unittest
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from ...books.entry import plan_entries
from ...books.lines import PlanLine
from ...books.mapping import Mapping, Rule
from ...books.periods import Calendar
from ...books.tax_rows import is_refund
from ..helpers import calendar, head, plan_lines, row, settle, table

PRICE, TAX = "Order/ItemPrice/Principal", "Order/ItemPrice/Tax"
SHIPPING, SHIPPING_TAX = "Order/ItemPrice/Shipping", "Order/ItemPrice/ShippingTax"
DISCOUNT, TAX_DISCOUNT = "Order/Promotion/Principal", "Order/Promotion/TaxDiscount"
KEPT = "Order/ItemWithheldTax/MarketplaceFacilitatorTax-Principal"
SALES = ("sales", "shipping_income", "giftwrap_income", "promotions", "refunds")
RATES = {"GST": "0.10", "VAT": "0.20", "FED": "0.05", "ZERO": "0"}


def tax_on(taxes, amount):
    unit = Decimal("0.01")
    rates = (Decimal(RATES[tax]) for tax in taxes)
    return sum((amount * rate).quantize(unit, ROUND_HALF_UP) for rate in rates)


def rules(tax, mode="output_included", **limits):
    """Rules that tax all prices with a tax, on an account for each category."""
    return [
        Rule(*(category, category), tax_mode=mode, taxes=(tax,), zero_rated=tax == "ZERO", **limits)
        for category in SALES
    ]


OTHERS = [
    Rule(category, category)
    for category in ("sales_tax", "marketplace_withheld_tax", "deposit", "rollover")
]


def plan(*rows, mapping, classes=()):
    """The plan of a file with these rows, given as (words, amount, order) or as dicts."""
    made = [
        cells
        if isinstance(cells, dict)
        else row(*cells[:2], order_id=cells[2], order_item_code=cells[2])
        for cells in rows
    ]
    total = sum(Decimal(cells["amount"]) for cells in made)
    settlement = settle(table(head(f"{total}"), *made))
    lines = [
        line._replace(tax_class=classes.get(line.category, "")) if classes else line
        for line in plan_lines(settlement)
    ]
    return plan_entries(
        total, lines, Mapping(mapping), calendar=calendar(settlement), tax_on=tax_on
    )


def items(found):
    """{(account, taxes, how): (balance, tax)} of the only part."""
    (part,) = found.parts
    return {
        (item.account, *item.taxes, item.tax): (item.balance, item.tax_balance)
        for item in part.items
        if item.category != "deposit"
    }


class TestTaxDiscount(unittest.TestCase):
    MAPPING = rules("GST") + OTHERS
    FIELD = (
        *((PRICE, "20.85", "1"), (TAX, "2.09", "1"), (TAX_DISCOUNT, "-0.39", "1")),
        *((PRICE, "17.88", "2"), (TAX, "1.79", "2"), (TAX_DISCOUNT, "-0.33", "2")),
        *((PRICE, "40.00", "3"), (TAX, "4.00", "3")),
        *((DISCOUNT, "-4.00", "3"), (TAX_DISCOUNT, "-0.40", "3")),
    )

    def test_tax_alone_is_discounted(self):
        """A card's free financing in Australia, beside a usual promotion: all of it is tax."""
        found = plan(*self.FIELD, mapping=self.MAPPING)
        self.assertTrue(found.proved)
        self.assertEqual(
            items(found),
            {
                ("sales", "GST", "beside"): (Decimal("-78.73"), Decimal("-7.88")),
                ("promotions", "GST", "beside"): (Decimal("4.00"), Decimal("1.12")),
            },
        )
        (note,) = found.notes
        self.assertEqual((note.code, note.amount), ("tax_discount", Decimal("-0.72")))

    def test_without_any_promotion_it_lessens_the_tax_of_the_prices(self):
        found = plan(*self.FIELD[:6], mapping=self.MAPPING)
        self.assertEqual(
            items(found),
            {("sales", "GST", "beside"): (Decimal("-38.73"), Decimal("-3.16"))},
        )
        self.assertEqual([note.amount for note in found.notes], [Decimal("-0.72")])

    def test_refunds_mirror_it(self):
        mirrored = [
            (words.replace("Order", "Refund"), str(-Decimal(amount)), order)
            for words, amount, order in self.FIELD
        ]
        found = plan(*mirrored, mapping=self.MAPPING)
        self.assertTrue(found.proved)
        self.assertEqual(
            {key: tuple(map(abs, amounts)) for key, amounts in items(found).items()},
            {
                ("refunds", "GST", "beside"): (Decimal("78.73"), Decimal("7.88")),
                ("promotions", "GST", "beside"): (Decimal("4.00"), Decimal("1.12")),
            },
        )

    def test_discounts_of_shipping_share_it(self):
        found = plan(
            *((PRICE, "40.00", "1"), (TAX, "4.00", "1")),
            *((SHIPPING, "5.00", "1"), (SHIPPING_TAX, "0.50", "1")),
            *(("Order/Promotion/Shipping", "-5.00", "1"), (TAX_DISCOUNT, "-0.50", "1")),
            mapping=self.MAPPING,
        )
        self.assertTrue(found.proved)
        self.assertEqual(found.notes, ())
        self.assertEqual(items(found)["promotions", "GST", "beside"], (5, Decimal("0.50")))

    def test_no_tax_discount_at_all(self):
        """Amazon's tax counts, whether it was computed before the promotion or after it."""
        for tax in ("10.00", "9.00"):
            found = plan(
                *((PRICE, "100.00", "1"), (TAX, tax, "1"), (DISCOUNT, "-10.00", "1")),
                mapping=self.MAPPING,
            )
            self.assertTrue(found.proved, tax)
            self.assertEqual(found.notes, ())
            self.assertEqual(
                items(found),
                {
                    ("sales", "GST", "beside"): (-100, -Decimal(tax)),
                    ("promotions", "GST", "beside"): (10, 0),
                },
            )

    def test_beside_a_gross_price_it_is_said(self):
        found = plan((PRICE, "22.00", "1"), (TAX_DISCOUNT, "-0.39", "1"), mapping=self.MAPPING)
        self.assertTrue(found.proved)
        self.assertEqual([note.amount for note in found.notes], [Decimal("-0.39")])

    def test_another_rate_is_held_beside_discounts_too(self):
        found = plan(*self.FIELD, mapping=rules("VAT") + OTHERS)
        (misfit,) = found.misfits
        self.assertEqual((misfit.found, misfit.expected), (Decimal("7.88"), Decimal("15.75")))


class TestPartlyKept(unittest.TestCase):
    ROWS = ((PRICE, "100.00", "1"), (TAX, "12.00", "1"), (KEPT, "-7.00", "1"))

    def test_the_federal_tax_is_the_sellers_and_the_provinces_nets_out(self):
        found = plan(*self.ROWS, mapping=rules("FED", "output_on_net") + OTHERS)
        self.assertTrue(found.proved)
        self.assertEqual(items(found), {("sales", "FED", "beside"): (-100, -5)})

    def test_it_has_rules_of_its_own(self):
        """Of a seller who charges 20 % where the marketplace keeps nothing."""
        mapping = rules("VAT") + rules("FED", tax_form="partly") + OTHERS
        rows = (*self.ROWS, (PRICE, "100.00", "2"), (TAX, "20.00", "2"))
        found = plan(*rows, mapping=mapping)
        self.assertTrue(found.proved)
        self.assertEqual(
            items(found),
            {("sales", "FED", "beside"): (-100, -5), ("sales", "VAT", "beside"): (-100, -20)},
        )

    def test_a_seller_without_taxes_has_the_rest_on_the_liability_account(self):
        found = plan(*self.ROWS, mapping=[Rule(name, name) for name in SALES] + OTHERS)
        self.assertEqual(items(found)["sales_tax", ""], (-12, 0))
        self.assertEqual(items(found)["marketplace_withheld_tax", ""], (7, 0))


class TestPartsOfAnItem(unittest.TestCase):
    def test_goods_without_tax_and_taxed_shipping(self):
        found = plan(
            *((PRICE, "20.00", "1"), (SHIPPING, "5.00", "1"), (SHIPPING_TAX, "0.50", "1")),
            mapping=rules("GST") + OTHERS,
        )
        self.assertTrue(found.proved)
        self.assertEqual(
            items(found),
            {
                ("sales", ""): (-20, 0),
                ("shipping_income", "GST", "beside"): (-5, Decimal("-0.50")),
            },
        )
        (note,) = found.notes
        self.assertEqual((note.code, note.amount, note.taxes), ("untaxed", 20, ("GST",)))

    def test_shipping_of_a_class_without_tax_was_taxed(self):
        mapping = rules("GST") + rules("ZERO", tax_class="zero") + OTHERS
        found = plan(
            *((PRICE, "20.00", "1"), (SHIPPING, "5.00", "1"), (SHIPPING_TAX, "0.50", "1")),
            mapping=mapping,
            classes=dict.fromkeys((*SALES, "sales_tax"), "zero"),
        )
        self.assertTrue(found.proved)
        self.assertEqual(
            items(found),
            {
                ("sales", "ZERO", "excluded"): (-20, 0),
                ("shipping_income", "GST", "beside"): (-5, Decimal("-0.50")),
            },
        )
        self.assertEqual(found.notes, ())

    def test_goods_of_a_class_without_tax_that_were_taxed_are_held(self):
        mapping = rules("GST") + rules("ZERO", tax_class="zero") + OTHERS
        found = plan(
            *((PRICE, "20.00", "1"), (TAX, "2.00", "1")),
            mapping=mapping,
            classes=dict.fromkeys(SALES, "zero") | {"sales_tax": "zero"},
        )
        self.assertEqual(len(found.misfits), 1)

    def test_a_rule_for_prices_without_tax_is_a_decision(self):
        rows = ((PRICE, "20.00", "1"), (TAX, "0.00", "1"))
        for extra, expected in (
            (rules("ZERO", tax_form="zero"), ("sales", "ZERO", "excluded")),
            ([Rule("sales", "sales", tax_form="zero")], ("sales", "")),
        ):
            found = plan(*rows, mapping=rules("GST") + extra + OTHERS)
            self.assertEqual(list(items(found)), [expected])
            self.assertEqual(found.notes, ())


class TestChargebacks(unittest.TestCase):
    def fee(self, *rows, **options):
        mapping = [
            *rules("VAT"),
            *rules("ZERO", tax_class="zero"),
            Rule("fba_fees", "fees", tax_mode="input_included", taxes=("VAT",)),
            *OTHERS,
        ]
        found = plan(*rows, mapping=mapping, **options)
        return [key[1:] for key in items(found) if key[0] == "fees"]

    def test_the_net_price_of_gift_wrap_has_no_input_tax_inside(self):
        rows = [
            *((PRICE, "45.07", "1"), (TAX, "9.02", "1"), ("Order/ItemPrice/GiftWrap", "2.49", "1")),
            ("Order/ItemPrice/GiftWrapTax", "0.50", "1"),
        ]
        chargeback = "Order/ItemFees/GiftwrapChargeback"
        self.assertEqual(self.fee(*rows, (chargeback, "-2.49", "1")), [("",)])
        self.assertEqual(self.fee(*rows, (chargeback, "-2.99", "1")), [("VAT", "included")])

    def test_shipping_of_zero_rated_goods_has_none(self):
        rows = [(SHIPPING, "3.99", "1"), ("Order/ItemFees/ShippingChargeback", "-3.99", "1")]
        self.assertEqual(self.fee(*rows), [("VAT", "included")])
        classes = {"shipping_income": "zero", "fba_fees": "zero"}
        self.assertEqual(self.fee(*rows, classes=classes), [("",)])


class TestTolerance(unittest.TestCase):
    """Of lines whose order items are not known, as of files that a program has sorted."""

    def misfits(self, price, tax, count):
        lines = [
            PlanLine(
                *(words, category, "UK", Decimal(amount), None, tuple(words.split("/"))),
                tax_form="net",
                row_count=count,
            )
            for words, category, amount in ((PRICE, "sales", price), (TAX, "sales_tax", tax))
        ]
        total = sum(line.amount for line in lines)
        mapping = Mapping(rules("VAT") + OTHERS)
        return plan_entries(total, lines, mapping, tax_on=tax_on).misfits

    def test_half_a_cent_for_each_row(self):
        self.assertFalse(self.misfits("100.00", "20.02", 1))
        self.assertTrue(self.misfits("100.00", "20.03", 1))
        self.assertFalse(self.misfits("100.00", "20.06", 9))
        self.assertTrue(self.misfits("100.00", "20.07", 9))

    def test_never_more_than_a_hundredth_of_the_tax(self):
        """10,000 rows: 50.00 of rounding would hide goods of 5 % for 333."""
        self.assertFalse(self.misfits("10000.00", "2020.02", 10_000))
        self.assertTrue(self.misfits("10000.00", "2020.03", 10_000))

    def test_one_item_of_another_rate_among_ten_thousand_rows_is_held(self):
        rows = [
            cells
            for number in range(5000)
            for cells in ((PRICE, "8.33", str(number)), (TAX, "1.67", str(number)))
        ]
        self.assertTrue(plan(*rows, mapping=rules("VAT") + OTHERS).proved)
        rows += [(PRICE, "8.33", "reduced"), (TAX, "0.42", "reduced")]
        found = plan(*rows, mapping=rules("VAT") + OTHERS)
        (misfit,) = found.misfits
        self.assertTrue(misfit.rates[0] < Decimal("0.06") and misfit.rates[1] > Decimal("0.19"))


class TestSharing(unittest.TestCase):
    def test_what_rounding_leaves_of_a_shared_tax_stays_in_it(self):
        """Three prices of an account each, and one tax row of 0.05 beside them."""
        words = [("Order", "ItemPrice", name) for name in ("Principal", "Goodwill", "ExportCharge")]
        mapping = [
            Rule("sales", name, words=("", "", name), tax_mode="output_on_net", taxes=("VAT",))
            for _kind, _type, name in words
        ]
        lines = [
            PlanLine(number, "sales", None, Decimal("0.08"), None, word, tax_form="net")
            for number, word in enumerate(words)
        ]
        tax = tuple(TAX.split("/"))
        lines.append(PlanLine(3, "sales_tax", None, Decimal("0.05"), None, tax, tax_form="net"))
        found = plan_entries(Decimal("0.29"), lines, Mapping(mapping + OTHERS), tax_on=tax_on)
        self.assertTrue(found.proved)
        shares = [item.tax_balance for item in found.parts[0].items[:3]]
        self.assertEqual(shares, [Decimal("-0.01"), Decimal("-0.02"), Decimal("-0.02")])


class TestIsRefund(unittest.TestCase):
    def test_by_words_and_never_by_sign(self):
        for words, category, expected in (
            ("Order/ItemPrice/Principal", "sales", False),
            ("Order/Promotion/Principal", "promotions", False),
            ("Order/ItemFees/Commission", "selling_fees", False),
            ("Order/ItemFees/ShippingChargeback", "fba_fees", False),
            ("Order/ItemPrice/Goodwill", "refunds", True),
            ("Refund/ItemPrice/Principal", "refunds", True),
            ("Refund/Promotion/Principal", "promotions", True),
            ("Refund/V1:promotion-amount/Shipping", "promotions", True),
            ("Refund/ItemFees/Commission", "selling_fees", True),
            ("Refund/ItemFees/RefundCommission", "selling_fees", False),
            ("Refund/V1:item-related-fee-amount/RefundCommission", "selling_fees", False),
            ("A-to-z Guarantee Refund/ItemPrice/Principal", "refunds", True),
            ("Chargeback Refund/ItemPrice/Principal", "chargeback", True),
            ("Chargeback Refund/ItemFees/Commission", "selling_fees", True),
            ("other-transaction/other-transaction/A2ZGuaranteeRecovery", "chargeback", True),
            ("other-transaction/other-transaction/Storage Fee", "storage_fees", False),
            ("other-transaction/other-transaction/Storage Fee - Reversal", "storage_fees", True),
            ("other-transaction - Reversal/other-transaction/Storage Fee", "storage_fees", True),
            ("Storage Fee - Reversal/V1:other-amount/", "storage_fees", True),
            ("AmazonFees/FBA fulfilment fee per unit - Reversal/Base fee", "fba_fees", True),
            ("FBAFees/FBA Removal Order: Return Fee/Base fee", "fba_fees", False),
            ("Order/ItemFees/Fulfillment Fee Refund", "fba_fees", True),
            ("ServiceFee/Refund for Advertiser/TransactionTotalAmount", "advertising", True),
            ("Liquidations Adjustments/ItemPrice/Principal", "sales", True),
        ):
            self.assertEqual(is_refund(category, tuple(words.split("/"))), expected, words)

    def test_sales_and_what_takes_them_back_are_items_of_their_own(self):
        rows = (
            *((PRICE, "110.00", "1"), (DISCOUNT, "-11.00", "1")),
            ("Refund/Promotion/Principal", "5.50", "1"),
        )
        found = plan(*rows, mapping=rules("GST") + OTHERS)
        told = [(item.account, item.balance, item.is_refund) for item in found.parts[0].items]
        self.assertEqual(
            told[:3],
            [
                ("sales", -110, False),
                ("promotions", 11, False),
                ("promotions", Decimal("-5.50"), True),
            ],
        )


class TestDays(unittest.TestCase):
    def accounts(self, start, end, last, by_month, *months):
        rules_of = [
            Rule("sales", "old"),
            Rule("sales", "new", date_from=date(2026, 7, 1)),
            *OTHERS,
        ]
        lines = [
            PlanLine(number, "sales", None, Decimal(10), month)
            for number, month in enumerate(months)
        ]
        days = Calendar(start, end, last, by_month)
        found = plan_entries(Decimal(10 * len(lines)), lines, Mapping(rules_of), calendar=days)
        self.assertTrue(found.proved)
        return [item.account for part in found.parts for item in part.items if item.line_keys]

    def test_a_change_holds_for_rows_from_then_on_also_where_months_are_not_split(self):
        june, july = date(2026, 6, 1), date(2026, 7, 1)
        period = date(2026, 6, 24), date(2026, 7, 8), date(2026, 7, 8)
        for by_month in (True, False):
            self.assertEqual(self.accounts(*period, by_month, june, july), ["old", "new"])

    def test_nor_does_the_day_of_the_deposit_move_rows_behind_it(self):
        period = date(2026, 6, 16), date(2026, 6, 30), date(2026, 7, 2)
        for by_month in (True, False):
            self.assertEqual(self.accounts(*period, by_month, date(2026, 6, 1)), ["old"])


class TestBalancingItems(unittest.TestCase):
    def test_payout_and_rollover_have_the_analytic_of_their_rules(self):
        rules_of = [
            Rule("sales", "sales"),
            Rule("deposit", "clearing", analytic='{"1": 100}'),
            Rule("rollover", "rollover", analytic='{"2": 100}'),
        ]
        lines = [
            PlanLine(0, "sales", None, Decimal(10), date(2026, 6, 1)),
            PlanLine(1, "sales", None, Decimal(10), date(2026, 7, 1)),
        ]
        days = Calendar(date(2026, 6, 24), date(2026, 7, 8), date(2026, 7, 8))
        found = plan_entries(Decimal(20), lines, Mapping(rules_of), calendar=days)
        told = [(item.account, item.analytic) for part in found.parts for item in part.items]
        self.assertEqual(
            told,
            [
                *(("sales", None), ("rollover", '{"2": 100}')),
                *(("sales", None), ("rollover", '{"2": 100}'), ("clearing", '{"1": 100}')),
            ],
        )
