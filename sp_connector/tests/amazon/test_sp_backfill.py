"""What Amazon made before: brought in by a person's choice, with its progress and its end."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time

from ...models.common.texts import time_text
from ..sync_common import SAMPLES, SyncCase


class TestBackfill(SyncCase):
    def setUp(self):
        super().setUp()
        self.now = fields.Datetime.now()
        self.manager.tz = "UTC"

    def wizard(self, **vals):
        return (
            self.root_env["sp.backfill"]
            .with_user(self.manager)
            .create({"connection_id": self.connection.id, **vals})
        )

    def made(self, days_ago, ref=b"99000000101"):
        """A report that Amazon made so many days ago."""
        text = self.sample("v2_uk_gbp.txt").replace(b"99000000101", ref)
        created = self.fake.clock() - timedelta(days=days_ago)
        return self.fake.add_report(text, self.seller, created=created)

    def day(self, days_ago):
        return (self.now - timedelta(days=days_ago)).date()

    def listed(self):
        """The queries of the calls that listed reports, in their order."""
        return [call for call in self.fake.calls if call.operation == "getReports"]

    def test_all_brings_in_what_is_unknown_and_leaves_the_rest(self):
        self.at_amazon(*SAMPLES)
        self.run_crons()
        self.made(80, b"99000000777")
        kept = {report.id: report.write_date for report in self.reports}
        self.assertEqual(self.wizard().known_count, 4)
        message = self.wizard().action_start()["params"]["message"]
        self.assertIn("1 new report;", message)
        self.assertEqual(len(self.reports), 5)
        self.assertEqual(kept, {one.id: one.write_date for one in self.reports if one.id in kept})
        self.run_crons()
        self.assertEqual(self.states(), ["imported"] * 5)

    def test_a_range_brings_in_its_own_reports_alone(self):
        self.run_crons()
        self.made(60, b"99000000160")
        self.made(40, b"99000000140")
        self.made(20, b"99000000120")
        self.wizard(scope="range", date_from=self.day(50), date_to=self.day(30)).action_start()
        self.assertEqual(len(self.reports), 1)
        self.assertEqual(self.reports.created_at.date(), self.day(40))

    def test_a_range_that_ends_earlier_never_moves_the_point_past_its_end(self):
        self.connection.proven_until = False
        self.wizard(scope="range", date_from=self.day(50), date_to=self.day(30)).action_start()
        self.assertFalse(self.connection.proven_until, "what came before the range is unknown")
        oldest = self.wizard().date_oldest
        self.wizard(scope="range", date_from=oldest, date_to=self.day(30)).action_start()
        self.assertEqual(self.connection.proven_until.date(), self.day(29))
        self.assertLessEqual(self.connection.next_sync_at, fields.Datetime.now())
        self.run_crons()
        self.assertGreaterEqual(self.connection.proven_until, self.now)

    def test_a_range_that_begins_after_the_point_hides_no_gap(self):
        point = self.now - timedelta(days=60)
        self.connection.proven_until = point
        self.wizard(scope="range", date_from=self.day(10)).action_start()
        self.assertEqual(self.connection.proven_until, point)
        self.wizard(scope="range", date_from=self.day(70)).action_start()
        self.assertGreaterEqual(self.connection.proven_until, self.now)

    def test_an_older_range_never_moves_the_point_back(self):
        self.run_crons()
        point = self.connection.proven_until
        self.wizard(scope="range", date_from=self.day(80), date_to=self.day(70)).action_start()
        self.assertEqual(self.connection.proven_until, point)

    def test_an_outage_delays_a_backfill_and_forgets_nothing_of_it(self):
        self.run_crons()
        self.made(60, b"99000000160")
        self.fake.fail("getReports", "503")
        self.wizard().action_start()
        self.assertTrue(self.connection.is_backfilling)
        self.assertIn("is asked", self.connection.backfill_text)
        self.run_crons(times=2, minutes=10)
        self.assertEqual(self.states(), ["imported"])
        self.assertFalse(self.connection.is_backfilling)

    def test_days_that_amazon_no_longer_tells_are_refused_with_the_way_out(self):
        asked = len(self.listed())
        wizard = self.wizard(scope="range", date_from=self.day(95))
        self.assertTrue(wizard.is_too_old)
        with self.assertRaisesRegex(UserError, "Seller Central .*http.*Import"):
            wizard.action_start()
        self.assertFalse(self.wizard(scope="range", date_from=self.day(88)).is_too_old)
        for vals in (
            {"date_from": False},
            {"date_from": self.day(5), "date_to": self.day(6)},
            {"date_from": self.day(-2)},
        ):
            with self.assertRaises(UserError):
                self.wizard(scope="range", **vals).action_start()
        self.assertEqual(len(self.listed()), asked, "nobody asked Amazon")

    def test_the_days_are_those_of_the_user(self):
        self.manager.tz = "Pacific/Auckland"
        wizard = self.wizard(scope="range", date_from=self.day(50), date_to=self.day(40))
        since, until = wizard._range()
        self.assertIn(since.hour, (11, 12))
        self.assertEqual((until - since).days, 11)

    def test_the_form_counts_what_is_known_in_the_range(self):
        self.made(50, b"99000000150")
        self.made(10, b"99000000110")
        self.run_crons()
        wizards = self.root_env["sp.backfill"].with_user(self.manager)
        with Form(wizards.with_context(default_connection_id=self.connection.id)) as form:
            self.assertEqual(form.known_count, 2)
            form.scope = "range"
            form.date_from = self.day(20)
            self.assertEqual(form.known_count, 1)

    def test_only_managers_and_only_what_is_connected(self):
        with self.assertRaises(AccessError):
            self.root_env["sp.backfill"].with_user(self.bookkeeper).create(
                {"connection_id": self.connection.id}
            )
        self.connection._set_state("disconnected")
        with self.assertRaises(UserError):
            self.wizard().action_start()

    # === PROGRESS === #

    def test_progress_and_the_end_that_amazons_limits_allow(self):
        """Twenty documents: fifteen at once, the last of the other five after five minutes."""
        self.fake.set_options(limits=True)
        for number in range(20):
            self.made(30, b"99000001%03d" % number)
        reader = self.connection.with_user(self.manager)
        with freeze_time(self.now, tick=True):
            self.wizard().action_start()
            self.root_env.invalidate_all()
            self.assertIn("0 of 20 reports imported, 20 waiting", reader.backfill_text)
            self.assertEqual(reader.backfill_progress, 0)
            self.take.method_direct_trigger()
            self.root_env.invalidate_all()
            self.assertIn("15 of 20 reports imported, 5 waiting", reader.backfill_text)
            self.assertEqual(reader.backfill_progress, 75)
            backfill = self.root_env["sp.connection.backfill"]
            counts = backfill._count(self.connection)
            end = backfill._expected_ends(self.connection, counts)[self.connection]
            self.assertAlmostEqual((end - self.now).total_seconds(), 300, delta=45)
            self.assertIn(f"done about {time_text(reader, end)}", reader.backfill_text)
        self.run_crons(times=6, minutes=2)
        self.assertEqual(self.states(), ["imported"] * 20)
        self.assertFalse(reader.is_backfilling)
        self.assertFalse(reader.backfill_text)

    def test_the_end_is_told_in_the_time_zone_of_its_reader(self):
        moment = fields.Datetime.to_datetime("2026-07-01 12:20:00")
        with freeze_time("2026-07-01 12:00:00"):
            for zone, words in (("Europe/Berlin", "2:20"), ("Asia/Tokyo", "9:20")):
                self.manager.tz = zone
                reader = self.connection.with_user(self.manager).with_context(tz=zone)
                self.assertIn(words, time_text(reader, moment))

    def test_the_first_look_of_a_connection_is_a_backfill(self):
        self.made(30)
        self.find.method_direct_trigger()
        self.root_env.invalidate_all()
        self.assertIn("0 of 1 reports imported, 1 waiting", self.connection.backfill_text)
        self.run_crons()
        self.assertFalse(self.connection.is_backfilling)

    def test_a_report_that_fails_later_does_not_bring_an_old_backfill_back(self):
        self.made(30)
        self.run_crons(times=2, minutes=300)
        self.assertFalse(self.connection.backfill_since)

    def test_what_failed_is_told_and_holds_nothing_up(self):
        self.fake.add_report(b"<html>sign in</html>", self.seller)
        self.made(30)
        self.made(31, b"99000000131")
        self.find.method_direct_trigger()
        self.root_env.invalidate_all()
        bad = self.reports.sorted("created_at")[-1]
        bad._process()
        self.root_env.invalidate_all()
        self.assertIn("1 failed", self.connection.backfill_text)
        self.run_crons()
        self.assertFalse(self.connection.is_backfilling)


class TestSyncNow(SyncCase):
    def test_the_last_run_and_its_reason_are_shown(self):
        self.at_amazon(*SAMPLES)
        self.connection.with_user(self.bookkeeper).action_sync_now()
        self.assertEqual(self.connection.last_result, "done")
        self.assertIn("4 new reports", self.connection.last_run_text)
        self.take.method_direct_trigger()
        self.root_env.invalidate_all()
        self.assertIn("4 imported", self.connection.last_run_text)
        self.fake.fail("getReports", "503")
        answer = self.connection.action_sync_now()["params"]
        self.root_env.invalidate_all()
        self.assertEqual(answer["type"], "warning")
        self.assertIn("Tried again at", answer["message"])
        self.assertEqual(self.connection.last_result, "waiting")
        self.assertIn("out of order", self.connection.last_run_text)

    def test_the_buttons_open_the_reports_of_this_connection(self):
        self.at_amazon("v2_uk_gbp.txt")
        self.fake.add_report(b"<html>sign in</html>", self.seller)
        self.run_crons()
        connection = self.connection
        self.assertEqual((connection.report_count, connection.failed_count), (2, 1))
        action = connection.action_view_reports()
        self.assertEqual(action["domain"], [("connection_id", "=", connection.id)])
        self.assertFalse(action["context"])
        action = connection.with_context(sp_connector_failed=True).action_view_reports()
        self.assertEqual(action["context"], {"search_default_failed": 1})
