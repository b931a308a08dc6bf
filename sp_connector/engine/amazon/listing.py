"""Which reports Amazon is asked for next, and up to when all of them are known. Pure arithmetic.

A *listing* goes once through a range of time, in slices, the oldest first: nothing may pass the 90
days after which Amazon forgets. A slice that does not fit on one page is narrowed, so a single
call that is answered always brings it on, whatever becomes of the calls after it; and pages, which
Amazon may shift and whose tokens may expire, are turned only where more reports were made within
two seconds than fit on one. Who lists keeps the ``Listing`` with what each answer brought.

Times are naive UTC without fractions: the Reports API tells them in seconds.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from .reports import Page

#: (since, until) of a question; no ``until`` for the moment of asking
Slice: TypeAlias = tuple[datetime, datetime | None]

#: How far back Amazon answers (airbyte#76265: 90 days minus latency is refused).
HISTORY = timedelta(days=89)
#: Asked for again each time: what Amazon listed late.
OVERLAP = timedelta(days=3)
#: Clocks of the same time may differ by this; it is also how late an answer may come.
TOLERANCE = timedelta(minutes=5)
_SECOND = timedelta(seconds=1)
#: Not narrowed any more. A second more than one, as both ends of a range belong to it.
_NARROWEST = 2 * _SECOND
#: A full page of reports that were made within this time is one burst.
_CROWD = timedelta(minutes=1)


class Listing(NamedTuple):
    """How far a listing is.

    :param since: where it began
    :param at: all reports from there to here are stored
    :param until: where it ends, ``None`` for the moment of asking
    :param to: end of the slice that is asked for next, ``None`` for all the rest; a time, as the
        beginning of a slice at the edge of Amazon's memory moves while we wait
    :param token: the page of that slice that is asked for next, ``""`` for the first one
    """

    since: datetime
    at: datetime
    until: datetime | None = None
    to: datetime | None = None
    token: str = ""


def begin(now: datetime, since: datetime, until: datetime | None = None) -> Listing:
    """Return a new ``Listing`` of a range, as far as Amazon still answers.

    :param now: Amazon's time
    """
    since = max(since, now - HISTORY)
    return Listing(since, since, until)


def next_slice(listing: Listing, now: datetime) -> Slice:
    """Return (since, until) to ask for; ``until`` is ``None`` for the moment of asking.

    :param now: Amazon's time
    """
    if listing.token:
        return listing.at, listing.to
    since = max(listing.at, now - HISTORY)
    end = listing.until if listing.until and listing.until < now else None
    # Without a look at the clock: Amazon told of reports up to there, and ours may be behind.
    if listing.to and since < listing.to and not (end and end <= listing.to):
        return since, listing.to
    return since, end


def after_page(
    listing: Listing, asked: Slice, page: "Page", now: datetime, full: int
) -> tuple[Listing, bool]:
    """Return (the listing after an answer, whether it is finished).

    :param asked: the slice that was asked for
    :param page: ``reports.Page``: the answer
    :param now: Amazon's time; nothing after it counts as listed
    :param full: reports on a full page
    """
    since, until = asked
    if page.next_token:
        return _narrowed(listing, asked, page, now), False
    at = max(min(until or now, now), listing.at)
    to = None  # past a crowd, the rest may be one slice
    if until and not listing.token and 8 * len(page.reports) > full:
        to = at + (until - since) * (2 if 2 * len(page.reports) <= full else 1)
        to = to if to < now else None
    is_finished = until is None or until == listing.until
    return listing._replace(at=at, to=to, token=""), is_finished


def _narrowed(listing: Listing, asked: Slice, page: "Page", now: datetime) -> Listing:
    since, until = asked
    span = (until or max(now, since)) - since
    if listing.token or span <= _NARROWEST:
        return listing._replace(at=since, to=since + span, token=page.next_token)
    first = min(info.created_at for info in page.reports)
    last = max(info.created_at for info in page.reports)
    half = timedelta(seconds=span.total_seconds() // 2)
    if since <= last <= since + half:
        width = last - since
    elif last - first <= _CROWD and half < first - _SECOND - since < span:
        width = first - _SECOND - since  # what came before the crowd is one slice
    else:
        width = half
    return listing._replace(to=since + max(width, _NARROWEST))


def point_after(
    point: datetime | None, listing: Listing, now: datetime, clock: datetime
) -> datetime | None:
    """Return up to when everything is known, given what a listing told.

    It moves only if the listing began before it, or reaches back as far as Amazon does: else a gap
    would be hidden.

    :param point: up to when everything was known, or ``None``
    :param now: Amazon's time
    :param clock: ours: a point in its future would not be believed
    """
    oldest, at = now - HISTORY, min(listing.at, clock)
    if listing.since > max(point or oldest, oldest):
        return point
    return max(point or at, at)


def held(point: datetime | None, unfinished: datetime | None) -> datetime | None:
    """Return the point, or the moment before the oldest report that Amazon has not finished.

    :param unfinished: when that report was made, or ``None``
    """
    return min(point, unfinished - _SECOND) if point and unfinished else point


def offset_of(
    offset: timedelta, told_at: datetime | None, clock: datetime, is_refused: bool = False
) -> timedelta:
    """Return what is added to our clock to get the time that Amazon is asked by.

    The earlier of both clocks is right as long as Amazon answers: it reaches back the furthest.

    :param offset: what was added so far
    :param told_at: Amazon's clock, ``None`` where that is unknown
    :param clock: ours at that time
    :param is_refused: Amazon refused the question, perhaps as reaching back too far
    """
    if not told_at:
        return offset
    difference = told_at - clock
    if abs(difference) <= TOLERANCE:
        difference = timedelta()
    is_amazons = abs(offset - difference) <= TOLERANCE
    if is_refused:
        return timedelta() if is_amazons else difference
    return offset if is_amazons else min(difference, timedelta())


def is_believed(moment: datetime | None, now: datetime) -> bool:
    """Tell whether a stored time can be true: one of the future was noted by a wrong clock."""
    return not moment or moment <= now + TOLERANCE


def pack(listing: Listing) -> list[str | None]:
    """Return a listing as values that JSON holds; see ``unpack``."""
    return [value.isoformat() if isinstance(value, datetime) else value for value in listing]


def unpack(values: list[Any]) -> Listing:
    """Return the ``Listing`` that ``pack`` made these values of."""
    since, at, until, to, token = values
    return Listing(
        datetime.fromisoformat(since),
        datetime.fromisoformat(at),
        datetime.fromisoformat(until) if until else None,
        datetime.fromisoformat(to) if to else None,
        token,
    )


def next_question(created_at: datetime, now: datetime) -> datetime:
    """Return when to ask again for a report that Amazon has not finished.

    Most are finished within minutes, some after four to ten days
    (amzn/selling-partner-api-docs#2272, #3273): the older, the rarer.
    """
    wait = (now - created_at) / 8
    return now + min(max(wait, timedelta(minutes=10)), timedelta(hours=6))


def pause(tries: int, after: int, longest: timedelta = timedelta(hours=1)) -> timedelta:
    """Return how long to wait after so many failures in a row, twice as long each time.

    :param tries: failures so far, this one included
    :param after: seconds to wait at least
    """
    return max(min(timedelta(seconds=60 * 2 ** min(tries - 1, 10)), longest), _SECOND * int(after))
