"""What runs out is announced in time, once per span."""

from datetime import datetime, timedelta

from odoo.fields import Command
from odoo.tests import freeze_time
from odoo.tools.misc import file_open

from ..connect_common import MANAGER, USER, ConnectedCase

CRON = "sp_connector.ir_cron_daily_watch"
YEAR = timedelta(days=365)


class TestExpiry(ConnectedCase):
    def setUp(self):
        super().setUp()
        self.connection.user_id = self.manager
        self.cron = self.root_env.ref(CRON)

    def days_left(self, days, hours=1):
        self.connection.sudo().authorised_at = (
            datetime.now().replace(microsecond=0) - YEAR + timedelta(days=days, hours=hours)
        )

    def run_cron(self):
        """Run the scheduled action as the scheduler does."""
        self.cron.method_direct_trigger()
        self.root_env.invalidate_all()

    def test_days_in_the_last_month_and_hours_on_the_last_day(self):
        with freeze_time("2026-06-01 12:00:00"):
            now = datetime(2026, 6, 1, 12)
            for left, words in (
                ({"days": 364}, False),
                ({"days": 31}, False),
                ({"days": 29, "hours": 23}, "29 days"),
                ({"days": 2}, "2 days"),
                ({"hours": 23, "minutes": 59}, "23 hours"),
                ({"hours": 5}, "5 hours"),
                ({"seconds": -1}, "expired"),
            ):
                with self.subTest(left):
                    self.connection.sudo().authorised_at = now - YEAR + timedelta(**left)
                    self.assertEqual(self.connection.expires_in, words)

    def test_a_warning_at_sixty_thirty_seven_and_one_day_once_each(self):
        seen, warned = set(), []
        for days in (61, 60, 59, 31, 30, 29, 8, 7, 6, 2, 1, 0, -1, -5):
            self.days_left(days)
            for _run in range(2):
                self.run_cron()
                now = self.activities(self.connection, "reconnect")
                self.assertLessEqual(len(now), 1)
                if set(now.ids) - seen:
                    warned.append(days)
                    seen |= set(now.ids)
        self.assertEqual(warned, [60, 30, 7, 1])

    def test_the_warning_is_for_the_responsible_user_until_the_last_day(self):
        self.days_left(30)
        self.run_cron()
        activity = self.activities(self.connection, "reconnect")
        self.assertEqual(activity.user_id, self.manager)
        self.assertEqual(activity.date_deadline, self.connection.expires_at.date())
        self.assertIn("Amazon Europe", activity.summary)

    def test_without_a_responsible_user_the_managers_of_the_company_are_told(self):
        """The scheduler's own user is inactive: an activity of its would be seen by nobody."""
        elsewhere = self.make_company("Elsewhere Ltd")
        self.make_user("stranger", MANAGER, elsewhere)
        gone = self.make_user("gone", MANAGER)
        gone.active = False
        moved = self.make_user("moved", MANAGER, elsewhere)
        self.application.secret_date = datetime.now().date() - timedelta(days=170)
        for user in (self.root_env["res.users"], gone, moved):
            with self.subTest(user.login):
                self.connection.user_id = self.application.user_id = user
                self.connection.announced_days = self.application.announced_days = 0
                self.days_left(7)
                self.run_cron()
                for record, kind in (
                    (self.connection, "reconnect"),
                    (self.application, "rotate_secret"),
                ):
                    told = self.activities(record, kind).user_id
                    self.assertIn(self.manager, told)
                    self.assertFalse(told - told.filtered("active"))
                    self.assertLessEqual(self.company, told.company_ids)
                    self.assertNotIn(moved, told)

    def test_without_any_manager_the_administrators_are_told(self):
        self.connection.user_id = False
        self.manager.sudo().group_ids = [Command.set(self.root_env.ref(USER).ids)]
        self.connection.sudo()._set_state("reconnect_required", "invalid_grant")
        told = self.root_env["mail.activity"].search(
            [("res_model", "=", "sp.connection"), ("res_id", "=", self.connection.id)]
        )
        self.assertTrue(told.user_id)
        self.assertTrue(all(user.has_group("base.group_system") for user in told.user_id))

    def test_reconnecting_takes_the_warning_away_and_starts_over(self):
        self.days_left(7)
        self.run_cron()
        self.assertTrue(self.activities(self.connection, "reconnect"))
        self.connect()
        self.assertFalse(self.activities(self.connection, "reconnect"))
        self.run_cron()
        self.assertFalse(self.activities(self.connection, "reconnect"))
        self.days_left(7)
        self.run_cron()
        self.assertTrue(self.activities(self.connection, "reconnect"))

    def test_disconnected_and_unconnected_ones_are_not_warned_about(self):
        self.days_left(7)
        self.connection.sudo()._set_state("disconnected")
        self.run_cron()
        self.assertFalse(self.activities(self.connection, "reconnect"))

    def test_a_client_secret_s_age_is_announced_once_per_span(self):
        seen, warned = set(), []
        today = datetime.now().date()
        for days in (31, 30, 29, 15, 14, 13, 8, 7, 6, 2, 1, 0, -1):
            self.application.secret_date = today - timedelta(days=180 - days)
            for _run in range(2):
                self.run_cron()
                now = self.activities(self.application, "rotate_secret")
                self.assertLessEqual(len(now), 1)
                if set(now.ids) - seen:
                    warned.append(days)
                    seen |= set(now.ids)
        self.assertEqual(warned, [30, 14, 7, 1])
        self.assertEqual(now.user_id, self.application.user_id)

    def test_finishing_a_rotation_ends_the_warning_and_announces_the_next(self):
        today = datetime.now().date()
        self.application.secret_date = today - timedelta(days=150)
        self.run_cron()
        self.assertTrue(self.activities(self.application, "rotate_secret"))
        self.application.next_client_secret = self.fake.rotate_secret()
        self.application.action_finish_rotation()
        self.assertFalse(self.activities(self.application, "rotate_secret"))
        self.application.secret_date = today - timedelta(days=150)
        self.run_cron()
        self.assertTrue(self.activities(self.application, "rotate_secret"))

    def test_the_scheduled_action_is_shipped_inactive(self):
        with file_open("sp_connector/data/ir_cron_data.xml") as data:
            self.assertIn('<field name="active" eval="False" />', data.read())

    def test_the_first_connection_switches_the_scheduled_action_on(self):
        self.cron.active = False
        self.connect()
        self.cron.invalidate_recordset()
        self.assertTrue(self.cron.active)
