"""Coming back from Amazon: what connects, and everything that must not."""

from datetime import timedelta
from urllib.parse import quote, urlsplit

from odoo import fields
from odoo.fields import Command
from odoo.tools import mute_logger

from ...models.amazon.reasons import consent_errors
from ..connect_common import MANAGER, RESULT_ROUTE, RETURN_ROUTE, USER, ConnectCase

AGAIN = "/sp_connector/oauth/again"


class TestOauthSuccess(ConnectCase):
    def test_consent_connects_and_lands_on_the_connection(self):
        back = self.visit(self.consent(self.leave()))
        self.assertEqual(back.status, 303)
        self.assertEqual(
            back.location, f"{self.base_url()}/odoo/amazon-connections/{self.connection.id}"
        )
        self.assertSafe(back)
        self.assertEqual(self.visit(back.location).status, 200)
        self.assertConnected()
        self.assertEqual(self.connection.plan, "INDIVIDUAL")
        self.assertTrue(self.connection.just_connected)
        self.assertAlmostEqual(
            self.connection.expires_at,
            fields.Datetime.now() + timedelta(days=365),
            delta=timedelta(minutes=5),
        )

    def test_marketplaces_are_listed_with_and_without_participation(self):
        self.connect()
        lines = {
            line.marketplace_ref: (line.is_participating, line.is_active)
            for line in self.connection.participation_ids
        }
        self.assertEqual(lines["A1PA6795UKMFR9"], (True, True))
        self.assertEqual(lines["A13V1IB3VIYZZH"], (True, True))
        self.assertEqual(lines["A1805IZSGTT6HS"], (False, False))
        # Shadow marketplaces are shown, and not active.
        self.assertEqual(lines["A38D8NSA03LJTC"], (True, False))
        self.assertEqual(self.connection.active_names, "Amazon.de, Amazon.fr")
        self.assertIn("Amazon.nl", self.connection.other_names)

    def test_stored_tokens_are_amazon_s_and_only_as_ciphertext(self):
        self.connect()
        (grant,) = self.fake.grants_of()
        tokens = self.tokens()
        self.assertEqual(tokens["refresh_token"], grant.refresh_token)
        self.assertIn(tokens["access_token"], self.fake.access_tokens)
        self.cr.execute(
            "SELECT ciphertext FROM sp_secret WHERE res_model = 'sp.connection' AND res_id = %s",
            (self.connection.id,),
        )
        for (ciphertext,) in self.cr.fetchall():
            self.assertTrue(ciphertext.startswith("gAAAA"))
            self.assertNotIn("Atz", ciphertext)

    def test_plan_is_asked_in_europe_only(self):
        seller = self.fake.add_seller(("US",))
        connection = self.make_connection("Amazon America", "us")
        self.connect(connection, seller)
        self.assertConnected(connection, seller)
        self.assertFalse(connection.plan)
        self.assertNotIn("getAccount", self.fake.counts())

    def test_a_draft_application_connects_with_version_beta(self):
        self.fake.update_application(draft=True)
        self.application.is_draft = True
        self.assertIn("version=beta", self.leave())
        self.connect()
        self.assertConnected()

    def test_missing_marketplaces_do_not_prevent_connecting(self):
        self.fake.fail("getMarketplaceParticipations", "role_missing")
        self.connect()
        self.assertConnected()
        self.assertFalse(self.connection.participation_ids)
        said = " ".join(self.connection.message_ids.mapped("body"))
        self.assertIn("The marketplaces could not be read", said)

    def test_the_old_mws_token_beside_the_code_is_ignored(self):
        self.follow(self.visit(self.return_url(mws_auth_token="amzn.mws.1")))
        self.assertConnected()


class TestOauthState(ConnectCase):
    def test_missing_state(self):
        self.leave()
        self.assertRefused(self.return_url(state=""), "missing_state")
        url = f"{RETURN_ROUTE}?selling_partner_id={self.seller_ref}&spapi_oauth_code=x"
        self.assertRefused(url, "missing_state")

    def test_forged_state(self):
        state = self.state_of(self.leave())
        for forged in ("x", state[:-1], state + "x", state.swapcase(), "' OR 1=1 --", "\0", "é"):
            with self.subTest(forged):
                self.assertRefused(self.return_url(forged), "unknown_state")

    def test_the_hash_in_the_database_is_no_state(self):
        state = self.state_of(self.leave())
        (kept,) = self.root_env["sp.oauth.state"].search([]).mapped("token_hash")
        self.assertNotIn(state, kept)
        self.assertRefused(self.return_url(kept), "unknown_state")

    def test_expired_state(self):
        state = self.state_of(self.leave())
        kept = self.root_env["sp.oauth.state"].search([])
        self.assertAlmostEqual(
            kept.expires_at,
            fields.Datetime.now() + timedelta(minutes=10),
            delta=timedelta(seconds=30),
        )
        kept.expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.assertRefused(self.return_url(state), "expired")
        # It does not come back to life either.
        kept.expires_at = fields.Datetime.now() + timedelta(minutes=1)
        self.assertRefused(self.return_url(state), "used")

    def test_reused_state_with_a_fresh_code(self):
        state = self.state_of(self.leave())
        self.follow(self.visit(self.return_url(state)))
        self.assertConnected()
        self.assertRefused(self.return_url(state), "used")

    def test_reused_return_address(self):
        url = self.consent(self.leave())
        self.visit(url)
        self.assertConnected()
        self.assertRefused(url, "used")

    def test_another_user_s_state(self):
        other = self.make_user("manager_2", MANAGER)
        state = self.state_of(self.leave())
        self.sign_in(other)
        self.assertRefused(self.return_url(state), "wrong_user")
        # It is not theirs to spoil: the one who left still may return.
        self.sign_in(self.manager)
        self.follow(self.visit(self.return_url(state)))
        self.assertConnected()

    def test_user_who_lost_the_company(self):
        state = self.state_of(self.leave())
        elsewhere = self.make_company("Elsewhere Ltd")
        self.manager.sudo().write(
            {"company_ids": [Command.set(elsewhere.ids)], "company_id": elsewhere.id}
        )
        page = self.assertRefused(self.return_url(state), "no_access")
        self.assertFalse(page.tree.xpath("//form"), "Try again")

    def test_connection_that_moved_to_another_company(self):
        elsewhere = self.make_company("Elsewhere Ltd")
        self.manager.sudo().company_ids |= elsewhere
        self.application.sudo().company_ids |= elsewhere
        state = self.state_of(self.leave())
        self.connection.sudo().company_id = elsewhere
        self.assertRefused(self.return_url(state), "no_access")

    def test_user_who_is_no_longer_manager(self):
        state = self.state_of(self.leave())
        self.manager.sudo().group_ids = [Command.set(self.root_env.ref(USER).ids)]
        self.assertRefused(self.return_url(state), "no_access")

    def test_user_who_was_archived(self):
        state = self.state_of(self.leave())
        self.manager.sudo().active = False
        before = self.stored()
        page = self.follow(self.visit(self.return_url(state)))
        self.assertIn(page.status, (200, 303))
        self.assertUnchanged(before)
        self.assertFalse(self.token_calls())

    def test_connection_that_was_deleted(self):
        connection = self.make_connection("Short life")
        state = self.state_of(self.leave(connection))
        connection.unlink()
        self.assertRefused(self.return_url(state), "unknown_state")

    def test_disconnecting_ends_a_consent_under_way(self):
        state = self.state_of(self.leave())
        self.connection.action_disconnect()
        self.env["sp.disconnect"].search([]).action_disconnect()
        self.assertRefused(self.return_url(state), "unknown_state")

    def test_signed_out_browser(self):
        url = self.return_url()
        self.sign_in(None)
        before = self.stored()
        page = self.follow(self.visit(url))
        self.assertEqual((page.status, page.title), (200, "You are signed out"))
        self.assertSafe(page)
        # Neither code nor state stays in the browser's address.
        self.assertFalse(urlsplit(page.url).query)
        self.assertUnchanged(before)
        self.assertFalse(self.token_calls())
        # Signed in again, the same consent is still good.
        self.sign_in(self.manager)
        self.follow(self.visit(url))
        self.assertConnected()

    def test_a_look_by_head_burns_no_state(self):
        url = self.return_url()
        self.assertEqual(self.visit(url, method="HEAD").status, 200)
        self.follow(self.visit(url))
        self.assertConnected()

    def test_old_states_are_swept_away(self):
        self.leave()
        kept = self.root_env["sp.oauth.state"].search([])
        kept.expires_at = fields.Datetime.now() - timedelta(days=2)
        self.leave()
        self.root_env["sp.oauth.state"]._gc_states()
        self.assertFalse(kept.exists())
        self.assertEqual(self.root_env["sp.oauth.state"].search_count([]), 1)


class TestOauthSeller(ConnectCase):
    def setUp(self):
        super().setUp()
        self.other = self.fake.add_seller(("DE", "IT"), name="Other Seller")

    def test_reconnecting_with_another_seller(self):
        self.connect()
        url = self.consent(self.leave(), self.other)
        page = self.assertRefused(url, "wrong_seller")
        self.assertIn("Try again", page.text)
        # Amazon holds a grant of that account now, and that is said.
        self.assertTrue(self.fake.grants_of(self.other))
        self.assertIn("has now given the application access", page.words)
        self.assertConnected()

    def test_another_connection_s_state(self):
        """The state of one connection with the consent of the seller of another one."""
        self.connect()
        second = self.make_connection("Second")
        self.connect(second, self.other)
        state = self.state_of(self.leave(second))
        self.assertRefused(self.return_url(state), "wrong_seller")

    def test_seller_id_swapped_in_the_address(self):
        self.connect()
        code = self.fake.code_for(seller=self.other)
        self.assertRefused(
            self.return_url(
                selling_partner_id=self.other.selling_partner_id, spapi_oauth_code=code
            ),
            "wrong_seller",
        )

    def test_seller_that_is_connected_already(self):
        self.connect()
        second = self.make_connection("Second")
        url = self.consent(self.leave(second))
        self.assertRefused(url, "already_connected")
        self.assertEqual(second.state, "draft")

    def test_seller_that_is_connected_already_by_an_archived_connection(self):
        self.connect()
        self.connection.active = False
        url = self.consent(self.leave(self.make_connection("Second")))
        self.assertRefused(url, "already_connected")

    def test_seller_that_is_connected_already_for_a_company_out_of_sight(self):
        elsewhere = self.make_company("Elsewhere Ltd")
        self.application.sudo().company_ids |= elsewhere
        self.connect()
        self.connection.sudo().company_id = elsewhere
        url = self.consent(self.leave(self.make_connection("Second")))
        self.assertRefused(url, "already_connected")

    def test_garbage_seller_id(self):
        for seller in ("", None, "a3fhexample", "A" * 40, "A1B2C3; DROP", "../A1B2C3", "A1B2C3\n"):
            with self.subTest(seller):
                self.assertRefused(self.return_url(selling_partner_id=seller), "bad_seller")


class TestOauthCode(ConnectCase):
    def test_code_replayed_with_a_fresh_state(self):
        code = self.fake.code_for()
        self.follow(self.visit(self.return_url(spapi_oauth_code=code)))
        self.assertConnected()
        page = self.assertRefused(
            self.return_url(spapi_oauth_code=code), "code_refused", exchanges=1
        )
        self.assertIn("Try again", page.text)

    def test_code_older_than_five_minutes(self):
        url = self.consent(self.leave())
        self.fake.advance(301)
        self.assertRefused(url, "code_refused", exchanges=1)

    def test_code_of_another_application(self):
        redirect = self.theirs.redirect_uris
        foreign = self.fake.add_application(redirect, redirect[0])
        code = self.fake.code_for(foreign, self.seller)
        self.assertRefused(self.return_url(spapi_oauth_code=code), "code_refused", exchanges=1)

    def test_repeated_parameters(self):
        for name in ("state", "spapi_oauth_code", "selling_partner_id", "mws_auth_token"):
            for second in ("", "x"):
                with self.subTest(name, second=second):
                    url = self.return_url(mws_auth_token="y")
                    self.assertRefused(f"{url}&{name}={second}", "repeated_parameters")
                    self.assertRefused(
                        url.replace("?", f"?{name}={second}&"), "repeated_parameters"
                    )

    def test_login_with_amazon_in_trouble(self):
        for kind in ("500", "503", "html", "empty", "reset", "secret_refused", "role_missing"):
            with self.subTest(kind):
                self.fake.fail("token", kind)
                page = self.assertRefused(self.return_url(), "amazon", exchanges=1)
                self.assertIn("Try again", page.text)
                self.assertIn("Code:", page.words)

    def test_header_injection_by_any_parameter(self):
        poison = "x\r\nX-Poison: 1\r\nSet-Cookie: session_id=evil"
        for name in ("state", "spapi_oauth_code", "selling_partner_id", "error", "extra"):
            with self.subTest(name):
                before = self.stored()
                page = self.visit(
                    self.return_url(**{name: poison})
                    if name != "extra"
                    else (f"{RETURN_ROUTE}?extra={quote(poison)}")
                )
                for one in (page, self.follow(page)):
                    self.assertNotIn("X-Poison", one.headers)
                    self.assertNotIn("evil", str(one.headers))
                if name not in ("error", "extra"):
                    self.assertUnchanged(before)

    def test_script_in_any_parameter(self):
        poison = "<script>alert(1)</script>"
        for name in ("state", "selling_partner_id", "error"):
            with self.subTest(name):
                values = {name: poison}
                if name == "error":
                    values["spapi_oauth_code"] = None
                page = self.follow(self.visit(self.return_url(**values)))
                self.assertNotIn("alert(1)", page.text)


class TestOauthCancelled(ConnectCase):
    def test_cancel_without_a_return_changes_nothing(self):
        before = self.stored()
        page = self.visit(self.leave())
        page = self.submit(page, decision="cancel")
        self.assertEqual((page.status, page.location), (200, None))
        self.assertUnchanged(before)
        # Pressing Connect again works at once.
        self.connect()
        self.assertConnected()

    def test_cancel_with_access_denied(self):
        self.fake.set_options(cancel_redirects=True)
        url = self.consent(self.leave(), decision="cancel")
        self.assertIn("error=access_denied", url)
        page = self.assertRefused(url, "cancelled")
        self.assertIn("Nothing was changed", page.words)
        self.assertNotIn("access_denied", page.words)
        self.assertRefused(url, "used")

    def test_return_without_code(self):
        self.assertRefused(self.return_url(spapi_oauth_code=None), "cancelled")

    def test_every_code_of_amazon_has_its_words_and_try_again(self):
        self.assertGreater(len(consent_errors(self.env)), 10)
        for code, what, remedy in consent_errors(self.env):
            if code == "access_denied":
                continue  # the person's own wish
            with self.subTest(code):
                url = self.return_url(spapi_oauth_code=None, error=code)
                page = self.assertRefused(url, "amazon")
                self.assertIn(what, page.words)
                self.assertIn(remedy, page.words)
                self.assertEqual(page.tree.xpath("//p/code/text()"), [code])
                again = self.submit(page)
                self.assertEqual(again.status, 303)
                self.assertTrue(again.location.startswith(f"{self.server.url}/apps/authorize/"))

    def test_every_page_explains_the_codes_amazon_shows_itself(self):
        page = self.follow(self.visit(self.return_url("forged")))
        for code, what, remedy in consent_errors(self.env):
            self.assertIn(code, page.text)
            self.assertIn(what, page.tree.text_content())
            self.assertIn(remedy, page.tree.text_content())
        self.assertIn("private window", page.tree.text_content())

    def test_try_again_leads_through(self):
        page = self.follow(self.visit(self.return_url(spapi_oauth_code=None, error="SPDC8143")))
        again = self.submit(page)
        self.assertSafe(again)
        self.visit(self.consent(again.location))
        self.assertConnected()

    def test_try_again_is_offered_after_expiry_and_double_use(self):
        state = self.state_of(self.leave())
        self.root_env["sp.oauth.state"].search([]).expires_at = "2020-01-01"
        for ending in ("expired", "used"):
            page = self.assertRefused(self.return_url(state), ending)
            self.assertIn("/apps/authorize/consent", self.submit(page).location)


class TestOauthRoutes(ConnectCase):
    def test_no_get_changes_anything(self):
        self.leave()
        before = self.stored()
        self.cr.execute("SELECT to_jsonb(s) FROM sp_oauth_state s")
        states = self.cr.fetchall()
        for path in (
            RETURN_ROUTE,
            RESULT_ROUTE,
            f"{AGAIN}?connection_id={self.connection.id}",
            "/sp_connector/oauth/login/confirm",
            "/sp_connector/oauth/login/go",
            f"/sp_connector/oauth/login/{self.application.id}",
            f"{RETURN_ROUTE}?error=access_denied",
            f"{RETURN_ROUTE}?connection_id={self.connection.id}&spapi_oauth_code=x",
        ):
            for method in ("GET", "HEAD"):
                with self.subTest(path, method=method):
                    page = self.visit(path, method=method)
                    self.assertLess(page.status, 500)
                    self.assertUnchanged(before)
        self.cr.execute("SELECT to_jsonb(s) FROM sp_oauth_state s")
        self.assertEqual(self.cr.fetchall(), states)
        self.assertFalse(self.token_calls())

    @mute_logger("odoo.http")
    def test_post_needs_a_csrf_token(self):
        for path in (AGAIN, "/sp_connector/oauth/login/go"):
            for token in ({}, {"csrf_token": "forged"}):
                with self.subTest(path, token=token):
                    page = self.visit(path, {"connection_id": self.connection.id, **token})
                    self.assertEqual(page.status, 400)
        self.assertFalse(self.root_env["sp.oauth.state"].search_count([]))

    def test_return_takes_no_post(self):
        before = self.stored()
        page = self.visit(self.return_url(), {"state": "x"})
        self.assertIn(page.status, (400, 404, 405))
        self.assertUnchanged(before)

    def test_try_again_is_refused_to_who_may_not(self):
        page = self.follow(self.visit(self.return_url(spapi_oauth_code=None, error="MD1000")))
        _address, values = page.form
        elsewhere = self.make_company("Elsewhere Ltd")
        self.application.sudo().company_ids |= elsewhere
        foreign = self.make_connection("Foreign")
        foreign.sudo().company_id = elsewhere
        before = self.root_env["sp.oauth.state"].search_count([])
        for connection_id in (foreign.id, 999_999_999, 0, -1, "x", "", "1 OR 1=1"):
            with self.subTest(connection_id):
                page = self.visit(AGAIN, {**values, "connection_id": connection_id})
                self.assertEnding(page, "no_access")
        self.assertEqual(self.root_env["sp.oauth.state"].search_count([]), before)

    def test_try_again_of_a_bookkeeper_is_refused(self):
        self.sign_in(self.bookkeeper)
        page = self.visit(RESULT_ROUTE)
        self.assertEnding(page, "missing_state")
        self.cr.flush()
        token = self.csrf_token()
        page = self.visit(AGAIN, {"csrf_token": token, "connection_id": self.connection.id})
        self.assertEnding(page, "no_access")

    def test_result_belongs_to_the_browser_that_returned(self):
        self.follow(self.visit(self.return_url(spapi_oauth_code=None, error="MD1000")))
        self.sign_in(self.bookkeeper)
        page = self.visit(RESULT_ROUTE)
        self.assertEnding(page, "missing_state")
        self.assertNotIn("Code:", page.words)
