"""What holds a settlement beside its words: said when it arrives, mended by one button."""

from odoo.exceptions import UserError

from ..common import SpCase


class TestSpSettlementHold(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_all_rates()
        cls.dollar = cls.root_env.ref("base.CAD")

    # === INACTIVE CURRENCY === #

    def test_an_inactive_currency_holds_until_a_manager_activates_it(self):
        self.dollar.active = False
        settlement = self.import_sample("v1_ca_cad_33_columns.txt")
        self.assertTrue(settlement.lacks_currency)
        self.assertHeld(settlement, "CAD is not active")
        self.assertDenied(settlement.action_activate_currency)
        settlement.with_user(self.manager).action_activate_currency()
        self.assertTrue(self.dollar.active)
        self.assertEqual((settlement.state, settlement.lacks_currency), ("review", False))

    def test_a_currency_that_was_archived_holds_again_and_no_draft_of_it_is_posted(self):
        waiting = self.import_sample("v1_ca_cad_33_columns.txt")
        draft = self.import_sample("v1_ca_cad_36_columns.txt")
        draft.action_book()
        self.dollar.active = False
        self.assertEqual((waiting.state, draft.state), ("held", "booked"))
        self.assertIn("CAD is not active", draft.newer_plan_note)
        with self.assertRaisesRegex(UserError, "CAD is not active"):
            draft.action_post()
        self.dollar.active = True
        self.assertEqual(waiting.state, "review")
        draft.action_post()
        self.assertEqual(draft.state, "posted")
