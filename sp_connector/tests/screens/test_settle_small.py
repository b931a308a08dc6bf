"""A cent that no bank line will ever match is settled by one entry, and larger items are not."""

from odoo.exceptions import AccessError, UserError

from ..common import SpCase

SALE = "Order/ItemPrice/Principal"
MICRO = "Transfers/Micro Deposit/Micro Deposit"


class TestSettleSmall(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_all_rates()

    def open_break(self, currency="GBP"):
        """Post a settlement with a micro deposit, and return what the roll-forward says of it."""
        data = self.file((SALE, "10.00"), (MICRO, "-0.01"), total="9.99", currency=currency)
        settlement = self.import_file(data)
        settlement.action_post()
        self.assertEqual(settlement.state, "posted", settlement.hold_reason)
        roll = self.env["sp.roll.forward"].create(
            {"company_id": self.company.id, "date_from": "2026-05-01", "date_to": "2026-05-31"}
        )
        roll.action_show()
        return roll.break_ids.filtered(lambda one: one.kind == "open")

    def settle(self, found, **vals):
        context = found.action_settle()["context"]
        cost = self.make_account("Odd cents", "expense")
        wizard = self.env["sp.settle.small"].with_context(**context)
        return wizard.create({"account_id": cost.id, "date": "2026-05-31", **vals})

    def test_the_cent_goes_and_the_payout_stays(self):
        for currency in ("GBP", "EUR"):
            with self.subTest(currency), self.cr.savepoint() as savepoint:
                found = self.open_break(currency)
                self.assertIn("not matched: 2", found.name)
                wizard = self.settle(found)
                cent = wizard.item_ids
                self.assertEqual(len(cent), 1)
                self.assertAlmostEqual(abs(wizard.amount), 0.01)
                roll = found.roll_id
                wizard.action_settle()
                self.assertTrue(cent.reconciled)
                entry = (
                    cent.matched_debit_ids.debit_move_id | cent.matched_credit_ids.credit_move_id
                )
                self.assertEqual(entry.move_id.state, "posted")
                self.assertEqual(sum(entry.move_id.line_ids.mapped("balance")), 0)
                self.assertFalse(entry.move_id.line_ids.tax_ids)
                (left,) = roll.break_ids.filtered(lambda one: one.kind == "open")
                self.assertAlmostEqual(abs(left.amount), 9.99)
                savepoint.rollback()

    def test_nothing_small_is_said(self):
        wizard = self.settle(self.open_break(), limit=0.001)
        with self.assertRaisesRegex(UserError, "as small as that"):
            wizard.action_settle()

    def test_another_company_s_manager_cannot(self):
        other = self.make_company("Lamps Inc")
        stranger = self.make_user("stranger", "sp_connector.sp_connector_group_manager", other)
        found = self.open_break()
        with self.assertRaises(AccessError):
            self.env["sp.settle.small"].with_user(stranger).create(
                {"break_id": found.id, "account_id": self.make_account("X", company=other).id}
            ).action_settle()
