"""Text → settlements and rows: every shape of table, and each refusal with its own reason."""

import unittest
from decimal import Decimal

from ...errors import BadRow
from ..helpers import (
    V1_COLUMNS,
    V2_COLUMNS,
    codes,
    head,
    read,
    row,
    rows_of,
    settle,
    settlements,
    table,
    v1_row,
)

PRINCIPAL = "Order/ItemPrice/Principal"
V2_23 = V2_COLUMNS[:-1]


def seen(rows):
    """The rows without where they stand."""
    return [found[2:] for found in rows]


class TestHeader(unittest.TestCase):
    def test_settlement_is_read_from_its_own_row(self):
        report = read(table(head("-5.00"), row(PRINCIPAL, "-5.00")))
        header = report.headers["42"]
        self.assertEqual((header.line, header.amount_total, header.currency), (2, -5, "GBP"))
        self.assertEqual(str(header.date_start), "2026-04-01 00:00:00")
        self.assertEqual(str(header.date_end), "2026-04-15 00:00:00")
        self.assertEqual(str(header.date_deposit), "2026-04-17 00:00:00")
        self.assertEqual((report.flavour, header.flavour), ("v2", "v2"))
        self.assertFalse(report.problems)

    def test_columns_are_found_by_name(self):
        columns = list(reversed(V2_COLUMNS))
        self.assertEqual(
            seen(rows_of(table(head("5.00"), row(PRINCIPAL, "5.00", sku="A"), columns=columns))),
            seen(rows_of(table(head("5.00"), row(PRINCIPAL, "5.00", sku="A")))),
        )

    def test_column_names_in_other_spellings(self):
        columns = [f'"{name.upper().replace("-", "_")} "' for name in V2_COLUMNS]
        text = table(head("5.00"), row(PRINCIPAL, "5.00"))
        text = "\t".join(columns) + "\n" + text.partition("\n")[2]
        self.assertTrue(settle(text).proved)

    def test_fewer_columns(self):
        """2018 files have no promotion-id; a Singapore export had eleven columns."""
        for columns in (
            V2_23,
            [*V2_COLUMNS[:7], "amount-type", "amount-description", "amount", "posted-date"],
        ):
            settlement = settle(table(head("5.00"), row(PRINCIPAL, "5.00"), columns=columns))
            self.assertTrue(settlement.proved)

    def test_unknown_columns_do_no_harm_in_v2(self):
        columns = [*V2_COLUMNS, "brand-new"]
        text = table(head("5.00"), row(PRINCIPAL, "5.00", brand_new="5.00"), columns=columns)
        self.assertTrue(settle(text).proved)

    def test_missing_columns_are_named(self):
        for gone in ("transaction-type", "amount", "amount-type", "amount-description"):
            columns = [name for name in V2_COLUMNS if name != gone]
            report = read(table(head(), row(PRINCIPAL, "10.00"), columns=columns))
            self.assertEqual(codes(report.problems), ["missing_columns"])
            self.assertRegex(report.problems[0].text, rf"column\(s\) {gone}\b")
            self.assertFalse(report.headers)

    def test_half_v2_half_v1_is_refused(self):
        """As V1 it would add up, with all words in the wrong place."""
        columns = [name.replace("amount", "other-amount") if name == "amount" else name
                   for name in V2_COLUMNS]  # fmt: skip
        text = table(head("5.00"), row(PRINCIPAL) | {"other-amount": "5.00"}, columns=columns)
        self.assertEqual(codes(read(text).problems), ["missing_columns"])

    def test_a_column_twice_is_refused(self):
        """Which of the two would count?"""
        report = read(table(head("5.00"), row(PRINCIPAL, "5.00"), columns=[*V2_COLUMNS, "amount"]))
        self.assertEqual(codes(report.problems), ["duplicate_columns"])

    def test_currency_in_small_letters(self):
        settlement = settle(table(head("5.00", currency="gbp"), row(PRINCIPAL, "5.00")))
        self.assertEqual(settlement.header.currency, "GBP")

    def test_no_currency(self):
        for text in ("", "£", "EURO", "ＥＵＲ"):
            settlement = settle(table(head("5.00", currency=text), row(PRINCIPAL, "5.00")))
            self.assertEqual(codes(settlement.problems), ["no_currency"])
            self.assertFalse(settlement.proved)

    def test_no_total(self):
        """The rows add up to something, and nothing says whether to the right sum."""
        settlement = settle(table(row(PRINCIPAL, "5.00", currency="GBP")))
        self.assertEqual(codes(settlement.problems), ["no_total"])
        self.assertIsNone(settlement.difference)
        self.assertFalse(settlement.proved)

    def test_bad_total(self):
        settlement = settle(table(head("five"), row(PRINCIPAL, "5.00")))
        self.assertEqual(codes(settlement.problems), ["bad_total"])
        self.assertFalse(settlement.proved)

    def test_no_rows_prove_nothing(self):
        self.assertFalse(settle(table(head("0.00"))).proved)

    def test_column_names_alone(self):
        report = read(table())
        self.assertEqual(codes(report.problems), ["no_settlement"])


class TestRepeated(unittest.TestCase):
    cells = {
        name.replace("-", "_"): text
        for name, text in head("10.00").items()
        if name != "settlement-id"
    }

    def test_total_on_every_row_counts_once(self):
        text = table(*[row(PRINCIPAL, "5.00", **self.cells)] * 2)
        settlement = settle(text)
        self.assertTrue(settlement.proved)
        self.assertEqual(settlement.header.line, 2)
        self.assertEqual(settlement.header.amount_total, 10)

    def test_currency_on_every_row(self):
        text = table(head("5.00"), row(PRINCIPAL, "5.00", currency="GBP"))
        self.assertTrue(settle(text).proved)

    def test_contradictions_are_named_with_both_texts_and_lines(self):
        for name, other in (
            ("total_amount", "11.00"),
            ("currency", "EUR"),
            ("deposit_date", "2026-04-18"),
        ):
            second = row(PRINCIPAL, "5.00", **(self.cells | {name: other}))
            settlement = settle(table(row(PRINCIPAL, "5.00", **self.cells), second))
            (problem,) = settlement.problems
            self.assertEqual((problem.code, problem.line), ("contradiction", 3))
            self.assertIn(f"«{other}»", problem.text)
            self.assertIn("line 2", problem.text)
            self.assertFalse(settlement.proved)

    def test_summary_row_need_not_be_the_first(self):
        self.assertTrue(settle(table(row(PRINCIPAL, "10.00"), head())).proved)

    def test_summary_row_twice(self):
        """Nothing counts twice as long as the rows make the total."""
        self.assertTrue(settle(table(head(), head(), row(PRINCIPAL, "10.00"))).proved)
        self.assertFalse(settle(table(head(), head(), row(PRINCIPAL, "9.00"))).proved)


class TestSeveral(unittest.TestCase):
    def test_settlements_in_one_table(self):
        found = settlements(
            table(
                *(head("5.00", "1"), row(PRINCIPAL, "5.00", "1")),
                *(head("7.00", "2", "EUR"), row(PRINCIPAL, "7.00", "2")),
            )
        )
        self.assertEqual([found[ref].amount_rows for ref in "12"], [5, 7])
        self.assertTrue(all(settlement.proved for settlement in found.values()))

    def test_files_one_after_the_other(self):
        one = table(head("5.00", "1"), row(PRINCIPAL, "5.00", "1"), end="\r\n")
        two = table(head("7.00", "2"), row(PRINCIPAL, "7.00", "2"), columns=V2_23)
        found = settlements(one + "\ufeff" + two)
        self.assertTrue(all(settlement.proved for settlement in found.values()))
        self.assertEqual([settlement.header.line for settlement in found.values()], [2, 5])

    def test_v1_after_v2_each_keeps_its_flavour(self):
        v2 = table(head("5.00", "1"), row(PRINCIPAL, "5.00", "1"))
        v1 = table(head("7.00", "2"), v1_row("Order", "2", price_amount="7.00"), columns=V1_COLUMNS)
        both = settlements(v2 + v1)
        self.assertEqual([both[ref].flavour for ref in "12"], ["v2", "v1"])
        self.assertEqual(both["2"].digest, settle(v1).digest)

    def test_a_file_after_itself_is_not_proved(self):
        """Its rows would count twice."""
        text = table(head(), row(PRINCIPAL, "10.00"))
        for between in ("", "\n"):
            settlement = settle(text + between + text)
            self.assertEqual(codes(settlement.problems), ["repeated_settlement"])
            self.assertFalse(settlement.proved)

    def test_a_zero_settlement_after_itself_is_not_proved(self):
        """Even where twice the sum still is the total."""
        for text in (
            table(head("0.00"), row(PRINCIPAL, "5.00"), row("Order/ItemFees/Commission", "-5.00")),
            table(row(PRINCIPAL, "0.00", total_amount="0.00", currency="GBP")),
        ):
            self.assertTrue(settle(text).proved)
            self.assertFalse(settle(text + text).proved)

    def test_one_settlement_in_both_flavours_is_not_proved(self):
        v2 = table(head(), row(PRINCIPAL, "10.00"))
        v1 = table(head(), v1_row("Order", price_amount="0.00"), columns=V1_COLUMNS)
        self.assertFalse(settle(v2 + v1).proved)

    def test_noise_of_one_settlement_does_not_hide_the_fault_of_another(self):
        noisy = [row(PRINCIPAL, "1.00", "1", currency=f"A{number}") for number in range(200)]
        faulty = [head("5.00", "2"), row(PRINCIPAL, "5.00", "2", total_amount="6.00")]
        found = settlements(table(head("200.00", "1"), *noisy, *faulty))
        self.assertEqual(len(found["1"].problems), 100)
        self.assertEqual(codes(found["2"].problems), ["contradiction"])
        self.assertFalse(found["2"].proved)

    def test_a_bad_row_blocks_its_own_settlement_only(self):
        found = settlements(
            table(
                *(head("5.00", "1"), row(PRINCIPAL, "5.00", "1"), row(PRINCIPAL, "x", "1")),
                *(head("7.00", "2"), row(PRINCIPAL, "7.00", "2")),
            )
        )
        self.assertEqual([found[ref].proved for ref in "12"], [False, True])

    def test_a_bad_row_of_no_settlement_blocks_all(self):
        found = settlements(
            table(
                *(head("5.00", "1"), row(PRINCIPAL, "5.00", "1"), row(PRINCIPAL, "0.00", "")),
                *(head("7.00", "2"), row(PRINCIPAL, "7.00", "2")),
            )
        )
        self.assertEqual([found[ref].proved for ref in "12"], [False, False])
        self.assertEqual(found["2"].bad_rows[0].line, 4)


class TestTabs(unittest.TestCase):
    text = table(head("5.00"), row(PRINCIPAL, "5.00", sku="A", promotion_id="P"))

    def same(self, text):
        self.assertEqual(seen(rows_of(text)), seen(rows_of(self.text)))
        self.assertTrue(settle(text).proved)

    def test_line_ends(self):
        self.same(self.text.replace("\n", "\r\n"))
        self.same(self.text.replace("\n", "\r"))

    def test_no_line_end_at_the_end(self):
        self.same(self.text.rstrip("\n"))

    def test_blank_lines(self):
        self.same(self.text.replace("\n", "\n\n") + "\n \n\t\t\t\n")

    def test_preamble(self):
        self.same("Amazon Payments Singapore Private Limited\n\n\n\n\n\n" + self.text)
        self.same("\ufeffYour settlement\n" + self.text)

    def test_short_rows_are_padded(self):
        text = table(head("5.00"), row(PRINCIPAL, "5.00"))
        short = "".join(line.rstrip("\t") + "\n" for line in text.splitlines())
        self.assertEqual(seen(rows_of(short)), seen(rows_of(text)))
        self.assertTrue(settle(short).proved)

    def test_blank_cells_after_the_last_column(self):
        self.same(self.text.replace("\n", "\t\t\n"))

    def test_quoted_at_both_ends(self):
        quoted = "\n".join(
            "\t".join(f'"{cell}"' for cell in line.split("\t")) for line in self.text.splitlines()
        )
        self.same(quoted)

    def test_a_quotation_mark_inside_is_an_ordinary_character(self):
        for sku, read_as in (
            ('12" record', '12" record'),
            ('"A" B', '"A" B'),
            ('"', '"'),
            ('"A', '"A'),
            ('A"', 'A"'),
            ('"12"" record"', '12" record'),
        ):
            (found,) = rows_of(table(head("5.00"), row(PRINCIPAL, "5.00", sku=sku)))
            self.assertEqual(found.sku, read_as)

    def test_inner_blanks_stay(self):
        (found,) = rows_of(table(head(), row(PRINCIPAL, "10.00", sku="BIO-1 _AU  x ")))
        self.assertEqual(found.sku, "BIO-1 _AU  x")

    def test_all_cells_of_a_row(self):
        names = [name for name in V2_COLUMNS[7:] if name not in ("amount", "quantity-purchased")]
        cells = {name: f"<{name}>" for name in names if "date" not in name}
        text = table(head(), row(PRINCIPAL, "10.00") | cells | {"quantity-purchased": "3"})
        (found,) = rows_of(text)
        self.assertEqual(
            found[2:],
            (
                *("42", "Order", "<amount-type>", "<amount-description>", Decimal("10.00")),
                found.posted_at,
                *("<marketplace-name>", "<fulfillment-id>", "<order-id>", "<merchant-order-id>"),
                *("<adjustment-id>", "<shipment-id>", "<order-item-code>"),
                *("<merchant-order-item-id>", "<merchant-adjustment-item-id>", "<sku>"),
                *(3, "<promotion-id>"),
            ),
        )

    def test_a_line_break_inside_a_field_is_mended(self):
        text = table(
            *(head("10.00"), row(PRINCIPAL, "3.00"), row(PRINCIPAL, "5.00", sku="A\nB")),
            row(PRINCIPAL, "2.00"),
        )
        first, mended, last = rows_of(text)
        self.assertEqual((mended.sku, mended.line, last.line), ("A B", 4, 6))
        self.assertTrue(settle(text).proved)

    def test_a_short_row_does_not_swallow_the_next(self):
        """15 of 35,698 real rows lacked the last cell; what follows them is a row."""
        short = table(row(PRINCIPAL, "2.00"), columns=V2_23).splitlines()[1]
        text = table(head("9.00"), row(PRINCIPAL, "5.00")) + f"{short}\n{short}\n"
        self.assertEqual([found.line for found in rows_of(text)], [3, 4, 5])

    def test_two_short_rows_are_never_one(self):
        """Even where their lengths fit together: both start with a settlement id."""
        cells = table(row(PRINCIPAL, "5.00")).splitlines()[1].split("\t")
        text = table(head("10.00"), row(PRINCIPAL, "5.00"))
        text += "\t".join(cells[:15]) + "\n" + "\t".join(cells[:10]) + "\n"
        rows = rows_of(text)
        self.assertEqual([found.line for found in rows], [3, 4, 5])
        self.assertIsInstance(rows[2], BadRow)

    def test_a_stray_line_does_not_swallow_a_short_row(self):
        short = table(row(PRINCIPAL, "0.00"), columns=V2_23).splitlines()[1]
        text = table(head("5.00"), row(PRINCIPAL, "5.00")) + f"stray\tline\n{short}\n"
        self.assertEqual([found.line for found in rows_of(text)], [3, 5])
        found = settlements(text)
        self.assertEqual([found[ref].proved for ref in ("42", "stray")], [True, False])

    def test_rows_above_the_header_are_not_lost(self):
        """The first file of two lost its column names; its rows are no preamble."""
        lost = table(head("5.00", "1"), row(PRINCIPAL, "5.00", "1")).partition("\n")[2]
        for separator in "\t,":
            text = lost + table(head("7.00", "2"), row(PRINCIPAL, "7.00", "2"))
            settlement = settle(text.replace("\t", separator))
            self.assertEqual(codes(settlement.bad_rows), ["above_header"] * 2)
            self.assertEqual([bad.line for bad in settlement.bad_rows], [1, 2])
            self.assertFalse(settlement.proved)


class TestBadRows(unittest.TestCase):
    """A bad row is a value with its line and reason; it is never lost and blocks the proof."""

    def check(self, code, bad, total="5.00", word="", columns=V2_COLUMNS, good=None):
        text = table(head(total), good or row(PRINCIPAL, "5.00"), columns=columns)
        text += bad if isinstance(bad, str) else table(bad, columns=columns).partition("\n")[2]
        rows = rows_of(text)
        self.assertEqual([found.line for found in rows], [3, 4])
        self.assertIsInstance(rows[1], BadRow)
        self.assertEqual(rows[1].code, code)
        self.assertIn(word, rows[1].text)
        self.assertTrue(str(rows[1]).startswith("line 4: "))
        settlement = settle(text)
        self.assertEqual((settlement.bad_count, settlement.bad_rows), (1, [rows[1]]))
        self.assertEqual(settlement.difference, 0)
        self.assertFalse(settlement.proved)

    def test_amount(self):
        self.check("bad_amount", row(PRINCIPAL, "five"), word="«five»")
        self.check("bad_amount", row(PRINCIPAL, "1.234,567.00"))
        self.check("bad_amount", row(PRINCIPAL, "9" * 40))
        self.check("bad_amount", row(PRINCIPAL, "1e5"), word="spreadsheet")

    def test_date(self):
        self.check("bad_date", row(PRINCIPAL, "0.00", posted_date_time="31.02.2026"))

    def test_quantity(self):
        self.check("bad_amount", row(PRINCIPAL, "0.00", quantity_purchased="some"))
        self.check("bad_amount", row(PRINCIPAL, "0.00", quantity_purchased="1.5"))
        self.check("bad_amount", row(PRINCIPAL, "0.00", quantity_purchased="3000000000"))

    def test_no_settlement_id(self):
        self.check("bad_row", row(PRINCIPAL, "0.00", ref=""), word="settlement-id")

    def test_nul_byte(self):
        good = row(PRINCIPAL, "5.00", sku="x" * 2000)  # at its start a NUL says: no text at all
        for name in ("sku", "settlement-id", "amount", "brand-new"):
            bad = row(PRINCIPAL, "0.00") | {name: "0\x00"}
            self.check("bad_row", bad, word="NUL", columns=[*V2_COLUMNS, "brand-new"], good=good)

    def test_nul_byte_in_the_summary_row(self):
        """It would reach the database in a text, which PostgreSQL refuses."""
        text = table(head("5.00", currency="G\x00P"), row(PRINCIPAL, "5.00"))
        settlement = settle("x" * 2000 + "\n" + text)
        self.assertEqual(codes(settlement.bad_rows), ["bad_row"])
        self.assertNotIn("\x00", "".join(map(str, settlement.problems)))

    def test_cut_off(self):
        whole = table(row(PRINCIPAL, "0.00")).splitlines()[1]
        cells = whole.split("\t")
        for length in range(1, 15):
            self.check("cut_off", "\t".join(cells[:length]), word=f"{length} of 24")

    def test_too_long(self):
        self.check("too_long", "\t".join(["42", *["x"] * 24]), word="25 columns")

    def test_a_line_of_something_else(self):
        self.check("cut_off", "Total 5.00\n")
        self.check("cut_off", "(503 rows affected)\n")

    def test_v1_amount_column_nobody_knows(self):
        """Money in it must not vanish from the sum; text or nothing in it is no matter."""
        columns = [*V1_COLUMNS, "new-fee-amount"]
        good = v1_row("Order", price_amount="5.00")
        bad = v1_row("Order", new_fee_amount="1.00")
        self.check("bad_row", bad, columns=columns, good=good, word="new-fee-amount")
        text = table(head("5.00"), good, columns=columns)
        self.assertTrue(settle(text).proved)

    def test_counted_all_kept_some(self):
        text = table(head("0.00"), row(PRINCIPAL, "0.00"), *[row(PRINCIPAL, "x")] * 150)
        settlement = settle(text)
        self.assertEqual((settlement.bad_count, len(settlement.bad_rows)), (150, 100))
        self.assertEqual(len(rows_of(text)), 151)
