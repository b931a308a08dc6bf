"""Automatic posting in a real browser: turned on, stopped by a new word, and going on."""

from datetime import datetime

from odoo.tests import HttpCase, tagged

from ..settlement.test_sp_settlement_gap import FIRST
from .test_sp_autopost import FEE, SALE, AutopostCase

WORDS = "MoonFees/MoonFees/Robot Storage Surcharge"


@tagged("post_install", "-at_install")
class TestAutopostTours(AutopostCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The browser signs in by itself; the test prepares, is Amazon and the scheduler.
        cls.env = cls.root_env
        cls.connection = cls.make_connection()

    def moment(self, day, seconds=0):
        """What arrives ends after today: the past is never booked by itself."""
        return super().moment((datetime.now() - FIRST).days + day, seconds)

    def tour(self, name, url="/odoo/amazon"):
        self.start_tour(url, f"sp_connector_{name}", login=self.manager.login)
        self.env.invalidate_all()

    def test_it_stops_at_a_new_word_says_so_and_goes_on_once_that_was_accepted(self):
        self.tour("autopost_on", "/odoo/action-sp_connector.sp_autopost_action")
        policy = self.env["sp.autopost"].search([("company_id", "=", self.company.id)])
        self.assertEqual((policy.mode, policy.user_id), ("post", self.manager))
        self.arrive(1).with_user(self.manager).action_post()
        same, new = (
            self.arrive(8),
            self.arrive(15, (SALE, "100.00"), (FEE, "-15.00"), (WORDS, "-4.00")),
        )
        self.run_scheduler()
        self.assertEqual((same.state, new.state), ("posted", "held"))
        self.tour("autopost_accept")
        self.assertEqual(new.state, "review", "one that a person freed is not posted unseen")
        self.run_scheduler()
        self.tour("autopost_stopped")
        self.assertEqual(new.state, "posted")
        later = self.arrive(22, (SALE, "100.00"), (FEE, "-15.00"), (WORDS, "-4.00"))
        self.run_scheduler()
        self.assertEqual(later.state, "posted")
        self.assertBalanced(later)
