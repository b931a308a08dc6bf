"""What follows from known words: every word of the catalogue in all its other forms.

``words/catalogue.tsv`` holds 518 triples of public files, sellers' programs and Amazon's pages,
``words/field.tsv`` more that sellers met; each with the category that is right.
"""

import csv
import itertools
import random
import unittest

from ...words.categories import CATEGORIES
from ...words.classify import Classifier, Rule, normalise, shipped_rules
from ...words.derive import STEPS
from ..helpers import HERE, classifier

RULES = [rule for rule, _evidence in shipped_rules()]
KNOWN = {tuple(map(normalise, rule.words)) for rule in RULES if rule.is_literal}
INCOME = ("sales", "shipping_income", "giftwrap_income")
REFUNDS = ("Refund", "A-to-z Guarantee Refund")
SUFFIXES = (" - Reversal", " - Correction", " Reversal", " Refund", " Adjustment")
INDIA = ("CGST", "SGST", "IGST", "UTGST")
TAXES = ("GST", "HST", "PST", "QST", "VAT", "IVA", "Tax", "TaxAmount")
COLUMNS = {
    "ItemPrice": "V1:price-amount",
    "ItemTCS": "V1:price-amount",
    "ItemTDS": "V1:price-amount",
    "ItemFees": "V1:item-related-fee-amount",
    "Points": "V1:item-related-fee-amount",
    "Item Fee Adjustment": "V1:item-related-fee-amount",
    "ItemWithheldTax": "V1:item-related-fee-amount",
    "Promotion": "V1:promotion-amount",
    "ShipmentFees": "V1:shipment-fee-amount",
    "DirectPayment": "V1:direct-payment-amount",
}
EVENTS = ("Order", *REFUNDS, "Chargeback Refund")
FAMILIES = ("FBAFees", "AmazonFees")


def read(name):
    """The triples of a file with the category of each."""
    with (HERE / "words" / name).open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        return [(tuple(row[:3]), row[3]) for row in rows]


CATALOGUE = read("catalogue.tsv")
#: Without free text.
TRIPLES = [(words, category) for words, category in CATALOGUE if "*" not in "".join(words)]


def costs():
    """The fees among the triples."""
    fees = {name for name, kind in CATEGORIES.items() if kind == "expense"} - {"chargeback"}
    return [pair for pair in TRIPLES if pair[1] in fees]


def in_event(category, event):
    """The category of a price of an order where it is given back."""
    if category in (*INCOME, "refunds", "chargeback"):
        return "chargeback" if event == "Chargeback Refund" else "refunds"
    return category


class TestKnownWords(unittest.TestCase):
    def test_every_word_of_the_catalogue_has_its_category(self):
        self.assertEqual(len(CATALOGUE), 518)
        for words, category in CATALOGUE:
            words = [word.replace("*", "some text") for word in words]
            self.assertEqual(classifier().match(*words).category, category, words)

    def test_every_word_that_sellers_met_has_its_category(self):
        for words, category in read("field.tsv"):
            self.assertEqual(classifier().match(*words).category, category, words)

    def test_no_fee_falls_to_the_fees_of_fba_unseen(self):
        """A fall-back is used for nothing that the catalogue or a seller names."""
        for words, _category in CATALOGUE + read("field.tsv"):
            if "*" not in "".join(words):
                self.assertNotEqual(classifier().match(*words).level, "default", words)


class Forms(unittest.TestCase):
    """``check``: words mean what is expected, unless a rule names these very words."""

    count = 0

    def check(self, words, category, *why):
        found = classifier().match(*words)
        if tuple(map(normalise, words)) in KNOWN:
            self.assertIn(found.level, ("exact", "spelling"), words)
            return
        self.assertEqual(found.category, category, (words, *why, found))
        self.assertNotEqual(found.level, "exact")
        if found.level == "derived":
            self.assertTrue(found.rule and found.steps, words)
            self.assertLessEqual(set(found.steps), set(STEPS))
        again = classifier().match(*found.words)
        self.assertEqual((again.category, again.words), (category, found.words), "kept and read")
        self.count += 1


class TestForms(Forms):
    def test_v1_names_the_column_where_v2_names_a_type(self):
        for (kind, column, text), category in TRIPLES:
            if column in COLUMNS and text:
                self.check((kind, COLUMNS[column], text), category)
        self.assertGreater(self.count, 150)

    def test_v1_names_an_account_row_by_its_type(self):
        for (kind, column, text), category in TRIPLES:
            if kind in FAMILIES:
                self.check((column, "V1:other-amount", ""), category)
                self.check((column, "V1:item-related-fee-amount", column), category)
                self.check(("", column, text), category)
            elif kind == "other-transaction" and column not in COLUMNS and text != "Tax":
                self.check((text, "V1:other-amount", ""), category)
        self.assertGreater(self.count, 150)

    def test_v2_writes_v1_s_account_rows_as_other_transactions(self):
        for (kind, column, _text), category in TRIPLES:
            if column == "V1:other-amount":
                self.check(("other-transaction", "other-transaction", kind), category)
                self.check(("other-transaction", "", kind), category)
                self.check(("Other", "Other transactions", kind), category)
        self.assertGreater(self.count, 30)

    def test_what_an_order_has_comes_back_on_a_refund(self):
        for (kind, column, text), category in TRIPLES:
            if kind == "Order" and text:
                for event in EVENTS[1:]:
                    self.check((event, column, text), in_event(category, event))
            elif kind == "Refund":
                for event in EVENTS[2:]:
                    self.check((event, column, text), in_event(category, event))
                if category != "refunds":
                    self.check(("Order", column, text), category)
        self.assertGreater(self.count, 300)

    def test_what_was_given_back_may_have_been_any_income(self):
        words = ("Order", "ItemPrice", "FreeReplacementReturnShipping")
        self.assertEqual(classifier().match(*words).category, "unknown")

    def test_a_retrocharge_corrects_tax_alone(self):
        for (kind, column, text), category in TRIPLES:
            if kind == "Order" and column in ("ItemPrice", "ItemWithheldTax"):
                taxes = ("sales_tax", "marketplace_withheld_tax", "tax_credit")
                expected = category if category in taxes else "unknown"
                self.check(("Order_Retrocharge", column, text), expected)
                self.check(("Refund_Retrocharge", column, text), expected)

    def test_what_amazon_withholds_is_that_in_every_column(self):
        kept = ("marketplace_withheld_tax", "tax_credit")
        for (kind, column, text), category in TRIPLES:
            if kind in EVENTS and category in kept:
                for place in (*COLUMNS, *COLUMNS.values()):
                    self.check((kind, place, text), category, column)
        for text in ("TDS (Section 194-Q)", "TCS-GST", "ISR", "Retencion ISR", "Impuesto (ISR)"):
            for place in (*COLUMNS, *COLUMNS.values(), "other-transaction"):
                self.check(("Order", place, text), "tax_credit")

    def test_other_spellings(self):
        for words, category in TRIPLES:
            for fold in (str.upper, str.lower, lambda word: word.replace(" ", "  ")):
                found = classifier().match(*map(fold, words))
                self.assertEqual(found.category, category, words)


class TestSuffixes(Forms):
    def test_of_the_transaction_type(self):
        for (kind, column, text), category in TRIPLES:
            for suffix in SUFFIXES:
                given_back = suffix == " Refund" and kind in EVENTS
                if kind and not given_back:
                    self.check((kind + suffix, column, text), category)
        self.assertGreater(self.count, 1500)

    def test_of_the_description(self):
        for (kind, column, text), category in TRIPLES:
            if not text:
                continue
            for suffix in SUFFIXES:
                refund = suffix == " Refund" and column in ("ItemPrice", "V1:price-amount")
                expected = in_event(category, kind) if refund else category
                self.check((kind, column, text + suffix), expected)
        self.assertGreater(self.count, 1500)

    def test_of_the_name_of_a_fee(self):
        for (kind, column, text), category in TRIPLES:
            for suffix in SUFFIXES:
                if kind in FAMILIES:
                    self.check((kind, column + suffix, text), category)
                    self.check((column + suffix, "V1:other-amount", ""), category)
        self.assertGreater(self.count, 300)

    def test_a_reserve_s_correction_belongs_to_the_end_too(self):
        words = ("other-transaction", "other-transaction", "Current Reserve Amount - Correction")
        self.assertTrue(classifier().match(*words).at_period_end)

    def test_both_at_once(self):
        for (kind, column, text), category in costs():
            if kind == "other-transaction" and text:
                words = (f"{kind} - Reversal", column, f"{text} - Correction")
                self.check(words, category)


class TestTaxParts(Forms):
    def test_of_a_fee_belong_to_the_fee_and_india_s_are_input_credit(self):
        for (kind, column, text), category in costs():
            if not text or normalise(text).endswith(("tax", "taxamount")):
                continue
            for tax in TAXES:
                self.check((kind, column, f"{text} {tax}"), category)
                self.check((kind, column, f"{text}{tax}"), category)
            for tax in INDIA:
                for form in (
                    f"{text} {tax}",
                    f"{text}{tax}",
                    f"{text} - {tax}",
                    f"{tax} on {text}",
                ):
                    self.check((kind, column, form), "tax_credit")
        self.assertGreater(self.count, 3000)

    def test_of_what_v2_calls_tax_on_fee(self):
        for (kind, column, _text), category in costs():
            if kind in FAMILIES:
                for tax in TAXES:
                    for form in (tax, f"{tax} on fee", f"Tax on fee {tax}", f"Tax on fee ({tax})"):
                        self.check((kind, column, form), category)
                for tax in INDIA:
                    for form in (tax, f"{tax} on fee", f"Tax on fee {tax}", f"Tax on fee - {tax}"):
                        self.check((kind, column, form), "tax_credit")
        self.assertGreater(self.count, 1500)

    def test_on_a_refund_and_in_v1(self):
        for (kind, column, text), _category in costs():
            if kind == "Order" and column == "ItemFees" and not text.endswith(INDIA):
                for tax in INDIA:
                    for event in EVENTS[1:]:
                        self.check((event, column, f"{text} {tax}"), "tax_credit")
                    words = ("Refund", "V1:item-related-fee-amount", f"{text} {tax}")
                    self.check(words, "tax_credit")
                    words = ("Fulfillment Fee Refund", "Item Fee Adjustment", f"{text} {tax}")
                    self.check(words, "tax_credit")

    def test_of_a_price_are_the_buyer_s(self):
        for (kind, column, text), category in TRIPLES:
            if column == "ItemPrice" and kind in EVENTS and category in (*INCOME, "refunds"):
                for tax in ("Tax", " VAT", " IGST"):
                    self.check((kind, column, text + tax), "sales_tax")

    def test_a_fee_nobody_knows_has_input_credit_and_is_unknown_itself(self):
        for column in ("ItemFees", "V1:item-related-fee-amount"):
            self.check(("Order", column, "Teleport Fee"), "unknown")
            self.check(("Order", column, "Teleport Fee IGST"), "tax_credit")

    def test_of_what_is_no_fee_stays_unknown(self):
        self.check(("other-transaction", "FBA Inventory Reimbursement", "IGST"), "reimbursements")
        self.check(("other-transaction", "other-transaction", "WAREHOUSE_LOST IGST"), "unknown")
        self.check(("other-transaction", "other-transaction", "Some Credit CGST"), "unknown")


class TestFreeText(Forms):
    def test_behind_a_fee_s_name(self):
        texts = ("for ASIN: B00ABC1234", "(Shoes) for ASIN: B00ABC1234 (2026-08)", "B00ABC1234",
                 "- (Period 01.07.2024 - 31.12.2024)", "(2026-08)")  # fmt: skip
        for (kind, column, text), category in costs():
            if kind in FAMILIES:
                for tail in texts:
                    self.check((kind, f"{column} {tail}", text), category)
        lines = {
            classifier()
            .match("FBAFees", f"Brand New Fee for ASIN: B00ABC{n:04d}", "Base fee")
            .words
            for n in range(50)
        }
        self.assertEqual(len(lines), 1, "not as many lines as products")


class TestNothingIsGuessed(unittest.TestCase):
    def match(self, words, *rules):
        return Classifier([Rule(*rule) for rule in rules]).match(*words)

    def test_where_rules_disagree_the_word_is_unknown(self):
        rules = (
            ("Order", "ItemFees", "MoonFee", "selling_fees"),
            ("Refund", "ItemFees", "MoonFee", "fba_fees"),
        )
        words = ("Chargeback Refund", "ItemFees", "MoonFee")
        for order in (rules, rules[::-1]):
            self.assertEqual(self.match(words, *order).category, "unknown")
        self.assertEqual(self.match(words, rules[0]).category, "selling_fees")

    def test_nor_does_a_fall_back_decide_then(self):
        rules = (
            ("other-transaction", "other-transaction", "Moon Fee", "selling_fees"),
            ("ServiceFee", "other-transaction", "Moon Fee", "storage_fees"),
            ("FBAFees", "*", "*", "fba_fees", False, True),
        )
        self.assertEqual(self.match(("FBAFees", "Moon Fee", "Base fee"), *rules).level, "unknown")

    def test_nothing_follows_from_a_fall_back(self):
        rule = ("FBAFees", "*", "*", "fba_fees", False, True)
        self.assertEqual(self.match(("Moon Fee", "V1:other-amount", ""), rule).level, "unknown")

    def test_a_named_type_s_description_is_no_other_s(self):
        rule = ("Income Tax Charged", "other-transaction", "MiscAdjustment", "tax_credit")
        words = ("other-transaction", "other-transaction", "MiscAdjustment")
        self.assertEqual(self.match(words, rule).category, "unknown")

    def test_a_price_of_nothing_that_happened(self):
        words = ("Moon Landing", "ItemPrice", "Principal")
        self.assertEqual(classifier().match(*words).category, "unknown")

    def test_an_own_rule_passes_on_its_meaning_before_shipped_ones(self):
        own = Rule("Order", "ItemFees", "Commission", "advertising", own=True)
        found = Classifier([own, *RULES]).match(
            "A-to-z Guarantee Refund", "ItemFees", "CommissionX"
        )
        self.assertEqual(found.category, "unknown")
        found = Classifier([own, *RULES]).match("TBYB Refund", "ItemFees", "Commission")
        self.assertEqual((found.category, found.rule), ("advertising", own))


class TestExactRulesStand(unittest.TestCase):
    def test_no_derivation_overrides_a_rule(self):
        for rule in RULES:
            if rule.is_literal:
                found = classifier().match(*rule.words)
                self.assertEqual((found.rule, found.level, found.steps), (rule, "exact", ()))

    def test_whatever_own_rules_a_company_makes(self):
        """Drawn rules for words of all forms: each one is what its very words mean."""
        draw = random.Random(20261128)
        words = [rule.words for rule in RULES if rule.is_literal]
        types, columns, texts = (sorted(set(column)) for column in zip(*words, strict=True))
        extras = itertools.product(
            ("Fee", "Commission", "Storage Fee", "Tax"), (*INDIA, *TAXES, "")
        )
        texts += [" ".join(pair) for pair in extras] + [text + " - Reversal" for text in texts[:40]]
        types += [kind + " - Correction" for kind in types]
        categories = [name for name in CATEGORIES if name != "unknown"]
        for _round in range(10):
            rules = {}
            for _number in range(60):
                triple = (draw.choice(types), draw.choice(columns), draw.choice(texts))
                rules[tuple(map(normalise, triple))] = Rule(
                    *triple, draw.choice(categories), own=True
                )
            made = Classifier([*RULES, *rules.values()])
            for rule in rules.values():
                found = made.match(*rule.words)
                self.assertEqual((found.rule, found.level), (rule, "exact"))
            for rule in RULES:
                if rule.is_literal and tuple(map(normalise, rule.words)) not in rules:
                    self.assertEqual(made.match(*rule.words).rule.words, rule.words)
