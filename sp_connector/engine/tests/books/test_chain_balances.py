"""The shipped chain of settlements: it is one, it is proved, and its accounts come to zero."""

import unittest
from decimal import Decimal

from ...books.entry import plan_entries
from ...books.mapping import Mapping, Rule
from ..golden import ACCOUNTS
from ..helpers import CHAIN, CHAIN_ORDER, calendar, plan_lines, settle


class TestChainBalances(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chain = {name: settle((CHAIN / f"{name}.txt").read_bytes()) for name in CHAIN_ORDER}

    def test_every_file_is_in_the_chain(self):
        self.assertEqual({path.stem for path in CHAIN.glob("*.txt")}, set(CHAIN_ORDER))
        described = (CHAIN / "README.md").read_text("utf-8")
        for name in CHAIN_ORDER:
            self.assertIn(f"| `{name}` |", described)

    def test_each_is_proved_and_starts_where_the_one_before_ends(self):
        ends = {}
        for name, settlement in self.chain.items():
            place = name[:2]
            self.assertTrue(settlement.proved, name)
            self.assertEqual(settlement.unknown, [], name)
            start = settlement.header.date_start
            self.assertEqual(ends.get(place, start), start, name)
            ends[place] = settlement.header.date_end

    def _amounts(self, name, category):
        lines = self.chain[name].lines.values()
        return sum((line.amount for line in lines if line.category == category), Decimal(0))

    def test_every_row_that_is_no_income_and_no_cost_is_in_it(self):
        for category in (
            "reserve", "carried_balance", "failed_transfer", "debt_adjustment",
            "bank_verification", "card_charge", "loan",
        ):  # fmt: skip
            with self.subTest(category):
                self.assertTrue(any(self._amounts(name, category) for name in self.chain))

    def _balances(self, mapping, place=None):
        """The sum on each account over the whole chain."""
        sums = {}
        for name, settlement in self.chain.items():
            plan = plan_entries(
                settlement.header.amount_total,
                plan_lines(settlement),
                mapping,
                calendar=calendar(settlement),
                marketplace=place and place[name[:2]],
            )
            self.assertTrue(plan.proved, name)
            for part in plan.parts:
                for item in part.items:
                    sums[item.account] = sums.get(item.account, 0) + item.balance
        return sums

    def test_reserve_debt_loan_and_rollover_come_to_zero(self):
        sums = self._balances(ACCOUNTS)
        for account in ("reserve", "debt_adjustment", "loan", "rollover"):
            self.assertEqual(sums[account], 0, account)
        # What Amazon paid and what the card paid; each category has an account of its own here.
        clearing = ("clearing", "carried_balance", "failed_transfer", "bank_verification")
        paid = Decimal("0.01") + Decimal("34.00") + Decimal("182.50") + Decimal("28.50")
        self.assertEqual(sum(sums[account] for account in clearing), paid)
        self.assertEqual(sums["card_charge"], Decimal("-89.00"))

    def test_a_marketplace_with_its_own_clearing_account_comes_to_zero_there(self):
        """The rows that take up a negative payout name no marketplace and follow it."""
        rules = [rule for rules in ACCOUNTS._rules.values() for rule in rules]
        shared = ("carried_balance", "failed_transfer", "bank_verification")
        rules = [
            rule._replace(account="clearing") if rule.category in shared else rule for rule in rules
        ]
        rules.append(Rule("deposit", "clearing of Spain", marketplace="Amazon.es"))
        sums = self._balances(Mapping(rules), {"de": "Amazon.de", "es": "Amazon.es"})
        self.assertEqual(sums["clearing of Spain"], Decimal("34.00"))
        self.assertEqual(sums["clearing"], Decimal("211.01"))

    def test_what_a_person_maps_to_another_account_stays_there(self):
        rules = [rule for rules in ACCOUNTS._rules.values() for rule in rules]
        rules.append(Rule("deposit", "clearing of Spain", marketplace="Amazon.es"))
        sums = self._balances(Mapping(rules), {"de": "Amazon.de", "es": "Amazon.es"})
        self.assertEqual(sums["carried_balance"], Decimal("79.00"))
