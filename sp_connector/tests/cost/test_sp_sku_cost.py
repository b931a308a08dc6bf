"""Costs of SKUs: one for a day, above zero or free on purpose, kept and looked at again."""

from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from ..common import MANAGER
from ..cost_common import PRICE, CostCase


class TestSpSkuCost(CostCase):
    @mute_logger("odoo.sql_db")
    def test_what_is_no_cost_is_refused(self):
        self.set_cost("TEA", 2.5)
        for vals in (
            {"sku": "tea", "cost": 1.0},
            {"sku": "MUG", "cost": -1.0},
            {"sku": "MUG", "cost": 0.0},
            {"sku": "MUG", "cost": 1.0, "is_free": True},
        ):
            with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self.costs.create({"company_id": self.company.id, **vals})

    def test_blanks_around_a_sku_are_none_of_it_and_others_are(self):
        cost = self.set_cost(" BIO-1  _UK ", 2.5)
        self.assertEqual(cost.sku, "BIO-1  _UK")

    def trail(self):
        lines = self.root_env["sp.audit"].search([("res_model", "=", "sp.sku.cost")], order="id")
        self.assertEqual(lines.user_id, self.manager)
        return [(line.kind, line.before or "", line.after or "") for line in lines]

    def test_changes_are_kept_in_the_trail(self):
        cost = self.set_cost("TEA", 2.5)
        cost.cost = 3.0
        cost.unlink()
        new, changed, gone = self.trail()
        self.assertIn("TEA", new[2])
        self.assertEqual(changed, ("changed", "2.5", "3.0"))
        self.assertIn("3.0", gone[1])

    def test_many_at_once_are_each_kept_and_what_is_known_changes_nothing(self):
        self.set_cost("TEA", 2.5)
        costs = {("tea", False): 3.0, ("MUG", False): 1.0, ("MUG", date(2026, 1, 1)): 0.0}
        self.assertEqual(self.costs._take_over(self.company, costs), (2, 1))
        self.assertEqual([kind for kind, *_texts in self.trail()], ["new", "changed", "new", "new"])
        self.assertEqual(self.costs._take_over(self.company, costs), (0, 0))

    def test_what_waits_is_looked_at_again(self):
        self.book_costs()
        settlement = self.import_file(self.file(self.item(PRICE, "10.00"), total="10.00"))
        cost = self.set_cost("TEA", 2.5)
        self.assertEqual(settlement.state, "review")
        cost.unlink()
        self.assertEqual(settlement.state, "held")

    def test_another_company_s_manager_neither_sees_nor_changes_it(self):
        self.book_costs()
        cost = self.set_cost("TEA", 2.5)
        settlement = self.import_file(self.file(self.item(PRICE, "10.00"), total="10.00"))
        other = self.make_user("other", MANAGER, self.make_company("Other Ltd"))
        for record in (cost, settlement.goods_ids):
            mine = record.with_user(other)
            self.assertFalse(mine.search([("id", "=", record.id)]))
            with self.assertRaises(AccessError):
                mine.read(["sku"])
        with self.assertRaises(AccessError):
            self.root_env["sp.sku.cost"].with_user(other)._take_over(
                self.company, {("TEA", False): 9.0}
            )

    def test_a_branch_has_its_company_s_costs(self):
        self.book_costs()
        self.set_cost("TEA", 2.5)
        branch = self.root_env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.bookkeeper.company_ids |= branch
        env = self.root_env(
            user=self.bookkeeper, context={"allowed_company_ids": (branch | self.company).ids}
        )
        data = self.file(self.item(PRICE, "10.00"), total="10.00")
        settlement = self.import_file(data, company=branch.with_env(env), env=env)
        self.assertEqual(settlement.cost_of_goods, 2.5)
