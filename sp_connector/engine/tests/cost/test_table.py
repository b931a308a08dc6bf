"""Costs from a CSV file: read as people write them, and refused line by line."""

import unittest
from datetime import date
from decimal import Decimal

from ...cost.table import COLUMNS, Cost, read_costs

CODES = {
    *("too_large", "not_text", "empty", "unknown_column", "column_twice", "no_column", "too_wide"),
    *("no_sku", "no_cost", "bad_cost", "two_costs", "negative", "zero", "bad_date", "two_dates"),
    "twice",
}


def read(*lines, header="SKU;Valid From;Unit Cost"):
    return read_costs("\n".join((header, *lines)).encode())


class TestReadCosts(unittest.TestCase):
    def faults(self, *lines, **options):
        costs, faults = read(*lines, **options)
        self.assertLessEqual({one.code for one in faults}, CODES)
        return [(one.line, one.code) for one in faults]

    def test_costs_are_read_as_people_write_them(self):
        costs, faults = read(
            "A-1;2026-01-31;2,50", "A-1;01.03.2026;2.75", '"B;2";;1.234,5', "C;31/12/2026;free"
        )
        self.assertEqual(faults, [])
        self.assertEqual(
            costs,
            [
                Cost("A-1", date(2026, 1, 31), Decimal("2.5")),
                Cost("A-1", date(2026, 3, 1), Decimal("2.75")),
                Cost("B;2", None, Decimal("1234.5")),
                Cost("C", date(2026, 12, 31), Decimal(0)),
            ],
        )

    def test_separators_marks_and_character_sets_of_programs(self):
        wanted = [Cost("Käse", None, Decimal("2.5"))]
        for data in (
            "cost,sku\n2.50,Käse".encode("utf-8-sig"),
            "cost\tsku\r\n2,50\tKäse\r\n".encode("cp1252"),
            'SKU,"unit cost"\n\nKäse,"2,50"\n'.encode(),
        ):
            self.assertEqual(read_costs(data), (wanted, []))

    def test_all_that_is_wrong_is_found_at_once_with_its_line(self):
        self.assertEqual(
            self.faults(
                "A;;1.00",
                ";;1.00",
                "B;;",
                "C;;-1",
                "D;;0",
                "E;;1.234",
                "F;;1.23456",
                "G;;abc",
                "H;01/02/2026;1",
                "I;soon;1",
                "a;;2.00",
                "J;;1;2",
            ),
            [
                (3, "no_sku"),
                (4, "no_cost"),
                (5, "negative"),
                (6, "zero"),
                (7, "two_costs"),
                (8, "bad_cost"),
                (9, "bad_cost"),
                (10, "two_dates"),
                (11, "bad_date"),
                (12, "twice"),
                (13, "too_wide"),
            ],
        )

    def test_what_is_wrong_with_the_file(self):
        for data, code in (
            (b"", "no_column"),
            (b"SKU;Cost\n", "empty"),
            (b"SKU\nA\n", "no_column"),
            (b"SKU;Cost;Colour\nA;1;red", "unknown_column"),
            (b"SKU;Cost;Unit Cost\nA;1;1", "column_twice"),
            (b"PK\x03\x04", "not_text"),
            (b"SKU;Cost\nA;1" + b" " * 21 * 2**20, "too_large"),
        ):
            costs, faults = read_costs(data)
            self.assertEqual(([], [(None, code)]), (costs, [(f.line, f.code) for f in faults]))

    def test_a_cell_that_goes_on_on_the_next_line_moves_no_number(self):
        found = self.faults('"A\n1";;', "B;;")
        self.assertEqual(found, [(2, "no_cost"), (4, "no_cost")])

    def test_each_column_is_known_by_one_name(self):
        names = [name for names in COLUMNS.values() for name in names]
        self.assertEqual(len(names), len(set(names)))
