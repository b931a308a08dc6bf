"""Over a chain of settlements, what one leaves open the next one closes."""

import unittest

from ...engine.tests.helpers import REAL_FILES
from ..chain_common import ChainCase

ACCOUNTS = ("deposit", "card_charge", "reserve", "debt_adjustment", "loan", "rollover")


class TestSpSettlementChain(ChainCase):
    def _post(self, name, expected):
        settlement = self.import_chain(name)
        self.assertIsNone(settlement.action_post(), settlement.hold_reason)
        self.assertEqual(settlement.state, "posted", name)
        self.assertBalanced(settlement)
        self.assertEqual(self.balances(*ACCOUNTS), expected, name)
        return settlement

    def test_every_balance_comes_to_zero_over_the_chain(self):
        """The table in the chain's README, worked out by hand."""
        self._post("de_1", (-50.0, 0, 0, 0, 0, 0))
        self._post("de_2", (-4.0, -89.0, 0, 0, 0, 0))
        self.pay("card_charge", -89.0, "2026-01-20")
        self._post("de_3", (0, 0, 300.0, 0, -200.0, 0))
        self._post("es_1", (-25.0, 0, 300.0, 0, -200.0, 0))
        self._post("de_4", (225.01, 0, 60.0, 25.0, -150.0, 0))
        self.pay("bank_verification", 0.01, "2026-02-16")
        paid = self._post("es_2", (284.0, 0, 60.0, 0, -150.0, 0))
        self.pay("deposit", 34.0, "2026-03-13", settlement=paid)
        paid = self._post("de_5", (182.5, 0, 20.0, 0, 0, 0))
        self.pay("deposit", 182.5, "2026-03-15", settlement=paid)
        paid = self._post("de_6", (28.5, 0, 0, 0, 0, 0))
        self.pay("deposit", 28.5, "2026-03-29", settlement=paid)
        self.assertEqual(self.balances(*ACCOUNTS), (0, 0, 0, 0, 0, 0))
        # At one rate, also in the company's currency, but for what rounding leaves.
        for category in ACCOUNTS:
            items = self.env["account.move.line"].search(
                [
                    ("account_id", "=", self.account_of(category).id),
                    ("parent_state", "=", "posted"),
                ]
            )
            self.assertAlmostEqual(sum(items.mapped("balance")), 0, delta=0.05, msg=category)

    def test_parts_of_months_close_the_rollover_account(self):
        settlements = self.import_chain()
        self.assertIsNone(settlements.action_post())
        items = self.env["account.move.line"].search(
            [("account_id", "=", self.account_of("rollover").id)]
        )
        crossing = items.move_id.sp_settlement_id.mapped("attachment_id.name")
        self.assertEqual(sorted(crossing), ["de_3.txt", "de_5.txt", "es_2.txt"])
        self.assertTrue(all(items.mapped("reconciled")))

    def test_a_marketplace_with_its_own_clearing_account_is_cleared_there(self):
        own = self.make_account("Clearing Spain", "asset_current", reconcile=True)
        self.map_category("deposit", own, self.env.ref("sp_connector.sp_marketplace_es"))
        settlements = self.import_chain("es_1", "es_2")
        settlements.action_post()
        items = self.env["account.move.line"].search([("account_id", "=", own.id)], order="id")
        # Owed, taken up, paid out.
        self.assertEqual(items.mapped("amount_currency"), [-25.0, 25.0, 34.0])
        self.assertEqual(self.balances("deposit", "debt_adjustment"), (0, -25.0))
        line = settlements[1].line_ids.filtered(lambda line: line.category == "carried_balance")
        self.assertEqual(line.account_id, own)
        self.assertEqual(line.mapping_id.category, "deposit", "the answer to: why this account?")

    @unittest.skipUnless(REAL_FILES.is_dir(), "SP_CONNECTOR_REAL_FILES names no folder")
    def test_the_real_canadian_chain(self):
        """Payables, card charges, a micro deposit, two payouts.

        Facts: docs/facts/chains.md, "Worked chain".
        """
        steps = [
            # file, clearing and card after it; then the card is paid and the bank receives
            ("v1_ca_cad_50011020300.txt", (-321.69, -32.09), -32.09, 0, 0),
            ("v1_ca_cad_50018020314.txt", (-62.31, -321.69), -321.69, 0, 0),
            ("v1_ca_cad_50034020328.txt", (1016.09, -62.31), -62.31, 0.01, 1016.08),
            ("v1_ca_cad_50041020342.txt", (2539.66, 0), 0, 0, 2539.66),
        ]
        for name, expected, card, micro, payout in steps:
            data = (REAL_FILES / name).read_bytes()
            settlement = self.import_file(data, name)
            self.assertIsNone(settlement.action_post(), settlement.hold_reason)
            self.assertBalanced(settlement)
            self.assertEqual(self.balances("deposit", "card_charge"), expected, name)
            self.assertEqual(self.balances("rollover", "reserve", "debt_adjustment"), (0, 0, 0))
            day = settlement.date_deposit.date()
            if card:
                self.pay("card_charge", card, day, "CAD")
            if micro:
                self.pay("bank_verification", micro, day, "CAD")
            if payout:
                self.pay("deposit", payout, day, "CAD", settlement)
        self.assertEqual(self.balances("deposit", "card_charge"), (0, 0))
