"""The single measures that keep secrets in: what is typed, what is logged, what is stored."""

import logging
import threading

from odoo.exceptions import AccessError

from ..connect_common import RETURN_ROUTE, ConnectCase


class TestHiding(ConnectCase):
    """The two filters that keep secrets out of Odoo's own log records."""

    def test_the_access_log_shows_our_routes_without_their_query(self):
        with self.assertLogs("werkzeug", logging.INFO) as logged:
            self.visit(f"{RETURN_ROUTE}?state=marked-state&spapi_oauth_code=marked-code")
            # The line is written after the answer is sent.
            for thread in threading.enumerate():
                if thread.name.startswith("odoo.service.http.request."):
                    thread.join(5)
        text = "\n".join(logged.output)
        self.assertIn(RETURN_ROUTE, text)
        self.assertNotIn("marked", text)

    def test_other_routes_keep_their_query(self):
        logger = logging.getLogger("werkzeug")
        with self.assertLogs("werkzeug", logging.INFO) as logged:
            logger.info('"%s" %s', "GET /web/health?x=kept HTTP/1.1", 200)
            logger.info("GET /sp_connector/oauth/return?state=%s HTTP/1.1 303", "marked")
        self.assertIn("x=kept", logged.output[0])
        self.assertNotIn("marked", logged.output[1])
        self.assertIn("HTTP/1.1 303", logged.output[1])

    def test_calls_of_other_models_keep_their_arguments(self):
        logger = logging.getLogger("odoo.service.model")
        with self.assertLogs("odoo.service.model", "DEBUG") as logged:
            logger.debug("call %s.%s(%s)", self.connection, "write", "kept")
            logger.debug("call %s.%s(%s)", self.application, "write", "marked")
        self.assertIn("kept", logged.output[0])
        self.assertIn("sp.application", logged.output[1])
        self.assertNotIn("marked", logged.output[1])

    def test_even_a_group_with_rights_on_the_model_reads_no_ciphertext(self):
        administrator = self.make_user("administrator", "base.group_system")
        self.root_env.ref("sp_connector.access_sp_secret_nobody").perm_read = True
        secrets = self.env["sp.secret"].with_user(administrator)
        self.assertTrue(secrets.search([]).mapped("name"))
        for read in (
            lambda: secrets.search([]).read(["ciphertext"]),
            lambda: secrets.search([]).mapped("ciphertext"),
            lambda: secrets.search([("ciphertext", "like", "g")]),
            lambda: secrets.search([]).export_data(["ciphertext"]),
        ):
            with self.assertRaises(AccessError):
                read()
