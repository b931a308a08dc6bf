"""Months, parts and time zones."""

import unittest
import zoneinfo
from datetime import date, datetime, timezone

from ...books.periods import Calendar, month_end
from ...lines.summary import Grouping


class TestCalendar(unittest.TestCase):
    def test_month_ends(self):
        for day, end in (
            (date(2026, 1, 31), date(2026, 1, 31)),
            (date(2026, 2, 1), date(2026, 2, 28)),
            (date(2028, 2, 29), date(2028, 2, 29)),
            (date(2026, 12, 5), date(2026, 12, 31)),
        ):
            self.assertEqual(month_end(day), end)

    def test_a_start_after_the_end_does_no_harm(self):
        day = date(2026, 6, 14)
        calendar = Calendar(date(2026, 8, 1), day, day)
        for month in (5, 6, 7, 8):
            self.assertEqual(calendar.part_date(date(2026, month, 1)), day)

    def test_no_start(self):
        day = date(2026, 6, 14)
        self.assertEqual(Calendar(None, day, day).part_date(date(2026, 5, 1)), day)

    def test_a_deposit_before_the_end_moves_nothing_behind_it(self):
        """Damaged dates: the month of the end still is the last."""
        calendar = Calendar(date(2026, 5, 1), date(2026, 7, 10), date(2026, 6, 20))
        self.assertEqual(calendar.part_date(date(2026, 7, 1)), date(2026, 6, 20))
        self.assertEqual(calendar.part_date(date(2026, 6, 1)), date(2026, 6, 20))
        self.assertEqual(calendar.part_date(date(2026, 5, 1)), date(2026, 5, 31))


class TestDay(unittest.TestCase):
    def test_the_hour_that_summer_time_takes_or_gives(self):
        try:
            london = Grouping(zoneinfo.ZoneInfo("Europe/London"))
        except zoneinfo.ZoneInfoNotFoundError:
            self.skipTest("this system has no time zones")
        self.assertEqual(london.day(datetime(2026, 3, 31, 23, 30)), date(2026, 4, 1))
        self.assertEqual(london.day(datetime(2026, 10, 31, 23, 30)), date(2026, 10, 31))

    def test_utc(self):
        moment = datetime(2026, 3, 31, 23, 59, 59)
        self.assertEqual(Grouping(timezone.utc).day(moment), date(2026, 3, 31))
