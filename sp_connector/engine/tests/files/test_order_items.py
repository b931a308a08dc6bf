"""What the rows of an order item say of the tax on its prices."""

import unittest
from decimal import Decimal

from ...lines.order_items import (
    ANY,
    CHARGEBACK,
    EXTRA,
    PRICE,
    PROMOTION,
    TAX,
    TAX_DISCOUNT,
    WITHHELD,
    Role,
    role,
)
from ..helpers import V1_COLUMNS, head, read, row, settle, table, v1_row

PRINCIPAL, SHIPPING = "Order/ItemPrice/Principal", "Order/ItemPrice/Shipping"
GOODS_TAX, SHIPPING_TAX = "Order/ItemPrice/Tax", "Order/ItemPrice/ShippingTax"
KEPT = "Order/ItemWithheldTax/MarketplaceFacilitatorTax-"


def item(*rows, order="1", **cells):
    """Rows of one order item, given as (words, amount)."""
    cells = {"order_id": order, "order_item_code": order, **cells}
    return [row(words, amount, **cells) for words, amount in rows]


def lines(*rows, columns=None):
    """The lines of a file of these rows, by their words without the transaction type."""
    text = table(head("0.00"), *rows, **({"columns": columns} if columns else {}))
    return {"/".join(line.key[3:5]): line for line in settle(text).lines.values()}


def forms(*rows, **options):
    return {words: line.key.tax_form for words, line in lines(*rows, **options).items()}


class TestRole(unittest.TestCase):
    def test_every_word_for_a_tax_is_a_tax_row_of_its_part(self):
        for words, expected in {
            "ItemPrice/Principal": Role(PRICE),
            "V1:price-amount/Principal": Role(PRICE),
            "V1:price-amount/": Role(PRICE),
            "ItemPrice/Tax": Role(TAX),
            "ItemPrice/Product Tax": Role(TAX),
            "ItemPrice/Shipping": Role(PRICE, "shipping"),
            "ItemPrice/ShippingTax": Role(TAX, "shipping"),
            "ItemPrice/Shipping tax": Role(TAX, "shipping"),
            "ItemPrice/Gift Wrap Tax": Role(TAX, "giftwrap"),
            "ItemPrice/GiftWrap": Role(PRICE, "giftwrap"),
            "ItemPrice/CODItemTaxCharge": Role(TAX, "coditem"),
            "ItemPrice/CODItemCharge": Role(PRICE, "coditem"),
            "ItemPrice/TaxOnRegulatoryFee": Role(TAX, "regulatory"),
            "ItemPrice/RegulatoryFee": Role(PRICE, "regulatory"),
            "ItemPrice/RestockingFee": Role(PRICE, EXTRA),
            "ItemPrice/ReturnShipping": Role(PRICE, EXTRA),
            "Promotion/Principal": Role(PROMOTION),
            "Promotion/ShippingCharge": Role(PROMOTION, "shipping"),
            "Promotion/TaxDiscount": Role(TAX_DISCOUNT),
            "V1:promotion-amount/TaxDiscount": Role(TAX_DISCOUNT),
            "Promotion/Shipping tax discount": Role(TAX_DISCOUNT, "shipping"),
            "ItemWithheldTax/MarketplaceFacilitatorVAT-Shipping": Role(WITHHELD, "shipping"),
            "ItemWithheldTax/LowValueGoods-Principal": Role(WITHHELD),
            "ItemWithheldTax/MarketplaceFacilitatorTax-Other": Role(WITHHELD, ANY),
            "V1:item-related-fee-amount/MarketplaceFacilitatorVAT-Principal": Role(WITHHELD),
            "ItemFees/Shipping Chargeback": Role(CHARGEBACK, "shipping"),
            "ItemFees/GiftwrapChargeback": Role(CHARGEBACK, "giftwrap"),
            "ItemFees/MFNPostageFeeTax": Role(None),
            "ItemFees/Commission": Role(None),
        }.items():
            self.assertEqual(role(*words.split("/")), expected, words)

    def test_taxes_on_the_sellers_income_are_none_on_a_price(self):
        for name in ("TCS-CGST", "TDS (Section 194-O)", "ISR"):
            for amount_type in ("ItemWithheldTax", "V1:price-amount"):
                self.assertEqual(role(amount_type, name), Role(None), name)


class TestForms(unittest.TestCase):
    def test_goods_without_tax_and_shipping_with_it(self):
        """GST-free goods in Australia: a tax row of shipping says nothing of the goods."""
        for goods_tax in ((), ((GOODS_TAX, "0.00"),)):
            found = forms(
                *item((PRINCIPAL, "20.00"), *goods_tax, (SHIPPING, "5.00"), (SHIPPING_TAX, "0.50"))
            )
            self.assertEqual(found["ItemPrice/Principal"], "zero")
            self.assertEqual(found["ItemPrice/Shipping"], "net")
            self.assertEqual(found["ItemPrice/ShippingTax"], "net")

    def test_goods_with_tax_and_shipping_without(self):
        found = forms(*item((PRINCIPAL, "20.00"), (GOODS_TAX, "2.00"), (SHIPPING, "5.00")))
        self.assertEqual(found["ItemPrice/Principal"], "net")
        self.assertEqual(found["ItemPrice/Shipping"], "zero")

    def test_the_only_tax_is_that_of_what_was_sold(self):
        found = forms(*item((SHIPPING, "5.00"), (GOODS_TAX, "0.50")))
        self.assertEqual(found["ItemPrice/Shipping"], "net")

    def test_the_marketplace_keeps_a_part_and_the_seller_the_rest(self):
        """Canada: 7 % of the province are kept, 5 % federal tax is paid to the seller."""
        one = item((PRINCIPAL, "100.00"), (GOODS_TAX, "12.00"), (f"{KEPT}Principal", "-7.00"))
        two = item(
            *((PRINCIPAL, "100.00"), (GOODS_TAX, "5.00"), (GOODS_TAX, "7.00")),
            (f"{KEPT}Principal", "-7.00"),
        )
        for rows in (one, two, one[::-1]):
            found = lines(*rows)
            self.assertEqual({line.key.tax_form for line in found.values()}, {"partly"})
            low, high = found["ItemPrice/Principal"].rates
            self.assertTrue(low <= Decimal("0.05") <= high)
            self.assertFalse(low <= Decimal("0.12") <= high)

    def test_a_refund_of_it_mirrors_it(self):
        rows = item((PRINCIPAL, "-100.00"), (GOODS_TAX, "-12.00"), (f"{KEPT}Principal", "7.00"))
        found = lines(*(cells | {"transaction-type": "Refund"} for cells in rows))
        self.assertEqual({line.key.tax_form for line in found.values()}, {"partly"})
        low, high = found["ItemPrice/Principal"].rates
        self.assertTrue(low <= Decimal("0.05") <= high)

    def test_one_part_is_kept_and_another_paid(self):
        found = forms(
            *item(
                *((PRINCIPAL, "100.00"), (GOODS_TAX, "10.00"), (f"{KEPT}Principal", "-10.00")),
                *((SHIPPING, "5.00"), (SHIPPING_TAX, "0.50")),
            )
        )
        self.assertEqual(found["ItemPrice/Principal"], "withheld")
        self.assertEqual(found["ItemPrice/Tax"], "withheld")
        self.assertEqual(found["ItemPrice/Shipping"], "net")

    def test_all_is_kept_under_whatever_words(self):
        """A tax of gift wrap withheld as "other", a discount of tax, the rounding of two rows."""
        for rows in (
            [("Order/ItemPrice/GiftWrapTax", "0.40"), (f"{KEPT}Other", "-0.40")],
            [("Order/Promotion/TaxDiscount", "-0.40"), (f"{KEPT}Other", "0.40")],
            [(f"{KEPT}Principal", "0.01")],
        ):
            found = forms(
                *item(
                    *((PRINCIPAL, "50.00"), (GOODS_TAX, "4.00"), (f"{KEPT}Principal", "-4.00")),
                    *rows,
                )
            )
            self.assertEqual(found["ItemPrice/Principal"], "withheld", rows)
            self.assertEqual(found["ItemPrice/Tax"], "withheld", rows)

    def test_a_discount_with_its_tax_beside_a_gross_price_is_net(self):
        found = forms(
            *item(
                (PRINCIPAL, "44.00"),
                *(("Order/Promotion/Principal", "-4.00"), ("Order/Promotion/TaxDiscount", "-0.40")),
            )
        )
        self.assertEqual(found["ItemPrice/Principal"], "gross")
        self.assertEqual(found["Promotion/Principal"], "net")

    def test_a_sorted_file_says_the_same(self):
        rows = [
            cells
            for order in ("1", "2", "3")
            for cells in item(
                *((PRINCIPAL, "100.00"), (GOODS_TAX, "12.00"), (f"{KEPT}Principal", "-7.00")),
                *((SHIPPING, "5.00"), (SHIPPING_TAX, "0.25")),
                order=order,
            )
        ]
        together = forms(*rows)
        rows.sort(key=lambda cells: cells["amount-description"])
        self.assertEqual(forms(*rows), together)

    def test_v1_writes_the_same_in_columns(self):
        cells = {"order_id": "1", "order_item_code": "1"}
        found = forms(
            v1_row("Order", price_type="Principal", price_amount="20.00", **cells),
            v1_row("Order", price_type="Shipping", price_amount="5.00", **cells),
            v1_row("Order", price_type="ShippingTax", price_amount="0.50", **cells),
            v1_row("Order", promotion_type="TaxDiscount", promotion_amount="-0.10", **cells),
            columns=V1_COLUMNS,
        )
        self.assertEqual(
            found,
            {
                "V1:price-amount/Principal": "zero",
                "V1:price-amount/Shipping": "net",
                "V1:price-amount/ShippingTax": "net",
                "V1:promotion-amount/TaxDiscount": "net",
            },
        )


class TestChargeback(unittest.TestCase):
    """Amazon's staff call it "net of applicable taxes"; a British order of 2020 shows the same:
    gift wrap 2.49 and its VAT 0.50 are paid, 2.49 are taken back. In Australia it is the whole.
    """

    def form(self, taken, *tax):
        found = forms(
            *item(
                *((PRINCIPAL, "45.07"), (GOODS_TAX, "9.02"), ("Order/ItemPrice/GiftWrap", "2.49")),
                *tax,
                ("Order/ItemFees/GiftwrapChargeback", taken),
            )
        )
        return found["ItemFees/GiftwrapChargeback"]

    def test_the_net_price_alone_has_no_tax_inside(self):
        tax = ("Order/ItemPrice/GiftWrapTax", "0.50")
        self.assertEqual(self.form("-2.49", tax), "net")
        self.assertEqual(self.form("-2.99", tax), "none")

    def test_an_untaxed_price_has_none_to_give_back(self):
        self.assertEqual(self.form("-2.49", ("Order/ItemPrice/GiftWrapTax", "0.00")), "zero")

    def test_beside_a_gross_price_nothing_is_known(self):
        found = forms(*item((SHIPPING, "3.99"), ("Order/ItemFees/ShippingChargeback", "-3.99")))
        self.assertEqual(found["ItemFees/ShippingChargeback"], "none")


class TestRates(unittest.TestCase):
    def rates(self, *rows):
        return lines(*rows)["ItemPrice/Principal"].rates

    def fits(self, rate, *rows):
        low, high = self.rates(*rows)
        return low <= Decimal(rate) <= high

    def test_ten_thousand_rows_of_an_equal_rounding_fit(self):
        """Each is off by 0.004: together by 40.00, and no square root of a number explains it."""
        rows = [
            cells
            for number in range(5000)
            for cells in item((PRINCIPAL, "8.33"), (GOODS_TAX, "1.67"), order=str(number))
        ]
        self.assertTrue(self.fits("0.20", *rows))
        self.assertFalse(self.fits("0.19", *rows))

    def test_one_item_of_another_rate_among_ten_thousand_rows_does_not(self):
        rows = [
            cells
            for number in range(5000)
            for cells in item((PRINCIPAL, "8.33"), (GOODS_TAX, "1.67"), order=str(number))
        ]
        rows += item((PRINCIPAL, "8.33"), (GOODS_TAX, "0.42"), order="reduced")
        low, high = self.rates(*rows)
        self.assertGreater(low, high)
        self.assertFalse(self.fits("0.20", *rows))

    def test_the_tax_of_each_unit_is_rounded(self):
        """20 of 0.99: 0.20 each, although 20 % of 19.80 is 3.96."""
        one = ((PRINCIPAL, "19.80"), (GOODS_TAX, "4.00"))
        self.assertTrue(self.fits("0.20", *item(*one, quantity_purchased="20")))

    def test_a_refund_does_not_say_of_how_many_units(self):
        rows = item((PRINCIPAL, "-19.80"), (GOODS_TAX, "-4.00"))
        self.assertTrue(self.fits("0.20", *rows))
        self.assertFalse(self.fits("0.19", *rows))

    def test_the_tax_may_be_computed_before_or_after_a_discount(self):
        for tax in ("10.00", "9.00"):
            rows = item(
                (PRINCIPAL, "100.00"), (GOODS_TAX, tax), ("Order/Promotion/Principal", "-10.00")
            )
            self.assertTrue(self.fits("0.10", *rows), tax)
            self.assertFalse(self.fits("0.12", *rows), tax)

    def test_whole_yen(self):
        text = table(head("0", currency="JPY"), *item((PRINCIPAL, "1005"), (GOODS_TAX, "100")))
        (low, high) = next(
            line.rates
            for line in settle(text).lines.values()
            if line.key.amount_description == "Principal"
        )
        self.assertTrue(low <= Decimal("0.10") <= high)

    def test_a_decimal_comma(self):
        self.assertTrue(self.fits("0.19", *item((PRINCIPAL, "1.234,56"), (GOODS_TAX, "234,57"))))

    def test_equal_items_share_their_sums(self):
        rows = [
            cells
            for number in range(100)
            for cells in item((PRINCIPAL, "8.33"), (GOODS_TAX, "1.67"), order=str(number))
        ]
        report = read(table(head(), *rows))
        self.assertEqual(list(report.headers), ["42"])
        self.assertEqual(len(set(map(id, report.items._items.values()))), 1)
