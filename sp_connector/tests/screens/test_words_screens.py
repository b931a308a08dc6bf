"""Words are found by what was met here, and stand beside where they book; V1's read like V2's."""

from odoo.tools.safe_eval import safe_eval

from ...engine.tests import helpers
from ..common import SpCase


class TestWordsScreens(SpCase):
    def test_rules_met_here_and_their_accounts(self):
        data = self.file(("Order/ItemPrice/Principal", "9.00"), total="9.00")
        line = self.import_file(data).line_ids
        rules = self.env["sp.category.rule"]
        arch = rules._get_view(view_type="search")[0]
        met = safe_eval(arch.find(".//filter[@name='met']").get("domain"))
        self.assertIn(line.rule_id, rules.search(met))
        other = rules.search([("category", "=", "loan"), ("company_id", "=", False)], limit=1)
        self.assertNotIn(other, rules.search(met))
        self.assertEqual(line.rule_id.account_id, self.account_of("sales"))

    def test_v1_reads_as_v2(self):
        sale = helpers.v1_row("Order", price_type="Principal", price_amount="9.00")
        data = helpers.table(helpers.head("9.00"), sale, columns=helpers.V1_COLUMNS)
        line = self.import_file(data.encode()).line_ids
        self.assertEqual(line.words, "Order / price-amount / Principal")
        self.assertEqual(line.amount_type, "V1:price-amount")

    def test_a_menu_adds_up_by_month_category_and_currency(self):
        data = self.file(
            ("Order/ItemPrice/Principal", "9.00"), ("Order/ItemFees/Commission", "-1.00"),
            total="8.00",
        )  # fmt: skip
        lines = self.import_file(data).line_ids
        groups = self.env["sp.settlement.line"]._read_group(
            [("id", "in", lines.ids)], ["kind", "currency_id"], ["amount:sum"]
        )
        self.assertEqual(
            [(kind, currency.name, amount) for kind, currency, amount in groups],
            [("fees", "GBP", -1.0), ("income", "GBP", 9.0)],
        )
