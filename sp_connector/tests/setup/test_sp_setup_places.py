"""Where the set-up puts accounts, what it asks, and what it makes of accounts that exist."""

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form

from ...models.proposals.account_places import PROPOSALS, names, table
from ..common import MANAGER, SpCase

CREATED = ("account.account", "account.journal", "sp.account.mapping")


class PlacesCase(SpCase):
    """A company with Odoo's generic chart, and its manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls.make_company("Fresh Inc", "USD")
        cls.load()
        cls.shop_manager = cls.make_user("shop_manager", MANAGER, cls.shop)
        cls.env = cls.root_env(user=cls.shop_manager, context={"allowed_company_ids": cls.shop.ids})

    @classmethod
    def load(cls):
        cls.root_env["account.chart.template"].try_loading("generic_coa", cls.shop, False)

    def open(self):
        """The set-up as the company's manager sees it, by purpose."""
        setup = self.env["sp.setup"].create({"registration": "no"})
        return setup, {line.key: line for line in setup.line_ids}

    def assertStates(self, lines, **states):
        self.assertEqual({key: lines[key].account_state for key in states}, states)

    def account(self, code):
        return self.env["account.account"].search([("code", "=", code)])

    def make(self, name, code, account_type="income", **vals):
        return self.make_account(name, account_type, self.shop, code=code, **vals)

    def counts(self):
        self.env.flush_all()
        return {name: self.root_env[name].search_count([]) for name in CREATED}


class TestUnknownChart(PlacesCase):
    """A chart by hand: nobody but a person knows where accounts belong."""

    @classmethod
    def load(cls):
        for code, name, kind in (
            ("1000", "Other debtors", "asset_current"),
            ("1500", "Stock", "asset_current"),
            ("2000", "Creditors", "liability_current"),
            ("3000", "Goodwill amortisation", "expense"),
            ("3500", "Werbekosten", "expense"),
            ("5000", "Turnover", "income"),
        ):
            cls.make_account(name, kind, cls.shop, code=code)

    def test_nothing_is_created_without_a_person_s_confirmation(self):
        before = self.counts()
        setup, lines = self.open()
        self.assertEqual(set(setup.line_ids.mapped("account_state")), {"ask"})
        self.assertFalse(any(setup.line_ids.mapped("is_created")))
        for line in setup.line_ids:
            self.assertIn("Tick to create", line.account_note)
            self.assertIn(line.code, line.account_note)
        with self.assertRaisesRegex(UserError, "Nothing is decided"):
            setup.action_apply()
        self.assertEqual(self.counts(), before)
        self.assertFalse(self.shop.sp_journal_id)

    def test_only_what_is_confirmed_is_created_and_the_rest_is_named(self):
        setup, lines = self.open()
        lines["sales"].is_created = True
        before = self.env["account.account"].search([])
        action = setup.action_apply()
        created = self.env["account.account"].search([]) - before
        self.assertEqual((created.name, created.code), ("Amazon Sales", lines["sales"].code))
        mapped = self.env["sp.account.mapping"].search([])
        self.assertEqual(set(mapped.mapped("category")), {"sales"})
        self.assertEqual(action["params"]["type"], "warning")
        self.assertIn("Advertising", action["params"]["message"])
        self.assertNotIn("Sales,", action["params"]["message"])
        self.assertEqual(action["params"]["next"]["type"], "ir.actions.act_window_close")

    def test_the_proposal_stands_beside_an_account_of_the_same_kind(self):
        _setup, lines = self.open()
        beside = {key: line.why for key, line in lines.items()}
        self.assertIn("5000 Turnover", beside["sales"])
        self.assertIn("3500 Werbekosten", beside["advertising"])
        self.assertIn("1000 Other debtors", beside["reserve"])
        self.assertEqual(lines["sales"].code, "5001")
        self.assertRegex(lines["advertising"].code, "^350")
        self.assertEqual(len(set(line.code for line in lines.values())), len(PROPOSALS))

    def test_a_person_s_own_code_and_tags_are_taken(self):
        tag = self.root_env["account.account.tag"].create(
            {"name": "Turnover", "applicability": "accounts"}
        )
        setup, lines = self.open()
        lines["sales"].write(
            {"is_created": True, "code": "5100", "tag_ids": [Command.set(tag.ids)]}
        )
        setup.action_apply()
        self.assertEqual(self.account("5100").tag_ids, tag)

    def test_a_company_without_any_account_is_not_asked(self):
        bare = self.make_company("Bare Ltd")
        env = self.root_env(context={"allowed_company_ids": bare.ids})
        setup = env["sp.setup"].create({"company_id": bare.id, "registration": "no"})
        self.assertEqual(set(setup.line_ids.mapped("account_state")), {"create"})
        self.assertEqual(
            {line.key: line.code for line in setup.line_ids},
            {proposal.key: table()["generic_coa"][proposal.key].slot for proposal in PROPOSALS},
        )


class TestChangedChart(PlacesCase):
    def test_an_account_that_was_renumbered_asks(self):
        self.account("400000").code = "400009"
        _setup, lines = self.open()
        self.assertEqual(
            (lines["sales"].account_state, lines["reserve"].account_state), ("ask", "create")
        )
        self.assertIn("400000", lines["sales"].account_note)

    def test_an_account_with_other_tags_asks(self):
        self.account("600000").tag_ids = False
        _setup, lines = self.open()
        self.assertEqual(
            (lines["fba_fees"].account_state, lines["sales"].account_state), ("ask", "create")
        )

    def test_other_groups_ask(self):
        self.root_env["account.group"].create(
            {"name": "Odd", "code_prefix_start": "45001", "company_id": self.shop.id}
        )
        _setup, lines = self.open()
        self.assertEqual(
            (lines["reimbursements"].account_state, lines["sales"].account_state), ("ask", "create")
        )
        self.assertIn("Odd", lines["reimbursements"].group_name)

    def test_a_group_around_both_does_not_ask(self):
        self.root_env["account.group"].create(
            {"name": "Income", "code_prefix_start": "4", "company_id": self.shop.id}
        )
        setup, lines = self.open()
        self.assertEqual(lines["reimbursements"].account_state, "create")
        self.assertIn("Income", lines["reimbursements"].group_name)
        setup.action_apply()
        self.assertEqual(self.account("450010").group_id.name, "Income")

    def test_a_full_range_asks(self):
        self.make_many(range(450010, 450100))
        before = self.counts()
        setup, lines = self.open()
        self.assertEqual(
            (lines["reimbursements"].account_state, lines["sales"].account_state), ("ask", "create")
        )
        self.assertIn("450099", lines["reimbursements"].account_note)
        setup.action_apply()
        self.assertFalse(lines["reimbursements"].account_id)
        self.assertEqual(
            self.counts()["account.account"], before["account.account"] + len(PROPOSALS) - 1
        )

    def make_many(self, codes):
        self.root_env["account.account"].create(
            [
                {
                    "name": f"Used {code}",
                    "code": f"{code}",
                    "account_type": "income_other",
                    "company_ids": [Command.set(self.shop.ids)],
                }
                for code in codes
            ]
        )

    def test_an_archived_neighbour_is_still_a_neighbour(self):
        self.account("400000").active = False
        _setup, lines = self.open()
        self.assertEqual(lines["sales"].account_state, "create")

    def test_a_neighbour_s_tag_is_never_inherited(self):
        tag = self.root_env["account.account.tag"].create(
            {"name": "Stock", "applicability": "accounts"}
        )
        self.make("Odd", "121909", "asset_current", tag_ids=[Command.set(tag.ids)])
        self.make("Odder", "450009", "income_other", tag_ids=[Command.set(tag.ids)])
        setup, _lines = self.open()
        setup.action_apply()
        self.env.flush_all()
        self.assertEqual(self.account("121910").name, "Amazon Marketplace Debt")
        self.assertFalse(self.account("121910").tag_ids)
        self.assertFalse(self.account("450010").tag_ids)

    def test_a_taken_code_is_passed_over(self):
        taken = self.make("Own", "400010")
        archived = self.make("Archived", "400011", active=False)
        setup, lines = self.open()
        self.assertEqual(lines["sales"].code, "400012")
        setup.action_apply()
        self.assertNotIn(lines["sales"].account_id, taken + archived)


class TestExistingAccounts(PlacesCase):
    def test_an_account_with_a_name_of_an_older_release_is_used(self):
        own = self.make("Amazon Sales", "400050", tag_ids=self.account("400000").tag_ids)
        _setup, lines = self.open()
        self.assertEqual(lines["sales"].account_id, own)
        self.assertEqual(lines["sales"].account_state, "use")

    def test_an_account_with_the_name_in_another_language_is_used(self):
        self.root_env["res.lang"]._activate_lang("de_DE")
        own = self.make("Amazon Umsatzerlöse", "400050", tag_ids=self.account("400000").tag_ids)
        _setup, lines = self.open()
        self.assertEqual(lines["sales"].account_id, own)

    def test_a_renamed_account_at_our_code_is_used(self):
        own = self.make("Turnover on Amazon", "400010", tag_ids=self.account("400000").tag_ids)
        _setup, lines = self.open()
        self.assertEqual(lines["sales"].account_id, own)

    def test_what_the_company_mapped_comes_first(self):
        mapped = self.make("Web shop", "400090")
        self.make("Amazon Sales", "400050")
        self.env["sp.account.mapping"].create(
            {"category": "sales", "company_id": self.shop.id, "account_id": mapped.id}
        )
        _setup, lines = self.open()
        self.assertEqual(lines["sales"].account_id, mapped)
        self.assertEqual(lines["sales"].account_state, "use")

    def test_the_company_s_own_marketing_account_is_left_alone(self):
        own = self.make("Advertising", "600500", "expense")
        _setup, lines = self.open()
        self.assertFalse(lines["advertising"].account_id)
        self.assertEqual(lines["advertising"].account_state, "create")
        self.assertNotEqual(lines["advertising"].code, own.code)

    def test_an_account_of_the_wrong_kind_is_not_used(self):
        self.make("Amazon Sales", "600500", "expense")
        self.make("Amazon Clearing", "121950", "asset_current", reconcile=False)
        _setup, lines = self.open()
        self.assertFalse(lines["sales"].account_id)
        self.assertFalse(lines["deposit"].account_id)

    def test_an_account_in_an_unexpected_place_is_shown_and_stays(self):
        own = self.make("Amazon Sales", "209999")
        setup, lines = self.open()
        line = lines["sales"]
        self.assertEqual((line.account_id, line.account_state), (own, "misplaced"))
        self.assertFalse(line.is_created)
        self.assertIn(line.code, line.account_note)
        setup.action_apply()
        self.assertEqual((own.with_company(self.shop).code, own.tag_ids.ids), ("209999", []))
        self.assertEqual(self.open()[1]["sales"].account_state, "misplaced")

    def test_it_is_moved_only_where_a_person_ticks_it(self):
        own = self.make("Amazon Sales", "209999")
        setup, lines = self.open()
        lines["sales"].is_created = True
        self.assertIn("Moves it", lines["sales"].account_note)
        setup.action_apply()
        own = own.with_company(self.shop)
        self.assertEqual(own.code, lines["sales"].code)
        self.assertTrue(table()["generic_coa"]["sales"].has(own.code))
        self.assertEqual(own.tag_ids, self.account("400000").tag_ids)
        self.assertEqual(self.open()[1]["sales"].account_state, "use")

    def test_instead_a_new_one_is_created_where_the_account_is_emptied(self):
        own = self.make("Amazon Sales", "209999")
        form = Form(self.env["sp.setup"])
        index = next(n for n in range(len(PROPOSALS)) if form.line_ids.edit(n).key == "sales")
        with form.line_ids.edit(index) as line:
            line.account_id = self.env["account.account"]
            self.assertTrue(line.is_created)
        form.save().action_apply()
        mapped = self.account_of("sales", self.shop)
        self.assertNotEqual(mapped, own)
        self.assertEqual(mapped.with_company(self.shop).code, "400010")

    def test_one_with_wrong_tags_is_in_an_unexpected_place(self):
        self.make("Amazon Sales", "400010", tag_ids=[Command.clear()])
        _setup, lines = self.open()
        self.assertEqual(lines["sales"].account_state, "misplaced")


class TestNamesAndBranches(PlacesCase):
    def test_names_are_stored_in_every_installed_language(self):
        for code in ("de_DE", "fr_FR", "ja_JP", "pt_BR"):
            self.root_env["res.lang"]._activate_lang(code)
        self.shop.partner_id.lang = "de_DE"
        setup, lines = self.open()
        self.assertEqual(lines["sales"].account_name, "Amazon Sales")
        setup.action_apply()
        for proposal in PROPOSALS:
            account = lines[proposal.key].account_id
            for lang in ("en_US", "de_DE", "fr_FR", "ja_JP"):
                self.assertEqual(
                    account.with_context(lang=lang).name, names(proposal.key)[lang[:2]]
                )
            self.assertEqual(account.with_context(lang="pt_BR").name, proposal.name)

    def test_the_set_up_speaks_the_user_s_language(self):
        self.root_env["res.lang"]._activate_lang("de_DE")
        self.shop_manager.lang = "de_DE"
        env = self.env(context={**self.env.context, "lang": "de_DE"})
        setup = env["sp.setup"].create({"registration": "no"})
        self.assertIn("Amazon Umsatzerlöse", setup.line_ids.mapped("account_name"))
        setup.action_apply()
        self.assertEqual(
            set(env["sp.setup"].create({"registration": "no"}).line_ids.mapped("account_state")),
            {"use"},
        )

    def test_a_branch_uses_the_accounts_of_its_company(self):
        setup, _lines = self.open()
        setup.action_apply()
        branch = self.root_env["res.company"].create(
            {"name": "Branch", "parent_id": self.shop.id, "country_id": self.shop.country_id.id}
        )
        env = self.root_env(context={"allowed_company_ids": branch.ids})
        of_branch = env["sp.setup"].create({"company_id": branch.id, "registration": "no"})
        self.assertEqual(set(of_branch.line_ids.mapped("account_state")), {"use"})
        self.assertEqual(of_branch.line_ids.account_id, setup.line_ids.account_id)

    def test_a_branch_and_its_company_never_share_a_code(self):
        branch = self.root_env["res.company"].create(
            {"name": "Branch", "parent_id": self.shop.id, "country_id": self.shop.country_id.id}
        )
        env = self.root_env(context={"allowed_company_ids": branch.ids})
        first = env["sp.setup"].create({"company_id": branch.id, "registration": "no"})
        self.assertEqual(set(first.line_ids.mapped("account_state")), {"create"})
        first.action_apply()
        setup, lines = self.open()
        self.assertFalse(setup.line_ids.account_id)
        setup.action_apply()
        self.assertFalse(set(first.line_ids.mapped("code")) & set(setup.line_ids.mapped("code")))
        self.assertEqual(lines["sales"].account_id.company_ids, self.shop)
