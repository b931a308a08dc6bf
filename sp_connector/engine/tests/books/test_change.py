"""What a change does to accounts and boxes: sums before and after, and nothing else."""

import random
import unittest
from decimal import Decimal

from ...books.change import Change, add_changes, find_changes, is_other
from ...books.compare import Item


def item(account, balance, *tags, taxes=(), label="", analytic=None):
    amount = Decimal(balance)
    return Item(
        label,
        account,
        amount,
        amount,
        tags=frozenset(tags),
        taxes=frozenset(taxes),
        analytic=analytic,
    )


class TestChange(unittest.TestCase):
    def test_another_account(self):
        before = [item("sales", "-20", "box 6"), item("fees", "4"), item("clearing", "16")]
        after = [item("shop", "-20", "box 6"), item("fees", "4"), item("clearing", "16")]
        self.assertEqual(
            find_changes(before, after),
            [
                Change("account", "sales", Decimal(-20), Decimal()),
                Change("account", "shop", Decimal(), Decimal(-20)),
            ],
        )

    def test_a_tax_taken_out(self):
        before = [item("sales", "-24"), item("clearing", "24")]
        after = [
            item("sales", "-20", "6", taxes=["20%"]),
            item("vat", "-4", "1"),
            item("clearing", "24"),
        ]
        found = {change[:2]: change.difference for change in find_changes(before, after)}
        self.assertEqual(
            found,
            {
                ("account", "sales"): Decimal(4),
                ("account", "vat"): Decimal(-4),
                ("grid", "6"): Decimal(-20),
                ("grid", "1"): Decimal(-4),
                ("tax", "20%"): Decimal(-20),
            },
        )

    def test_labels_and_order_are_no_change(self):
        before = [item("a", "1", label="x"), item("b", "-1")]
        after = [item("b", "-1"), item("a", "1", label="y")]
        self.assertEqual(find_changes(before, after), [])
        self.assertFalse(is_other(before, after))

    def test_another_project_is_a_change_without_sums(self):
        before, after = [item("a", "1")], [item("a", "1", analytic="{}")]
        self.assertEqual(find_changes(before, after), [])
        self.assertTrue(is_other(before, after))

    def test_drawn_books(self):
        """Before plus difference is after, on every account and in every box; the books balance."""
        for seed in range(200):
            draw = random.Random(seed)
            before, after = (
                [
                    item(
                        draw.choice("abcd"),
                        draw.randint(-9, 9),
                        *draw.sample("xyz", draw.randint(0, 2)),
                    )
                    for _ in range(draw.randint(0, 8))
                ]
                for _ in range(2)
            )
            changes = find_changes(before, after)
            for account in "abcd":
                [was, will] = [
                    sum(each.balance for each in items if each.account == account)
                    for items in (before, after)
                ]
                found = [one for one in changes if one[:2] == ("account", account)]
                self.assertEqual(bool(found), was != will)
                for one in found:
                    self.assertEqual(
                        (one.before, one.after, one.difference), (was, will, will - was)
                    )
            moved = sum(one.difference for one in changes if one.kind == "account")
            self.assertEqual(
                moved, sum(each.balance for each in after) - sum(each.balance for each in before)
            )
            self.assertEqual(add_changes(changes), changes)

    def test_changes_of_several_settlements_add_up(self):
        one = Change("account", "a", Decimal(1), Decimal(3))
        two = Change("account", "a", Decimal(5), Decimal(4))
        grid = Change("grid", "x", Decimal(), Decimal(1))
        self.assertEqual(
            add_changes([grid, one, two]), [Change("account", "a", Decimal(6), Decimal(7)), grid]
        )
