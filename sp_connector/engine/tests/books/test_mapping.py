"""The most specific rule wins."""

import unittest
from datetime import date
from decimal import Decimal

from ...books.lines import PlanLine
from ...books.mapping import Mapping, Rule

WORDS = ("Order", "ItemFees", "Commission")


def line(category="sales", place="UK", **options):
    return PlanLine(1, category, place, Decimal(1), **options)


def find(rules, the_line, day=None):
    rule = Mapping(rules).find(the_line, day)
    return rule and rule.account


class TestMapping(unittest.TestCase):
    def test_none_where_nobody_says(self):
        self.assertIsNone(find([Rule("sales", "1")], line("loan")))
        self.assertIsNone(find([Rule("sales", "1", "DE")], line()))

    def test_each_key_limits_a_rule(self):
        for limits in (
            {"marketplace": "DE"},
            {"words": ("Refund", "", "")},
            {"fulfillment": "MFN"},
            {"tax_form": "net"},
            {"tax_class": "zero"},
            {"date_from": date(2026, 8, 1)},
        ):
            rules = [Rule("sales", "all"), Rule("sales", "one", **limits)]
            self.assertEqual(find(rules, line(words=WORDS), date(2026, 7, 31)), "all", limits)

    def test_more_specific_beats_less(self):
        """In this order: words, tax class, tax form, marketplace, fulfilment, date."""
        the_line = line(words=WORDS, fulfillment="AFN", tax_form="net", tax_class="zero")
        keys = [
            {"words": ("", "", "Commission")},
            {"tax_class": "zero"},
            {"tax_form": "net"},
            {"marketplace": "UK"},
            {"fulfillment": "AFN"},
            {"date_from": date(2026, 1, 1)},
            {},
        ]
        while len(keys) > 1:
            rules = [Rule("sales", str(key), **key) for key in keys]
            for ordered in (rules, rules[::-1]):
                self.assertEqual(find(ordered, the_line, date(2026, 7, 31)), str(keys[0]))
            keys.pop(0)

    def test_words_are_compared_without_case(self):
        self.assertEqual(
            find([Rule("sales", "1", words=("", "itemfees", ""))], line(words=WORDS)), "1"
        )

    def test_the_nearest_company_wins(self):
        rules = [Rule("sales", "parent", "UK"), Rule("sales", "branch", depth=1)]
        self.assertEqual(find(rules, line()), "branch")

    def test_the_newest_that_has_begun_counts(self):
        rules = [Rule("sales", str(year), date_from=date(year, 4, 1)) for year in (2025, 2026)]
        self.assertEqual(find(rules, line(), date(2026, 3, 31)), "2025")
        self.assertEqual(find(rules, line(), date(2026, 4, 1)), "2026")
        self.assertIsNone(find(rules, line(), date(2025, 3, 31)))
