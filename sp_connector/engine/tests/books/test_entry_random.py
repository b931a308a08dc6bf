"""Thousands of settlements and mappings that nobody thought of: each plan proves itself.

A fixed seed makes every run the same; ``SP_CONNECTOR_FUZZ=100000`` plans more of them.
"""

import os
import random
import unittest
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from ...books.entry import plan_entries
from ...books.lines import PlanLine
from ...books.mapping import Mapping, Rule
from ...books.periods import Calendar
from ...books.tax_rows import treatment
from ...words.categories import CATEGORIES, DEPOSIT, ROLLOVER

COUNT = int(os.environ.get("SP_CONNECTOR_FUZZ", "3000"))
SEED = 20260418
PLACES = (None, "UK", "DE", "AU")
PRICES = {
    ("Order", "ItemPrice", "Principal"): "sales",
    ("Order", "ItemPrice", "Shipping"): "shipping_income",
    ("Order", "Promotion", "Principal"): "promotions",
    ("Refund", "ItemPrice", "Principal"): "refunds",
    ("Liquidations", "ItemPrice", "Principal"): "sales",
}
OTHERS = {
    ("Order", "ItemFees", "Commission"): "selling_fees",
    ("ServiceFee", "Cost of Advertising", "TransactionTotalAmount"): "advertising",
    ("other-transaction", "other-transaction", "Micro Deposit"): "bank_verification",
}
AT_END = {("other-transaction", "other-transaction", "Current Reserve Amount"): "reserve"}
#: What identifies taxes → their rates in per cent; two at once as in Québec.
RATES = {("0",): 0, ("5",): 5, ("7",): 7, ("19",): 19, ("20",): 20, ("5", "9.975"): "14.975"}


class Given(NamedTuple):
    total: Decimal
    lines: list
    mapping: Mapping
    calendar: Calendar
    unit: Decimal
    each_paid: bool

    def plan(self):
        """The plan of this settlement with taxes as the tests compute them."""
        return plan_entries(
            self.total,
            self.lines,
            self.mapping,
            calendar=self.calendar,
            marketplace="UK",
            tax_on=self.tax_on,
            unit=self.unit,
            each_paid=self.each_paid,
        )

    def tax_on(self, taxes, amount):
        """Each tax by itself, rounded, as tax authorities ask."""
        return sum(
            (amount * Decimal(tax) / 100 / self.unit).quantize(Decimal(1), ROUND_HALF_UP)
            * self.unit
            for tax in taxes
        )


# === WHAT IS GIVEN === #


def any_calendar(chance):
    """A period of one day to five months; sometimes of the deposit's day, or not split."""
    start = date(2025, 10, 1) + timedelta(days=chance.randrange(200))
    end = start + timedelta(days=chance.choice((0, 7, 14, 14, 40, 75, 140)))
    last = end + timedelta(days=chance.choice((0, 0, 2, 20)))
    return Calendar(chance.choice((start, start, None)), end, last, chance.random() < 0.9)


def any_amount(chance, unit):
    """Tiny, usual and large amounts of both signs, and nothing."""
    size = chance.choice((1, 2, 3, 100, 5000, 99999, 10**9))
    return chance.choice((1, 1, 1, -1, 0)) * chance.randint(1, size) * unit


def any_mapping(chance):
    """General rules for everything, and some for a place, form, class, word or date."""
    rules = [Rule(category, f"A{chance.randrange(9)}") for category in (DEPOSIT, ROLLOVER)]
    for category in {**CATEGORIES, "other": 1}:
        if category == "unknown":
            continue
        for number in range(chance.choice((1, 1, 1, 2, 3, 5))):
            limits = {}
            if number:
                limits = {
                    "marketplace": chance.choice(PLACES),
                    "tax_form": chance.choice(("", "net", "withheld", "gross")),
                    "tax_class": chance.choice(("", "zero")),
                    "date_from": chance.choice((None, None, date(2026, 1, 1))),
                }
            mode = "none"
            if category in PRICES.values():
                mode = chance.choice(("none", "output_included", "output_on_net", "marketplace"))
            elif category in OTHERS.values():
                mode = chance.choice(("none", "input_included", "reverse_charge"))
            taxes = chance.choice(list(RATES)) if mode != "none" else ()
            account = f"A{chance.randrange(9)}"
            label = chance.choice(("", "", "Goods"))
            rules.append(Rule(category, account, **limits, tax_mode=mode, taxes=taxes, label=label))
    return Mapping(rules)


def any_settlement(chance):
    """A valid settlement: Amazon's rows add up, and its tax rows fit the taxes mapped."""
    unit = Decimal(chance.choice(("1", "0.01", "0.01", "0.001")))
    calendar, mapping = any_calendar(chance), any_mapping(chance)
    given = Given(Decimal(0), [], mapping, calendar, unit, chance.random() < 0.25)
    lines, nets = {}, defaultdict(list)
    for _number in range(chance.randrange(12)):
        words, category = chance.choice([*PRICES.items(), *OTHERS.items(), *AT_END.items()])
        month = None
        if words not in AT_END:
            first = calendar.date_start or calendar.date_end
            month = (first + timedelta(days=chance.randint(-40, 160))).replace(day=1)
        form = "none"
        if category in PRICES.values():
            form = chance.choice(("gross", "net", "net", "zero", "withheld"))
        key = (
            *(category, chance.choice(PLACES), month, words, chance.choice(("AFN", "MFN")), form),
            chance.choice(("", "", "zero")),
        )
        lines[key] = lines.get(key, Decimal(0)) + any_amount(chance, unit)
        if chance.random() < 0.2:  # what takes it back, in other words
            words = chance.choice([words for words in PRICES if PRICES[words] == "sales"])
            back = ("sales", *key[1:3], words, *key[4:]) if category == "sales" else key
            lines[back] = lines.get(back, Decimal(0)) - lines[key]
    made = [_line(number, key, amount) for number, (key, amount) in enumerate(lines.items())]
    for line in made:
        if line.tax_form == "net" and line.amount:
            rule = mapping.find(line, calendar.rule_day(line.month))
            if treatment(rule, "net") == "beside":
                nets[(line.month, line.marketplace, line.words[:2], *line[6:9])].append(
                    given.tax_on(rule.taxes, line.amount)
                )
    for (month, place, words, fulfillment, form, tax_class), taxes in nets.items():
        amount = sum(taxes) + chance.choice((0, 0, 1, -1)) * unit
        key = ("sales_tax", place, month, (*words, "Tax"), fulfillment, form, tax_class)
        made.append(_line(len(made), key, amount))
    rest = sum((line.amount for line in made), Decimal(0))
    if chance.random() < 0.2:  # nothing is paid, in the last month or long before
        month = chance.choice([None, *(line.month for line in made)])
        key = ("reserve", None, month, next(iter(AT_END)), "", "none", "")
        made.append(_line(len(made), key, -rest))
        rest = Decimal(0)
    chance.shuffle(made)
    return given._replace(total=rest, lines=made)


def _line(number, key, amount):
    category, place, month, words, fulfillment, form, tax_class = key
    return PlanLine(number, category, place, amount, month, words, fulfillment, form, tax_class)


# === WHAT MUST HOLD === #


class TestAnyPlan(unittest.TestCase):
    def test_any_valid_settlement_is_planned_and_proved(self):
        for number in range(COUNT):
            given = any_settlement(random.Random(f"{SEED}.{number}"))
            with self.subTest(number=number):
                plan = given.plan()
                self.check_proof(given, plan)
                self.check_lines(given, plan)
                self.check_carried(given, plan)
                self.assertEqual(plan, given.plan())

    def check_proof(self, given, plan):
        self.assertEqual((plan.missing, plan.misfits), ((), ()))
        self.assertTrue(plan.proved)
        self.assertEqual(plan.amount_entry, given.total)
        for part in plan.parts:
            self.assertEqual(sum(item.balance + item.tax_balance for item in part.items), 0)
        days = [part.date for part in plan.parts]
        self.assertEqual(days, sorted(set(days)))

    def check_lines(self, given, plan):
        """Each line is in one item, that of its rule and day; what is in none cancels."""
        lines, places = {line.key: line for line in given.lines}, Counter()
        for part in plan.parts:
            for item in part.items:
                places.update(item.line_keys + item.tax_keys)
                for key in item.line_keys:
                    line = lines[key]
                    self.assertEqual(given.calendar.part_date(line.month), part.date)
                    day = given.calendar.rule_day(line.month)
                    rule = given.mapping.find_in_settlement(line, day, "UK")
                    self.assertEqual(plan.choices[line.key].rule, rule)
                    self.assertEqual((rule.account, rule.label), (item.account, item.label))
                    self.assertEqual(treatment(rule, line.tax_form), item.tax)
                if item.line_keys:
                    own = sum(lines[key].amount for key in item.line_keys)
                    self.assertEqual(item.balance, -own)
            taxes = [lines[key].amount for item in part.items for key in item.tax_keys]
            self.assertEqual(sum(item.tax_balance for item in part.items), -sum(taxes))
        self.assertEqual(max(places.values(), default=1), 1)
        left = [line for line in given.lines if line.amount and not places[line.key]]
        self.assertEqual(sum(line.amount for line in left), 0)

    def check_carried(self, given, plan):
        """The last part pays out and clears what earlier parts carried; invoices carry nothing."""
        carried = [
            [item.balance for item in part.items if item.category == ROLLOVER]
            for part in plan.parts
        ]
        paid = [
            [item.balance for item in part.items if item.category == DEPOSIT] for part in plan.parts
        ]
        if given.each_paid:
            self.assertFalse(any(carried))
            self.assertEqual(paid, [[part.amount] if part.amount else [] for part in plan.parts])
        elif plan.parts:
            self.assertFalse(any(paid[:-1]))
            self.assertEqual(paid[-1], [given.total] if given.total else [])
            earlier = [balance for balances in carried[:-1] for balance in balances]
            self.assertEqual(carried[-1], [-balance for balance in earlier])
