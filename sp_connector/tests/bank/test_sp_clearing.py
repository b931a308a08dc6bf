"""A clearing account's balance on a day is made of named open items, and equals the ledger's."""

import random

from odoo.fields import Command

from ..booking.test_sp_settlement_reconcile import PAYABLE, SALE
from ..common import MANAGER
from .test_sp_settlement_payment import Paid


class TestSpClearing(Paid):
    def explain(self, day, env=None):
        clearing = (env or self.env)["sp.clearing"].create({"date": day})
        clearing.action_show()
        for line in clearing.account_ids:
            self.assertEqual((line.balance_difference, line.note), (0.0, False), day)
            self.assertAlmostEqual(line.balance_ledger, self.ledger(line.account_id, day))
        return clearing

    def ledger(self, account, day):
        items = self.root_env["account.move.line"].search(
            [
                ("account_id", "=", account.id),
                ("parent_state", "=", "posted"),
                ("date", "<=", day),
            ]
        )
        return sum(items.mapped("balance"))

    def kinds(self, day):
        return [(item.kind, item.amount) for item in self.explain(day).item_ids]

    def test_each_day_shows_what_was_open_then_whatever_was_matched_since(self):
        settlement = self.sell(0, "100.00")
        self.match(self.bank_line(60.0, "2026-03-30"), (settlement, 60.0))
        self.match(self.bank_line(40.0, "2026-05-30"), (settlement, None))
        self.assertEqual(self.kinds("2026-03-01"), [])
        self.assertEqual(self.kinds("2026-03-29"), [("waiting", 100.0)])
        self.assertEqual(self.kinds("2026-04-30"), [("partly", 40.0)])
        # Odoo books the exchange difference at the month's end.
        self.assertEqual(self.kinds("2026-05-30"), [("exchange", 0.0)])
        self.assertEqual(self.kinds("2026-05-31"), [])
        item = self.explain("2026-04-30").item_ids
        self.assertEqual((item.settlement_id, item.days, item.age), (settlement, 33, "longer"))
        self.assertEqual(item.date_closed.isoformat(), "2026-05-30")
        self.assertEqual(item.action_view()["res_id"], settlement.id)

    def test_every_item_is_named_for_what_it_is(self):
        # The debt waits for the next settlement's Payable to Amazon, which says another amount.
        self.sell(0, "-40.00")
        self.settle(1, (SALE, "90.00"), (PAYABLE, "-30.00"), total="60.00").action_post()
        line = self.bank_line(55.0, "2026-05-01")
        _liquidity, suspense, _others = line._seek_for_lines()
        suspense.account_id = self.account_of("deposit")
        by_hand = self.pay("deposit", 7.0, "2026-05-02")
        clearing = self.explain("2026-05-31")
        found = sorted((item.kind, item.amount) for item in clearing.item_ids)
        self.assertEqual(
            found,
            [
                ("bank", -55.0),
                ("handed", 30.0),
                ("manual", -7.0),
                ("waiting", -40.0),
                ("waiting", 60.0),
            ],
        )
        opened = {item.kind: item.action_view() for item in clearing.item_ids}
        self.assertEqual(opened["manual"]["res_id"], by_hand.id)
        self.assertEqual(opened["bank"]["res_model"], "account.bank.statement.line")
        (account,) = clearing.account_ids
        items = self.env["account.move.line"].search(account.action_view_items()["domain"])
        self.assertAlmostEqual(sum(items.mapped("balance")), account.balance_ledger)
        self.assertEqual(
            clearing.action_view_items()["domain"], [("clearing_id", "=", clearing.id)]
        )

    def test_of_invoices_amazons_part_of_the_receivable_is_explained(self):
        receivable = self.invoices()
        settlement = self.sell(0, "100.00")
        customer = self.root_env["account.move"].create(
            {
                "journal_id": self.company.sp_journal_id.id,
                "date": "2026-03-05",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "balance": balance,
                            "partner_id": self.root_env.ref("base.partner_admin").id,
                        }
                    )
                    for account, balance in ((receivable, 9.0), (self.account_of("sales"), -9.0))
                ],
            }
        )
        customer.action_post()
        clearing = self.env["sp.clearing"].create({"date": "2026-03-31"})
        clearing.action_show()
        line = clearing.account_ids.filtered(lambda one: one.account_id == receivable)
        self.assertEqual((line.item_count, line.balance_difference), (1, 0.0))
        self.assertEqual(clearing.item_ids.settlement_id, settlement)

    def test_an_account_that_cannot_be_matched_says_so(self):
        account = self.make_account("Till", "asset_current", reconcile=False)
        self.map_category("deposit", account)
        self.sell(0, "100.00")
        clearing = self.env["sp.clearing"].create({"date": "2026-03-31"})
        clearing.action_show()
        line = clearing.account_ids.filtered(lambda one: one.account_id == account)
        self.assertNotEqual(line.balance_difference, 0.0)
        self.assertIn("does not allow", line.note)

    def test_a_branchs_payout_that_the_head_offices_bank_line_pays_stays_in_both_ledgers(self):
        branch = self.root_env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        both = self.company | branch
        env = self.root_env(context={"allowed_company_ids": both.ids})
        settlement = self.settle(0, (SALE, "100.00"), total="100.00")
        settlement.sudo().company_id = branch
        settlement = settlement.with_env(env)
        branch.sp_journal_id = self.company.sp_journal_id
        settlement.action_post()
        self.match(self.bank_line(100.0), (settlement, None))
        self.assertPayment(settlement, "paid")
        for company, amount in ((branch, 100.0), (self.company, -100.0)):
            clearing = env["sp.clearing"].create({"date": "2026-12-31", "company_id": company.id})
            clearing.action_show()
            items = [(item.kind, item.amount) for item in clearing.item_ids]
            self.assertEqual(items, [("elsewhere", amount)])
            self.assertEqual(set(clearing.account_ids.mapped("balance_difference")), {0.0})

    def test_a_manager_of_another_company_sees_nothing_of_it(self):
        self.sell(0, "100.00")
        other = self.make_company("Lamps Inc")
        env = self.root_env(user=self.make_user("stranger", MANAGER, other))
        clearing = env["sp.clearing"].create({"date": "2026-03-31"})
        clearing.action_show()
        self.assertFalse(clearing.item_ids)
        mine = env["sp.clearing"].with_context(allowed_company_ids=other.ids)
        self.assertDenied(mine.create, {"company_id": self.company.id, "date": "2026-03-31"})

    def test_drawn_payments_state_and_explanation_follow_the_ledger(self):
        """Whatever is drawn: the state is that of the open amount, the items are the balance."""
        draw = random.Random(7)
        settlements = [self.sell(number, f"{draw.randint(1, 400)}.00") for number in range(4)]
        lines = []
        for _step in range(10):
            settlement = draw.choice(settlements)
            action = draw.choice(("pay", "pay", "part", "undo"))
            open_amount = settlement.amount_open
            if action == "undo" and lines:
                lines.pop(draw.randrange(len(lines))).action_undo_reconciliation()
            elif open_amount and action != "undo":
                amount = open_amount if action == "pay" else max(round(open_amount / 3, 2), 0.01)
                journal = draw.choice((self.euros, self.journal))
                day = f"2026-{draw.randint(4, 8):02}-15"
                brought = amount if journal == self.euros else round(amount / draw.uniform(1, 2), 2)
                line = self.bank_line(brought, day, journal)
                lines.append(self.match(line, (settlement, amount), fee=draw.choice((0.0, 0.5))))
            for one in settlements:
                total = one.amount_total
                paid = sum(
                    partial.debit_amount_currency
                    for partial in one.sudo().move_id.line_ids.matched_credit_ids
                )
                expected = "waiting" if not paid else "paid" if paid == total else "partly"
                self.assertPayment(one, expected, amount_open=round(total - paid, 2))
        for day in ("2026-03-31", "2026-05-15", "2026-07-01", "2026-12-31"):
            self.explain(day)

    def test_a_deposit_that_never_came_is_a_break_once_a_later_one_came(self):
        first, second = self.sell(0, "100.00"), self.sell(1, "50.00")
        gaps = self.env["sp.settlement.gap"]
        mine = [("kind", "=", "unpaid"), ("company_id", "=", self.company.id)]
        first._recheck_chain()
        self.assertFalse(gaps.search(mine), "only the last ones wait")
        line = self.match(self.bank_line(50.0, "2026-04-30"), (second, None))
        first._recheck_chain()
        gap = gaps.search(mine)
        self.assertEqual((gap.before_id, gap.amount_before, gap.state), (first, 100.0, "open"))
        self.assertIn("did not reach the bank", first.chain_problem)
        self.assertIn("700", gap.display_name)
        self.match(self.bank_line(100.0, "2026-05-30"), (first, None))
        self.assertNotIn("did not reach", first.chain_problem or "")
        first._recheck_chain()
        self.assertEqual(gap.state, "closed")
        line.action_undo_reconciliation()
        first._recheck_chain()
        self.assertEqual(gaps.search_count([*mine, ("state", "=", "open")]), 0)

    def test_the_roll_forward_names_what_was_never_paid(self):
        first, second = self.sell(0, "100.00"), self.sell(1, "50.00")
        self.match(self.bank_line(50.0, "2026-04-30"), (second, None))
        roll = self.env["sp.roll.forward"].create(
            {"date_from": "2026-05-01", "date_to": "2026-05-31"}
        )
        roll.action_show()
        unpaid = roll.break_ids.filtered(lambda one: one.kind == "unpaid")
        self.assertEqual((unpaid.settlement_id, unpaid.amount), (first, 100.0))
        self.assertEqual(unpaid.action_view()["res_id"], first.id)
