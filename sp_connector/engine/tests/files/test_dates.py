"""Dates in every form of docs/facts/settlement-files.md, "Dates"."""

import unittest
from datetime import datetime

from ...files.dates import BadDate, OrderEvidence, is_slashed, parse_moment
from ..helpers import codes, head, read, row, settle, table


def nothing(_day_first):
    return None, None


def order_of(*texts, period=nothing):
    evidence = OrderEvidence()
    for text in texts:
        evidence.feed(text)
    return evidence.day_first(period)


class TestMoment(unittest.TestCase):
    def check(self, text, *expected, day_first=None):
        with self.subTest(text):
            moment = parse_moment(text, day_first)
            self.assertEqual(moment, datetime(*expected))
            self.assertIsNone(moment.tzinfo)

    def refuse(self, *texts, day_first=None):
        for text in texts:
            with self.subTest(text), self.assertRaises(BadDate):
                parse_moment(text, day_first)

    def test_forms_seen_in_files(self):
        self.check("2026-03-13 20:21:38 UTC", 2026, 3, 13, 20, 21, 38)
        self.check("17.07.2026 07:06:34 UTC", 2026, 7, 17, 7, 6, 34)
        self.check("17.07.2026", 2026, 7, 17)
        self.check("2018/03/01 12:00:00 UTC", 2018, 3, 1, 12)
        self.check("2025-06-05T22:07:18+00:00", 2025, 6, 5, 22, 7, 18)
        self.check("2026-03-17", 2026, 3, 17)
        self.check("09/06/25", 2025, 6, 9, day_first=True)
        self.check("09/06/25", 2025, 9, 6, day_first=False)

    def test_forms_of_tools(self):
        self.check("2026-03-13T20:21:38Z", 2026, 3, 13, 20, 21, 38)
        self.check("2026-03-13T20:21:38.123Z", 2026, 3, 13, 20, 21, 38)
        self.check("2026-03-13 20:21", 2026, 3, 13, 20, 21)
        self.check("2026.3.1 9:05:00 GMT", 2026, 3, 1, 9, 5)
        self.check("1.7.26", 2026, 7, 1)
        self.check("  17.07.2026 07:06:34 UTC ", 2026, 7, 17, 7, 6, 34)

    def test_offsets_become_utc(self):
        self.check("2026-03-01T01:30:00+02:00", 2026, 2, 28, 23, 30)
        self.check("2026-02-28T23:30:00-0700", 2026, 3, 1, 6, 30)
        self.check("2026-03-01 05:30:00 +05:30", 2026, 3, 1)

    def test_slashed_date_that_proves_itself(self):
        self.check("13/06/2026", 2026, 6, 13)
        self.check("06/13/2026", 2026, 6, 13)
        self.check("13-06-2026", 2026, 6, 13)
        self.check("06/06/2026 10:00", 2026, 6, 6, 10)
        # What it proves counts more than what the rest of the file says.
        self.check("06/13/2026", 2026, 6, 13, day_first=True)

    def test_ambiguous_date_is_refused(self):
        self.refuse("09/06/25", "01-02-2026")

    def test_impossible_dates_are_refused(self):
        self.refuse(
            "31.02.2026", "2026-13-01", "2026-00-10", "13/13/2026", "00/00/0000", "29.02.2026"
        )
        self.refuse("2026-04-10 25:00:00", "2026-04-10 10:60:00", "2026-04-10 10:00:61")
        self.refuse("00/05/2026", "05/00/2026", day_first=True)

    def test_other_centuries_are_refused(self):
        """Near the calendar's ends, time zones and days of slack would overflow."""
        self.refuse("0001-01-01", "9999-12-31 23:59:59 UTC", "1999-12-31", "2100-01-01")
        self.refuse("0001-01-01T00:00:00+14:00", "0026-01-01")
        self.refuse("12/12/9999", day_first=True)
        self.check("2000-01-01", 2000, 1, 1)

    def test_text_is_refused(self):
        self.refuse(
            "", "now", "5", "24702193891", "2026", "Jul 17, 2026", "2026-03-13 20:21:38 PST"
        )
        self.refuse("2026-03-13 8:21:38 PM", "2026-03-1320:21:38", "٠١.٠٢.2026", "1/2/3/2026")

    def test_is_slashed(self):
        for text in ("09/06/25", " 9/6/2025 10:00", "09-06-2025"):
            self.assertTrue(is_slashed(text))
        for text in ("2026-03-13", "2018/03/01", "17.07.2026", "", "x"):
            self.assertFalse(is_slashed(text))


class TestOrder(unittest.TestCase):
    def test_a_part_above_twelve_proves_the_order(self):
        self.assertIs(order_of("01/02/2026", "13/02/2026"), True)
        self.assertIs(order_of("01/02/2026", "02/13/2026"), False)

    def test_contradicting_proofs_prove_nothing(self):
        self.assertIsNone(order_of("13/02/2026", "02/13/2026"))

    def test_the_period_decides_where_no_date_does(self):
        def june(_day_first):
            return datetime(2026, 6, 1), datetime(2026, 6, 15)

        self.assertIs(order_of("09/06/2026", "10/06/2026", period=june), True)
        self.assertIs(order_of("06/09/2026", "06/10/2026", period=june), False)

    def test_both_orders_fit(self):
        def year(_day_first):
            return datetime(2026, 1, 1), datetime(2026, 12, 31)

        self.assertIsNone(order_of("09/06/2026", period=year))

    def test_neither_order_fits(self):
        def may(_day_first):
            return datetime(2025, 5, 1), datetime(2025, 5, 31)

        self.assertIsNone(order_of("09/06/2026", period=may))

    def test_a_reserve_row_seconds_after_the_end_fits(self):
        def june(_day_first):
            return datetime(2026, 6, 1), datetime(2026, 6, 10)

        self.assertIs(order_of("10/06/2026 00:00:08", period=june), True)

    def test_an_impossible_reading_leaves_the_other(self):
        self.assertIs(order_of("12/00/2026", "01/02/2026"), None)
        self.assertIs(order_of("13/00/2026", "01/02/2026"), True)

    def test_nothing_seen(self):
        self.assertIsNone(order_of())


class TestFile(unittest.TestCase):
    """The decision holds for the whole file."""

    def rows(self, *days, **header):
        rows = [
            row("Order/ItemPrice/Principal", "5.00", posted_date_time="", posted_date=day)
            for day in days
        ]
        return table(head(f"{5 * len(days)}.00", **header), *rows)

    def posted(self, text):
        return [found.posted_at for found in read(text).rows()]

    def test_order_is_proved_by_another_row(self):
        self.assertEqual(
            self.posted(self.rows("04/05/2026", "04/13/2026")),
            [datetime(2026, 4, 5), datetime(2026, 4, 13)],
        )

    def test_order_is_proved_by_the_period(self):
        self.assertEqual(self.posted(self.rows("05/04/2026")), [datetime(2026, 4, 5)])

    def test_ambiguous_rows_are_bad_and_block_the_proof(self):
        text = self.rows("04/05/26", settlement_end_date="2026-12-31", deposit_date="")
        settlement = settle(text)
        self.assertEqual(codes(settlement.bad_rows), ["bad_date"])
        self.assertFalse(settlement.proved)

    def test_slashed_header_dates_count_as_evidence(self):
        text = self.rows(
            *("05/04/2026", "06/04/2026"),
            settlement_start_date="01/04/2026",
            settlement_end_date="15/04/2026",
        )
        self.assertEqual(self.posted(text)[0], datetime(2026, 4, 5))
        self.assertEqual(read(text).headers["42"].date_start, datetime(2026, 4, 1))

    def test_posted_date_time_beats_posted_date(self):
        """``09/06/25`` beside ``2025-06-09 05:23:19 UTC`` in a real file."""
        text = table(head("5.00"), row("Order/ItemPrice/Principal", "5.00", posted_date="99/99/99"))
        self.assertEqual(self.posted(text), [datetime(2026, 4, 10, 12)])

    def test_no_date_is_no_error(self):
        text = table(head("5.00"), row("Order/ItemPrice/Principal", "5.00", posted_date_time=""))
        self.assertEqual(self.posted(text), [None])
        self.assertTrue(settle(text).proved)

    def test_bad_header_date_is_a_problem(self):
        settlement = settle(self.rows("2026-04-05", settlement_end_date="tomorrow"))
        self.assertEqual(codes(settlement.problems), ["bad_date"])
        self.assertEqual(settlement.problems[0].line, 2)
        self.assertFalse(settlement.proved)

    def test_the_last_day_of_the_calendar_does_not_break(self):
        report = read(self.rows("04/05/2026", settlement_end_date="9999-12-31"))
        self.assertIn("bad_date", codes(report.problems))
