"""What an earlier version stored: rewritten ids, files that are read otherwise now."""

from ...engine.lines.flat_file import open_reports
from ...engine.lines.summary import summarise
from ...engine.tests.helpers import CASES, row
from ..common import SpCase

SALE = "Order/ItemPrice/Principal"
REAL, REWRITTEN = "99000000951", "99000000951.0"


class TestSpSettlementReread(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_accounts(cls.company)

    def stored(self, ref, data=None):
        """A settlement as a version stored it that took any text for an id."""
        settlement = self.import_file(data or self.file((SALE, "10.00"), total="10.00", ref="42"))
        settlement.sudo().settlement_ref = ref
        return settlement

    def read_again(self):
        self.root_env["sp.settlement.reread"]._restore_ids()
        self.root_env["sp.settlement.reread"]._read_files_again()

    def test_a_rewritten_id_becomes_what_it_was(self):
        settlement = self.stored(REWRITTEN)
        self.read_again()
        self.assertEqual(settlement.settlement_ref, REAL)
        self.assertIn(REWRITTEN, "".join(settlement.message_ids.mapped("body")))
        (compared,) = self.look(self.file((SALE, "10.00"), total="10.00", ref=REAL))
        self.assertEqual(compared, "different")

    def look(self, data):
        settlements = self.env["sp.settlement"]
        (report,) = open_reports("a.txt", data)
        found = summarise(report, *settlements._reading(self.company))
        return [settlements._compare(summary, self.company)[0] for summary in found.values()]

    def test_a_settlement_stored_twice_is_brought_to_a_person(self):
        settlement = self.stored(REWRITTEN)
        twin = self.import_file(self.file((SALE, "10.00"), total="10.00", ref=REAL))
        self.read_again()
        self.assertEqual(settlement.settlement_ref, REWRITTEN)
        self.assertIn("stored twice", settlement.activity_ids[0].summary)
        self.assertFalse(twin.activity_ids)
        self.assertEqual(settlement.state, "held")

    def test_what_is_read_otherwise_is_stored_anew(self):
        """Held by an earlier version, for marks that were mixed."""
        settlement = self.import_file((CASES / "id_genuine.txt").read_bytes())
        settlement.sudo().write({"file_problem": "old", "digest": "old", "amount_rows": 0})
        settlement.action_check()
        self.assertEqual(settlement.state, "held")
        self.read_again()
        self.assertEqual((settlement.state, settlement.amount_rows), ("review", 41.20))
        self.assertEqual((settlement.row_count, len(settlement.row_ids)), (4, 4))

    def test_what_was_booked_and_is_not_proved_is_brought_to_a_person(self):
        settlement = self.import_file((CASES / "id_genuine.txt").read_bytes())
        settlement.action_post()
        damaged = (
            (CASES / "decimals_three.txt").read_bytes().replace(b"99000000912", b"99000000911")
        )
        settlement.attachment_id.sudo().raw = damaged
        self.read_again()
        self.assertEqual(settlement.state, "posted")
        self.assertIn("does not prove", settlement.activity_ids[0].summary)

    def test_what_is_right_stays_as_it_is(self):
        review = self.import_file((CASES / "id_genuine.txt").read_bytes())
        lines = review.line_ids
        self.read_again()
        self.assertEqual(review.line_ids, lines)
        self.assertFalse(review.activity_ids)

    # === EXPORT === #

    def test_no_text_of_a_file_is_exported_as_a_formula(self):
        skus = ["=1+1", "+1", "-1", "@SUM(A1)", "{=1}", "A=1"]
        rows = [row(SALE, "1.00", sku=sku) for sku in skus]
        settlement = self.import_file(self.file(*rows, total="6.00"))
        rows = settlement.row_ids.with_user(self.root_env.user).sorted("line_number")
        exported = rows.export_data(["sku", "amount"])["datas"]
        self.assertEqual([cells[0] for cells in exported], [f"'{s}" for s in skus[:5]] + ["A=1"])
        self.assertEqual({cells[1] for cells in exported}, {1.0})
        words = self.import_file(self.file(("=A/B/C", "-6.00"), total="-6.00", ref="43"))
        lines = words.line_ids.with_user(self.root_env.user)
        exported = lines.export_data(["transaction_type", "amount"])["datas"]
        self.assertEqual(exported, [["'=A", -6.0]])
