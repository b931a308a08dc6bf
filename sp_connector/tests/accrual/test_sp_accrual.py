"""What is earned and not settled: by month the ledger says what was sold, to the cent."""

from datetime import date, datetime, timedelta

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .accrual_common import AccrualCase


@tagged("post_install", "-at_install")
class TestQuarter(AccrualCase):
    def test_each_month_has_what_was_sold_in_it(self):
        """Three marketplaces and invoiced orders, sales held back, refunds after the month's end.

        Settlements that come later book into months that were accrued: the accrual says so, and a
        second run takes it back there.
        """
        accruals = self.walk()
        self.assertEqual(self.tie_outs["sales", 2], (570, 240, 330, 0, 0))
        self.assertEqual(self.tie_outs["sales", 3], (570, 570, 0, 0, 0))
        self.assertEqual(self.tie_outs["refunds", 3], (0, 0, 0, 0, -110))
        self.check(accruals)

    def walk(self):
        """Accrue each month, with the settlements that have come by then; return the accruals."""
        accruals, stale = [], 0
        self.tie_outs = {}
        for month in (1, 2, 3, 4, 5):
            cut_off = date(2026, month + 1, 1) - timedelta(days=1)
            now = datetime(2026, month + 1, 4, 9)
            with freeze_time(now, tick=True):
                self.settle(now)
                for accrual in accruals:
                    accrual.invalidate_recordset()  # as a screen that is opened
                    if accrual.stale_note:
                        stale += 1
                        accrual.action_propose()
                        self.assertEqual(accrual.state, "adjust")
                        accrual.action_book()
                        self.assertEqual((accrual.state, accrual.stale_note), ("posted", False))
                accrual = self.accrue(cut_off)
                if month < 5:
                    self.assertEqual(accrual.state, "proposal", accrual.problem)
                    accrual.action_book()
                    self.assertEqual(accrual.state, "posted")
                    accruals.append(accrual)
            # Of January, by the end of February and of March: its deferred orders come one by one.
            if month in (2, 3):
                for category, amounts in self.tie_out(accruals[0]).items():
                    self.tie_outs[category, month] = amounts
        self.assertGreater(stale, 0)
        with freeze_time(datetime(2026, 6, 4, 9), tick=True):
            last = accrual
            self.assertFalse(last.line_ids.filtered(lambda line: line.decision == "accrue"))
        return accruals

    def check(self, accruals):
        """The ledger is the truth by month, and nothing is left of the accruals."""
        truth = {key: float(amount) for key, amount in self.quarter.truth.items()}
        self.assertEqual(self.ledger(), truth)
        self.assertEqual(self.balance(), 0)
        for accrual in accruals:
            # A difference in another currency is converted by itself.
            self.assertAlmostEqual(accrual.amount_booked, accrual.amount_accrued, delta=0.05)

    def tie_out(self, accrual):
        """{category: accrued, settled, waiting, settled otherwise, refunded} in euros."""
        tie = self.bookkeeping["sp.accrual.tie"].browse(accrual.action_tie_out()["res_id"])
        return {
            line.category: (
                line.amount_accrued,
                line.amount_settled,
                line.amount_waiting,
                line.amount_difference,
                line.amount_refunded,
            )
            for line in tie.line_ids
            if line.currency_id.name == "EUR"
        }


class TestGrossQuarter(TestQuarter):
    is_gross = True

    def test_each_month_has_what_was_sold_in_it(self):
        """With VAT inside the prices, and an exchange rate that moves every month."""
        for month in range(1, 7):
            self.set_rate("EUR", f"2026-0{month}-01", 1.11 + month / 100)
        accruals = self.walk()
        self.check(accruals)
        items = accruals[0].move_ids.line_ids.filtered(lambda item: item.account_id == self.accrued)
        self.assertEqual(set(items.mapped("reconciled")), {True})
        self.assertFalse(items.move_id.line_ids.tax_tag_ids, "an accrual reports no tax")


@tagged("post_install", "-at_install")
class TestAccrual(AccrualCase):
    orders = 4

    def setUp(self):
        super().setUp()
        now = datetime(2026, 2, 4, 9)
        self.enterContext(freeze_time(now, tick=True))

    def test_lines_say_what_why_since_when_and_of_what(self):
        accrual = self.accrue(date(2026, 1, 31), tax_setting="net")
        sales = accrual.line_ids.filtered(lambda line: line.category == "sales")
        found = {
            (line.marketplace_id.name, line.origin): (line.amount, line.transaction_count)
            for line in sales
        }
        # All invoiced orders of January wait; of the others, those of the last days.
        self.assertEqual(
            found,
            {
                ("Amazon.de", "open"): (210.0, 2),
                ("Amazon.de", "deferred"): (450.0, 4),
                ("Amazon.fr", "open"): (210.0, 2),
                ("Amazon.fr", "deferred"): (120.0, 1),
                ("Amazon.co.uk", "open"): (330.0, 3),
            },
        )
        self.assertEqual(sales.account_id, self.account_of("sales"))
        line = sales.filtered(lambda line: line.amount == 450)
        self.assertEqual(line.date_oldest, date(2026, 1, 3))
        domain = line.action_view_transactions()["domain"]
        behind = self.bookkeeping["sp.accrual.transaction"].search(domain)
        self.assertEqual(set(behind.mapped("reason")), {"DD7", "B2B"})
        self.assertNotIn("tax", accrual.line_ids.mapped("state"))
        accrual.tax_setting = "with_tax"
        self.assertIn("tax", accrual.line_ids.mapped("state"))
        accrual.tax_setting = "net"
        accrual.action_book()
        entry = accrual.move_ids.filtered(lambda move: move.date == accrual.date)
        self.assertNotIn(self.account_of("sales_tax"), entry.line_ids.account_id)
        self.assertFalse(entry.line_ids.tax_tag_ids)
        self.assertEqual(entry.reversal_move_ids.date, date(2026, 2, 1))
        self.assertEqual(entry.reversal_move_ids.state, "posted")

    def test_a_second_run_books_the_difference_or_all_anew(self):
        accrual = self.accrue(date(2026, 1, 31))
        accrual.action_book()
        with self.assertRaises(UserError):
            accrual.action_book()
        booked = accrual.amount_booked
        accrual.line_ids.filtered(lambda line: line.category == "sales")[0].decision = "leave"
        self.assertEqual(accrual.state, "adjust")
        accrual.action_book()
        self.assertEqual((accrual.state, len(accrual.move_ids)), ("posted", 4))
        self.assertLess(accrual.amount_booked, booked)
        accrual.action_propose()
        self.assertEqual(accrual.state, "adjust")
        accrual.action_replace()
        self.assertEqual((accrual.state, accrual.amount_booked), ("posted", booked))
        accrual.tax_setting = "net"
        kept = self.root_env["sp.audit"].search(
            [("res_model", "=", "sp.accrual"), ("res_id", "=", accrual.id)]
        )
        self.assertIn(("With tax", "Without tax"), [(one.before, one.after) for one in kept])
        self.assertEqual(sorted(accrual.move_ids.mapped("state")).count("posted"), 2)

    def test_with_four_eyes_another_person_books_exactly_what_was_proposed(self):
        settings = self.root_env["sp.approval.settings"].with_user(self.manager)
        settings.create({"company_id": self.company.id, "sp_four_eyes": True}).action_save()
        accrual = self.accrue(date(2026, 1, 31))
        theirs = accrual.with_user(self.manager)
        self.assertEqual(accrual.action_book()["params"]["title"], "Proposed")
        self.assertIn("yourself", accrual.action_book()["params"]["message"])
        self.assertFalse(accrual.move_ids)
        fees = accrual.line_ids.filtered(lambda line: line.category == "selling_fees")[0]
        fees.decision = "leave"
        self.assertIn("booked otherwise now", theirs.action_approve()["params"]["message"])
        self.assertIsNone(accrual.action_approve(), "the manager proposed it anew")
        self.assertEqual((accrual.state, accrual.approval_id.id), ("posted", False))
        entry = accrual.move_ids.filtered(lambda move: move.date == accrual.date)
        with self.assertRaisesRegex(UserError, "two persons"), self.cr.savepoint():
            entry.with_user(self.manager).button_draft()
        fees.decision = "accrue"
        accrual.action_replace()
        self.assertEqual((entry.state, accrual.approval_operation), ("posted", "replace"))
        # Whatever is written on the record, the proposal is a fact.
        accrual.approval_id = False
        self.assertIn("yourself", accrual.action_replace()["params"]["message"])
        theirs.action_replace()
        self.assertEqual((entry.state, accrual.state), ("cancel", "posted"))
        self.assertEqual(
            [(one.operation, one.state) for one in accrual.approval_ids.sorted("id")],
            [("accrue", "closed"), ("accrue", "approved"), ("replace", "approved")],
        )

    def test_a_limit_holds_of_accruals_too(self):
        settings = self.root_env["sp.approval.settings"].with_user(self.manager)
        limit = {"sp_user_approval": "limit", "sp_user_limit": 1.0}
        settings.create({"company_id": self.company.id, **limit}).action_save()
        accrual = self.accrue(date(2026, 1, 31))
        self.assertIn("more than the", accrual.action_book()["params"]["message"])
        self.assertFalse(accrual.move_ids)
        self.assertIsNone(accrual.with_user(self.manager).action_book())
        self.assertEqual(accrual.state, "posted")

    def test_what_nobody_decided_holds_it(self):
        self.root_env["sp.account.mapping"].search(
            [("company_id", "=", self.company.id), ("category", "=", "selling_fees")]
        ).unlink()
        accrual = self.accrue(date(2026, 1, 31))
        self.assertEqual(accrual.state, "held")
        with self.assertRaisesRegex(UserError, "Commission"):
            accrual.action_book()
        held = accrual.line_ids.filtered(lambda line: not line.decision)
        held.write({"decision": "accrue", "account_id": self.account_of("fba_fees").id})
        self.assertEqual(accrual.state, "proposal")
        accrual.action_propose()
        self.assertEqual(accrual.state, "proposal", "what was decided stays")
        accrual.action_book()
        self.assertEqual(accrual.state, "posted")

    def test_a_search_goes_on_where_it_was(self):
        self.fake.set_options(transactions_a_page=3)
        self.fake.fail("listTransactions", "503", after=3)
        accrual = self.accrue(date(2026, 1, 31))
        self.assertEqual(accrual.state, "asking")
        with self.assertRaises(UserError):
            accrual.action_book()
        asked = len(self.fake.calls)
        self.root_env.ref("sp_connector.ir_cron_accrual_ask").method_direct_trigger()
        accrual.invalidate_recordset()
        self.assertEqual(accrual.state, "proposal")
        self.assertEqual(self.fake.calls[asked].query["transactionStatus"], "DEFERRED")
        refs = accrual.transaction_ids.mapped("ref")
        self.assertEqual(len(refs), len(set(refs)))

    def test_without_the_role_it_says_so(self):
        self.fake.set_options(has_finances=False)
        accrual = self.accrue(date(2026, 1, 31))
        self.assertEqual(accrual.state, "draft")
        self.assertIn("role", accrual.problem)
        self.assertEqual(self.connection.state, "connected")

    def test_a_locked_month_is_neither_booked_nor_taken_back(self):
        accrual = self.accrue(date(2026, 1, 31))
        self.company.sudo().fiscalyear_lock_date = date(2026, 1, 31)
        with self.assertRaisesRegex(UserError, "locked"):
            accrual.action_book()
        self.assertFalse(accrual.move_ids)
        self.company.sudo().fiscalyear_lock_date = False
        accrual.action_book()
        self.company.sudo().fiscalyear_lock_date = date(2026, 1, 31)
        with self.assertRaisesRegex(UserError, "locked"):
            accrual.action_undo()

    def test_without_a_rate_or_a_reversal_it_says_so(self):
        accrual = self.accrue(date(2026, 1, 31))
        rates = self.root_env["res.currency.rate"].search([])
        rates.name = date(2026, 2, 1)
        with self.assertRaisesRegex(UserError, "no exchange rate of EUR"):
            accrual.action_book()
        rates.name = date(2025, 12, 1)
        accrual.action_book()
        self.assertFalse(accrual.stale_note)
        accrual.move_ids.reversed_entry_id.reversal_move_ids.button_draft()
        self.assertIn("reversal is not posted", accrual.stale_note)
        self.assertFalse(accrual.note, "all was asked for, two days after the cut-off")
        accrual.days_back = 300
        accrual.action_propose()
        self.assertIn("180 days only", accrual.note)

    def test_undo_takes_back_entry_and_reversal(self):
        accrual = self.accrue(date(2026, 1, 31))
        with self.assertRaisesRegex(UserError, "no entry"):
            accrual.action_undo()
        accrual.action_book()
        accrued = accrual.move_ids.line_ids.filtered(lambda item: item.account_id == self.accrued)
        self.assertEqual(set(accrued.mapped("reconciled")), {True})
        accrual.action_undo()
        self.assertEqual((accrual.state, accrual.amount_booked), ("proposal", 0))
        self.assertEqual(set(accrual.move_ids.mapped("state")), {"cancel"})
        accrual.action_book()
        self.assertEqual(accrual.state, "posted")

    def test_in_a_sealed_journal_the_opposite_is_booked_at_the_rate_of_the_entry(self):
        self.company.sudo().sp_journal_id.restrict_mode_hash_table = True
        accrual = self.accrue(date(2026, 1, 31))
        accrual.action_book()
        entry = accrual._booked_moves()
        self.assertTrue(entry.inalterable_hash)
        # The rate of the day was wrong; what was booked with it goes with it.
        self.set_rate("EUR", "2026-01-31", 4.0)
        accrual.line_ids.filtered(lambda line: line.category == "sales")[0].decision = "leave"
        with self.assertRaisesRegex(UserError, "sealed"):
            accrual.action_replace()
        accrual.action_undo()
        items = accrual._booked_moves().line_ids
        for account in items.account_id:
            mine = items.filtered(lambda item, account=account: item.account_id == account)
            for amount in ("balance", "amount_currency"):
                self.assertAlmostEqual(sum(mine.mapped(amount)), 0, 2, (account.name, amount))
        self.assertEqual((entry.state, accrual.amount_booked, self.balance()), ("posted", 0, 0))

    def test_what_does_not_add_up_is_not_accrued(self):
        accrual = self.accrue(date(2026, 1, 31))
        one = accrual.transaction_ids.filtered(lambda one: one.origin == "open")[0]
        path, _amount, *rest = one.leaves[0]
        one.sudo().leaves = [[path, "1.005", *rest]]
        accrual.action_propose()
        self.assertEqual((accrual.state, len(accrual.line_ids)), ("draft", 0))
        self.assertIn("does not add up", accrual.problem)

    def test_a_settlement_that_books_into_the_month_is_told_once_and_stands_on_home(self):
        accrual = self.accrue(date(2026, 1, 31))
        accrual.action_book()
        watch = self.root_env.ref("sp_connector.ir_cron_daily_watch")
        home = self.bookkeeping["sp.home"]

        def waiting():
            cards = {card["key"]: card["count"] for card in home.get_home()["cards"]}
            return cards.get("accruals_stuck", 0)

        watch.method_direct_trigger()
        self.assertEqual(waiting(), 0)
        with freeze_time(datetime(2026, 2, 20, 9), tick=True):
            self.settle(datetime(2026, 2, 20))
            for _again in range(2):
                watch.method_direct_trigger()
            self.root_env.invalidate_all()
            self.assertEqual((waiting(), len(accrual.activity_ids)), (1, 1))
            self.assertIn("Propose Again", accrual.activity_ids.note)
            accrual.action_propose()
            accrual.action_book()
            watch.method_direct_trigger()
            self.root_env.invalidate_all()
            self.assertEqual(waiting(), 0)

    def test_another_company_s_manager_sees_none_of_it(self):
        accrual = self.accrue(date(2026, 1, 31))
        stranger = self.make_user(
            "accrual_stranger",
            "sp_connector.sp_connector_group_manager",
            self.make_company("Accrual Inc"),
        )
        for record in (accrual, accrual.line_ids[0], accrual.transaction_ids[0]):
            theirs = self.root_env(user=stranger)[record._name].browse(record.id)
            self.assertFalse(theirs.search([("id", "=", record.id)]))
            self.assertDenied(theirs.read, ["display_name"])
        buttons = ("action_ask", "action_propose", "action_book", "action_replace", "action_undo")
        for button in buttons:
            theirs = self.root_env(user=stranger)["sp.accrual"].browse(accrual.id)
            self.assertDenied(getattr(theirs, button))
