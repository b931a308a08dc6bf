"""Each way in which a payout reaches the bank, with real statement lines."""

from unittest.mock import patch

from odoo.exceptions import UserError

from ..bank_common import BankCase

MATCH = "odoo.addons.sp_connector.models.bank.sp_bank_match"


class TestSure(BankCase):
    def test_a_bank_line_that_arrives_is_matched(self):
        settlement = self.settle(100)
        line = self.bank_line(100)
        self.assertMatched(line, settlement)
        self.assertEqual(line.partner_id, self.company.sp_partner_id)
        self.assertEqual(self.balance(self.clearing), 0)
        said = " ".join(settlement.message_ids.mapped("body"))
        self.assertIn("Matched with the bank line", said)

    def test_a_line_typed_in_a_screen_with_defaults_is_matched(self):
        settlement = self.settle(100)
        defaults = {"default_journal_id": self.bank.id, "default_name": "x", "default_amount": 7}
        lines = self.root_env["account.bank.statement.line"].with_context(**defaults)
        line = lines.create({"date": "2026-04-20", "payment_ref": "AMZN", "amount": 100})
        self.assertMatched(line.with_env(self.root_env), settlement)
        self.assertEqual(line.move_id.line_ids.mapped("name"), ["AMZN", "AMZN"])

    def test_a_settlement_that_is_posted_is_matched(self):
        line = self.bank_line(100)
        self.assertFalse(line.is_reconciled)
        self.assertMatched(line, self.settle(100))

    def test_only_where_the_company_allows_it(self):
        self.allow(auto=False)
        settlement, line = self.settle(100), self.bank_line(100)
        self.assertFalse(line.is_reconciled)
        self.assertEqual(
            self.find(lines=line), [("exact", set(line.ids), set(settlement.ids), True)]
        )
        self.match("exact", line, settlement)
        self.assertMatched(line, settlement)

    def test_the_window_and_the_words_are_the_company_s(self):
        settlement = self.settle(100, "2026-04-10")
        late = self.bank_line(100, "2026-04-21")
        nobody = self.bank_line(100, "2026-04-12", "MARKET PLACE")
        self.assertFalse(late.is_reconciled or nobody.is_reconciled)
        self.allow(words="AMZ, Market")
        self.assertIn(
            ("exact", set(nobody.ids), set(settlement.ids), True), self.find(lines=nobody)
        )
        self.allow(days_after=11, words="AMAZON")
        self.assertEqual(self.find(lines=late)[0][:3], ("exact", {late.id}, {settlement.id}))

    def test_two_settlements_of_one_amount_are_never_sure(self):
        one, two = self.settle(100), self.settle(100, "2026-04-18")
        line = self.bank_line(100, text=f"AMAZON {one.settlement_ref}")
        self.assertFalse(line.is_reconciled)
        found = self.find(lines=line)
        self.assertEqual([one[2] for one in found], [{one.id}, {two.id}])
        self.assertFalse(any(one[3] for one in found))
        self.match("exact", line, one)
        self.assertMatched(line, one)
        # What is left is sure now, and stays until somebody or a new line asks.
        self.assertMatched(self.bank_line(100), two)

    def test_a_settlement_that_is_not_posted_stands_in_the_way(self):
        self.settle(100, post=False)
        self.settle(100)
        self.assertFalse(self.bank_line(100).is_reconciled)

    def test_invoices_are_paid(self):
        self.as_invoices()
        settlement, line = self.settle(100), self.bank_line(100)
        self.assertMatched(line, settlement)
        self.assertEqual(settlement.move_id.payment_state, "paid")

    def test_a_debt_is_taken_from_the_card(self):
        card = self.make_bank("Card", "SPC", "credit")
        settlement = self.settle(-30)
        line = self.bank_line(-30, journal=card, text="AMZN CHARGE")
        self.assertMatched(line, settlement)
        self.assertEqual(self.balance(self.clearing), 0)

    def test_a_marketplace_whose_payouts_go_to_another_bank(self):
        other = self.make_bank("Other", "SPO")
        place = self.root_env["sp.marketplace"].search([("name", "=", "Amazon.co.uk")])
        self.root_env["sp.bank.journal"].create(
            {
                "company_id": self.company.id,
                "marketplace_id": place.id,
                "journal_id": other.id,
            }
        )
        settlement = self.settle(100, marketplace_name="Amazon.co.uk")
        self.assertEqual(settlement.marketplace_id, place)
        line = self.bank_line(100)
        self.assertFalse(line.is_reconciled)
        self.assertEqual(self.find(lines=line), [])
        line = self.bank_line(100, journal=other)
        self.assertMatched(line, settlement, suspense=-100)

    def test_a_failure_breaks_neither_the_import_nor_the_posting(self):
        settlement = self.settle(100)
        entry = type(self.env["sp.bank.entry"])
        with patch.object(entry, "_match", side_effect=ValueError), self.assertLogs(MATCH, "ERROR"):
            line = self.bank_line(100)
        with patch.object(entry, "_match", side_effect=UserError("locked")):
            other = self.settle(200)
            second = self.bank_line(200)
        self.assertFalse(line.is_reconciled or second.is_reconciled)
        self.assertEqual((settlement.state, other.state), ("posted", "posted"))
        self.match("exact", line, settlement)
        self.assertMatched(line, settlement, suspense=-200)

    def test_many_lines_are_matched_by_the_scheduler(self):
        settlements = self.env["sp.settlement"].union(
            *(self.settle(100 + number, f"2026-04-{number:02}") for number in range(2, 5))
        )
        lines = self.root_env["account.bank.statement.line"].create(
            [
                {
                    "journal_id": self.bank.id,
                    "date": f"2026-04-{number + 1:02}",
                    "payment_ref": "AMZN",
                    "amount": 100 + number,
                }
                for number in range(2, 25)
            ]
        )
        self.assertFalse(any(lines.mapped("is_reconciled")))
        self.assertTrue(all(lines.mapped("sp_match_due")))
        with self.enter_registry_test_mode():
            self.root_env.ref("sp_connector.ir_cron_match_bank").method_direct_trigger()
        self.assertMatched(lines[:3], settlements, suspense=-2290)
        self.assertFalse(any(lines.mapped("sp_match_due")))


class TestProposed(BankCase):
    def test_one_deposit_is_several_settlements(self):
        settlements = self.settle(100) | self.settle(20, "2026-04-18")
        line = self.bank_line(120)
        self.assertFalse(line.is_reconciled)
        self.assertEqual(
            self.find(lines=line), [("several", {line.id}, set(settlements.ids), False)]
        )
        self.match("several", line, settlements)
        self.assertMatched(line, settlements)

    def test_one_settlement_comes_in_several_transfers(self):
        settlement = self.settle(100)
        lines = self.bank_line(60) | self.bank_line(40, "2026-04-21")
        self.assertEqual(
            self.find(lines=lines), [("transfers", set(lines.ids), {settlement.id}, False)]
        )
        self.match("transfers", lines, settlement)
        self.assertMatched(lines, settlement)

    def test_a_part_that_names_its_settlement(self):
        settlement = self.settle(100)
        text = f"AMZN {settlement.settlement_ref}"
        line = self.bank_line(60, text=text)
        self.match("part", line, settlement)
        self.assertTrue(line.is_reconciled)
        self.assertEqual(self.payout(settlement).amount_residual, 40)
        rest = self.bank_line(40, "2026-04-21", text=text)
        self.assertMatched(line | rest, settlement)

    def test_a_fee_that_the_bank_took(self):
        fees = self.make_account("Bank Fees", "expense")
        settlement = self.settle(100)
        line = self.bank_line(97.5)
        self.assertEqual(self.find(lines=line), [])
        self.allow(fee_limit=5, fee_account_id=fees.id)
        self.match("fee", line, settlement)
        self.assertMatched(line, settlement)
        self.assertEqual(self.balance(fees), 2.5)
        named = self.settle(200)
        line = self.bank_line(196, text=f"AMAZON {named.settlement_ref}")
        self.assertMatched(line, named)
        self.assertEqual(self.balance(fees), 6.5)

    def test_the_bank_brings_the_company_s_currency(self):
        """The bank's amount counts; what it is less is Odoo's exchange difference."""
        settlement = self.settle(100, currency="EUR")
        line = self.bank_line(78)
        self.assertFalse(line.is_reconciled)
        self.match("converted", line, settlement)
        self.assertMatched(line, settlement)
        self.assertEqual(self.balance(self.clearing), 0)
        self.assertEqual(self.balance(self.company.expense_currency_exchange_account_id), 2)

    def test_the_cost_of_a_conversion_has_an_account(self):
        cost = self.make_account("Conversion", "expense")
        self.allow(cost_account_id=cost.id)
        settlement = self.settle(100, currency="EUR")
        self.set_rate("EUR", "2026-04-20", 1.28)
        line = self.bank_line(77, text=f"AMAZON {settlement.settlement_ref}")
        self.assertMatched(line, settlement)
        self.assertEqual(self.balance(cost), 1.13)  # 78.13 at the day's rate
        loss = self.company.expense_currency_exchange_account_id
        self.assertEqual(self.balance(loss), 1.87)  # 80.00 as it was booked
        self.assertEqual(self.balance(self.clearing), 0)

    def test_the_bank_says_what_it_was(self):
        settlement = self.settle(100, currency="EUR")
        line = self.bank_line(
            78, foreign_currency_id=self.root_env.ref("base.EUR").id, amount_currency=100
        )
        self.assertMatched(line, settlement)
        self.assertEqual(self.balance(self.clearing), 0)

    def test_the_bank_account_has_the_settlement_s_currency(self):
        settlement = self.settle(100, currency="EUR")
        self.set_rate("EUR", "2026-04-20", 1.28)
        line = self.bank_line(100, journal=self.euros)
        self.assertMatched(line, settlement)
        self.assertEqual(self.balance(self.clearing), 0)

    def test_the_bank_account_has_a_third_currency(self):
        self.set_rate("USD", "2026-01-01", 1.5)
        dollars = self.make_bank("Dollars", "SPD", currency_id=self.root_env.ref("base.USD").id)
        settlement = self.settle(100, currency="EUR")
        line = self.bank_line(118.5, journal=dollars)
        self.match("converted", line, settlement)
        self.assertMatched(line, settlement)
        self.assertEqual(self.balance(self.clearing), 0)

    def test_a_transfer_that_failed_and_was_paid_again(self):
        settlement = self.settle(100)
        first = self.bank_line(100, "2026-04-18")
        self.assertMatched(first, settlement)
        back = self.bank_line(-100, "2026-04-20", "AMAZON RETURNED")
        self.assertEqual(self.find(lines=back), [("returned", {first.id, back.id}, set(), False)])
        self.match("returned", first | back)
        self.assertTrue(first.is_reconciled and back.is_reconciled)
        self.assertFalse(self.payout(settlement).reconciled)
        self.assertEqual(self.balance(self.suspense), 0)
        again = self.bank_line(100, "2026-04-24")
        self.assertMatched(first | back | again, settlement)
        self.assertEqual(self.balance(self.clearing), 0)

    def test_months_of_invoices_are_one_payout(self):
        self.as_invoices()
        settlement = self.settle(100, start="2026-03-28")
        self.assertMatched(self.bank_line(100), settlement)

    def test_what_changed_meanwhile_is_not_matched(self):
        settlement = self.settle(100) | self.settle(100)
        line = self.bank_line(100)
        self.match("exact", line, settlement[0])
        with self.assertRaisesRegex(UserError, "no longer open"):
            self.match("exact", line, settlement[1])


class TestBack(BankCase):
    def test_a_match_is_undone_alone_and_stays_undone(self):
        settlement, line = self.settle(100), self.bank_line(100)
        self.assertTrue(line.is_reconciled)
        settlement.with_user(self.manager).action_unmatch_bank()
        self.assertFalse(line.is_reconciled)
        self.assertFalse(self.payout(settlement).reconciled)
        self.assertEqual(settlement.state, "posted")
        self.assertIn("undone", " ".join(settlement.message_ids.mapped("body")))
        # Another line that arrives matches only itself.
        self.bank_line(5, "2026-04-21")
        self.assertFalse(line.is_reconciled)
        self.match("exact", line, settlement)
        self.assertMatched(line, settlement, suspense=-5)

    def test_the_undo_of_a_settlement_opens_its_bank_line_first(self):
        settlement, line = self.settle(100), self.bank_line(100)
        wizard = self.env["sp.undo"].create({"settlement_id": settlement.id})
        self.assertIn("is open again", wizard.outcome)
        wizard.action_undo()
        self.assertFalse(line.is_reconciled)
        self.assertEqual(self.balance(self.clearing), 0)
        settlement.action_post()
        self.assertMatched(line, settlement)

    def test_what_was_sent_back_opens_with_its_transfer(self):
        first = self.bank_line(100, "2026-04-18")
        back = self.bank_line(-100, "2026-04-20", "AMAZON RETURNED")
        settlement = self.settle(100, "2026-04-17")
        self.match("returned", first | back)
        back.with_user(self.manager).action_sp_unmatch()
        self.assertFalse(first.is_reconciled or back.is_reconciled)
        self.assertFalse(self.payout(settlement).reconciled)
