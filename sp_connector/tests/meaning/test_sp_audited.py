"""Who changed what the books follow, from what to what, is kept, also of what is gone."""

import ast

from odoo.tools import html2plaintext

from ..common import SpCase


class TestSpAudited(SpCase):
    def trail(self, user):
        """What a user finds in the audit trail, the newest first."""
        action = self.root_env.ref("sp_connector.mail_message_action_audit")
        messages = self.root_env["mail.message"].with_user(user)
        return messages.search(ast.literal_eval(action.domain.strip()), order="id desc")

    def last(self):
        message = self.trail(self.manager)[0]
        self.assertEqual(message.author_id, self.manager.partner_id)
        return html2plaintext(message.body)

    def test_a_mapping_from_its_making_to_its_end(self):
        fees, other = (self.make_account(name, "expense") for name in ("Old Fees", "New Fees"))
        mapping = self.map_category("other", fees)
        self.assertRegex(self.last(), "Amazon Account Mapping .*Account: – → .*Old Fees")
        mapping.account_id = other
        self.assertRegex(self.last(), "Account: .*Old Fees → .*New Fees")
        before = len(self.trail(self.manager))
        mapping.account_id = other
        self.assertEqual(len(self.trail(self.manager)), before, "nothing changed")
        mapping.unlink()
        self.assertIn("deleted", self.last())

    def test_own_words_and_postings_stand_there_too(self):
        rule = self.map_words("A/B/C", "sales")
        self.assertIn("Category: – → Sales", self.last())
        rule.category = "refunds"
        self.assertIn("Category: Sales → Refunds", self.last())
        settlement = self.import_sample("v2_uk_gbp.txt")
        settlement.action_post()
        self.env.flush_all()
        self.cr.precommit.run()
        posted = self.trail(self.bookkeeper).filtered(lambda one: one.model == "sp.settlement")
        self.assertIn("Posted", "".join(posted.mapped("account_audit_log_preview")))
        self.assertIn(self.bookkeeper.partner_id, posted.author_id)

    def test_of_other_companies_nothing_is_found(self):
        other = self.make_company("Lamps Inc")
        stranger = self.make_user("stranger", "sp_connector.sp_connector_group_manager", other)
        self.map_words("A/B/C", "sales")
        bodies = "".join(map(str, self.trail(stranger).mapped("body")))
        self.assertNotIn("A / B / C", bodies)
