"""Hands in the ledger: what people do in Odoo's own screens is refused, or said at once.

Whatever the way: the settlement's state, what differs, the list and Home say it without anybody
pressing a button of ours, or nothing of the books is otherwise than it was.
"""

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from .test_sealed import SealedCase

#: What becomes of it: Odoo or we refuse · the books are as they were · said as this state.
REFUSED, SAME = "refused", "posted"


class TestHands(SealedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second_clearing = cls.make_account("Second Clearing", "asset_current", reconcile=True)
        cls.company.sudo().account_journal_suspense_account_id = cls.bank.suspense_account_id
        cls.second_journal = cls.root_env["account.journal"].create(
            {"name": "Elsewhere", "code": "ELS", "type": "general", "company_id": cls.company.id}
        )
        cls.accountant = cls.make_user(
            "full_accountant",
            "account.group_account_manager,account.group_account_user,base.group_partner_manager",
        )

    # === WHAT PEOPLE DO WITH AN ENTRY === #

    def _first(self, move):
        return move.line_ids.sorted("id")[0]

    def _payout(self, move):
        clearing = self.account_of("deposit")
        return move.line_ids.filtered(lambda item: item.account_id == clearing)

    def _write(self, **vals):
        """Write on its first item as it stands there, posted."""
        return lambda move: self._first(move).write(vals)

    def _edit(self, change):
        """Reset it to draft, change it, post it again."""

        def way(move):
            move.button_draft()
            change(move)
            move.action_post()

        return way

    def _cancel(self, move):
        move.button_draft()
        move.button_cancel()

    def _delete(self, move):
        move.button_draft()
        move.with_context(force_delete=True).unlink()

    def _pay_less(self, move):
        fees = move.line_ids.filtered(lambda item: item.balance == 20.0)
        move.line_ids = [
            Command.update(fees.id, {"balance": 15.0}),
            Command.update(self._payout(move).id, {"balance": 105.0}),
        ]

    def _change_journal(self, move):
        move.name = "/"
        move.journal_id = self.second_journal

    def _reverse(self, how):
        def way(move):
            reversal = self.reverse(move, how)
            if reversal.state == "draft":
                reversal.action_post()

        return way

    def _load_items(self, move):
        rows = [[str(self._first(move).id), str(self.other.id)]]
        self.assertFalse(move.line_ids.load([".id", "account_id/.id"], rows)["messages"])

    # === ODOO'S WIZARDS === #

    def _wizard(self, name, records, **vals):
        context = {"active_model": records._name, "active_ids": records.ids}
        model = self.root_env[name].with_user(self.accountant)
        return model.with_context(**context).create(vals)

    def _move_payout(self, move):
        self._wizard(
            "account.automatic.entry.wizard",
            self._payout(move),
            action="change_account",
            destination_account_id=self.second_clearing.id,
            journal_id=self.journal.id,
            date="2026-06-01",
        ).do_action()

    def _resequence(self, move):
        name = "account.resequence.wizard"
        self._wizard(name, move, first_name="AMZ/2026/04/0777").resequence()
        self.assertEqual(move.name, "AMZ/2026/04/0777")

    def _secure(self, move):
        vals = {"company_id": self.company.id, "hash_date": move.date}
        self._wizard("account.secure.entries.wizard", move, **vals).action_secure_entries()
        self.assertTrue(move.inalterable_hash)

    def _merge_partner(self, move):
        twin = self.root_env["res.partner"].create({"name": "Amazon again"})
        both = self._first(move).partner_id | twin
        self.root_env["base.partner.merge.automatic.wizard"]._merge(both.ids, twin)

    def _ways(self):
        """{what a person does to a posted entry: (how, what becomes of it, words that say it)}."""
        write, edit = self._write, self._edit
        return {
            "amount": (edit(self._pay_less), REFUSED, "Undo the entry"),
            "amount in place": (write(balance=1.0), REFUSED, ""),
            "account": (write(account_id=self.other.id), "changed", "Something Else"),
            "account after a reset": (
                edit(write(account_id=self.other.id)),
                REFUSED,
                "Undo the entry",
            ),
            "partner": (write(partner_id=self.somebody.id), "changed", "Somebody"),
            "tax": (write(tax_ids=[Command.clear()]), REFUSED, ""),
            "tax after a reset": (
                edit(write(tax_ids=[Command.clear()])),
                REFUSED,
                "Undo the entry",
            ),
            "tax grid": (write(tax_tag_ids=[Command.clear()]), "changed", "tax grid"),
            "date": (edit(lambda move: move.write({"date": "2026-04-02"})), REFUSED, "the date"),
            "analytic": (
                write(analytic_distribution={str(self.shop.id): 50}),
                "changed",
                "Shop 50 %",
            ),
            "label": (write(name="mine"), SAME, ""),
            "reference": (lambda move: move.write({"ref": "mine"}), SAME, ""),
            "deleted": (lambda move: move.unlink(), REFUSED, ""),
            "deleted after a reset": (self._delete, "changed", "deleted"),
            "reset to draft": (lambda move: move.button_draft(), "booked", ""),
            "cancelled": (self._cancel, "changed", "cancelled"),
            "reversed": (self._reverse("refund_moves"), "changed", "reversed by"),
            "reversed and modified": (self._reverse("modify_moves"), "changed", "reversed by"),
            "other journal": (edit(self._change_journal), REFUSED, "journal"),
            "imported over": (self._load_items, "changed", "Something Else"),
            "payout moved by Odoo's wizard": (self._move_payout, SAME, "AMZ/2026/06/0001"),
            "resequenced": (self._resequence, SAME, ""),
            "secured": (self._secure, SAME, ""),
            "partners merged": (self._merge_partner, SAME, ""),
        }

    def home(self):
        """{key of a card of Home: how many}."""
        self.env.flush_all()
        return {card["key"]: card["count"] for card in self.env["sp.home"].get_home()["cards"]}

    def test_each_way_is_refused_or_said_at_once(self):
        settlement = self.make()
        before, home = self.judge(settlement), self.home()
        move = settlement.move_id.with_user(self.accountant)
        for name, (way, expected, words) in self._ways().items():
            with self.subTest(name), self.cr.savepoint() as savepoint:
                refusal = None
                try:
                    with self.cr.savepoint():
                        way(move)
                        self.env.flush_all()
                except (UserError, ValidationError) as error:
                    refusal = str(error)
                self.env.invalidate_all()
                if expected == REFUSED:
                    self.assertTrue(refusal)
                    self.assertIn(words, refusal)
                    self.assertEqual((settlement.state, self.judge(settlement)), ("posted", before))
                elif expected == SAME:
                    self.assertIsNone(refusal)
                    self.assertEqual((settlement.state, settlement.ledger_note), ("posted", False))
                    if words:  # which entry it was
                        self.assertIn(words, settlement.payment_text)
                else:
                    self.assertIsNone(refusal)
                    self.assertEqual(settlement.state, expected)
                    self.assertIn(words, settlement.ledger_note or "")
                    listed = self.env["sp.settlement"].search([("state", "=", expected)])
                    self.assertIn(settlement, listed)
                    card = "drafts" if expected == "booked" else "changed"
                    self.assertEqual(self.home()[card], home[card] + 1)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_a_match_with_the_bank_that_is_undone_in_odoo(self):
        settlement = self.make()
        line = self.match(settlement)
        self.assertEqual(settlement.payment_state, "paid")
        waiting = self.home()["bank"]
        line.with_user(self.accountant).action_undo_reconciliation()
        self.assertEqual((settlement.state, settlement.payment_state), ("posted", "waiting"))
        self.assertEqual(self.home()["bank"], waiting + 1)
