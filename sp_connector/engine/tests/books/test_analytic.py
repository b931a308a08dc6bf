"""What the mapping says of analytics, with what a product line says."""

import json
import unittest
from decimal import Decimal

from ...books.analytic import Analytics
from ...books.entry import plan_entries
from ...books.lines import PlanLine
from ...books.mapping import Mapping, Rule

#: Marketplaces 1 and 2, product lines 11 and 12, a department 21.
ANALYTICS = Analytics({"1": "place", "2": "place", "11": "line", "12": "line", "21": "department"})


def combine(general, own):
    found = ANALYTICS.combine(json.dumps(general), json.dumps(own))
    return json.loads(found, parse_float=Decimal)


class TestAnalytics(unittest.TestCase):
    def test_one_alone_stays_as_it_is(self):
        self.assertEqual(ANALYTICS.combine('{"1": 100.0}', ""), '{"1": 100.0}')
        self.assertEqual(ANALYTICS.combine(None, '{"11": 100.0}'), '{"11": 100.0}')
        self.assertIsNone(ANALYTICS.combine(None, ""))

    def test_different_plans_stand_beside_each_other(self):
        found = ANALYTICS.combine('{"1": 100.0}', '{"11": 100.0}')
        self.assertEqual(found, '{"1,11": 100.0}')

    def test_of_one_plan_the_product_line_s_replaces(self):
        self.assertEqual(combine({"11": 100}, {"12": 100}), {"12": 100})
        self.assertEqual(combine({"1,11": 100}, {"12": 100}), {"1,12": 100})
        # Written alike, whatever it came from.
        self.assertEqual(ANALYTICS.combine('{"11": 100.0}', '{"12": 100.0}'), '{"12": 100.0}')

    def test_shares_are_shared_out(self):
        self.assertEqual(
            combine({"1": 60, "2": 40}, {"11": 50, "12": 50}),
            {"1,11": 30, "1,12": 30, "2,11": 20, "2,12": 20},
        )

    def test_what_is_not_distributed_to_the_whole_stays_so(self):
        self.assertEqual(combine({"1": 100}, {"11": 60}), {"1,11": 60, "1": 40})
        self.assertEqual(combine({"1": 60}, {"11": 100}), {"1,11": 60, "11": 40})

    def test_rounded_shares_add_up(self):
        thirds = {"11": Decimal("33.33"), "12": Decimal("66.67")}
        thirds = {key: str(share) for key, share in thirds.items()}
        text = "{" + ", ".join(f'"{key}": {share}' for key, share in thirds.items()) + "}"
        found = json.loads(ANALYTICS.combine('{"1": 50.0, "2": 50.0}', text), parse_float=Decimal)
        self.assertEqual(sum(found.values()), 100)
        self.assertTrue(all(share == round(share, 2) for share in found.values()))


class TestPlan(unittest.TestCase):
    RULES = (
        Rule("sales", "400", analytic='{"1": 100.0}'),
        Rule("selling_fees", "600"),
        Rule("sales_tax", "220", is_result=False),
        Rule("deposit", "clearing"),
    )

    def plan(self, *lines):
        total = sum((line.amount for line in lines), Decimal(0))
        mapping = Mapping(self.RULES, analytics=ANALYTICS)
        found = plan_entries(total, lines, mapping)
        self.assertTrue(found.proved)
        return [
            (item.account, item.analytic, item.balance)
            for part in found.parts
            for item in part.items
        ]

    def line(self, category, amount, product_line="", key=None):
        return PlanLine(
            key or (category, product_line), category, None, Decimal(amount),
            product_line=product_line,
        )  # fmt: skip

    def test_income_and_costs_have_it_and_balances_do_not(self):
        books, toys = '{"11": 100.0}', '{"12": 100.0}'
        found = self.plan(
            self.line("sales", 50, books),
            self.line("sales", 30, toys),
            self.line("sales", 20),
            self.line("selling_fees", -5, books),
            self.line("sales_tax", 7, books),
            self.line("sales_tax", 3),
        )
        self.assertEqual(
            found,
            [
                ("400", '{"1,11": 100.0}', -50),
                ("400", '{"1,12": 100.0}', -30),
                ("400", '{"1": 100.0}', -20),
                ("600", '{"11": 100.0}', 5),
                ("220", None, -10),
                ("clearing", None, 105),
            ],
        )

    def test_each_product_line_has_the_tax_of_its_own_rows(self):
        """Amazon's own cents, not what a rate gives each of them."""
        rules = (Rule("sales", "400", tax_mode="output_on_net", taxes=("vat",)), *self.RULES[2:])
        lines = [
            PlanLine(
                (words, product_line), category, None, Decimal(amount),
                words=("Order", "ItemPrice", words), tax_form="net", product_line=product_line,
            )
            for product_line, net, tax in (("a", "10.00", "2.01"), ("b", "10.00", "1.99"))
            for category, words, amount in (
                ("sales", "Principal", net), ("sales_tax", "Tax", tax),
            )
        ]  # fmt: skip
        found = plan_entries(
            Decimal(24), lines, Mapping(rules), tax_on=lambda taxes, amount: amount / 5
        )
        self.assertTrue(found.proved)
        taxed = {item.analytic: item.tax_balance for item in found.parts[0].items if item.tax}
        self.assertEqual(taxed, {"a": Decimal("-2.01"), "b": Decimal("-1.99")})

    def test_lines_with_equal_distributions_are_one_item(self):
        found = self.plan(
            self.line("sales", 1, '{"11": 100.0}', key=1), self.line("sales", 2, '{"11": 100.0}')
        )
        self.assertEqual(len(found), 2)


if __name__ == "__main__":
    unittest.main()
