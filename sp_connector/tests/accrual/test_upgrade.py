"""A former database: how it accrued is said in its set-up."""

import importlib.util

from odoo.tests import tagged

from ..common import ADDON
from ..sync_common import SyncCase


@tagged("post_install", "-at_install")
class TestUpgrade(SyncCase):
    def test_the_last_accrual_fills_the_set_up(self):
        env = self.root_env
        env["sp.account.mapping"].search([("category", "=", "accrued_income")]).unlink()
        account = self.make_account("Sales Not Billed", "asset_current")
        journal = env["account.journal"].create(
            {"name": "Cut-Off", "code": "CUT", "type": "general", "company_id": self.company.id}
        )
        for day, tax in (("2026-01-31", "net"), ("2026-02-28", "with_tax")):
            env["sp.accrual"].create(
                {
                    "connection_id": self.connection.id,
                    "company_id": self.company.id,
                    "date": day,
                    "journal_id": journal.id,
                    "account_id": account.id,
                    "tax_setting": tax,
                }
            )
        for _again in range(2):
            self.migrate("19.0.0.5.0/post-accruals.py")
        self.assertEqual(self.account_of("accrued_income"), account)
        self.assertEqual(
            (self.company.sp_accrual_journal_id, self.company.sp_accrual_tax), (journal, "with_tax")
        )

    def migrate(self, name):
        path = ADDON / "migrations" / name
        spec = importlib.util.spec_from_file_location("migration", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.migrate(self.root_env.cr, "19.0.0.4.0")
