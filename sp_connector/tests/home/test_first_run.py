"""From the installed app to the first posted settlement, in a real browser."""

from odoo.tests import HttpCase, freeze_time, tagged

from ..common import MANAGER, SpCase

#: Country, its chart, currency, tax ID, and the settlement that the tour brings.
PLACES = (
    ("uk", "l10n_uk", "uk", "GBP", False, "7800000001"),
    ("de", "l10n_de", "de_skr03", "EUR", "DE123456788", "7800000002"),
    ("fr", "l10n_fr_account", "fr", "EUR", "FR23334175221", "7800000003"),
    ("us", "l10n_us_account", "generic_coa", "USD", False, "7800000004"),
)


@tagged("post_install", "-at_install")
class TestFirstRunTour(SpCase, HttpCase):
    def start(self, country, module, chart, currency, vat, reference):
        company = self.make_company(f"Fresh {country}", currency, country)
        company.vat = vat
        self.load_chart(company, module, chart)
        person = self.make_user(f"fresh_{country}", MANAGER, company)
        # The browser signs in by itself.
        self.env = self.root_env
        self.start_tour("/odoo/amazon", f"sp_connector_first_run_{reference}", login=person.login)
        settlement = self.env["sp.settlement"].search([("company_id", "=", company.id)])
        self.assertEqual((settlement.settlement_ref, settlement.state), (reference, "posted"))
        self.assertBalanced(settlement)
        home = self.env(user=person, context={"allowed_company_ids": company.ids})["sp.home"]
        self.assertFalse(home.get_home()["first_run"])

    def test_from_a_file_to_the_first_posted_settlement(self):
        for place in PLACES:
            with self.subTest(place[0]):
                self.start(*place)


@tagged("post_install", "-at_install")
class TestHomeTour(SpCase, HttpCase):
    def test_a_bookkeeper_s_first_page(self):
        self.import_sample("v2_uk_gbp.txt", "v2_unknown_words.txt", env=self.root_env)
        self.env = self.root_env
        with freeze_time("2026-06-01"):
            self.start_tour("/odoo/amazon", "sp_connector_home", login=self.bookkeeper.login)
