"""The Bank page: who sees what there, and what a click does."""

from odoo.exceptions import AccessError, UserError, ValidationError

from ..bank_common import BankCase
from ..common import MANAGER


class TestPage(BankCase):
    def setUp(self):
        super().setUp()
        self.proposals = self.root_env(user=self.manager)["sp.bank.proposal"]

    def rows(self, action):
        return self.proposals.search(action["domain"])

    def test_proposals_are_matched_many_at_once(self):
        several = self.settle(100) | self.settle(20, "2026-04-18")
        one = self.bank_line(120)
        other = self.settle(60, "2026-03-10")
        two = self.bank_line(40, "2026-03-12") | self.bank_line(20, "2026-03-12")
        rows = self.rows(self.proposals.action_open())
        self.assertEqual(rows.mapped("kind"), ["several", "transfers"])
        self.assertIn("2 settlements together", rows[0].reasons)
        self.assertEqual(rows[0].line_ids, one)
        notice = rows.action_match()
        self.assertEqual(notice["params"]["title"], "2 matched")
        self.assertEqual(notice["params"]["type"], "success")
        self.assertMatched(one | two, several | other)
        self.assertFalse(rows.exists())

    def test_one_that_fails_stops_itself_only(self):
        rivals = self.settle(100) | self.settle(100)
        line = self.bank_line(100)
        self.settle(70, "2026-03-10")
        two = self.bank_line(40, "2026-03-12") | self.bank_line(30, "2026-03-12")
        rows = self.rows(self.proposals.action_open())
        self.assertEqual(len(rows), 3)
        notice = rows.action_match()["params"]
        self.assertEqual(notice["type"], "warning")
        self.assertIn("no longer open", notice["message"])
        self.assertTrue(all((line | two).mapped("is_reconciled")))
        self.assertEqual(sorted(rivals.mapped("payment_state")), ["paid", "waiting"])

    def test_a_proposal_does_not_outlive_what_it_was_made_of(self):
        settlements = self.settle(100) | self.settle(100)
        line = self.bank_line(100)
        rows = self.rows(self.proposals.action_open())
        self.assertEqual(len(rows), 2)
        settlements[0].action_undo()
        # Sure now; but somebody else looks at an older page.
        self.assertIn("no longer open", rows.action_match()["params"]["message"])
        self.assertFalse(line.is_reconciled and self.payout(settlements[0]))

    def test_it_stands_on_the_bank_line_and_on_the_settlement(self):
        settlements = self.settle(100) | self.settle(20, "2026-04-18")
        line = self.bank_line(120).with_user(self.manager)
        mine = settlements.with_user(self.manager)
        self.assertIn("2 settlements together", line.move_id.sp_bank_proposal)
        self.assertIn("2 settlements together", mine[0].bank_proposal_text)
        for action in (
            line.action_view_sp_bank_proposals(),
            line.move_id.action_view_sp_bank_proposals(),
            mine[0].action_view_bank_proposals(),
        ):
            self.assertEqual(self.rows(action).settlement_ids, mine)
        self.assertEqual(self.rows(action).action_view_line()["res_id"], line.move_id.id)
        self.rows(action).action_match()
        self.env.invalidate_all()
        self.assertFalse(line.move_id.sp_bank_proposal or mine[0].bank_proposal_text)

    def test_what_is_not_posted_is_shown_and_not_matched(self):
        settlement = self.settle(100, post=False)
        line = self.bank_line(100)
        (row,) = self.rows(self.proposals.action_open())
        self.assertFalse(row.is_ready)
        self.assertIn("is not posted", row.reasons)
        row.action_match()
        with self.assertRaises(UserError):
            self.match("exact", line, settlement)
        self.assertFalse(line.is_reconciled)

    # === WHO ===

    def test_a_bookkeeper_without_bank_rights_sees_the_state_alone(self):
        settlement = self.settle(100) | self.settle(100)
        line = self.bank_line(100)
        mine = self.env["sp.bank.proposal"]
        self.assertFalse(settlement[0].bank_proposal_text)
        self.assertEqual(settlement[0].payment_state, "waiting")
        self.assertDenied(mine.action_open)
        self.assertDenied(settlement[0].action_view_bank_proposals)
        self.match("exact", line, settlement[0])
        self.env.invalidate_all()
        self.assertEqual(settlement[0].payment_state, "paid")
        self.assertDenied(settlement[0].action_unmatch_bank)
        self.assertDenied(line.with_env(self.env).action_sp_unmatch)
        menu = self.root_env.ref("sp_connector.sp_connector_menu_bank")
        self.assertNotIn(menu.id, menu.with_user(self.bookkeeper)._visible_menu_ids())
        self.assertIn(menu.id, menu.with_user(self.manager)._visible_menu_ids())

    def test_nobody_sees_or_matches_another_company_s(self):
        other = self.make_company("Lamps Ltd")
        stranger = self.make_user("stranger", MANAGER, other)
        settlements = self.settle(100) | self.settle(20, "2026-04-18")
        line = self.bank_line(120)
        theirs = self.root_env(user=stranger)
        rows = theirs["sp.bank.proposal"].search(theirs["sp.bank.proposal"].action_open()["domain"])
        self.assertFalse(rows)
        for function in (
            line.with_env(theirs).action_view_sp_bank_proposals,
            line.with_env(theirs).action_sp_unmatch,
            settlements.with_env(theirs).action_view_bank_proposals,
        ):
            self.assertDenied(function)
        match = theirs["sp.bank.match"]._match
        self.assertDenied(match, "several", line.with_env(theirs), settlements.with_env(theirs))
        with self.assertRaises(AccessError):
            self.rows(self.proposals.action_open()).with_env(theirs).read(["label"])
        settings = theirs["sp.bank.settings"]
        self.assertDenied(lambda: settings.create({"company_id": self.company.id}).action_save())
        journals = theirs["sp.bank.journal"]
        place = self.root_env["sp.marketplace"].search([], limit=1)
        vals = {"marketplace_id": place.id, "journal_id": self.bank.id}
        self.assertDenied(journals.create, vals | {"company_id": self.company.id})
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.root_env["sp.bank.journal"].create(vals | {"company_id": other.id})

    def test_a_company_s_lines_never_pay_another_company_s_settlement(self):
        other = self.make_company("Lamps Ltd")
        self.set_up_accounts(other)
        settlement = self.settle(100, company=other)
        line = self.bank_line(100)
        self.assertFalse(line.is_reconciled)
        self.assertEqual(settlement.sudo().payment_state, "waiting")
        self.assertEqual(self.find(lines=line), [])

    def test_a_branch_is_paid_on_its_company_s_bank_account(self):
        branch = self.root_env["res.company"].create(
            {"name": "Tea Branch", "parent_id": self.company.id}
        )
        settlement = self.settle(100, company=branch)
        line = self.bank_line(100)
        self.assertMatched(line, settlement)
        # What a branch's own account brings is not the whole company's.
        own = self.settle(70)
        bank = self.make_bank("Branch Bank", "SPX", company=branch)
        line = self.bank_line(70, journal=bank)
        self.assertFalse(line.is_reconciled)
        self.assertEqual(own.payment_state, "waiting")

    def test_settings_are_the_manager_s_and_hold_for_the_company(self):
        env = self.root_env(user=self.manager)
        settings = env["sp.bank.settings"].create({"company_id": self.company.id})
        self.assertTrue(settings.sp_bank_auto)
        self.assertEqual((settings.sp_bank_days_before, settings.sp_bank_days_after), (1, 10))
        settings.write({"sp_bank_words": "Market", "sp_bank_days_after": 3})
        settings.action_save()
        self.assertEqual(self.company._sp_bank_rules().words, ("Market",))
        self.assertEqual(self.company._sp_bank_rules().after, 3)
        settings.sp_bank_days_after = 100
        with self.assertRaises(ValidationError):
            settings.action_save()

    def test_queries_do_not_grow_with_what_is_looked_for(self):
        def count(number):
            lines = self.root_env["account.bank.statement.line"].create(
                [
                    {
                        "journal_id": self.bank.id,
                        "date": "2026-04-18",
                        "payment_ref": "AMZN",
                        "amount": 1000 + number + step,
                    }
                    for step in range(number)
                ]
            )
            self.settle(3000 + number)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.find(lines=lines)
            return self.cr.sql_log_count - before

        self.allow(auto=False)
        few = count(2)
        self.assertLessEqual(count(12), few + 2)
