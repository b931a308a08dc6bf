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
    def start(self, tour, decision="confirm"):
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
            self.start_tour(_CARDS, tour, login=self.manager.login)
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

    def test_disconnect(self):
        self.connect()
        self.start("sp_connector_disconnect")
        self.assertEqual(self.connection.state, "disconnected")
        self.assertEqual(self.connection.amazon_grant, "held")
        self.assertFalse(self.env["sp.connection.doctor"]._has_token(self.connection))
