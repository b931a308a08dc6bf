"""What people do with words and changes, in a real browser; skipped where there is none."""

from odoo.tests import HttpCase, tagged

from ..common import SpCase

SETTLEMENTS = "/odoo/amazon-settlements"


@tagged("post_install", "-at_install")
class TestControlTours(SpCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The browser signs in by itself; the test prepares and looks on.
        cls.env = cls.root_env

    def test_a_suggestion_is_accepted_and_the_settlement_posted(self):
        settlement = self.import_file(
            self.file(
                ("Order/ItemPrice/Principal", "24.00"),
                ("MoonFees/MoonFees/Robot Storage Surcharge", "-4.00"),
                total="20.00",
                ref="7700000041",
            )
        )
        self.assertEqual(settlement.state, "held")
        self.start_tour(SETTLEMENTS, "sp_connector_accept_suggestion", login=self.manager.login)
        self.assertEqual(settlement.state, "posted")
        self.assertBalanced(settlement)
        rule = settlement.line_ids.rule_id.filtered("company_id")
        self.assertEqual((rule.company_id, rule.category), (self.company, "storage_fees"))
