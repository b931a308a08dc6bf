"""Proposed taxes: what is proposed, and that nothing is written unseen."""

from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form

from ..tax_common import ADS, ALL_FEES, FEES, SALES, TaxSetupCase


class TestSpTaxSetup(TaxSetupCase):
    """A British company with hand-made taxes: nothing here needs a chart."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.establish("UK", "GBP")
        cls.set_up_accounts(cls.shop, cls.keeper)
        cls.standard = cls.make_tax("A", 20)
        cls.zero = cls.make_tax("B", 0)
        cls.goods = cls.make_tax("C", 20, "purchase", tax_scope="consu")
        cls.services = cls.make_tax("D", 20, "purchase", tax_scope="service")
        cls.reverse = cls.make_tax("E", 20, "purchase", reverse=True)

    def test_proposals_of_a_british_company(self):
        self.assertEqual(
            self.shown(self.open("uk")),
            [
                (SALES, "", "output_included", "A", "new", True),
                (SALES, "Tax kept by the marketplace", "marketplace", "B", "new", True),
                (SALES, "No tax charged", "output_included", "B", "new", True),
                (SALES, "Zero rate", "output_included", "B", "new", False),
                (SALES, "Tax kept by the marketplace, Zero rate", "marketplace", "B", "new", False),
                ("Chargebacks", "", "output_included", "A", "new", False),
                (FEES, "", "reverse_charge", "E", "new", True),
                (FEES, "from 08/01/2024", "input_included", "D", "new", True),
                (ADS, "", "input_included", "D", "new", True),
                ("Reimbursements", "", "none", "", "new", True),
                (f"{SALES}, Chargebacks", "", "undecided", "", "open", False),
                (ALL_FEES, "", "undecided", "", "open", False),
            ],
        )

    def test_every_proposal_says_why(self):
        for line in self.open("uk", "de", "us").line_ids:
            self.assertGreater(len(line.reason), 60)

    def test_nothing_is_written_before_apply(self):
        before = self.mappings.search([]).read(["tax_mode", "tax_ids", "account_id"])
        self.open("uk", "de", "us")
        after = self.mappings.search([]).read(["tax_mode", "tax_ids", "account_id"])
        self.assertEqual(before, after)

    def test_only_what_is_ticked_is_written(self):
        setup = self.open("uk")
        setup.line_ids.is_ticked = False
        self.find(setup, FEES, "from 08/01/2024").is_ticked = True
        before = self.mappings.search([])
        action = setup.action_apply()
        self.assertEqual(action["res_model"], "sp.account.mapping")
        made = self.mappings.search([]) - before
        self.assertEqual(
            set(made.mapped("category")),
            {"selling_fees", "fba_fees", "storage_fees", "subscription"},
        )
        self.assertEqual(set(made.mapped("tax_mode")), {"input_included"})
        self.assertEqual(made.tax_ids, self.services)
        self.assertEqual(made.marketplace_id, self.place("uk"))
        self.assertEqual(set(made.mapped("date_from")), {date(2024, 8, 1)})
        for line in made:
            self.assertEqual(line.account_id, self.account_of(line.category, self.shop))

    def test_what_was_applied_is_already_so(self):
        self.open("uk").action_apply()
        count = self.mappings.search_count([])
        again = self.open("uk")
        for line in again.line_ids:
            self.assertFalse(line.is_ticked, line.categories)
        applied = self.find(again, SALES)
        self.assertEqual((applied.state, applied.outcome), ("already", "Already so"))
        self.assertEqual((applied.decision, applied.now), ("decided", "Output tax, included in the "
                                                           "amount A"))  # fmt: skip
        self.assertEqual(self.find(again, "Reimbursements").decision, "none")
        with self.assertRaisesRegex(UserError, "Tick what is to be applied"):
            again.action_apply()
        applied.is_ticked = True
        again.action_apply()
        self.assertEqual(self.mappings.search_count([]), count)

    def test_a_line_of_one_s_own_is_shown_as_a_change_and_not_ticked(self):
        own = self.make_account("Own", company=self.shop)
        mine = self.mappings.create(
            {
                "category": "refunds",
                "marketplace_id": self.place("uk").id,
                "account_id": own.id,
                "tax_mode": "output_included",
                "tax_ids": [Command.set(self.make_tax("Mine", 5).ids)],
            }
        )
        setup = self.open("uk")
        others = self.find(setup, SALES.removesuffix(", Refunds"))
        self.assertEqual((others.state, others.is_ticked), ("new", True))
        line = self.find(setup, "Refunds")
        self.assertEqual((line.state, line.is_ticked), ("changes", False))
        self.assertIn("Changes Refunds, now: Output tax", line.outcome)
        self.assertIn("Mine", line.outcome)
        setup.action_apply()
        self.assertEqual(mine.tax_ids.name, "Mine")
        line.is_ticked = True
        setup.action_apply()
        self.assertEqual(mine.tax_ids, self.standard, "changed when ticked")
        self.assertEqual(mine.account_id, own, "and its account stays")
        self.assertEqual(
            self.mappings.search([("category", "=", "refunds")]).mapped("tax_form"),
            [False, "withheld", "zero", False],
        )

    def test_a_tax_of_one_s_own_for_all_marketplaces_is_not_overruled_in_silence(self):
        general = self.mappings._general(self.shop)["sales"]
        general.write(
            {"tax_mode": "output_included", "tax_ids": [Command.set(self.make_tax("M", 5).ids)]}
        )
        setup = self.open("uk", "us")
        for limits, place in (("", "uk"), ("Amazon (FBA)", "us")):
            line = self.find(setup, "Sales", limits, place)
            self.assertEqual((line.state, line.is_ticked), ("changes", False))

    def test_the_same_tax_for_all_marketplaces_is_already_so(self):
        general = self.mappings._general(self.shop)
        for category in ("sales", "shipping_income", "giftwrap_income", "promotions", "refunds"):
            general[category].write(
                {"tax_mode": "output_included", "tax_ids": [Command.set(self.standard.ids)]}
            )
        self.assertEqual(self.find(self.open("uk"), SALES, place="uk").state, "already")

    def test_without_a_fitting_tax_nothing_is_applied(self):
        self.reverse.active = False
        setup = self.open("uk")
        line = self.find(setup, FEES)
        self.assertEqual((line.state, line.is_ticked), ("no_tax", False))
        self.assertIn("No tax found", line.outcome)
        setup.action_apply()
        self.assertFalse(self.mappings.search([("tax_mode", "=", "reverse_charge")]))
        line.is_ticked = True
        with self.assertRaisesRegex(UserError, "Selling fees.*No tax found"):
            setup.action_apply()

    def test_the_tax_can_be_changed(self):
        setup = self.open("uk")
        line = self.find(setup, FEES, "from 08/01/2024")
        line.tax_ids = self.goods
        setup.action_apply()
        lines = self.mappings.search([("date_from", "!=", False)])
        self.assertEqual(lines.tax_ids, self.goods)
        again = self.find(self.open("uk"), FEES, "from 08/01/2024")
        self.assertEqual((again.state, again.is_ticked), ("changes", False))
        self.assertEqual(again.tax_ids, self.services, "what would be proposed")

    def test_a_tax_chosen_where_none_was_found_is_known_the_next_time(self):
        self.reverse.active = False
        setup = self.open("uk")
        odd = self.make_tax("Odd", 17, "purchase", reverse=True)
        self.find(setup, FEES).write({"tax_ids": [Command.set(odd.ids)], "is_ticked": True})
        setup.action_apply()
        line = self.find(self.open("uk"), FEES)
        self.assertEqual((line.state, line.tax_ids), ("already", odd))

    def test_two_taxes_of_zero_are_no_match(self):
        """Exempt, export, outside the scope: all are zero, and each has a box of its own."""
        self.make_tax("F", 0)
        line = self.find(self.open("uk"), SALES, "Tax kept by the marketplace")
        self.assertEqual((line.state, line.tax_ids.ids), ("no_tax", []))

    def test_a_tax_is_known_by_what_it_does(self):
        """Neither the reversed tax nor a part of one, nor another country's, is input VAT."""
        self.services.active = self.goods.active = False
        self.make_tax("G", 20, "purchase", country="fr")
        half = self.make_tax("H", 20, "purchase")
        half.invoice_repartition_line_ids[1].factor_percent = 50
        half.refund_repartition_line_ids[1].factor_percent = 50
        self.assertEqual(self.find(self.open("uk"), "Advertising").state, "no_tax")

    def test_the_company_s_default_tax_comes_first(self):
        second = self.make_tax("Z", 20, sequence=99)
        self.assertEqual(self.find(self.open("uk"), SALES).tax_ids, self.standard)
        self.shop.account_sale_tax_id = second
        self.assertEqual(self.find(self.open("uk"), SALES).tax_ids, second)

    def test_classes_are_ticked_where_skus_have_them(self):
        self.env["sp.sku.rule"].create({"pattern": "BOOK-*", "tax_class": "zero"})
        setup = self.open("uk")
        self.assertTrue(self.find(setup, SALES, "Zero rate").is_ticked)
        self.assertTrue(self.find(setup, SALES, "Tax kept by the marketplace, Zero rate").is_ticked)

    def test_not_registered_means_no_tax(self):
        self.shop.vat = False
        setup = self.open("uk")
        self.assertFalse(setup.registered_country_ids)
        self.assertFalse(any(setup.line_ids.mapped("is_ticked")), "nothing needs to be decided")
        reasons = " ".join(setup.line_ids.mapped("reason"))
        self.assertIn("Nothing needs to be decided", reasons)
        self.assertEqual(len(self.open("uk", registered=["uk"]).line_ids), 12)

    def test_marketplaces_are_proposed_from_settlements_else_the_own_country_s(self):
        self.assertEqual(self.open().marketplace_ids, self.place("uk"))
        self.import_sample("v2_us_usd.txt", company=self.shop)
        self.assertEqual(self.open().marketplace_ids, self.place("us"))

    def test_registrations_are_proposed_from_fiscal_positions(self):
        germany = self.root_env.ref("base.de")
        self.root_env["account.fiscal.position"].create(
            {"name": "P", "company_id": self.shop.id, "country_id": germany.id}
        ).with_context(no_vat_validation=True).foreign_vat = "DE123456788"
        home = self.root_env.ref("base.uk")
        self.assertEqual(self.open().registered_country_ids, home | germany)

    def test_abroad(self):
        german = self.make_tax("DE", 19, country="de")
        self.make_tax("F", 0, "purchase")
        since = "from 08/01/2024"
        setup = self.open("de", "us")
        self.assertEqual(
            self.shown(setup, "de"),
            [
                (SALES, "Tax kept by the marketplace", "marketplace", "B", "new", False),
                (FEES, "", "reverse_charge", "E", "new", True),
                ("Selling fees, Subscription", since, "input_included", "D", "new", True),
                ("FBA fees", since, "input_included", "F", "new", True),
                ("Storage fees", since, "none", "", "new", False),
                (ADS, "", "reverse_charge", "E", "new", True),
                (f"{SALES}, Chargebacks", "", "undecided", "", "open", False),
            ],
        )
        self.assertEqual(
            self.shown(setup, "us"),
            [
                (SALES, "Merchant (FBM)", "marketplace", "B", "new", True),
                (SALES, "Amazon (FBA)", "none", "", "new", True),
                (f"Selling fees, Subscription, {ADS}", "", "reverse_charge", "E", "new", False),
                ("FBA fees, Storage fees", "", "none", "", "new", True),
                (f"{SALES}, Chargebacks", "", "undecided", "", "open", False),
            ],
        )
        setup = self.open("de", registered=["uk", "de"])
        line = self.find(setup, SALES, place="de")
        self.assertEqual((line.tax_ids, line.is_ticked), (german, False))

    def test_a_changed_answer_changes_the_proposals(self):
        form = Form(self.env["sp.tax.setup"])
        before = len(form.line_ids)
        form.marketplace_ids.add(self.place("de"))
        self.assertGreater(len(form.line_ids), before)
        setup = form.save()
        setup.action_apply()
        self.assertIn(self.place("de"), self.mappings.search([]).marketplace_id)

    def test_a_chosen_treatment_is_ticked(self):
        form = Form(self.env["sp.tax.setup"])
        index = next(
            number for number in range(len(form.line_ids))
            if form.line_ids.edit(number).state == "open"
        )  # fmt: skip
        with form.line_ids.edit(index) as line:
            line.tax_mode = "none"
            self.assertTrue(line.is_ticked)
        setup = form.save()
        setup.action_apply()
        self.assertEqual(self.mappings._general(self.shop)["sales"].tax_mode, "none")

    def test_an_account_is_needed(self):
        self.mappings.search([("category", "=", "advertising")]).unlink()
        line = self.find(self.open("uk"), "Advertising")
        self.assertEqual((line.state, line.is_ticked), ("no_account", False))

    def test_only_a_manager_may_open_it(self):
        user = self.make_user("clerk", "sp_connector.sp_connector_group_user", self.shop)
        setup = self.open("uk")
        self.assertDenied(self.env["sp.tax.setup"].with_user(user).create, {})
        self.assertDenied(setup.with_user(user).action_apply)

    def test_another_company_is_out_of_reach(self):
        before = self.root_env["sp.account.mapping"].search_count([])

        def reach():
            setup = self.env["sp.tax.setup"].create({"company_id": self.company.id})
            setup.line_ids.mapped("outcome")

        self.assertDenied(reach)
        self.assertEqual(self.root_env["sp.account.mapping"].search_count([]), before)
        theirs = self.root_env["account.tax"].create(
            {
                "name": "Theirs",
                "amount": 20,
                "company_id": self.company.id,
                "country_id": self.shop.country_id.id,
                "tax_group_id": self.root_env["account.tax.group"]
                .create({"name": "T", "company_id": self.company.id})
                .id,
            }
        )
        line = self.find(self.open("uk"), SALES)
        with self.assertRaises(UserError):
            line.write({"tax_ids": [Command.set(theirs.ids)]})
