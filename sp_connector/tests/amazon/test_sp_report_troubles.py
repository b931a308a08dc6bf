"""What goes wrong at Amazon, on the way or here: it heals, is told once, and stops nobody else."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from ...engine.amazon import reports
from ...engine.lines.flat_file import open_reports
from ...engine.lines.summary import summarise
from ...engine.tests import helpers
from ..connect_common import short_timeout
from ..sync_common import SyncCase

COMMON = ("429", "500", "503", "html", "empty", "reset", "cut", "timeout")
#: Each trouble once: (operation, kind).
PASSING = (
    *(("getReports", kind) for kind in COMMON),
    *(("getReportDocument", kind) for kind in (*COMMON, "expired_url")),
    *(("download", kind) for kind in COMMON if kind != "429"),
    *(("download", kind) for kind in ("404", "expired_url", "truncated_gzip", "broken_gzip")),
    *(("token", kind) for kind in ("500", "503", "html", "empty", "reset", "timeout")),
)


class TestPassingTroubles(SyncCase):
    def seller_with(self, name, reference):
        """A connected seller with one settlement at Amazon."""
        seller = self.fake.add_seller(("DE",), name=name)
        connection = self.connect(seller, name)
        text = self.sample("v2_uk_gbp.txt").replace(b"99000000101", b"%d" % reference)
        self.fake.add_report(text, seller)
        return seller, connection

    def test_each_trouble_heals_is_no_empty_list_and_delays_nobody_else(self):
        troubled = {}
        for place, (operation, kind) in enumerate(PASSING):
            name = f"{operation} {kind}"
            seller, connection = self.seller_with(name, 99000100000 + place)
            if operation == "token":
                self.root_env["sp.secret"]._set(connection, "access_token", "")
            troubled[name] = (operation, kind, seller, connection)
        _seller, healthy = self.seller_with("Healthy", 99000200000)
        for operation, kind, seller, _connection in troubled.values():
            # Login with Amazon is not told whose token it is.
            who = {} if operation == "token" else {"seller": seller.selling_partner_id}
            more = {"seconds": 1} if kind == "timeout" else {}
            self.fake.fail(operation, kind, **who, **more)
        with short_timeout():
            self.run_crons()
        met = {(call.operation, call.fault) for call in self.fake.calls if call.fault}
        self.assertEqual(met, set(PASSING))
        self.assertEqual(healthy.report_ids.state, "imported")
        for name, (operation, _kind, _seller, connection) in troubled.items():
            with self.subTest(name):
                if operation in ("getReports", "token"):
                    self.assertFalse(connection.proven_until)
                    self.assertFalse(connection.report_ids)
                    (line,) = connection.log_ids
                    self.assertEqual((line.step, line.result), ("find", "waiting"))
                    self.assertTrue(line.message)
                    self.assertGreater(connection.next_sync_at, fields.Datetime.now())
                else:
                    report = connection.report_ids
                    self.assertEqual((report.state, report.tries), ("found", 1))
                    self.assertTrue(report.error_message)
                    self.assertGreater(report.retry_at, fields.Datetime.now())
        self.run_crons(times=6, minutes=60)
        self.assertEqual(set(self.states()), {"imported"})
        self.assertEqual(len(self.settlements), len(PASSING) + 1)
        self.assertFalse(self.reports.activity_ids)
        connections = self.root_env["sp.connection"].search([("company_id", "=", self.company.id)])
        self.assertEqual(set(connections.mapped("state")), {"connected"})

    def test_a_refusal_without_a_hint_is_asked_again_later_each_time_and_never_in_step(self):
        self.fake.fail("getReportDocument", "429", times=None)
        for number in (1, 2):
            self.seller_with(f"Refused {number}", 99000300000 + number)
        now = fields.Datetime.now()
        waits = []
        for turn in range(3):
            at = now + timedelta(hours=3 * turn)
            with freeze_time(at):
                self.find.method_direct_trigger()
                self.take.method_direct_trigger()
            self.root_env.invalidate_all()
            waits.append([(one.retry_at - at).total_seconds() for one in self.reports])
        for turn, pair in enumerate(waits):
            for wait in pair:
                self.assertGreaterEqual(wait, 60 * 2**turn - 1)
                self.assertLessEqual(wait, 75 * 2**turn + 1)
        self.assertTrue(any(one != other for one, other in waits), waits)

    def test_a_wrong_charset_changes_no_character(self):
        text = self.sample("v2_uk_gbp.txt").replace(b"TEA", "TEÄ漢".encode())
        self.fake.fail("download", "charset", charset="ISO-8859-1")
        self.fake.add_report(text, self.seller)
        self.run_crons()
        (report,) = open_reports("file.txt", text)
        (expected,) = summarise(report, helpers.classifier()).values()
        self.assertEqual(self.settlements.digest, expected.digest)
        self.assertIn("TEÄ漢", "".join(filter(None, self.settlements.row_ids.mapped("sku"))))

    def test_a_page_that_shifts_loses_nothing_for_good(self):
        for by in (1, -1):
            with self.subTest(by=by), patch.object(reports, "PAGE_SIZE", 2):
                seller = self.fake.add_seller(("DE",), name=f"Shifts by {by}")
                connection = self.connect(seller, seller.name)
                text = self.sample("v2_uk_gbp.txt")
                for number in range(5):
                    reference = b"99%04d000%02d" % (5000 + by, number)
                    self.fake.add_report(text.replace(b"99000000101", reference), seller)
                self.fake.fail(
                    "getReports", "shift", times=2, by=by, seller=seller.selling_partner_id
                )
                self.run_crons(times=3, minutes=300)
                self.assertEqual(connection.report_ids.mapped("state"), ["imported"] * 5)
                self.assertEqual(len(connection.report_ids.settlement_ids), 5)


class TestLastingTroubles(SyncCase):
    def test_what_never_heals_is_told_once_also_after_another_try(self):
        self.at_amazon("v2_uk_gbp.txt")
        self.fake.fail("download", "truncated_gzip", times=None)
        self.run_crons(times=16, minutes=16 * 60)
        self.assertEqual((self.states(), self.reports.tries), (["failed"], 12))
        self.assertEqual(len(self.reports.activity_ids), 1)
        asked = len(self.fake.calls)
        self.run_crons(times=2, minutes=16 * 60)
        downloads = [call for call in self.fake.calls[asked:] if call.operation == "download"]
        self.assertFalse(downloads, "what failed for good is left alone")
        self.reports.with_user(self.bookkeeper).action_retry()
        self.run_crons(times=16, minutes=16 * 60)
        self.assertEqual(self.states(), ["failed"])
        self.assertEqual(len(self.reports.activity_ids), 1)
        self.fake.clear_faults()
        self.reports.with_user(self.bookkeeper).action_retry()
        self.run_crons(times=2, minutes=60)
        self.assertEqual(self.states(), ["imported"])
        self.assertFalse(self.reports.activity_ids)

    def test_an_error_nobody_expected_stops_no_other_connection(self):
        self.at_amazon("v2_uk_gbp.txt")
        seller = self.fake.add_seller(("DE",), name="Healthy")
        healthy = self.connect(seller, "Healthy")
        self.at_amazon("v2_negative.txt", seller=seller)
        model = self.registry["sp.connection.sync"]
        find = model._find_reports

        def broken(sync, connection):
            if connection == self.connection:
                raise ValueError("Oops")
            return find(sync, connection)

        with (
            patch.object(model, "_find_reports", broken),
            mute_logger("odoo.addons.sp_connector.models.connection.sp_connection_sync"),
        ):
            self.run_crons()
        self.assertEqual(healthy.report_ids.state, "imported")
        line = self.connection.log_ids
        self.assertEqual((line.result, "Oops" in line.message), ("failed", True))
        self.assertGreater(self.connection.next_sync_at, fields.Datetime.now())
        self.run_crons(times=2, minutes=90)
        self.assertEqual(self.states(), ["imported"] * 2)

    def test_what_another_worker_holds_is_left_alone_and_done_later(self):
        """Locks between two transactions are tested with two processes."""
        self.at_amazon("v2_uk_gbp.txt", "v2_negative.txt")
        self.find.method_direct_trigger()
        held = self.reports[0]
        model = self.registry["sp.report"]
        lock = model.try_lock_for_update

        def locked(records, **options):
            return lock(records - held, **options)

        with patch.object(model, "try_lock_for_update", locked):
            self.run_crons()
        self.assertEqual((held.state, held.tries), ("found", 0))
        self.assertEqual(self.states(), ["found", "imported"])
        self.run_crons()
        self.assertEqual(self.states(), ["imported"] * 2)

    def test_the_button_says_so_where_somebody_looks_already(self):
        self.at_amazon("v2_uk_gbp.txt")
        model = self.registry["sp.connection"]
        nobody = self.root_env["sp.connection"]
        asked = len(self.fake.calls)
        with patch.object(model, "try_lock_for_update", lambda _self, **_options: nobody):
            answer = self.connection.with_user(self.bookkeeper).action_sync_now()
        self.assertIn("at this moment", answer["params"]["message"])
        self.assertEqual(len(self.fake.calls), asked)


class TestRegeneratedReport(SyncCase):
    def setUp(self):
        super().setUp()
        self.at_amazon("v2_uk_gbp.txt")
        self.run_crons()
        self.settlement = self.settlements.with_user(self.bookkeeper)
        self.settlement.action_post()
        rows = self.sample("v2_uk_gbp.txt").splitlines(keepends=True)
        self.fake.add_report(b"".join(rows[:-1]), self.seller)
        self.run_crons(times=2, minutes=300)
        self.later = self.reports.filtered(lambda report: report.state == "failed")

    def test_other_content_is_shown_on_report_and_settlement_and_changes_nothing(self):
        self.assertEqual(self.states(), ["failed", "imported"])
        self.assertEqual(self.later.different_settlement_ids.ids, self.settlement.ids)
        text = self.settlement.difference_text
        self.assertEqual(text, self.later.error_message)
        self.assertIn("rows: stored 28, file 27", text)
        self.assertIn("sum of rows: stored", text)
        self.assertEqual((self.settlement.state, self.settlement.row_count), ("posted", 28))
        action = self.settlement.action_view_different_reports()
        self.assertEqual((action["res_model"], action["res_id"]), ("sp.report", self.later.id))

    def test_a_bookkeeper_may_keep_what_is_stored(self):
        said = self.later.error_message
        self.settlement.action_keep_stored()
        self.assertEqual((self.later.state, self.later.error_message), ("duplicate", False))
        self.assertFalse(self.settlement.different_report_ids)
        self.assertFalse(self.later.activity_ids)
        notes = " ".join(self.settlement.sudo().message_ids.mapped("body"))
        self.assertIn(self.later.report_ref, notes)
        self.assertIn("stored 28, file 27", said)
        self.assertIn("stored 28, file 27", notes)

    def test_the_new_content_is_taken_over_once_the_stored_one_is_deleted(self):
        self.settlement.action_undo()
        self.settlement.unlink()
        self.later.with_user(self.bookkeeper).action_retry()
        self.run_crons()
        self.assertEqual(self.later.state, "imported")
        self.assertEqual(self.settlements.row_count, 27)
        self.assertFalse(self.settlements.different_report_ids)
        self.assertFalse(self.later.error_message)
