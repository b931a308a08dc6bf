"""Amounts of several currencies are never one number on a screen."""

from lxml import etree

from odoo.tests import tagged

from ..common import SpCase


@tagged("post_install", "-at_install")
class TestSums(SpCase):
    def test_a_list_that_adds_up_amounts_does_so_by_currency(self):
        views = self.root_env["ir.ui.view"].search(
            [("type", "=", "list"), ("model_data_id.module", "=like", "sp_connector%")]
        )
        seen = 0
        for view in views.filtered(lambda view: view.mode == "primary"):
            fields = self.root_env[view.model]._fields
            arch = etree.fromstring(view.arch)
            for node in arch.xpath("/list/field[@sum]"):
                field = fields[node.get("name")]
                if field.type != "monetary" or field.get_currency_field(
                    self.root_env[view.model]
                ).startswith("company_"):
                    continue
                seen += 1
                with self.subTest(view.xml_id, field=field.name):
                    self.assertEqual(arch.get("js_class"), "sp_currency_totals")
        self.assertGreater(seen, 5)

    def test_a_pivot_of_amounts_does_not_mix_currencies(self):
        views = self.root_env["ir.ui.view"].search(
            [("type", "=", "pivot"), ("model_data_id.module", "=like", "sp_connector%")]
        )
        self.assertTrue(views)
        for view in views:
            self.assertEqual(etree.fromstring(view.arch).get("js_class"), "sp_currency_pivot")
