"""Category × marketplace × company → account."""

from decimal import Decimal

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError
from odoo.tools import mute_logger

from ...engine.books.entry import PlanLine
from ...engine.words.categories import BALANCING, CATEGORIES
from ..common import MANAGER, SpCase


class TestSpAccountMapping(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.root_env(user=cls.manager)
        cls.mappings = cls.env["sp.account.mapping"]
        cls.uk = cls.env.ref("sp_connector.sp_marketplace_uk")
        cls.germany = cls.env.ref("sp_connector.sp_marketplace_de")
        cls.own = cls.make_account("Own")

    def make(self, category, marketplace=None, account=None, **vals):
        return self.mappings.create(
            {
                "category": category,
                "marketplace_id": marketplace.id if marketplace else False,
                "account_id": (account or self.own).id,
                **vals,
            }
        )

    def find(self, category, marketplace=None, company=None):
        mapping = self.mappings._mapping(company or self.company)
        place = marketplace.id if marketplace else None
        rule = mapping.find(PlanLine(None, category, place, Decimal(1)))
        return rule.account if rule else None

    def test_the_payout_and_every_category_but_unknown_can_be_mapped(self):
        keys = [key for key, _label in self.mappings._selection_category()]
        self.assertEqual(keys, [*BALANCING, *(key for key in CATEGORIES if key != "unknown")])

    def test_a_marketplace_s_own_account_beats_the_general_one(self):
        general = self.account_of("sales").id
        self.assertEqual(self.find("sales", self.uk), general)
        mapping = self.make("sales", self.uk)
        self.assertEqual(mapping.company_id, self.company)
        self.assertEqual(self.find("sales", self.uk), self.own.id)
        self.assertEqual(self.find("sales", self.germany), general)
        self.assertEqual(self.find("sales"), general)
        self.assertEqual(self.find("refunds", self.uk), self.account_of("refunds").id)

    def test_no_account_is_none(self):
        self.assertIsNone(self.find("other", self.uk))
        self.assertIsNone(self.find("sales", company=self.make_company("Fresh Ltd")))

    def assertTwice(self, *args):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError) as caught:
            with self.cr.savepoint():
                self.make(*args)
        message = self.mappings._sql_error_to_message(caught.exception)
        self.assertIn("There already is a line for exactly this", message)

    def test_one_account_for_a_category_and_marketplace(self):
        self.assertTwice("sales")
        self.make("sales", self.uk)
        self.assertTwice("sales", self.uk)
        self.make("sales", self.germany)

    def test_each_company_has_its_own(self):
        other = self.make_company("Lamps Inc")
        self.set_up_accounts(other)
        stranger = self.make_user("stranger", MANAGER, other)
        self.make("other")
        self.assertIsNone(self.find("other", company=other))
        self.assertNotEqual(self.find("sales"), self.find("sales", company=other))
        theirs = self.mappings.with_user(stranger).search([])
        self.assertEqual(theirs.company_id, other)
        self.assertDenied(theirs.with_user(self.manager).read, ["category"])
        self.assertDenied(self.make, "other", company_id=other.id)
        codes = [Command.create({"company_id": other.id, "code": "SHARED"})]
        shared = self.make_account(
            "Shared", company=self.company | other, code_mapping_ids=codes
        ).with_user(self.manager)
        mine = self.make("other", self.uk, shared)
        self.assertDenied(mine.write, {"company_id": other.id})

    def test_an_account_of_another_company_is_refused(self):
        other = self.make_company("Lamps Inc")
        theirs = self.make_account("Theirs", company=other)
        with self.assertRaises(UserError), self.cr.savepoint():
            self.make("other", account=theirs.sudo())

    def test_a_new_account_releases_what_waited_for_it(self):
        settlement = self.import_file(
            self.file(("Order/ItemPrice/ExportCharge", "2.00"), total="2.00")
        )
        self.assertEqual(settlement.state, "held")
        mapping = self.make("other", self.germany)
        self.assertEqual(settlement.state, "held", "it names no marketplace")
        mapping.marketplace_id = False
        self.assertEqual(settlement.state, "review")
        mapping.unlink()
        self.assertEqual(settlement.state, "held")

    def test_a_booked_entry_keeps_its_account(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        settlement.action_book()
        before = self.entry(settlement)
        self.make("sales", self.uk)
        self.map_category("refunds", self.own)
        self.assertEqual(self.entry(settlement), before)
        lines = settlement.line_ids.filtered(lambda line: line.category == "refunds")
        self.assertEqual(lines.account_id, lines.move_line_id.account_id)
        settlement.action_undo()
        settlement.action_book()
        self.assertIn(("Refunds, Amazon.co.uk", "Own", 24.0), self.entry(settlement))

    def test_a_line_shows_the_account_it_will_go_to(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        line = settlement.line_ids.filtered(lambda line: line.category == "refunds")[0]
        self.assertEqual(line.account_id, self.account_of("refunds"))
        self.make("refunds", self.uk)
        self.env.invalidate_all()
        self.assertEqual(line.account_id, self.own)

    def test_words_fulfilment_analytic_and_label_reach_the_journal_item(self):
        plan = self.root_env["account.analytic.plan"].create({"name": "Channels"})
        channel = self.root_env["account.analytic.account"].create(
            {"name": "Amazon FBM", "plan_id": plan.id, "company_id": self.company.id}
        )
        distribution = {str(channel.id): 100.0}
        mapping = self.make(
            "sales",
            self.uk,
            amount_description="principal",
            fulfillment="MFN",
            analytic_distribution=distribution,
            label="Goods sent by ourselves",
        )
        settlement = self.import_sample("v2_uk_gbp.txt")
        lines = settlement.line_ids.filtered(lambda line: line.category == "sales")
        own = lines.filtered(lambda line: line.fulfillment == "MFN")
        self.assertEqual(own.mapping_id, mapping)
        self.assertTrue(lines - own)
        self.assertNotIn(mapping, (lines - own).mapping_id)
        settlement.action_post()
        self.assertBalanced(settlement)
        item = own.move_line_id
        self.assertEqual((item.account_id, item.name), (self.own, "Goods sent by ourselves"))
        self.assertEqual(item.analytic_distribution, distribution)
        self.assertFalse((lines - own).move_line_id.analytic_distribution)

    def test_an_account_in_use_cannot_be_deleted(self):
        self.make("other")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.cr.savepoint():
                self.own.unlink()
        self.assertTrue(self.own.exists())

    def test_it_is_called_by_category_and_place(self):
        self.assertEqual(self.make("sales", self.uk).display_name, "Sales, Amazon.co.uk")
        self.assertEqual(self.make("other").display_name.split(", ")[-1], "all marketplaces")

    def test_the_bookkeeper_only_reads(self):
        mappings = self.mappings.with_user(self.bookkeeper)
        self.assertTrue(mappings.search_count([]))
        self.assertDenied(mappings.create, {"category": "other", "account_id": self.own.id})
        self.assertDenied(mappings.search([], limit=1).write, {"category": "other"})
        self.assertDenied(mappings.search([], limit=1).unlink)
