"""Each category's money is of one kind, and balances are none of a statement's."""

import unittest

from ...words.categories import CATEGORIES, KINDS, kind_of


class TestKinds(unittest.TestCase):
    def test_every_category_has_a_kind(self):
        self.assertEqual({kind_of(category) for category in CATEGORIES}, set(KINDS))

    def test_what_amazon_holds_carries_or_lends_is_no_income(self):
        for category in ("reserve", "carried_balance", "card_charge", "loan", "direct_payment"):
            self.assertEqual(kind_of(category), "balances", category)
        self.assertEqual(kind_of("tax_credit"), "taxes")
