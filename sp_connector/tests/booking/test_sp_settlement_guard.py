"""Into the ledger and back: nothing twice, nothing stale, nothing on two dates, nothing unsaid."""

from unittest.mock import patch

from odoo.exceptions import UserError

from odoo.addons.base.models.ir_cron import IrCron

from ...engine.lines.flat_file import open_reports
from ...engine.lines.summary import summarise
from ..common import USER
from .test_sp_settlement_ledger import LedgerCase

SALE = "Order/ItemPrice/Principal"


class TestDrafts(LedgerCase):
    def _balance(self, settlement):
        return settlement.move_id.line_ids.filtered(
            lambda item: item.account_id == self.account_of("deposit")
        ).balance

    def test_a_draft_follows_the_rate_that_was_corrected(self):
        settlement = self.make("foreign", post=False)
        settlement.action_book()
        self.assertEqual(self._balance(settlement), 80.0)
        self.assertFalse(settlement.newer_plan_note)
        self.set_rate("EUR", "2026-04-01", 2.0)
        self.env.invalidate_all()
        self.assertIn("50.00", settlement.newer_plan_note)
        with self.assertRaisesRegex(UserError, "otherwise now"), self.cr.savepoint():
            settlement.move_id.action_post()
        settlement.action_post()
        self.assertEqual((settlement.state, self._balance(settlement)), ("posted", 50.0))
        self.assertIn("made anew", "".join(settlement.message_ids.mapped("body")))

    def test_a_draft_follows_the_mapping_that_was_changed(self):
        settlement = self.make(post=False)
        settlement.action_book()
        self.map_category("selling_fees", self.other)
        settlement.action_post()
        self.assertEqual(settlement.state, "posted")
        self.assertIn(self.other, settlement.move_id.line_ids.account_id)

    def test_what_is_posted_stays_and_says_that_the_mapping_changed(self):
        settlement = self.make("months")
        before = self.judge(settlement)
        self.map_category("selling_fees", self.other)
        self.env.invalidate_all()
        self.assertEqual((settlement.state, settlement.ledger_note), ("posted", False))
        self.assertIn("Something Else", settlement.newer_plan_note)
        settlement.action_post()
        self.assertEqual(self.judge(settlement), before)
        settlement.action_undo()
        settlement.action_post()
        self.assertFalse(settlement.newer_plan_note)
        self.assertIn(self.other, settlement.move_ids.line_ids.account_id)

    def test_a_missing_part_is_not_completed_by_another_mapping(self):
        settlement = self.make("months")
        settlement.move_ids.sorted("id")[1].with_user(self.manager).button_cancel()
        self.map_category("selling_fees", self.other)
        with self.assertRaisesRegex(UserError, "lacks an entry"), self.cr.savepoint():
            settlement.action_post()
        self.env.invalidate_all()
        settlement.action_undo()
        settlement.action_post()
        self.assertEqual((settlement.state, settlement.amount_difference), ("posted", 0))

    def test_items_name_amazon_and_the_payout_its_day(self):
        settlement = self.make("foreign")
        items = settlement.move_id.line_ids
        self.assertEqual(items.partner_id, self.company.sp_partner_id)
        self.assertEqual(items.partner_id.name, "Amazon")
        payout = items.filtered(lambda item: item.account_id == self.account_of("deposit"))
        self.assertEqual(payout.date_maturity, settlement.date_deposit.date())

    def test_a_total_that_is_not_amazon_s_is_not_posted(self):
        """In both forms: the sum of the parts is Amazon's total."""
        self.prepare_invoices()
        for form in ("entry", "invoice"):
            with self.subTest(form):
                self.set_booking(booking_form=form)
                settlement = self.make("months", post=False)
                settlement.action_book()
                is_true = self.env["sp.settlement.booking"]._is_entry_true
                self.assertTrue(is_true(settlement))
                settlement.sudo().amount_total += 1
                # Each invoice equals its own lines: only their sum tells.
                self.assertFalse(is_true(settlement))
                with self.assertRaisesRegex(UserError, "Amazon's total"), self.cr.savepoint():
                    settlement.action_post()


class TestBack(LedgerCase):
    def _bank_line(self, settlement):
        """A bank line that somebody matched with the payout, as the reconciliation does."""
        self.company.sudo().sp_bank_auto = False
        bank = self.root_env["account.journal"].create(
            {
                "name": "Bank",
                "code": "BNKX",
                "type": "bank",
                "company_id": self.company.id,
                "suspense_account_id": self.make_account("Suspense", "asset_current").id,
            }
        )
        line = self.root_env["account.bank.statement.line"].create(
            {"journal_id": bank.id, "date": "2026-04-20", "payment_ref": "AMZN", "amount": 100.0}
        )
        payout = settlement.move_id.line_ids.filtered(
            lambda item: item.account_id == self.account_of("deposit")
        ).with_env(self.root_env)
        _liquidity, suspense, _other = line.with_context(
            skip_account_move_synchronization=True
        )._seek_for_lines()
        suspense.account_id = payout.account_id
        (suspense | payout).reconcile()
        self.assertTrue(line.is_reconciled and payout.reconciled)
        return line

    def test_a_bank_line_is_open_again_and_said(self):
        settlement = self.make()
        line = self._bank_line(settlement)
        wizard = self.env["sp.undo"].create({"settlement_id": settlement.id})
        self.assertIn("AMZN", wizard.outcome)
        self.assertIn("is cancelled", wizard.outcome)
        wizard.action_undo()
        self.assertEqual(settlement.state, "review")
        self.assertFalse(line.is_reconciled)
        self.assertNotIn(self.account_of("deposit"), line.move_id.line_ids.account_id)
        self.assertTrue(any("AMZN" in body for body in settlement.message_ids.mapped("body")))
        settlement.action_post()
        self.assertEqual(settlement.state, "posted")

    def test_a_bank_line_in_a_closed_period_keeps_its_item(self):
        settlement = self.make()
        line = self._bank_line(settlement)
        self.company.fiscalyear_lock_date = "2026-04-30"
        wizard = self.env["sp.undo"].create({"settlement_id": settlement.id})
        self.assertIn("closed period", wizard.outcome)
        wizard.action_undo()
        item = line.move_id.line_ids.filtered(
            lambda item: item.account_id == self.account_of("deposit")
        )
        self.assertFalse(item.reconciled)

    def test_reversal_and_replacement_share_the_first_open_day(self):
        settlement = self.make()
        before = self.judge(settlement)
        self.company.write({"fiscalyear_lock_date": "2026-05-15", "sp_lock_policy": "next_open"})
        wizard = self.env["sp.undo"].create({"settlement_id": settlement.id})
        self.assertIn("05/16/2026", wizard.outcome)
        wizard.action_undo()
        old = settlement.move_ids.filtered("reversal_move_ids")
        self.assertEqual(str(old.reversal_move_ids.date), "2026-05-16")
        self.company.fiscalyear_lock_date = False  # what replaces it does not go back
        settlement.action_post()
        self.assertEqual(str(settlement.move_id.date), "2026-05-16")
        self.assertEqual((settlement.state, self.judge(settlement)), ("posted", before))

    def test_a_hashed_entry_is_reversed_on_its_own_day(self):
        self.company.sp_journal_id.restrict_mode_hash_table = True
        settlement = self.make()
        old = settlement.move_id
        settlement.action_undo()
        self.assertEqual(old.reversal_move_ids.date, old.date)
        settlement.action_post()
        self.assertEqual((settlement.state, settlement.move_id.date), ("posted", old.date))

    def test_a_deleted_settlement_finds_its_old_entries_again(self):
        data = self.file((SALE, "10.00"), total="10.00", ref="8888")
        settlement = self.import_file(data)
        settlement.action_post()
        settlement.action_undo()
        old = settlement.move_ids
        settlement.unlink()
        self.assertEqual(old.exists().sp_settlement_ref, "8888")
        again = self.import_file(data)
        self.assertEqual((again.move_ids, again.state), (old, "review"))


class TestTwice(LedgerCase):
    def test_an_entry_with_this_reference_holds(self):
        """As after the addon was removed and installed again."""
        data = self.file((SALE, "10.00"), total="10.00", ref="777001")
        settlement = self.import_file(data)
        settlement.action_post()
        old = settlement.move_id
        self.env.flush_all()
        self.cr.execute(
            "UPDATE account_move SET sp_settlement_id = NULL, sp_settlement_ref = NULL, "
            "sp_date = NULL WHERE id = %s",
            old.ids,
        )
        self.env.invalidate_all()
        settlement.sudo().item_ids.unlink()
        self.root_env.add_to_compute(settlement._fields["state"], settlement)
        settlement.unlink()
        again = self.import_file(data)
        self.assertHeld(again, "Already booked", old.name)
        old.with_user(self.manager).button_draft()
        old.with_user(self.manager).button_cancel()
        again.action_post()
        self.assertEqual(again.state, "posted")

    def test_a_copy_holds_the_next_booking(self):
        settlement = self.make()
        copy = settlement.move_id.with_user(self.manager).copy()
        settlement.action_undo()
        self.assertEqual(settlement.state, "review")
        self.assertIn("count twice", settlement.booking_note)
        copy.action_post()
        settlement.action_check()
        self.assertEqual(settlement.state, "held")
        self.assertIn(copy.name, settlement.hold_reason)
        copy.ref = "Something else"
        settlement.action_post()
        self.assertEqual(settlement.state, "posted")

    def test_only_whole_numbers_count(self):
        settlement = self.make()
        move = self.root_env["account.move"].create(
            {
                "journal_id": self.company.sp_journal_id.id,
                "ref": f"Amazon settlement {settlement.settlement_ref}1",
            }
        )
        self.assertFalse(self.env["sp.settlement.double"]._find_entries(settlement))
        move.ref = settlement.settlement_ref  # by hand, or by another program
        self.assertEqual(self.env["sp.settlement.double"]._find_entries(settlement), move)
        move.ref = f"Amazon settlement {settlement.settlement_ref}"
        self.assertEqual(self.env["sp.settlement.double"]._find_entries(settlement), move)

    def test_a_branch_and_its_parent_import_it_once(self):
        branch = self.root_env["res.company"].create(
            {"name": "Lamps Branch", "parent_id": self.company.id}
        )
        data = self.file((SALE, "10.00"), total="10.00", ref="777002")
        self.assertTrue(self.import_file(data))
        self.assertFalse(self.import_file(data, company=branch, env=self.root_env))
        (report,) = open_reports("file.txt", data)
        reading = self.root_env["sp.settlement"]._reading(branch)
        (summary,) = summarise(report, *reading).values()
        status, message, _found = self.root_env["sp.settlement"]._compare(summary, branch)
        self.assertEqual(status, "refused")
        self.assertIn("would count twice", message)
        # To whom the parent is out of sight it is not named.
        keeper = self.make_user("branch", USER, branch)
        _status, message, _found = self.root_env(user=keeper)["sp.settlement"]._compare(
            summary, branch
        )
        self.assertNotIn(self.company.name, message)

    def test_another_legal_entity_is_told(self):
        other = self.make_company("Lamps Inc")
        self.set_up_accounts(other)
        data = self.file((SALE, "10.00"), total="10.00", ref="777003")
        mine = self.import_file(data)
        self.assertFalse(mine.booking_note)
        theirs = self.import_file(data, company=other, env=self.root_env)
        self.assertIn("Another company", theirs.booking_note)
        self.assertNotIn(self.company.name, theirs.booking_note)

    def test_two_press_at_once(self):
        settlement, other = self.make(post=False), self.make(post=False)
        model = type(self.env["sp.settlement"])
        with patch.object(model, "try_lock_for_update", lambda records: records.browse()):
            for button in ("action_post", "action_book", "action_undo"):
                with self.assertRaisesRegex(UserError, "Somebody else"):
                    getattr(settlement, button)()
        self.assertFalse(settlement.move_ids)
        with patch.object(model, "try_lock_for_update", lambda records: records & other.sudo()):
            answer = (settlement | other).action_post()
        lines = self.env["sp.batch"].browse(answer["res_id"]).line_ids
        self.assertIn("Somebody else", lines.filtered("message").message)
        self.assertEqual((settlement.state, other.state), ("review", "posted"))


class TestMany(LedgerCase):
    def test_one_that_fails_stops_only_itself(self):
        good, bad, late = self.make(post=False), self.make(post=False), self.make(post=False)
        bad.action_book()
        bad.move_id.with_user(self.manager).line_ids[0].account_id = self.other
        answer = (good | bad | late).action_post()
        self.assertEqual([one.state for one in (good, bad, late)], ["posted", "booked", "posted"])
        line = self.env["sp.batch"].browse(answer["res_id"]).line_ids.filtered("message")
        self.assertEqual((line.settlement_id, line.code), (bad, "refused"))
        self.assertIn("Undo the entry", line.message)

    def test_an_accountant_without_our_role_posts_and_reads(self):
        accountant = self.make_user("plain_accountant", "account.group_account_manager")
        settlement = self.make(post=False)
        settlement.action_book()
        move = settlement.move_id.with_user(accountant)
        move.action_post()
        self.assertEqual(settlement.state, "posted")
        self.env.invalidate_all()  # what others have read would be there without any right
        self.assertTrue(move.line_ids.read())
        self.assertTrue(move.read())
        company = self.company.with_user(accountant)
        ours = [name for name in company.fields_get() if name.startswith("sp_")]
        self.assertTrue(company.read(ours))  # others' fields are others' affair
        move.button_draft()
        self.assertEqual(settlement.state, "booked")

    def test_a_mass_post_in_accounting_leaves_out_the_one_that_fails(self):
        accountant = self.make_user("mass_accountant", "account.group_account_manager")
        good, bad = self.make(post=False), self.make(post=False)
        (good | bad).action_book()
        bad.move_id.with_user(self.manager).line_ids[0].account_id = self.other
        moves = (good | bad).move_ids.with_user(accountant)
        self.root_env["validate.account.move"].with_user(accountant).with_context(
            active_model="account.move", active_ids=moves.ids
        ).create({}).validate_move()
        self.assertEqual((good.state, bad.state), ("posted", "booked"))
        bad.move_id.line_ids.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "Undo the entry"):
            bad.move_id.with_user(accountant).action_post()

    def test_the_nightly_check_derives_every_state_anew(self):
        settlement = self.make()
        self.env.flush_all()
        self.cr.execute(
            "UPDATE account_move_line SET account_id = %s WHERE id = %s",
            (self.other.id, settlement.move_id.line_ids[0].id),
        )
        self.env.invalidate_all()
        self.assertEqual(settlement.state, "posted")
        with patch.object(IrCron, "_commit_progress", lambda *_args, **_kwargs: True):
            self.root_env["sp.settlement"]._cron_compare_ledger()
        self.assertEqual(settlement.state, "changed")


class TestRates(LedgerCase):
    def test_an_old_rate_is_said(self):
        settlement = self.make("foreign", post=False)  # rate of 1 January, entry of 14 April
        self.assertIn("103 days old", settlement.booking_note)
        self.set_rate("EUR", "2026-04-10", 1.3)
        settlement.action_check()
        self.assertFalse(settlement.booking_note)

    def test_from_which_age_on_is_a_setting(self):
        self.set_booking(rate_days=0)
        self.assertFalse(self.make("foreign", post=False).booking_note)

    def test_a_rate_is_a_positive_number(self):
        settlement = self.make("foreign", post=False)
        for rate in (float("nan"), float("inf"), float("-inf"), -1.0):
            wizard = self.env["sp.fixed.rate"].new({"settlement_id": settlement.id})
            wizard.rate = rate
            with self.assertRaisesRegex(UserError, "more than zero"):
                wizard.action_apply()
        self.assertEqual(settlement.fixed_rate, 0)

    def test_accounts_that_are_merged_take_the_yardstick_along(self):
        settlement = self.make()
        fees = self.account_of("selling_fees")
        twin = self.make_account("Twin", fees.account_type, self.make_company("Lamps Inc"))
        self.root_env["account.merge.wizard"]._action_merge(twin | fees)
        self.env.invalidate_all()
        with patch.object(IrCron, "_commit_progress", lambda *_args, **_kwargs: True):
            self.root_env["sp.settlement"]._cron_compare_ledger()
        self.assertEqual((settlement.state, settlement.ledger_note), ("posted", False))
