"""Large files: the scheduler imports them, says how far it is, and can be stopped."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo import http
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ...engine.tests.helpers import sample
from ...models.settlement import sp_upload, upload_watch
from ..common import USER, SpCase

MODULE = "odoo.addons.sp_connector.models.settlement"


class TestSpUpload(SpCase):
    def setUp(self):
        super().setUp()
        self.registry_enter_test_mode()  # what is told in cursors of its own is undone as well

    @contextmanager
    def all_is_large(self):
        with (
            patch.object(sp_upload, "LARGE", 0),
            patch.object(sp_upload, "LARGE_PACKED", 0),
        ):
            yield

    def upload(self, data, name="file.txt"):
        attachment = self.env["ir.attachment"].create(
            {"name": name, "raw": data, "res_model": "sp.settlement.import", "res_id": 0}
        )
        wizard = self.env["sp.settlement.import"].create(
            {"attachment_ids": [Command.set(attachment.ids)]}
        )
        with self.all_is_large():
            wizard.action_check()
            self.assertEqual(wizard.line_ids.mapped("status"), ["large"])
            action = wizard.action_import()
        self.assertEqual(action["res_model"], "sp.upload")
        self.assertFalse(attachment.exists(), "the wizard keeps a copy")
        return self.env["sp.upload"].browse(action["res_id"])

    def run_scheduler(self):
        """As the scheduler does, in one transaction."""
        with patch.object(self.env.registry["ir.cron"], "_commit_progress", return_value=1.0):
            self.root_env["sp.upload"]._cron_import_uploads()
        self.env.invalidate_all()

    def test_a_large_file_waits_for_the_scheduler_and_is_imported_by_it(self):
        upload = self.upload(self.sample("v2_two_settlements.txt"))
        self.assertEqual((upload.state, upload.is_running), ("waiting", True))
        self.assertEqual(upload.create_uid, self.bookkeeper)
        self.assertFalse(self.env["sp.settlement"].search([]))
        self.run_scheduler()
        self.assertEqual((upload.state, upload.percent), ("imported", 100))
        settlements = upload.settlement_ids
        self.assertEqual(
            sorted(settlements.mapped("settlement_ref")), ["99000000101", "99000000102"]
        )
        self.assertEqual(set(settlements.mapped("state")), {"review"})
        self.assertEqual(settlements.create_uid, self.bookkeeper)
        self.assertEqual(settlements[0].attachment_id.name, "file.txt")
        self.assertEqual(upload.action_view_settlements()["res_model"], "sp.settlement")

    def test_a_small_file_is_read_at_once_and_a_packed_one_is_larger_than_it_looks(self):
        model, files = self.env["sp.upload"], self.env["ir.attachment"]
        half, packed = b"settlement-id\t" * 40_000, b"\x1f\x8b" + b"0" * 500_000
        sizes = {b"x": False, half: False, packed: True, half * 8: True, b"PK" + half: True}
        for data, is_large in sizes.items():
            file = files.create({"name": "a", "raw": data, "res_model": "sp.settlement.import"})
            self.assertEqual(model._is_large(file), is_large, len(data))

    def test_what_is_refused_is_said_and_told_to_who_uploaded_it(self):
        upload = self.upload(self.sample("refused_page.html"))
        self.run_scheduler()
        self.assertEqual(upload.state, "failed")
        self.assertIn("web page", upload.message)
        self.assertEqual(upload.activity_ids.user_id, self.bookkeeper)
        upload.action_retry()
        self.assertEqual((upload.state, upload.message), ("waiting", False))
        self.assertFalse(upload.activity_ids)

    def test_a_file_that_is_known_is_a_duplicate(self):
        self.upload(self.sample("v2_uk_gbp.txt"))
        again = self.upload(self.sample("v2_uk_gbp.txt"), "again.txt")
        self.run_scheduler()
        self.assertEqual(again.state, "duplicate")
        self.assertEqual(again.settlement_ids.settlement_ref, "99000000101")

    def test_an_error_stores_nothing_and_stops_no_other_file(self):
        first, second = (
            self.upload(self.sample("v2_uk_gbp.txt")),
            self.upload(self.sample("v2_us_usd.txt")),
        )
        model = type(self.env["sp.settlement"])
        honest = model._check_stored_rows

        def broken(settlements, summaries):
            honest(settlements, summaries)
            if "99000000101" in settlements.mapped("settlement_ref"):
                raise RuntimeError("the disk is full")

        with patch.object(model, "_check_stored_rows", broken), mute_logger(f"{MODULE}.sp_upload"):
            self.run_scheduler()
        self.assertEqual((first.state, second.state), ("failed", "imported"))
        self.assertIn("the disk is full", first.message)
        self.assertFalse(self.env["sp.settlement"].search([("settlement_ref", "=", "99000000101")]))

    # === PROGRESS === #

    @contextmanager
    def told_at_once(self, then):
        """Say what is read with every piece, and do something after the first time."""
        note, calls = upload_watch.Watch.note, []

        def impatient(watch, size):
            watch._next = 0
            if watch._row_count:  # within COPY there is but one connection in a test
                watch._next = float("inf")
            note(watch, size)
            calls.append(size)
            if len(calls) == 1:
                then()

        with patch.object(upload_watch.Watch, "note", impatient):
            yield calls

    def test_progress_is_told_while_the_file_is_read(self):
        upload = self.upload(self.sample("v2_uk_gbp.txt"))
        seen = []

        def look():
            self.env.invalidate_all()
            seen.append((upload.percent, upload.progress))

        with self.told_at_once(look):
            self.run_scheduler()
        ((percent, words),) = seen
        self.assertGreater(percent, 0)
        self.assertIn("remaining", words)
        self.assertEqual(upload.state, "imported")

    def test_rows_and_time_are_said_while_they_are_stored(self):
        upload = self.upload(self.sample("v2_uk_gbp.txt"))
        said = {
            "percent": 75,
            "row_done": 500_000,
            "row_count": 1_000_000,
            "started_at": self.now(-90),
            "seen_at": self.now(0),
        }
        text = upload._describe_progress(said, self.now(0))
        self.assertEqual(text, "500,000 of 1,000,000 rows stored, less than a minute remaining")
        said["started_at"] = self.now(-3600)
        self.assertIn("less than 00:20 remaining", upload._describe_progress(said, self.now(0)))

    @staticmethod
    def now(seconds):
        from datetime import datetime, timedelta

        return datetime(2026, 5, 1) + timedelta(seconds=seconds)

    def test_a_waiting_file_can_be_cancelled_and_taken_up_again(self):
        upload = self.upload(self.sample("v2_uk_gbp.txt"))
        upload.action_cancel()
        self.assertEqual(upload.state, "cancelled")
        self.run_scheduler()
        self.assertFalse(self.env["sp.settlement"].search([]))
        upload.action_retry()
        self.run_scheduler()
        self.assertEqual(upload.state, "imported")

    def test_a_file_that_is_being_read_can_be_cancelled(self):
        upload = self.upload(self.sample("v2_uk_gbp.txt"))
        with self.told_at_once(lambda: upload_watch.Watch(upload).cancel()):
            self.run_scheduler()
        self.assertEqual(upload.state, "cancelled")
        self.assertFalse(self.env["sp.settlement"].search([]))

    def test_a_file_that_kills_workers_is_given_up(self):
        upload = self.upload(self.sample("v2_uk_gbp.txt"))
        for _death in range(sp_upload.MAX_STARTS):
            upload_watch.Watch(upload).start(1)
        self.run_scheduler()
        self.assertEqual(upload.state, "failed")
        self.assertIn("workers died", upload.message)
        upload.action_retry()
        self.run_scheduler()
        self.assertEqual(upload.state, "imported")

    def test_uploads_of_other_companies_stay_hidden(self):
        upload = self.upload(self.sample("v2_uk_gbp.txt"))
        other = self.make_company("Elsewhere Ltd")
        stranger = self.make_user("stranger", USER, other)
        for step in ("read", "action_cancel", "action_retry"):
            with self.assertRaises(AccessError), self.cr.savepoint():
                getattr(upload.with_user(stranger), step)()


@tagged("post_install", "-at_install")
class TestUploadByHttp(HttpCase):
    def test_an_upload_is_streamed_to_the_file_store(self):
        data = sample("v2_uk_gbp.txt")
        self.authenticate("admin", "admin")
        files = self.env["ir.attachment"]
        with patch.object(type(files), "_file_write", side_effect=AssertionError("in memory")):
            response = self.url_open(
                "/web/binary/upload_attachment",
                data={
                    "model": "sp.settlement.import",
                    "id": 0,
                    "csrf_token": http.Request.csrf_token(self),
                },
                files=[("ufile", (name, data, "text/plain")) for name in ("a.txt", "<b>.txt")],
            )
        first, second = response.json()
        self.assertEqual((first["filename"], first["size"]), ("a.txt", len(data)))
        self.assertEqual(second["filename"], "b>.txt")
        kept = files.browse(first["id"])
        self.assertEqual(kept.raw, data)
        self.assertEqual((kept.res_model, kept.res_id), ("sp.settlement.import", 0))
