"""The scheduled action of the first days of a month."""

from datetime import date, datetime

from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .accrual_common import AccrualCase

JANUARY = date(2026, 1, 31)


@tagged("post_install", "-at_install")
class TestMonth(AccrualCase):
    orders = 4

    def setUp(self):
        super().setUp()
        self.cron = self.root_env.ref("sp_connector.ir_cron_accrue")
        self.assertFalse(self.cron.active, "as it is shipped")
        self.cron.active = True
        self.other = self.connect(self.fake.add_seller(("DE",), name="Seller 2"), "Europe 2")
        for connection in self.connection + self.other:
            self.root_env["sp.accrual"].create(
                {
                    "connection_id": connection.id,
                    "company_id": self.company.id,
                    "date": date(2025, 12, 31),
                }
            )

    def run_at(self, moment):
        """Run what is due at a moment: the action, what it wants asked, and what that wants."""
        with freeze_time(moment, tick=True):
            for _again in range(2):
                self.cron.method_direct_trigger()
                self.root_env.ref("sp_connector.ir_cron_accrual_ask").method_direct_trigger()
        self.root_env.invalidate_all()

    def made(self, day=JANUARY):
        return self.root_env["sp.accrual"].search([("date", "=", day)])

    def test_it_accrues_the_month_before_whatever_its_length(self):
        seen = []
        self.patch(
            self.registry["sp.accrual.month"], "_accrue", lambda _self, one: seen.append(one.date)
        )
        for moment, cut_off in (
            (datetime(2026, 1, 5), date(2025, 12, 31)),
            (datetime(2026, 2, 2, 23), None),
            (datetime(2026, 2, 3), JANUARY),
            (datetime(2026, 3, 7, 23), date(2026, 2, 28)),
            (datetime(2026, 3, 8), None),
            (datetime(2026, 5, 3, 12), date(2026, 4, 30)),
            (datetime(2028, 3, 4), date(2028, 2, 29)),
        ):
            seen.clear()
            with freeze_time(moment):
                self.cron.method_direct_trigger()
            # Of December there are the accruals that somebody made; nothing was before them.
            is_made = cut_off and cut_off > date(2025, 12, 31)
            self.assertEqual(seen, [cut_off] * 2 if is_made else [], moment)

    def test_where_the_month_ends_later_it_waits_until_amazon_has_told_all(self):
        self.company.sudo().sp_time_zone = "America/Los_Angeles"
        self.run_at(datetime(2026, 2, 3, 7))
        self.assertFalse(self.made())
        self.run_at(datetime(2026, 2, 3, 9))
        self.assertEqual(len(self.made()), 2)

    def test_one_that_fails_stops_no_other_and_is_told(self):
        self.company.sudo().sp_accrual_tax = "with_tax"
        ask = self.registry["sp.accrual.sync"]._ask_page

        def ask_page(service, accrual, search):
            if accrual.connection_id == self.other:
                raise ZeroDivisionError("out of luck")
            return ask(service, accrual, search)

        self.patch(self.registry["sp.accrual.sync"], "_ask_page", ask_page)
        with mute_logger("odoo.addons.sp_connector.models.accrual.sp_accrual_sync"):
            for _again in range(2):
                self.run_at(datetime(2026, 2, 4, 9))
        one = self.made().filtered(lambda one: one.connection_id == self.connection)
        self.assertEqual((one.state, len(one.move_ids)), ("posted", 2), "once")
        self.assertEqual((one.account_id, one.tax_setting), (self.accrued, "with_tax"))
        self.assertFalse(one.activity_ids)
        failed = self.made() - one
        self.assertEqual((failed.state, len(failed.activity_ids)), ("draft", 1))
        self.assertIn("out of luck", failed.problem)
        # The next day it is tried again, and has nothing to accrue.
        self.patch(self.registry["sp.accrual.sync"], "_ask_page", ask)
        self.run_at(datetime(2026, 2, 5, 9))
        self.assertTrue(failed.asked_at)

    def test_a_missing_role_and_a_locked_month_are_told(self):
        self.fake.set_options(has_finances=False)
        self.run_at(datetime(2026, 2, 4, 9))
        for accrual in self.made():
            self.assertIn("role", accrual.activity_ids.note)
            accrual.activity_ids.unlink()
        self.fake.set_options(has_finances=True)
        self.company.sudo().fiscalyear_lock_date = JANUARY
        self.run_at(datetime(2026, 2, 5, 9))
        one = self.made().filtered(lambda one: one.connection_id == self.connection)
        self.assertEqual((one.state, len(one.move_ids)), ("proposal", 0))
        self.assertIn("locked", one.activity_ids.note)
