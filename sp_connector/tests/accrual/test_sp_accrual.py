"""What is earned and not settled: by month the ledger says what was sold, to the cent."""

from collections import defaultdict
from datetime import date, datetime, timedelta, timezone

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from ..fake_amazon.catalogue import COUNTRIES
from ..fake_amazon.state import Participation
from ..sync_common import SyncCase
from .quarter import Quarter

CATEGORIES = ("sales", "refunds", "selling_fees", "sales_tax")


def at(moment):
    return moment.replace(tzinfo=timezone.utc)


class AccrualCase(SyncCase):
    orders = 9

    def setUp(self):
        super().setUp()
        # A burst is ten calls: who waits for the others is in the test of control totals.
        self.patch(self.registry["sp.rate.limit"], "_take", lambda *_args, **_options: None)
        self.set_rate("EUR", "2025-12-01", 2.0)
        # Of that marketplace are the sales in pounds.
        self.seller.participations.append(Participation(COUNTRIES["GB"]))
        self.accrued = self.account_of("accrued_income")
        self.quarter = Quarter(self.orders)
        for end, content in self.quarter.files:
            self.fake.add_report(content, created=at(end + timedelta(hours=1)))
        for order, (sold, reason) in self.quarter.deferred.items():
            self.fake.defer(order, at(sold), reason)
        self.waiting = list(self.quarter.files)

    def settle(self, day):
        """Import and post the settlements that ended before a day."""
        while self.waiting and self.waiting[0][0] < day:
            _end, content = self.waiting.pop(0)
            settlements = self.import_file(content, env=self.bookkeeping)
            settlements.sudo().connection_id = self.connection
            settlements.action_post()
            self.assertEqual(set(settlements.mapped("state")), {"posted"}, settlements.hold_reason)

    @property
    def bookkeeping(self):
        return self.root_env(
            user=self.bookkeeper, context={"allowed_company_ids": self.company.ids}
        )

    def accrue(self, day, **vals):
        """Make the accrual of a day as the bookkeeper, with what Amazon knows at this moment."""
        vals = {"tax_setting": "with_tax", **vals}
        accrual = self.bookkeeping["sp.accrual"].create(
            {
                "connection_id": self.connection.id,
                "company_id": self.company.id,
                "date": day,
                "days_back": 100,
                **vals,
            }
        )
        accrual.action_ask()
        return accrual

    def ledger(self):
        """{(month, currency, category): amount} of all posted entries, from the seller's side."""
        accounts = {self.account_of(name).id: name for name in CATEGORIES}
        found = defaultdict(float)
        items = self.root_env["account.move.line"].search(
            [("account_id", "in", list(accounts)), ("parent_state", "=", "posted")]
        )
        for item in items:
            name = accounts[item.account_id.id]
            key = item.date.replace(day=1), item.currency_id.name, name
            found[key] -= item.amount_currency
        return {key: round(amount, 2) for key, amount in found.items() if round(amount, 2)}

    def balance(self):
        items = self.root_env["account.move.line"].search(
            [("account_id", "=", self.accrued.id), ("parent_state", "=", "posted")]
        )
        return round(sum(items.mapped("balance")), 2)


@tagged("post_install", "-at_install")
class TestQuarter(AccrualCase):
    def test_each_month_has_what_was_sold_in_it(self):
        """Three marketplaces and invoiced orders, sales held back, refunds after the month's end.

        Settlements that come later book into months that were accrued: the accrual says so, and a
        second run takes it back there.
        """
        accruals, stale = [], 0
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
            if month == 2:
                self.assertEqual(self.tie_out(accruals[0])["sales"], (570, 240, 330, 0, 0))
            if month == 3:
                found = self.tie_out(accruals[0])
                self.assertEqual(found["sales"], (570, 570, 0, 0, 0))
                self.assertEqual(found["refunds"], (0, 0, 0, 0, -110))
        self.assertGreater(stale, 0)
        with freeze_time(datetime(2026, 6, 4, 9), tick=True):
            last = accrual
            self.assertFalse(last.line_ids.filtered(lambda line: line.decision == "accrue"))
        truth = {key: float(amount) for key, amount in self.quarter.truth.items()}
        self.assertEqual(self.ledger(), truth)
        self.assertEqual(self.balance(), 0)
        for accrual in accruals:
            self.assertEqual(accrual.amount_booked, accrual.amount_accrued)

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

    def test_a_locked_month_is_not_booked(self):
        accrual = self.accrue(date(2026, 1, 31))
        self.company.sudo().fiscalyear_lock_date = date(2026, 1, 31)
        with self.assertRaisesRegex(UserError, "locked"):
            accrual.action_book()
        self.assertFalse(accrual.move_ids)
        # By itself it is not booked either, and somebody is told.
        accrual.date = date(2025, 12, 31)
        self.root_env.ref("sp_connector.ir_cron_accrue").method_direct_trigger()
        newest = self.root_env["sp.accrual"].search([("date", "=", date(2026, 1, 31))])
        self.assertFalse(newest.move_ids)
        self.assertIn("locked", newest.activity_ids.note)

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

    def test_the_scheduled_action_does_as_the_month_before(self):
        cron = self.root_env.ref("sp_connector.ir_cron_accrue")
        self.assertFalse(cron.active)
        self.accrue(date(2025, 12, 31))
        self.company.sudo().sp_accrual_tax = "with_tax"
        cron.method_direct_trigger()
        self.root_env.invalidate_all()
        found = self.root_env["sp.accrual"].search([("connection_id", "=", self.connection.id)])
        newest = found[0]
        self.assertEqual((newest.date, newest.state), (date(2026, 1, 31), "posted"))
        self.assertEqual((newest.account_id, newest.tax_setting), (self.accrued, "with_tax"))
        cron.method_direct_trigger()
        self.assertEqual(len(found.move_ids), 2, "once")

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
        for button in ("action_ask", "action_propose", "action_book", "action_replace"):
            theirs = self.root_env(user=stranger)["sp.accrual"].browse(accrual.id)
            self.assertDenied(getattr(theirs, button))
