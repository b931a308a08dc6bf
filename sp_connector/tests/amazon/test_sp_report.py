"""Settlements arrive by themselves: found, fetched and imported by the real scheduled actions."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import freeze_time

from ...engine.amazon import reports
from ..sync_common import SAMPLES, SyncCase


class TestScheduledImport(SyncCase):
    def test_what_amazon_has_is_imported_once(self):
        self.at_amazon(*SAMPLES)
        self.run_crons(times=3, minutes=300)
        self.assertEqual(self.states(), ["imported"] * 4)
        self.assertEqual(len(self.settlements), 4)
        self.assertEqual(self.settlements.connection_id, self.connection)
        self.assertEqual(self.connection.state, "connected")
        calls = [call.operation for call in self.fake.calls]
        self.assertEqual(calls.count("getReportDocument"), 4)
        for report in self.reports:
            self.assertEqual(report.attachment_id.raw[:2], b"\x1f\x8b")
            self.assertEqual(len(report.settlement_ids), 1)

    def test_the_scheduled_import_equals_an_upload(self):
        self.at_amazon("v2_uk_gbp.txt")
        self.run_crons()
        settlement = self.settlements
        self.assertEqual((settlement.amount_total, settlement.row_count), (84.75, 28))
        self.assertEqual((settlement.state, settlement.amount_difference), ("review", 0.0))

    def test_what_was_uploaded_before_is_a_duplicate(self):
        mine = self.import_sample("v2_uk_gbp.txt")
        self.at_amazon("v2_uk_gbp.txt")
        self.run_crons()
        self.assertEqual(self.states(), ["duplicate"], self.reports.error_message)
        self.assertEqual(self.reports.settlement_ids.ids, mine.ids)

    def test_the_same_settlement_under_two_report_ids_is_imported_once(self):
        self.at_amazon("v2_uk_gbp.txt", "v2_uk_gbp.txt")
        self.run_crons()
        self.assertEqual(self.states(), ["duplicate", "imported"])
        self.assertEqual(len(self.settlements), 1)

    def test_other_content_under_a_known_id_is_held_back_and_told_once(self):
        self.import_sample("v2_uk_gbp.txt")
        changed = self.sample("v2_uk_gbp.txt").replace(b"TEA", b"TEE", 1)
        self.assertNotEqual(changed, self.sample("v2_uk_gbp.txt"))
        self.fake.add_report(changed, self.seller)
        self.run_crons(times=3, minutes=300)
        self.assertEqual(self.states(), ["failed"])
        self.assertIn("other content", self.reports.error_message)
        self.assertEqual(len(self.reports.activity_ids), 1)

    def test_the_point_moves_only_when_all_pages_were_read(self):
        self.at_amazon(*SAMPLES)
        self.fake.fail("getReports", "503")
        self.find.method_direct_trigger()
        self.root_env.invalidate_all()
        self.assertFalse(self.connection.proven_until)
        self.assertFalse(self.reports)
        line = self.connection.log_ids
        self.assertEqual((line.result, line.found), ("waiting", 0))
        self.assertTrue(line.message)
        self.run_crons(times=2, minutes=10)
        self.assertTrue(self.connection.proven_until)
        self.assertEqual(self.states(), ["imported"] * 4)
        self.assertEqual(self.connection.state, "connected")

    def test_passing_troubles_heal_and_nothing_is_done_twice(self):
        self.at_amazon(*SAMPLES)
        for operation, kind in (
            ("getReports", "429"),
            ("getReports", "500"),
            ("getReports", "html"),
            ("getReports", "empty"),
            ("getReportDocument", "429"),
            ("getReportDocument", "503"),
            ("getReportDocument", "expired_url"),
            ("download", "truncated_gzip"),
            ("download", "reset"),
            ("download", "empty"),
        ):
            self.fake.fail(operation, kind)
        self.run_crons(times=20, minutes=60)
        self.assertEqual(self.states(), ["imported"] * 4)
        self.assertEqual(len(self.settlements), 4)
        self.assertFalse(self.reports.activity_ids)

    def test_three_sellers_with_forty_reports_each_on_a_bad_day(self):
        """Every kind of trouble, again and again: each settlement is imported once."""
        self.at_three_sellers(40)
        for operation, kinds in (
            ("getReports", ("429", "500", "503", "empty", "html", "duplicates", "shift")),
            ("getReportDocument", ("429", "500", "503", "expired_url")),
            ("download", ("reset", "empty", "truncated_gzip", "no_charset", "500")),
        ):
            for kind in kinds:
                self.fake.fail(operation, kind, times=4, chance=0.3)
        self.run_crons(times=36, minutes=120)
        self.assertEqual(self.states(), ["imported"] * 120)
        self.assertEqual(len(self.settlements), 120)
        self.assertEqual(set(self.settlements.mapped("amount_difference")), {0.0})
        logs = self.root_env["sp.sync.log"].search([("company_id", "=", self.company.id)])
        self.assertEqual(sum(logs.mapped("found")), 120)
        self.assertEqual(sum(logs.mapped("imported")), 120)
        self.assertIn("waiting", logs.mapped("result"))

    def test_a_bad_report_stops_nobody_else(self):
        self.fake.add_report(b"<html>sign in</html>", self.seller)
        self.at_amazon(*SAMPLES)
        self.run_crons(times=2, minutes=300)
        self.assertEqual(self.states(), ["failed"] + ["imported"] * 4)
        bad = self.reports.filtered(lambda report: report.state == "failed")
        self.assertIn("web page", bad.error_message)

    def test_a_connection_that_fails_unexpectedly_stops_nobody_else(self):
        other = self.connect(self.fake.add_seller(("DE",), name="Other"), "Other")
        self.at_amazon("v2_uk_gbp.txt", seller=self.fake.sellers[other.selling_partner_ref])
        first_page, troubles = reports.first_page, [ZeroDivisionError("nobody thought of it")]

        def broken(*args):
            if troubles:
                raise troubles.pop()
            return first_page(*args)

        with (
            patch.object(reports, "first_page", broken),
            self.assertLogs("odoo.addons.sp_connector", "ERROR"),
        ):
            self.run_crons()
        self.assertEqual(other.report_ids.mapped("state"), ["imported"])
        line = self.connection.log_ids
        self.assertEqual((line.result, line.found), ("failed", 0))
        self.assertIn("nobody thought of it", line.message)
        self.assertFalse(self.connection.proven_until)

    def test_what_another_worker_has_done_is_not_done_again(self):
        self.at_amazon("v2_uk_gbp.txt")
        self.find.method_direct_trigger()
        report = self.root_env["sp.report"].search([("company_id", "=", self.company.id)])
        self.assertEqual((report.state, self.connection._look()), ("found", False))
        calls = len(self.fake.calls)
        self.connection.next_sync_at = False
        self.root_env.flush_all()
        self.root_env.cr.execute(
            "UPDATE sp_report SET state = 'imported' WHERE id = %s", (report.id,)
        )
        self.root_env.cr.execute(
            "UPDATE sp_connection SET next_sync_at = '2999-12-31' WHERE id = %s",
            (self.connection.id,),
        )
        self.assertIsNone(report._process())
        self.assertFalse(self.connection._look())
        self.assertEqual(len(self.fake.calls), calls)

    def triggers(self, cron):
        found = self.root_env["ir.cron.trigger"].search(
            # Connecting triggers a look at once.
            [("cron_id", "=", cron.id), ("call_at", ">", fields.Datetime.now())]
        )
        return sorted(found.mapped("call_at"))

    def test_a_seller_to_be_reconnected_does_not_keep_the_scheduler_awake(self):
        self.at_amazon("v2_uk_gbp.txt")
        self.fake.fail("getReportDocument", "503")
        self.run_crons()
        self.assertTrue(self.reports.retry_at)
        self.connection.state = "reconnect_required"
        before = self.triggers(self.take)
        for hours in (0, 13):
            with freeze_time(fields.Datetime.now() + timedelta(hours=hours)):
                self.take.method_direct_trigger()
        self.assertEqual(self.triggers(self.take), before)

    def test_the_scheduler_returns_when_the_next_connection_is_due(self):
        self.connect(self.fake.add_seller(("DE",), name="Other"), "Other").sync_hours = 2
        self.run_crons()
        first, last = sorted(self.root_env["sp.connection"].search([]).mapped("next_sync_at"))
        self.assertEqual(self.triggers(self.find), [first])
        with freeze_time(first):
            self.find.method_direct_trigger()
        self.assertIn(min(last, first + timedelta(hours=2)), self.triggers(self.find))

    def test_a_revoked_seller_waits_and_catches_up_after_reconnecting(self):
        self.fake.revoke(self.seller, self.theirs)
        self.root_env["sp.secret"]._set(self.connection, "access_token", "")
        self.at_amazon(*SAMPLES)
        self.run_crons(times=2, minutes=300)
        self.assertEqual(self.connection.state, "reconnect_required")
        self.assertFalse(self.settlements)
        grant = self.fake.grant(self.theirs, self.seller)
        with self.env["sp.client"]._lwa(self.application) as lwa:
            tokens = lwa.refresh(grant.refresh_token)
        self.env["sp.grant"]._accept(self.connection, tokens, self.seller_ref)
        self.run_crons(times=2, minutes=300)
        self.assertEqual(self.states(), ["imported"] * 4)

    def test_amazons_limits_are_kept_and_the_rest_waits_its_turn(self):
        """Twenty documents: a burst of fifteen, then one a minute; Amazon never has to refuse."""
        self.fake.set_options(limits=True)
        text = self.sample("v2_uk_gbp.txt")
        for number in range(20):
            self.fake.add_report(text.replace(b"99000000101", b"99000001%03d" % number))
        now = fields.Datetime.now()
        with freeze_time(now, tick=True):
            self.find.method_direct_trigger()
            self.take.method_direct_trigger()
        self.root_env.invalidate_all()
        self.assertEqual(self.states().count("imported"), 15)
        waiting = self.reports.filtered(lambda report: report.state == "found")
        self.assertTrue(all(waiting.mapped("retry_at")))
        self.assertFalse(any(waiting.mapped("tries")), "waiting one's turn is no failure")
        self.run_crons(times=12, minutes=2)
        self.assertEqual(self.states(), ["imported"] * 20)
        self.assertEqual(len(self.settlements), 20)
        statuses = [call.status for call in self.fake.calls]
        self.assertNotIn(429, statuses)

    def test_the_log_tells_what_happened(self):
        self.at_amazon(*SAMPLES)
        self.run_crons()
        lines = {line.step: line for line in self.connection.log_ids}
        self.assertEqual((lines["find"].found, lines["find"].result), (4, "done"))
        self.assertEqual((lines["import"].imported, lines["import"].result), (4, "done"))

    def test_a_button_looks_at_once(self):
        self.at_amazon(*SAMPLES)
        answer = self.connection.with_user(self.bookkeeper).action_sync_now()
        self.assertIn("4 new reports", answer["params"]["message"])
        self.take.method_direct_trigger()
        self.root_env.invalidate_all()
        self.assertEqual(len(self.settlements), 4)

    def test_crons_sleep_until_the_first_connection(self):
        self.assertTrue(self.find.active and self.take.active)
        for name in ("find_reports", "import_reports", "daily_watch"):
            source = self.root_env.ref(f"sp_connector.ir_cron_{name}")
            self.assertTrue(source.active, name)
