"""A wizard is its user's own: nobody else reads or changes it, and it reaches no other company."""

from odoo.tests import new_test_user
from odoo.tools.safe_eval import safe_eval

from ..common import MANAGER, SpCase


class TestWizardOwner(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.make_company("Lamps Inc")
        cls.stranger = cls.make_user("stranger", MANAGER, cls.other)
        cls.colleague = new_test_user(
            cls.root_env,
            "sp_test_colleague",
            groups=MANAGER,
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

        cls.application = cls.root_env["sp.application"].create(
            {
                "name": "Ours",
                "application_ref": "amzn1.sp.solution.1",
                "client_id": "amzn1.application-oa2-client.1",
                "company_ids": [(6, 0, cls.company.ids)],
            }
        )

    def mine(self, name):
        """A wizard's model, as the manager of the first company sees it."""
        env = self.root_env(user=self.manager, context={"allowed_company_ids": self.company.ids})
        return env[name]

    def wizards(self):
        return [
            self.env[name]
            for name, model in sorted(self.env.registry.items())
            if model._original_module == "sp_connector" and model._transient
        ]

    def test_every_wizard_has_the_rule(self):
        self.assertGreater(len(self.wizards()), 15)
        for wizard in self.wizards():
            with self.subTest(wizard._name):
                rules = self.root_env["ir.rule"].search(
                    [("model_id.model", "=", wizard._name), ("groups", "=", False)]
                )
                leaves = [
                    leaf
                    for rule in rules
                    for leaf in safe_eval(rule.domain_force, rule._eval_context())
                ]
                self.assertIn(("create_uid", "=", self.root_env.uid), leaves)

    def test_who_names_a_company_names_one_of_his(self):
        """Else a wizard's totals, accounts and names of another company could be read."""
        tried = 0
        for model in self.wizards():
            field = model._fields.get("company_id")
            if not field or field.related or (field.compute and not field.store):
                continue
            tried += 1
            with self.subTest(model._name):
                mine = self.mine(model._name)
                vals = {"company_id": self.other.id}
                if model._name == "sp.connect":
                    vals["application_id"] = self.application.id
                self.assertDenied(mine.create, vals)
        self.assertGreaterEqual(tried, 5)

    def test_nobody_reads_or_changes_another_one_s(self):
        mine = self.mine("sp.setup").create({})
        upload = self.env["sp.settlement.import"].create({})
        for user in (self.colleague, self.stranger):
            for record in (mine, mine.line_ids[0], upload):
                with self.subTest(f"{user.login}: {record._name}"):
                    theirs = record.with_env(self.root_env(user=user))
                    self.assertFalse(theirs.search([("id", "=", record.id)]))
                    self.assertDenied(theirs.read, ["display_name"])
                    self.assertDenied(theirs.write, {"company_id": self.company.id})
                    self.assertDenied(theirs.unlink)

    def test_wizards_about_a_record_reach_no_other_company(self):
        settlement = self.import_sample(
            "v2_uk_gbp.txt", company=self.other, env=self.root_env(user=self.stranger)
        )
        self.assertDenied(self.mine("sp.fixed.rate").create, {"settlement_id": settlement.id})
