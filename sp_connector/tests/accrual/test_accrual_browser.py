"""What people do at a month's end, in a real browser; skipped where there is none."""

from datetime import date, datetime

from odoo.tests import HttpCase, freeze_time, tagged

from .accrual_common import AccrualCase


@tagged("post_install", "-at_install")
class TestAccrualBrowser(AccrualCase, HttpCase):
    orders = 1

    def registry_enter_test_mode(self, **options):
        """The browser's requests have entered it already."""

    def test_ask_decide_book_and_look_behind_it(self):
        fees = self.root_env["sp.account.mapping"].search(
            [("company_id", "=", self.company.id), ("category", "=", "selling_fees")]
        )
        for code in ("de", "uk"):
            fees.copy(
                {"marketplace_id": self.root_env.ref(f"sp_connector.sp_marketplace_{code}").id}
            )
        fees.unlink()
        self.bookkeeper.action_id = False
        with freeze_time(datetime(2026, 2, 4, 9), tick=True):
            self.start_tour(
                "/odoo/action-sp_connector.sp_accrual_action/new",
                "sp_connector_accrual",
                login=self.bookkeeper.login,
            )
        accrual = self.root_env["sp.accrual"].search([("date", "=", date(2026, 1, 31))])
        self.assertEqual((accrual.state, len(accrual.move_ids)), ("posted", 2))
        self.assertIn(self.account_of("fba_fees"), accrual.move_ids.line_ids.account_id)
