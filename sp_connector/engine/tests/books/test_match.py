"""Which items of settlements close each other."""

import random
import unittest
from decimal import Decimal

from ...books.match import DEBT, HELD, PAYOUT, RELEASED, TAKEN_UP, OpenItem, find_matches


def items(*rows):
    return [OpenItem(*row[:4], Decimal(row[4])) for row in rows]


class TestReserves(unittest.TestCase):
    def test_a_reserve_is_closed_by_the_next_settlement_of_its_chain(self):
        found = find_matches(
            items(
                (1, "a", HELD, "R", "100"),
                (2, "b", RELEASED, "R", "-100"),
                (3, "b", HELD, "R", "100"),
                (4, "c", RELEASED, "R", "-100"),
            ),
            {"b": "a", "c": "b"},
        )
        self.assertEqual(found, [(2, 1), (4, 3)])

    def test_not_by_a_later_one_while_the_next_is_not_posted(self):
        rows = items((1, "a", HELD, "R", "100"), (4, "c", RELEASED, "R", "-100"))
        before = {"b": "a", "c": "b"}
        self.assertEqual(find_matches(rows, before, {"b": Decimal(5)}), [])

    def test_another_amount_stays_open(self):
        rows = items((1, "a", HELD, "R", "100"), (2, "b", RELEASED, "R", "-90"))
        self.assertEqual(find_matches(rows, {"b": "a"}), [])

    def test_another_account_stays_open(self):
        rows = items((1, "a", HELD, "R", "100"), (2, "b", RELEASED, "S", "-100"))
        self.assertEqual(find_matches(rows, {"b": "a"}), [])

    def test_items_of_both_reserves_together_close_once_they_come_to_nothing(self):
        """Earlier versions booked what is held less what is released as one item."""
        found = find_matches(
            items(
                (1, "a", HELD, "R", "100"),
                (2, "b", RELEASED, "R", "-20"),
                (3, "c", RELEASED, "R", "-80"),
                (4, "c", HELD, "R", "55"),
            ),
            {"b": "a", "c": "b"},
        )
        self.assertEqual(found, [(1, 2, 3)])


class TestTakenUp(unittest.TestCase):
    def test_the_settlement_before_counts_of_equals(self):
        rows = items(
            (1, "a", PAYOUT, "C", "-50"),
            (2, "b", PAYOUT, "C", "-50"),
            (3, "c", TAKEN_UP, "C", "50"),
        )
        self.assertEqual(find_matches(rows, {"c": "b"}), [(3, 2)])
        self.assertEqual(find_matches(rows, {}), [], "nothing says which")

    def test_an_older_one_counts_if_no_other_fits(self):
        rows = items(
            (1, "a", PAYOUT, "C", "70"),
            (2, "b", PAYOUT, "C", "-50"),
            (3, "c", TAKEN_UP, "C", "-70"),
        )
        self.assertEqual(find_matches(rows, {"c": "b", "b": "a"}), [(3, 1)])

    def test_it_waits_for_the_one_that_is_not_posted_yet(self):
        rows = items((1, "a", PAYOUT, "C", "-50"), (3, "c", TAKEN_UP, "C", "50"))
        self.assertEqual(find_matches(rows, {"c": "b"}, {"b": Decimal(-50)}), [])
        self.assertEqual(find_matches(rows, {"c": "b"}, {"b": Decimal(-49)}), [(3, 1)])

    def test_the_invoices_of_two_months_are_one_payout(self):
        rows = items(
            (1, "a", PAYOUT, "D", "100"),
            (2, "a", PAYOUT, "D", "-150"),
            (3, "b", TAKEN_UP, "C", "50"),
        )
        self.assertEqual(find_matches(rows, {"b": "a"}), [(3, 1, 2)])

    def test_a_payout_is_taken_up_once(self):
        rows = items(
            (1, "a", PAYOUT, "C", "-50"),
            (2, "b", TAKEN_UP, "C", "50"),
            (3, "c", TAKEN_UP, "C", "50"),
        )
        self.assertEqual(find_matches(rows, {}), [(2, 1)])

    def test_a_settlement_never_takes_up_itself(self):
        rows = items((1, "a", PAYOUT, "C", "-50"), (2, "a", TAKEN_UP, "C", "50"))
        self.assertEqual(find_matches(rows, {}), [])


class TestDebts(unittest.TestCase):
    def test_what_one_pays_another_receives(self):
        rows = items((1, "a", DEBT, "M", "25"), (2, "b", DEBT, "M", "-25"))
        self.assertEqual(find_matches(rows, {}), [(1, 2)])

    def test_debts_of_several_are_paid_together(self):
        rows = items(
            (1, "be", DEBT, "M", "-10"),
            (2, "es", DEBT, "M", "-15.5"),
            (3, "de", DEBT, "M", "25.5"),
        )
        self.assertEqual(find_matches(rows, {}), [(1, 2, 3)])

    def test_equals_are_left_to_people(self):
        rows = items(
            (1, "a", DEBT, "M", "25"), (2, "b", DEBT, "M", "-25"), (3, "c", DEBT, "M", "-25")
        )
        self.assertEqual(find_matches(rows, {}), [])


class TestAnyItems(unittest.TestCase):
    def test_what_is_matched_comes_to_nothing_and_is_matched_once(self):
        draw = random.Random(11)
        roles = (PAYOUT, HELD, RELEASED, DEBT, TAKEN_UP)
        matched = 0
        for _round in range(3000):
            rows = [
                OpenItem(
                    key,
                    draw.randrange(5),
                    draw.choice(roles),
                    draw.choice("CD"),
                    Decimal(draw.choice((-2, -1, 1, 2))),
                )
                for key in range(draw.randrange(12))
            ]
            before = {later: later - 1 for later in range(1, 5) if draw.random() < 0.7}
            found = find_matches(rows, before)
            keys = [key for group in found for key in group]
            self.assertEqual(len(keys), len(set(keys)))
            for group in found:
                self.assertEqual(sum(rows[key].amount for key in group), 0)
            matched += len(found)
        self.assertGreater(matched, 1000)
