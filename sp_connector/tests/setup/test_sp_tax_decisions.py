"""Nothing is booked untaxed by silence: undecided taxes hold, archived ones too."""

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ...engine.tests import helpers
from ...engine.words.categories import BALANCING, CATEGORIES, DEPOSIT, TAXABLE
from ..tax_common import TaxSetupCase

PRICE, FEE = "Order/ItemPrice/Principal", "Order/ItemFees/Commission"
ADS = "ServiceFee/Cost of Advertising/TransactionTotalAmount"
STORAGE = "other-transaction/other-transaction/Storage Fee"
SUBSCRIPTION = "other-transaction/other-transaction/Subscription Fee"
FBA = "Order/ItemFees/FBAPerUnitFulfillmentFee"


def at(place, words, amount, **cells):
    return helpers.row(words, amount, marketplace_name=place, **cells)


class DecisionCase(TaxSetupCase):
    """A British company with a tax ID, hand-made taxes, and nothing decided."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.establish("UK", "GBP")
        cls.set_up_accounts(cls.shop, cls.keeper)
        cls.standard = cls.make_tax("A", 20)
        cls.zero = cls.make_tax("B", 0)
        cls.input = cls.make_tax("D", 20, "purchase", tax_scope="service")
        cls.reverse = cls.make_tax("E", 20, "purchase", reverse=True)

    def settle(self, *rows, total, **options):
        return self.import_file(self.file(*rows, total=total, **options), company=self.shop)

    def decide(self, categories, mode="none", taxes=None, marketplace=None):
        lines = self.mappings.search(
            [("category", "in", categories), ("marketplace_id", "=", marketplace or False)]
        )
        lines.write({"tax_mode": mode, "tax_ids": [Command.set(taxes.ids if taxes else [])]})
        return lines

    def taxed(self, settlement):
        """{tax: (sum of net amounts, sum of tax)} of the posted entries."""
        items = settlement._active_moves().line_ids
        return {
            tax.name: (
                round(sum(items.filtered(lambda i, t=tax: t in i.tax_ids).mapped("balance")), 2),
                round(
                    sum(items.filtered(lambda i, t=tax: t == i.tax_line_id).mapped("balance")), 2
                ),
            )
            for tax in items.tax_ids
        }


class TestUndecided(DecisionCase):
    def test_income_and_costs_start_undecided_and_nothing_else_does(self):
        found = {line.category: line.tax_mode for line in self.mappings.search([])}
        expected = {category: "none" for category in (*BALANCING, *CATEGORIES)}
        expected |= dict.fromkeys(TAXABLE, "undecided")
        self.assertEqual(found, {category: expected[category] for category in found})
        self.assertEqual(
            TAXABLE,
            {"sales", "shipping_income", "giftwrap_income", "promotions", "refunds",
             "reimbursements", "selling_fees", "fba_fees", "storage_fees", "advertising",
             "subscription", "chargeback", "other", "unknown"},
        )  # fmt: skip

    def test_another_category_is_another_decision(self):
        line = self.mappings.search([("category", "=", "reserve")])
        line.category = "other"
        self.assertEqual(line.tax_mode, "undecided")
        line.category = "reserve"
        self.assertEqual(line.tax_mode, "none")
        with self.assertRaisesRegex(ValidationError, "no income or cost"):
            line.tax_mode = "undecided"

    def test_a_registered_company_holds_what_is_undecided_and_names_it(self):
        settlement = self.settle(
            at("Amazon.co.uk", PRICE, "1200.00"), (ADS, "-50.00"), total="1150.00"
        )
        self.assertHeld(
            settlement, "Tax undecided", "Sales, Amazon.co.uk", "1,200.00", PRICE.split("/")[2],
            "Advertising, rows without a marketplace", "-", "50.00", "Set Up",
        )  # fmt: skip
        self.assertTrue(settlement.needs_tax)
        self.assertFalse(settlement.needs_mapping)
        self.decide(["sales"], "output_included", self.standard)
        self.assertNotIn("Sales", settlement.hold_reason)
        self.assertEqual(settlement.state, "held")
        self.decide(["advertising"])
        self.assertEqual((settlement.state, settlement.needs_tax), ("review", False))

    def test_it_leads_to_the_set_up(self):
        settlement = self.settle(at("Amazon.co.uk", PRICE, "1200.00"), total="1200.00")
        action = settlement.action_setup()
        setup = self.env[action["res_model"]].with_context(**action["context"]).create({})
        self.assertEqual((setup.company_id, setup.settlement_id), (self.shop, settlement))
        self.assertEqual(setup.action_apply()["type"], "ir.actions.act_window_close")
        self.assertEqual(settlement.state, "review")

    def test_a_hold_is_bounded_however_many_decisions_are_missing(self):
        rows = [at(f"Amazon.{n:03}{'x' * 500}", PRICE, "1.00") for n in range(60)]
        settlement = self.settle(*rows, total="60.00")
        self.assertHeld(settlement, "and 50 more")
        self.assertLess(len(settlement.hold_reason), 4000)

    def test_zero_amounts_need_no_decision(self):
        settlement = self.settle(
            at("Non-Amazon UK", PRICE, "0.00"),
            ("other-transaction/other-transaction/Current Reserve Amount", "-1.00"),
            total="-1.00",
        )
        self.assertEqual(settlement.state, "review", settlement.hold_reason)

    def test_a_company_without_a_tax_id_books_untaxed_and_says_so(self):
        self.shop.vat = False
        settlement = self.settle(at("Amazon.co.uk", PRICE, "12.00"), total="12.00")
        self.assertEqual(settlement.state, "review", settlement.hold_reason)
        self.assertIn("without tax: the company has no Tax ID", settlement.booking_note)
        self.decide(["sales"])
        self.assertFalse(settlement.booking_note, "now it is on purpose")

    def test_a_tax_id_entered_later_holds_what_waits(self):
        self.shop.vat = False
        settlement = self.settle(at("Amazon.co.uk", PRICE, "12.00"), total="12.00")
        self.shop.with_context(no_vat_validation=True).vat = "GB123"
        self.assertEqual(settlement.state, "held")

    def test_who_is_registered(self):
        shop = self.shop.with_context(no_vat_validation=True)
        for vat, expected in ((False, False), ("/", False), ("GB123456782", True)):
            shop.vat = vat
            self.assertEqual(shop._sp_is_registered(), expected, vat)
        branch = self.root_env["res.company"].create({"name": "Branch", "parent_id": shop.id})
        self.assertTrue(branch._sp_is_registered())
        shop.sp_tax_registration = "no"
        self.assertFalse(branch._sp_is_registered())
        shop.write({"vat": False, "sp_tax_registration": "tax_id"})
        self.assertFalse(branch._sp_is_registered())
        germany = self.root_env.ref("base.de")
        self.root_env["account.fiscal.position"].create(
            {"name": "P", "company_id": shop.id, "country_id": germany.id}
        ).with_context(no_vat_validation=True).foreign_vat = "DE123456788"
        self.assertTrue(shop._sp_is_registered(), "abroad is registered too")

    def test_the_manager_says_whether_it_is_registered(self):
        settlement = self.settle(at("Amazon.co.uk", PRICE, "12.00"), total="12.00")
        self.assertEqual(self.open().registration, "yes")
        self.open(registration="no").action_apply()
        self.assertEqual(settlement.state, "review")
        self.assertIn("not registered", settlement.booking_note)
        self.open(registration="later").action_apply()
        self.assertEqual(settlement.state, "held")

    def test_an_applied_registration_is_kept(self):
        self.shop.vat = False
        self.open("uk", registration="yes").action_apply()
        self.assertEqual(self.shop.sp_tax_registration, "yes")
        again = self.open("uk")
        self.assertEqual(again.registered_country_ids, self.root_env.ref("base.uk"))


class TestNoPlace(DecisionCase):
    """Rows without a marketplace, and those of other sales channels."""

    def test_costs_without_a_marketplace_carry_the_home_country_s_tax(self):
        """One number by hand: 246.00 with a sixth inside is 41.00."""
        self.open("uk").action_apply()
        settlement = self.settle(
            (ADS, "-96.00"), (STORAGE, "-30.00"), (SUBSCRIPTION, "-30.00"),
            at("Non-Amazon UK", FBA, "-42.00"), at("Non-Amazon", FBA, "-24.00"),
            at("Amazon.co.uk", FBA, "-24.00"), at("Amazon.co.uk", PRICE, "120.00"),
            total="-126.00",
        )  # fmt: skip
        settlement.action_post()
        self.assertBalanced(settlement)
        self.assertEqual(self.taxed(settlement), {"A": (-100.0, -20.0), "D": (205.0, 41.0)})

    def test_a_sale_without_a_marketplace_is_taxed_by_the_default_one(self):
        self.open("uk").action_apply()
        self.assertEqual(self.shop.sp_default_marketplace_ids, self.place("uk"))
        settlement = self.settle((PRICE, "1200.00"), total="1200.00")
        settlement.action_post()
        self.assertEqual(self.taxed(settlement), {"A": (-1000.0, -200.0)})

    def test_a_sale_without_a_marketplace_and_a_default_is_held(self):
        setup = self.open("uk")
        setup.default_marketplace_ids = False
        setup.action_apply()
        settlement = self.settle(
            (PRICE, "1200.00"), at("Amazon.co.uk", PRICE, "12.00"), total="1212.00"
        )
        self.assertHeld(settlement, "Sales, rows without a marketplace", "1,200.00")
        self.assertNotIn("Amazon.co.uk", settlement.hold_reason)

    def test_a_marketplace_nobody_knows_is_held(self):
        self.open("uk").action_apply()
        settlement = self.settle(at("Amazon.zz", PRICE, "12.00"), total="12.00")
        self.assertHeld(settlement, "Sales, Amazon.zz")

    def test_each_currency_has_its_default(self):
        setup = self.open("uk", "fr", "de", "us")
        self.assertEqual(
            setup.default_marketplace_ids, self.place("uk") | self.place("de") | self.place("us")
        )
        self.shop.sp_default_marketplace_ids = self.place("fr")
        self.assertEqual(
            self.open("uk", "fr", "de").default_marketplace_ids, self.place("uk") | self.place("fr")
        )

    def test_other_channels_are_known_by_name_and_are_no_place_to_sell(self):
        places = self.env["sp.marketplace"]
        find = places._by_name()
        for name in ("Non-Amazon UK", "non-amazon gb", "Non-Amazon_UK", "NON-AMAZON UK"):
            self.assertEqual(find(name), self.place("non_amazon_uk"), name)
        self.assertEqual(find("Non-Amazon"), self.place("non_amazon"))
        self.assertFalse(find("Non-Amazon XX"))
        self.assertFalse(find("Non-Amazonia"))
        countries = places.search([("is_other_channel", "=", False)]).country_id
        channels = places.search([("is_other_channel", "=", True)])
        self.assertEqual(channels.country_id, countries)
        self.assertFalse(channels.filtered("region"), "the regions are Amazon's")
        settlement = self.settle(
            *[at("Non-Amazon UK", FBA, "-1.00")] * 3, at("Amazon.de", PRICE, "5.00"), total="2.00"
        )
        self.assertEqual(settlement.marketplace_id, self.place("de"))
        self.assertNotIn(self.place("non_amazon_uk"), self.open().marketplace_ids)

    def test_another_channel_follows_its_country_until_it_has_lines_of_its_own(self):
        self.open("uk").action_apply()
        own = self.make_account("Webshop", "expense", self.shop)
        settlement = self.settle(at("Non-Amazon UK", FBA, "-12.00"), total="-12.00")
        self.assertEqual(settlement.line_ids.tax_ids, self.input)
        line = self.mappings.create(
            {
                "category": "fba_fees",
                "marketplace_id": self.place("non_amazon_uk").id,
                "account_id": own.id,
                "tax_mode": "none",
                "date_from": "2024-08-01",
            }
        )
        self.assertEqual(settlement.line_ids.mapping_id, line)


class TestLeftOpen(DecisionCase):
    """What the set-up leaves unticked ends undecided, not untaxed."""

    def test_a_proposal_without_a_tax_ends_undecided(self):
        self.make_tax("F", 0)  # two of zero: which one is no guess
        setup = self.open("uk")
        kept = self.lines(setup, "sales", tax_form="withheld")
        self.assertEqual((kept.decision, kept.is_ticked), ("confirm", False))
        setup.action_apply()
        settlement = self.settle(
            *(at("Amazon.co.uk", words, amount, order_item_code="1") for words, amount in (
                (PRICE, "20.00"), ("Order/ItemPrice/Tax", "4.00"),
                ("Order/ItemWithheldTax/MarketplaceFacilitatorVAT-Principal", "-4.00"),
            )),
            total="20.00",
        )  # fmt: skip
        self.assertHeld(settlement, "Sales, Amazon.co.uk, Tax kept by the marketplace", "20.00")
        again = self.open("uk")
        kept = self.lines(again, "sales", tax_form="withheld")
        self.assertEqual((kept.decision, kept.is_ticked), ("confirm", False))
        kept.write({"tax_mode": "none", "is_ticked": True})
        again.action_apply()
        self.assertEqual(settlement.state, "review", "no tax, on purpose")

    def test_everything_can_be_decided_in_one_go(self):
        setup = self.open("uk", "de", "mx")
        for line in setup.line_ids.filtered("has_tax"):
            if line.tax_mode == "undecided" or not line.tax_ids:
                line.write({"tax_mode": "none", "tax_ids": [Command.clear()]})
            line.is_ticked = True
        setup.action_apply()
        self.assertFalse(self.mappings.search([("tax_mode", "=", "undecided")]))
        lines = self.open("uk", "de", "mx").line_ids
        states = {line.decision for line in lines if line.categories != ["other"]}
        self.assertEqual(states, {"decided", "none", False})

    def test_what_the_marketplace_keeps_is_said_where_a_tax_is_mapped_by_hand(self):
        self.decide(["sales"], "output_included", self.standard)
        settlement = self.settle(
            *(at("Amazon.co.uk", words, amount, order_item_code="1") for words, amount in (
                (PRICE, "20.00"), ("Order/ItemPrice/Tax", "4.00"),
                ("Order/ItemWithheldTax/MarketplaceFacilitatorVAT-Principal", "-4.00"),
            )),
            total="20.00",
        )  # fmt: skip
        self.assertEqual(settlement.state, "review", settlement.hold_reason)
        self.assertIn("without a tax of yours", settlement.booking_note)

    def test_what_amazon_takes_back_of_delivery_reclaims_no_vat_that_was_never_charged(self):
        """A British order on record: gift wrap 2.49 and its VAT 0.50, taken back 2.49."""
        self.open("uk").action_apply()
        wrap = {"order_item_code": "1", "sku": "GAME"}
        settlement = self.settle(
            at("Amazon.co.uk", "Order/ItemPrice/GiftWrap", "2.49", **wrap),
            at("Amazon.co.uk", "Order/ItemPrice/GiftWrapTax", "0.50", **wrap),
            at("Amazon.co.uk", "Order/ItemFees/GiftwrapChargeback", "-2.49", **wrap),
            at("Amazon.co.uk", FBA, "-2.40", **wrap),
            total="-1.90",
        )
        settlement.action_post()
        self.assertBalanced(settlement)
        self.assertEqual(self.taxed(settlement), {"A": (-2.49, -0.5), "D": (2.0, 0.4)})


class TestArchived(DecisionCase):
    """A tax, account or journal of the mapping that is archived holds, by name."""

    def setUp(self):
        super().setUp()
        self.decide(["sales"], "output_included", self.standard)
        self.settlement = self.settle(at("Amazon.co.uk", PRICE, "12.00"), total="12.00")
        self.assertEqual(self.settlement.state, "review", self.settlement.hold_reason)

    def check(self, *names):
        self.settlement.action_check()
        self.assertHeld(self.settlement, "archived", *names)
        self.assertEqual(
            {finding.code for finding in self.settlement._decide().holds} - {"archived_journal"},
            set() if "journal" in names else {"archived"},
        )

    def test_a_tax(self):
        self.standard.active = False
        self.check("«A»", "Sales")
        self.assertEqual(self.settlement.line_ids.mapping_id.tax_ids, self.standard, "shown")

    def test_an_account(self):
        self.account_of("sales", self.shop).active = False
        self.check("Sales")

    def test_the_clearing_account(self):
        self.account_of(DEPOSIT, self.shop).active = False
        self.check("Payout")

    def test_the_account_of_a_tax(self):
        owed = self.make_account("Owed", "liability_current", self.shop)
        self.standard.invoice_repartition_line_ids[1].account_id = owed
        owed.active = False
        self.check("Owed")

    def test_the_journal(self):
        self.shop.sp_journal_id.active = False
        self.check("journal", self.shop.sp_journal_id.name)

    def test_a_draft_is_not_posted_with_what_was_archived_since(self):
        """Neither by the settlement's button nor by that of the entry itself."""
        self.settlement.action_book()
        self.assertFalse(self.settlement.newer_plan_note)
        self.standard.active = False
        for record in (self.settlement, self.settlement.move_id):
            with self.assertRaisesRegex(UserError, "«A» is archived"), self.cr.savepoint():
                record.action_post()
        self.settlement.invalidate_recordset()
        self.assertIn("«A» is archived", self.settlement.newer_plan_note)
        self.standard.active = True
        self.settlement.move_id.action_post()
        self.assertEqual(self.settlement.state, "posted")

    def test_what_is_posted_is_not_asked_again(self):
        self.settlement.action_post()
        self.standard.active = False
        self.settlement.invalidate_recordset()
        self.assertFalse(self.settlement.newer_plan_note)
