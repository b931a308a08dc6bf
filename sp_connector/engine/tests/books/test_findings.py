"""Findings that are kept: plain JSON, and the same once they are read again."""

import json
import unittest
from datetime import date
from decimal import Decimal

from ...books.findings import KEPT, Finding, Undecided, dump, few, load
from ...books.lines import PlanLine
from ...books.tax_rows import Misfit

WORDS = ("Order", "ItemPrice", "Moon")


def kept(*findings):
    return load(json.loads(json.dumps(dump(findings))))


class TestKept(unittest.TestCase):
    def test_what_is_kept_is_what_was_found(self):
        findings = (
            Finding("no_date"),
            Finding("difference", {"total": Decimal("1.20"), "is_damaged": True}),
            Finding("locked", {"date": date(2026, 1, 31), "locks": ((date(2026, 2, 1), "lock"),)}),
            Finding("archived", {"record": ("account.tax", 7), "categories": ("sales",)}),
            few("undecided", "kinds", [Undecided("sales", 3, "UK", ("net",), Decimal(), WORDS, 2)]),
            few("misfit", "misfits", [Misfit(3, "", (1, 2), Decimal(1), Decimal(2), None)]),
            Finding("nameless", {"amount": Decimal("-0.010"), "marketplace": None}),
        )  # fmt: skip
        self.assertEqual(kept(*findings), findings)

    def test_of_a_line_what_people_read(self):
        line = PlanLine(object(), "unknown", "UK", Decimal("2.00"), words=WORDS, row_count=9)
        (found,) = kept(few("unknown_words", "lines", [line]))
        (read,) = found.values["lines"]
        self.assertEqual((read.words, read.amount, read.key), (WORDS, Decimal("2.00"), None))

    def test_of_many_the_first_and_their_number(self):
        lines = [PlanLine(n, "unknown", "UK", Decimal(n)) for n in range(5000)]
        found = few("unknown_words", "lines", lines)
        self.assertEqual((len(found.values["lines"]), found.values["count"]), (KEPT, 5000))
        self.assertLess(len(json.dumps(dump([found]))), 2000)

    def test_nothing_is_kept_that_could_not_be_read_again(self):
        with self.assertRaisesRegex(TypeError, "object in a finding"):
            dump([Finding("archived", {"record": object()})])
        self.assertEqual((load(None), load(False)), ((), ()))
