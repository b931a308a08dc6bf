"""Settlements that somebody else booked already: found, said, taken back."""

from odoo.exceptions import UserError
from odoo.fields import Command

from ..common import MANAGER, SpCase


class TestSpElsewhere(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rows = [("Order/ItemPrice/Principal", "24.00")]
        cls.one, cls.two = (
            cls.import_file(cls.file(*rows, (fee, amount), total=total, ref=ref))
            for ref, fee, amount, total in (
                ("7710000071", "Order/ItemFees/Commission", "-3.60", "20.40"),
                ("7710000072", "Order/ItemFees/Commission", "-4.00", "20.00"),
            )
        )
        cls.clearing = cls.make_account("Their clearing", "asset_current", reconcile=True)
        cls.income = cls.make_account("Their income")

    def entry(self, amount, ref, day=None, company=None, **vals):
        move = self.root_env["account.move"].create(
            {
                "journal_id": (company or self.company).sp_journal_id.id,
                "date": day or self.one.date_deposit.date(),
                "ref": ref,
                "line_ids": [
                    Command.create(
                        {
                            "name": "x",
                            "account_id": account.id,
                            "balance": sign * amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                    for account, sign in ((self.clearing, 1), (self.income, -1))
                ],
                **vals,
            }
        )
        move.action_post()
        return move

    def find(self, settlements=None):
        settlements = settlements or self.one | self.two
        return {
            (one.settlement, one.move): (one.reasons, one.is_sure)
            for one in self.env["sp.elsewhere"]._find(settlements)
        }

    def test_by_total_and_date_with_the_reasons(self):
        named = self.entry(20.4, "A2X 7710000071")
        self.assertEqual(self.find(), {(self.one, named): (("ref", "words", "only"), True)})
        silent = self.entry(20.0, "Misc")
        self.assertEqual(self.find()[self.two, silent], (("only",), False))
        # Two of the same total: nobody can tell.
        twin = self.entry(20.4, "A2X")
        self.assertEqual(self.find()[self.one, twin], (("words",), False))

    def test_what_does_not_fit_is_not_proposed(self):
        self.entry(-20.4, "A2X refund")
        self.entry(20.4, "A2X far", day="2020-01-01")
        self.entry(20.41, "A2X other")
        taken_back = self.entry(20.4, "A2X reversed")
        taken_back._reverse_moves(cancel=True)
        self.assertEqual(self.find(), {})
        self.one.action_post()
        self.entry(20.4, "A2X late")
        self.assertEqual(self.find(), {}, "what is booked here is no question")

    def test_a_person_says_so_and_takes_it_back(self):
        move = self.entry(20.4, "A2X 7710000071")
        action = (self.one | self.two).action_find_elsewhere()
        proposal = self.env["sp.elsewhere.proposal"].search(action["domain"])
        self.assertEqual((proposal.settlement_id, proposal.move_id), (self.one, move))
        self.assertIn("it names the settlement", proposal.reason)
        proposal.action_accept()
        self.assertEqual(self.one.state, "elsewhere")
        self.assertEqual(self.one.elsewhere_move_id, move)
        self.assertEqual(self.one.elsewhere_user_id, self.bookkeeper)
        self.assertIn(move.name, "".join(self.one.message_ids.mapped("body")))
        self.assertFalse(self.find())
        # Nothing is booked a second time.
        self.one.action_post()
        self.assertFalse(self.one.move_ids)
        self.one.action_not_elsewhere()
        self.assertEqual(self.one.state, "review")
        self.assertFalse(self.one.elsewhere_move_id)

    def test_it_counts_while_the_entry_does(self):
        move = self.entry(20.4, "A2X 7710000071")
        self.one._mark_elsewhere(move)
        move.button_draft()
        self.assertEqual(self.one.state, "review")
        move.action_post()
        self.assertEqual(self.one.state, "elsewhere")
        move._reverse_moves(cancel=True)
        self.assertEqual(self.one.state, "review")

    def test_one_entry_for_one_settlement(self):
        self.entry(20.4, "A2X 7710000071")
        self.entry(20.4, "A2X again")
        action = self.one.action_find_elsewhere()
        proposals = self.env["sp.elsewhere.proposal"].search(action["domain"])
        self.assertEqual(len(proposals), 2)
        with self.assertRaisesRegex(UserError, "Choose one entry"):
            proposals.action_accept()
        proposals[0].action_accept()
        self.assertFalse(proposals.exists())

    def test_not_of_other_companies(self):
        move = self.entry(20.4, "A2X 7710000071")
        other = self.make_company("Elsewhere Ltd")
        self.set_up_accounts(other)
        stranger = self.make_user("stranger", MANAGER, other)
        self.assertDenied(self.one.with_user(stranger).action_find_elsewhere)
        self.assertDenied(self.one.with_user(stranger).action_not_elsewhere)
        mine = self.import_file(
            self.file(("Order/ItemPrice/Principal", "20.40"), total="20.40", ref="7710000071"),
            company=other,
            env=self.root_env,
        )
        self.assertFalse(self.find(mine))
        with self.assertRaises(UserError):
            mine._mark_elsewhere(move)
