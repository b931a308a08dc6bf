"""Taken back and booked anew where entries may not change: locked periods, hashed journals.

An auditor looks at the journal items alone: what is posted and was taken back adds up to nothing
on every account, tax and tax grid, numbers have no gaps, nothing hangs on what is gone.
"""

from unittest.mock import patch

from odoo.exceptions import UserError

from ...engine.tests import helpers
from ...models.batch import sp_batch
from ..booking.test_sp_settlement_ledger import FEE, SALE, LedgerCase

LOCKS = ("fiscalyear_lock_date", "tax_lock_date", "sale_lock_date", "hard_lock_date")


class SealedCase(LedgerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journal = cls.company.sp_journal_id
        cls.bank = cls.root_env["account.journal"].create(
            {
                "name": "Bank",
                "code": "SPB",
                "type": "bank",
                "company_id": cls.company.id,
                "suspense_account_id": cls.make_account("Suspense", "asset_current").id,
            }
        )
        cls.company.sudo().sp_bank_auto = False
        cls.root_env["sp.account.mapping"].search(
            [("company_id", "=", cls.company.id), ("category", "=", "selling_fees")]
        ).analytic_distribution = {str(cls.shop.id): 100}

    def match(self, settlement):
        """A bank line that is matched with the payout, as Odoo's reconciliation does it."""
        clearing = self.account_of("deposit")
        payout = settlement.sudo()._payout_items().with_env(self.root_env)
        payout = payout.filtered(lambda item: item.account_id == clearing)
        line = self.root_env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "payment_ref": "AMZN",
                "amount": sum(payout.mapped("balance")),
                "date": "2026-06-20",
            }
        )
        _liquidity, suspense, _other = line.with_context(
            skip_account_move_synchronization=True
        )._seek_for_lines()
        suspense.account_id = payout.account_id
        (suspense | payout).reconcile()
        self.assertTrue(line.is_reconciled)
        return line

    def sums(self, settlements):
        """As ``judge``, of many: {settlement, what: sum} of all that is posted."""
        self.env.flush_all()
        sums = {}
        for move in settlements.sudo().move_ids.filtered(lambda one: one.state == "posted"):
            for item in move.line_ids:
                key = (
                    move.sp_settlement_ref,
                    item.account_id.id,
                    item.partner_id.id,
                    item.tax_line_id.id,
                    tuple(sorted(item.tax_ids.ids)),
                    tuple(sorted(item.tax_tag_ids.ids)),
                    str(item.analytic_distribution or ""),
                )
                amount, balance = sums.get(key, (0.0, 0.0))
                sums[key] = (
                    round(amount + item.amount_currency, 2),
                    round(balance + item.balance, 2),
                )
        return {key: pair for key, pair in sums.items() if pair != (0.0, 0.0)}

    def grids(self, settlements):
        """Sums of the tax report's boxes of all that is posted, with their signs in the report."""
        self.env.flush_all()
        items = settlements.sudo().move_ids.filtered(lambda move: move.state == "posted").line_ids
        sums = {}
        for item in items:
            for tag in item.tax_tag_ids:
                sums[tag] = round(sums.get(tag, 0.0) + item.balance, 2)
        return {tag: amount for tag, amount in sums.items() if amount}

    def assertNothingRemains(self, settlements):
        """What was taken back left nothing but its numbers and its reversals."""
        self.env.flush_all()
        moves = settlements.sudo().move_ids
        self.assertEqual(self.sums(settlements), {})
        self.assertFalse(settlements.item_ids)
        self.assertFalse(settlements.line_ids.move_line_id)
        self.assertEqual(self.grids(settlements), {})
        analytic = self.root_env["account.analytic.line"].search(
            [("move_line_id", "in", moves.line_ids.ids)]
        )
        self.assertAlmostEqual(sum(analytic.mapped("amount")), 0)
        self.assertLessEqual(
            set(analytic.move_line_id.move_id.mapped("state")), {"posted"}, "nor of what is gone"
        )
        partials = moves.line_ids.matched_debit_ids | moves.line_ids.matched_credit_ids
        both = partials.debit_move_id.move_id | partials.credit_move_id.move_id
        self.assertFalse(both - moves, "matched with nobody else's")
        for move in moves:
            self.assertIn(move.state, ("posted", "cancel"))
            if move.state == "posted":
                self.assertTrue(move.reversal_move_ids or move.reversed_entry_id)
                open_items = move.line_ids.filtered(
                    lambda item: item.account_id.reconcile and not item.reconciled
                )
                self.assertFalse(open_items)

    def assertNumbersWithoutGaps(self, journal=None):
        self.env.flush_all()
        moves = self.root_env["account.move"].search(
            [("journal_id", "=", (journal or self.journal).id), ("name", "not in", ("/", False))]
        )
        for prefix, group in moves.grouped("sequence_prefix").items():
            numbers = sorted(group.mapped("sequence_number"))
            self.assertEqual(numbers, list(range(1, len(numbers) + 1)), prefix)

    def assertOnceAgain(self, settlement, before):
        """Booked again the ledger says what it said."""
        settlement.action_post()
        self.assertEqual((settlement.state, settlement.ledger_note), ("posted", False))
        self.assertEqual(self.judge(settlement), before)
        self.assertEqual(settlement.amount_difference, 0)


class TestSealedUndo(SealedCase):
    def _lock(self, name, day="2026-05-31"):
        self.company.sudo().write({name: day, "sp_lock_policy": "next_open"})

    def test_every_lock_after_a_bank_match(self):
        for name in LOCKS:
            with self.subTest(name), self.cr.savepoint() as savepoint:
                settlement = self.make("months")
                before, grids = self.judge(settlement), self.grids(settlement)
                self.assertTrue(grids)
                line = self.match(settlement)
                old = settlement.move_ids
                self._lock(name)
                # The tax lock is of entries with taxes: the month of the fee has none; the
                # sales lock is of sales journals.
                sealed = old.filtered(lambda move: move._sp_is_sealed())
                expected = {"tax_lock_date": 1, "sale_lock_date": 0}.get(name, 2)
                self.assertEqual(len(sealed), expected)
                settlement.action_undo()
                self.assertEqual(sealed.mapped("state"), ["posted"] * len(sealed))
                self.assertEqual(set((old - sealed).mapped("state")) - {"cancel"}, set())
                for move in sealed.reversal_move_ids:
                    self.assertEqual((str(move.date), move.state), ("2026-06-01", "posted"))
                self.assertFalse(line.is_reconciled)
                self.assertNothingRemains(settlement)
                self.assertNumbersWithoutGaps()
                self.assertOnceAgain(settlement, before)
                self.assertEqual(self.grids(settlement), grids)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_one_month_of_two_is_locked_or_was_reversed_by_hand(self):
        for by_hand in (False, True):
            with self.subTest(by_hand=by_hand):
                settlement = self.make("months")
                before = self.judge(settlement)
                april, may = settlement.move_ids.sorted("id")
                self.match(settlement)
                if by_hand:
                    self.reverse(april)
                self._lock("fiscalyear_lock_date", "2026-04-30")
                settlement.action_undo()
                self.assertEqual((april.state, may.state), ("posted", "cancel"))
                self.assertEqual(len(april.reversal_move_ids), 1, "it is not reversed twice")
                self.assertNothingRemains(settlement)
                self.assertOnceAgain(settlement, before)
                self.company.sudo().fiscalyear_lock_date = False
                self.assertNumbersWithoutGaps()

    def test_a_purchase_lock_is_no_affair_of_ours(self):
        settlement = self.make()
        self._lock("purchase_lock_date")
        move = settlement.move_id
        settlement.action_undo()
        self.assertEqual(move.state, "cancel")

    def test_an_invoice_in_a_period_whose_sales_are_locked(self):
        self.prepare_invoices()
        self.set_booking(booking_form="invoice")
        settlement = self.make()
        invoice = settlement.move_id
        self._lock("sale_lock_date")
        settlement.action_undo()
        note = invoice.reversal_move_ids
        self.assertEqual((note.move_type, note.state), ("out_refund", "posted"))
        self.assertEqual({str(note.date), str(note.invoice_date)}, {"2026-06-01"})
        self.assertTrue(all(invoice.line_ids.filtered("account_id.reconcile").mapped("reconciled")))
        sums = {}
        for item in (invoice | note).line_ids:
            sums[item.account_id] = round(sums.get(item.account_id, 0.0) + item.balance, 2)
        self.assertEqual(set(sums.values()), {0.0})
        # The tax report has boxes of its own for what is credited.
        self.assertEqual(
            set(note.line_ids.tax_tag_ids.mapped("name")), {"VAT refund base", "VAT refund tax"}
        )

    def test_a_hashed_entry_after_a_bank_match(self):
        self.journal.restrict_mode_hash_table = True
        settlement = self.make("months")
        before = self.judge(settlement)
        old = settlement.move_ids
        self.match(settlement)
        self.assertTrue(all(old.mapped("inalterable_hash")))
        settlement.action_undo()
        self.assertEqual(set(old.mapped("state")), {"posted"})
        self.assertTrue(all(old.reversal_move_ids.mapped("inalterable_hash")))
        self.assertNothingRemains(settlement)
        self.assertOnceAgain(settlement, before)
        self.assertNumbersWithoutGaps()
        self.manager.group_ids += self.root_env.ref("account.group_account_user")
        report = self.company.with_user(self.manager)._check_hash_integrity()
        found = [line for line in report["results"] if self.journal.name in line["journal_name"]]
        self.assertEqual({line["status"] for line in found}, {"verified"}, report)


class TestManyTwice(SealedCase):
    def _import(self, count, first):
        """So many settlements that differ by their day and amount."""
        rows = []
        for number in range(first, first + count):
            day = f"2026-04-{2 + number % 27:02}"
            rows.append(
                helpers.head(
                    f"{100 + number % 7}.00",
                    f"{number}",
                    "GBP",
                    settlement_start_date=f"{day} 00:00:00 UTC",
                    settlement_end_date=f"{day} 23:00:00 UTC",
                )
            )
            rows += [
                helpers.row(words, amount, ref=f"{number}", posted_date_time=f"{day} 12:00:00 UTC")
                for words, amount in ((SALE, f"{120 + number % 7}.00"), (FEE, "-20.00"))
            ]
        settlements = self.import_file(helpers.table(*rows).encode())
        self.assertEqual(len(settlements), count)
        return settlements

    def _all(self, button, settlements):
        """Press a button for all of them: in the background, as the scheduler does it."""
        with patch.object(sp_batch, "AT_ONCE", 1):
            action = getattr(settlements, button)()
        batch = self.env["sp.batch"].browse(action["res_id"])
        with patch.object(
            self.env.registry["ir.cron"], "_commit_progress", lambda *_args, **_values: 1.0
        ):
            self.root_env["sp.batch.run"]._cron_run()
        self.env.invalidate_all()
        self.assertEqual((batch.done_count, batch.failed_count), (len(settlements), 0))

    def _twice(self, settlements):
        self._all("action_post", settlements)
        before = self.sums(settlements)
        grids = self.grids(settlements)
        for round_number in (1, 2):
            self.match(settlements[0])
            self._all("action_undo", settlements)
            self.assertEqual(set(settlements.mapped("state")), {"review"})
            self.assertNothingRemains(settlements)
            self.assertNumbersWithoutGaps()
            if round_number == 1:
                self._all("action_post", settlements)
                self.assertEqual(self.sums(settlements), before)
                self.assertEqual(self.grids(settlements), grids)

    def test_fifty_are_taken_back_twice(self):
        settlements = self._import(50, 5000)
        self._twice(settlements)
        self.assertEqual(len(settlements.move_ids), 100)
        self.assertEqual(set(settlements.sudo().move_ids.mapped("state")), {"cancel"})

    def test_some_in_a_hashed_journal_are_taken_back_twice(self):
        self.journal.restrict_mode_hash_table = True
        settlements = self._import(4, 6000)
        self._twice(settlements)
        self.assertEqual(len(settlements.move_ids), 16)
        self.assertEqual(set(settlements.sudo().move_ids.mapped("state")), {"posted"})


class TestSealedRebook(SealedCase):
    def _rebook(self, settlement):
        self.env["sp.settlement.rebook"]._rebook(settlement)

    def test_in_a_hashed_journal_reference_and_bank_match_stay(self):
        self.journal.restrict_mode_hash_table = True
        settlement = self.make()
        line = self.match(settlement)
        old = settlement.move_id
        self.map_category("selling_fees", self.other)
        self._rebook(settlement)
        new, reversal = settlement.move_id, old.reversal_move_ids
        self.assertEqual((new.ref, new.date, reversal.ref), (old.ref, old.date, old.ref))
        self.assertEqual(reversal.date, old.date)
        numbers = [move.sequence_number for move in (old, reversal, new)]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 3)))
        self.assertNumbersWithoutGaps()
        self.assertEqual((settlement.state, settlement.payment_state), ("posted", "paid"))
        self.assertTrue(line.is_reconciled)
        clearing = (old | reversal).line_ids.filtered("account_id.reconcile")
        self.assertTrue(all(clearing.mapped("reconciled")))
        self.assertIn(self.other, new.line_ids.account_id)
        self.assertNotIn(self.other, (old | reversal).line_ids.account_id)
        self.assertTrue(all((old | reversal | new).mapped("inalterable_hash")))

    def test_of_two_months_the_bank_match_stays(self):
        settlement = self.make("months")
        line = self.match(settlement)
        self.map_category("selling_fees", self.other)
        self._rebook(settlement)
        self.assertEqual((settlement.state, settlement.ledger_note), ("posted", False))
        self.assertEqual((settlement.payment_state, line.is_reconciled), ("paid", True))

    def test_two_of_a_chain_stay_matched_with_each_other(self):
        held, back = (
            f"other-transaction/other-transaction/{words}"
            for words in ("Current Reserve Amount", "Previous Reserve Amount Balance")
        )
        made = (
            (
                "7001",
                ("2026-04-03", "2026-04-17"),
                ((SALE, "120.00"), (FEE, "-20.00"), (held, "-30.00")),
                "70.00",
            ),
            (
                "7002",
                ("2026-04-17", "2026-04-29"),
                ((SALE, "120.00"), (FEE, "-20.00"), (back, "30.00")),
                "130.00",
            ),
        )
        first, second = (
            self.import_file(
                self.file(
                    *(
                        helpers.row(*row, ref=ref, posted_date_time=f"{end} 09:00:00 UTC")
                        for row in rows
                    ),
                    total=total,
                    ref=ref,
                    settlement_start_date=f"{start} 10:00:00 UTC",
                    settlement_end_date=f"{end} 10:00:00 UTC",
                )
            )
            for ref, (start, end), rows, total in made
        )
        (first | second).action_post()
        reserve = self.account_of("reserve")

        def reserves():
            items = (first | second).sudo()._active_moves().line_ids
            items = items.filtered(lambda item: item.account_id == reserve)
            return [(item.balance, item.reconciled) for item in items.sorted("date")]

        self.assertEqual(reserves(), [(30.0, True), (-30.0, True)])
        for is_hashed in (False, True):
            self.journal.restrict_mode_hash_table = is_hashed
            for number, one in enumerate((first, second)):
                with self.subTest(is_hashed=is_hashed, number=number):
                    if not is_hashed:
                        self.match(one)
                    self.map_category(
                        "selling_fees", self.make_account(f"Fees {number} {is_hashed}")
                    )
                    self._rebook(one)
                    self.assertEqual(reserves(), [(30.0, True), (-30.0, True)])
                    self.assertEqual((one.state, one.payment_state), ("posted", "paid"))
        self.assertNumbersWithoutGaps()

    def test_in_a_locked_period_it_stays_or_moves_as_the_company_says(self):
        settlement = self.make()
        line = self.match(settlement)
        name, before = settlement.move_name, self.judge(settlement)
        self.map_category("selling_fees", self.other)
        self.company.sudo().write({"fiscalyear_lock_date": "2026-05-31", "sp_lock_policy": "hold"})
        with self.assertRaisesRegex(UserError, "locked period"), self.cr.savepoint():
            self._rebook(settlement)
        self.env.invalidate_all()
        self.assertEqual((settlement.move_name, self.judge(settlement)), (name, before))
        self.assertTrue(line.is_reconciled)
        self.company.sudo().sp_lock_policy = "next_open"
        old = settlement.move_id
        self._rebook(settlement)
        self.assertEqual(
            [str(day) for day in (old.reversal_move_ids.date, settlement.move_id.date)],
            ["2026-06-01"] * 2,
        )
        self.assertEqual((settlement.state, settlement.payment_state), ("posted", "paid"))
        self.assertTrue(line.is_reconciled)
        self.assertNumbersWithoutGaps()
