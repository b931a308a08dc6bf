"""Unified accounts, companies and branches: in whose books a settlement belongs."""

from odoo.exceptions import AccessError, ValidationError

from ...engine.tests.helpers import head, row, table
from ..common import MANAGER, USER, SpCase
from ..sync_common import SyncCase


class TestBooks(SyncCase):
    def setUp(self):
        super().setUp()
        self.shop = self.make_company("Lamps GmbH", "EUR")
        self.set_up_accounts(self.shop)
        self.set_rate("EUR", "2020-01-01", 1.2)
        self.germany = self.place("Amazon.de")

    def place(self, name):
        return self.connection.participation_ids.filtered(
            lambda place: place.marketplace_id.name == name
        )

    def journal(self, company, code):
        return self.root_env["account.journal"].create(
            {"name": code, "code": code, "type": "general", "company_id": company.id}
        )

    def arrived(self, *names):
        self.at_amazon(*names)
        self.run_crons()
        return self.root_env["sp.settlement"].search(
            [("connection_id", "=", self.connection.id)], order="settlement_ref"
        )

    def test_each_marketplace_has_its_company_and_journal(self):
        journal = self.journal(self.shop, "AMZDE")
        self.germany.write({"booking_company_id": self.shop.id, "journal_id": journal.id})
        uk, de = self.arrived("v2_uk_gbp.txt", "v2_de_eur_comma.txt")
        self.assertEqual((uk.company_id, de.company_id), (self.company, self.shop))
        self.assertEqual(uk.state, "review", uk.hold_reason)
        (uk | de).action_post()
        self.assertEqual(de.move_id.company_id, self.shop)
        self.assertEqual(de._active_moves().journal_id, journal)
        self.assertEqual(uk.move_id.journal_id, self.company.sp_journal_id)
        for settlement in (uk, de):
            self.assertBalanced(settlement)
        self.assertEqual(self.reports.mapped("state"), ["imported", "imported"])

    def test_the_other_company_reads_with_its_own_rules(self):
        """Words, tax classes and the time zone are those of the company that books."""
        self.germany.booking_company_id = self.shop
        self.root_env["sp.sku.rule"].create(
            {"pattern": "*-*", "tax_class": "reduced", "company_id": self.shop.id}
        )
        uk, de = self.arrived("v2_uk_gbp.txt", "v2_de_eur_comma.txt")
        self.assertTrue(any(de.line_ids.mapped("tax_class")))
        self.assertFalse(any(uk.line_ids.mapped("tax_class")))

    def test_the_same_settlement_comes_once(self):
        self.germany.booking_company_id = self.shop
        self.arrived("v2_de_eur_comma.txt")
        self.at_amazon("v2_de_eur_comma.txt")
        self.connection.next_sync_at = False
        self.run_crons()
        self.assertEqual(len(self.settlements) + len(self.arrived()), 1)
        self.assertEqual(self.states(), ["duplicate", "imported"])

    def euro(self, ref, german, french):
        """Let a settlement of so many German and French sales arrive."""
        places = ["Amazon.de"] * german + ["Amazon.fr"] * french
        rows = [row("Order/ItemPrice/Principal", "10,00", ref, marketplace_name=x) for x in places]
        total = f"{10 * len(rows)},00"
        self.fake.add_report(table(head(total, ref, "EUR"), *rows).encode(), self.seller)
        self.connection.next_sync_at = False
        self.run_crons()
        return self.root_env["sp.settlement"].search([("settlement_ref", "=", ref)])

    def test_the_company_of_an_account_never_changes_with_its_rows(self):
        """Revenue would go to another firm, and chains of settlements would break."""
        self.germany.booking_company_id = self.shop
        first = self.euro("501", 3, 1)
        second = self.euro("502", 1, 3)
        third = self.euro("503", 0, 2)
        self.assertEqual((first | second | third).company_id, self.shop)
        for settlement in first | second | third:
            self.assertIn("Rows of Amazon.fr", settlement.hold_reason)
            self.assertIn(self.company.name, settlement.hold_reason)
        for place in self.connection.participation_ids:
            if place.marketplace_id.currency_id.name == "EUR":
                place.booking_company_id = self.shop
        (first | second | third).action_check()
        self.assertEqual(set((first | second | third).mapped("state")), {"review"})
        self.assertEqual(self.euro("504", 0, 2).company_id, self.shop)

    def test_what_is_not_in_use_is_held_and_not_announced(self):
        self.connection.write({"notice": "each", "user_id": self.manager.id})
        self.set_up_accounts(self.company)
        self.germany.is_active = False
        uk, de = self.arrived("v2_uk_gbp.txt", "v2_de_eur_comma.txt")
        self.assertEqual((uk.state, de.state), ("review", "held"))
        self.assertIn("Amazon.de: not in use on Europe", de.hold_reason)
        self.assertTrue(uk.activity_ids)
        self.assertFalse(de.activity_ids)
        digest = self.env["sp.notice"]._digest_parts(self.connection, False)
        told = [item.record for part in digest for item in part.items]
        self.assertIn(uk, told)
        self.assertNotIn(de, told)
        # Ticked again, it is looked at again.
        self.germany.with_user(self.manager).is_active = True
        self.assertNotIn("not in use", de.hold_reason or "")

    def test_a_marketplace_that_is_opened_later_is_in_use(self):
        netherlands = self.place("Amazon.nl")
        self.assertFalse(netherlands.is_participating or netherlands.is_active)
        found = self.env["sp.client"]._ask(
            self.connection, lambda partner: partner.participations()
        )
        opened = [one._replace(is_participating=True) for one in found]
        self.germany.is_active = False
        self.env["sp.connection.marketplace"]._store(self.connection, opened)
        self.assertTrue(netherlands.is_participating and netherlands.is_active)
        self.assertFalse(self.germany.is_active)

    def test_a_journal_of_another_company_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "is not one of"):
            self.germany.journal_id = self.journal(self.shop, "AMZDE")

    def test_nobody_books_into_a_company_that_is_not_his(self):
        with self.assertRaises(AccessError):
            self.germany.with_user(self.manager).booking_company_id = self.shop


class TestBranches(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.root_env["res.company"].create(
            {"name": "Tea Branch", "parent_id": cls.company.id}
        )
        cls.clerk = cls.make_user("clerk", USER, cls.branch)

    def test_a_branch_books_with_the_mapping_and_journal_of_its_parent(self):
        settlement = self.import_sample(
            "v2_uk_gbp.txt", company=self.branch, env=self.root_env(user=self.clerk)
        )
        self.assertEqual(settlement.state, "review", settlement.hold_reason)
        settlement.action_post()
        self.assertBalanced(settlement)
        move = settlement.sudo().move_id
        self.assertEqual(move.company_id, self.branch)
        self.assertEqual(move.journal_id, self.company.sp_journal_id)
        why = settlement.line_ids.mapping_id
        self.assertEqual(why.company_id, self.company)
        self.assertTrue(why[0].display_name)

    def test_a_line_of_the_branch_beats_its_parents(self):
        own = self.make_account("Branch Sales", company=self.company)
        manager = self.make_user("branch_manager", MANAGER, self.branch)
        mapping = self.root_env(user=manager)["sp.account.mapping"]
        mapping.create({"category": "sales", "account_id": own.id, "company_id": self.branch.id})
        uk = self.root_env.ref("sp_connector.sp_marketplace_uk")
        self.map_category("sales", self.make_account("UK Sales"), uk)
        settlement = self.import_sample(
            "v2_uk_gbp.txt", company=self.branch, env=self.root_env(user=self.clerk)
        )
        sales = settlement.line_ids.filtered(lambda line: line.category == "sales")
        self.assertEqual(sales.account_id, own)
        with self.assertRaises(AccessError):
            mapping.search([("company_id", "=", self.company.id)], limit=1).label = "Mine"

    def test_a_change_of_the_parent_reaches_the_branch(self):
        settlement = self.import_file(
            self.file(("Order/ItemPrice/ExportCharge", "2.00"), total="2.00"),
            company=self.branch,
            env=self.root_env(user=self.clerk),
        )
        self.assertEqual(settlement.state, "held")
        self.map_category("other", self.make_account("Other"))
        self.assertEqual(settlement.state, "review")

    def test_the_lock_of_the_parent_holds_the_branch(self):
        self.company.fiscalyear_lock_date = "2026-12-31"
        settlement = self.import_sample(
            "v2_uk_gbp.txt", company=self.branch, env=self.root_env(user=self.clerk)
        )
        self.assertIn("Global Lock Date", settlement.hold_reason)
