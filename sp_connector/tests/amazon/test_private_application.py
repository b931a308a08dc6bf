"""Private applications: no consent, a refresh token that is pasted, replaced and revoked."""

from contextlib import suppress
from datetime import datetime, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time

from ..connect_common import LOGIN_ROUTE, MANAGER, ConnectCase, newest_reports


class PrivateCase(ConnectCase):
    def setUp(self):
        super().setUp()
        self.theirs = self.fake.add_application(is_private=True)
        self.application.write(
            {
                "kind": "private",
                "application_ref": self.theirs.application_id,
                "client_id": self.theirs.client_id,
                "client_secret": self.theirs.client_secret,
            }
        )

    def token(self, seller=None):
        """Press Authorize app in the developer console."""
        return self.fake.self_authorize(self.theirs, seller or self.seller).refresh_token

    def wizard(self, connection=None, token=None, seller_ref=None, **vals):
        vals |= {"refresh_token": token or self.token()}
        if connection:
            vals["connection_id"] = connection.id
        else:
            vals |= {"application_id": self.application.id, "company_id": self.company.id}
        if seller_ref or not connection or not connection.selling_partner_ref:
            vals["selling_partner_ref"] = seller_ref or self.seller_ref
        wizard = self.env["sp.connect"].create(vals)
        self.cr.flush()
        return wizard

    def paste(self, connection=None, **options):
        """Verify and connect, or replace; return the connection."""
        action = self.wizard(connection, **options).action_connect()
        return self.env["sp.connection"].browse(action["res_id"])

    def assertRefused(self, wizard, *words):
        """It is refused with these words, and the token is erased although all is undone."""
        with self.assertRaises(UserError) as caught:
            wizard.action_connect()
        for word in (*words, "The token was not kept."):
            self.assertIn(word, str(caught.exception))

    def ask(self, connection):
        try:
            self.env["sp.client"]._ask(connection, newest_reports)
        except Exception as error:  # whatever it is, the test looks at it
            return error
        finally:
            connection.invalidate_recordset()
        return None


class TestPrivateApplication(PrivateCase):
    def test_the_wizard_proposes_the_token_and_refuses_the_consent(self):
        vals = {"application_id": self.application.id, "company_id": self.company.id}
        wizard = self.env["sp.connect"].create(vals)
        self.assertEqual(wizard.method, "token")
        wizard.method = "consent"
        with self.assertRaisesRegex(UserError, "no consent page"):
            wizard.action_connect()
        self.application.kind = "public"
        self.assertEqual(self.env["sp.connect"].create(vals).method, "consent")

    def test_connect_leads_to_the_token_and_never_to_a_consent(self):
        action = self.connection.action_connect()
        self.assertEqual(action["res_model"], "sp.connect")
        self.assertEqual(action["context"], {"default_connection_id": self.connection.id})
        self.assertFalse(self.root_env["sp.oauth.state"].search_count([]))

    def test_nothing_begins_at_amazon(self):
        page = self.visit(f"{LOGIN_ROUTE}/{self.application.id}?amazon_state=x")
        self.assertEqual((page.status, page.title), (200, "Nothing to confirm"))

    def test_no_end_is_promised_and_nothing_announced(self):
        connection = self.paste(self.connection)
        self.assertConnected(connection)
        self.assertTrue(connection.by_token and connection.is_self_authorised)
        self.assertFalse(connection.expires_at)
        with freeze_time(datetime.now() + timedelta(days=364)):
            self.root_env["sp.daily.watch"]._announce_expiry(connection.sudo())
            self.assertEqual((connection.status, connection.problem), ("connected", ""))
        self.assertFalse(self.activities(connection, "reconnect"))

    def test_the_words_are_those_of_a_token(self):
        connection = self.paste(self.connection)
        self.fake.revoke(self.seller, self.theirs)
        self.ask(connection)
        words = f"{connection.problem} {connection.remedy}"
        self.assertIn("Manage Authorizations", words)
        self.assertIn("Replace Token", words)
        for wrong in ("year", "Reconnect", "consent", "Manage Your Apps"):
            self.assertNotIn(wrong, words)
        self.assertTrue(connection.manage_url.endswith("/sellingpartner/developerconsole"))
        self.assertEqual(self.visit(connection.manage_url).title, "Developer Console")
        lines = {line[0]: line for line in self.env["sp.connection.doctor"]._examine(connection)}
        self.assertEqual(lines["Authorisation"][1], "failed")
        self.assertIn("Replace Token", lines["Authorisation"][3])

    def test_taking_leave_names_who_revokes(self):
        connection = self.paste(self.connection)
        wizard = self.env["sp.disconnect"].create({"connection_id": connection.id})
        wizard.action_disconnect()
        said = " ".join(connection.message_ids.mapped("body"))
        self.assertIn("Manage Authorizations", said)
        self.assertNotIn("Manage Your Apps", said)
        self.assertIn("Manage Authorizations", connection.remedy)

    def test_a_public_application_keeps_its_year(self):
        self.application.kind = "public"
        self.connection.sudo().authorised_at = "2026-01-01"
        self.assertTrue(self.connection.expires_at)
        self.application.kind = "private"
        self.assertFalse(self.connection.expires_at)


class TestReplaceToken(PrivateCase):
    def setUp(self):
        super().setUp()
        self.first = self.token()
        self.connection = self.paste(self.connection, token=self.first)

    def put(self, state):
        """Bring the connection into a state as the field does."""
        connection = self.connection
        if state == "attention":
            connection.sudo()._set_state("attention", "no_access")
        elif state == "reconnect_required":
            self.fake.revoke(self.seller, self.theirs)
            self.ask(connection)
        elif state in ("disconnected", "archived"):
            self.env["sp.grant"]._leave(connection.sudo(), "held")
            connection.active = state != "archived"

    def test_in_every_state(self):
        for state in ("connected", "attention", "reconnect_required", "disconnected", "archived"):
            with self.subTest(state):
                # Each try counts against Amazon's limit; they are not made within a minute.
                self.root_env["sp.rate.limit"].search([]).unlink()
                self.put(state)
                fresh = self.token()
                self.assertEqual(self.paste(self.connection, token=fresh), self.connection)
                self.assertConnected()
                self.assertTrue(self.connection.active)
                self.assertEqual(self.tokens()["refresh_token"], fresh)
                self.assertIsNone(self.ask(self.connection))

    def test_the_same_token_once_more_is_no_other_connection(self):
        self.paste(self.connection, token=self.first)
        self.assertConnected()

    def test_a_dead_token_leaves_the_stored_one(self):
        wizard = self.wizard(self.connection, token="Atzr|nonsense")
        self.assertRefused(wizard, "does not accept this refresh token")
        self.assertEqual(self.tokens()["refresh_token"], self.first)

    def test_the_token_of_another_account_is_recognised_by_its_reports(self):
        self.root_env["sp.report"].create(
            {
                "connection_id": self.connection.id,
                "report_ref": "1",
                "document_ref": "amzn1.spdoc.1.4.eu.mine",
                "created_at": datetime.now() - timedelta(days=3),
            }
        )
        other = self.fake.add_seller(("DE",))
        self.fake.add_report("settlement-id\n1\n", other)
        wizard = self.wizard(self.connection, token=self.token(other))
        self.assertRefused(wizard, "the token of another account")
        self.assertEqual(self.tokens()["refresh_token"], self.first)

    def test_the_same_token_under_another_seller_id_is_refused(self):
        wizard = self.wizard(token=self.first, seller_ref="A9999999999999", name="Twice")
        self.assertRefused(wizard, "Already connected", "It is connected as Amazon Europe.")
        self.assertEqual(self.root_env["sp.connection"].search_count([("name", "=", "Twice")]), 0)

    def test_another_token_of_the_account_under_another_seller_id_is_refused(self):
        report = self.fake.add_report("settlement-id\n1\n", self.seller)
        self.root_env["sp.report"].create(
            {
                "connection_id": self.connection.id,
                "report_ref": report.report_id,
                "document_ref": report.report_document_id,
                "created_at": datetime.now(),
            }
        )
        wizard = self.wizard(token=self.token(), seller_ref="A9999999999999", name="Twice")
        self.assertRefused(wizard, "Already connected")

    def test_who_may_not_see_the_other_connection_does_not_learn_its_name(self):
        elsewhere = self.make_company("Elsewhere Ltd")
        self.application.sudo().company_ids |= elsewhere
        self.connection.sudo().company_id = elsewhere
        with self.assertRaises(UserError) as caught:
            self.wizard(token=self.first, seller_ref="A9999999999999").action_connect()
        self.assertIn("Already connected", str(caught.exception))
        self.assertNotIn("Amazon Europe", str(caught.exception))

    def test_an_archived_connection_is_named(self):
        self.put("archived")
        self.assertRefused(self.wizard(), "Replace Token", "It is connected as Amazon Europe.")

    def test_a_seller_id_may_be_typed_as_one_likes(self):
        other = self.fake.add_seller(("DE",))
        typed = f" {other.selling_partner_id.lower()} "
        connection = self.paste(token=self.token(other), seller_ref=typed, name="Second")
        self.assertEqual(connection.selling_partner_ref, other.selling_partner_id)

    def test_another_company_s_manager_replaces_nothing(self):
        stranger = self.make_user("stranger", MANAGER, self.make_company("Elsewhere Ltd"))
        with self.assertRaises(AccessError):
            self.connection.with_user(stranger).action_replace_token()
        wizard = self.env["sp.connect"].with_user(stranger)
        with self.assertRaises(AccessError):
            wizard.create(
                {"connection_id": self.connection.id, "refresh_token": self.token()}
            ).action_connect()

    def test_a_pasted_token_is_used_by_nobody_else(self):
        other = self.fake.add_seller(("DE",))
        wizard = self.wizard(token=self.token(other), seller_ref=other.selling_partner_id)
        second = self.make_user("manager_2", MANAGER)
        with self.assertRaises(AccessError):
            wizard.with_user(second).action_connect()

    def test_a_refused_token_is_erased_although_all_else_is_undone(self):
        """As the web client does it: saved first, then the button in a request of its own."""
        wizard = self.wizard(self.connection, token="Atzr|nonsense")
        self.assertTrue(self.tokens(wizard))
        with suppress(UserError):
            wizard.action_connect()
        self.assertFalse(self.tokens(wizard))
        with self.assertRaisesRegex(UserError, "Paste the refresh token first"):
            wizard.action_connect()
