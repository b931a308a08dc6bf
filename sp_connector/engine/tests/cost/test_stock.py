"""What goods cost in the plan of the entries, and what holds it."""

import unittest
from datetime import date
from decimal import Decimal

from ...books.mapping import Rule
from ...cost.costing import FREE, MISSING, Goods
from ...cost.stock import Stock
from ...cost.units import SOLD
from ...words.categories import COST, DEPOSIT, INVENTORY
from ..books.test_decide import FEBRUARY, JANUARY, RULES, TWO_MONTHS, codes, line, settle


def goods(cost, sku="A", month=FEBRUARY, place="UK", why=""):
    return Goods(month, place, SOLD, sku, 2, None, "", why, Decimal(cost))


def decide(*found, lines=None, **options):
    stock = Stock(tuple(found), "costs", "stock")
    return settle(*(lines or [line()]), stock=lambda: stock, **options)


def booked(decision):
    return [
        (part.date, [(item.account, item.balance) for item in part.goods])
        for part in decision.plan.parts
    ]


class TestPlan(unittest.TestCase):
    def test_cost_and_inventory_stand_in_the_part_of_their_month(self):
        lines = [line(month=JANUARY, key="1"), line()]
        decision = decide(
            goods("3.00", month=JANUARY), goods("4.00"), lines=lines, calendar=TWO_MONTHS
        )
        self.assertEqual(
            booked(decision),
            [
                (date(2026, 1, 31), [("costs", Decimal(3)), ("stock", Decimal(-3))]),
                (date(2026, 2, 14), [("costs", Decimal(4)), ("stock", Decimal(-4))]),
            ],
        )
        self.assertTrue(decision.plan.proved)

    def test_marketplaces_have_items_of_their_own(self):
        (part,) = decide(goods("3.00"), goods("4.00", place="DE")).plan.parts
        self.assertEqual(
            [(item.category, item.marketplace) for item in part.goods],
            [(COST, "UK"), (INVENTORY, "UK"), (COST, "DE"), (INVENTORY, "DE")],
        )

    def test_the_cost_goes_where_the_sales_are_analysed(self):
        rules = [*RULES, Rule("sales", "income", marketplace="UK", analytic="shop")]
        (part,) = decide(goods("3.00"), rules=rules).plan.parts
        self.assertEqual([item.analytic for item in part.goods], ["shop", None])

    def test_a_month_with_goods_alone_has_an_entry(self):
        decision = decide(goods("3.00", month=JANUARY), calendar=TWO_MONTHS)
        self.assertEqual([day for day, _items in booked(decision)][0], date(2026, 1, 31))
        self.assertEqual(decision.plan.parts[-1].items[-1].category, DEPOSIT)

    def test_of_invoices_they_stand_on_one_that_exists(self):
        decision = decide(goods("3.00", month=JANUARY), calendar=TWO_MONTHS, each_paid=True)
        self.assertEqual([day for day, _items in booked(decision)], [date(2026, 2, 14)])

    def test_goods_without_any_money_are_booked(self):
        lines = [line(amount="0.00", has_amount=False)]
        self.assertFalse(decide(goods("3.00"), lines=lines).is_empty)
        self.assertTrue(decide(goods("0.00", why=FREE), lines=lines).is_empty)


class TestHolds(unittest.TestCase):
    def test_a_sku_without_a_cost_holds_and_nothing_of_the_goods_is_planned(self):
        decision = decide(goods("3.00"), goods("0", sku="B", why=MISSING))
        (found,) = decision.holds
        self.assertEqual(found.code, "no_cost")
        self.assertEqual(found.values, {"skus": (("B", 2),), "count": 1, "units": 2})
        self.assertEqual(booked(decision)[0][1], [])

    def test_what_the_company_lacks_holds(self):
        stock = Stock((), lacks=("cost_by_odoo", "no_cost_account"))
        decision = settle(line(), stock=lambda: stock)
        self.assertEqual(codes(decision.holds), ["no_cost_account", "cost_by_odoo"])

    def test_what_costs_nothing_and_what_is_not_known_yet_is_said(self):
        decision = decide(goods("0", why=FREE))
        self.assertEqual(codes(decision.notes), ["goods_free"])
        later = settle(line(), stock=lambda: Stock(None, "costs", "stock"))
        self.assertEqual(codes(later.notes), ["goods_later"])

    def test_an_archived_account_holds(self):
        decision = decide(
            goods("3.00"), archived=lambda item: [item.account] if item.category == COST else []
        )
        self.assertEqual(decision.holds[0].values, {"record": "costs", "categories": [COST]})

    def test_without_the_option_nothing_is_planned_or_said(self):
        decision = settle(line())
        self.assertEqual(booked(decision)[0][1], [])
        self.assertEqual(decision.notes, ())
