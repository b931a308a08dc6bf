"""The set-up on one screen: what it shows, writes, leaves alone, and the entry beside it."""

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, HttpCase

from ...engine.tests import helpers
from ...models.proposals.account_places import PROPOSALS
from ..common import MANAGER
from ..tax_common import TaxSetupCase

#: What the set-up may write: model → what is compared.
WRITTEN = {
    "account.account": ("name", "code_store", "tag_ids"),
    "account.journal": ("name", "code"),
    "sp.account.mapping": ("account_id", "tax_mode", "tax_ids", "marketplace_id", "date_from"),
    "res.company": (
        *("sp_journal_id", "sp_tax_registration", "sp_default_marketplace_ids"),
        *("sp_partner_id", "sp_split_months"),
    ),
    "res.partner": ("name",),
}
PRICE, FEE = "Order/ItemPrice/Principal", "Order/ItemFees/Commission"
ADS = "ServiceFee/Cost of Advertising/TransactionTotalAmount"
RESERVE = "other-transaction/other-transaction/Current Reserve Amount"
OTHER = "other-transaction/other-transaction/Miscellaneous Adjustment"


class SetupCase(TaxSetupCase):
    """A British company with hand-made taxes and no account yet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.establish("UK", "GBP")
        cls.standard = cls.make_tax("A", 20)
        cls.zero = cls.make_tax("B", 0)
        cls.services = cls.make_tax("D", 20, "purchase", tax_scope="service")
        cls.reverse = cls.make_tax("E", 20, "purchase", reverse=True)

    def start(self, **vals):
        return self.env["sp.setup"].create({"company_id": self.shop.id, **vals})

    def settle(self, *rows, total="0", place="Amazon.co.uk", **options):
        rows = [
            helpers.row(
                words, amount, marketplace_name=place if words not in (ADS, RESERVE) else ""
            )
            for words, amount in rows
        ]
        return self.import_file(self.file(*rows, total=total, **options), company=self.shop)

    def line(self, setup, category, **limits):
        """The line of a kind of money, or one more tax of it."""
        return setup.line_ids.filtered(
            lambda line: (
                category in line.categories
                and bool(line.key) == (not limits)
                and all(line[name] == value for name, value in limits.items())
            )
        ).ensure_one()

    def stored(self):
        """What stands in everything that the set-up may write: {(model, id): values}."""
        self.env.flush_all()
        self.env.invalidate_all()
        return {
            (name, vals.pop("id")): vals
            for name, names in WRITTEN.items()
            for vals in self.root_env[name]
            .with_context(active_test=False)
            .search_read([], names, load=None)
        }

    def changed(self, before):
        """The records that differ from what was stored."""
        now = self.stored()
        return {key for key in {*before, *now} if before.get(key) != now.get(key)}


class TestSpSetup(SetupCase):
    def test_looking_creates_nothing(self):
        settlement = self.settle((PRICE, "120.00"), total="120.00")
        before = self.stored()
        form = Form(self.env["sp.setup"])
        form.save()
        self.assertFalse(self.changed(before))
        self.assertEqual(settlement.state, "held")

    def test_without_a_settlement_all_usual_kinds_are_shown_else_what_was_found(self):
        keys = self.start().line_ids.filtered("key").mapped("key")
        self.assertEqual(sorted(keys), sorted(proposal.key for proposal in PROPOSALS))
        self.settle((PRICE, "120.00"), (RESERVE, "-6.00"), total="114.00")
        setup = self.start()
        keys = set(setup.line_ids.filtered("key").mapped("key"))
        self.assertEqual(keys, {"sales", "deposit", "rollover", "reserve"})
        sections = list(dict.fromkeys(setup.line_ids.mapped("section")))
        self.assertEqual(sections, ["income", "balances"])
        setup.is_complete = True
        self.assertGreaterEqual(len(setup.line_ids.filtered("key")), len(PROPOSALS))

    def test_a_line_says_account_place_tax_and_why(self):
        self.settle((PRICE, "120.00"), total="120.00")
        setup = self.start()
        line = self.line(setup, "sales")
        self.assertEqual(line.proposed_account, "400010 Amazon Sales")
        self.assertEqual((line.account_state, line.is_created), ("create", True))
        self.assertIn("Income", line.account_note)
        self.assertEqual((line.tax_mode, line.tax_ids), ("output_included", self.standard))
        self.assertEqual((line.decision, line.is_ticked), ("decided", True))
        self.assertGreater(len(line.reason), 60)
        self.assertEqual(line.limits, "", "one marketplace needs no name")
        kept = self.line(setup, "sales", tax_form="withheld")
        self.assertEqual(kept.limits, "Tax kept by the marketplace")
        self.assertTrue(setup.to_confirm)

    def test_one_apply_sets_everything_up_and_what_waited_can_be_posted(self):
        settlement = self.settle((PRICE, "120.00"), (FEE, "-12.00"), (ADS, "-6.00"), total="102.00")
        self.start().action_apply()
        self.assertEqual(settlement.state, "review", settlement.hold_reason)
        settlement.action_post()
        self.assertBalanced(settlement)
        items = settlement._active_moves().line_ids
        self.assertEqual(
            [(item.name, item.balance) for item in items if item.tax_line_id],
            [("A", -20.0), ("D", 2.0), ("D", 1.0)],
        )
        self.assertEqual(self.shop.sp_journal_id.name, "Amazon Settlements")
        self.assertEqual(self.shop.sp_default_marketplace_ids, self.place("uk"))
        self.assertTrue(self.shop.sp_partner_id)

    def test_a_second_apply_writes_nothing(self):
        self.settle((PRICE, "120.00"), (FEE, "-12.00"), total="108.00")
        setup = self.start()
        setup.action_apply()
        before = self.stored()
        setup.action_apply()
        again = self.start()
        self.assertEqual(set(again.line_ids.mapped("account_state")) - {False}, {"use"})
        self.assertFalse(again.line_ids.filtered("is_different"))
        again.action_apply()
        self.assertFalse(self.changed(before))

    def test_it_changes_what_a_person_changes_and_nothing_else(self):
        self.settle((PRICE, "120.00"), (FEE, "-12.00"), total="108.00")
        self.start().action_apply()
        own = self.make_account("Shop Sales", company=self.shop)
        setup, before = self.start(), self.stored()
        self.line(setup, "sales").account_id = own
        setup.action_apply()
        mappings = self.mappings.search([("category", "=", "sales")])
        self.assertEqual(
            self.changed(before), {("sp.account.mapping", line.id) for line in mappings}
        )
        self.assertEqual(mappings.account_id, own, "lines of a marketplace follow")
        self.assertGreater(len(mappings), 1)

    def test_the_settings_of_booking_are_kept(self):
        setup = self.start(split_months=False, lock_policy="next_open", rate_days=3)
        setup.action_apply()
        self.assertEqual(
            (self.shop.sp_split_months, self.shop.sp_lock_policy, self.shop.sp_rate_days),
            (False, "next_open", 3),
        )
        self.assertFalse(self.start().split_months)

    def test_how_it_accrues_is_said_once_and_kept_in_the_audit_trail(self):
        self.settle((PRICE, "120.00"), total="120.00")
        shown = self.start().line_ids.mapped("key")
        self.assertNotIn("accrued_income", shown, "who accrues nothing is not asked")
        journal = self.root_env["account.journal"].create(
            {"name": "Cut-Off", "code": "CUT", "type": "general", "company_id": self.shop.id}
        )
        setup = self.start(is_complete=True, accrual_tax="with_tax", accrual_journal_id=journal.id)
        line = self.line(setup, "accrued_income")
        self.assertEqual((line.account_type, line.has_tax), ("asset_current", False))
        setup.action_apply()
        self.assertEqual(
            (self.shop.sp_accrual_tax, self.shop.sp_accrual_journal_id), ("with_tax", journal)
        )
        mapping = self.mappings.search([("category", "=", "accrued_income")])
        self.assertIn("Accrued Income", mapping.account_id.name)
        kept = self.root_env["sp.audit"].search([("company_id", "=", self.shop.id)])
        of_mapping = kept.filtered(lambda one: one.res_model == mapping._name)
        self.assertIn(mapping.id, of_mapping.mapped("res_id"))
        labels = set(kept.mapped("field_label"))
        self.assertLessEqual({"Amazon Accruals Journal", "Accrue Amazon's Sales and Fees"}, labels)
        with self.assertRaisesRegex(ValidationError, "one account for all"):
            mapping.marketplace_id = self.env.ref("sp_connector.sp_marketplace_uk")

    def test_what_has_no_proposal_gets_the_account_that_a_person_chooses(self):
        settlement = self.settle((OTHER, "5.00"), total="5.00")
        self.map_words_of_shop(OTHER, "other")
        self.assertIn("Other", settlement.hold_reason)
        setup = self.start()
        line = self.line(setup, "other")
        self.assertEqual((line.account_state, line.decision), ("choose", "undecided"))
        line.write(
            {
                "account_id": self.make_account("Sundry", company=self.shop).id,
                "tax_mode": "none",
                "is_ticked": True,
            }
        )
        setup.action_apply()
        self.assertEqual(settlement.state, "review", settlement.hold_reason)

    def map_words_of_shop(self, words, category):
        names = ("transaction_type", "amount_type", "amount_description")
        self.env["sp.category.rule"].create(
            {
                **dict(zip(names, words.split("/"), strict=True)),
                "category": category,
                "company_id": self.shop.id,
            }
        )

    def test_an_account_that_similar_kinds_use_is_proposed(self):
        own = self.make_account("Turnover", company=self.shop)
        for category in ("sales", "shipping_income"):
            self.mappings.create(
                {"category": category, "account_id": own.id, "company_id": self.shop.id}
            )
        line = self.line(self.start(), "giftwrap_income")
        self.assertEqual((line.account_id, line.account_state), (own, "use"))

    def test_rows_that_belong_to_no_marketplace_are_named(self):
        self.settle((ADS, "-6.00"), total="-6.00")
        setup = self.start()
        self.assertNotIn("GBP", " ".join(setup.to_confirm))
        setup.default_marketplace_ids = False
        self.assertIn("GBP", " ".join(setup.to_confirm))
        elsewhere = setup.line_ids.filtered(
            lambda line: "advertising" in line.categories and not line.marketplace_ids
        )
        self.assertEqual(elsewhere.decision, "undecided")

    def test_choices_stay_when_another_answer_makes_the_lines_anew(self):
        own = self.make_account("Shop Sales", company=self.shop)
        with Form(self.env["sp.setup"]) as form:
            index = next(n for n in range(20) if form.line_ids.edit(n).key == "sales")
            with form.line_ids.edit(index) as line:
                line.account_id = own
            form.marketplace_ids.add(self.place("de"))
            self.assertEqual(form.line_ids.edit(index).account_id, own)


class TestRegistration(SetupCase):
    """Nobody books without VAT because nobody asked."""

    def setUp(self):
        super().setUp()
        self.shop.vat = False
        self.settlement = self.settle((PRICE, "120.00"), total="120.00")

    def test_a_company_without_a_tax_id_is_asked_once(self):
        setup = self.start()
        self.assertFalse(setup.registration)
        self.assertIn("no Tax ID", setup.to_confirm[0])
        with self.assertRaisesRegex(UserError, "registered for VAT or GST"):
            setup.action_apply()
        setup.registration = "no"
        setup.action_apply()
        self.assertEqual(self.settlement.state, "review")
        self.assertIn("not registered", self.settlement.booking_note)
        self.assertEqual(self.start().registration, "no", "not asked again")

    def test_decide_later_holds(self):
        setup = self.start(registration="later")
        self.assertFalse(any(setup.line_ids.mapped("is_ticked")))
        setup.action_apply()
        self.assertEqual(self.settlement.state, "held")
        self.assertTrue(self.settlement.needs_tax)
        self.assertFalse(self.settlement.needs_mapping, "its accounts are there")

    def test_registered_is_kept_and_taxes_are_proposed(self):
        setup = self.start(registration="yes")
        self.assertEqual(setup.registered_country_ids.code, "GB")
        setup.action_apply()
        self.assertEqual(self.shop.sp_tax_registration, "yes")
        self.assertEqual(self.settlement.state, "review")
        self.assertEqual(self.settlement.line_ids.tax_ids, self.standard)


class TestEntry(SetupCase):
    """The entry beside the choices is the one that is booked then."""

    def setUp(self):
        super().setUp()
        self.settlement = self.settle(
            (PRICE, "120.00"), (FEE, "-12.00"), (ADS, "-6.00"), (RESERVE, "-2.00"), total="100.00"
        )

    def items(self, setup):
        (part,) = setup.entry["parts"]
        return {item["label"]: item for item in part["items"]}

    def test_it_shows_account_tax_net_and_gross_before_anything_is_stored(self):
        setup = self.start()
        sales = self.items(setup)["Sales, Amazon.co.uk"]
        self.assertEqual((sales["account"], sales["is_new"]), ("400010 Amazon Sales", True))
        self.assertEqual(sales["tax"], "A")
        amounts = [sales[name].split("\N{NO-BREAK SPACE}")[1] for name in ("net", "vat", "gross")]
        self.assertEqual(amounts, ["100.00", "20.00", "120.00"])
        self.assertFalse(setup.entry["holds"])
        self.assertFalse(self.mappings.search([]))

    def test_it_follows_each_choice(self):
        self.set_up_accounts(self.shop, self.keeper)
        own = self.make_account("Shop Sales", company=self.shop)
        with Form(self.env["sp.setup"]) as form:
            index = next(n for n in range(20) if form.line_ids.edit(n).key == "sales")
            with form.line_ids.edit(index) as line:
                line.account_id = own
                line.tax_mode = "none"
            part = form.entry["parts"][0]
            (sales,) = [one for one in part["items"] if one["label"].startswith("Sales,")]
            self.assertIn("Shop Sales", sales["account"])
            self.assertEqual((sales["tax"], sales["vat"]), ("", ""))
            with form.line_ids.edit(index) as line:
                line.tax_mode = "undecided"
            self.assertIn("Tax undecided", form.entry["holds"][0])
            form.registration = "later"
            self.assertIn("Advertising", form.entry["holds"][0])
            ended = form.entry["parts"][0]["date"]
            form.last_date = "deposit"
            self.assertNotEqual(form.entry["parts"][0]["date"], ended)

    def test_it_is_the_entry_that_is_booked(self):
        self.set_up_accounts(self.shop, self.keeper)
        owed = self.make_account("VAT", "liability_current", self.shop)
        for tax in self.standard | self.services:
            tax.invoice_repartition_line_ids[1].account_id = owed
            tax.refund_repartition_line_ids[1].account_id = owed
        setup = self.start()
        shown = [
            (item["account"], item["net"])
            for part in setup.entry["parts"]
            for item in part["items"]
        ] + [(tax["account"], tax["amount"]) for tax in setup.entry["parts"][0]["taxes"]]
        setup.action_apply()
        self.settlement.action_post()
        money = self.settlement._money
        booked = [
            (item.account_id.display_name, money(-item.amount_currency))
            for item in self.settlement._active_moves().line_ids
        ]
        self.assertEqual(sorted(shown), sorted(booked))
        self.assertFalse(self.start().settlement_id, "none waits any more")


class TestSeveralMarketplaces(SetupCase):
    def test_a_decision_that_is_the_same_everywhere_is_one_line(self):
        setup = self.start(
            marketplace_ids=[Command.set((self.place("de") | self.place("fr")).ids)],
        )
        fees = self.line(setup, "selling_fees")
        self.assertEqual(fees.marketplace_ids, self.place("de") | self.place("fr"))
        self.assertEqual((fees.limits, fees.tax_ids), ("from 08/01/2024", self.services))
        setup.action_apply()
        found = self.mappings.search(
            [("category", "=", "selling_fees"), ("date_from", "!=", False)]
        )
        self.assertEqual(found.marketplace_id, fees.marketplace_ids)

    def test_where_it_differs_each_marketplace_is_named(self):
        setup = self.start(
            marketplace_ids=[Command.set((self.place("uk") | self.place("us")).ids)],
        )
        self.assertEqual(self.line(setup, "sales").limits, "Amazon.co.uk")
        abroad = self.line(setup, "sales", fulfillment="MFN")
        self.assertEqual(abroad.limits, "Amazon.com, Merchant (FBM)")


class TestRights(SetupCase):
    def test_only_a_manager_may_open_it(self):
        setup = self.start()
        clerk = self.make_user("clerk", "sp_connector.sp_connector_group_user", self.shop)
        self.assertDenied(self.env["sp.setup"].with_user(clerk).create, {})
        self.assertDenied(setup.with_user(clerk).action_apply)

    def test_another_company_s_manager_reaches_nothing(self):
        stranger = self.make_user("stranger", MANAGER, self.company)
        env = self.root_env(user=stranger, context={"allowed_company_ids": self.company.ids})
        setup, before = self.start(), self.stored()

        def reach():
            made = env["sp.setup"].create({"company_id": self.shop.id, "registration": "no"})
            made.line_ids.mapped("reason")
            made.action_apply()

        self.assertDenied(reach)
        self.assertDenied(setup.with_env(env).read, ["line_ids"])
        self.assertDenied(setup.line_ids[:1].with_env(env).read, ["name"])
        self.assertDenied(setup.with_env(env).action_apply)
        self.assertFalse(self.changed(before))

    def test_records_of_another_company_are_refused(self):
        setup = self.start()
        for record, vals in (
            (setup, {"journal_id": self.company.sp_journal_id.id}),
            (self.line(setup, "sales"), {"account_id": self.account_of("sales").id}),
        ):
            with self.assertRaisesRegex(UserError, "compan"), self.cr.savepoint():
                record.write(vals)


class TestSetupInABrowser(SetupCase, HttpCase):
    def test_another_account_changes_the_entry_and_is_applied(self):
        settlement = self.settle((PRICE, "120.00"), (FEE, "-12.00"), total="108.00")
        self.set_up_accounts(self.shop, self.keeper)
        own = self.make_account("Shop Sales", company=self.shop)
        self.start_tour("/odoo/amazon-settlements", "sp_connector_setup", login=self.keeper.login)
        self.assertEqual(settlement.state, "review", settlement.hold_reason)
        self.assertEqual(self.account_of("sales", self.shop), own)
        self.assertTrue(self.mappings.search([("tax_ids", "in", self.standard.ids)]))
