"""Choices in the account mapping: what they change, and what is to be written."""

import unittest
from datetime import date

from ...books.choices import Choices, Limits
from ...books.mapping import Rule

UK, DE = "uk", "de"
DAY = date(2024, 8, 1)


def rule(category="sales", account="A", **values):
    return Rule(category, account, **{"depth": 2, "key": (category, account), **values})


class TestChoices(unittest.TestCase):
    def test_nothing_chosen_is_nothing_to_write(self):
        choices = Choices([rule(), rule(marketplace=UK, tax_mode="output_included")], 2)
        choices.set_account("sales", "A")
        choices.set_tax("sales", Limits(UK), "output_included")
        self.assertEqual(choices.changes(), [])

    def test_an_account_takes_along_what_had_the_same(self):
        words = ("Order", "", "")
        choices = Choices(
            [rule(), rule(marketplace=UK), rule("sales", "B", marketplace=DE), rule(words=words)], 2
        )
        choices.set_account("sales", "C")
        changed = [(one.marketplace, one.account) for one in choices.changes()]
        self.assertEqual(changed, [(None, "C"), (UK, "C")])
        self.assertEqual(choices.account_of("sales"), "C")
        self.assertEqual(choices.mapping.find_for("sales", marketplace=DE).account, "B")

    def test_a_new_category_starts_undecided_where_it_can_bear_tax(self):
        choices = Choices([], 2)
        choices.set_account("sales", "A")
        choices.set_account("reserve", "B")
        self.assertEqual([one.tax_mode for one in choices.changes()], ["undecided", "none"])
        self.assertEqual({one.key for one in choices.changes()}, {None})

    def test_a_branch_follows_its_company_until_it_chooses_otherwise(self):
        parent = rule(depth=1)
        choices = Choices([parent], 2)
        choices.set_account("sales", "A")
        self.assertEqual(choices.changes(), [])
        choices.set_account("sales", "B")
        self.assertEqual([(one.account, one.depth) for one in choices.changes()], [("B", 2)])

    def test_a_tax_stands_within_its_limits_on_the_account_of_the_category(self):
        choices = Choices([rule()], 2)
        choices.set_tax("sales", Limits(UK, tax_form="withheld"), "marketplace", ("Z",), True)
        choices.set_tax("sales", Limits(UK, date_from=DAY), "none")
        first, second = choices.changes()
        self.assertEqual(
            (first.account, first.tax_form, first.taxes, first.zero_rated),
            ("A", "withheld", ("Z",), True),
        )
        self.assertEqual((second.date_from, second.tax_mode), (DAY, "none"))
        found = choices.mapping.find_for("sales", DAY, marketplace=UK)
        self.assertEqual(found, second)
        self.assertEqual(choices.mapping.find_for("sales", marketplace=UK).key, ("sales", "A"))

    def test_without_an_account_no_tax_is_chosen(self):
        choices = Choices([], 2)
        choices.set_tax("sales", Limits(), "none")
        self.assertEqual(choices.changes(), [])
