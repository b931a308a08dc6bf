"""A listing always comes to its end, whatever disturbs it, and Complete Until never lies."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import freeze_time

from ...engine.amazon import listing, reports
from ...models.connection import sp_connection_sync
from ..sync_common import SyncCase


class ListingCase(SyncCase):
    """Amazon's pages hold four reports."""

    def setUp(self):
        super().setUp()
        self.now = fields.Datetime.now()
        self.startPatcher(patch.object(reports, "PAGE_SIZE", 4))

    def made(self, *days_ago, **fields_of_report):
        """Reports that Amazon made so many days ago, each with a settlement of its own."""
        text = self.sample("v2_uk_gbp.txt")
        made = []
        for days in days_ago:
            self.count = getattr(self, "count", 0) + 1
            content = text.replace(b"99000000101", b"99000%06d" % self.count)
            created = self.fake.clock() - timedelta(days=days)
            made.append(
                self.fake.add_report(content, self.seller, created=created, **fields_of_report)
            )
        return made

    def look(self, seconds=0):
        """Let the scheduler look, so many seconds later."""
        with freeze_time(self.now + timedelta(seconds=seconds), tick=True):
            self.find.method_direct_trigger()
        self.root_env.invalidate_all()

    def look_until_listed(self, seconds=60, turns=60):
        """Look again and again; return after how many looks all was listed."""
        for turn in range(turns):
            self.look(turn * seconds)
            if self.connection.last_result == "done":
                return turn + 1
        raise AssertionError(f"starved: {len(self.reports)} reports after {turns} looks")

    def listed(self, status=None):
        calls = [call for call in self.fake.calls if call.operation == "getReports"]
        return [call for call in calls if status in (None, call.status)]


class TestProgress(ListingCase):
    def test_more_reports_than_a_burst_of_pages_are_all_listed(self):
        """A first look is worth ten calls; this account wants more than twice as many."""
        self.fake.set_options(limits=True)
        self.made(*(88 - 2 * place for place in range(40)), *(30.5, 30.51) * 8)
        self.look_until_listed()
        self.assertEqual(len(self.reports), 56)
        self.assertFalse(self.listed(429), "Amazon never had to refuse")
        self.assertGreaterEqual(self.connection.proven_until, self.now)
        self.assertFalse(self.connection.listing_progress)

    def test_all_of_one_second_are_listed_though_pages_are_turned_across_limits(self):
        self.fake.set_options(limits=True)
        self.made(*[5] * 60)
        self.made(3, 8)
        self.look_until_listed()
        self.assertEqual(len(self.reports), 62)
        self.assertFalse(self.listed(429))

    def test_the_token_of_a_page_that_is_over_begins_its_slice_again(self):
        self.fake.set_options(limits=True)
        self.made(*[5] * 30)
        self.look()
        self.fake.next_tokens.clear()
        self.look_until_listed()
        self.assertEqual(len(self.reports), 30)

    def test_a_refusal_in_the_middle_keeps_what_was_listed(self):
        self.fake.set_options(limits=True)
        self.made(*range(1, 31))
        self.fake.fail("getReports", "429", after=4)
        self.look()
        self.assertEqual(self.connection.last_result, "waiting")
        self.assertTrue(self.connection.listing_progress)
        self.assertTrue(self.reports)
        self.look_until_listed()
        self.assertEqual(len(self.reports), 30)

    def test_the_oldest_are_listed_first_and_the_point_follows(self):
        self.made(*range(1, 31))
        self.fake.fail("getReports", "503", after=8)
        self.look()
        point = self.connection.proven_until
        known = set(self.reports.mapped("created_at"))
        for report in self.seller.reports.values():
            made = report.created_time.replace(tzinfo=None, microsecond=0)
            if made < point:
                self.assertIn(made, known)
        self.assertTrue(self.now - timedelta(days=80) < point < self.now)

    def test_a_look_rests_so_that_the_connection_is_not_locked_for_long(self):
        self.made(*range(1, 31))
        with patch.object(sp_connection_sync, "LOOK_SECONDS", -1):
            self.look()
            self.assertEqual(len(self.listed()), 2, "one at connecting, one of the look")
            self.assertLessEqual(self.connection.next_sync_at, self.now + timedelta(seconds=5))
            self.look_until_listed()
        self.assertEqual(len(self.reports), 30)

    def test_every_call_is_counted_also_those_of_connecting_and_of_test(self):
        """The buckets hold what Amazon's hold: pressing Test cannot starve a listing."""
        self.fake.set_options(limits=True)
        self.made(*range(1, 41))
        for _turn in range(14):
            self.connection.action_test()
        check = self.connection.check_ids.filtered(lambda one: one.name == "Amazon")
        self.assertIn("limit", check.text)
        self.assertRegex(check.remedy, r"in \d+ seconds")
        self.assertEqual(self.connection.state, "connected")
        self.look_until_listed()
        self.assertEqual(len(self.reports), 40)
        self.assertFalse([call for call in self.fake.calls if call.status == 429])

    def test_an_outage_is_asked_more_rarely_each_time(self):
        self.fake.fail("getReports", "503", times=None)
        waits = []
        at = 0
        for _turn in range(8):
            self.look(at)
            moment = (self.connection.next_sync_at - self.now).total_seconds()
            waits.append(moment - at)
            at = moment + 1
        self.assertEqual(sorted(waits), waits)
        self.assertLess(waits[0], 70)
        self.assertGreater(waits[-1], 3000)
        self.fake.clear_faults()
        self.look(at)
        self.assertEqual((self.connection.last_result, self.connection.look_tries), ("done", 0))

    def test_an_access_token_that_is_refused_twice_has_a_reason_of_its_own(self):
        self.made(2)
        self.fake.fail("getReports", "expired_token", times=None)
        self.look()
        connection = self.connection
        self.assertEqual(
            (connection.state, connection.state_reason), ("attention", "token_refused")
        )
        self.assertIn("fresh one", connection.problem)
        first = connection.next_sync_at
        self.look(120)
        self.assertGreater(connection.next_sync_at - self.now, 2 * (first - self.now))
        self.fake.clear_faults()
        self.look(7200)
        self.assertEqual((connection.state, connection.report_count), ("connected", 1))

    def test_amazons_own_words_are_told(self):
        self.fake.fail("getReports", "400")
        self.look()
        self.assertIn("InvalidInput: Invalid Input", self.connection.log_ids.message)


class TestClock(ListingCase):
    def test_a_clock_that_runs_ahead_hides_nothing(self):
        self.made(88, 70, 3)
        with freeze_time(self.now + timedelta(days=40), tick=True):
            self.fake.advance(-40 * 86400)  # Amazon's is right
            self.find.method_direct_trigger()
        self.fake.advance(40 * 86400)
        self.root_env.invalidate_all()
        self.assertEqual(len(self.reports), 3)
        self.assertLessEqual(self.connection.proven_until, fields.Datetime.now())

    def test_what_a_wrong_clock_noted_heals_by_itself(self):
        self.look()
        year = self.now + timedelta(days=365)
        self.connection.write(
            {
                "proven_until": year,
                "last_sync_at": year,
                "looked_at": year,
                "next_sync_at": year + timedelta(hours=4),
            }
        )
        self.made(40)
        self.look()
        self.assertEqual(len(self.reports), 1)
        self.assertLessEqual(self.connection.proven_until, self.now + listing.TOLERANCE)
        self.assertLess(self.connection.next_sync_at, self.now + timedelta(hours=5))

    def test_a_server_that_is_days_behind_asks_for_what_amazon_still_has(self):
        self.made(70, 20)
        self.fake.advance(9 * 86400)
        self.look()
        self.assertEqual(len(self.reports), 2)
        self.assertAlmostEqual(self.connection.clock_offset, 9 * 86400, delta=60)
        self.assertLessEqual(self.connection.proven_until, fields.Datetime.now())

    def test_a_report_s_time_to_wait_that_is_years_away_is_not_believed(self):
        self.made(3)
        self.look()
        self.reports.retry_at = self.now + timedelta(days=365)
        self.take.method_direct_trigger()
        self.root_env.invalidate_all()
        self.assertEqual(self.reports.state, "imported")

    def test_nobody_writes_by_hand_what_is_known(self):
        connection = self.connection.with_user(self.manager)
        for name in ("proven_until", "next_sync_at", "looked_at", "backfill_since"):
            with self.subTest(name), self.assertRaises(AccessError):
                connection.write({name: self.now})

    def test_a_fresh_connection_says_when_it_is_looked_at(self):
        self.assertTrue(self.connection.next_sync_at)
        triggers = self.root_env["ir.cron.trigger"].search([("cron_id", "=", self.find.id)])
        self.assertLessEqual(min(triggers.mapped("call_at")), fields.Datetime.now())
