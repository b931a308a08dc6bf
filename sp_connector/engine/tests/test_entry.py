"""Lines and accounts → the plan of a journal entry."""

import unittest
from decimal import Decimal

from ..entry import Accounts, Item, Missing, PlanLine, plan_entry

ACCOUNTS = Accounts(
    [
        ("sales", None, "4000"),
        ("sales", "DE", "4001"),
        ("selling_fees", None, "6000"),
        ("reserve", None, "1400"),
        ("deposit", None, "1500"),
        ("deposit", "DE", "1501"),
    ]
)


def plan(total, *lines, accounts=ACCOUNTS, marketplace=None):
    lines = [
        PlanLine(number, category, place, Decimal(amount))
        for number, (category, place, amount) in enumerate(lines)
    ]
    return plan_entry(Decimal(total), lines, accounts, marketplace)


class TestAccounts(unittest.TestCase):
    def test_a_marketplaces_own_account_beats_the_general(self):
        self.assertEqual(ACCOUNTS.find("sales", "DE"), "4001")
        self.assertEqual(ACCOUNTS.find("sales", "FR"), "4000")
        self.assertEqual(ACCOUNTS.find("sales", None), "4000")

    def test_none_where_nobody_says(self):
        self.assertIsNone(ACCOUNTS.find("loan", "DE"))
        self.assertIsNone(Accounts([("sales", "DE", "4001")]).find("sales", "FR"))


class TestPlan(unittest.TestCase):
    def test_sides(self):
        """Income is a credit, a fee a debit, the payout a debit on the clearing account."""
        found = plan("85.00", ("sales", None, "100.00"), ("selling_fees", None, "-15.00"))
        self.assertEqual(
            found.items,
            (
                Item("4000", "sales", None, Decimal("-100.00"), (0,)),
                Item("6000", "selling_fees", None, Decimal("15.00"), (1,)),
                Item("1500", "deposit", None, Decimal("85.00"), ()),
            ),
        )
        self.assertEqual((found.amount_entry, found.difference), (85, 0))
        self.assertTrue(found.proved)
        self.assertEqual(sum(item.balance for item in found.items), 0)

    def test_one_item_per_category_marketplace_and_account(self):
        found = plan(
            "10",
            *(("sales", "DE", "1"), ("sales", "FR", "2"), ("sales", "DE", "3")),
            *(("sales", None, "4"),),
        )
        self.assertEqual(
            [(*item[:1], *item[2:]) for item in found.items],
            [("4001", "DE", -4, (0, 2)), ("4000", "FR", -2, (1,)), ("4000", None, -4, (3,)),
             ("1500", None, 10, ())],
        )  # fmt: skip

    def test_negative_total_is_a_credit_on_clearing(self):
        found = plan("-15.00", ("selling_fees", None, "-15.00"))
        self.assertEqual(found.items[-1].balance, -15)
        self.assertTrue(found.proved)

    def test_zero_settlement_books_all_but_a_deposit(self):
        found = plan("0.00", ("sales", None, "85.51"), ("reserve", None, "-85.51"))
        self.assertEqual([item.category for item in found.items], ["sales", "reserve"])
        self.assertTrue(found.proved)

    def test_lines_that_cancel_make_no_item(self):
        found = plan("5", ("sales", None, "5"), ("sales", "DE", "7"), ("sales", "DE", "-7"))
        self.assertEqual(len(found.items), 2)
        self.assertTrue(found.proved)

    def test_zero_lines_need_no_account(self):
        found = plan("5", ("sales", None, "5"), ("unknown", "DE", "0.00"))
        self.assertEqual(found.missing, ())
        self.assertTrue(found.proved)

    def test_missing_accounts_are_named_once_and_nothing_is_planned(self):
        found = plan(
            *("9", ("sales", None, "5"), ("loan", "DE", "1"), ("loan", "DE", "1")),
            ("unknown", None, "2"),
        )
        self.assertEqual(found.items, ())
        self.assertEqual(found.missing, (Missing("loan", "DE"), Missing("unknown", None)))
        self.assertFalse(found.proved)
        self.assertEqual((found.amount_entry, found.difference), (5, 4))

    def test_missing_clearing_account(self):
        accounts = Accounts([("sales", None, "4000")])
        found = plan("5", ("sales", None, "5"), accounts=accounts, marketplace="UK")
        self.assertEqual(found.missing, (Missing("deposit", "UK"),))
        self.assertFalse(found.proved)

    def test_clearing_account_of_the_settlements_marketplace(self):
        found = plan("5", ("sales", "DE", "5"), marketplace="DE")
        self.assertEqual(found.items[-1].account, "1501")

    def test_difference_is_shown_and_never_plugged(self):
        found = plan("36.54", ("sales", None, "36.53"))
        self.assertEqual(found.difference, Decimal("0.01"))
        self.assertEqual(sum(item.balance for item in found.items), Decimal("0.01"))
        self.assertFalse(found.proved)

    def test_amounts_are_exact(self):
        lines = [("sales", None, "0.10")] * 3 + [("selling_fees", None, "-0.30")]
        self.assertTrue(plan("0.00", *lines).proved)
        for item in plan("0.00", *lines).items:
            self.assertIs(type(item.balance), Decimal)

    def test_no_lines(self):
        self.assertEqual(plan("5").difference, 5)
        self.assertFalse(plan("5").proved)
