"""Planned entries against the ledger: every way in which they can part."""

import random
import unittest
from datetime import date
from decimal import Decimal

from ...books.compare import Entry, Item, compare, fingerprint

DAY, NEXT = date(2026, 4, 30), date(2026, 5, 3)


def item(label, account, amount, **other):
    amount = Decimal(amount)
    return Item(label, account, amount, other.pop("balance", amount), **other)


SALES = item("Sales", "income", -100, taxes=frozenset({"20 %"}), tags=frozenset({"box 6"}))
FEES = item("Fees", "costs", 30, partner="Amazon", analytic="shop")
PAYOUT = item("Payout", "clearing", 70)
PLANNED = Entry(1, DAY, (SALES, FEES, PAYOUT))
POSTED = PLANNED._replace(state="posted")


def mirror(entry, key, **changes):
    items = tuple(one._replace(amount=-one.amount, balance=-one.balance) for one in entry.items)
    return Entry(key, NEXT, items, "posted", entry.key)._replace(**changes)


class TestCompare(unittest.TestCase):
    def assertFinds(self, ledger, status, *kinds, planned=(PLANNED,)):
        """These kinds of differences, and the status, in whatever order the entries come."""
        found = compare(planned, ledger)
        self.assertEqual(found.status, status)
        self.assertEqual(sorted(one.kind for one in found.differences), sorted(kinds))
        again = compare(planned, list(ledger)[::-1])
        self.assertEqual((again.status, again.missing), (found.status, found.missing))
        return found

    # === AS PLANNED === #

    def test_nothing_planned_and_nothing_found(self):
        self.assertFinds([], "none", planned=())

    def test_a_draft_and_a_posted_entry_as_planned(self):
        self.assertFinds([PLANNED], "draft")
        self.assertFinds([POSTED], "posted")

    def test_labels_and_the_order_of_items_are_free(self):
        items = (PAYOUT._replace(label="mine"), FEES, SALES)
        self.assertFinds([POSTED._replace(items=items)], "posted")

    def test_a_fingerprint_is_equal_where_the_same_is_booked(self):
        tags = frozenset({"box 6", "box 7"}), frozenset({"box 7", "box 6"})
        zero = SALES._replace(balance=Decimal("-0.00"), tags=tags[0])
        same = SALES._replace(balance=Decimal("0.00"), tags=tags[1], label="mine")
        entries = [Entry(1, DAY, (zero, FEES)), Entry(2, NEXT, ())]
        found = fingerprint(entries)
        self.assertEqual(fingerprint([entries[1], Entry(1, DAY, (FEES, same))]), found)
        others = [
            Entry(1, NEXT, (zero, FEES)),
            Entry(3, DAY, (zero, FEES)),
            Entry(1, DAY, (zero,)),
            Entry(1, DAY, (zero, FEES, FEES)),
            *(
                Entry(1, DAY, (zero, FEES._replace(**{field: "other"})))
                for field in Item._fields[1:]
            ),
        ]
        prints = {fingerprint([other, entries[1]]) for other in others}
        self.assertEqual(len(prints | {found}), len(others) + 1)

    # === EDITED === #

    def test_each_field_of_an_item_is_compared(self):
        changes = {
            "account": "other",
            "amount": Decimal("-100.01"),
            "balance": Decimal("-100.01"),
            "currency": "EUR",
            "taxes": frozenset(),
            "tags": frozenset({"box 7"}),
            "repartition": "20 % of tax",
            "partner": "somebody",
            "analytic": "office",
        }
        self.assertEqual(set(changes), set(Item._fields) - {"label"})
        for field, value in changes.items():
            with self.subTest(field):
                edited = (SALES._replace(**{field: value}), FEES, PAYOUT)
                for state, status in (("posted", "changed"), ("draft", "draft")):
                    entry = PLANNED._replace(items=edited, state=state)
                    (told,) = self.assertFinds([entry], status, "item").differences
                    self.assertEqual((told.field, told.planned.label), (field, "Sales"))
                    self.assertEqual(getattr(told.found, field), value)

    def test_another_date(self):
        self.assertFinds([POSTED._replace(day=NEXT)], "changed", "date")
        self.assertFinds([PLANNED._replace(day=NEXT)], "draft", "date")

    def test_an_amount_moved_between_items_and_back_in_sum(self):
        moved = (
            SALES._replace(amount=Decimal(-110), balance=Decimal(-110)),
            FEES._replace(amount=Decimal(40), balance=Decimal(40)),
            PAYOUT,
        )
        self.assertFinds([POSTED._replace(items=moved)], "changed", *["item"] * 4)

    def test_an_item_less_and_items_more(self):
        self.assertFinds([POSTED._replace(items=(SALES, PAYOUT))], "changed", "lacks")
        more = (item("Rounding", "x", 5), item("Rounding", "y", -5))
        self.assertFinds([POSTED._replace(items=POSTED.items + more)], "changed", "more", "more")

    def test_an_item_twice_is_one_more(self):
        found = self.assertFinds([POSTED._replace(items=(*POSTED.items, FEES))], "changed", "more")
        self.assertEqual(found.differences[0].found, FEES)

    def test_what_has_no_label_is_told_by_its_account(self):
        odd = FEES._replace(label="", amount=Decimal(31))
        entry = POSTED._replace(items=(SALES, odd, PAYOUT))
        (told,) = self.assertFinds([entry], "changed", "item").differences
        self.assertEqual((told.planned, told.found), (FEES, odd))

    # === MISSING === #

    def test_an_entry_that_is_gone(self):
        for ledger, kind in (
            ([], "deleted"),
            ([PLANNED._replace(state="cancel")], "cancelled"),
            ([POSTED, mirror(POSTED, 2)], "reversed"),
        ):
            with self.subTest(kind):
                found = self.assertFinds(ledger, "changed", kind)
                self.assertEqual(found.missing, (PLANNED,))
                self.assertFalse(found.edited)

    def test_a_part_that_is_gone_or_a_draft(self):
        second = Entry(5, NEXT, (SALES, PAYOUT, FEES))
        both = (PLANNED, second)
        self.assertFinds([POSTED], "partly", "deleted", planned=both)
        self.assertFinds([POSTED, second._replace(state="cancel")], "partly", "cancelled",
                         planned=both)  # fmt: skip
        self.assertFinds([POSTED, second], "partly", "unposted", planned=both)
        self.assertFinds([PLANNED], "draft", "deleted", planned=both)
        self.assertFinds([POSTED, second._replace(state="posted")], "posted", planned=both)

    # === REVERSED === #

    def test_the_reversal_of_a_reversal_puts_the_entry_back(self):
        back = mirror(POSTED, 2)
        self.assertFinds([POSTED, back, mirror(back, 3)], "posted")
        self.assertFinds([POSTED, back, mirror(back, 3), mirror(POSTED, 4)], "changed", "reversed")

    def test_a_reversal_that_is_a_draft_or_cancelled_is_not_in_the_ledger(self):
        for state in ("draft", "cancel"):
            self.assertFinds([POSTED, mirror(POSTED, 2, state=state)], "posted")

    def test_an_edited_reversal_takes_nothing_back(self):
        half = mirror(POSTED, 2, items=(item("Sales", "income", 50), item("", "clearing", -50)))
        found = self.assertFinds([POSTED, half], "changed", "other")
        self.assertFalse(found.neutral)

    def test_a_second_reversal_is_an_entry_too_many(self):
        self.assertFinds(
            [POSTED, mirror(POSTED, 2), mirror(POSTED, 3)], "changed", "reversed", "other"
        )

    def test_an_entry_that_nobody_planned(self):
        self.assertFinds([POSTED], "changed", "other", planned=())
        self.assertFinds([POSTED, mirror(POSTED, 2)], "none", planned=())
        self.assertFinds([PLANNED], "none", planned=())  # a draft is in nobody's books

    # === ANY === #

    def test_drawn_changes_are_always_noticed(self):
        """Posted means: what is posted, less what cancels itself, is what was planned."""
        drawn = random.Random(11)
        for _round in range(2000):
            ledger, key = [POSTED], 2
            for _step in range(drawn.randrange(5)):
                entry = drawn.choice(ledger)
                if drawn.random() < 0.6 and entry.state == "posted":
                    ledger.append(mirror(entry, key))
                    key += 1
                else:
                    state = drawn.choice(("posted", "cancel", "draft"))
                    ledger[ledger.index(entry)] = entry._replace(state=state)
            total = sum(
                one.amount
                for entry in ledger
                if entry.state == "posted"
                for one in entry.items
                if one.account == "income"
            )
            found = compare([PLANNED], ledger)
            if found.status == "posted":
                self.assertEqual(total, SALES.amount, ledger)
            if total != SALES.amount:
                self.assertNotEqual(found.status, "posted", ledger)


if __name__ == "__main__":
    unittest.main()
