"""The list of settlements answers the day's question, and finds what people type."""

from lxml import etree

from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

from ..common import SpCase


class TestSettlementList(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_all_rates()
        cls.posted = cls.import_sample("v2_uk_gbp.txt")
        cls.posted.action_post()
        cls.held = cls.import_sample("v2_unknown_words.txt")
        arch = cls.env["sp.settlement"].get_view(view_type="search")["arch"]
        cls.search_view = etree.fromstring(arch)

    def find(self, domain):
        mine = Domain("company_id", "=", self.company.id)
        return self.env["sp.settlement"].search(Domain(domain) & mine)

    def type_in(self, text):
        """What Enter finds: the first field of the search box."""
        first = self.search_view.find("field")
        return self.find(safe_eval(first.get("filter_domain"), {"self": text}))

    def test_enter_finds_settlement_order_and_entry(self):
        self.assertEqual(self.type_in(self.held.settlement_ref), self.held)
        order = self.posted.row_ids.filtered("order_ref")[0].order_ref
        self.assertEqual(self.type_in(order), self.posted)
        self.assertEqual(self.type_in(self.posted.move_id.name), self.posted)
        self.assertFalse(self.type_in("nothing of all this"))

    def test_it_opens_with_what_is_not_posted(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("sp_connector.sp_settlement_action")
        names = [
            name.removeprefix("search_default_")
            for name in safe_eval(action["context"])
            if name.startswith("search_default_")
        ]
        (domain,) = [
            self.search_view.find(f".//filter[@name='{name}']").get("domain") for name in names
        ]
        self.assertEqual(self.find(safe_eval(domain)), self.held)
