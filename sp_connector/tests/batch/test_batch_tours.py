"""Several settlements are posted in a real browser, of which one is left out."""

from odoo.tests import HttpCase, tagged

from ..common import SpCase

SALE = "Order/ItemPrice/Principal"


@tagged("post_install", "-at_install")
class TestBatchTours(SpCase, HttpCase):
    def test_several_are_posted_and_the_one_left_out_is_mended_by_a_click(self):
        self.env = self.root_env
        for ref, words in {"51": SALE, "52": "A/B/C", "53": SALE}.items():
            self.import_file(self.file((words, "2.00"), total="2.00", ref=f"77000000{ref}"))
        self.start_tour(
            "/odoo/amazon-settlements", "sp_connector_post_several", login=self.manager.login
        )
        settlements = self.env["sp.settlement"].search([("company_id", "=", self.company.id)])
        self.assertEqual(sorted(settlements.mapped("state")), ["held", "posted", "posted"])
