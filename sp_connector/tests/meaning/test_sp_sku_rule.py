"""Product lines of SKUs: analytics by marketplace and product line are the ledger's income."""

from datetime import date, datetime

from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ...engine.tests import helpers
from ..accrual.test_sp_accrual import AccrualCase
from ..common import SpCase

SALE, FEE = "Order/ItemPrice/Principal", "Order/ItemFees/Commission"
REFUND, TAX = "Refund/ItemPrice/Principal", "Order/ItemPrice/Tax"


class TestSpSkuRule(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_rate("EUR", "2025-12-01", 2.0)
        plans = cls.root_env["account.analytic.plan"]
        cls.places = plans.create({"name": "Marketplaces"})
        cls.products = plans.create({"name": "Product Lines"})
        cls.de, cls.fr = (cls.analytic(cls.places, name) for name in ("Germany", "France"))
        cls.books, cls.toys = (cls.analytic(cls.products, name) for name in ("Books", "Toys"))
        for place, account in (("de", cls.de), ("fr", cls.fr)):
            place = cls.env.ref(f"sp_connector.sp_marketplace_{place}")
            for category in ("sales", "refunds", "selling_fees"):
                mapping = cls.map_category(category, cls.account_of(category), place)
                mapping.analytic_distribution = {str(account.id): 100.0}
        cls.book_rule = cls.rule("BOOK-*", {cls.books: 100})
        cls.rule("SET-1", {cls.books: 40, cls.toys: 60})
        cls.rule("TOY-*", {cls.toys: 100})

    @classmethod
    def analytic(cls, plan, name):
        return cls.root_env["account.analytic.account"].create(
            {"name": name, "plan_id": plan.id, "company_id": cls.company.id}
        )

    @classmethod
    def rule(cls, pattern, shares, **vals):
        distribution = {str(account.id): share for account, share in shares.items()}
        return (
            cls.root_env["sp.sku.rule"]
            .with_user(cls.manager)
            .create(
                {
                    "pattern": pattern,
                    "analytic_distribution": distribution,
                    "company_id": cls.company.id,
                    **vals,
                }
            )
        )

    @classmethod
    def settlement(cls, ref="42"):
        """Sales, fees and a refund of three products and one without a line, in two places."""
        rows, total = [], 0
        for place, factor in (("Amazon.de", 1), ("Amazon.fr", 2)):
            for number, sku in enumerate(("BOOK-1", "BOOK-2", "SET-1", "TOY-9", "LAMP"), 1):
                cells = {"marketplace_name": place, "sku": sku, "order_id": f"{place}-{number}"}
                cells |= {"order_item_code": f"{factor}{number}", "ref": ref}
                for words, amount in ((SALE, 1000), (FEE, -150), (TAX, 190), (REFUND, -333)):
                    amount *= factor * number
                    total += amount
                    rows.append(helpers.row(words, f"{amount / 100:.2f}", **cells))
        total = f"{total / 100:.2f}"
        return cls.import_file(cls.file(*rows, total=total, currency="EUR", ref=ref))

    def sums(self, settlement):
        """{(analytic account or none of it): sum of analytic items by plan}."""
        items = settlement._active_moves().line_ids.analytic_line_ids
        found = {}
        for plan in (self.places, self.products):
            column = plan._column_name()
            for account in items.mapped(column):
                amounts = items.filtered(lambda one: one[column] == account).mapped("amount")  # noqa: B023
                found[account] = round(sum(amounts), 2)
        return found

    def test_analytic_items_add_up_to_the_income_of_the_ledger(self):
        settlement = self.settlement()
        settlement.action_post()
        self.assertBalanced(settlement)
        items = settlement._active_moves().line_ids
        results = items.filtered(
            lambda item: item.account_id.internal_group in ("income", "expense")
        )
        sums = self.sums(settlement)
        # By hand, in pounds: a number has 10.00 − 1.50 − 3.33 = 5.17 EUR, 1 to 5 of them.
        self.assertAlmostEqual(sums[self.de], 5.17 * 15 / 2, delta=0.02)
        self.assertAlmostEqual(sums[self.fr], 5.17 * 15, delta=0.02)
        self.assertEqual(
            round(sums[self.de] + sums[self.fr], 2), -round(sum(results.mapped("balance")), 2)
        )
        # Books: 1, 2 and two fifths of 3; toys: the rest of it and 4; both places: 1.5 pounds.
        self.assertAlmostEqual(sums[self.books], 5.17 * (3 + 1.2) * 1.5, delta=0.02)
        self.assertAlmostEqual(sums[self.toys], 5.17 * (1.8 + 4) * 1.5, delta=0.02)
        # Balances have none: sales tax, the payout.
        self.assertFalse((items - results).analytic_line_ids)
        keys = {tuple(sorted(item.analytic_distribution or {})) for item in results}
        self.assertIn((",".join(sorted((str(self.de.id), str(self.books.id)), key=int)),), keys)
        (line,) = settlement.line_ids.filtered(
            lambda line: line.category == "sales" and line.product_line_name == "Toys 100 %"
            and line.marketplace_name == "Amazon.de"
        )  # fmt: skip
        self.assertEqual((line.amount, line.row_count), (40, 1))

    def test_without_rules_nothing_is_split(self):
        split = self.settlement()
        digest, lines = split.digest, len(split.line_ids)
        self.root_env["sp.sku.rule"].search([]).unlink()
        self.assertLess(len(split.line_ids), lines, "made anew when a rule changes")
        self.assertEqual(split.line_ids.mapped("product_line"), [False] * len(split.line_ids))
        self.assertEqual(split.digest, digest)
        self.assertEqual(split.amount_rows, split.amount_total)

    def test_a_change_waits_for_what_is_booked(self):
        settlement = self.settlement()
        settlement.action_post()
        before = self.sums(settlement)
        self.book_rule.analytic_distribution = {str(self.toys.id): 100.0}
        self.assertEqual(self.sums(settlement), before)
        self.assertEqual(settlement.state, "posted")
        settlement.action_undo()
        settlement.action_post()
        self.assertGreater(self.sums(settlement)[self.toys], before[self.toys])

    def test_what_would_change_is_shown_before_and_booked_anew(self):
        settlement, other = self.settlement(), self.import_sample("v2_uk_gbp.txt")
        (settlement | other).action_post()
        before, lines = self.sums(settlement), settlement.line_ids
        rule = self.book_rule.with_env(self.root_env(user=self.manager))
        to_toys = {"analytic_distribution": {str(self.toys.id): 100.0}}
        action = rule.action_what_would_change(to_toys)
        preview = rule.env["sp.change.preview"].browse(action["res_id"])
        (row,) = preview.settlement_ids
        self.assertEqual(row.settlement_id, settlement)
        self.assertIn("analytic", row.note)
        self.assertEqual(rule.analytic_distribution, {str(self.books.id): 100.0}, "not saved")
        self.assertEqual(settlement.line_ids, lines)
        # Nothing changes where the rule says what it said.
        same = rule.action_what_would_change({"analytic_distribution": rule.analytic_distribution})
        self.assertFalse(rule.env["sp.change.preview"].browse(same["res_id"]).settlement_ids)
        rule.write(to_toys)
        (outcome,) = self.env["sp.change"]._compare_booked(settlement | other)
        self.assertEqual(outcome.settlement, settlement)
        self.env["sp.settlement.rebook"]._rebook(settlement)
        self.assertEqual(settlement.state, "posted")
        self.assertGreater(self.sums(settlement)[self.toys], before[self.toys])
        self.assertFalse(self.env["sp.change"]._compare_booked(settlement | other))

    def test_the_preview_names_both(self):
        settlement = self.settlement()
        entries = self.env["sp.settlement.preview"]._prepare(settlement)
        texts = str(entries)
        self.assertIn("Germany, Books 100 %", texts)
        self.assertIn("France, Toys 60 %", texts)

    def test_a_tax_class_and_a_product_line_come_from_two_rules(self):
        self.root_env["sp.sku.rule"].create(
            {"pattern": "BOOK-1", "tax_class": "zero", "company_id": self.company.id}
        )
        settlement = self.settlement()
        found = {
            (line.tax_class, line.product_line_name)
            for line in settlement.line_ids
            if line.category == "sales"
        }
        self.assertIn(("zero", "Books 100 %"), found)
        self.assertIn((False, "Books 100 %"), found)
        # One with a line alone does not take the tax class of a wider one away.
        grouping = self.company._sp_grouping()
        self.assertEqual(grouping.sku_classes.find("BOOK-1"), "zero")

    def test_a_rule_says_something_and_once(self):
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.rule("NOTHING-*", {})
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.rule("book-*", {self.toys: 100})

    def test_a_mandatory_plan_holds_what_odoo_would_refuse(self):
        """Asked as Odoo asks: by company, account and kind of entry."""
        self.products.applicability_ids.create(
            {
                "analytic_plan_id": self.products.id,
                "company_id": self.company.id,
                "business_domain": "general",
                "applicability": "mandatory",
                "account_prefix": self.account_of("sales").with_company(self.company).code,
            }
        )
        settlement = self.settlement()
        self.assertHeld(settlement, "Product Lines", "mandatory", "Sales")
        self.rule("LAMP", {self.toys: 100})
        self.assertEqual(settlement.state, "review", settlement.hold_reason)
        settlement.action_book()
        moves = settlement._active_moves()
        moves.with_context(validate_analytic=True).action_post()
        self.assertEqual(settlement.state, "posted")


@tagged("post_install", "-at_install")
class TestAccruedProductLines(AccrualCase):
    orders = 2

    def test_what_is_accrued_has_the_product_line_of_its_skus(self):
        plan = self.root_env["account.analytic.plan"].create({"name": "Product Lines"})
        lamps = self.root_env["account.analytic.account"].create(
            {"name": "Lamps", "plan_id": plan.id, "company_id": self.company.id}
        )
        distribution = {str(lamps.id): 100.0}
        with freeze_time(datetime(2026, 2, 4, 9), tick=True):
            accrual = self.accrue(date(2026, 1, 31))
            plain = {line.key: line.amount for line in accrual.line_ids}
            self.root_env["sp.sku.rule"].create(
                {
                    "pattern": "LAMP",
                    "analytic_distribution": distribution,
                    "company_id": self.company.id,
                }
            )
            accrual.action_propose()
            self.assertEqual(sum(accrual.line_ids.mapped("amount")), sum(plain.values()))
            self.assertFalse(plain.keys() & set(accrual.line_ids.mapped("key")))
            accrual.action_book()
        self.assertEqual(accrual.state, "posted")
        entry = accrual.move_ids.filtered(lambda move: move.date == accrual.date)
        for item in entry.line_ids:
            is_result = item.account_id.internal_group in ("income", "expense")
            expected = distribution if is_result else False
            self.assertEqual(item.analytic_distribution, expected, item.name)
        balances = entry.line_ids.filtered("analytic_distribution").mapped("balance")
        analytic = entry.line_ids.analytic_line_ids.mapped("amount")
        self.assertAlmostEqual(sum(analytic), -sum(balances), places=2)
