"""Amazon's own balances beside the books: equal to the cent, or the difference is seen."""

from datetime import date, datetime

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from ..accrual.test_sp_accrual import AccrualCase
from ..common import MANAGER


@tagged("post_install", "-at_install")
class TestBalance(AccrualCase):
    orders = 4

    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time(datetime(2026, 2, 4, 9), tick=True))
        self.held = self.bookkeeping["sp.held"].create({"date": date(2026, 1, 31)})

    def ask(self):
        self.held.action_ask()
        self.held.invalidate_recordset()
        return {
            (one.currency_id.name, one.kind): one
            for one in self.held.witness_ids
            if one.is_told or one.kind == "TOTAL"
        }

    def test_the_books_agree_with_amazon_until_a_cent_is_wrong(self):
        # By hand: of the first four orders of each account (100 to 130, a fifth of tax, an eighth
        # of fees) those of January that wait: the three invoiced ones, the last of Amazon.de and
        # that of Amazon.fr.
        accrual = self.accrue(date(2026, 1, 31))
        before = self.ask()["EUR", "DEFERRED"]
        self.assertEqual(before.difference_amazon, before.amount_amazon, "nothing is booked yet")
        self.assertIn("not booked", before.note)
        accrual.action_book()
        found = self.ask()
        deferred = found["EUR", "DEFERRED"]
        wait = round(sum(net * 1.075 for net in (100, 110, 120, 120, 120)), 2)
        self.assertEqual(deferred.amount_amazon, wait)
        self.assertEqual(
            (deferred.amount_ledger, deferred.amount_stated), (wait, wait), deferred.note
        )
        for one in found.values():
            self.assertTrue(one.is_told)
            self.assertEqual((one.difference_amazon, one.difference_stated), (0, 0), one.kind)
        self.assertGreater(found["GBP", "AVAILABLE"].amount_amazon, 0)
        self.assertIn("Asked on", found["EUR", "TOTAL"].note)
        lines = {line.reason: line for line in self.held.line_ids if line.currency_id.name == "EUR"}
        action = lines["deferred"].action_view()
        behind = self.bookkeeping[action["res_model"]].search(action["domain"])
        self.assertEqual(round(sum(behind.mapped("amount")), 2), wait)
        self.fake.falsify_balance("DEFERRED")
        found = self.ask()
        for kind in ("DEFERRED", "TOTAL"):
            self.assertEqual(found["EUR", kind].difference_amazon, 0.01)
        self.assertEqual(found["EUR", "AVAILABLE"].difference_amazon, 0)
        balances = self.root_env["sp.balance"].search([])
        self.assertEqual(len(balances), 3, "each place once, as it was told last")
        opened = self.bookkeeping["sp.balance"].search(
            found["EUR", "TOTAL"].action_view_balances()["domain"]
        )
        self.assertEqual(set(opened.mapped("marketplace_id.name")), {"Amazon.de", "Amazon.fr"})

    def test_accrued_without_tax_says_so(self):
        self.accrue(date(2026, 1, 31), tax_setting="net").action_book()
        deferred = self.ask()["EUR", "DEFERRED"]
        self.assertEqual(deferred.difference_stated, deferred.difference_amazon)
        self.assertGreater(deferred.difference_stated, 0)
        self.assertIn("without tax", deferred.note)

    def test_why_amazon_does_not_answer_is_said_and_the_books_stay(self):
        self.fake.set_options(has_finances=False)
        found = self.ask()
        self.assertIn("role", self.held.problem)
        self.assertFalse(found and any(one.is_told for one in found.values()))
        self.assertEqual(self.connection.state, "connected")
        self.fake.set_options(has_finances=True)
        self.fake.fail("listBalances", "503")
        self.ask()
        self.assertTrue(self.held.problem)
        self.held.date = date(2026, 2, 5)
        self.ask()
        self.assertIn("days to come", self.held.problem)
        self.held.date = date(2026, 2, 4)
        found = self.ask()
        self.assertFalse(self.held.problem, "what is held now")
        self.assertTrue(found["EUR", "TOTAL"].is_told)
        self.assertNotIn("asOfDate", self.fake.calls[-1].query)

    def test_of_a_connection_that_is_not_connected_nothing_is_asked(self):
        asked = len(self.fake.calls)
        self.connection.sudo()._set_state("disconnected")
        self.ask()
        self.assertEqual(len(self.fake.calls), asked)
        self.held.connection_id = self.connection
        self.ask()
        self.assertTrue(self.held.problem)

    def test_another_company_s_manager_sees_no_balance(self):
        self.ask()
        stranger = self.make_user("balance_stranger", MANAGER, self.make_company("Balance Inc"))
        balance = self.root_env["sp.balance"].search([], limit=1)
        self.assertTrue(balance)
        theirs = self.root_env(user=stranger)["sp.balance"].browse(balance.id)
        self.assertFalse(theirs.search([]))
        self.assertDenied(theirs.read, ["amount_total"])
        held = self.root_env(user=stranger)["sp.held"].create({"date": date(2026, 1, 31)})
        with self.assertRaises(AccessError):
            held.connection_id = self.connection
            held.action_ask()
