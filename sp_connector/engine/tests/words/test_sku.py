"""SKU → tax class."""

import unittest

from ...words.sku import SkuClasses, SkuRule


class TestSkuClasses(unittest.TestCase):
    def test_standard_without_a_rule(self):
        self.assertEqual(SkuClasses().find("A"), "")
        self.assertEqual(SkuClasses([SkuRule("B", "zero")]).find("A"), "")
        self.assertEqual(SkuClasses([SkuRule("*", "zero")]).find(""), "")

    def test_a_whole_sku_beats_a_pattern_and_the_longer_pattern_the_shorter(self):
        classes = SkuClasses(
            [
                SkuRule("BOOK-*", "zero"),
                SkuRule("BOOK-CD-*", "reduced"),
                SkuRule("BOOK-1", "exempt"),
            ]
        )
        self.assertEqual(
            [classes.find(sku) for sku in ("BOOK-2", "book-cd-7", "BOOK-1", "A-BOOK-2")],
            ["zero", "reduced", "exempt", ""],
        )

    def test_a_marketplaces_own_rule_wins(self):
        classes = SkuClasses(
            [SkuRule("B*", "zero"), SkuRule("B*", "reduced", "Amazon.de"),
             SkuRule("X", "zero", "Amazon.de")]
        )  # fmt: skip
        self.assertEqual(classes.find("B1", "Amazon.co.uk"), "zero")
        self.assertEqual(classes.find("B1", "Amazon.de"), "reduced")
        self.assertEqual(classes.find("X", "Amazon.fr"), "")

    def test_signs_in_a_sku_are_no_pattern(self):
        self.assertEqual(SkuClasses([SkuRule("A.C*", "zero")]).find("ABC1"), "")
