"""Drawn payouts and what a bank makes of them: nothing is matched that is not so."""

import os
import random
from datetime import date, timedelta

from ..bank_common import BankCase

SEEDS = int(os.environ.get("SP_CONNECTOR_ANY", "1"))
FIRST = date(2026, 4, 3)


class TestAnyBank(BankCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fees = cls.make_account("Bank Fees", "expense")
        cls.allow(fee_limit=3, fee_account_id=cls.fees.id)

    def draw(self, seed):
        """Yield (kind, bank lines, settlements) of payouts whose amounts meet by chance."""
        random_ = random.Random(seed)
        amounts = [30, 28, 12, 42, 18]
        for _number in range(4):
            # Lines first, or settlements first.
            self.allow(auto=False)
            day = FIRST + timedelta(random_.randrange(5))
            kind = random_.choice(("exact", "exact", "several", "transfers", "fee", "converted"))
            money = "EUR" if kind == "converted" else "GBP"
            amount = random_.choice(amounts)
            others = random_.sample(amounts, 2) if kind == "several" else ()
            settlements = self.env["sp.settlement"].union(
                *(
                    self.settle(each, str(day), money, post=False, start=f"{day:%Y-%m}-01")
                    for each in (amount, *others)
                )
            )
            total = {
                "several": [amount + sum(others)],
                "transfers": [amount - 7, 7],
                "fee": [amount - 2],
                "converted": [round(amount * 0.8 * 0.99, 2)],
            }.get(kind, [amount])
            is_named = random_.random() < 0.4
            text = "AMAZON " + " ".join(settlements.mapped("settlement_ref") if is_named else ())
            day += timedelta(random_.randrange(4))
            self.allow(auto=True)
            steps = [
                lambda settlements=settlements: settlements.action_post(),
                lambda day=day, text=text, total=total: [
                    self.bank_line(each, str(day), text).id for each in total
                ],
            ]
            random_.shuffle(steps)
            ids = [found for step in steps if isinstance(found := step(), list)][0]
            yield kind, self.root_env["account.bank.statement.line"].browse(ids), settlements

    def test_what_is_matched_is_so_and_comes_to_nil(self):
        for seed in range(SEEDS):
            with self.subTest(seed=seed), self.cr.savepoint() as savepoint:
                truth = list(self.draw(seed))
                for kind, lines, settlements in truth:
                    matched = lines.filtered("is_reconciled")
                    self.assertIn(len(matched), (0, len(lines)))
                    if matched:
                        self.assertEqual(
                            self.env["sp.bank.match"]._settlements_of(lines), settlements
                        )
                    else:
                        self.match(kind, lines, settlements)
                    for settlement in settlements:
                        self.assertEqual(settlement.payment_state, "paid")
                everything = self.env["sp.settlement"].union(*(one[2] for one in truth))
                lines = self.root_env["account.bank.statement.line"].union(
                    *(one[1] for one in truth)
                )
                self.assertMatched(lines, everything)
                self.assertEqual(self.balance(self.clearing), 0)
                fees = sum(2 for kind, *_others in truth if kind == "fee")
                self.assertEqual(self.balance(self.fees), fees)
                savepoint.close(rollback=True)
                self.env.invalidate_all()
