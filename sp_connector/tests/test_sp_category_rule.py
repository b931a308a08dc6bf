"""What Amazon's words mean: the shipped rules, and the company's own."""

import csv
from collections import Counter

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.tools import mute_logger

from ..engine.classify import Classifier, shipped_rules
from .common import ADDON, MANAGER, SpCase

# Triples of our catalogue of words, by where each was seen; the CSV keeps the evidence.
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
        path = ADDON / "data" / "sp.category.rule.csv"
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
        self.assertEqual(sum(evidence.values()), CATALOGUE_SIZE)
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
        """Trap B8, as data."""
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
