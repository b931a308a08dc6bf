"""Dates as Amazon writes them, always turned into naive UTC.

Facts: docs/facts/settlement-files.md, "Dates".
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from ..errors import say, shown
from .rewritten import ADVICE, is_rewritten_date

_TIME = (
    r"(?:[T ]+(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]+)?)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?"
)
_YEAR_FIRST = re.compile(
    r"(?P<year>[0-9]{4})[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})" + _TIME
).fullmatch
_DOTTED = re.compile(
    r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4}|[0-9]{2})" + _TIME
).fullmatch
#: 09/06/25: the order of day and month must come from elsewhere.
_SLASHED = re.compile(
    r"(?P<first>[0-9]{1,2})[/-](?P<second_part>[0-9]{1,2})[/-](?P<year>[0-9]{4}|[0-9]{2})" + _TIME
).fullmatch


class BadDate(ValueError):
    """The text is not a date we can read without guessing; the message says why."""


def _moment(match: re.Match[str], day: str, month: str) -> datetime:
    year = int(match["year"])
    year = year + 2000 if len(match["year"]) == 2 else year
    if not 2000 <= year < 2100:  # also keeps time zones from leaving the calendar
        raise BadDate(say("%(text)s is not in this century", text=shown(match[0])))
    moment = datetime(
        year,
        int(month),
        int(day),
        int(match["hour"] or 0),
        int(match["minute"] or 0),
        int(match["second"] or 0),
    )
    zone = match["zone"]
    if zone and zone[0] in "+-":
        shift = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
        moment = moment - shift if zone[0] == "+" else moment + shift
    return moment


def usual(text: str) -> datetime | None:
    """Read the forms that Amazon writes a million times, ``None`` for any other.

    ``2026-07-17 07:06:34 UTC``, ``17.07.2026 07:06:34 UTC``, ``2026-07-17T07:06:34+00:00``
    """
    if not (text[13:14] == text[16:17] == ":" and text[11:13] < "24" and text.isascii()):
        return None
    if text[19:] == " UTC" and text[10] == " ":
        if text[2] == text[5] == ".":
            text = f"{text[6:10]}-{text[3:5]}-{text[:2]}{text[10:19]}"
    elif not (text[19:] == "+00:00" and text[10] == "T"):
        return None
    if not (text[:2] == "20" and text[4] == text[7] == "-"):
        return None
    try:
        return datetime.fromisoformat(text[:19])
    except ValueError:
        return None


def parse_moment(text: str, day_first: bool | None = None) -> datetime:
    """Read a date, with or without a time.

    :param text: a non-blank cell, e.g. ``17.07.2026 07:06:34 UTC``
    :param day_first: order of ``09/06/25``; ``None`` refuses such a date unless it proves itself
    :return: naive datetime in UTC; midnight where the text has no time
    :raises BadDate: unknown form, impossible date, or an order nobody decided
    """
    if moment := usual(text):
        return moment
    text = text.strip()
    try:
        if match := _YEAR_FIRST(text) or _DOTTED(text):
            return _moment(match, match["day"], match["month"])
        if match := _SLASHED(text):
            first, second = match["first"], match["second_part"]
            if int(first) > 12:
                return _moment(match, first, second)
            if int(second) > 12 or first == second:
                return _moment(match, second, first)
            if day_first is None:
                raise BadDate(
                    say("%(text)s can be read with the day or the month first", text=shown(text))
                )
            return _moment(match, first, second) if day_first else _moment(match, second, first)
    except (ValueError, OverflowError) as error:
        if isinstance(error, BadDate):
            raise
        raise BadDate(say("%(text)s is not a possible date", text=shown(text))) from error
    if is_rewritten_date(text):
        raise BadDate(say("%(text)s is no date: %(advice)s", text=shown(text), advice=ADVICE))
    raise BadDate(say("%(text)s is not a date in any form Amazon uses", text=shown(text)))


def is_slashed(text: str) -> bool:
    """Tell whether the order of day and month in this date needs evidence."""
    return bool(_SLASHED(text.strip()))


class OrderEvidence:
    """Collects, over one file, whether its slashed dates put the day or the month first."""

    def __init__(self) -> None:
        self.proved: set[bool] = set()
        self.span: dict[bool, tuple[datetime, datetime] | None] = {True: None, False: None}

    def feed(self, text: str) -> None:
        """Take note of one slashed date."""
        match = _SLASHED(text.strip())
        assert match, text
        first, second = int(match["first"]), int(match["second_part"])
        if first > 12 or second > 12:
            self.proved.add(first > 12)
            return
        for day_first in (True, False):
            try:
                moment = parse_moment(text, day_first)
            except BadDate:
                self.proved.add(not day_first)
                continue
            low, high = self.span[day_first] or (moment, moment)
            self.span[day_first] = (min(low, moment), max(high, moment))

    def day_first(
        self, period: Callable[[bool], tuple[datetime | None, datetime | None]]
    ) -> bool | None:
        """Decide the order.

        :param period: function day_first → (start, end) of the file, either may be ``None``
        :return: True, False, or ``None`` where the file proves neither or both
        """
        if len(self.proved) == 1:
            return next(iter(self.proved))
        if self.proved:
            return None
        fitting = []
        for day_first, span in self.span.items():
            start, end = period(day_first)
            # Reserve rows are posted seconds after the end: a day of slack.
            if span and start and end and start <= span[0] + timedelta(days=1):
                if span[1] <= end + timedelta(days=1):
                    fitting.append(day_first)
        return fitting[0] if len(fitting) == 1 else None
