"""Every road to the ledger under four eyes: Odoo's screens, remote calls, many, the scheduler."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command

from ...models.batch import sp_batch
from .test_sp_approval import ApprovalCase


class TestSpApprovalRoads(ApprovalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = cls.make_user("accountant", "account.group_account_manager")
        cls.settlement.action_post()
        cls.move = cls.settlement.move_id

    def refuse(self, function, *args, words="proposed this yourself"):
        with self.assertRaisesRegex(UserError, words), self.cr.savepoint():
            function(*args)
            self.cr.flush()
        self.env.invalidate_all()

    # === ODOO'S OWN SCREENS === #

    def test_the_proposer_posts_it_nowhere(self):
        mine = self.move.with_user(self.bookkeeper)
        self.refuse(mine.action_post)
        self.refuse(mine.sudo().action_post)
        self.refuse(mine.write, {"state": "posted"})
        wizard = self.env["validate.account.move"].with_user(self.bookkeeper)
        self.refuse(wizard.create({"move_ids": [Command.set(mine.ids)]}).validate_move)
        self.assertEqual(self.settlement.state, "booked")

    def test_another_who_posts_it_in_odoo_approves_it(self):
        self.move.with_user(self.second).action_post()
        self.assertEqual(self.settlement.state, "posted")
        self.assertEqual(self.approvals(), [("post", "approved", self.bookkeeper, self.second)])

    def test_accountants_without_a_role_here_and_programs_approve_nothing(self):
        self.refuse(self.move.with_user(self.accountant).action_post, words="bookkeepers and man")
        self.refuse(self.move.with_user(self.root_env.user).action_post, words="a program")

    def test_what_is_not_proposed_is_posted_by_nobody(self):
        other = self.bring("2")
        other.action_book()
        self.refuse(other.move_id.with_user(self.second).action_post, words="not proposed")

    def test_the_scheduler_of_odoo_posts_none_and_says_why_on_each(self):
        other = self.bring("2")
        other.action_post()
        moves = self.move | other.move_id
        moves.sudo().auto_post = "at_date"
        with (
            patch.object(self.env.registry["ir.cron"], "_commit_progress", return_value=1.0),
            patch.object(self.cr, "rollback"),  # a test's transaction is one; nothing was done
        ):
            self.root_env["account.move"]._autopost_draft_entries()
        for move in moves:
            self.assertEqual(move.state, "draft")
            self.assertIn("a program approves nothing", str(move.sudo().message_ids[0].body))

    def test_a_limit_holds_in_odoo_s_screens_and_for_its_scheduler(self):
        self.set_rules(sp_four_eyes=False, sp_user_approval="limit", sp_user_limit=5.0)
        for user in (self.second, self.accountant, self.root_env.user):
            self.refuse(self.move.with_user(user).action_post, words="more than the")
        self.move.with_user(self.manager).action_post()
        self.assertEqual(self.settlement.state, "posted")

    def test_of_several_those_that_may_be_posted_are(self):
        other = self.bring("2")
        other.with_user(self.second).action_post()
        moves = (self.move | other.move_id).with_user(self.second)
        moves._post(soft=False)
        self.assertEqual((self.settlement.state, other.state), ("posted", "booked"))

    def test_one_who_resets_reverses_or_cancels_what_is_posted_is_refused(self):
        self.by(self.second).action_approve()
        for user in (self.bookkeeper, self.second, self.accountant):
            move = self.move.with_user(user)
            self.refuse(move.button_draft, words="two persons")
            self.refuse(move.button_cancel, words="two persons")
            self.refuse(move.write, {"state": "draft"}, words="two persons")
        reversal = self.move.with_user(self.second)._reverse_moves()
        self.refuse(reversal.action_post, words="two persons")
        self.assertEqual(self.move.state, "posted")

    def test_what_was_approved_may_be_posted_again_as_it_was(self):
        self.by(self.second).action_approve()
        self.settlement.action_undo()
        self.move.with_user(self.second).button_draft()  # another than who proposed it
        self.assertEqual(self.move.state, "draft")
        self.refuse(self.move.with_user(self.second).action_post, words="not proposed")

    # === REMOTE CALLS === #

    def test_nobody_writes_what_was_proposed_or_decided(self):
        proposal = self.settlement.approval_id
        for user in (self.bookkeeper, self.manager):
            mine = proposal.with_user(user)
            self.assertDenied(mine.write, {"user_id": self.second.id})
            self.assertDenied(mine.write, {"state": "approved"})
            self.assertDenied(mine.unlink)
            self.assertDenied(mine.copy)
            self.assertDenied(
                mine.create,
                {
                    "name": "x",
                    "res_model": "sp.settlement",
                    "res_id": self.settlement.id,
                    "company_id": self.company.id,
                    "operation": "post",
                    "digest": proposal.digest,
                    "state": "approved",
                },
            )
            self.assertDenied(self.by(user).write, {"approval_id": False})
            self.assertDenied(self.by(user).write, {"approval_ids": [(5, 0, 0)]})

    def test_no_context_opens_the_gate(self):
        self.by(self.second).action_approve()
        for key in ("object", True, "TRIAL"):
            move = self.move.with_user(self.second).with_context(sp_connector_trial=key)
            self.refuse(move.button_draft, words="two persons")

    def test_an_edited_draft_is_not_what_was_proposed(self):
        item = self.move.line_ids[0]
        item.with_user(self.accountant).account_id = self.make_account("Elsewhere")
        self.refuse(self.move.with_user(self.second).action_post, words="no longer made of")
        with self.assertRaisesRegex(UserError, "no longer made of"), self.cr.savepoint():
            self.by(self.second).action_approve()

    # === MANY === #

    def test_many_of_one_person_are_proposed_and_another_posts_them(self):
        both = self.settlement | self.bring("2")
        with patch.object(sp_batch, "AT_ONCE", 1):
            mine = both.action_post()
            theirs = both.with_user(self.second).action_approve()
        self.run_batches()
        codes = [
            self.root_env["sp.batch"].browse(action["res_id"]).line_ids.mapped("code")
            for action in (mine, theirs)
        ]
        self.assertEqual(sorted(codes[0]), ["own_proposal", "proposed"])
        self.assertEqual(codes[1], [False, False])
        self.assertEqual(set(both.mapped("state")), {"posted"})

    def run_batches(self):
        with patch.object(self.env.registry["ir.cron"], "_commit_progress", return_value=1.0):
            self.root_env["sp.batch.run"]._cron_run()
        self.env.invalidate_all()
