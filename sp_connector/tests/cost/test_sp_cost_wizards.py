"""Costs from a file, and the settings: all or nothing, and what is wrong is said."""

import base64
import re

from odoo.exceptions import AccessError, UserError

from ...engine.tests.cost.test_table import CODES
from ..common import MANAGER
from ..cost_common import PRICE, CostCase


class TestSpCostImport(CostCase):
    def upload(self, *lines):
        data = "\n".join(("SKU;Valid From;Unit Cost", *lines)).encode()
        wizard = (
            self.root_env["sp.cost.import"]
            .with_user(self.manager)
            .create({"company_id": self.company.id, "file": base64.b64encode(data)})
        )
        return wizard, wizard.action_import()

    def test_a_file_is_taken_over_and_says_what_changed(self):
        self.set_cost("TEA", 2.5)
        _wizard, action = self.upload("tea;;2,75", "MUG;2026-01-01;1,2345", "PEN;;free")
        self.assertIn("2 are new, 1 changed, 0 were known", action["params"]["message"])
        self.assertEqual(
            [(one.sku, str(one.date_from or ""), one.cost) for one in self.costs.search([])],
            [("MUG", "2026-01-01", 1.2345), ("PEN", "", 0.0), ("TEA", "", 2.75)],
        )

    def test_one_wrong_line_stores_nothing_and_each_is_told_with_its_number(self):
        wizard, _action = self.upload("TEA;;2,75", "MUG;;", "PEN;;-1")
        self.assertFalse(self.costs.search([]))
        self.assertEqual(re.findall(r"Line (\d+)", wizard.fault_text), ["3", "4"])

    def test_every_fault_is_said(self):
        wizard = self.root_env["sp.cost.import"]
        said = {name for name in dir(wizard) if name.startswith("_say_")}
        self.assertEqual(said, {f"_say_{code}" for code in CODES})
        _wizard, _action = self.upload(
            *("A;;0", "B;;1.234", "C;;x", "D;;1;2", ";;1", "E;x;1", "F;01/02/2026;1"),
            *("G;;1", "G;;2"),
        )
        self.assertEqual(len(_wizard.fault_text.splitlines()), 8)


class TestSpCostSettings(CostCase):
    def test_what_could_not_be_booked_is_refused(self):
        open_account = self.make_account("Open", "asset_current", reconcile=True)
        for vals in (
            {"sp_cost_account_id": False},
            {"sp_inventory_account_id": False},
            {"sp_cost_since": False},
            {"sp_inventory_account_id": open_account.id},
            {"sp_cost_refunds": "share", "sp_cost_share": 0},
            {"sp_cost_refunds": "share", "sp_cost_share": 100},
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.book_costs(**vals)

    def test_who_changed_them_is_kept(self):
        self.book_costs()
        lines = self.root_env["sp.audit"].search(
            [("res_model", "=", "res.company"), ("field_label", "=", "Cost of Amazon's Goods")]
        )
        self.assertEqual(
            [(line.before, line.after) for line in lines], [("Not booked here", "Costs of SKUs")]
        )
        self.assertEqual(lines.user_id, self.manager)

    def test_another_company_s_manager_cannot_change_them(self):
        other = self.make_user("other", MANAGER, self.make_company("Other Ltd"))
        settings = self.root_env["sp.cost.settings"].with_user(other)
        with self.assertRaises(AccessError):
            settings.create({"company_id": self.company.id}).action_save()

    def test_an_archived_account_holds(self):
        self.book_costs()
        self.set_cost("TEA", 2.5)
        self.inventory_account.active = False
        settlement = self.import_file(self.file(self.item(PRICE, "10.00"), total="10.00"))
        self.assertHeld(settlement, "archived", "Inventory")
