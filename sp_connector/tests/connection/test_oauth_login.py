"""Amazon starts: the Login URI, for a first authorisation and for the yearly one."""

from datetime import datetime, timedelta
from unittest.mock import patch
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import odoo.http
from odoo.fields import Command
from odoo.tests import freeze_time

from ...engine.amazon.oauth import check_callback
from ..connect_common import LOGIN_ROUTE, MANAGER, USER, ConnectCase

CONFIRM, GO = f"{LOGIN_ROUTE}/confirm", f"{LOGIN_ROUTE}/go"
PATH = "/apps/authorize/confirm/amzn1.sp.solution.1"
#: What somebody could send a manager as a link, in words → amazon_callback_uri.
HOSTILE = {
    "another host": f"https://evil.example{PATH}",
    "no scheme": f"//evil.example{PATH}",
    "three slashes": f"///evil.example{PATH}",
    "user before the host": f"https://sellercentral.amazon.com@evil.example{PATH}",
    "user and password": f"https://sellercentral.amazon.com:x@evil.example{PATH}",
    "encoded at sign": f"https://sellercentral.amazon.com%40evil.example{PATH}",
    "Amazon's host as a subdomain": f"https://sellercentral.amazon.com.evil.example{PATH}",
    "look-alike in front": f"https://xsellercentral.amazon.com{PATH}",
    "look-alike behind": f"https://sellercentral.amazon.co{PATH}",
    "look-alike with a dash": f"https://sellercentral-evil.amazon.com{PATH}",
    "other host of Amazon": f"https://s3.amazonaws.com{PATH}",
    "trailing dot": f"https://sellercentral.amazon.com.{PATH}",
    "another port": f"https://sellercentral.amazon.com:8443{PATH}",
    "the usual port": f"https://sellercentral.amazon.com:443{PATH}",
    "empty port": f"https://sellercentral.amazon.com:{PATH}",
    "http": f"http://sellercentral.amazon.com{PATH}",
    "javascript": "javascript:alert(1)",
    "javascript with a path": f"javascript://sellercentral.amazon.com{PATH}",
    "data": "data:text/html,<script>alert(1)</script>",
    "file": f"file://sellercentral.amazon.com{PATH}",
    "backslash": f"https://sellercentral.amazon.com\\@evil.example{PATH}",
    "backslashes": f"\\\\evil.example{PATH}",
    "slash and backslash": f"/\\evil.example{PATH}",
    "encoded backslash": f"https://sellercentral.amazon.com%5c@evil.example{PATH}",
    "encoded slashes": f"%2f%2fevil.example{PATH}",
    "dots": "https://sellercentral.amazon.com/apps/authorize/../../evil",
    "encoded dots": "https://sellercentral.amazon.com/apps/authorize/%2e%2e/%2e%2e/evil",
    "dots and a relative path": "/apps/authorize/../../evil",
    "double slash in the path": "/apps/authorize//evil.example/",
    "another path": "https://sellercentral.amazon.com/gp/redirect.html",
    "another relative path": "/redirect",
    "path without its root": "apps/authorize/confirm/x",
    "query of its own": f"https://sellercentral.amazon.com{PATH}?redirect=https://evil.example",
    "fragment": f"https://sellercentral.amazon.com{PATH}#https://evil.example",
    "parameters": f"https://sellercentral.amazon.com{PATH};x=y",
    "newline": f"https://sellercentral.amazon.com{PATH}\nX-Poison: 1",
    "newline at the end": f"https://sellercentral.amazon.com{PATH}\n",
    "CRLF": f"https://sellercentral.amazon.com{PATH}\r\nSet-Cookie: a=b",
    "encoded CRLF": f"https://sellercentral.amazon.com{PATH}%0d%0aSet-Cookie:a=b",
    "tab": f"https://sellercentral.amazon.com\t{PATH}",
    "tab in the scheme": f"ht\ttps://evil.example{PATH}",
    "leading blank": f" https://sellercentral.amazon.com{PATH}",
    "zero byte": f"https://sellercentral.amazon.com\0.evil.example{PATH}",
    "Cyrillic letter": f"https://sellercentral.аmazon.com{PATH}",
    "full-width dot": f"https://sellercentral.amazon.com．evil.example{PATH}",
    "full-width slash": f"https://evil.example／sellercentral.amazon.com{PATH}",
    "unicode digits in the port": f"https://sellercentral.amazon.com:４４３{PATH}",
    "capitals": f"HTTPS://SELLERCENTRAL.AMAZON.COM{PATH}",
    "IPv6": f"https://[::1]{PATH}",
    "empty": "",
    "host only": "https://sellercentral.amazon.com",
    "very long": f"https://sellercentral.amazon.com{PATH}{'a' * 600}",
}


class LoginCase(ConnectCase):
    def start_at_amazon(self, seller=None):
        """Press Authorize Now at Amazon; return the address of the Login URI it leads to."""
        seller_ref = (seller or self.seller).selling_partner_id
        url = f"{self.server.url}/apps/authorize/confirm/{self.theirs.application_id}"
        page = self.visit(f"{url}?seller={seller_ref}")
        return self.submit(page, seller=seller_ref, decision="confirm").location

    def login_url(self, **values):
        query = {
            "amazon_callback_uri": f"{self.server.url}{PATH}",
            "amazon_state": "amazon-state-1",
            "selling_partner_id": self.seller_ref,
            **values,
        }
        query = {name: value for name, value in query.items() if value is not None}
        return f"{LOGIN_ROUTE}/{self.application.id}?{urlencode(query)}"

    def go(self, url):
        """From the Login URI over Odoo's question to Amazon; return where Odoo sends to."""
        return self.submit(self.follow(self.visit(url)))

    def connections(self):
        return self.root_env["sp.connection"].search(
            [("application_id", "=", self.application.id)], order="id"
        )


class TestOauthLogin(LoginCase):
    def test_a_new_seller_is_asked_about_first_then_connected(self):
        before = self.stored()
        page = self.visit(self.start_at_amazon())
        self.assertEqual((page.status, urlsplit(page.location).query), (303, ""))
        self.assertSafe(page)
        page = self.follow(page)
        self.assertEqual(page.title, "Connect this Amazon seller account?")
        self.assertIn(self.seller_ref, page.words)
        self.assertSafe(page)
        self.assertUnchanged(before)
        page = self.submit(page)
        self.assertSafe(page)
        # Amazon checks the states of both sides and returns with the code.
        page = self.visit(self.visit(page.location).location)
        connection = self.connections() - self.connection
        self.assertEqual(
            page.location, f"{self.base_url()}/odoo/amazon-connections/{connection.id}"
        )
        self.assertConnected(connection)
        self.assertEqual(connection.company_id, self.company)
        self.assertIn(self.seller_ref, connection.name)

    def test_the_region_is_found_by_asking(self):
        for countries, region in ((("US", "CA"), "na"), (("JP",), "fe"), (("PL", "SE"), "eu")):
            for is_empty in (False, True):
                with self.subTest(region, wrong_region_is_empty=is_empty):
                    self.fake.set_options(wrong_region_is_empty=is_empty)
                    seller = self.fake.add_seller(countries)
                    known = self.connections()
                    page = self.go(self.start_at_amazon(seller))
                    self.visit(self.visit(page.location).location)
                    connection = self.connections() - known
                    self.assertConnected(connection, seller)
                    self.assertEqual(connection.region, region)
                    self.assertEqual(connection.marketplace_id.region, region)
                    self.assertEqual(bool(connection.plan), region == "eu")

    def test_a_known_seller_renews_the_same_connection(self):
        self.connect()
        settlement = self.make_settlement(self.connection)
        old = self.tokens()
        self.connection.sudo().authorised_at = "2020-01-01"
        self.connection.sudo()._set_state("reconnect_required", "invalid_grant")
        page = self.go(self.start_at_amazon())
        page = self.visit(self.visit(page.location).location)
        self.assertTrue(page.location.endswith(f"/{self.connection.id}"))
        self.assertEqual(self.connections(), self.connection)
        self.assertConnected()
        self.assertNotEqual(self.tokens()["refresh_token"], old["refresh_token"])
        self.assertGreater(str(self.connection.authorised_at), "2026")
        self.assertFalse(self.connection.state_reason)
        self.assertEqual(settlement.connection_id, self.connection)

    def test_relative_callback_is_resolved_on_amazon(self):
        self.fake.set_options(relative_callback=True)
        page = self.go(self.start_at_amazon())
        self.assertTrue(page.location.startswith(f"{self.server.url}/apps/authorize/confirm/"))
        self.visit(self.visit(page.location).location)
        self.assertConnected(self.connections() - self.connection)

    def test_draft_application_keeps_version_beta(self):
        self.fake.update_application(draft=True)
        self.application.is_draft = True
        page = self.go(self.start_at_amazon())
        self.assertEqual(parse_qs(urlsplit(page.location).query)["version"], ["beta"])
        self.visit(self.visit(page.location).location)
        self.assertConnected(self.connections() - self.connection)

    def test_the_sign_in_comes_between(self):
        self.sign_in(None)
        page = self.visit(self.start_at_amazon())
        self.assertTrue(page.location.endswith(CONFIRM))
        page = self.visit(page.location)
        self.assertIn("/web/login", page.location)
        for secret in self.fake.amazon_states:
            self.assertNotIn(secret, page.location)
        page = self.visit(page.location)
        ((address, fields),) = [
            (form.action, dict(form.fields)) for form in page.tree.xpath("//form[@method='post']")
        ]
        login = self.manager.login
        page = self.visit(address, {**fields, "login": login, "password": login})
        self.assertTrue(page.location.endswith(CONFIRM), page.location)
        page = self.submit(self.visit(page.location))
        self.visit(self.visit(page.location).location)
        self.assertConnected(self.connections() - self.connection)

    def test_amazon_s_state_is_returned_unchanged_and_escaped(self):
        state = "a b&c=d#e%0d%0aé+\r\nX-Poison: 1"
        page = self.go(self.login_url(amazon_state=state))
        self.assertNotIn("X-Poison", page.headers)
        query = parse_qs(urlsplit(page.location).query)
        self.assertEqual(query["amazon_state"], [state])
        self.assertEqual(query["redirect_uri"], [self.application.redirect_uri])

    def test_another_seller_than_amazon_named_is_refused(self):
        """Begun for one seller, it must not end with another one."""
        other = self.fake.add_seller(("DE",))
        page = self.go(self.start_at_amazon())
        state = self.state_of(page.location)
        url = self.return_url(
            state,
            selling_partner_id=other.selling_partner_id,
            spapi_oauth_code=self.fake.code_for(seller=other),
        )
        self.assertRefused(url, "wrong_seller")

    def test_seller_connected_in_the_region_that_is_found(self):
        """The seller is connected for a company out of sight; the guess was another region."""
        elsewhere = self.make_company("Elsewhere Ltd")
        self.application.sudo().company_ids |= elsewhere
        self.connect()
        self.connection.sudo().company_id = elsewhere
        page = self.go(self.start_at_amazon())
        url = self.visit(page.location).location
        self.assertRefused(url, "already_connected", exchanges=1)

    def test_a_second_tab_does_not_change_whom_the_first_one_names(self):
        other = self.fake.add_seller(("DE",))
        first = self.follow(self.visit(self.start_at_amazon()))
        second = self.follow(self.visit(self.start_at_amazon(other)))
        self.assertIn(other.selling_partner_id, second.words)
        url = self.visit(self.submit(first).location).location
        self.assertIn(self.seller_ref, url)
        self.visit(url)
        self.assertConnected(self.connections() - self.connection)

    def test_continuing_again_and_again_leaves_one_draft(self):
        for _time in range(3):
            self.go(self.start_at_amazon())
        self.assertEqual(len(self.connections() - self.connection), 1)
        other = self.fake.add_seller(("DE",))
        self.go(self.start_at_amazon(other))
        self.assertEqual(len(self.connections() - self.connection), 2)

    def test_nobody_s_hits_leave_no_session_files(self):
        self.sign_in(None)
        self.cookies = {}
        with patch.object(type(odoo.http.root.session_store), "save") as save:
            page = self.visit(self.login_url())
        self.assertTrue(page.location.endswith(CONFIRM))
        self.assertIn("HttpOnly", str(page.headers.get_all("Set-Cookie")))
        save.assert_not_called()

    def test_a_forged_or_old_cookie_is_nothing(self):
        self.visit(self.login_url())
        kept = self.cookies["sp_connector_login"]
        for cookie in ("", "x", kept[:-2] + "xx", kept[4:], "é"):
            with self.subTest(cookie[:5]):
                self.cookies["sp_connector_login"] = quote(cookie)
                self.assertEnding(self.visit(CONFIRM), "missing_state")
        self.cookies["sp_connector_login"] = kept
        with freeze_time(datetime.now() + timedelta(minutes=11), tick=True):
            self.assertEnding(self.visit(CONFIRM), "missing_state")

    def test_a_look_by_head_begins_nothing(self):
        page = self.visit(self.login_url(), method="HEAD")
        self.assertEqual((page.status, page.location), (200, None))
        self.assertNotIn("sp_connector_login", self.cookies)

    def test_the_same_link_cannot_be_gone_twice(self):
        page = self.follow(self.visit(self.start_at_amazon()))
        first = self.submit(page)
        second = self.submit(page)
        self.assertEqual(first.status, 303)
        self.assertEnding(second, "missing_state")


class TestOauthLoginRefused(LoginCase):
    def assertLoginRefused(self, url, ending):
        before = self.stored()
        page = self.visit(url)
        self.assertEqual(page.status, 200)
        self.assertIsNone(page.location)
        self.assertSafe(page)
        self.assertUnchanged(before)
        self.assertEnding(self.visit(CONFIRM), "missing_state")
        self.assertEqual(page.title, str(self.title(ending)))

    def title(self, ending):
        from ...models.connection.sp_consent import OUTCOMES

        return OUTCOMES[ending][0]

    def test_open_redirects_over_http(self):
        """Against the real hosts of Amazon, as in production."""
        self.application.sudo().write(
            {
                "environment": "production",
                **dict.fromkeys(
                    (
                        "api_host_na",
                        "api_host_eu",
                        "api_host_fe",
                        "lwa_host",
                        "seller_central_host",
                    ),
                    False,
                ),
            }
        )
        for words, uri in HOSTILE.items():
            with self.subTest(words):
                self.assertLoginRefused(self.login_url(amazon_callback_uri=uri), "bad_callback")
        for uri in (PATH, f"https://sellercentral-europe.amazon.com{PATH}"):
            page = self.visit(self.login_url(amazon_callback_uri=uri))
            self.assertTrue(page.location.endswith(CONFIRM))

    def test_open_redirects_twice_encoded(self):
        for words, uri in HOSTILE.items():
            with self.subTest(words):
                url = self.login_url(amazon_callback_uri=quote(uri, safe=""))
                self.assertLoginRefused(url, "bad_callback")

    def test_relative_path_leads_to_amazon_only(self):
        allowed = self.root_env["sp.application"].new({})._allowed_callbacks()
        self.assertIn("https://sellercentral-europe.amazon.com", allowed)
        self.assertEqual(
            check_callback(PATH, allowed, "https://sellercentral.amazon.com"),
            f"https://sellercentral.amazon.com{PATH}",
        )

    def test_missing_values(self):
        self.assertLoginRefused(self.login_url(amazon_callback_uri=None), "bad_callback")
        self.assertLoginRefused(self.login_url(amazon_state=None), "bad_callback")
        self.assertLoginRefused(self.login_url(amazon_state=""), "bad_callback")
        self.assertLoginRefused(self.login_url(amazon_state="x" * 2001), "bad_callback")
        self.assertLoginRefused(self.login_url(selling_partner_id=None), "bad_seller")

    def test_garbage_seller_id(self):
        for seller in ("<script>", "a1b2c3", "A" * 33, "A1B2C3\r\nX: y"):
            with self.subTest(seller):
                self.assertLoginRefused(self.login_url(selling_partner_id=seller), "bad_seller")

    def test_repeated_parameters(self):
        for name in ("amazon_callback_uri", "amazon_state", "selling_partner_id", "version"):
            with self.subTest(name):
                url = self.login_url(version="beta")
                self.assertLoginRefused(f"{url}&{name}=x", "repeated_parameters")

    def test_unknown_application(self):
        url = self.login_url().replace(f"/{self.application.id}?", "/999999999?")
        self.assertLoginRefused(url, "missing_state")

    def test_confirm_without_a_start(self):
        self.assertEnding(self.visit(CONFIRM), "missing_state")
        page = self.visit(GO, {"csrf_token": self.csrf_token()})
        self.assertEnding(page, "missing_state")

    def assertNoAccess(self):
        page = self.follow(self.visit(self.start_at_amazon()))
        before = self.stored()
        self.assertEnding(self.submit(page), "no_access")
        self.assertUnchanged(before)
        self.assertFalse(self.root_env["sp.oauth.state"].search_count([]))

    def test_bookkeeper_may_not(self):
        self.sign_in(self.bookkeeper)
        self.assertNoAccess()

    def test_plain_employee_may_not(self):
        self.sign_in(self.make_user("employee", "base.group_user"))
        self.assertNoAccess()

    def test_manager_of_another_company_may_not(self):
        elsewhere = self.make_company("Elsewhere Ltd")
        self.sign_in(self.make_user("manager_2", MANAGER, elsewhere))
        self.assertNoAccess()

    def test_manager_who_lost_the_rights_in_between(self):
        page = self.follow(self.visit(self.start_at_amazon()))
        self.manager.sudo().group_ids = [Command.set(self.root_env.ref(USER).ids)]
        before = self.stored()
        self.assertEnding(self.submit(page), "no_access")
        self.assertUnchanged(before)
