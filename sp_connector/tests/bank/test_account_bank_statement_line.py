"""Amazon's bank lines that nothing is matched with, by how long they are open."""

from ast import literal_eval
from datetime import timedelta

from odoo import fields

from ..common import MANAGER
from .test_sp_settlement_payment import Paid


class TestAccountBankStatementLine(Paid):
    def setUp(self):
        super().setUp()
        self.today = fields.Date.context_today(self.env["sp.settlement"])

    def line(self, amount, days, text="Rent", **vals):
        day = self.today - timedelta(days)
        return self.bank_line(amount, day, payment_ref=text, **vals)

    def open_lines(self, env=None):
        """What the menu lists: span → lines."""
        lines = (env or self.env)["account.bank.statement.line"]
        mine = [("sp_is_amazon", "=", True), ("is_reconciled", "=", False)]
        return dict(lines._read_group(mine, ["sp_age"], ["id:recordset"]))

    def test_open_lines_that_name_amazon_are_listed_by_age(self):
        partner = self.company._sp_bank_partners()
        week = self.line(1.0, 7, "amzn mktp de")
        month = self.line(2.0, 8, partner_id=partner.id) | self.line(3.0, 30, "AMZ 42")
        longer = self.line(4.0, 31, "Amazon Payments")
        matched = self.line(100.0, 1, "AMAZON")
        self.line(5.0, 1)
        self.match(matched, (self.sell(0, "100.00"), None))
        self.assertEqual(
            self.open_lines(),
            {"week": week.with_env(self.env), "month": month.with_env(self.env), "longer": longer},
        )
        self.assertEqual((month[0].sp_age, matched.sp_age), ("month", False))
        self.assertEqual((month[1].sp_is_amazon, matched.sp_is_amazon), (True, True))
        lines = self.env["account.bank.statement.line"]
        found = lines.search([("sp_age", "in", ["week", "longer"]), ("sp_is_amazon", "=", True)])
        self.assertEqual(found, week | longer)
        self.assertIn(matched, lines.search([("sp_age", "=", False)]))
        self.company.sp_bank_words = "MKTP"
        self.assertEqual(set(self.open_lines()), {"week", "month"})

    def test_the_menus_list_both_sides(self):
        waiting = self.sell(0, "100.00")
        line = self.line(7.0, 3, "AMAZON")
        for xmlid, record in (
            ("sp_settlement_action_waiting", waiting),
            ("account_bank_statement_line_action", line),
        ):
            action = self.env["ir.actions.act_window"]._for_xml_id(f"sp_connector.{xmlid}")
            model = self.env[action["res_model"]]
            context = literal_eval(action["context"])
            views = model.get_views([(view, kind) for view, kind in action["views"]])
            self.assertIn("list", views["views"])
            domain = literal_eval(action["domain"] or "[]")
            self.assertIn(record.id, model.with_context(**context).search(domain).ids)

    def test_lines_of_another_company_are_out_of_sight(self):
        self.line(7.0, 3, "AMAZON")
        other = self.make_company("Lamps Inc")
        env = self.root_env(
            user=self.make_user("stranger", MANAGER, other),
            context={"allowed_company_ids": other.ids},
        )
        self.assertEqual(self.open_lines(env), {})
