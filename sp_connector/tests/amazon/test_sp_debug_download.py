"""What Amazon answers now is shown in plain words; nothing is stored, no secret is told."""

import hashlib

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from ..connect_common import every_log_record
from ..sync_common import SyncCase


class TestDebugDownload(SyncCase):
    def wizard(self, **vals):
        return (
            self.root_env["sp.debug.download"]
            .with_user(self.manager)
            .create({"connection_id": self.connection.id, **vals})
        )

    def ask(self, **vals):
        return self.opened(self.wizard(**vals).action_ask())

    def opened(self, action):
        return self.root_env[action["res_model"]].with_user(self.manager).browse(action["res_id"])

    def look(self, report):
        return self.ask(question="report", report_ref=report.report_id)

    def everything(self, wizard):
        """All that a person sees of an answer."""
        return str(wizard.read() + wizard.line_ids.read())

    def test_the_list_tells_what_amazon_has_and_what_is_known(self):
        self.at_amazon("v2_uk_gbp.txt")
        self.run_crons()
        self.at_amazon("v2_de_eur_comma.txt")
        wizard = self.ask(question="list")
        self.assertEqual(wizard.report_count, 2)
        self.assertEqual(sorted(wizard.line_ids.mapped("known")), ["Imported", "New"])
        self.assertEqual(set(wizard.line_ids.mapped("processing_status")), {"DONE"})
        self.assertRegex(wizard.calls, r"^getReports · 200 · request \S+$")
        self.assertEqual(len(self.reports), 1, "nothing is stored")

    def test_a_report_is_looked_into_and_not_stored(self):
        report = self.fake.add_report(self.sample("v2_uk_gbp.txt"), self.seller)
        before = self.root_env["ir.attachment"].search_count([])
        wizard = self.look(report)
        self.assertFalse(wizard.problem)
        self.assertEqual(wizard.sha256, hashlib.sha256(self.sample("v2_uk_gbp.txt")).hexdigest())
        self.assertEqual(wizard.compression, "GZIP")
        self.assertIn("utf-8", wizard.charset)
        self.assertIn("settlement-id", wizard.head.splitlines()[0])
        self.assertIn("99000000101", wizard.head)
        self.assertIn("28 rows, total 84.75 GBP: the rows add up to it", wizard.verdict)
        self.assertIn("Not imported yet.", wizard.verdict)
        self.assertEqual(wizard.known, "Not known here.")
        lines = wizard.calls.splitlines()
        self.assertEqual(
            [line.split(" · ")[:2] for line in lines],
            [["getReport", "200"], ["getReportDocument", "200"], ["download", "200"]],
        )
        self.assertFalse(self.reports or self.settlements)
        self.assertEqual(self.root_env["ir.attachment"].search_count([]), before)

    def test_a_line_of_the_list_opens_its_report_and_back(self):
        self.at_amazon("v2_uk_gbp.txt")
        wizard = self.ask(question="list")
        wizard = self.opened(wizard.line_ids.action_look_inside())
        self.assertIn("84.75", wizard.verdict)
        self.assertFalse(wizard.line_ids)
        wizard = self.opened(wizard.action_back())
        self.assertFalse(wizard.is_answered or wizard.verdict or wizard.calls or wizard.line_ids)

    def test_what_is_imported_already_is_named(self):
        self.at_amazon("v2_uk_gbp.txt")
        self.run_crons()
        report = next(iter(self.seller.reports.values()))
        wizard = self.look(report)
        self.assertEqual(wizard.known, "Imported")
        self.assertIn("Already imported", wizard.verdict)
        self.assertIn("To Review", wizard.verdict)

    def test_what_the_engine_cannot_read_is_said(self):
        wizard = self.look(self.fake.add_report(b"<html>sign in</html>", self.seller))
        self.assertIn("web page", (wizard.problem or "") + (wizard.verdict or ""))
        broken = self.sample("v2_does_not_sum.txt")
        wizard = self.look(self.fake.add_report(broken, self.seller))
        self.assertRegex(wizard.verdict, "the rows add up to [0-9-]")

    def test_troubles_are_told_in_plain_words_and_change_no_state(self):
        report = self.fake.add_report(self.sample("v2_uk_gbp.txt"), self.seller)
        for operation, kind, words in (
            ("getReport", "503", "out of order"),
            ("getReportDocument", "expired_url", "expired"),
            ("download", "empty", "empty"),
            ("download", "truncated_gzip", "breaks off|damaged|incomplete|cut"),
            ("getReport", "html", "cannot be read"),
            ("getReportDocument", "429", "slow down"),
        ):
            with self.subTest(kind):
                self.fake.fail(operation, kind)
                wizard = self.look(report)
                self.assertRegex(wizard.problem, words)
                self.assertEqual(self.connection.state, "connected")
                self.fake.clear_faults()
        wizard = self.ask(question="report", report_ref="12345")
        self.assertIn("no such report", wizard.problem)
        self.assertRegex(wizard.calls, r"getReport · 404 · request \S+")
        wizard = self.ask(question="report", report_ref="../../secret")
        self.assertIn("digits", wizard.problem)
        self.assertEqual(self.connection.state, "connected")

    def test_a_revoked_grant_is_told(self):
        self.fake.revoke(self.seller, self.theirs)
        self.root_env["sp.secret"]._set(self.connection, "access_token", "")
        wizard = self.ask(question="list")
        self.assertIn("revoked", wizard.problem)
        self.assertTrue(wizard.remedy)

    def test_it_counts_against_amazons_limits(self):
        report = self.fake.add_report(self.sample("v2_uk_gbp.txt"), self.seller)
        for _turn in range(15):
            self.root_env["sp.rate.limit"]._take(self.connection, "getReportDocument")
        wizard = self.look(report)
        self.assertIn("limit", wizard.problem)
        self.assertRegex(wizard.remedy, r"in \d\d seconds")
        self.assertNotIn("getReportDocument", wizard.calls)

    def test_no_token_no_address_and_no_secret_is_told(self):
        report = self.fake.add_report(self.sample("v2_uk_gbp.txt"), self.seller)
        with every_log_record() as lines:
            told = self.everything(self.look(report)) + self.everything(self.ask())
            self.fake.fail("download", "expired_url")
            self.fake.fail("getReportDocument", "expired_url")
            told += self.everything(self.look(report))
        ours = " ".join(line for line in lines if "odoo.addons.sp_connector" in line)
        secrets = self.root_env["sp.secret"]
        for name in ("refresh_token", "access_token"):
            token = secrets._get(self.connection, name)
            self.assertTrue(token)
            self.assertNotIn(token, told + ours)
        self.assertNotIn(self.theirs.client_secret, told)
        self.assertNotRegex(told, r"X-Amz-|Signature|https?://")

    def test_managers_only_and_their_own_companies(self):
        with self.assertRaises(AccessError):
            self.root_env["sp.debug.download"].with_user(self.bookkeeper).create(
                {"connection_id": self.connection.id}
            )
        stranger = self.make_user(
            "stranger", "sp_connector.sp_connector_group_manager", self.make_company("Lamps Inc")
        )
        with self.assertRaises(AccessError):
            self.root_env["sp.debug.download"].with_user(stranger).create(
                {"connection_id": self.connection.id}
            ).action_ask()
        with self.assertRaises(UserError):
            self.wizard(question="report").action_ask()

    def test_it_opens_on_what_it_was_called_from(self):
        self.at_amazon("v2_uk_gbp.txt")
        self.run_crons()
        wizards = self.root_env["sp.debug.download"].with_user(self.manager)
        form = Form(wizards.with_context(active_model="sp.report", active_id=self.reports.id))
        self.assertEqual(
            (form.connection_id, form.question, form.report_ref),
            (self.connection, "report", self.reports.report_ref),
        )
        form = Form(
            wizards.with_context(active_model="sp.connection", active_id=self.connection.id)
        )
        self.assertEqual((form.connection_id, form.question), (self.connection, "list"))
