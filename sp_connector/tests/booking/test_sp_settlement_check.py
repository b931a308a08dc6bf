"""Settlements are looked at again when what decides of them changes, many of them soon after."""

from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tools import mute_logger

from ...models.booking import sp_settlement_check
from ..common import SpCase

EXPORT = "Order/ItemPrice/ExportCharge"


class TestSpSettlementCheck(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        files = (cls.file((EXPORT, "2.00"), total="2.00", ref=str(ref)) for ref in (42, 43, 44))
        cls.settlements = cls.env["sp.settlement"].union(*map(cls.import_file, files))
        cls.cron = cls.root_env.ref("sp_connector.ir_cron_check_settlements")

    def change(self, at_once=1):
        """Give an account to what lacks one, where so many are checked at once."""
        with patch.object(sp_settlement_check, "AT_ONCE", at_once):
            self.map_category("other", self.make_account("Exports"))

    def states(self):
        return sorted(self.settlements.mapped("state"))

    def run_cron(self):
        with patch.object(type(self.root_env["ir.cron"]), "_commit_progress", lambda *_a, **_k: 1):
            self.root_env["sp.settlement.check"]._cron_check_due()

    def test_few_are_looked_at_at_once(self):
        self.assertEqual(self.states(), ["held"] * 3)
        self.change(at_once=3)
        self.assertEqual(self.states(), ["review"] * 3)
        self.assertFalse(any(self.settlements.mapped("is_check_due")))

    def test_many_are_looked_at_soon_after_and_it_is_said(self):
        triggers = self.root_env["ir.cron.trigger"].search_count([("cron_id", "=", self.cron.id)])
        told = []
        with patch.object(
            type(self.root_env["res.users"]), "_bus_send", lambda *args, **_kw: told.append(args)
        ):
            self.change()
        self.assertEqual(self.states(), ["held", "held", "review"])
        self.assertEqual(sum(self.settlements.mapped("is_check_due")), 2)
        self.assertEqual(
            self.root_env["ir.cron.trigger"].search_count([("cron_id", "=", self.cron.id)]),
            triggers + 1,
        )
        self.assertIn("2 settlements more", told[0][2]["message"])
        self.run_cron()
        self.assertEqual(self.states(), ["review"] * 3)
        self.assertFalse(any(self.settlements.mapped("is_check_due")))

    def test_booking_does_not_wait_for_it(self):
        self.change()
        self.settlements.action_post()
        self.assertEqual(self.states(), ["posted"] * 3)
        self.assertFalse(any(self.settlements.mapped("is_check_due")))

    def test_one_that_fails_keeps_no_other_waiting(self):
        self.change()
        bad, good = self.settlements.filtered("is_check_due")
        model = type(self.root_env["sp.settlement.check"])
        check = model._note

        def note(this, settlement, decision):
            if settlement == bad:
                raise ValueError("odd")
            return check(this, settlement, decision)

        with patch.object(model, "_note", note), mute_logger(sp_settlement_check.__name__):
            self.run_cron()
        self.assertEqual((bad.state, good.state), ("held", "review"))
        self.assertEqual((bad.is_check_due, good.is_check_due), (True, False))
        self.run_cron()
        self.assertEqual(self.states(), ["review"] * 3)

    def test_another_company_s_journal_is_refused(self):
        other = self.make_company("Elsewhere Ltd")
        self.set_up_accounts(other)
        for name in ("sp_journal_id", "sp_invoice_journal_id"):
            with self.assertRaisesRegex(ValidationError, "Elsewhere Ltd"), self.cr.savepoint():
                self.company[name] = other.sp_journal_id
        branch = self.root_env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        branch.sp_journal_id = self.company.sp_journal_id
