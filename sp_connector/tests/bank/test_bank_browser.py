"""From a proposal to a reconciled bank line and back, in a real browser."""

from odoo.tests import HttpCase, tagged

from ..bank_common import BankCase


@tagged("post_install", "-at_install")
class TestBankBrowser(BankCase, HttpCase):
    def test_a_proposal_is_matched_and_taken_back(self):
        settlements = self.settle(100) | self.settle(20, "2026-04-18")
        line = self.bank_line(120)
        url = f"/odoo/amazon-settlements/{settlements[0].id}"
        self.start_tour(url, "sp_connector_match_one", login=self.manager.login)
        self.assertFalse(line.is_reconciled)
        other = self.settle(60, "2026-03-10")
        two = self.bank_line(40, "2026-03-12") | self.bank_line(20, "2026-03-12")
        self.start_tour("/odoo/amazon-bank", "sp_connector_match_many", login=self.manager.login)
        self.assertMatched(line | two, settlements | other)
