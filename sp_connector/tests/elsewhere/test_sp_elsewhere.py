"""Settlements that somebody else booked already: found, said, taken back."""

from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tools import mute_logger

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

    # === SAID BEFORE POSTING === #

    def test_it_is_said_on_the_form_and_on_home_until_somebody_decides(self):
        self.assertFalse(self.one.elsewhere_proposal_text)
        move = self.entry(20.4, "A2X 7710000071")
        self.env.invalidate_all()
        self.assertIn(move.name, self.one.elsewhere_proposal_text)
        self.assertIn("it names the settlement", self.one.elsewhere_proposal_text)
        waiting = self.env["sp.settlement"].search([("has_elsewhere_proposal", "=", True)])
        self.assertEqual(waiting, self.one)
        self.assertTrue(self.one.has_elsewhere_proposal)
        self.assertFalse(self.two.has_elsewhere_proposal)
        # As the button of the form calls it.
        action = call_kw(self.env["sp.settlement"], "action_find_elsewhere", [self.one.ids], {})
        self.env["sp.elsewhere.proposal"].search(action["domain"]).action_deny()
        self.assertFalse(self.one.elsewhere_proposal_text)
        self.assertFalse(waiting.search([("has_elsewhere_proposal", "=", True)]))
        self.assertIn("not booked by", "".join(self.one.message_ids.mapped("body")))
        self.assertIsNone(self.one.action_post())
        self.assertEqual(self.one.state, "posted")

    def test_who_denied_it_may_think_otherwise(self):
        move = self.entry(20.4, "A2X 7710000071")
        self.one._deny_elsewhere(move)
        action = self.one.action_find_elsewhere()
        proposal = self.env["sp.elsewhere.proposal"].search(action["domain"])
        self.assertIn("a person said that it is not", proposal.reason)
        self.assertFalse(proposal.is_sure)
        proposal.action_accept()
        self.assertEqual(self.one.state, "elsewhere")
        self.assertFalse(self.one.elsewhere_denied_ids)

    def test_what_is_sure_is_left_out_and_what_may_be_is_posted_and_said(self):
        sure, doubtful = self.entry(20.4, "A2X 7710000071"), self.entry(20.0, "Misc")
        action = (self.one | self.two).action_post()
        batch = self.env["sp.batch"].browse(action["res_id"])
        one, two = (
            batch.line_ids.filtered(lambda line, item=item: line.settlement_id == item)
            for item in (self.one, self.two)
        )
        self.assertEqual((one.state, one.code), ("failed", "elsewhere"))
        self.assertIn(sure.name, one.message)
        self.assertFalse(self.one.move_ids)
        self.assertEqual((two.state, self.two.state), ("done", "posted"))
        self.assertIn(doubtful.name, two.message)
        self.assertIn(doubtful.name, "".join(self.two.message_ids.mapped("body")))

    def test_one_alone_is_left_out_too_and_a_draft_is_not_posted(self):
        self.one.action_book()
        move = self.entry(20.4, "A2X 7710000071")
        notice = self.one.action_post()["params"]
        self.assertIn(move.name, notice["message"])
        self.assertEqual(self.one.state, "booked")
        self.entry(20.0, "Misc")
        self.assertIn("to be known", self.two.action_post()["params"]["title"])
        self.assertEqual(self.two.state, "posted")

    def test_it_is_said_when_the_settlement_arrives(self):
        move = self.entry(7.5, "Link My Books")
        late = self.import_file(
            self.file(("Order/ItemPrice/Principal", "7.50"), total="7.50", ref="7710000073")
        )
        self.assertIn(move.name, "".join(late.message_ids.mapped("body")))
        self.assertNotIn("somebody", "".join(self.one.message_ids.mapped("body")).lower())

    def test_another_that_waits_with_the_same_total_is_a_reason_for_doubt(self):
        move = self.entry(20.4, "A2X")
        self.assertTrue(self.find(self.one)[self.one, move][1])
        rows = [("Order/ItemPrice/Principal", "20.40")]
        self.import_file(self.file(*rows, total="20.40", ref="7710000074"))
        self.assertEqual(self.find(self.one)[self.one, move], (("words",), False))

    def test_an_entry_books_one_settlement(self):
        move = self.entry(20.4, "A2X 7710000071")
        self.one._mark_elsewhere(move)
        rows = [("Order/ItemPrice/Principal", "20.40")]
        twin = self.import_file(self.file(*rows, total="20.40", ref="7710000075"))
        self.assertFalse(self.find(twin), "it is taken")
        with self.assertRaisesRegex(UserError, "7710000071"):
            twin._mark_elsewhere(move)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            twin.sudo().elsewhere_move_id = move
            twin.flush_recordset()

    def test_the_menu_looks_at_all_companies_that_are_switched_on(self):
        other = self.make_company("Elsewhere Ltd")
        self.set_up_accounts(other)
        ours = self.entry(20.4, "A2X 7710000071")
        rows = [("Order/ItemPrice/Principal", "3.00")]
        theirs = self.import_file(
            self.file(*rows, total="3.00", ref="7710000076"), company=other, env=self.root_env
        )
        accounts = [
            self.make_account(name, kind, other)
            for name, kind in (("Clearing", "asset_current"), ("Sales", "income"))
        ]
        with patch.multiple(type(self), clearing=accounts[0], income=accounts[1]):
            move = self.entry(3.0, "A2X", company=other)
        both = self.make_user("both", MANAGER)
        both.company_ids = self.company | other
        for companies, expected in ((self.company, ours), (self.company | other, ours | move)):
            env = self.root_env(user=both, context={"allowed_company_ids": companies.ids})
            action = env["sp.settlement"].action_find_elsewhere()
            found = env["sp.elsewhere.proposal"].search(action["domain"])
            self.assertEqual(found.move_id, expected)
        self.assertEqual(found.settlement_id, self.one | theirs)
