"""Connecting in a real browser: from Odoo to Amazon's consent page over real HTTP, and back.

In Odoo the tours of ``connect_tour.js`` press the buttons. On Amazon's pages, and
on our own pages without scripts, a script does it that the browser runs in every new document;
the tour goes on by itself when Odoo is back.
"""

from unittest.mock import patch

from odoo.tests import tagged
from odoo.tests.common import ChromeBrowser

from ...const import RESULT_ROUTE
from ..common import SpCase
from ..connect_common import ConnectCase

_CARDS = "/odoo/amazon-connections"
#: What the person does outside of Odoo's web client.
_PERSON = """
document.addEventListener("DOMContentLoaded", () => {
    const press = (selector) => {
        const button = document.querySelector(selector);
        button ? button.click() : console.error(`${selector} is not on ${document.title}`);
    };
    if (location.origin === "%(amazon)s" && location.pathname === "/apps/authorize/consent") {
        press("#%(decision)s");
    } else if (location.pathname === "%(result)s") {
        press("main h1 ~ a[href^='/odoo/']");
    }
});
"""


@tagged("post_install", "-at_install")
class TestConnectBrowser(ConnectCase):
    load_chart = classmethod(SpCase.load_chart.__func__)

    def start(self, tour, decision="confirm", url=_CARDS):
        """Run a tour as the manager, who decides so on Amazon's consent page."""
        script = _PERSON % {
            "amazon": self.server.url,
            "decision": decision,
            "result": RESULT_ROUTE,
        }
        navigate_to = ChromeBrowser.navigate_to

        def prepare_and_navigate(browser, *args, **kwargs):
            browser._websocket_request(
                "Page.addScriptToEvaluateOnNewDocument", params={"source": script}
            )
            return navigate_to(browser, *args, **kwargs)

        with patch.object(ChromeBrowser, "navigate_to", prepare_and_navigate):
            self.start_tour(url, tour, login=self.manager.login)
        self.env.invalidate_all()

    def test_connect(self):
        self.connection.unlink()
        self.start("sp_connector_connect")
        connection = self.env["sp.connection"].search(
            [("application_id", "=", self.application.id)]
        )
        self.assertEqual(connection.state, "connected")
        self.assertEqual(connection.selling_partner_ref, self.seller_ref)
        self.assertEqual(connection.plan, "INDIVIDUAL")
        self.assertEqual(len(self.token_calls("authorization_code")), 1)

    def test_cancel(self):
        self.fake.set_options(cancel_redirects=True)
        self.start("sp_connector_cancel", "cancel")
        self.assertEqual(self.connection.state, "draft")
        self.assertFalse(self.token_calls())

    def test_reconnect(self):
        self.connect()
        self.fake.revoke()
        # Its hour is over, so the next question to Amazon needs the refresh token.
        secrets = self.root_env["sp.secret"].search([("name", "=", "access_token")])
        secrets.expires_at = "2020-01-01"
        self.start("sp_connector_reconnect")
        self.assertEqual(self.connection.state, "connected")

    def test_sync_now_until_the_settlement(self):
        self.connect()
        for name in ("v2_uk_gbp.txt", "v2_de_eur_comma.txt"):
            self.fake.add_report(SpCase.sample(name), self.seller)
        self.connection.sudo().authorised_at = "2026-01-01"  # else the form looks by itself
        self.start("sp_connector_sync_now")
        self.root_env.ref("sp_connector.ir_cron_import_reports").method_direct_trigger()
        self.start("sp_connector_read_reports")
        self.assertEqual(set(self.connection.report_ids.mapped("state")), {"imported"})

    def test_from_home_to_the_first_posted_settlement(self):
        """As with a file (``tests/home``): connect, consent, set up, look, post."""
        self.connection.unlink()
        self.company.vat = "GB123456782"
        self.load_chart(self.company, "l10n_uk", "uk")
        self.fake.add_report(SpCase.sample("v2_uk_gbp.txt"), self.seller)
        self.start("sp_connector_first_run_connect", url="/odoo/amazon")
        self.root_env.ref("sp_connector.ir_cron_import_reports").method_direct_trigger()
        self.start("sp_connector_first_run_arrived", url="/odoo/amazon")
        settlement = self.root_env["sp.settlement"].search([("company_id", "=", self.company.id)])
        self.assertEqual(settlement.state, "posted")

    def test_from_home_to_the_first_posted_settlement_on_skr03(self):
        self.connection.unlink()
        self.company.write(
            {
                "country_id": self.root_env.ref("base.de").id,
                "currency_id": self.root_env.ref("base.EUR").id,
                "vat": "DE123456788",
            }
        )
        self.load_chart(self.company, "l10n_de", "de_skr03")
        self.fake.add_report(SpCase.sample("v2_de_eur_comma.txt"), self.seller)
        self.start("sp_connector_first_run_connect", url="/odoo/amazon")
        self.root_env.ref("sp_connector.ir_cron_import_reports").method_direct_trigger()
        self.start("sp_connector_first_run_arrived", url="/odoo/amazon")
        settlement = self.root_env["sp.settlement"].search([("company_id", "=", self.company.id)])
        self.assertEqual(settlement.state, "posted")
        self.assertEqual(settlement.company_currency_id.name, "EUR")
        sales = settlement.line_ids.filtered(lambda line: line.category == "sales")
        codes = set(sales.account_id.with_company(self.company).mapped("code"))
        self.assertTrue(codes and all(code.startswith("8") for code in codes), codes)

    def test_disconnect(self):
        self.connect()
        self.start("sp_connector_disconnect")
        self.assertEqual(self.connection.state, "disconnected")
        self.assertEqual(self.connection.amazon_grant, "held")
        self.assertFalse(self.env["sp.connection.doctor"]._has_token(self.connection))
