"""The set-up creates accounts and journal on request, once, for one company."""

from ...engine.words.categories import BALANCING, CATEGORIES, DEPOSIT
from ...models.proposals.account_places import PROPOSALS
from ..common import MANAGER, SpCase

CREATED = ("account.account", "account.journal", "sp.account.mapping")


class TestSetupAccounts(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls.make_company("Fresh Ltd")
        cls.shop_manager = cls.make_user("shop_manager", MANAGER, cls.shop)
        cls.env = cls.root_env(user=cls.shop_manager)

    def _counts(self):
        self.env.flush_all()
        return {name: self.root_env[name].search_count([]) for name in CREATED}

    def open(self):
        return self.env["sp.setup"].create({"registration": "no"})

    def _mapping(self):
        mappings = self.env["sp.account.mapping"].search([])
        self.assertEqual(mappings.company_id, self.shop)
        return {mapping.category: mapping.account_id for mapping in mappings}

    def test_importing_creates_no_account(self):
        before = self._counts()
        settlement = self.import_sample("v2_uk_gbp.txt", company=self.shop)
        self.assertEqual(settlement.state, "held")
        settlement.action_book()
        self.assertEqual(self._counts(), before)
        self.assertFalse(self.shop.sp_journal_id)

    def test_apply_creates_journal_and_accounts(self):
        self.open().action_apply()
        journal = self.shop.sp_journal_id
        self.assertEqual(
            (journal.name, journal.code, journal.type, journal.company_id),
            ("Amazon Settlements", "AMZ", "general", self.shop),
        )
        mapping = self._mapping()
        self.assertEqual(set(mapping), {*BALANCING, *CATEGORIES} - {"other", "unknown"})
        for proposal in PROPOSALS:
            accounts = {mapping[category] for category in proposal.categories}
            self.assertEqual(len(accounts), 1, proposal.name)
            (account,) = accounts
            self.assertEqual(account.name, proposal.name)
            self.assertEqual(account.account_type, proposal.account_type)
            self.assertEqual(account.reconcile, proposal.reconcile)
            self.assertEqual(account.company_ids, self.shop)
            self.assertTrue(account.with_company(self.shop).code)
        self.assertTrue(mapping[DEPOSIT].reconcile)

    def test_each_category_goes_to_its_type_of_account(self):
        self.open().action_apply()
        types = {
            "income": "income",
            "other_income": "income_other",
            "expense": "expense",
            "liability": "liability_current",
            "loan": "liability_current",
            "asset": "asset_current",
            "clearing": "asset_current",
            "card": "asset_current",
        }
        mapping = self._mapping()
        for category, kind in CATEGORIES.items():
            if kind:
                self.assertEqual(mapping[category].account_type, types[kind], category)

    def test_a_second_apply_creates_nothing(self):
        self.open().action_apply()
        before, mapping = self._counts(), self._mapping()
        journal = self.shop.sp_journal_id
        setup = self.open()
        self.assertEqual(setup.journal_id, journal)
        self.assertEqual(len(setup.line_ids.account_id), len(PROPOSALS))
        setup.action_apply()
        self.assertEqual(self._counts(), before)
        self.assertEqual(self._mapping(), mapping)
        self.assertEqual(self.shop.sp_journal_id, journal)

    def test_chosen_accounts_and_journal_are_used(self):
        own = self.make_account("Shop Sales", company=self.shop)
        journal = self.env["account.journal"].create(
            {"name": "Marketplaces", "code": "MKT", "type": "general"}
        )
        setup = self.open()
        setup.journal_id = journal
        setup.line_ids.filtered(lambda line: line.account_name == "Amazon Sales").account_id = own
        setup.action_apply()
        self.assertEqual(self._mapping()["sales"], own)
        self.assertEqual(self.shop.sp_journal_id, journal)
        names = self.env["account.account"].search([]).mapped("name")
        self.assertNotIn("Amazon Sales", names)
        self.assertFalse(self.env["account.journal"].search([("name", "=", "Amazon Settlements")]))

    def test_accounts_of_the_proposed_names_are_found(self):
        own = self.make_account("Amazon Sales", company=self.shop)
        setup = self.open()
        line = setup.line_ids.filtered(lambda line: line.account_name == "Amazon Sales")
        self.assertEqual(line.account_id, own)
        setup.action_apply()
        self.assertEqual(self._mapping()["sales"], own)

    def test_accounts_of_another_company_are_not_found(self):
        """The first company has accounts of all the proposed names."""
        self.assertTrue(self.account_of("sales"))
        setup = self.open()
        self.assertFalse(setup.line_ids.account_id)
        setup.action_apply()
        for account in self._mapping().values():
            self.assertEqual(account.company_ids, self.shop)
        self.assertEqual(self.account_of("sales").company_ids, self.company)

    def test_a_taken_journal_code_is_left_alone(self):
        taken = self.env["account.journal"].create(
            {"name": "Amazonia", "code": "AMZ", "type": "general"}
        )
        self.open().action_apply()
        journal = self.shop.sp_journal_id
        self.assertNotEqual(journal, taken)
        self.assertEqual(journal.code, "AMZ2")

    def test_apply_releases_what_waited_for_it(self):
        settlement = self.import_sample("v2_uk_gbp.txt", company=self.shop)
        self.assertTrue(settlement.needs_mapping)
        self.open().action_apply()
        self.assertEqual(settlement.state, "review")
        settlement.action_post()
        self.assertBalanced(settlement)

    def test_a_company_with_odoo_s_own_chart_posts_at_once(self):
        """It has taxes by default, and codes of six digits."""
        us = self.root_env.ref("base.us")
        self.shop.country_id = us
        self.root_env["account.chart.template"].try_loading("generic_coa", self.shop, False)
        accounts = self.env["account.account"].search([])
        self.assertTrue(self.shop.account_sale_tax_id)
        self.open().action_apply()
        for account in self._mapping().values():
            self.assertRegex(account.with_company(self.shop).code, r"^\d{6}$")
            self.assertNotIn(account, accounts)
        settlement = self.import_sample("v2_uk_gbp.txt", company=self.shop)
        if self.shop.currency_id != settlement.currency_id:  # the chart may bring its own
            self.set_rate("GBP", "2026-01-01", 0.8, self.shop)
            settlement.action_check()
        settlement.action_post()
        self.assertEqual(settlement.state, "posted")
        self.assertFalse(settlement.move_id.line_ids.tax_ids)
        self.assertBalanced(settlement)
