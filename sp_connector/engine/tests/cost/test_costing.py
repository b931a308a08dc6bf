"""What goods cost, and why not."""

import unittest
from datetime import date, timedelta
from decimal import Decimal

from ...cost.costing import (
    FREE,
    KEPT,
    LISTED,
    MISSING,
    NAMELESS,
    PRODUCT,
    UNCLEAR,
    Costs,
    Moved,
    Settings,
    sums,
    value,
)
from ...cost.units import FOUND, LOST, REFUNDED, SOLD

JANUARY, MARCH = date(2026, 1, 1), date(2026, 3, 1)
DAY = date(2026, 3, 10)
ALL = Settings(JANUARY, back=Decimal(1), lost=True)


def moved(sku="A", units=1, kind=SOLD, day=DAY, place="UK", **values):
    return Moved(day.replace(day=1), place, kind, sku, day, units, **values)


class TestCosts(unittest.TestCase):
    costs = Costs(
        [("a", None, Decimal("1.00")), ("A", MARCH, Decimal("2.50")), ("F", None, Decimal(0))],
        {"A": Decimal("9"), "P": Decimal("4"), "Z": Decimal(0)},
    )

    def test_the_cost_is_that_of_the_day(self):
        eve = MARCH - timedelta(days=1)
        self.assertEqual(self.costs.find("A", eve), (Decimal("1.00"), LISTED))
        self.assertEqual(self.costs.find("A", MARCH), (Decimal("2.50"), LISTED))

    def test_the_list_comes_before_the_product(self):
        self.assertEqual(self.costs.find("p", DAY), (Decimal(4), PRODUCT))

    def test_a_cost_that_begins_later_does_not_hold_yet(self):
        later = Costs([("A", DAY, Decimal(1))])
        self.assertIsNone(later.find("A", DAY - timedelta(days=1)))

    def test_zero_is_a_cost_where_somebody_said_so_and_no_product_does(self):
        self.assertEqual(self.costs.find("F", DAY), (Decimal(0), LISTED))
        self.assertIsNone(self.costs.find("Z", DAY))


class TestValue(unittest.TestCase):
    costs = Costs([("A", None, Decimal("2.505")), ("F", None, Decimal(0))])

    def goods(self, *found, settings=ALL):
        return value(found, self.costs, settings)

    def why(self, *found, settings=ALL):
        return [(one.why, one.units, one.cost) for one in self.goods(*found, settings=settings)]

    def test_goods_of_one_cost_are_one_and_rounded_once(self):
        (goods,) = self.goods(moved(units=2), moved(units=1, day=DAY + timedelta(days=1)))
        self.assertEqual((goods.units, goods.cost), (3, Decimal("7.52")))

    def test_each_kind_moves_the_cost_its_way(self):
        for kind, cost in ((SOLD, 1), (LOST, 1), (REFUNDED, -1), (FOUND, -1)):
            self.assertEqual(self.goods(moved(kind=kind, units=2))[0].cost, cost * Decimal("5.01"))

    def test_a_share_of_what_is_refunded_comes_back(self):
        half = ALL._replace(back=Decimal("0.5"))
        (goods,) = self.goods(moved(kind=REFUNDED, units=4), settings=half)
        self.assertEqual((goods.units, goods.cost), (4, Decimal("-5.01")))

    def test_what_the_settings_leave_out_is_told_and_costs_nothing(self):
        none = Settings(JANUARY)
        self.assertEqual(self.why(moved(kind=LOST), settings=none), [(KEPT, 1, 0)])
        self.assertEqual(self.why(moved(kind=REFUNDED), settings=none), [(KEPT, 1, 0)])

    def test_missing_free_nameless_and_unclear_are_different(self):
        self.assertEqual(
            self.why(moved("B"), moved("F"), moved(""), moved(is_clear=False)),
            [(MISSING, 1, 0), (FREE, 1, 0), (NAMELESS, 1, 0), (UNCLEAR, 1, 0)],
        )

    def test_rows_before_the_first_day_do_not_count(self):
        self.assertEqual(self.goods(moved(day=date(2025, 12, 31))), ())

    def test_sums_are_by_month_and_marketplace(self):
        goods = self.goods(
            moved(), moved(kind=REFUNDED, units=2), moved(place="DE"), moved("F", place="FR")
        )
        self.assertEqual(
            sums(goods),
            {(MARCH, "UK"): Decimal("-2.50"), (MARCH, "DE"): Decimal("2.51")},
        )
