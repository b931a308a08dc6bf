"""Words → category: the shipped rules, spellings, patterns, defaults, a company's own rules."""

import unittest

from ...words import classify
from ...words.categories import CATEGORIES
from ...words.classify import Classifier, Rule, normalise, shipped_rules
from ..helpers import classifier

#: Free text as Amazon puts it in, for ``*`` in a word.
FREE_TEXT = ("Barcode cannot be scanned", "B00ABC123", "", "a - b: c.d (e) for ASIN: *", "x" * 300)


def match(*words):
    return classifier().match(*words)


def own(*rules):
    """A classifier with the shipped rules and some of the company's own."""
    shipped = [rule for rule, _evidence in shipped_rules()]
    return Classifier([Rule(*rule, own=True) for rule in rules] + shipped)


class TestShippedRules(unittest.TestCase):
    def test_every_rule_is_found_by_its_own_words(self):
        for rule, _evidence in shipped_rules():
            for text in FREE_TEXT if any("*" in word for word in rule.words) else ("",):
                words = [word.replace("*", text) for word in rule.words]
                if not any(words):
                    continue
                with self.subTest(rule.key, text=text[:20]):
                    found = match(*words)
                    if rule.is_default and found.level != "default":
                        continue  # a rule that names more stands before a fall-back
                    self.assertEqual(found.category, rule.category)
                    if text.isalnum() or rule.is_literal:
                        self.assertEqual(found.rule.words, rule.words)

    def test_every_rule_is_found_in_other_spellings(self):
        for rule, _evidence in shipped_rules():
            words = [
                word.replace("*", "some text").upper().replace(" ", "_") for word in rule.words
            ]
            self.assertEqual(match(*words).category, rule.category, rule.key)

    def test_no_two_rules_have_the_same_words(self):
        words = [rule.words for rule, _evidence in shipped_rules()]
        self.assertEqual(len(words), len(set(words)))

    def test_rules_that_differ_in_spelling_alone_agree(self):
        found = {}
        for rule, _evidence in shipped_rules():
            key = tuple(map(normalise, rule.words))
            self.assertEqual(found.setdefault(key, rule.category), rule.category, rule.key)

    def test_categories_are_of_the_closed_list(self):
        for rule, _evidence in shipped_rules():
            self.assertIn(rule.category, CATEGORIES)
            self.assertNotEqual(rule.category, "unknown")

    def test_evidence_is_kept(self):
        evidence = [evidence for _rule, evidence in shipped_rules()]
        for name in ("real", "config", "doc", "inferred", "synthetic", "default"):
            self.assertIn(name, evidence)
        self.assertGreater(len(evidence) - evidence.count("default"), 518)


class TestSpelling(unittest.TestCase):
    def test_folds(self):
        for one, other in (
            ("Digital Services Fee", "DigitalServicesFee"),
            ("FBAPerUnitFulfilmentFee", "FBAPerUnitFulfillmentFee"),
            ("Gift Wrap Tax", "GiftWrapTax"),
            ("Shipping tax", "ShippingTax"),
            ("TransactionTotalAmount", "Transaction Total Amount"),
            ("other-transaction", "Other_Transaction"),
            ("WAREHOUSE_LOST", "Warehouse  lost"),
        ):
            self.assertEqual(normalise(one), normalise(other))

    def test_level_says_so(self):
        self.assertEqual(match("Order", "ItemFees", "Commission").level, "exact")
        found = match("ORDER", "Item Fees", "commission")
        self.assertEqual((found.level, found.category), ("spelling", "selling_fees"))
        self.assertEqual(found.words, ("ORDER", "Item Fees", "commission"), "as Amazon wrote it")


class TestMeaning(unittest.TestCase):
    def check(self, category, *words, level=None):
        found = match(*words)
        self.assertEqual(found.category, category, words)
        if level:
            self.assertEqual(found.level, level, words)

    def test_the_description_alone_means_nothing(self):
        self.check("shipping_income", "Order", "ItemPrice", "Shipping")
        self.check("promotions", "Order", "Promotion", "Shipping")
        self.check("sales", "Order", "ItemPrice", "Principal")
        self.check("promotions", "Order", "Promotion", "Principal")
        self.check("refunds", "Refund", "ItemPrice", "Principal")
        self.check("sales_tax", "Order", "ItemPrice", "Tax")

    def test_shipping_chargeback_is_no_card_chargeback(self):
        self.check("fba_fees", "Order", "ItemFees", "ShippingChargeback")

    def test_free_text_is_folded(self):
        found = match("CouponRedemptionFee", "CouponRedemptionFee", "Summer 2026: 12 redemptions")
        self.assertEqual((found.category, found.level), ("advertising", "pattern"))
        self.assertEqual(found.words, ("CouponRedemptionFee", "CouponRedemptionFee", "*"))
        asin = "FBA Customer Returns Fee (Shoes) for ASIN: B00ABC123"
        found = match("FBAFees", asin, "Base fee")
        self.assertEqual(found.category, "fba_fees")
        self.assertEqual(found.words[1], "FBA Customer Returns Fee (*) for ASIN: *")
        self.assertEqual(found.words[2], "Base fee", "what is no free text stays")

    def test_text_that_amazon_cuts_off(self):
        text = "Transfer of funds unsuccessful: We could not transfer funds to your bank acc"
        self.check("failed_transfer", "other-transaction", "other-transaction", text)

    def test_a_period_or_bracket_in_a_rule_is_no_regular_expression(self):
        classifier = Classifier([Rule("A", "x.y (*)", "z", "sales")])
        self.assertEqual(classifier.match("A", "x.y (1)", "z").category, "sales")
        self.assertEqual(classifier.match("A", "xay (1)", "z").category, "unknown")

    def test_defaults_of_a_type(self):
        self.check("fba_fees", "FBAFees", "Brand New Fee", "Base fee", level="default")
        self.check("advertising", "ServiceFee", "Sponsored Advertising", "x", level="default")
        self.check("marketplace_withheld_tax", "Order", "ItemWithheldTax", "New", level="default")
        self.check("promotions", "Order", "Promotion", "New", level="default")
        self.check("sales", "Liquidations Adjustments", "ItemPrice", "New")
        self.check("selling_fees", "Liquidations", "ItemFees", "New")

    def test_unknown_is_an_answer(self):
        for words in (
            ("MoonFees", "Moon Storage", "Base fee"),
            ("Order", "ItemFees", "TeleportFee"),
            ("ServiceFee", "Teleport", "Base fee"),
            ("", "", ""),
        ):
            found = match(*words)
            self.assertEqual(
                (found.category, found.level, found.rule), ("unknown", "unknown", None)
            )
            self.assertEqual(found.words, words)

    def test_v1_words_of_their_own(self):
        self.check("subscription", "Subscription Fee", "V1:other-amount", "")
        self.check("carried_balance", "Payable to Amazon", "V1:other-amount", "")
        self.check("card_charge", "Successful charge", "V1:other-amount", "")
        self.check("bank_verification", "Micro Deposit", "V1:other-amount", "")

    def test_v1_words_through_v2_rules(self):
        self.check("sales", "Order", "V1:price-amount", "Principal")
        self.check("selling_fees", "Order", "V1:item-related-fee-amount", "Commission")
        self.check("promotions", "Order", "V1:promotion-amount", "Shipping")
        self.check("refunds", "Refund", "V1:price-amount", "Principal")
        self.check("reimbursements", "MISSING_FROM_INBOUND", "V1:other-amount", "")
        self.check("unknown", "Order", "V1:price-amount", "Teleport")
        self.check("unknown", "Moon Fee", "V1:other-amount", "")

    def test_v1_words_stay_as_the_file_has_them(self):
        words = ("Order", "V1:item-related-fee-amount", "Commission")
        self.assertEqual(match(*words).words, words)


class TestSpecificity(unittest.TestCase):
    def first(self, *rules):
        """The category of the rule that wins for A/B/C, whatever the order of rules."""
        words = ("A", "Bb", "Ccc")
        found = {Classifier(order).match(*words).category for order in (rules, rules[::-1])}
        self.assertEqual(len(found), 1)
        return found.pop()

    def test_a_literal_rule_beats_a_pattern(self):
        self.assertEqual(
            self.first(Rule("A", "Bb", "Ccc", "sales"), Rule("A", "Bb", "*", "refunds")), "sales"
        )

    def test_more_literal_text_beats_less(self):
        self.assertEqual(
            self.first(Rule("A", "Bb", "C*", "sales"), Rule("A", "B*", "C*", "refunds")), "sales"
        )
        self.assertEqual(
            self.first(Rule("*", "Bb", "Ccc", "sales"), Rule("A", "Bb", "*", "refunds")), "sales"
        )

    def test_own_beats_shipped_for_the_same_words(self):
        rules = (
            Rule("A", "Bb", "Ccc", "sales", own=True),
            Rule("A", "Bb", "Ccc", "refunds"),
        )
        self.assertEqual(self.first(*rules), "sales")

    def test_own_beats_shipped_for_equally_specific_patterns(self):
        rules = (Rule("A", "Bb", "C*", "sales", own=True), Rule("A", "Bb", "*c", "refunds"))
        self.assertEqual(self.first(*rules), "sales")

    def test_own_spelling_beats_shipped_words(self):
        rules = (Rule("a", "BB", "ccc", "sales", own=True), Rule("A", "Bb", "Ccc", "refunds"))
        self.assertEqual(self.first(*rules), "sales")

    def test_a_shipped_literal_rule_beats_an_own_pattern(self):
        """Or else one own rule for a type would take over words that are well known."""
        rules = (Rule("A", "Bb", "*", "sales", own=True), Rule("A", "Bb", "Ccc", "refunds"))
        self.assertEqual(self.first(*rules), "refunds")

    def test_own_rules_among_the_shipped(self):
        classifier = own(
            ("Order", "ItemFees", "Commission", "other"),
            ("MoonFees", "*", "*", "storage_fees"),
        )
        self.assertEqual(classifier.match("Order", "ItemFees", "Commission").category, "other")
        self.assertTrue(classifier.match("Order", "ItemFees", "Commission").rule.own)
        self.assertEqual(classifier.match("MoonFees", "x", "y").category, "storage_fees")
        self.assertEqual(
            classifier.match("Refund", "ItemFees", "Commission").category, "selling_fees"
        )

    def test_own_rule_for_a_v2_word_also_serves_v1(self):
        classifier = own(("Order", "ItemFees", "TeleportFee", "selling_fees"))
        found = classifier.match("Order", "V1:item-related-fee-amount", "TeleportFee")
        self.assertEqual(found.category, "selling_fees")

    def test_a_word_with_a_tab_does_not_slip_into_the_next(self):
        classifier = Classifier([Rule("A", "*", "Ccc", "sales")])
        self.assertEqual(classifier.match("A", "x\ty", "Ccc").category, "sales")
        self.assertEqual(classifier.match("A\tx", "y", "Ccc").category, "unknown")


class TestCache(unittest.TestCase):
    def test_free_text_does_not_grow_the_memory(self):
        made = Classifier([Rule("A", "B", "*", "sales")])
        for number in range(classify._CACHE_SIZE + 10):
            made.match("A", "B", str(number))
        self.assertLessEqual(len(made._cache), classify._CACHE_SIZE)
        self.assertEqual(made.match("A", "B", "0").category, "sales")

    def test_very_long_words_take_no_time(self):
        """Patterns with several * must not try every split of a damaged cell."""
        self.assertEqual(
            match("FBAFees", "fba customer returns fee (" * 2000, "x").level, "default"
        )
        self.assertEqual(match("x" * 100_000, "y" * 100_000, "z" * 100_000).category, "unknown")
