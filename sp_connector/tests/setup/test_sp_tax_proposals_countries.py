"""Proposed taxes by country: hand-made taxes, and Odoo's own charts."""

import csv
from pathlib import Path
from unittest import SkipTest
from unittest.mock import patch

from odoo.fields import Command
from odoo.modules import get_module_path

from ...engine.books.mapping import TAX_MODES
from ...engine.words.categories import CATEGORIES
from ...models.proposals.tax_proposals import (
    COVERED,
    EVERYWHERE,
    NO_PLACE,
    OWN,
    PROPOSALS,
    RATES,
    TAXES,
)
from ..common import SpCase
from ..tax_common import ADS, ALL_FEES, FEES, OTHER, SALES, SINCE, TaxSetupCase


class TestOtherCountries(TaxSetupCase):
    """Companies with hand-made taxes of their country."""

    def test_countries_of_the_european_union(self):
        rates = {
            "DE": (19, (7,)),
            "FR": (20, (5.5,)),
            "IT": (22, (10, 4)),
            "ES": (21, (10, 4)),
            "NL": (21, (9,)),
        }
        for code, (rate, reduced) in rates.items():
            with self.subTest(code):
                self.establish(code)
                self.set_up_accounts(self.shop, self.keeper)
                sale = self.make_tax("A", rate)
                lower = [self.make_tax(f"A{amount}", amount) for amount in reduced]
                services = self.make_tax("D", rate, "purchase", tax_scope="service")
                reverse = self.make_tax("E", rate, "purchase", reverse=True)
                found = self.propose(code.lower(), "uk")
                self.assertEqual(self.taxes(self.find(found, SALES)), sale)
                by_class = {
                    one.limits.tax_class: self.taxes(one)
                    for one in found
                    if one.limits.tax_class and not one.limits.tax_form
                }
                self.assertEqual(
                    by_class, dict(zip(("reduced", "super_reduced"), lower, strict=False))
                )
                deemed = self.find(found, SALES, "Tax kept by the marketplace", code.lower())
                self.assertEqual((self.state(deemed), deemed.is_certain), ("no_tax", False))
                home = code.lower()
                dated = self.find(found, FEES, SINCE, home)
                self.assertEqual(self.taxes(dated), services)
                self.assertEqual(self.taxes(self.find(found, ADS, place=home)), reverse)
                self.assertEqual(self.taxes(self.find(found, ADS, place="uk")), reverse)
                fees = self.find(found, FEES, place="uk")
                self.assertEqual((fees.mode, self.taxes(fees)), ("reverse_charge", reverse))
                fees = self.find(found, "Selling fees, Subscription", SINCE, "uk")
                self.assertEqual((self.taxes(fees), fees.is_certain), (services, True))
                fees = self.find(found, "FBA fees, Storage fees", SINCE, "uk")
                self.assertEqual((fees.mode, fees.is_certain), ("none", False))
                self.open(code.lower(), "uk").action_apply()
                self.assertIn(reverse, self.mappings.search([]).tax_ids)

    def test_one_stop_shop(self):
        """OSS taxes are of the seller's country; their fiscal position names the buyer's."""
        self.establish("DE")
        self.set_up_accounts(self.shop, self.keeper)
        home = self.make_tax("A", 19)
        position = self.root_env["account.fiscal.position"].create(
            {
                "name": "OSS",
                "company_id": self.shop.id,
                "country_id": self.root_env.ref("base.fr").id,
            }
        )
        oss = self.make_tax("O", 20, fiscal_position_ids=[Command.set(position.ids)])
        found = self.propose("de", "fr")
        self.assertEqual(self.taxes(self.find(found, SALES, place="fr")), oss)
        self.assertEqual(self.taxes(self.find(found, SALES, place="de")), home)
        self.assertFalse(self.find(found, SALES, place="fr").is_certain)

    def test_united_states(self):
        self.establish("US", "USD", vat=False)
        self.set_up_accounts(self.shop, self.keeper)
        self.make_tax("A", 8)
        self.assertEqual(
            self.shown(self.propose("us")),
            [
                (f"{SALES}, Chargebacks", "", "none", "", "new", True),
                (ALL_FEES, "", "none", "", "new", True),
                (OTHER, "", "undecided", "", "open", False),
                ("Reimbursements", "", "none", "", "new", True),
                ("Sales tax collected, Tax withheld by the marketplace", "", "none", "",
                 "already", True),
                (f"{SALES}, Chargebacks", "", "undecided", "", "open", False),
                (f"{ALL_FEES}, {OTHER}", "", "undecided", "", "open", False),
            ],
        )  # fmt: skip
        self.assertEqual(
            self.account_of("sales_tax", self.shop),
            self.account_of("marketplace_withheld_tax", self.shop),
        )

    def test_canada(self):
        self.establish("CA", "CAD")
        self.set_up_accounts(self.shop, self.keeper)
        gst = self.make_tax("A", 5, "purchase")
        found = self.propose("ca")
        ads = self.find(found, "Advertising")
        self.assertEqual(
            (ads.mode, self.taxes(ads), ads.is_certain), ("input_included", gst, False)
        )
        rest = self.find(found, f"{SALES}, Chargebacks", place="ca")
        self.assertEqual((rest.mode, rest.is_certain), ("none", False))
        kept = self.find(found, SALES, "Tax kept by the marketplace")
        self.assertEqual((kept.mode, kept.is_certain), ("none", True))

    def test_australia(self):
        self.establish("AU", "AUD")
        self.set_up_accounts(self.shop, self.keeper)
        self.make_tax("A", 10)
        self.make_tax("D", 10, "purchase")
        self.assertEqual(
            self.shown(self.propose("au"), "au"),
            [
                (SALES, "", "output_included", "A", "new", True),
                (SALES, "No tax charged", "output_included", "", "no_tax", False),
                (SALES, "Tax kept by the marketplace", "marketplace", "", "no_tax", False),
                ("Chargebacks", "", "output_included", "A", "new", False),
                ("Selling fees, FBA fees", "", "input_included", "D", "new", True),
                (f"Storage fees, Subscription, {ADS}", "", "input_included", "D", "new", False),
                (OTHER, "", "undecided", "", "open", False),
                ("Reimbursements", "", "undecided", "", "open", False),
            ],
        )

    def test_japan(self):
        self.establish("JP", "JPY")
        self.set_up_accounts(self.shop, self.keeper)
        self.make_tax("A", 10)
        decision = self.find(self.propose("jp"), SALES)
        self.assertEqual((self.state(decision), decision.is_certain), ("new", False))
        self.assertIn("accountant", decision.reason)

    def test_a_country_without_proposals(self):
        self.establish("CH", "EUR")
        setup = self.open("de")
        self.assertIn("no proposals", " ".join(setup.to_confirm))
        self.assertEqual(set(setup.line_ids.filtered("has_tax").mapped("tax_mode")), {"undecided"})
        self.assertFalse(any(setup.line_ids.mapped("is_ticked")))


class TestBritishChart(TaxSetupCase):
    """With Odoo's own chart and taxes of the United Kingdom."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.establish("UK", "GBP")
        cls.load_chart(cls.shop, "l10n_uk", "uk")
        cls.set_up_accounts(cls.shop, cls.keeper)

    def tax(self, template):
        return self.root_env["account.chart.template"].with_company(self.shop).ref(template)

    def test_the_chart_s_taxes_are_found(self):
        places = self.env["sp.marketplace"]
        found = {
            (
                places.browse(one.limits.marketplace).name,
                self.labels(one),
                self.limits(one),
            ): self.taxes(one)
            for one in self.propose("uk", "de", "us")
            if one.taxes
        }
        uk, kept = "Amazon.co.uk", "Tax kept by the marketplace"
        expected = {
            (uk, SALES, ""): "ST11",
            (uk, SALES, kept): "ST0",
            (uk, SALES, "No tax charged"): "ST0",
            (uk, SALES, "Zero rate"): "ST0",
            (uk, SALES, f"{kept}, Zero rate"): "ST0",
            (uk, "Chargebacks", ""): "ST11",
            (uk, FEES, ""): "PT_20_RCI",
            (uk, FEES, SINCE): "PT_20_S",
            (uk, "Advertising", ""): "PT_20_S",
            ("Amazon.de", SALES, kept): "ST_0_EX",
            ("Amazon.de", FEES, ""): "PT_20_RCI",
            ("Amazon.de", "Selling fees, Subscription", SINCE): "PT_20_S",
            ("Amazon.de", "FBA fees", SINCE): "PT_0_EX",
            ("Amazon.de", ADS, ""): "PT_20_RCI",
            ("Amazon.com", f"Selling fees, Subscription, {ADS}", ""): "PT_20_RCI",
            ("Amazon.com", SALES, "Merchant (FBM)"): "ST_0_EX",
        }
        self.assertEqual(found, {key: self.tax(name) for key, name in expected.items()})

    def test_an_archived_tax_of_the_chart_is_not_replaced_by_another_of_its_rate(self):
        self.tax("PT_20_S").active = False
        self.shop.account_purchase_tax_id = False
        own = self.make_tax("Own", 20, "purchase", tax_scope="service")
        self.assertEqual(self.state(self.find(self.propose("uk"), "Advertising")), "no_tax")
        self.shop.account_purchase_tax_id = own
        self.assertEqual(self.taxes(self.find(self.propose("uk"), "Advertising")), own)

    def test_a_settlement_is_booked_with_the_proposed_taxes(self):
        settlement = self.import_sample("v2_uk_gbp.txt", company=self.shop)
        self.open("uk").action_apply()
        settlement.action_post()
        self.assertEqual(settlement.state, "posted")
        self.assertBalanced(settlement)
        items = settlement._active_moves().line_ids
        taxes = items.tax_ids
        self.assertLessEqual(self.tax("ST11") | self.tax("PT_20_S"), taxes)
        sold = items.filtered(lambda item: self.tax("ST11") in item.tax_ids)
        output = items.filtered(lambda item: item.tax_line_id == self.tax("ST11"))
        self.assertAlmostEqual(
            sum(output.mapped("balance")), sum(sold.mapped("balance")) * 0.2, delta=0.03
        )


class TestProposals(SpCase):
    """The table itself, and that Odoo's charts still have what it names."""

    def test_the_table_speaks_of_what_exists(self):
        for proposal in PROPOSALS:
            with self.subTest(proposal.reason._source):
                self.assertLessEqual(set(proposal.categories), set(CATEGORIES))
                self.assertLessEqual(set(proposal.home), set(COVERED))
                self.assertIn(proposal.tax_mode, TAX_MODES)
                self.assertEqual(proposal.tax_mode == "none", not proposal.tax)
                self.assertLessEqual(set(proposal.markets), {*EVERYWHERE, *OWN, *NO_PLACE})
                if proposal.tax:
                    use = TAXES[proposal.tax].type_tax_use
                    is_input = proposal.tax_mode in ("input_included", "reverse_charge")
                    self.assertEqual(use, "purchase" if is_input else "sale")

    def test_a_missing_chart_skips_a_test_only_where_none_was_promised(self):
        for promised, error in (("l10n_uk", SkipTest), ("l10n_uk,l10n_none", AssertionError)):
            with patch.dict("os.environ", SP_CONNECTOR_TEST_MODULES=promised):
                with self.assertRaises(error):
                    self.load_chart(self.company, "l10n_none", "none")

    def test_odoo_s_charts_have_these_taxes(self):
        modules = {"GB": "uk", "FR": "fr_account"}
        for key, tax in TAXES.items():
            for country, names in tax.templates.items():
                module = f"l10n_{modules.get(country, country.lower())}"
                path = get_module_path(module, display_warning=False)
                if not path:
                    self.skipTest(f"{module} is not here")
                for name in names:
                    with self.subTest(f"{key}: {module}.{name}"):
                        row, factors = self._template(path, name)
                        self.assertEqual(row["type_tax_use"], tax.type_tax_use)
                        rate = RATES[country] if tax.rate is None else tax.rate
                        self.assertEqual(float(row["amount"]), rate)
                        self.assertEqual(row["amount_type"], "percent")
                        self.assertEqual(any(f < 0 for f in factors), tax.shape == "reverse")

    def _template(self, path, name):
        """The row of a tax in a chart's files, and the factors of its parts."""
        for file in Path(path, "data", "template").glob("account.tax-*.csv"):
            row, factors = None, []
            with file.open(newline="", encoding="utf-8") as lines:
                for line in csv.DictReader(lines):
                    if line["id"]:
                        if row:
                            break
                        row = line if line["id"] == name else None
                    if row and line.get("repartition_line_ids/factor_percent"):
                        factors.append(float(line["repartition_line_ids/factor_percent"]))
            if row:
                return row, factors
        self.fail(f"{name} is no tax of {path}")
