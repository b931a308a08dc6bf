"""The parts of a settlement: one per month, so that each month has its own income.

Facts: docs/facts/booking.md, "Month ends".
"""

from datetime import date, timedelta
from typing import NamedTuple


class Calendar(NamedTuple):
    """When a settlement is booked; dates are in the company's time zone.

    :param date_start: first day of the period, ``None`` where the file does not say
    :param date_end: its last day
    :param date_last: accounting date of the last part: that day, or the day of the deposit
    :param by_month: a part for each month, or one for all
    """

    date_start: date | None
    date_end: date
    date_last: date
    by_month: bool = True

    def part_date(self, month: date | None) -> date:
        """Return the accounting date of rows posted in a month.

        Rows of a month outside the period go to its first or last month: neither is there a part
        for them, nor would the month before be open. What belongs to the end of the settlement
        (reserve and carried balances) has no month and goes to the last part.

        :param month: first day of the month, or ``None``
        """
        if month is None or not self.by_month:
            return self.date_last
        first = _first(min(self.date_start or self.date_end, self.date_end))
        month = min(max(month, first), _first(self.date_end))
        if month == _first(self.date_last) or month > self.date_last:
            return self.date_last
        return month_end(month)

    def rule_day(self, month: date | None) -> date:
        """Return the day on which the rules for rows posted in a month count.

        The last day of their month, at most that of the settlement: a tax rate that changes later
        does not hold for them, whenever and in how many entries they are booked.

        :param month: first day of the month, or ``None`` for what belongs to the end
        """
        if month is None:
            return self.date_last
        return min(month_end(month), self.date_end)


def month_end(day: date) -> date:
    """Return the last day of a day's month."""
    return _first(_first(day) + timedelta(days=31)) - timedelta(days=1)


def _first(day: date) -> date:
    return day.replace(day=1)
