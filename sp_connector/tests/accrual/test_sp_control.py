"""Each settlement against Amazon's second statement of it: agreed, different, or why not."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from ..sync_common import SyncCase

REF = "99000000301"


@tagged("post_install", "-at_install")
class TestControl(SyncCase):
    def setUp(self):
        super().setUp()
        self.fake.set_options(limits=True)
        self.at_amazon("v2_de_eur_comma.txt", "v2_negative.txt")
        self.run_crons()
        self.cron = self.root_env.ref("sp_connector.ir_cron_compare_summaries")
        self.cron.active = False  # as it is shipped

    def ask(self):
        self.trigger(self.cron)
        self.root_env.invalidate_all()

    def asked(self):
        return len([call for call in self.fake.calls if call.operation == "listSummary"])

    @property
    def one(self):
        return self.settlements.filtered(lambda one: one.settlement_ref == REF)

    def states(self):
        return set(self.settlements.mapped("control_state"))

    def test_it_is_off_until_somebody_wants_it_and_says_so(self):
        self.ask()
        self.assertEqual((self.states(), self.asked()), ({"off"}, 0))
        self.assertFalse(self.cron.active)
        uploaded = self.import_sample("v2_uk_gbp.txt", env=self.root_env)
        self.assertEqual(uploaded.control_state, "unavailable")
        self.connection.compares_summaries = True
        self.assertTrue(self.cron.active)
        self.assertEqual(self.one.control_state, "waiting")

    def test_all_settlements_agree_and_are_asked_once(self):
        self.connection.compares_summaries = True
        for _again in range(2):
            self.ask()
            self.assertEqual((self.states(), self.asked()), ({"agrees"}, 2))
        self.assertIn("973.92", self.one.control_text)
        bucket = self.root_env["sp.rate.limit"].search([("operation", "=", "listSummary")])
        self.assertEqual(len(bucket), 1)

    def test_a_cent_more_is_found_said_and_told_once(self):
        self.set_rate("EUR", "2025-12-01", 2.0)
        self.one._check()
        self.fake.falsify_summary(REF)
        self.connection.compares_summaries = True
        self.ask()
        one = self.one
        self.assertEqual(one.control_state, "differs")
        self.assertEqual(one.control_ids.amount_difference, 0.01)
        for words in ("0.01", "more", "Sales"):
            self.assertIn(words, one.control_text)
        policy = self.root_env["sp.autopost"].new({"mode": "post"})
        found = self.root_env["sp.autopost.run"]._stops(policy, one)
        self.assertIn("auto_control", [finding.code for finding in found])
        kind = self.root_env.ref("sp_connector.mail_activity_type_control")
        for _again in range(2):
            one.action_ask_control()
            told = one.activity_ids.filtered(lambda one: one.activity_type_id == kind)
            self.assertEqual(len(told), 1)
        self.assertEqual(self.states(), {"differs", "agrees"})
        # What Amazon has put right is no alarm any more.
        self.fake.falsify_summary(REF, 0)
        one.action_ask_control()
        self.assertEqual(one.control_state, "agrees")
        self.assertNotIn(kind, one.activity_ids.activity_type_id)

    def test_amazon_s_other_reading_of_net_proceeds_agrees_as_well(self):
        self.fake.set_options(proceeds_without_balances=True)
        self.connection.compares_summaries = True
        self.ask()
        self.assertEqual(self.states(), {"agrees"})

    def test_without_the_role_all_else_works(self):
        self.fake.set_options(has_finances=False)
        self.connection.compares_summaries = True
        self.ask()
        self.assertEqual((self.states(), self.asked()), ({"unavailable"}, 1))
        self.assertIn("role", self.one.control_text)
        self.assertEqual(self.connection.state, "connected")
        self.ask()
        self.assertEqual(self.asked(), 1, "the refusal holds for a day")
        self.fake.set_options(has_finances=True)
        with freeze_time(fields.Datetime.now() + timedelta(days=1, hours=1), tick=True):
            self.fake.advance(86400 + 3600)
            self.ask()
        self.assertEqual(self.states(), {"agrees"})

    def test_what_amazon_does_not_know_is_said(self):
        self.one.settlement_ref = "1"
        self.connection.compares_summaries = True
        self.ask()
        (unknown,) = self.settlements.filtered(lambda one: one.settlement_ref == "1")
        self.assertEqual(unknown.control_state, "unavailable")
        self.assertIn("no statement", unknown.control_text)

    def test_a_passing_trouble_is_no_answer(self):
        self.fake.fail("listSummary", "503")
        self.connection.compares_summaries = True
        self.ask()
        self.assertEqual(self.states(), {"waiting"})
        self.fake.fail("listSummary", "429")
        with self.assertRaises(UserError):
            self.one.action_ask_control()
        self.root_env["sp.rate.limit"].search([("operation", "=", "listSummary")]).unlink()
        self.ask()
        self.assertEqual(self.states(), {"agrees"})

    def test_a_refused_settlement_stops_no_other(self):
        self.fake.fail("listSummary", "400")
        self.connection.compares_summaries = True
        self.ask()
        self.assertEqual(self.states(), {"unavailable", "agrees"})

    def test_another_company_s_manager_sees_none_of_it(self):
        self.connection.compares_summaries = True
        self.ask()
        stranger = self.make_user(
            "control_stranger",
            "sp_connector.sp_connector_group_manager",
            self.make_company("Control Inc"),
        )
        control = self.one.control_ids
        self.assertFalse(control.with_user(stranger).search([("id", "=", control.id)]))
        self.assertDenied(control.with_user(stranger).read, ["text"])
        self.assertDenied(self.one.with_user(stranger).action_ask_control)
        self.assertTrue(control.with_user(self.manager).read(["text"]))
