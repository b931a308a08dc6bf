"""After the booking: changed entries, the way back, and dates that must not move."""

from odoo import Command
from odoo.exceptions import UserError

from ..common import SpCase

SALE = "Order/ItemPrice/Principal"


class TestSpSettlementUndo(SpCase):
    # === A CHANGED ENTRY === #

    def _draft(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        settlement.action_book()
        move = settlement.move_id.with_user(self.manager)
        return settlement, {line.name.split(",")[0]: line for line in move.line_ids}

    def _change(self, *changes):
        changes[0][0].move_id.line_ids = [
            Command.update(line.id, {"debit": max(balance, 0), "credit": max(-balance, 0)})
            for line, balance in changes
        ]

    def assertRefusesToPost(self, settlement):
        move = settlement.move_ids
        for post in (settlement.action_post, move.action_post, move.with_user(self.manager)._post):
            with self.assertRaisesRegex(UserError, "Undo the entry"), self.cr.savepoint():
                post()
        self.env.invalidate_all()
        self.assertEqual(settlement.state, "booked")
        settlement.action_undo()
        settlement.action_post()
        self.assertEqual(settlement.state, "posted")
        self.assertBalanced(settlement)

    def test_a_changed_total_refuses_to_post_also_from_the_entry_itself(self):
        settlement, items = self._draft()
        self._change((items["Sales"], -135.0), (items["Payout 99000000101"], 94.75))
        self.assertRefusesToPost(settlement)

    def test_amounts_moved_between_items_refuse_to_post(self):
        """The total still is Amazon's, but the items no longer are their rows."""
        settlement, items = self._draft()
        self._change((items["Sales"], -130.0), (items["Refunds"], 29.0))
        self.assertRefusesToPost(settlement)

    def test_a_removed_item_refuses_to_post(self):
        settlement, items = self._draft()
        sales = items["Sales"]
        sales.move_id.line_ids = [
            Command.delete(sales.id),
            Command.create(
                {"account_id": sales.account_id.id, "name": "mine", "debit": 0, "credit": 125}
            ),
        ]
        self.assertRefusesToPost(settlement)

    def test_an_added_pair_of_items_refuses_to_post(self):
        settlement, items = self._draft()
        payout, fees = items["Payout 99000000101"], items["FBA fees"]
        payout.move_id.line_ids = [
            Command.create({"account_id": payout.account_id.id, "debit": 0, "credit": 5}),
            Command.create({"account_id": fees.account_id.id, "debit": 5, "credit": 0}),
        ]
        self.assertRefusesToPost(settlement)

    def test_another_label_is_the_bookkeeper_s_affair(self):
        settlement, items = self._draft()
        items["Sales"].name = "Tea"
        settlement.action_post()
        self.assertEqual(settlement.state, "posted")
        self.assertIn(("Tea", "Amazon Sales", -125.0), self.entry(settlement))

    def test_another_account_refuses_to_post(self):
        settlement, items = self._draft()
        items["Sales"].account_id = self.make_account("Tea")
        self.assertRefusesToPost(settlement)

    def test_another_date_refuses_to_post(self):
        settlement, items = self._draft()
        items["Sales"].move_id.date = "2026-04-23"
        self.assertRefusesToPost(settlement)

    # === THE WAY BACK === #

    def test_undo_of_a_draft_deletes_it(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        settlement.action_book()
        move = settlement.move_id
        settlement.action_undo()
        self.assertFalse(move.exists())
        self.assertEqual(settlement.state, "review")
        self.assertFalse(settlement.line_ids.move_line_id)

    def test_undo_of_a_posted_entry_cancels_it_and_keeps_its_number(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        settlement.action_post()
        move = settlement.move_id
        number = move.name
        self.assertNotIn(number, (False, "/"))
        settlement.action_undo()
        self.assertEqual((move.state, move.name), ("cancel", number))
        self.assertEqual(settlement.state, "review")
        self.assertFalse(settlement.line_ids.move_line_id)
        self.assertFalse(settlement.move_id)
        settlement.action_post()
        self.assertEqual(settlement.state, "posted")
        self.assertNotEqual(settlement.move_id, move)
        self.assertNotEqual(settlement.move_id.name, number)
        self.assertBalanced(settlement)

    def test_undo_of_an_entry_that_was_set_back_to_draft_keeps_its_number(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        settlement.action_post()
        move = settlement.move_id
        number = move.name
        move.with_user(self.manager).button_draft()
        self.assertEqual(settlement.state, "booked")
        settlement.action_undo()
        self.assertEqual((move.state, move.name), ("cancel", number))

    def test_undo_takes_the_payout_s_reconciliation_away(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        settlement.action_post()
        clearing = self.account_of("deposit")
        payout = settlement.move_id.line_ids.filtered(lambda line: line.account_id == clearing)
        bank = self.root_env["account.move"].create(
            {
                "journal_id": self.company.sp_journal_id.id,
                "date": "2026-04-24",
                "line_ids": [
                    Command.create({"account_id": clearing.id, "credit": 84.75}),
                    Command.create({"account_id": self.account_of("reserve").id, "debit": 84.75}),
                ],
            }
        )
        bank.action_post()
        (payout | bank.line_ids[0]).reconcile()
        self.assertTrue(payout.reconciled)
        settlement.action_undo()
        self.assertFalse(bank.line_ids[0].reconciled)
        self.assertEqual(settlement.state, "review")

    def _undo_in_locked_period(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        settlement.action_post()
        move = settlement.move_id
        self.company.fiscalyear_lock_date = "2026-04-30"
        settlement.action_undo()
        return settlement, move

    def test_undo_in_a_locked_period_reverses_and_reconciles(self):
        settlement, move = self._undo_in_locked_period()
        self.assertEqual(move.state, "posted")
        self.assertEqual(str(move.date), "2026-04-22")
        reversal = settlement.move_ids - move
        self.assertEqual(reversal.reversed_entry_id, move)
        self.assertEqual(reversal.state, "posted")
        self.assertGreater(str(reversal.date), "2026-04-30")
        both = (move | reversal).line_ids
        for account in both.account_id:
            items = both.filtered(lambda line, account=account: line.account_id == account)
            self.assertAlmostEqual(sum(items.mapped("balance")), 0, msg=account.name)
            if account.reconcile:
                self.assertTrue(all(items.mapped("reconciled")), account.name)
        self.assertFalse(settlement.line_ids.move_line_id)
        self.assertFalse(settlement.move_id)
        self.assertHeldByLock(settlement)

    def assertHeldByLock(self, settlement):
        self.assertEqual(settlement.state, "held")
        self.assertIn("locked period", settlement.hold_reason)

    def test_what_was_reversed_is_booked_again_when_the_period_opens(self):
        settlement, move = self._undo_in_locked_period()
        self.company.fiscalyear_lock_date = False
        settlement.action_post()
        self.assertEqual(settlement.state, "posted")
        self.assertEqual(len(settlement.move_ids), 3)
        self.assertNotIn(settlement.move_id, move | move.reversal_move_ids)
        self.assertBalanced(settlement)

    def test_undo_of_drafts_in_a_locked_period(self):
        """A draft is in nobody's books: it is deleted, or cancelled where it has a number."""
        fresh, numbered = self.import_sample("v2_uk_gbp.txt", "v2_uk_gbp_next.txt")
        (fresh | numbered).action_book()
        numbered.action_post()
        kept = numbered.move_ids
        kept.with_user(self.manager).button_draft()
        self.company.fiscalyear_lock_date = "2026-05-31"
        (fresh | numbered).action_undo()
        self.assertFalse(fresh.move_ids)
        self.assertEqual(numbered.move_ids, kept)
        self.assertEqual(set(kept.mapped("state")), {"cancel"})
        self.assertHeldByLock(fresh)
        self.assertHeldByLock(numbered)

    def test_undo_in_a_hashed_journal_reverses(self):
        self.company.sp_journal_id.restrict_mode_hash_table = True
        settlement = self.import_sample("v2_uk_gbp.txt")
        settlement.action_post()
        move = settlement.move_id
        settlement.action_undo()
        self.assertEqual(move.state, "posted")
        self.assertEqual((settlement.move_ids - move).reversed_entry_id, move)
        self.assertEqual(settlement.state, "review")
        settlement.action_post()
        self.assertBalanced(settlement)

    # === DATES === #

    def test_a_draft_in_a_period_locked_since_is_not_posted_on_another_day(self):
        """Odoo would move the date of the draft without a word."""
        settlement = self.import_sample("v2_uk_gbp.txt")
        settlement.action_book()
        self.company.fiscalyear_lock_date = "2026-04-30"
        move = settlement.move_id
        for post in (settlement.action_post, move.action_post):
            with self.assertRaisesRegex(UserError, "locked period"), self.cr.savepoint():
                post()
        self.env.invalidate_all()
        self.assertEqual((move.state, str(move.date)), ("draft", "2026-04-22"))
        self.company.fiscalyear_lock_date = False
        settlement.action_post()
        self.assertEqual((move.state, str(move.date)), ("posted", "2026-04-22"))

    def test_a_settlement_that_ends_tomorrow_is_posted_not_scheduled(self):
        future = {"settlement_end_date": "2099-12-31 00:00:00 UTC"}
        settlement = self.import_file(self.file((SALE, "10.00"), total="10.00", **future))
        settlement.action_post()
        self.assertEqual(settlement.state, "posted")
        self.assertEqual(str(settlement.move_id.date), "2099-12-31")
