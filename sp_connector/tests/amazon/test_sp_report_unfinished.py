"""Reports that Amazon has not finished, or never will: stored, shown, followed to their end."""

import random
from datetime import timedelta

from odoo import fields
from odoo.tests import freeze_time

from ..connection.test_sp_connection_listing import ListingCase


class TestUnfinished(ListingCase):
    def go_on(self, hours=0):
        """Both scheduled actions, so many hours later."""
        with freeze_time(self.now + timedelta(hours=hours), tick=True):
            self.find.method_direct_trigger()
            self.take.method_direct_trigger()
        self.root_env.invalidate_all()

    def point_is_before(self, report):
        made = report.created_time.replace(tzinfo=None)
        return self.connection.proven_until < made

    def test_a_report_in_the_queue_for_days_is_followed_and_imported(self):
        (slow,) = self.made(5, processing_status="IN_QUEUE")
        self.made(4, 2)
        self.go_on()
        self.assertEqual(self.states(), ["imported", "imported", "unfinished"])
        self.assertTrue(self.point_is_before(slow))
        self.assertEqual(self.connection.unfinished_count, 1)
        self.fake.update_report(slow, processing_status="IN_PROGRESS")
        self.go_on(24)
        self.assertTrue(self.point_is_before(slow))
        self.fake.update_report(slow, processing_status="DONE")
        self.go_on(48)
        self.go_on(52.5)
        self.assertEqual(self.states(), ["imported"] * 3)
        self.assertGreater(self.connection.proven_until, self.now + timedelta(hours=47))

    def test_done_without_a_document_is_asked_for_again(self):
        (empty,) = self.made(3, report_document_id="")
        self.go_on()
        self.assertEqual(self.reports.processing_status, "DONE")
        self.assertEqual(self.states(), ["unfinished"])
        self.assertTrue(self.point_is_before(empty))
        self.fake.update_report(empty, report_document_id="amzn1.spdoc.1.4.eu.late")
        self.go_on(12)
        self.assertEqual(self.states(), ["imported"])

    def test_try_now_asks_at_once(self):
        (slow,) = self.made(20, processing_status="IN_PROGRESS")
        self.go_on()
        self.fake.update_report(slow, processing_status="DONE")
        self.reports.with_user(self.bookkeeper).action_retry()
        self.go_on()
        self.assertEqual(self.states(), ["imported"])

    def test_a_report_that_amazon_gave_up_is_shown_and_told_once(self):
        self.made(6, processing_status="FATAL")
        self.made(5, processing_status="CANCELLED")
        answer = self.connection.action_sync_now()["params"]["message"]
        self.assertIn("2 new reports, 2 failed at Amazon", answer)
        self.assertNotIn("import runs", answer)
        words = ("FATAL", "CANCELLED")
        for report, word in zip(self.reports.sorted("created_at"), words, strict=True):
            self.assertEqual((report.state, report.processing_status), ("failed", word))
            self.assertIn(word, report.error_message)
            self.assertEqual(len(report.activity_ids), 1)
        self.assertGreaterEqual(self.connection.proven_until, self.now)
        self.assertIn("no new reports", self.connection.action_sync_now()["params"]["message"])
        self.assertEqual(self.reports.mapped("activity_ids").mapped("res_model"), ["sp.report"] * 2)

    def test_a_report_that_was_given_up_and_is_finished_after_all_is_imported(self):
        (odd,) = self.made(1, processing_status="FATAL")
        self.go_on()
        self.fake.update_report(odd, processing_status="DONE")
        self.go_on(5)
        self.assertEqual(self.states(), ["imported"])
        self.assertFalse(self.reports.activity_ids)

    def test_the_message_tells_of_what_is_not_finished(self):
        self.made(5, processing_status="IN_QUEUE")
        self.made(4)
        answer = self.connection.action_sync_now()["params"]["message"]
        self.assertIn("2 new reports, 1 not finished by Amazon; the import runs", answer)

    def test_a_report_that_amazon_forgets_before_it_was_finished_ends(self):
        (slow,) = self.made(88, processing_status="IN_QUEUE")
        self.go_on()
        self.go_on(3 * 24)
        self.assertEqual(self.states(), ["failed"])
        self.assertIn("NotFound", self.reports.error_message)
        self.assertEqual(len(self.reports.activity_ids), 1)
        self.go_on(3 * 24 + 5)
        self.assertGreater(self.connection.proven_until, self.now)

    def test_a_single_refusal_does_not_end_what_amazon_is_still_making(self):
        (slow,) = self.made(5, processing_status="IN_QUEUE")
        self.fake.fail("getReport", "404")
        self.go_on()
        self.go_on(15)
        self.fake.update_report(slow, processing_status="DONE")
        self.go_on(40)
        self.assertEqual(self.states(), ["imported"])
        self.assertEqual(self.connection.state, "connected")


class TestRefusedDocument(ListingCase):
    def test_a_document_that_amazon_refuses_is_that_report_s_own_end(self):
        self.made(3, 2)
        for kind, words in (("404", "NotFound"), ("400", "InvalidInput")):
            with self.subTest(kind):
                self.made(1)
                self.fake.fail("getReportDocument", kind, times=None)
                self.look()
                self.assertTrue(self.connection.is_backfilling or kind == "400")
                with freeze_time(self.now, tick=True):
                    self.take.method_direct_trigger()
                self.root_env.invalidate_all()
                self.assertEqual(set(self.states()), {"failed"})
                for report in self.reports:
                    self.assertEqual(len(report.activity_ids), 1)
                self.assertIn(words, " ".join(self.reports.mapped("error_message")))
                self.assertEqual(self.connection.state, "connected")
                self.assertFalse(self.connection.is_backfilling)
                self.assertFalse(any(self.reports.mapped("retry_at")))
                self.fake.clear_faults()
                self.connection.next_sync_at = self.now

    def test_a_document_behind_a_redirect_is_not_fetched(self):
        self.made(3)
        self.look()
        for operation in ("getReportDocument", "download"):
            with self.subTest(operation):
                self.fake.fail(operation, "redirect")
                self.reports.action_retry()
                self.take.method_direct_trigger()
                self.root_env.invalidate_all()
                self.assertEqual(self.states(), ["failed"])
                self.assertIn("redirect", self.reports.error_message)
                self.assertEqual(len(self.reports.activity_ids), 1)
                self.assertEqual(self.connection.state, "connected")
        self.reports.action_retry()
        self.take.method_direct_trigger()
        self.root_env.invalidate_all()
        self.assertEqual(self.states(), ["imported"])

    def test_a_document_that_is_not_at_amazon_is_neither_fetched_nor_shown(self):
        (made,) = self.made(3)
        self.look()
        # No such application can be typed in; Amazon's answers are what is tried here.
        self.root_env.cr.execute("UPDATE sp_application SET environment = 'production'")
        self.root_env.invalidate_all()
        self.take.method_direct_trigger()
        self.root_env.invalidate_all()
        self.assertEqual(self.states(), ["failed"])
        self.assertIn("not its own", self.reports.error_message)
        self.assertNotIn("127.0.0.1", self.reports.error_message)
        wizard = self.root_env["sp.debug.download"].create(
            {
                "connection_id": self.connection.id,
                "question": "report",
                "report_ref": made.report_id,
            }
        )
        wizard.action_ask()
        self.assertIn("not its own", wizard.problem)
        self.assertFalse(wizard.head or wizard.sha256)
        self.assertNotIn("download", [call.operation for call in self.fake.calls])


class TestAnyTimeline(ListingCase):
    """The same over drawn lives; the engine's ``test_listing.py`` tries the arithmetic alone."""

    STEP = timedelta(hours=5)

    def test_what_amazon_finishes_is_imported_once_and_the_point_waits_for_it(self):
        for seed in range(6):
            with self.subTest(seed):
                self.live(random.Random(seed), seed)

    def live(self, draw, seed):
        seller = self.fake.add_seller(("DE",), name=f"Seller {seed}")
        connection = self.connect(seller, f"Europe {seed}")
        self.seller = seller
        ends = {}  # report → the tick in which Amazon finishes it, None: never
        for _number in range(draw.choice((3, 9, 14))):
            days = draw.choice((80, 40, 40, 12, 5, 3, 1, draw.uniform(0.1, 85)))
            ready = draw.choice((0, 0, 0, 2, 5, 8, None))
            status = "DONE" if ready == 0 else draw.choice(("IN_QUEUE", "IN_PROGRESS", ""))
            (report,) = self.made(days, processing_status=status or "DONE")
            ends[report] = ready, report.report_document_id
            if not status:
                report.report_document_id = ""
        who = seller.selling_partner_id
        for operation in ("getReports", "getReport", "getReportDocument", "download"):
            for kind in ("429", "503", "reset", "html"):
                if not (operation == "download" and kind == "429"):
                    self.fake.fail(operation, kind, times=3, chance=0.3, seller=who)
        self.fake.set_options(limits=draw.random() < 0.5)
        start = fields.Datetime.now()
        for tick in range(16):
            for report, (ready, document) in ends.items():
                if ready and ready <= tick:
                    report.processing_status, report.report_document_id = "DONE", document
            for turn in range(2):
                with freeze_time(start + tick * self.STEP + timedelta(minutes=turn), tick=True):
                    self.find.method_direct_trigger()
                    self.take.method_direct_trigger()
            self.root_env.invalidate_all()
            point = connection.proven_until
            states = {one.report_ref: one.state for one in connection.report_ids}
            for report in ends:
                made = report.created_time.replace(tzinfo=None, microsecond=0)
                if point and made < point:
                    self.assertIn(report.report_id, states)
                    self.assertNotEqual(states[report.report_id], "unfinished", report)
        self.fake.clear_faults()
        with freeze_time(start + 30 * self.STEP, tick=True):
            self.find.method_direct_trigger()
            self.take.method_direct_trigger()
        self.root_env.invalidate_all()
        states = {one.report_ref: one.state for one in connection.report_ids}
        for report, (ready, _document) in ends.items():
            wanted = "unfinished" if ready is None and report.processing_status != "DONE" else None
            wanted = wanted or ("unfinished" if not report.report_document_id else "imported")
            self.assertEqual(states.get(report.report_id), wanted)
        refs = connection.report_ids.settlement_ids.mapped("settlement_ref")
        self.assertEqual(len(refs), list(states.values()).count("imported"))
