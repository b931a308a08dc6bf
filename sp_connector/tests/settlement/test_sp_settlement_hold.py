"""What holds a settlement beside its words: said when it arrives, mended by one button."""

from odoo.exceptions import UserError
from odoo.tools import html2plaintext

from ...engine.books.findings import Finding, dump
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

    # === CODES AND WORDS === #

    def test_each_reader_reads_the_reason_in_the_own_language(self):
        self.root_env["res.currency.rate"].search([]).unlink()
        settlement = self.import_sample("v1_ca_cad_33_columns.txt")
        self.root_env["res.lang"]._activate_lang("fr_FR")
        french = settlement.with_context(lang="fr_FR")
        self.assertIn("01/31/2026", settlement.hold_reason)
        self.assertIn("31/01/2026", french.hold_reason)

    def test_held_ones_are_grouped_by_their_first_reason(self):
        held = self.import_sample("v2_unknown_words.txt", "v2_does_not_sum.txt")
        found = self.env["sp.settlement"]._read_group(
            [("id", "in", held.ids)], ["hold_code"], ["__count"]
        )
        self.assertEqual(dict(found), {"unknown_words": 1, "difference": 1})

    def test_the_chatter_has_a_line_for_each_new_reason_and_no_more(self):
        settlement = self.import_file(self.file(("A/B/C", "2.00"), total="2.00"))
        self.assertEqual(self.told(settlement), ["Held: Unknown words"])
        settlement.action_check()
        self.map_words("A/B/C", "other")
        self.assertEqual(settlement.hold_code, "no_account")
        self.assertEqual(self.told(settlement), ["Held: Unknown words", "Held: No account"])
        self.map_category("other", self.make_account("Exports"))
        self.assertFalse(settlement.hold_code)
        self.assertEqual(len(self.told(settlement)), 2)

    def told(self, settlement):
        bodies = settlement.sudo().message_ids.sorted("id").mapped("body")
        return [html2plaintext(body) for body in bodies if "Held" in body]

    def test_a_reason_whose_record_was_deleted_asks_for_a_check(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        missing = self.root_env["account.account"].search([], order="id desc", limit=1).id + 1
        found = Finding("archived", {"record": ("account.account", missing), "categories": ()})
        settlement.sudo().hold_findings = dump([found])
        self.assertIn("deleted meanwhile", settlement.hold_reason)
