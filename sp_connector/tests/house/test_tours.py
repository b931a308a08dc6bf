"""What people do with the mouse, in a real browser; skipped where there is none."""

from odoo.tests import HttpCase, tagged

from ..common import SpCase

SETTLEMENTS = "/odoo/amazon-settlements"


@tagged("post_install", "-at_install")
class TestTours(SpCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The browser signs in by itself; the test prepares and looks on.
        cls.env = cls.root_env
        cls.held = cls.import_sample("v2_unknown_words.txt")

    def start_tour_as(self, user, tour):
        self.start_tour(SETTLEMENTS, tour, login=user.login)

    def test_from_a_dropped_file_to_the_rows_of_a_journal_item(self):
        self.start_tour_as(self.bookkeeper, "sp_connector_import_and_post")
        settlement = self.env["sp.settlement"].search([("settlement_ref", "=", "7700000001")])
        self.assertEqual(settlement.state, "posted")
        self.assertEqual(settlement.company_id, self.company)
        self.assertBalanced(settlement)

    def test_two_files_dropped_at_once(self):
        self.start_tour_as(self.bookkeeper, "sp_connector_drop_two_files")
        settlements = self.env["sp.settlement"].search(
            [("settlement_ref", "in", ("7700000002", "7700000003"))]
        )
        self.assertEqual(settlements.mapped("state"), ["review", "review"])
        self.assertEqual(len(settlements.attachment_id), 2)

    def test_a_manager_maps_the_words_that_hold_a_settlement(self):
        self.assertEqual(self.held.state, "held")
        self.start_tour_as(self.manager, "sp_connector_map_words")
        self.assertEqual(self.held.state, "review")

    def test_a_bookkeeper_has_no_configuration(self):
        self.import_sample("v2_us_usd.txt")  # held, too: nobody entered a rate
        self.start_tour_as(self.bookkeeper, "sp_connector_bookkeeper")
