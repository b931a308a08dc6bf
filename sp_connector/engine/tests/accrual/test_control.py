"""A settlement against Amazon's summary of it: one cent is found, and what cannot be is said."""

import unittest
from decimal import Decimal as D

from ...accrual.control import Amount, compare

AMOUNTS = [
    Amount("Order", "ItemPrice", "sales", D("100.00")),
    Amount("Order", "ItemFees", "selling_fees", D("-15.00")),
    Amount("Refund", "ItemPrice", "refunds", D("-20.00")),
    Amount("other-transaction", "other-transaction", "reserve", D("-5.00")),
]
TOLD = (("Sales", D(100)), ("Expenses", D(-15)), ("Refunds", D(-20)), ("Transfers", D(-5)))


class Told:
    """What ``compare`` reads of a ``finances.Summary``."""

    def __init__(self, net, breakdowns=TOLD, currency="EUR"):
        self.net, self.breakdowns, self.currency = D(net), breakdowns, currency


class TestControl(unittest.TestCase):
    def compare(self, *summaries, total="60.00"):
        return compare(D(total), "EUR", AMOUNTS, summaries)

    def test_both_readings_of_net_proceeds_agree(self):
        for net in ("60", "65.00"):  # with and without the reserve
            self.assertEqual(self.compare(Told(net))[:4], ("agrees", "", D(net), 0))

    def test_marketplaces_are_added(self):
        self.assertEqual(self.compare(Told("40"), Told("20")).state, "agrees")

    def test_a_cent_is_found_and_where(self):
        for net, difference in (("60.01", "0.01"), ("64.99", "-0.01")):
            told = (("Sales", D("100.01")), *TOLD[1:], ("Something New", D("1")))
            found = self.compare(Told(net, told))
            self.assertEqual(
                found[:4], ("differs", "", D(net), D(difference)), "to the nearer reading"
            )
            self.assertEqual(
                found.parts, (("Sales", D("100.01"), D("100")), ("Something New", 1, None))
            )

    def test_no_statement_and_another_currency_are_neither(self):
        self.assertEqual(self.compare()[:2], ("unavailable", "no_statement"))
        self.assertEqual(self.compare(Told("60", currency="SEK"))[:2], ("unavailable", "currency"))


if __name__ == "__main__":
    unittest.main()
