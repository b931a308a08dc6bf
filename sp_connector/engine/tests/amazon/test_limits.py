"""Amazon's limits: a burst at once, then one call after another, whatever the clock does."""

import unittest
from datetime import datetime, timedelta

from ...amazon.limits import drained, last_call_at, take

NOW = datetime(2026, 6, 1, 12)


def seconds(count):
    return timedelta(seconds=count)


class TestTake(unittest.TestCase):
    def calls(self, full_at, now, count, cost=60, burst=15):
        """Try so many calls at one moment; return (full_at, how many were allowed)."""
        allowed = 0
        for _call in range(count):
            full_at, wait = take(full_at, now, cost, burst)
            allowed += not wait
        return full_at, allowed

    def test_a_full_bucket_gives_its_burst_and_no_more(self):
        _full_at, allowed = self.calls(None, NOW, 40)
        self.assertEqual(allowed, 15)

    def test_then_one_call_each_time_the_bucket_refills(self):
        full_at, _allowed = self.calls(None, NOW, 15)
        full_at, wait = take(full_at, NOW, 60, 15)
        self.assertEqual(wait, seconds(60))
        full_at, allowed = self.calls(full_at, NOW + seconds(59), 3)
        self.assertEqual(allowed, 0)
        full_at, allowed = self.calls(full_at, NOW + seconds(60), 3)
        self.assertEqual(allowed, 1)
        full_at, allowed = self.calls(full_at, NOW + seconds(60 + 180), 9)
        self.assertEqual(allowed, 3)

    def test_a_refused_call_takes_nothing(self):
        full_at, _allowed = self.calls(None, NOW, 15)
        again, wait = take(full_at, NOW, 60, 15)
        self.assertEqual((again, bool(wait)), (full_at, True))

    def test_a_rest_never_saves_more_than_the_burst(self):
        full_at, _allowed = self.calls(None, NOW, 15)
        _full_at, allowed = self.calls(full_at, NOW + timedelta(days=3), 40)
        self.assertEqual(allowed, 15)

    def test_sixty_documents_take_the_time_amazon_asks_for(self):
        full_at, now, done = None, NOW, 0
        while done < 60:
            full_at, wait = take(full_at, now, 60, 15)
            now += wait
            done += not wait
        self.assertEqual(now - NOW, timedelta(minutes=45))

    def test_the_time_of_the_last_call_is_the_one_that_taking_them_needs(self):
        for used in (0, 3, 15):
            for count in (1, 12, 15, 16, 60):
                full_at, _allowed = self.calls(None, NOW, used)
                said = last_call_at(full_at, NOW, 60, 15, count)
                now, done = NOW, 0
                while done < count:
                    full_at, wait = take(full_at, now, 60, 15)
                    now += wait
                    done += not wait
                self.assertEqual(said, now, (used, count))

    def test_a_drained_bucket_is_empty(self):
        full_at = drained(NOW, 45, 10)
        self.assertEqual(take(full_at, NOW, 45, 10)[1], seconds(45))
        self.assertFalse(take(full_at, NOW + seconds(45), 45, 10)[1])

    def test_a_clock_that_was_set_back_does_not_lock_for_days(self):
        full_at, _allowed = self.calls(None, NOW + timedelta(days=30), 15)
        _full_at, wait = take(full_at, NOW, 60, 15)
        self.assertEqual(wait, seconds(60))
