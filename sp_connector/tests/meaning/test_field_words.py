"""Files with the words that sellers met, through the whole of Odoo."""

from ...engine.tests.words.test_field_words import INDIAN_WEEK
from ..common import MANAGER, SpCase


class TestFieldWords(SpCase):
    def test_an_indian_week_is_posted_with_the_gst_of_its_fees_as_an_asset(self):
        self.root_env.ref("base.INR").active = True
        shop = self.make_company("Chai Ltd", "INR", "in")
        keeper = self.make_user("keeper", MANAGER, shop)
        self.set_up_accounts(shop, keeper)
        env = self.root_env(user=keeper, context={"allowed_company_ids": shop.ids})
        settlement = self.import_file(INDIAN_WEEK.encode(), company=shop, env=env)
        self.assertEqual(settlement.state, "review", settlement.hold_reason)
        settlement.action_book()
        settlement.action_post()
        self.assertEqual(settlement.state, "posted")
        lines = settlement.line_ids.filtered(lambda line: line.category == "tax_credit")
        items = lines.move_line_id
        self.assertAlmostEqual(sum(items.mapped("balance")), 15.27)
        self.assertEqual(set(items.account_id.mapped("account_type")), {"asset_current"})
        note = settlement.booking_note or ""
        self.assertIn("FBAFees / Teleport Fee / Tax on fee CGST", note, "a fall-back is shown")
