"""Which transactions count at a cut-off, and what they will be in their settlements."""

import unittest
from datetime import date, datetime
from decimal import Decimal as D

from ...accrual.cutoff import Releases, origin_of
from ...accrual.proposal import propose
from ...accrual.rows import Rows, Unproved
from ...accrual.words import settlement_words
from ...books.lines import plan_line
from ...books.mapping import Mapping, Rule
from ...lines.summary import UTC
from ..helpers import classifier
from .common import transaction

CUT_OFF = datetime(2026, 4, 1)
APRIL = datetime(2026, 4, 6)


def group(transactions):
    rows = Rows("EUR", "Amazon.de")
    for key, one in enumerate(transactions):
        rows.add(key, one)
    return rows.lines(classifier(), UTC)


class TestCutOff(unittest.TestCase):
    def origins(self, *transactions, booked=()):
        releases = Releases()
        for one in transactions:
            releases.add(one.ref, one.deferred_ref, one.posted_at)
        return {
            one.ref: origin_of(one, releases, CUT_OFF, lambda one: one.ref in booked)
            for one in transactions
        }

    def test_a_released_one_counts_until_a_settlement_books_it(self):
        self.assertEqual(
            self.origins(transaction("A"), transaction("B"), booked="B"),
            {"A": "open", "B": "booked"},
        )

    def test_what_is_later_or_the_payout_does_not_count(self):
        found = self.origins(transaction("A", CUT_OFF), transaction("B", kind="Transfer"))
        self.assertEqual(found, {"A": "later", "B": "payout"})

    def test_a_deferred_one_and_its_release_are_one_sale(self):
        for release_day, origins in ((9, ("replaced", "open")), (APRIL, ("deferred", "later"))):
            old = transaction("D", 2, status="DEFERRED_RELEASED", release_ref="R")
            new = transaction("R", release_day, deferred_ref="D")
            self.assertEqual(self.origins(old, new), dict(zip("DR", origins, strict=True)))
            # The list of deferred ones may be older than that of the releases.
            old.status, old.release_ref = "DEFERRED", ""
            self.assertEqual(self.origins(old, new), dict(zip("DR", origins, strict=True)))

    def test_a_release_that_amazon_does_not_tell_is_unclear(self):
        self.assertEqual(self.origins(transaction(status="DEFERRED")), {"T": "deferred"})
        for matures_at, origin in ((APRIL, "deferred"), (None, "unclear"), (CUT_OFF, "deferred")):
            one = transaction(status="DEFERRED_RELEASED", matures_at=matures_at)
            self.assertEqual(self.origins(one), {"T": origin})


class TestWords(unittest.TestCase):
    def test_words_of_a_settlement(self):
        for kind, path, words in (
            ("Shipment", ("ProductCharges", "OurPricePrincipal"), "Order/ItemPrice/Principal"),
            ("Refund", ("Tax", "OurPriceTax"), "Refund/ItemPrice/Tax"),
            ("Shipment", ("PromoRebates", "ShippingDiscount"), "Order/Promotion/Shipping"),
            ("Shipment", ("AmazonFees", "Commission", "Tax"), "Order/ItemFees/Commission"),
            ("Shipment", ("AmazonFees",), "Order/ItemFees/AmazonFees"),
            (
                *("Shipment", ("Any", "MarketplaceFacilitatorVAT-Principal")),
                "Order/ItemWithheldTax/MarketplaceFacilitatorVAT-Principal",
            ),
            (
                *("ServiceFee", ("AmazonFees", "FBAStorageFee", "Base")),
                "FBAFees/FBA Inventory Storage Fee/Base fee",
            ),
            ("Adjustment", ("Something", "New"), "Adjustment/Something/New"),
            ("Adjustment", (), "Adjustment/Adjustment/Adjustment"),
        ):
            self.assertEqual("/".join(settlement_words(kind, path)), words)

    def test_the_words_that_were_seen_are_understood(self):
        """Of 13,800 transactions of one account; unknown stays what only a person can tell."""
        seen = {
            "Shipment": "OurPricePrincipal OurPriceTax ShippingPrincipal ShippingTax GiftwrapTax "
            "GiftwrapPrincipal OurPriceDiscount ShippingDiscount ProductCharges",
            "Refund": "OurPricePrincipal OurPriceTax GoodwillPrincipal ShippingPrincipal "
            "RestockingDeductionPrincipal GiftwrapPrincipal ShippingDiscount",
            "ServiceFee": "FBAStorageFee FBALongTermStorageFee FBARemovalFee FBADisposalFee "
            "FBAInboundTransportationFee FBAInboundConvenienceFee Subscription PaidServicesFee "
            "CouponParticipationFee CouponPerformanceFee CustomerReturnHRRUnitFee",
            "ProductAdsPayment": "AdvertisingFee AdvertisingFeeRefund",
            "FBAInventoryReimbursement": "FBAInventoryReimbursement FBAReversedReimbursement",
            "Adjustment": "ReserveCredit ReserveDebit",
        }
        fees = "Commission RefundCommission FBAPerUnitFulfillmentFee ShippingChargeback FBAFees"
        paths = [(kind, (name,)) for kind, names in seen.items() for name in names.split()]
        paths += [("Shipment", ("AmazonFees", name)) for name in fees.split()]
        unknown = [
            (kind, path)
            for kind, path in paths
            if classifier().match(*settlement_words(kind, path)).category == "unknown"
        ]
        self.assertEqual(unknown, [])


class TestRows(unittest.TestCase):
    def test_transactions_become_the_lines_of_their_settlement(self):
        leaves = ((("AmazonFees", "Subscription"), "-39.00"),)
        many = [
            *(transaction(str(number), number + 1) for number in range(3)),
            transaction("F", leaves=leaves, kind="ServiceFee", order_ref="", marketplace_ref=""),
        ]
        found = group(many)
        self.assertEqual(
            {(one.line.category, one.line.key.tax_form): one.line.amount for one in found},
            {
                ("sales", "net"): 300,
                ("sales_tax", "net"): 60,
                ("selling_fees", "none"): -45,
                ("subscription", "none"): -39,
            },
        )
        self.assertEqual({one.line.key.marketplace_name for one in found}, {"Amazon.de"})
        keys = {one.line.category: list(one.keys) for one in found}
        self.assertEqual((keys["sales"], keys["subscription"]), ([0, 1, 2], [3]))

    def test_nothing_is_made_of_a_sum_that_is_not_the_transactions(self):
        wrong = transaction()
        wrong.amount += D("0.01")
        with self.assertRaises(Unproved):
            group([wrong])
        fine = transaction(leaves=((("ProductCharges",), "1.005"),))
        with self.assertRaises(Unproved):  # smaller than the currency's unit
            group([fine])
        self.assertEqual(group([]), [])


class TestProposal(unittest.TestCase):
    RULES = (
        Rule("sales", 400, tax_mode="output_included", taxes=("VAT",)),
        Rule("sales_tax", 200),
        Rule("selling_fees", 600),
    )

    def propose(self, leaves=None, rules=RULES, is_registered=True, **options):
        made = [transaction(leaves=leaves)] if leaves else [transaction()]
        grouped = group(made)
        lines = [plan_line(one.line, number, "DE") for number, one in enumerate(grouped)]
        found = propose(
            lines,
            Mapping(rules),
            date(2026, 3, 31),
            tax_on=lambda _taxes, amount: amount / 5,
            tax_in=lambda _taxes, amount: amount / 6,
            is_registered=is_registered,
            **options,
        )
        return {one.category: (one.state, one.account, one.amount, one.tax) for one in found.lines}

    def test_a_tax_beside_a_price_is_its_tax(self):
        self.assertEqual(
            self.propose(),
            {"sales": ("accrued", 400, 100, 20), "selling_fees": ("accrued", 600, -15, 0)},
        )

    def test_a_tax_inside_a_price_is_taken_out(self):
        found = self.propose(((("ProductCharges", "OurPricePrincipal"), "120.00"),))
        self.assertEqual(found, {"sales": ("accrued", 400, 100, 20)})

    def test_the_buyers_tax_is_no_income(self):
        rules = (Rule("sales", 400), *self.RULES[1:])
        self.assertEqual(
            self.propose(rules=rules),
            {
                "sales": ("accrued", 400, 100, 0),
                "sales_tax": ("tax", 200, 0, 20),
                "selling_fees": ("accrued", 600, -15, 0),
            },
        )

    def test_what_nobody_decided_is_not_accrued_in_silence(self):
        rules = (Rule("sales", 400, tax_mode="undecided"), Rule("sales_tax", 200))
        self.assertEqual(
            self.propose(rules=rules),
            {
                "sales": ("undecided", 400, 100, 0),
                "sales_tax": ("tax", 200, 0, 20),
                "selling_fees": ("unmapped", None, -15, 0),
            },
        )
        self.assertEqual(self.propose(rules=rules, is_registered=False)["sales"][0], "accrued")
        leaves = ((("Something", "New"), "7.00"), (("AmazonFees", "Commission"), "-1.00"))
        self.assertEqual(self.propose(leaves)["unknown"], ("unmapped", None, 7, 0))

    def test_what_an_invoice_has_booked_is_not_accrued_and_holds_nothing(self):
        found = self.propose(
            rules=(Rule("selling_fees", 600),), is_invoiced=lambda line: "Price" in line.words[1]
        )
        self.assertEqual(
            found,
            {
                "sales": ("invoiced", None, 100, 0),
                "sales_tax": ("invoiced", None, 20, 0),
                "selling_fees": ("accrued", 600, -15, 0),
            },
        )

    def test_what_moves_balances_is_left_out(self):
        made = transaction(leaves=((("ReserveDebit",), "-9.00"),), kind="Adjustment", order_ref="")
        (one,) = group([made])
        found = propose(
            [plan_line(one.line, 1, None)],
            Mapping(()),
            date(2026, 3, 31),
            tax_on=lambda *_: D(0),
            tax_in=lambda *_: D(0),
            is_registered=True,
        )
        self.assertEqual(
            [line[:5] for line in found.lines], [("left_out", "reserve", None, None, -9)]
        )


if __name__ == "__main__":
    unittest.main()
