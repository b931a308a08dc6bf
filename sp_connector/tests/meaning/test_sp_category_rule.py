"""What Amazon's words mean: the shipped rules, and the company's own."""

import csv
from collections import Counter

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from ...engine.tests import helpers
from ...engine.words.classify import Classifier, shipped_rules
from ..common import ADDON, MANAGER, SpCase

# Triples of the first catalogue of words; more were met since.
CATALOGUE_SIZE = 518


class TestSpCategoryRule(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.root_env(user=cls.manager)
        cls.rules = cls.env["sp.category.rule"]
        cls.shipped = cls.rules.search([("company_id", "=", False)])

    def make(self, *words, category="other", **vals):
        names = ("transaction_type", "amount_type", "amount_description")
        rules = vals.pop("rules", self.rules)
        return rules.create({**dict(zip(names, words, strict=True)), "category": category, **vals})

    def match(self, *words, company=None):
        return self.rules._classifier(company or self.company).match(*words)

    # === SHIPPED === #

    def test_the_shipped_rules_are_those_of_the_csv(self):
        path = ADDON / "engine" / "words" / "sp.category.rule.csv"
        with path.open(encoding="utf-8", newline="") as lines:
            expected = list(csv.DictReader(lines))
        self.assertEqual(len(self.shipped), len(expected))
        for row in expected:
            rule = self.env.ref(f"sp_connector.{row['id']}")
            self.assertIn(rule, self.shipped)
            for name in ("transaction_type", "amount_type", "amount_description", "name"):
                self.assertEqual(rule[name] or "", row[name], row["id"])
            self.assertEqual(rule.category, row["category"], row["id"])
            self.assertEqual(rule.evidence, row["evidence"], row["id"])
            self.assertEqual(str(rule.at_period_end), row["at_period_end"], row["id"])

    def test_the_catalogue_is_covered_with_its_evidence(self):
        evidence = Counter(self.shipped.mapped("evidence"))
        defaults = evidence.pop("default")
        self.assertGreater(sum(evidence.values()), CATALOGUE_SIZE)
        self.assertEqual(set(evidence), {"real", "config", "doc", "inferred", "synthetic"})
        self.assertGreater(evidence["real"], 50)
        self.assertGreater(defaults, 0)
        self.assertTrue(all(self.shipped.mapped("category")))

    def test_odoo_and_the_engine_alone_understand_every_triple_alike(self):
        alone = Classifier(rule for rule, _evidence in shipped_rules())
        here = self.rules._classifier(self.company)
        for rule in self.shipped:
            words = [
                (word or "").replace("*", "X")
                for word in (rule.transaction_type, rule.amount_type, rule.amount_description)
            ]
            mine, theirs = here.match(*words), alone.match(*words)
            self.assertEqual(mine[:3], theirs[:3], words)
            self.assertNotEqual(mine.category, "unknown", words)
            self.assertEqual(mine.at_period_end, theirs.at_period_end)

    def test_reserves_go_with_the_end_of_the_period(self):
        """Reserves are posted seconds after the end (docs/facts/chains.md, "Reserves")."""
        marked = self.shipped.filtered("at_period_end")
        self.assertLessEqual({"reserve", "carried_balance"}, set(marked.mapped("category")))
        self.assertTrue(
            all(self.shipped.filtered(lambda rule: rule.category == "reserve").mapped(
                "at_period_end"
            ))
        )  # fmt: skip
        self.assertNotIn("sales", marked.mapped("category"))

    def test_the_shipped_rules_are_read_only_for_everybody(self):
        rule = self.shipped[0]
        for user in (self.manager, self.bookkeeper):
            mine = rule.with_user(user)
            self.assertTrue(mine.category)
            self.assertDenied(mine.write, {"category": "other"})
            self.assertDenied(mine.unlink)
        self.assertDenied(
            self.make, "A", "B", "C", company_id=False, rules=self.rules.with_user(self.manager)
        )
        admin = self.root_env.ref("base.user_admin")
        self.assertDenied(rule.with_user(admin).write, {"category": "other"})

    def test_a_rule_cannot_pretend_to_be_shipped(self):
        self.assertDenied(self.make, "A", "B", "C", evidence="real")
        rule = self.make("A", "B", "C")
        self.assertDenied(rule.write, {"company_id": False})
        self.assertDenied(rule.write, {"company_id": self.make_company("Lamps Inc").id})

    # === OWN === #

    def test_an_own_rule_beats_the_shipped_one(self):
        words = ("Order", "ItemFees", "Commission")
        self.assertEqual(self.match(*words).category, "selling_fees")
        rule = self.make(*words, category="advertising")
        found = self.match(*words)
        self.assertEqual((found.category, found.level), ("advertising", "exact"))
        self.assertEqual(found.rule.key, rule.id)
        self.assertEqual(rule.company_id, self.company)
        self.assertEqual(rule.evidence, "own")

    def test_an_own_rule_is_the_company_s_alone(self):
        other = self.make_company("Lamps Inc")
        self.make("MoonFees", "Moon Storage", "Base fee", category="storage_fees")
        words = ("MoonFees", "Moon Storage", "Base fee")
        self.assertEqual(self.match(*words).category, "storage_fees")
        self.assertEqual(self.match(*words, company=other).category, "unknown")

    def test_another_company_s_rule_releases_nothing_here(self):
        other = self.make_company("Lamps Inc")
        settlement = self.import_sample("v2_unknown_words.txt")
        for words in (("Order", "ItemFees", "TeleportFee"), ("MoonFees", "*", "*")):
            self.make(*words, company_id=other.id, rules=self.root_env["sp.category.rule"])
        settlement.action_check()
        self.assertHeld(settlement, "TeleportFee", "Moon Storage")

    def test_another_company_s_rules_are_not_seen(self):
        other = self.make_company("Lamps Inc")
        theirs = self.make(
            "A", "B", "C", company_id=other.id, rules=self.root_env["sp.category.rule"]
        )
        self.assertFalse(self.rules.search([("id", "=", theirs.id)]))
        self.assertDenied(theirs.with_user(self.manager).read, ["category"])
        stranger = self.make_user("stranger", MANAGER, other)
        self.assertTrue(theirs.with_user(stranger).read(["category"]))
        self.assertDenied(self.make, "D", "E", "F", company_id=other.id)

    # === EFFECT === #

    def test_a_rule_says_what_it_changes_and_what_stands_before_it(self):
        self.import_sample("v2_uk_gbp.txt")
        seen = {
            (line.transaction_type, line.amount_type, line.amount_description)
            for line in self.env["sp.settlement.line"].search([])
        }
        rule = self.make("*", "ItemFees", "*Commission", category="other")
        self.assertIn(f"Of {len(seen)} different words", rule.effect)
        self.assertIn("it changes 0.", rule.effect)
        self.assertIn("shipped rules stand before it", rule.effect)
        self.assertIn("• Order / ItemFees / Commission: Selling fees", rule.effect)
        self.assertEqual(self.match("Order", "ItemFees", "Commission").category, "selling_fees")

        rule.stands_first = True
        self.assertIn("• Order / ItemFees / Commission: Selling fees → Other", rule.effect)
        self.assertNotIn("stand before it", rule.effect)
        self.assertEqual(self.match("Order", "ItemFees", "Commission").category, "other")
        self.assertEqual(self.match("Order", "ItemFees", "Digital Services Fee").level, "exact")

    def test_a_long_list_of_changes_is_cut(self):
        rule = self.make("*", "Item*", "*", category="other")
        lines = rule.effect.splitlines()
        self.assertLess(len(lines), 30)
        self.assertIn("more.", lines[-1])

    def test_the_form_says_so_before_saving(self):
        with Form(self.rules) as form:
            form.transaction_type, form.amount_type = "*", "ItemFees"
            form.amount_description, form.category = "Comm*", "other"
            self.assertIn("• Order / ItemFees / Commission: Selling fees", form.effect)
            form.stands_first = True
            self.assertNotIn("stand before it", form.effect)
        self.assertFalse(self.shipped[0].effect, "of own rules only")

    def test_what_changes_is_of_the_own_company_s_words(self):
        other = self.make_company("Lamps Inc")
        stranger = self.make_user("stranger", MANAGER, other)
        self.import_sample("v2_unknown_words.txt")
        rules = self.root_env["sp.category.rule"].with_user(stranger)
        rule = self.make("MoonFees", "*", "*", company_id=other.id, rules=rules)
        self.assertIn("Of 0 different words", rule.effect)
        self.assertNotIn("Moon Storage", rule.effect)

    def test_a_branch_s_rule_counts_before_its_parent_s(self):
        root_rules = self.root_env["sp.category.rule"]
        branch = self.root_env["res.company"].create(
            {"name": "Tea Branch", "parent_id": self.company.id}
        )
        for company, category in ((branch, "refunds"), (self.company, "other")):
            self.make("A", "B", "C", category=category, company_id=company.id, rules=root_rules)
        self.assertEqual(root_rules._classifier(branch).match("A", "B", "C").category, "refunds")

    # === REASON === #

    def test_a_line_says_how_it_was_understood(self):
        settlement = self.import_words(
            "FBAFees/FBA Inventory Storage Fee/Tax on fee CGST",
            "FBAFees/Teleport Fee/Base fee",
            "Order/ItemFees/Commission",
            "order/ItemFees/Com mission",
        )
        reasons = {line.words: line.match_reason for line in settlement.line_ids}
        self.assertEqual(
            reasons["FBAFees / FBA Inventory Storage Fee / Tax on fee CGST"],
            "Follows from a rule: «FBAFees / FBA Inventory Storage Fee / Base fee»: "
            "Indian GST on this fee: input tax credit",
        )
        self.assertIn("«FBAFees / * / *»", reasons["FBAFees / Teleport Fee / Base fee"])
        self.assertEqual(reasons["Order / ItemFees / Commission"], "These very words")
        self.assertIn("Another spelling: «Order", reasons["order / ItemFees / Com mission"])
        line = settlement.line_ids.filtered(lambda line: "Teleport" in line.words)
        self.assertIn("Not known by name", line.action_view_mapping()["params"]["message"])

    def test_a_settlement_says_what_is_not_known_by_name(self):
        settlement = self.import_words("FBAFees/Teleport Fee/Base fee", "Order/ItemFees/Commission")
        self.assertIn("Not known by name", settlement.booking_note)
        self.assertIn("FBAFees / Teleport Fee / Base fee: FBA fees", settlement.booking_note)
        self.assertNotIn("Commission", settlement.booking_note)
        known = self.import_words("Order/ItemFees/Commission", ref="43")
        self.assertNotIn("Not known by name", known.booking_note or "")

    def test_an_update_reads_unbooked_settlements_again(self):
        settlement = self.import_words("FBAFees/FBA Inventory Storage Fee/Tax on fee CGST")
        self.assertEqual(settlement.line_ids.category, "tax_credit")
        settlement.line_ids.sudo().write({"category": "fba_fees", "match_steps": False})
        self.root_env["sp.settlement"]._regroup_unbooked(self.company)
        self.assertEqual(settlement.line_ids.category, "tax_credit")
        self.assertEqual(settlement.line_ids.match_steps, "input_tax")

    def import_words(self, *words, ref="42"):
        """Import a file with a row of -1.00 for each triple."""
        data = helpers.table(
            helpers.head(f"-{len(words)}.00", ref=ref),
            *(helpers.row(triple, "-1.00", ref=ref) for triple in words),
        )
        return self.import_file(data.encode())

    def test_a_star_alone_is_no_rule(self):
        for words in (("*", "*", "*"), ("", "", ""), ("", "*", " "), ("**", "* *", "")):
            with self.subTest(words):
                with self.assertRaisesRegex(ValidationError, "at least one word"):
                    with self.cr.savepoint():
                        self.make(*words)
        rule = self.make("A", "*", "*")
        with self.assertRaisesRegex(ValidationError, "at least one word"), self.cr.savepoint():
            rule.transaction_type = "*"

    def assertTwice(self, *words, first=None):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError) as caught:
            with self.cr.savepoint():
                self.make(*words)
        self.assertEqual(caught.exception.diag.constraint_name, "sp_category_rule_words_unique")
        message = self.rules._sql_error_to_message(caught.exception)
        self.assertIn("There already is a rule for these words.", message)

    def test_the_same_words_twice_are_refused(self):
        self.make("A", "B", "C")
        self.assertTwice("A", "B", "C")

    def test_blank_words_are_words(self):
        self.make("A", "", False)
        self.assertTwice("A", False, "")
        self.make("A", "", "C")

    def test_two_companies_may_say_the_same(self):
        other = self.make_company("Lamps Inc")
        self.make("A", "B", "C")
        self.make("A", "B", "C", company_id=other.id, rules=self.root_env["sp.category.rule"])
        self.assertEqual(
            self.root_env["sp.category.rule"].search_count([("transaction_type", "=", "A")]), 2
        )

    def test_only_categories_are_answers(self):
        for category in ("unknown", "deposit", "Sales"):
            with self.subTest(category):
                with self.assertRaisesRegex(ValidationError, f"«{category}» is no category"):
                    with self.cr.savepoint():
                        self.make("A", "B", "C", category=category)

    def test_a_rule_is_called_by_its_words(self):
        self.assertEqual(self.make("A", False, "C").display_name, "A /  / C")

    def test_the_bookkeeper_only_reads(self):
        rules = self.rules.with_user(self.bookkeeper)
        self.assertTrue(rules.search_count([]))
        with self.assertRaises(AccessError):
            self.make("A", "B", "C", rules=rules)
