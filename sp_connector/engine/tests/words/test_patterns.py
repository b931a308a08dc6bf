"""Words with stars: the same answers as a regular expression, in one pass."""

import random
import re
import unittest

from ...words.classify import Classifier, Rule
from ...words.patterns import Pattern
from ...words.sku import SkuClasses, SkuRule


class TestPattern(unittest.TestCase):
    def test_the_same_as_a_regular_expression(self):
        draw = random.Random(20261128)
        for _number in range(20_000):
            pattern = "".join(draw.choices("ab*", k=draw.randrange(9)))
            word = "".join(draw.choices("ab", k=draw.randrange(12)))
            regex = ".*".join(map(re.escape, pattern.split("*")))
            expected = bool(re.fullmatch(regex, word, re.DOTALL))
            self.assertEqual(Pattern(pattern).matches(word), expected, (pattern, word))

    def test_head_and_tail_do_not_overlap(self):
        self.assertFalse(Pattern("aba*ba").matches("aba"))
        self.assertTrue(Pattern("aba*ba").matches("ababa"))

    def test_any_text_has_line_breaks_and_signs(self):
        self.assertTrue(Pattern("a*(b)").matches("a\n.*(b)"))
        self.assertFalse(Pattern("a.c*").matches("abc"))


class TestHostilePatterns(unittest.TestCase):
    """A pattern with many stars took minutes on one word; nothing here is measured in time: with
    backtracking these tests do not end."""

    PATTERN = "*" + "a*" * 30 + "b"
    WORD = "a" * 5000

    def test_of_a_company_s_rule(self):
        made = Classifier([Rule("Order", "ItemFees", self.PATTERN, "sales", own=True)])
        self.assertEqual(made.match("Order", "ItemFees", self.WORD).category, "unknown")
        self.assertEqual(made.match("Order", "ItemFees", self.WORD + "b").category, "sales")

    def test_of_a_company_s_sku_rule(self):
        classes = SkuClasses([SkuRule(self.PATTERN, "zero")])
        self.assertEqual(classes.find(self.WORD), "")
        self.assertEqual(classes.find(self.WORD.upper() + "B"), "zero")
