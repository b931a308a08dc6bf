"""A settlement without money: finished without an entry, and it says so."""

from ...engine.tests import helpers
from ..common import SpCase

ZERO = ("FBAFees/FBA Inventory Storage Fee/Base fee", "0.00")
SALE = "Order/ItemPrice/Principal"


class TestSpSettlementEmpty(SpCase):
    def assertFinished(self, settlement):
        self.assertFalse(settlement.hold_reason)
        self.assertEqual(settlement.state, "empty")
        self.assertIn("Nothing to book", settlement.booking_note)
        answer = settlement.action_post()
        self.assertIn("Nothing to book", answer["params"]["message"])
        self.assertFalse(settlement.move_ids)
        self.assertEqual(settlement.state, "empty")

    def test_rows_of_zero_need_no_entry(self):
        self.assertFinished(self.import_file(self.file(ZERO, total="0.00")))

    def test_no_rows_need_no_entry(self):
        self.assertFinished(self.import_file(self.file(total="0.00")))

    def test_amounts_that_cancel_each_other_need_no_entry(self):
        rows = [(SALE, "5.00"), (SALE, "-5.00")]
        self.assertFinished(self.import_file(self.file(*rows, total="0.00")))

    def test_nothing_that_a_booking_needs_holds_it(self):
        """A locked period and a rate that is missing are no matter: nothing is booked."""
        self.company.fiscalyear_lock_date = "2026-12-31"
        self.assertFinished(self.import_file(self.file(ZERO, total="0.00", currency="PLN")))

    def test_a_zero_settlement_with_money_is_to_be_booked(self):
        rows = [(SALE, "5.00"), ("Order/ItemFees/Commission", "-5.00")]
        self.assertEqual(self.import_file(self.file(*rows, total="0.00")).state, "review")

    def test_a_file_that_cannot_be_trusted_is_held_all_the_same(self):
        rows = [ZERO, helpers.row(ZERO[0], "x")]
        settlement = self.import_file(self.file(*rows, total="0.00"))
        self.assertEqual(settlement.state, "held")

    def test_the_upload_says_so_before(self):
        for data in (self.file(ZERO, total="0.00"), self.file(total="0.00")):
            attachment = self.env["ir.attachment"].create(
                {"name": "a.txt", "raw": data, "res_model": "sp.settlement.import", "res_id": 0}
            )
            wizard = self.env["sp.settlement.import"].create(
                {"attachment_ids": [(6, 0, attachment.ids)]}
            )
            wizard.action_check()
            self.assertEqual(wizard.line_ids.status, "new")
            self.assertIn("Nothing to book", wizard.line_ids.message)
