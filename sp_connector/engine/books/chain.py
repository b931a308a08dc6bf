"""Settlements in time: which follows which, and where one is missing.

Facts: docs/facts/chains.md, "Periods" and "Reserves".

A seller has one chain per currency and account type: each settlement starts where the one before
it ended, and brings back the reserve that the one before it held. Amazon's file does not name the
account type, so chains are found by their dates: of settlements that run side by side each goes on
with the one that starts at its own end, to the second if there is one.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

GAP, OVERLAP, RESERVE = "gap", "overlap", "reserve"
DAY = timedelta(days=1)
#: An end of 23:59:59 and a start of 00:00:00 are the same moment, as is a rounded second.
MEETS = timedelta(seconds=2)
#: May still be the same moment, if nothing speaks for another chain.
NEAR = timedelta(seconds=60)
#: Within two months an unfinished chain is the likelier reason than one that jitters by seconds.
RECENT = timedelta(days=62)
#: Overdue for so long, a chain is expected to go on no more.
RESTING = timedelta(days=45)
#: So many settlements say how long the next one will be.
_RHYTHM = 5


class Period(NamedTuple):
    """One settlement of a company in one currency.

    :param key: names the settlement
    :param start: naive UTC, like ``end``
    :param reserve_in: what the former settlement held and this one brings back; positive, in the
        settlement's currency; ``None`` where the file cannot be trusted
    :param reserve_out: what this one holds for the next; positive; ``None`` likewise
    :param seller: the seller account, ``None`` where nobody knows (an uploaded file): fits all
    :param place: a hint, such as the marketplace; decides between equals, proves nothing
    """

    key: str
    start: datetime
    end: datetime
    reserve_in: Decimal | None = None
    reserve_out: Decimal | None = None
    seller: object = None
    place: object = None


class Break(NamedTuple):
    """Where a chain breaks: ``gap``, ``overlap`` or ``reserve``, between two neighbours."""

    kind: str
    before: Period
    after: Period


class Chains(NamedTuple):
    """Chains (tuples of periods, in order of time; they go on across breaks) and breaks."""

    chains: tuple[tuple[Period, ...], ...]
    breaks: tuple[Break, ...]


def find_chains(periods: Iterable[Period]) -> Chains:
    """Sort settlements into chains and name the breaks.

    No alarm is raised for the first settlement of a chain, nor for one that merely ends: an
    account that was closed, or whose next settlement is not made yet. A break always has a
    neighbour on each side.

    :param periods: of one company and currency, in any order; a key given twice counts once,
        and a settlement without both dates, or that ends before it starts, is left out
    :return: ``Chains``
    """
    known: dict[str, Period] = {}
    for period in periods:
        if period.start and period.end and period.start < period.end:
            known.setdefault(period.key, period)
    linker = _Linker(sorted(known.values(), key=lambda item: (item.start, item.end, item.key)))
    linker.link_near()
    linker.link_breaks()
    chains = tuple(map(linker.chain, linker.heads()))
    breaks = [*linker.breaks]
    for chain in chains:
        for before, after in zip(chain, chain[1:]):  # noqa: B905 (one shorter)
            if (before.key, after.key) not in linker.broken and _disagree(before, after):
                breaks.append(Break(RESERVE, before, after))
    return Chains(chains, tuple(sorted(breaks, key=lambda item: (item.after.start, item[0]))))


def _disagree(before: Period, after: Period) -> bool:
    """Tell whether both reserves are known and differ."""
    held, back = before.reserve_out, after.reserve_in
    return held is not None and back is not None and held != back


def expected_end(chains: Iterable[tuple[Period, ...]], now: datetime) -> datetime | None:
    """Tell when the next settlement of some chains should end, the earliest of them.

    A chain goes on in the rhythm of its last settlements. One that is overdue by more than
    ``RESTING`` has most likely ended: an account that was closed, or sells no more.

    :param chains: as ``find_chains`` gives them
    :return: a moment that may have passed already, or ``None`` where nothing is expected
    """
    ends = []
    for chain in chains:
        lengths = sorted(period.end - period.start for period in chain[-_RHYTHM:])
        end = chain[-1].end + lengths[len(lengths) // 2]
        if end + RESTING > now:
            ends.append(end)
    return min(ends, default=None)


class _Linker:
    """Ties each period to at most one follower; both ends of a chain know its seller."""

    def __init__(self, periods: list[Period]) -> None:
        self.periods = periods
        self.after: dict[str, Period] = {}
        self.before: dict[str, Period] = {}
        self.breaks: list[Break] = []
        self.broken: set[tuple[str, str]] = set()
        #: Keys that meet a neighbour to the second.
        self._met: set[str] = set()
        self._other_end = {period.key: period.key for period in periods}
        self._seller = {period.key: period.seller for period in periods}

    def heads(self) -> list[Period]:
        return [period for period in self.periods if period.key not in self.before]

    def tails(self) -> list[Period]:
        return [period for period in self.periods if period.key not in self.after]

    def chain(self, period: Period) -> tuple[Period, ...]:
        found = [period]
        while following := self.after.get(found[-1].key):
            found.append(following)
        return tuple(found)

    def fit(self, before: Period, after: Period) -> bool:
        """Tell whether the chain that ends here and the one that starts there may be one."""
        sellers = {self._seller[before.key], self._seller[after.key]} - {None}
        free = before.key not in self.after and after.key not in self.before
        return free and len(sellers) < 2

    def link(self, before: Period, after: Period) -> None:
        self.after[before.key], self.before[after.key] = after, before
        head, tail = self._other_end[before.key], self._other_end[after.key]
        seller = self._seller[before.key]
        seller = self._seller[after.key] if seller is None else seller
        self._other_end[head], self._other_end[tail] = tail, head
        self._seller[head] = self._seller[tail] = seller

    def link_near(self) -> None:
        """Tie what meets to the second, then what meets within seconds."""
        starts = [period.start for period in self.periods]
        near = []
        for before in self.periods:
            low = bisect_left(starts, before.end - NEAR)
            high = bisect_right(starts, before.end + NEAR)
            for after in self.periods[low:high]:
                if before.start < after.start and before.end < after.end:
                    distance = abs(after.start - before.end)
                    doubts = (_disagree(before, after), before.place != after.place)
                    rank = (distance, *doubts, before.start, before.key, after.key)
                    near.append((rank, before, after))
        for rank, before, after in sorted(near, key=lambda item: item[0]):
            distance = rank[0]
            if distance > MEETS and self._met & {before.key, after.key}:
                # A chain that meets to the second elsewhere is not half a minute late here:
                # these are two that run side by side.
                continue
            if self.fit(before, after):
                self.link(before, after)
                if distance <= MEETS:
                    self._met |= {before.key, after.key}

    def link_breaks(self) -> None:
        """Tie the starts of chains to unfinished chains, the likeliest pair first."""
        pairs = []
        tails = self.tails()
        for after in self.heads():
            for before in tails:
                if self.fit(before, after) and (found := _relation(before, after)):
                    order, distance, kind = found
                    rank = (order, before.place != after.place, _strangeness(distance))
                    pairs.append(((*rank, before.key, after.key), kind, before, after))
        for _rank, kind, before, after in sorted(pairs, key=lambda item: item[0]):
            if not self.fit(before, after):
                continue
            self.link(before, after)
            if kind:
                self.broken.add((before.key, after.key))
                self.breaks.append(Break(kind, before, after))


def _strangeness(distance: timedelta) -> timedelta:
    """Rate a distance: an account's periods change at one time of day, give or take seconds.

    A day more is worth a second off that time.
    """
    off = distance % DAY
    return min(off, DAY - off) + distance / DAY.total_seconds()


def _relation(before: Period, after: Period) -> tuple[int, timedelta, str | None] | None:
    """Return how ``after`` might go on ``before``: (order of likelihood, distance, break).

    The break is ``None`` where they meet within seconds; all is ``None`` where they cannot belong
    together.
    """
    distance = after.start - before.end
    if before.start >= after.start or before.end >= after.end:
        return None
    if distance > NEAR:
        return (0 if distance <= RECENT else 3), distance, GAP
    if distance >= -NEAR:
        return 1, abs(distance), None
    # Side by side, unless it is a small part of both.
    shorter = min(before.end - before.start, after.end - after.start)
    return (2, -distance, OVERLAP) if -2 * distance <= shorter else None
