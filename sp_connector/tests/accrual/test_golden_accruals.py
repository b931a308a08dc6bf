"""The books of accruals, compared with what was read and found right."""

from datetime import date, datetime

from odoo.tests import freeze_time, tagged

from .. import golden_entries
from .accrual_common import AccrualCase


@tagged("post_install", "-at_install")
class TestGoldenAccruals(AccrualCase):
    orders = 4
    is_gross = True

    def check(self, stem, accrual):
        with self.subTest(stem):
            golden_entries.compare(self, stem, golden_entries.render_accrual(accrual))

    def test_entry_reversal_difference_and_replacement(self):
        with freeze_time(datetime(2026, 2, 4, 9), tick=True):
            accrual = self.accrue(date(2026, 1, 31))
            accrual.action_book()
            self.check("accrual_entry", accrual)
        with freeze_time(datetime(2026, 2, 20, 9), tick=True):
            self.settle(datetime(2026, 2, 20))
            accrual.action_propose()
            accrual.action_book()
            self.check("accrual_difference", accrual)
            accrual.tax_setting = "net"
            accrual.action_replace()
            self.check("accrual_replaced", accrual)
