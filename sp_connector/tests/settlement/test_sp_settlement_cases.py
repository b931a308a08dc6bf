"""Files as people and their tools bring them (``engine/tests/cases``), from upload to entry."""

from odoo import Command

from ...engine.tests.helpers import CASES, row
from ..common import SpCase

REWRITTEN = "spreadsheet program has rewritten"
SALE = "Order/ItemPrice/Principal"


class TestSpSettlementCases(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_accounts(cls.company)
        cls.set_all_rates()

    def case(self, name):
        return self.import_file((CASES / name).read_bytes(), name)

    def look(self, *files):
        """What the upload dialog says: (status, message) of each line."""
        attachments = self.env["ir.attachment"].create(
            [
                {"name": name, "raw": data, "res_model": "sp.settlement.import", "res_id": 0}
                for name, data in files
            ]
        )
        wizard = self.env["sp.settlement.import"].create(
            {"attachment_ids": [Command.set(attachments.ids)]}
        )
        wizard.action_check()
        return [(line.status, line.message or "") for line in wizard.line_ids]

    def look_at(self, name):
        return self.look((name, (CASES / name).read_bytes()))

    def assertPosted(self, name, total):
        settlement = self.case(name)
        self.assertEqual(settlement.state, "review", settlement.hold_reason)
        settlement.action_post()
        self.assertEqual(settlement.state, "posted")
        self.assertEqual(settlement.amount_total, total)
        self.assertBalanced(settlement)

    def test_a_rewritten_id_never_is_a_second_settlement(self):
        self.assertPosted("id_genuine.txt", 41.20)
        count = self.env["sp.settlement"].search_count([])
        for name in ("id_float.csv", "id_formula.csv"):
            ((status, message),) = self.look_at(name)
            self.assertEqual(status, "refused")
            self.assertIn(REWRITTEN, message)
            self.assertFalse(self.case(name))
        self.assertEqual(self.env["sp.settlement"].search_count([]), count)

    def test_ambiguous_amounts_are_held_and_nothing_is_guessed(self):
        settlement = self.case("decimals_three.txt")
        self.assertHeld(settlement, "can be read as 41.200 and as 41200", REWRITTEN)
        self.assertEqual((settlement.amount_total, settlement.amount_rows), (0, 0))

    def test_mixed_marks_are_posted(self):
        self.assertPosted("marks_row_point.txt", 14.94)
        self.assertPosted("marks_total_comma.txt", 14.94)

    def test_each_settlement_of_a_file_has_its_own_mark(self):
        settlements = self.case("marks_two_settlements.txt")
        self.assertEqual(settlements.mapped("state"), ["review"] * 2)
        self.assertEqual(settlements.mapped("amount_total"), [41.20, 14.94])

    def test_a_header_or_summary_line_again_is_posted(self):
        self.assertPosted("header_again.txt", 41.20)
        self.assertPosted("summary_again.txt", 41.20)

    def test_spreadsheet_damage_is_named_and_reserves_are_not(self):
        for name, start in (
            ("excel_item_codes.txt", "line 3: order-item-code reads «3.10E+13»"),
            ("excel_serial_dates.txt", "line 2: settlement-start-date: «46237»"),
            ("excel_half_days.txt", "line 3: posted-date-time: «8/6/2026 9:15:00 AM»"),
            ("float_noise.txt", "line 4: amount: «-12.240000000000002»"),
        ):
            ((status, message),) = self.look_at(name)
            self.assertEqual(status, "hold", name)
            self.assertIn(f"\n{start}", message)
            settlement = self.case(name)
            self.assertHeld(settlement, start, REWRITTEN)
            self.assertNotIn("Reserve", settlement.hold_reason)

    def test_a_totals_line_is_called_what_it_is(self):
        for name in ("totals_row_label.txt", "totals_row_subtotal.txt"):
            left_out, found = self.look_at(name)
            self.assertEqual((left_out[0], found[0]), ("left_out", "new"))
            self.assertIn("totals line", left_out[1])
            settlement = self.case(name)
            self.assertEqual(settlement.state, "review")
            self.assertIn("totals line", settlement.message_ids.mapped("body")[0])
        self.assertHeld(self.case("totals_row_blank.txt"), "line 7: ", "totals line")

    def test_no_money_is_finished(self):
        for name in ("no_money_zero_row.txt", "no_money_no_row.txt"):
            ((status, message),) = self.look_at(name)
            self.assertEqual(status, "new")
            self.assertIn("Nothing to book", message)
            self.assertEqual(self.case(name).state, "empty")

    # === TEXTS === #

    def test_whatever_a_file_holds_its_messages_are_bounded(self):
        unknown = [row(f"Order/ItemFees/Fee{number}{'x' * 500}", "0.01") for number in range(300)]
        bad = [row(SALE, "x" * 3000) for _number in range(300)]
        contradictions = [row(SALE, "0.00", total_amount=f"1{number}.00") for number in range(300)]
        for ref, rows in (("51", unknown), ("52", bad), ("53", contradictions)):
            rows = [cells | {"settlement-id": ref} for cells in rows]
            data = self.file(*rows, total="3.00", ref=ref)
            ((_status, message),) = self.look(("many.txt", data))
            settlement = self.import_file(data)
            for text in (message, settlement.hold_reason):
                self.assertLess(len(text), 5000)
                self.assertIn("… and 290 more.", text)
