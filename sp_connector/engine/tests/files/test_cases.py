"""Files as people and their tools bring them (``cases/``): what is read, held and refused."""

import unittest
from decimal import Decimal

from ..helpers import CASES, codes, read, settlements

UK_TOTAL = Decimal("41.20")
REWRITTEN = "spreadsheet program has rewritten"


def case(name):
    """The bytes of a case."""
    return (CASES / name).read_bytes()


def texts(settlement):
    """Everything that is said against a settlement, with line numbers."""
    return [*map(str, settlement.problems), *map(str, settlement.bad_rows)]


class TestCases(unittest.TestCase):
    def one(self, name):
        (settlement,) = settlements(case(name)).values()
        return settlement

    def proved(self, name, total):
        settlement = self.one(name)
        self.assertEqual(texts(settlement), [])
        self.assertEqual(settlement.header.amount_total, Decimal(total))
        self.assertTrue(settlement.proved)

    def rewritten(self, name, start):
        settlement = self.one(name)
        self.assertFalse(settlement.proved)
        self.assertTrue(texts(settlement)[0].startswith(start), texts(settlement)[0])
        self.assertIn(REWRITTEN, texts(settlement)[0])

    def test_genuine(self):
        self.proved("id_genuine.txt", UK_TOTAL)

    def test_a_rewritten_settlement_id_is_refused(self):
        for name, text in (("id_float.csv", "99000000911.0"), ("id_formula.csv", '="99000000911"')):
            report = read(case(name))
            self.assertEqual(codes(report.problems), ["spreadsheet"])
            self.assertFalse(report.headers)
            self.assertIn(f"«{text}»", str(report.problems[0]))
            self.assertTrue(str(report.problems[0]).startswith("line 2: "))
            self.assertIn(REWRITTEN, str(report.problems[0]))

    def test_three_decimals_are_not_thousands(self):
        settlement = self.one("decimals_three.txt")
        self.assertFalse(settlement.proved)
        self.assertIsNone(settlement.header.amount_total)
        self.assertEqual(settlement.amount_rows, 0)
        self.assertIn("«41.200» can be read as 41.200 and as 41200", texts(settlement)[0])

    def test_each_amount_is_read_by_its_own_mark(self):
        self.proved("marks_row_point.txt", "14.94")
        self.proved("marks_total_comma.txt", "14.94")

    def test_each_settlement_has_its_own_mark(self):
        found = settlements(case("marks_two_settlements.txt")).values()
        self.assertTrue(all(settlement.proved for settlement in found))
        totals = [settlement.header.amount_total for settlement in found]
        self.assertEqual(totals, [UK_TOTAL, Decimal("14.94")])

    def test_a_header_or_summary_line_again_is_proved(self):
        self.proved("header_again.txt", UK_TOTAL)
        self.proved("summary_again.txt", UK_TOTAL)

    def test_spreadsheet_damage_is_named_with_its_first_cell(self):
        self.rewritten("excel_item_codes.txt", "line 3: order-item-code reads «3.10E+13»: ")
        self.rewritten("excel_serial_dates.txt", "line 2: settlement-start-date: «46237» ")
        self.rewritten("excel_half_days.txt", "line 3: posted-date-time: «8/6/2026 9:15:00 AM» ")
        self.rewritten("float_noise.txt", "line 4: amount: «-12.240000000000002» has more than 2")

    def test_a_totals_line_with_a_label_is_left_out_and_named(self):
        for name, lines in (("totals_row_label.txt", [7]), ("totals_row_subtotal.txt", [7, 8])):
            report = read(case(name))
            self.assertEqual([note.line for note in report.notes], lines)
            self.assertIn("totals line", report.notes[0].text)
            self.proved(name, UK_TOTAL)

    def test_a_totals_line_without_a_label_holds_and_is_named(self):
        """It may be a row that lost its settlement id."""
        settlement = self.one("totals_row_blank.txt")
        self.assertEqual((codes(settlement.bad_rows), settlement.difference), (["totals_line"], 0))
        self.assertIn("totals line", texts(settlement)[0])

    def test_no_money_is_said(self):
        for name in ("no_money_zero_row.txt", "no_money_no_row.txt"):
            self.assertTrue(self.one(name).is_empty)
        self.assertFalse(self.one("id_genuine.txt").is_empty)
