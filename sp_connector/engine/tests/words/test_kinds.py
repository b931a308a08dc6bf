"""Whole kinds of damage, drawn at random (fixed seed): no wrong proof, no second settlement."""

import random
import unittest
from decimal import Decimal
from unittest.mock import patch

from ...lines import summary, sums, survey
from ..helpers import (
    V1_COLUMNS,
    V2_COLUMNS,
    classifier,
    codes,
    head,
    read,
    row,
    settle,
    settlements,
    table,
    v1_row,
)

PRINCIPAL = "Order/ItemPrice/Principal"
REAL = "24702193891"
SEED = 20261128


def point(text):
    """From a decimal point to a comma, and back."""
    return text.translate(str.maketrans(".,", ",."))


#: How tools write an amount; each is right in its own way.
WRITERS = {
    "Amazon": "{:.2f}".format,
    "Amazon, comma": lambda amount: point(f"{amount:.2f}"),
    "three decimals": "{:.3f}".format,
    "three decimals, comma": lambda amount: point(f"{amount:.3f}"),
    "thousands": "{:,.2f}".format,
    "thousands, comma": lambda amount: point(f"{amount:,.2f}"),
    "whole thousands": lambda amount: f"{amount:,.2f}".removesuffix(".00"),
    "whole thousands, comma": lambda amount: point(f"{amount:,.2f}".removesuffix(".00")),
    "general": lambda amount: f"{amount:.2f}".rstrip("0").rstrip("."),
    "four decimals": "{:.4f}".format,
}


class TestAmounts(unittest.TestCase):
    def draw(self, rng, digits):
        """Amounts whose sum, or parts of it, may cancel."""
        unit = Decimal(1).scaleb(-digits)
        pool = [Decimal(rng.choice((1, 120, 1000, 1520, 4300, 100_000, 1_000_000))) * unit, unit]
        drawn = [
            rng.choice([*pool, Decimal(rng.randint(1, 2_000_000)) * unit]) * rng.choice((1, -1))
            for _row in range(rng.randint(1, 5))
        ]
        if rng.random() < 0.3:
            drawn += [-amount for amount in rng.sample(drawn, rng.randint(1, len(drawn)))]
        return drawn + [Decimal(0)] * rng.randint(0, 2)

    def read_back(self, amounts, writers, currency):
        texts = [
            write(amount) for write, amount in zip(writers, [sum(amounts), *amounts], strict=True)
        ]
        rows = [row(PRINCIPAL, text) for text in texts[1:]]
        return texts, settle(table(head(texts[0], currency=currency), *rows))

    def check(self, writers_of, count, proved_at_least):
        rng = random.Random(SEED)
        proved = 0
        for _time in range(count):
            currency = rng.choice(("GBP", "EUR", "JPY"))
            amounts = self.draw(rng, 0 if currency == "JPY" else 2)
            texts, settlement = self.read_back(amounts, writers_of(rng, len(amounts) + 1), currency)
            if settlement.proved:
                proved += 1
                self.assertEqual(settlement.header.amount_total, sum(amounts), texts)
                sums = [abs(line.amount) for line in settlement.lines.values()]
                self.assertEqual(sums, [abs(sum(amounts))], texts)
        self.assertGreater(proved, proved_at_least * count)

    def test_one_way_of_writing_is_never_misread(self):
        names = list(WRITERS.values())
        self.check(lambda rng, count: [rng.choice(names)] * count, 1500, 0.5)

    def test_two_ways_in_one_settlement_are_never_misread(self):
        names = list(WRITERS.values())

        def two(rng, count):
            pair = rng.sample(names, 2)
            return [rng.choice(pair) for _cell in range(count)]

        self.check(two, 1500, 0.3)

    def test_amazons_own_ways_are_always_proved_also_mixed(self):
        ways = [WRITERS["Amazon"], WRITERS["Amazon, comma"]]
        self.check(lambda rng, count: [rng.choice(ways) for _cell in range(count)], 500, 0.99)

    def test_three_decimals_alone_are_never_proved(self):
        """Whatever the total, the sign, the currency, rows of nothing or a single row."""
        for name in ("three decimals", "three decimals, comma"):
            for amounts in (["4.30"], ["10.12", "-5.82"], ["1.00", "2.00"], ["10.12", "-10.12"]):
                for zeros in ([], ["0"], ["0", "0"]):
                    for currency in ("GBP", "EUR", "INR"):
                        drawn = [Decimal(text) for text in (*amounts, *zeros)]
                        writers = [WRITERS[name]] * (len(drawn) + 1)
                        texts, settlement = self.read_back(drawn, writers, currency)
                        if settlement.proved:  # 0.000 of all of them says that nothing is left
                            self.assertEqual(settlement.amount_rows, sum(drawn), texts)
                            self.fail(texts)
        rows = [row(PRINCIPAL, text) for text in ("3.333", "3.333", "3.334")]
        self.assertFalse(settle(table(head("10.000"), *rows)).proved)
        self.assertFalse(
            settle(table(head("512.000", currency="JPY"), row(PRINCIPAL, "512.000"))).proved
        )

    def test_the_total_decides_where_it_has_one_reading(self):
        rows = [row(PRINCIPAL, text) for text in ("10.120", "-5.820")]
        settlement = settle(table(head("4.30"), *rows))
        self.assertTrue(settlement.proved)
        self.assertEqual(settlement.amount_rows, Decimal("4.30"))
        settlement = settle(table(head("4300,00"), *rows))
        self.assertTrue(settlement.proved)
        self.assertEqual(settlement.amount_rows, Decimal("4300.00"))

    def test_v1_too(self):
        rows = [v1_row("Order", price_amount="10.120", item_related_fee_amount="-1.520")]
        self.assertFalse(settle(table(head("8.600"), *rows, columns=V1_COLUMNS)).proved)
        self.assertTrue(settle(table(head("8.60"), *rows, columns=V1_COLUMNS)).proved)

    def test_marks_of_one_settlement_do_not_decide_for_another(self):
        rows = [head("4.300", "1"), row(PRINCIPAL, "4.300", "1")]
        others = [head("5,00", "2"), row(PRINCIPAL, "5,00", "2")]
        found = settlements(table(*rows, *others))
        self.assertEqual([found[ref].proved for ref in "12"], [False, True])


class TestSettlementIds(unittest.TestCase):
    """Amazon's ids are digits; what a program makes of them is never another settlement."""

    WAYS = (
        "{}.0", "{}.00", "{},0", '="{}"', "='{}'", "'{}", "’{}", "`{}", '"{}', "{}'", "0{}",
        "000{}", "{}.", "+{}", "-{}", "#{}", "{} .0", "({})", "[{}]", "{}\u200b", "\u200e{}",
        "\u2060{}", "\ufeff{}", "ID{}", "ID {}", "{}L", "{}n", "id:{}", "T{}", "{}_1", "{}-1",
        "{}.5", "{}e0", "{}E+0", "0x{}", "={}", "=T({})", "@{}", "{};", "{}*", "${}", "{}\u00a0x",
    )  # fmt: skip
    MARKS = (",", ".", " ", "'", "’", "\u00a0", "\u202f", "\u2009", "_", "٬", "-")

    def refused(self, text):
        for rows in (
            [head("5.00", text), row(PRINCIPAL, "5.00", text)],
            [head("5.00", REAL), row(PRINCIPAL, "5.00", REAL), row(PRINCIPAL, "0.00", text)],
        ):
            for separator in "\t;":
                data = table(*rows, separator=separator)
                if separator == ";" and (";" in text or text[0] == '"'):
                    continue  # in a CSV these are no part of the cell
                report = read(data)
                self.assertEqual(codes(report.problems), ["spreadsheet"], repr(text))
                self.assertFalse(report.headers)
                self.assertFalse(settlements(data))

    def test_every_way_of_rewriting_is_refused(self):
        for way in self.WAYS:
            self.refused(way.format(REAL))

    def test_marks_and_blanks_between_digits_are_refused(self):
        for mark in self.MARKS:
            self.refused(f"24{mark}702{mark}193{mark}891")
            self.refused(f"2,4{mark}70,21,93,891".replace(",", mark))

    def test_other_digits_are_refused(self):
        self.refused(REAL.translate({48 + n: 0xFF10 + n for n in range(10)}))
        self.refused(REAL.translate({48 + n: 0x0660 + n for n in range(10)}))

    def test_scientific_forms_are_refused(self):
        for text in ("2.47E+10", "2,47E+10", "2.4702193891E10", "2.4702193891e+10", "2E+10"):
            self.refused(text)

    def test_random_marks_are_refused(self):
        rng = random.Random(SEED)
        alphabet = ".,'\"= +#*()[]-_/\u00a0\u200b’`@:;|~^&%$ \u3000"
        for _time in range(500):
            digits = list(REAL)
            for _mark in range(rng.randint(1, 3)):
                digits.insert(rng.randrange(len(digits) + 1), rng.choice(alphabet))
            text = "".join(digits).strip()
            bare = text.strip("\u3000\u00a0 ")
            if bare[:1] == bare[-1:] == '"':
                bare = bare[1:-1].strip()
            if bare != REAL:
                self.refused(text.replace(";", ":"))

    def test_blanks_and_quotes_around_are_no_part_of_it(self):
        for text in (f" {REAL} ", f'"{REAL}"', f"\u00a0{REAL}", f"{REAL}\u3000"):
            self.assertEqual(
                list(settlements(table(head("5.00", text), row(PRINCIPAL, "5.00", text)))), [REAL]
            )

    def test_made_up_ids_are_read(self):
        """What cannot be one of Amazon's in disguise: words, short numbers."""
        for text in ("TEST-001", "SET-SG", "42", "007"):
            settlement = settle(table(head("5.00", text), row(PRINCIPAL, "5.00", text)))
            self.assertTrue(settlement.proved, text)


class TestCodes(unittest.TestCase):
    COLUMNS = (
        "order-id", "merchant-order-id", "adjustment-id", "shipment-id", "order-item-code",
        "merchant-order-item-id", "merchant-adjustment-item-id", "sku", "promotion-id",
    )  # fmt: skip

    def test_every_column_of_long_numbers_is_watched(self):
        for name in self.COLUMNS:
            for text in (
                "1.50E+13",
                "1,50E+13",
                "1.5e+16",
                "2E+11",
                "#####",
                "#NAME?",
                "#N/A",
                "#WERT!",
            ):
                good = row(PRINCIPAL, "2.00")
                settlement = settle(table(head("4.00"), good, good | {name: text}))
                self.assertEqual(codes(settlement.problems), ["spreadsheet"], (name, text))
                self.assertTrue(
                    str(settlement.problems[0]).startswith(f"line 4: {name} reads «{text}»")
                )
                self.assertFalse(settlement.proved)

    def test_what_looks_alike_is_no_damage(self):
        for text in ("12E10", "amzn1:crow:AB+CD/E+12=", "A#1", "#1", "E+12", "4.5E-12", "C++"):
            for name in self.COLUMNS:
                rows = [row(PRINCIPAL, "4.00") | {name: text}]
                self.assertTrue(settle(table(head("4.00"), *rows)).proved, (name, text))

    def test_it_is_said_once(self):
        rows = [row(PRINCIPAL, "1.00", order_item_code="1.50E+13")] * 50
        self.assertEqual(len(settle(table(head("50.00"), *rows)).problems), 1)


class TestDates(unittest.TestCase):
    DAMAGE = (
        "46270", "46270.4166666667", "46270,4166666667", "9/5/2026 10:00:00 AM", "5/9/26 10:00 pm",
        "9/5/2026 10:00:00 a. m.", "2026/9/5 午前10:00 AM", "00:09.0", "10:00:00", "05-Sep-26",
        "Sep-26", "########", "#VALUE!", "NaT", "nan", "4.63E+04",
    )  # fmt: skip

    def test_dates_of_a_spreadsheet_are_named(self):
        for text in self.DAMAGE:
            for name in ("posted-date-time", "posted-date"):
                cells = row(PRINCIPAL, "5.00") | {"posted-date-time": "", name: text}
                settlement = settle(table(head("5.00"), cells))
                self.assertFalse(settlement.proved, text)
                (bad,) = settlement.bad_rows
                self.assertIn(f"{name}: «{text}»", bad.text)
                self.assertIn("spreadsheet program has rewritten", bad.text, text)
            settlement = settle(table(head("5.00", deposit_date=text), row(PRINCIPAL, "5.00")))
            self.assertIn("spreadsheet program has rewritten", settlement.problems[0].text, text)


class TestTotals(unittest.TestCase):
    LABELS = ("Total", "TOTAL:", "Grand Total", "Summe", "Gesamt", "Total général", "Totale",
              "Suma", "Totaal", "Razem", "Toplam", "合計", "Итого", f"{REAL} Total")  # fmt: skip

    def test_labelled_lines_are_left_out_in_every_language(self):
        for label in self.LABELS:
            for cells in ({"amount": "5.00"}, {"total-amount": "5.00"},
                          {"amount": "5.00", "quantity-purchased": "1"}):  # fmt: skip
                for separator in "\t,":
                    line = {"settlement-id": label, **cells}
                    data = table(head("5.00", REAL), row(PRINCIPAL, "5.00", REAL), line,
                                 separator=separator)  # fmt: skip
                    report = read(data)
                    self.assertEqual([note.line for note in report.notes], [4], label)
                    (settlement,) = settlements(data).values()
                    self.assertTrue(settlement.proved, label)

    def test_lines_without_a_label_hold(self):
        for cells in ({}, {"amount-description": "Total"}, {"amount-type": "Summe"}):
            line = {"amount": "5.00", **cells}
            settlement = settle(table(head("5.00"), row(PRINCIPAL, "5.00"), line))
            self.assertEqual(codes(settlement.bad_rows), ["totals_line"])

    def test_a_sum_beside_the_settlement_s_own_id_holds(self):
        """As a grouping of a script leaves it."""
        line = {"settlement-id": "42", "amount": "5.00"}
        settlement = settle(table(head("5.00"), row(PRINCIPAL, "5.00"), line))
        self.assertEqual(codes(settlement.bad_rows), ["totals_line"])

    def test_a_row_that_lost_its_id_is_no_totals_line(self):
        settlement = settle(table(head("5.00"), row(PRINCIPAL, "5.00"), row(PRINCIPAL, "5.00", "")))
        self.assertEqual(codes(settlement.bad_rows), ["bad_row"])

    def test_a_row_without_a_transaction_type_is_a_row(self):
        """Indian settlements have them."""
        words = "/FBA Inventory Storage Fee/Base fee"
        self.assertTrue(settle(table(head("-5.00"), row(words, "-5.00"))).proved)


class TestRepeated(unittest.TestCase):
    def test_halves_of_a_settlement_are_proved_also_of_nothing(self):
        columns = table()
        for total, parts in (
            ("8.00", "5.00 3.00"),
            ("0.00", "5.00 -5.00"),
            ("0.00", "5.00 -2.00 -3.00"),
        ):
            rows = [table(row(PRINCIPAL, part)).partition("\n")[2] for part in parts.split()]
            summary = table(head(total)).partition("\n")[2]
            for between in (columns, summary, columns + summary):
                settlement = settle(columns + summary + between.join(rows))
                self.assertEqual(settlement.problems, [])
                self.assertTrue(settlement.proved)

    def test_what_counts_twice_is_not(self):
        for total, parts in (
            ("8.00", ["5.00", "3.00"]),
            ("0.00", ["5.00", "-5.00"]),
            ("0.00", ["0.00"]),
        ):
            text = table(head(total), *(row(PRINCIPAL, part) for part in parts))
            for times in (2, 3):
                settlement = settle(text * times)
                self.assertEqual(codes(settlement.problems), ["repeated_settlement"])
                self.assertFalse(settlement.proved)


class TestLimits(unittest.TestCase):
    def test_too_many_settlements_are_refused(self):
        """The file is kept beside each, so their number times its size must stay small."""
        rows = [row(PRINCIPAL, "1.00", str(number)) for number in range(1, 12)]
        with patch.object(survey, "MAX_SETTLEMENTS", 10):
            self.assertEqual(codes(read(table(*rows)).problems), ["too_large"])
            self.assertEqual(len(read(table(*rows[:10])).headers), 10)

    def test_each_row_and_problem_is_handled_once_whatever_the_number_of_settlements(self):
        """Rows of no settlement concern all; they are counted, not copied to each."""
        refs = [str(number) for number in range(1, 501)]
        rows = [row(PRINCIPAL, "1.00", ref, currency="GBP") for ref in refs]
        lost = [row(PRINCIPAL, "1.00", "") for _number in range(500)]
        report = read(table(*rows, *lost))
        steps = []
        with patch.object(sums, "_concerned", side_effect=sums._concerned) as asked:
            found = summary.summarise(report, classifier())
            steps.append(asked.call_count)
        self.assertEqual(steps, [len(report.problems)])
        self.assertEqual({settlement.bad_count for settlement in found.values()}, {500})
        self.assertLessEqual(max(len(item.bad_rows) for item in found.values()), 100)

    def test_texts_that_a_database_cannot_hold_are_bad_rows(self):
        for name, length in (("order-id", 601), ("amount-description", 601), ("sku", 10_001)):
            text = "x" * length
            settlement = settle(table(head("5.00"), row(PRINCIPAL, "5.00") | {name: text}))
            self.assertEqual(codes(settlement.bad_rows), ["too_long"])
            self.assertTrue(
                str(settlement.bad_rows[0]).startswith(f"line 3: «{name}» has more than")
            )
            shorter = row(PRINCIPAL, "5.00") | {name: text[1:]}
            self.assertTrue(settle(table(head("5.00"), shorter)).proved)

    def test_messages_are_bounded(self):
        long = "9" * 400
        for cells in ({"amount": long}, {"posted-date-time": long}, {"quantity-purchased": long},
                      {"order-item-code": long}):  # fmt: skip
            settlement = settle(table(head("5.00"), row(PRINCIPAL, "5.00") | cells))
            for said in (*settlement.problems, *settlement.bad_rows):
                self.assertLess(len(said.text), 400)
        settlement = settle(table(head(long, currency=long), row(PRINCIPAL, "5.00")))
        for said in settlement.problems:
            self.assertLess(len(said.text), 400)

    def test_columns_are_the_engines(self):
        self.assertLessEqual(set(TestCodes.COLUMNS), set(V2_COLUMNS))
