"""What people do with words and changes, in a real browser; skipped where there is none."""

from odoo.tests import HttpCase, tagged

from ..common import SpCase

SETTLEMENTS = "/odoo/amazon-settlements"


@tagged("post_install", "-at_install")
class TestChangeTours(SpCase, HttpCase):
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

    def test_a_change_of_account_is_seen_saved_and_booked_anew(self):
        settlement = self.import_file(
            self.file(("Order/ItemPrice/Principal", "24.00"), total="24.00", ref="7700000042")
        )
        settlement.with_user(self.bookkeeper).action_post()
        shop = self.make_account("Shop Sales")
        mapping = self.env["sp.account.mapping"].search(
            [("company_id", "=", self.company.id), ("category", "=", "sales")]
        )
        url = f"/odoo/action-sp_connector.sp_account_mapping_action/{mapping.id}"
        self.start_tour(url, "sp_connector_change_account", login=self.manager.login)
        self.env.invalidate_all()
        self.assertEqual(mapping.account_id, shop)
        self.assertEqual(settlement.state, "posted")
        self.assertIn(shop, settlement.move_id.line_ids.account_id)
        self.assertBalanced(settlement)
        # Later, of all that is booked, from the menu.
        mapping.account_id = self.make_account("Kiosk Sales")
        self.start_tour("/odoo/amazon", "sp_connector_what_would_change", login=self.manager.login)
        self.env.invalidate_all()
        self.assertIn(mapping.account_id, settlement.move_id.line_ids.account_id)
        self.assertEqual(settlement.state, "posted")
