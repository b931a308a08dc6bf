"""Proposed taxes: what is proposed, and that nothing is written unseen."""

from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form

from ..tax_common import ADS, ALL_FEES, FEES, OTHER, SALES, TaxSetupCase


class TestSpTaxProposals(TaxSetupCase):
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

    def former(self, setup):
        """The line of what held for fees before a day."""
        lines = self.lines(setup, "selling_fees")
        return lines.filtered(lambda line: not line.key and line.marketplace_ids)

    def test_proposals_of_a_british_company(self):
        self.assertEqual(
            self.shown(self.propose("uk")),
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
                (OTHER, "", "undecided", "", "open", False),
                ("Reimbursements", "", "none", "", "new", True),
                (f"{SALES}, Chargebacks", "", "undecided", "", "open", False),
                (f"{ALL_FEES}, {OTHER}", "", "undecided", "", "open", False),
            ],
        )

    def test_every_proposal_says_why(self):
        for decision in self.propose("uk", "de", "us"):
            self.assertGreater(len(decision.reason), 60)

    def test_only_what_is_ticked_is_written(self):
        setup = self.open("uk")
        setup.line_ids.is_ticked = False
        services = ("selling_fees", "fba_fees", "storage_fees", "subscription")
        self.lines(setup, *services, date_from=date(2024, 8, 1)).is_ticked = True
        before = self.mappings.search([])
        setup.action_apply()
        made = self.mappings.search([]) - before
        self.assertEqual(set(made.mapped("category")), set(services))
        self.assertEqual(set(made.mapped("tax_mode")), {"input_included"})
        self.assertEqual(made.tax_ids, self.services)
        self.assertEqual(made.marketplace_id, self.place("uk"))
        self.assertEqual(set(made.mapped("date_from")), {date(2024, 8, 1)})
        for line in made:
            self.assertEqual(line.account_id, self.account_of(line.category, self.shop))

    def test_what_was_applied_is_shown_as_decided(self):
        self.open("uk").action_apply()
        again = self.open("uk")
        self.assertFalse(any(again.line_ids.mapped("is_ticked")))
        (sales,) = self.lines(again, "sales").filtered("key")
        self.assertEqual((sales.decision, sales.is_different), ("decided", False))
        self.assertEqual(self.lines(again, "reimbursements").decision, "none")
        self.assertEqual(self.lines(again, "chargeback").filtered("key").decision, "confirm")

    def test_a_line_of_one_s_own_is_shown_as_it_is_and_stays(self):
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
        (line,) = self.lines(setup, "refunds").filtered("key")
        self.assertEqual((line.tax_ids.name, line.is_ticked), ("Mine", False))
        self.assertIn("What would be proposed: Output tax, included in the amount A", line.reason)
        setup.action_apply()
        self.assertEqual(mine.tax_ids.name, "Mine")
        line.write({"tax_ids": [Command.set(self.standard.ids)], "is_ticked": True})
        setup.action_apply()
        self.assertEqual(mine.tax_ids, self.standard, "changed when a person changes it")
        self.assertEqual(mine.account_id, own, "and its account stays")
        self.assertEqual(
            set(self.mappings.search([("category", "=", "refunds")]).mapped("tax_form")),
            {False, "withheld", "zero"},
        )

    def test_a_tax_of_one_s_own_for_all_marketplaces_is_not_overruled_in_silence(self):
        general = self.mappings._general(self.shop)["sales"]
        mine = self.make_tax("M", 5)
        general.write({"tax_mode": "output_included", "tax_ids": [Command.set(mine.ids)]})
        decisions = self.propose("uk", "us")
        for limits, place in (("", "uk"), ("Amazon (FBA)", "us")):
            decision = self.find(decisions, "Sales", limits, place)
            self.assertEqual((self.taxes(decision), decision.is_certain), (mine, False))

    def test_the_same_tax_for_all_marketplaces_is_already_so(self):
        general = self.mappings._general(self.shop)
        for category in ("sales", "shipping_income", "giftwrap_income", "promotions", "refunds"):
            general[category].write(
                {"tax_mode": "output_included", "tax_ids": [Command.set(self.standard.ids)]}
            )
        decision = self.find(self.propose("uk"), SALES, place="uk")
        self.assertTrue(decision.is_settled)

    def test_without_a_fitting_tax_nothing_is_applied(self):
        self.reverse.active = False
        decision = self.find(self.propose("uk"), FEES)
        self.assertEqual((self.state(decision), decision.is_certain), ("no_tax", False))
        setup = self.open("uk")
        line = self.former(setup)
        self.assertEqual((line.tax_mode, line.decision), ("reverse_charge", "confirm"))
        setup.action_apply()
        self.assertFalse(self.mappings.search([("tax_mode", "=", "reverse_charge")]))
        line.is_ticked = True
        with self.assertRaisesRegex(UserError, "Selling fees.*choose the tax"):
            setup.action_apply()

    def test_a_tax_that_a_person_chose_is_known_the_next_time(self):
        self.reverse.active = False
        setup = self.open("uk")
        odd = self.make_tax("Odd", 17, "purchase", reverse=True)
        dated = self.lines(setup, "selling_fees", date_from=date(2024, 8, 1))
        dated.tax_ids = self.goods
        before = self.former(setup)
        before.write({"tax_ids": [Command.set(odd.ids)], "is_ticked": True})
        setup.action_apply()
        again = self.open("uk")
        dated = self.lines(again, "selling_fees", date_from=date(2024, 8, 1))
        self.assertEqual((dated.tax_ids, dated.is_different), (self.goods, False))
        before = self.former(again)
        self.assertEqual((before.tax_ids, before.is_different), (odd, False))

    def test_two_taxes_of_zero_are_no_match(self):
        """Exempt, export, outside the scope: all are zero, and each has a box of its own."""
        self.make_tax("F", 0)
        decision = self.find(self.propose("uk"), SALES, "Tax kept by the marketplace")
        self.assertEqual((self.state(decision), decision.taxes), ("no_tax", ()))

    def test_a_tax_is_known_by_what_it_does(self):
        """Neither the reversed tax nor a part of one, nor another country's, is input VAT."""
        self.services.active = self.goods.active = False
        self.make_tax("G", 20, "purchase", country="fr")
        half = self.make_tax("H", 20, "purchase")
        half.invoice_repartition_line_ids[1].factor_percent = 50
        half.refund_repartition_line_ids[1].factor_percent = 50
        self.assertEqual(self.state(self.find(self.propose("uk"), "Advertising")), "no_tax")

    def test_the_company_s_default_tax_comes_first(self):
        second = self.make_tax("Z", 20, sequence=99)
        self.assertEqual(self.taxes(self.find(self.propose("uk"), SALES)), self.standard)
        self.shop.account_sale_tax_id = second
        self.assertEqual(self.taxes(self.find(self.propose("uk"), SALES)), second)

    def test_classes_are_proposed_where_skus_have_them(self):
        self.assertFalse(self.open("uk", is_complete=False).line_ids.filtered("tax_class"))
        self.env["sp.sku.rule"].create({"pattern": "BOOK-*", "tax_class": "zero"})
        decisions = self.propose("uk")
        self.assertTrue(self.find(decisions, SALES, "Zero rate").is_certain)
        kept = self.find(decisions, SALES, "Tax kept by the marketplace, Zero rate")
        self.assertTrue(kept.is_certain)
        setup = self.open("uk", is_complete=False)
        self.assertTrue(all(setup.line_ids.filtered("tax_class").mapped("is_ticked")))

    def test_not_registered_means_no_tax(self):
        self.shop.vat = False
        decisions = self.propose("uk")
        self.assertFalse(any(decision.is_certain for decision in decisions))
        reasons = " ".join(decision.reason for decision in decisions)
        self.assertIn("Nothing needs to be decided", reasons)
        self.assertEqual(len(self.propose("uk", registered=["uk"])), 13)
        setup = self.open("uk", registration="no")
        self.assertFalse(setup.registered_country_ids)
        self.assertFalse(setup.line_ids.filtered("has_tax"), "nothing needs to be decided")

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
        decisions = self.propose("de", "us")
        self.assertEqual(
            self.shown(decisions, "de"),
            [
                (SALES, "Tax kept by the marketplace", "marketplace", "B", "new", False),
                (FEES, "", "reverse_charge", "E", "new", True),
                ("Selling fees, Subscription", since, "input_included", "D", "new", True),
                ("FBA fees", since, "input_included", "F", "new", True),
                ("Storage fees", since, "none", "", "new", False),
                (ADS, "", "reverse_charge", "E", "new", True),
                (f"{SALES}, Chargebacks", "", "undecided", "", "open", False),
                (OTHER, "", "undecided", "", "open", False),
            ],
        )
        self.assertEqual(
            self.shown(decisions, "us"),
            [
                (SALES, "Merchant (FBM)", "marketplace", "B", "new", True),
                (SALES, "Amazon (FBA)", "none", "", "new", True),
                (f"Selling fees, Subscription, {ADS}", "", "reverse_charge", "E", "new", False),
                ("FBA fees, Storage fees", "", "none", "", "new", True),
                (f"{SALES}, Chargebacks", "", "undecided", "", "open", False),
                (OTHER, "", "undecided", "", "open", False),
            ],
        )
        decisions = self.propose("de", registered=["uk", "de"])
        decision = self.find(decisions, SALES, place="de")
        self.assertEqual((self.taxes(decision), decision.is_certain), (german, False))

    def test_a_changed_answer_changes_the_proposals(self):
        form = Form(self.env["sp.setup"])
        before = len(form.line_ids)
        form.marketplace_ids.add(self.place("de"))
        self.assertGreater(len(form.line_ids), before)
        setup = form.save()
        setup.action_apply()
        self.assertIn(self.place("de"), self.mappings.search([]).marketplace_id)

    def test_a_chosen_treatment_is_ticked(self):
        form = Form(self.env["sp.setup"])
        index = next(
            number for number in range(len(form.line_ids))
            if form.line_ids.edit(number).key == "chargeback"
        )  # fmt: skip
        with form.line_ids.edit(index) as line:
            self.assertEqual((line.decision, line.is_ticked), ("confirm", False))
            line.tax_mode = "none"
            self.assertTrue(line.is_ticked)
        form.save().action_apply()
        found = self.mappings.search([("category", "=", "chargeback")])
        self.assertEqual(set(found.mapped("tax_mode")), {"undecided", "none"})

    def test_taxes_of_another_company_are_refused(self):
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
        line = self.lines(self.open("uk"), "sales")[:1]
        with self.assertRaises(UserError):
            line.write({"tax_ids": [Command.set(theirs.ids)]})
