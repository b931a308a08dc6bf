"""Listing never starves and the point never lies, over drawn lives of a seller account.

Amazon is played in a few lines: reports that are made, listed and finished when they want, pages
in any order, tokens that expire, limits, faults, a clock that is not ours. Beside it stands what
``models/connection/sp_connection_sync.py`` and ``models/amazon/sp_report.py`` do with the
engine's answers.
"""

import os
import random
import unittest
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import NamedTuple

from ...amazon import limits, listing

DRAWS = int(os.environ.get("SP_CONNECTOR_FUZZ", 80))
START = datetime(2026, 6, 1)
DAY = timedelta(days=1)
RETENTION = timedelta(days=90)


class Trouble(Exception):
    """A call that brought nothing."""

    def __init__(self, after=0, is_refused=False):
        super().__init__()
        self.after = after
        self.is_refused = is_refused


class Info(NamedTuple):
    report_ref: int
    created_at: datetime
    is_done: bool


class Page(NamedTuple):
    reports: list
    next_token: str
    told_at: datetime | None


class Report(NamedTuple):
    """A report at Amazon; ``finished_at`` is ``None`` for one that never is."""

    report_ref: int
    created_at: datetime
    finished_at: datetime | None


class Amazon:
    """The Reports API of one seller."""

    def __init__(self, draw, reports, full):
        self.draw = draw
        self.now = START
        self.reports = list(reports)
        order = draw.choice(("newest first", "oldest first", "none"))
        if order == "newest first":
            self.reports.reverse()
        elif order == "none":
            draw.shuffle(self.reports)
        self.by_reference = {one.report_ref: one for one in reports}
        self.full = full
        self.token_life = draw.choice((timedelta(minutes=10), timedelta(hours=1), 999 * DAY))
        self.fault_rate = draw.choice((0, 0, 0.1, 0.4))
        self.has_date = draw.random() < 0.9
        self.cost, self.burst = draw.choice(((45, 10), (45, 3), (45, 1)))
        self.full_at = None
        self.tokens = {}
        self.imported = []

    def call(self):
        """Count a call as Amazon does, and let it fail sometimes."""
        self.now += timedelta(seconds=self.draw.choice((0, 0, 1, 3)))
        self.full_at, wait = limits.take(self.full_at, self.now, self.cost, self.burst)
        if wait:
            raise Trouble(wait.total_seconds())
        if self.draw.random() < self.fault_rate:
            raise Trouble(60)

    def page(self, since=None, until=None, token=None):
        self.call()
        offset = 0
        if token:
            since, until, offset, given = self.tokens[token]
            if self.now - given > self.token_life:
                raise Trouble(is_refused=True)
        elif since <= self.now - RETENTION:
            raise Trouble(is_refused=True)
        since, last = max(since, self.now - RETENTION), min(until or self.now, self.now)
        found = [one for one in self.reports if since <= one.created_at <= last]
        more = ""
        if offset + self.full < len(found):
            more = str(len(self.tokens))
            self.tokens[more] = since, until, offset + self.full, self.now
        told = self.now if self.has_date else None
        return Page([self.info(one) for one in found[offset : offset + self.full]], more, told)

    def report(self, reference):
        """Answer getReport; ``None`` once Amazon has forgotten it."""
        one = self.by_reference[reference]
        if self.draw.random() < self.fault_rate:
            raise Trouble(60)
        return self.info(one) if self.now - RETENTION < one.created_at else None

    def info(self, one):
        done = one.finished_at is not None and one.finished_at <= self.now
        return Info(one.report_ref, one.created_at, done)


class Connection:
    """What the models store and do; ``offset`` is what our clock has too much."""

    def __init__(self, amazon, offset):
        self.amazon = amazon
        self.offset = offset
        self.clock_offset = timedelta()
        self.listing = None
        self.point = None
        self.first = None  # where the listing of all begins
        self.known = {}  # reference → Info
        self.ask_at = {}  # unfinished: reference → time by Amazon's clock

    @property
    def clock(self):
        return (self.amazon.now + self.offset).replace(microsecond=0)

    def follow(self):
        for reference, at in sorted(self.ask_at.items()):
            if at > self.clock:
                continue
            try:
                info = self.amazon.report(reference)
            except Trouble:
                continue
            if info is None:
                del self.ask_at[reference]
            else:
                self.store([info])

    def store(self, infos):
        for info in infos:
            former = self.known.get(info.report_ref)
            self.known[info.report_ref] = info
            if info.is_done:
                self.ask_at.pop(info.report_ref, None)
                if not former or not former.is_done:
                    self.amazon.imported.append(info.report_ref)
            else:
                self.ask_at[info.report_ref] = listing.next_question(info.created_at, self.clock)

    def look(self):
        """Look for reports; return seconds to wait, or ``None`` when everything is listed."""
        if not listing.is_believed(self.point, self.clock):
            self.point = self.listing = self.first = None
        was_refused = False
        try:
            for _turn in range(1000):
                now = self.clock + self.clock_offset
                if not self.listing:
                    self.first = self.first or now - listing.HISTORY
                    since = self.point - listing.OVERLAP if self.point else self.first
                    self.listing = listing.begin(now, since)
                asked = listing.next_slice(self.listing, now)
                token = self.listing.token
                try:
                    page = self.amazon.page(*asked, token=token)
                except Trouble as trouble:
                    if not trouble.is_refused or was_refused:
                        raise
                    was_refused = True
                    self.listing = self.listing._replace(token="")
                    if not token:
                        told_at = self.amazon.now if self.amazon.has_date else None
                        self.set_offset(told_at, True)
                    continue
                if not was_refused and self.set_offset(page.told_at):
                    continue
                self.store(page.reports)
                self.listing, done = listing.after_page(
                    self.listing, asked, page, page.told_at or now, self.amazon.full
                )
                self.point = listing.point_after(self.point, self.listing, now, self.clock)
                self.hold()
                if done:
                    self.listing = None
                    return None
            raise AssertionError("a listing without an end")
        except Trouble as trouble:
            self.hold()
            return trouble.after or 60

    def set_offset(self, told_at, is_refused=False):
        """Correct the time that Amazon is asked by; tell whether that was needed."""
        offset = listing.offset_of(self.clock_offset, told_at, self.clock, is_refused)
        if offset == self.clock_offset:
            return False
        self.clock_offset = offset
        if self.listing.at == self.listing.since:
            self.listing = None  # it began at a wrong time
            self.first = None
        return True

    def hold(self):
        waiting = [self.known[reference].created_at for reference in self.ask_at]
        self.point = listing.held(self.point, min(waiting, default=None))


class TestAnyAccount(unittest.TestCase):
    def timeline(self, draw):
        """Return reports, by time of creation, over the 89 days before START and 22 after."""
        count = draw.choice((0, 3, 25, 60, 120))
        kind = draw.choice(("even", "one second", "few seconds", "bursts"))
        moment = START + draw.uniform(-85, 15) * DAY
        made = []
        for _number in range(count):
            if kind == "even":
                made.append(START + draw.uniform(-88.9, 22) * DAY)
            elif kind == "one second":
                made.append(moment)
            elif kind == "few seconds":
                made.append(moment + timedelta(seconds=draw.randrange(4)))
            else:
                burst = START + draw.choice((-80, -30, -5, 3, 9)) * DAY
                made.append(burst + timedelta(minutes=draw.randrange(90)))
        slow = draw.choice((0, 0.1, 0.5))
        waits = (timedelta(minutes=9), timedelta(hours=100), 10 * DAY, None)
        reports = []
        for reference, created in enumerate(sorted(one.replace(microsecond=0) for one in made)):
            wait = draw.choice(waits) if draw.random() < slow else timedelta()
            finished = created + wait if wait is not None else None
            reports.append(Report(reference, created, finished))
        return reports

    def assertHonest(self, amazon, connection, message):
        if connection.point is None:
            return
        # What Amazon forgets, or never finished within its 90 days, holds nobody up.
        oldest = amazon.now - listing.HISTORY - DAY / 2
        for one in amazon.reports:
            if oldest < one.created_at < connection.point:
                known = connection.known.get(one.report_ref)
                self.assertTrue(known, f"{message}: {one} is not known at {connection.point}")
                self.assertTrue(known.is_done, f"{message}: {one} is not finished")

    def test_each_report_is_imported_once_and_the_point_never_passes_one_that_is_not(self):
        for seed in range(DRAWS):
            self.live(seed)

    def live(self, seed):
        draw = random.Random(seed)
        amazon = Amazon(draw, self.timeline(draw), draw.choice((3, 8, 100)))
        offset = draw.choice(
            (0, 0, 0, 40, 3600, -3600, -20 * 3600, -50 * 3600, 9 * 86400, -9 * 86400, 400 * 86400)
        )
        if not amazon.has_date:
            offset = min(max(offset, -40), 40)
        connection = Connection(amazon, timedelta(seconds=offset))
        end = START + 24 * DAY
        whole, point = 0, None
        while amazon.now < end:
            wait = connection.look()
            if connection.point != point:
                point = connection.point
                self.assertHonest(amazon, connection, f"seed {seed}")
            whole += wait is None
            pause = timedelta(hours=6) if wait is None else timedelta(seconds=wait)
            while pause > timedelta():
                step = min(pause, timedelta(hours=2))
                amazon.now += step
                pause -= step
                connection.follow()
            if draw.random() < 0.002:  # the administrator sets the clock right
                connection.offset = timedelta()
        self.assertGreater(whole, 0, f"seed {seed}: no listing ever came to its end")
        should = [
            one.report_ref
            for one in amazon.reports
            if one.created_at <= end - DAY
            and one.finished_at
            and one.finished_at <= end - DAY
            and one.finished_at < one.created_at + RETENTION - DAY
        ]
        self.assertEqual(sorted(amazon.imported), sorted(set(amazon.imported)), f"seed {seed}")
        missing = set(should) - set(amazon.imported)
        self.assertFalse(missing, f"seed {seed}: never imported")


class TestSlices(unittest.TestCase):
    def page(self, *made, more="", told=START):
        reports = [SimpleNamespace(created_at=one) for one in made]
        return Page(reports, more, told)

    def test_a_seller_with_few_reports_is_one_question(self):
        one = listing.begin(START, START - 200 * DAY)
        asked = listing.next_slice(one, START)
        self.assertEqual(asked, (START - listing.HISTORY, None))
        one, done = listing.after_page(one, asked, self.page(START - DAY), START, 100)
        self.assertEqual((one.at, done), (START, True))

    def test_a_crowded_slice_is_halved_and_an_answered_one_is_kept(self):
        one = listing.begin(START, START - 8 * DAY)
        many = [START - DAY - n * DAY / 50 for n in range(100)]
        one, done = listing.after_page(
            one, (START - 8 * DAY, None), self.page(*many, more="x"), START, 100
        )
        asked = listing.next_slice(one, START)
        self.assertEqual((asked, done), ((START - 8 * DAY, START - 4 * DAY), False))
        one, done = listing.after_page(one, asked, self.page(*many[:60]), START, 100)
        self.assertEqual((one.at, one.to, done), (START - 4 * DAY, None, False))

    def test_a_crowded_second_is_turned_page_by_page(self):
        moment = START - DAY
        one = listing.begin(START, START - 8 * DAY)
        full = self.page(*[moment] * 100, more="x")
        turns = []
        for _turn in range(2):
            asked = listing.next_slice(one, START)
            turns.append(asked)
            answer = full if asked[1] is None or asked[1] >= moment else self.page()
            one, _done = listing.after_page(one, asked, answer, START, 100)
        self.assertEqual(turns[1], (START - 8 * DAY, moment - timedelta(seconds=1)))
        for _turn in range(2):
            one, _done = listing.after_page(one, listing.next_slice(one, START), full, START, 100)
        self.assertEqual(one.token, "x")
        self.assertEqual(listing.next_slice(one, START)[0], moment - timedelta(seconds=1))

    def test_a_clock_that_is_behind_does_not_ask_the_same_again(self):
        told = START + timedelta(hours=15)
        crowd = [told - timedelta(hours=1)] * 100
        one = listing.begin(START, START - 8 * DAY)
        asked = listing.next_slice(one, START)
        one, _done = listing.after_page(one, asked, self.page(*crowd, more="x"), told, 100)
        self.assertEqual(listing.next_slice(one, START)[1], crowd[0] - timedelta(seconds=1))

    def test_nothing_after_amazons_clock_counts_as_listed(self):
        one = listing.begin(START, START - DAY)
        told = START - timedelta(hours=2)
        one, done = listing.after_page(one, (one.at, None), self.page(told=told), told, 100)
        self.assertEqual((one.at, done), (told, True))

    def test_a_range_after_the_point_hides_no_gap(self):
        point = START - 60 * DAY
        later = listing.begin(START, START - 10 * DAY)._replace(at=START)
        self.assertEqual(listing.point_after(point, later, START, START), point)
        earlier = listing.begin(START, START - 70 * DAY)._replace(at=START)
        self.assertEqual(listing.point_after(point, earlier, START, START), START)
        self.assertEqual(listing.point_after(None, later, START, START), None)

    def test_the_point_stays_before_the_oldest_report_that_is_not_finished(self):
        old = START - 10 * DAY
        self.assertEqual(listing.held(START, old), old - timedelta(seconds=1))
        self.assertEqual(listing.held(START, None), START)
        self.assertEqual(listing.held(None, old), None)

    def test_failures_in_a_row_are_paused_longer_each_time(self):
        waits = [listing.pause(tries, 60).total_seconds() for tries in range(1, 12)]
        self.assertEqual(waits[:4], [60, 120, 240, 480])
        self.assertEqual(waits[-1], 3600)
        self.assertEqual(listing.pause(1, 600).total_seconds(), 600)

    def test_an_unfinished_report_is_asked_for_the_more_rarely_the_older_it_is(self):
        self.assertEqual(listing.next_question(START, START), START + timedelta(minutes=10))
        self.assertEqual(listing.next_question(START - DAY, START), START + DAY / 8)
        self.assertEqual(listing.next_question(START - 10 * DAY, START), START + timedelta(hours=6))


if __name__ == "__main__":
    unittest.main()
