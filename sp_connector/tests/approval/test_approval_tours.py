"""One proposes and another approves, each in a real browser of their own."""

from odoo.tests import HttpCase, tagged

from .test_sp_approval import ApprovalCase


@tagged("post_install", "-at_install")
class TestApprovalTours(ApprovalCase, HttpCase):
    def test_one_proposes_and_another_approves_in_the_browser(self):
        settlement = self.bring("7700000091", env=self.root_env)
        self.start_tour(
            "/odoo/amazon-settlements", "sp_connector_propose", login=self.bookkeeper.login
        )
        self.assertEqual(settlement.state, "booked")
        self.start_tour(
            "/odoo/action-sp_connector.sp_home_action",
            "sp_connector_approve",
            login=self.manager.login,
        )
        self.assertEqual(settlement.state, "posted")
        self.assertEqual(
            self.approvals(settlement), [("post", "approved", self.bookkeeper, self.manager)]
        )
