"""Amounts in every form of docs/facts/settlement-files.md, "Numbers", and what is refused."""

import unittest
from decimal import Decimal

from ...files.amounts import (
    LIMIT,
    BadAmount,
    ambiguous_mark,
    currency_digits,
    parse_amount,
    read_amount,
    scale,
)
from ...files.rewritten import is_scientific


class TestParse(unittest.TestCase):
    def check(self, expected, *texts, mark=".", digits=2):
        for text in texts:
            with self.subTest(text):
                amount = parse_amount(text, mark, digits)
                self.assertIs(type(amount), Decimal)
                self.assertEqual(amount, Decimal(expected))

    def refuse(self, *texts, mark=".", digits=2):
        for text in texts:
            with self.subTest(text), self.assertRaises(BadAmount):
                parse_amount(text, mark, digits)

    def test_amazons_own_form(self):
        self.check("1234.56", "1234.56")
        self.check("-0.01", "-0.01")
        self.check("5", "5", "5.0", "5.00", "5.", "+5.00", "005.00")
        self.check("0.5", ".5", "0.50")

    def test_blank_is_zero(self):
        self.check("0", "", " ", "\u00a0", "0", "0.00", "-0.00")

    def test_padding_is_trimmed(self):
        self.check("32.09", "32.09    ", " 32.09", "\u00a032.09\u00a0", "\t32.09")

    def test_thousands_marks_of_a_spreadsheet(self):
        self.check("1062.53", "1,062.53", "1 062.53", "1\u00a0062.53", "1\u202f062.53", "1'062.53")
        self.check("1234567.89", "1,234,567.89", "1’234’567.89", "1 234 567.89")

    def test_indian_grouping(self):
        self.check("1234567.89", "12,34,567.89")
        self.check("-112345678", "-11,23,45,678.00")

    def test_decimal_comma(self):
        self.check("1234.56", "1.234,56", "1234,56", "1 234,56", mark=",")
        self.check("-95", "-95,00", "95,00-", "(95,00)", mark=",")
        self.check("1234567", "1.234.567", mark=",")

    def test_negative_in_every_form(self):
        self.check("-55", "-55.00", "(55.00)", "55.00-", "−55.00", "–55.00", "( 55.00 )", "- 55.00")

    def test_currency_signs(self):
        self.check("5", "$5.00", "5.00 $", "£ 5.00", "€5.00", "₹5.00")
        self.check("-5", "-$5.00", "$-5.00", "($5.00)")
        self.check("500", "￥500", "¥500", digits=0)

    def test_two_signs_say_nothing(self):
        self.refuse("--5.00", "(-5.00)", "-(5.00)", "(5.00-)", "-5.00-", "+-5.00", "((5.00))")

    def test_the_other_mark_is_refused_where_it_is_no_thousands_mark(self):
        self.refuse("5,00", "1,23", "1,2345.00", "1.234,56", "1,23,4.00")
        self.refuse("5.00", "1,234.56", mark=",")

    def test_text_is_refused(self):
        self.refuse(
            "x", "5.00 x", "EUR 5", "-", "()", ".", "$", "5 5", "1_000", "0x10", "NaN", "Inf"
        )
        self.refuse("12'34.00", "1,,000.00", "1.2.3", "٣", "１２", "²", "5\x00")

    def test_a_spreadsheets_scientific_form_is_refused_by_name(self):
        for text in ("1e5", "1.2E+3", "-1E-2", "2,47E+10"):
            with self.subTest(text), self.assertRaisesRegex(BadAmount, "spreadsheet"):
                parse_amount(text)

    def test_finer_than_the_currency_is_refused(self):
        self.refuse("5.001", "0.005", "0." + "0" * 60 + "1")
        self.refuse("500.5", digits=0)
        self.check("5", "5.000", "5." + "0" * 60)
        self.check("500", "500.00", "500", digits=0)

    def test_huge_is_refused_and_does_not_break(self):
        """What Odoo's 64-bit floats cannot hold to the cent."""
        self.check(LIMIT - 1, str(LIMIT - 1))
        self.refuse(str(LIMIT), "9" * 14, "9" * 29, "9" * 40, "-" + "9" * 400 + ".99")

    def test_exponent_is_that_of_the_currency(self):
        """Equal amounts have one form, or else fingerprints of a settlement would differ."""
        for text in ("5", "5.0", "5.00", "+5.000"):
            self.assertEqual(str(parse_amount(text)), "5.00")
        self.assertEqual(str(parse_amount("500.00", digits=0)), "500")

    def test_messages_show_the_text(self):
        with self.assertRaisesRegex(BadAmount, "«5,5x»"):
            parse_amount("5,5x", ",")


class TestMarks(unittest.TestCase):
    def check(self, expected, *texts, thousands=None, digits=2):
        for text in texts:
            with self.subTest(text):
                self.assertEqual(read_amount(text, thousands, digits), Decimal(expected))

    def test_one_mark_with_two_digits_behind_has_one_reading(self):
        self.check("1234.56", "1234.56", "1234,56", "1 234,56", "1.234,56", "1,234.56")
        self.check("-5.05", "-5.05", "-5,05", "(5,05)", "5.05-", "-5,05 €")
        self.check("16.70", "16.7", "16,7", "16.70", "16,70")

    def test_a_mark_that_repeats_separates_thousands(self):
        self.check("1234567", "1.234.567", "1,234,567", "12,34,567")

    def test_what_cannot_be_thousands_has_decimals(self):
        self.check("0.50", "0.500", "0,500", ".500")
        self.check("1234.50", "1234.500", "1234,500", "1 234.500", "1,234.500", "01234.500")

    def test_three_digits_behind_the_only_mark_have_two_readings(self):
        for text in ("10.120", "-1,520", "1.234", "(4.300)", "$ 999,999"):
            with self.assertRaisesRegex(BadAmount, "can be read as .* spreadsheet program has"):
                read_amount(text)
            self.assertTrue(ambiguous_mark(text))
        self.check("10.12", "10.120", thousands=frozenset())
        self.check("10120", "10.120", thousands=frozenset("."))
        self.check("10.12", "10,120", thousands=frozenset("."))

    def test_scale_tells_the_mark_of_what_has_two_readings(self):
        self.assertEqual(scale("-10.120"), (".", Decimal("-10.12")))
        self.assertEqual(scale("4,301"), (",", Decimal("4.301")))
        self.assertEqual(scale("4,30"), ("", Decimal("4.30")))


class TestCurrency(unittest.TestCase):
    def test_digits(self):
        self.assertEqual([currency_digits(c) for c in ("JPY", "EUR", "INR", "")], [0, 2, 2, 2])

    def test_scientific(self):
        for text in ("2.47E+10", "2,47E+10", "1e5", "-1E-2"):
            self.assertTrue(is_scientific(text), text)
        for text in ("24702193891", "E10", "1E", "S01E02", "", "12E 3"):
            self.assertFalse(is_scientific(text), text)
