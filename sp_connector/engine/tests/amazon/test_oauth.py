"""Consent addresses, the callback check, and every answer of Login with Amazon."""

import unittest
from urllib.parse import parse_qs, urlsplit

from ...errors import Misconfigured, Rejected, Retryable, Revoked
from ..wire import WHY_SKIPPED, Wire, requests

if requests:
    from ...amazon import oauth
    from ..wire import Session

HOST = "https://sellercentral.amazon.com"
EUROPE = "https://sellercentral-europe.amazon.com"
PATH = "/apps/authorize/confirm/amzn1.sp.solution.1"
REDIRECT = "https://odoo.example/sp_connector/oauth/return"
TOKENS = {
    "access_token": "Atza|access",
    "refresh_token": "Atzr|refresh",
    "token_type": "bearer",
    "expires_in": 3600,
}
#: (error, description) as seen at Amazon (docs/facts/oauth.md, "Token errors").
GRANT = "The request has an invalid grant parameter : refresh_token"


@unittest.skipUnless(requests, WHY_SKIPPED)
class TestAddresses(unittest.TestCase):
    def test_consent_url_has_what_amazon_documents(self):
        url = oauth.consent_url(HOST, "amzn1.sp.solution.1", "state 1&x", REDIRECT)
        parts = urlsplit(url)
        self.assertEqual(f"{parts.scheme}://{parts.netloc}", HOST)
        self.assertEqual(parts.path, "/apps/authorize/consent")
        self.assertEqual(
            parse_qs(parts.query),
            {
                "application_id": ["amzn1.sp.solution.1"],
                "state": ["state 1&x"],
                "redirect_uri": [REDIRECT],
            },
        )

    def test_draft_applications_need_version_beta(self):
        self.assertTrue(oauth.consent_url(HOST, "a", "s", REDIRECT, True).endswith("version=beta"))
        self.assertNotIn("version", oauth.consent_url(HOST, "a", "s", REDIRECT))
        self.assertTrue(oauth.confirm_url(HOST, "a", "s", REDIRECT, True).endswith("version=beta"))

    def test_confirm_url_escapes_what_amazon_sent(self):
        url = oauth.confirm_url(HOST + PATH, "a&b=c\r\nX: 1#", "s", REDIRECT)
        self.assertNotIn("\n", url)
        self.assertEqual(urlsplit(url).fragment, "")
        self.assertEqual(parse_qs(urlsplit(url).query)["amazon_state"], ["a&b=c\r\nX: 1#"])


@unittest.skipUnless(requests, WHY_SKIPPED)
class TestCheckCallback(unittest.TestCase):
    def check(self, uri, allowed=(HOST, EUROPE)):
        return oauth.check_callback(uri, set(allowed), HOST)

    def test_amazon_s_hosts_are_taken_as_they_are(self):
        for host in (HOST, EUROPE):
            self.assertEqual(self.check(host + PATH), host + PATH)

    def test_a_relative_path_is_resolved_on_amazon(self):
        self.assertEqual(self.check(PATH), HOST + PATH)

    def test_the_simulator_s_port_is_kept(self):
        host = "http://127.0.0.1:9000"
        self.assertEqual(oauth.check_callback(host + PATH, {host}, host), host + PATH)
        with self.assertRaises(Rejected):
            oauth.check_callback(f"http://127.0.0.1:9001{PATH}", {host}, host)

    def test_everything_else_is_refused(self):
        """tests/connection/test_oauth_login.py sends the list over HTTP; here are its kinds."""
        for uri in (
            None,
            "",
            f"https://evil.example{PATH}",
            f"//evil.example{PATH}",
            f"{HOST}.evil.example{PATH}",
            f"https://x{HOST[8:]}{PATH}",
            f"{HOST}@evil.example{PATH}",
            f"https://evil.example\\@{HOST[8:]}{PATH}",
            f"{HOST}:8443{PATH}",
            f"http://{HOST[8:]}{PATH}",
            f"{HOST}{PATH}?x=1",
            f"{HOST}{PATH}#x",
            f"{HOST}{PATH}\n",
            f"{HOST}{PATH}%0d%0a",
            f"{HOST}/apps/authorize/../x",
            f"{HOST}/apps/authorize/%2e%2e/x",
            f"{HOST}/apps/authorize//x",
            f"{HOST}/elsewhere",
            f"{HOST}/apps/authorize/",
            "javascript:alert(1)",
            PATH + "é",
            PATH + "a" * 501,
        ):
            with self.subTest(uri), self.assertRaises(Rejected) as caught:
                self.check(uri)
            self.assertNotIn("evil", str(caught.exception))


@unittest.skipUnless(requests, WHY_SKIPPED)
class TestTexts(unittest.TestCase):
    def test_seller_ids(self):
        for good in ("A3FHEXAMPLEYWS", "A1B2C3", "A" * 32):
            self.assertTrue(oauth.is_seller_id(good), good)
        for bad in (
            None,
            "",
            "a3fh",
            "A3FH-1",
            "A1B2C",
            "A" * 33,
            "A1B2C3\n",
            "Ａ1B2C3",
            " A1B2C3",
        ):
            self.assertFalse(oauth.is_seller_id(bad), bad)

    def test_error_codes(self):
        for good in ("MD5101", "access_denied", "a.b-c"):
            self.assertEqual(oauth.clean_error_code(good), good)
        for bad in (None, "", "<b>", "a b", "x" * 65, "MD1\n", "é"):
            self.assertEqual(oauth.clean_error_code(bad), "", bad)

    def test_every_code_of_the_facts_is_known(self):
        for code in (
            *("MD1000", "MD5101", "MD5110", "MD9100", "MD9010", "MD5100", "MD4100", "MD5200"),
            *("SPDC8143", "SPSA0404", "SPSA2043", "CONSENT_LIMIT_REACHED", "access_denied"),
        ):
            self.assertIn(code, oauth.CONSENT_ERRORS)
            self.assertEqual(oauth.clean_error_code(code), code)


@unittest.skipUnless(requests, WHY_SKIPPED)
class TestLwa(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.wire = Wire().__enter__()
        self.addCleanup(self.wire.__exit__)

    def lwa(self, *secrets):
        secrets = secrets or ("secret-1", "")
        return oauth.Lwa(Session(), f"{self.wire.url}/auth/o2/token", "client", secrets, "agent")

    def refused(self, status, error, function=None):
        """Return the error that an answer becomes."""
        self.wire.answers.clear()
        headers = {"x-amzn-RequestId": "r-1"}
        self.wire.say(status, {"error": error, "error_description": GRANT}, headers)
        with self.assertRaises((Misconfigured, Rejected, Retryable, Revoked)) as caught:
            (function or self.lwa().refresh)(*(["Atzr|old"] if not function else []))
        self.assertNotIn("Atzr", str(caught.exception))
        self.assertNotIn("secret-", str(caught.exception))
        return caught.exception

    def test_exchange_sends_what_amazon_documents(self):
        self.wire.say(200, TOKENS)
        tokens = self.lwa().exchange("code-1", REDIRECT)
        self.assertEqual(tokens, ("Atza|access", "Atzr|refresh", 3600))
        (asked,) = self.wire.asked
        self.assertEqual((asked.method, asked.path), ("POST", "/auth/o2/token"))
        self.assertEqual(
            asked.headers["content-type"], "application/x-www-form-urlencoded;charset=UTF-8"
        )
        self.assertEqual(asked.headers["user-agent"], "agent")
        self.assertEqual(
            asked.form,
            {
                "grant_type": "authorization_code",
                "code": "code-1",
                "redirect_uri": REDIRECT,
                "client_id": "client",
                "client_secret": "secret-1",
            },
        )

    def test_refresh_sends_what_amazon_documents(self):
        self.wire.say(200, TOKENS)
        self.lwa().refresh("Atzr|old")
        self.assertEqual(
            self.wire.asked[0].form,
            {
                "grant_type": "refresh_token",
                "refresh_token": "Atzr|old",
                "client_id": "client",
                "client_secret": "secret-1",
            },
        )

    def test_the_refresh_token_is_kept_or_replaced_as_amazon_says(self):
        self.wire.say(200, TOKENS)
        self.assertEqual(self.lwa().refresh("Atzr|old").refresh_token, "Atzr|refresh")
        self.wire.answers.clear()
        self.wire.say(200, {"access_token": "Atza|new", "expires_in": 3600})
        self.assertEqual(self.lwa().refresh("Atzr|old").refresh_token, "Atzr|old")

    def test_an_odd_life_counts_as_an_hour(self):
        for life in (None, "3600", 0, -5, 1.5, [], "x"):
            self.wire.answers.clear()
            self.wire.say(200, {**TOKENS, "expires_in": life})
            self.assertEqual(self.lwa().refresh("Atzr|old").expires_in, 3600, life)

    def test_invalid_grant_is_the_seller_s(self):
        error = self.refused(400, "invalid_grant")
        self.assertIsInstance(error, Revoked)
        self.assertEqual((error.code, error.request_id), ("invalid_grant", "r-1"))

    def test_invalid_grant_of_a_code_is_not_a_revocation(self):
        error = self.refused(
            400, "invalid_grant", lambda: self.lwa().exchange("Atzr|code", REDIRECT)
        )
        self.assertIsInstance(error, Rejected)
        self.assertEqual(error.code, "code_refused")

    def test_our_own_mistakes_are_never_the_seller_s(self):
        for status in (400, 401, 403):
            for code in ("invalid_client", "unauthorized_client"):
                error = self.refused(status, code)
                self.assertIsInstance(error, Misconfigured)
                self.assertEqual(error.code, code)

    def test_other_refusals(self):
        for code in ("invalid_request", "invalid_scope", "unsupported_grant_type", "access_denied"):
            error = self.refused(400, code)
            self.assertEqual((type(error), error.code), (Rejected, code))

    def test_a_hostile_error_code_is_not_repeated(self):
        for code in ("<script>", None, 7, ["x"], {"a": 1}, "x" * 100):
            error = self.refused(400, code)
            self.assertEqual((type(error), error.code), (Rejected, "lwa_error"), code)

    def test_trouble_passes(self):
        for status in (429, 500, 502, 503, 504):
            # Even with invalid_grant in its body: it is no answer to the question.
            self.assertIsInstance(self.refused(status, "invalid_grant"), Retryable)

    def test_what_cannot_be_read_is_no_refusal_of_anybody(self):
        for status in (200, 400, 401, 403):
            for body in (b"", b"<html>", b"[]", b"null"):
                self.wire.answers.clear()
                self.wire.say(status, body)
                with self.subTest(status=status, body=body), self.assertRaises(Retryable):
                    self.lwa().refresh("Atzr|old")

    def test_success_without_a_token_is_no_success(self):
        for body in ({}, {"access_token": ""}, {"access_token": None}, {"access_token": 7}):
            self.wire.answers.clear()
            self.wire.say(200, {**body, "refresh_token": "Atzr|x", "expires_in": 3600})
            with self.subTest(body), self.assertRaises(Retryable):
                self.lwa().refresh("Atzr|old")
        self.wire.answers.clear()
        self.wire.say(200, {"access_token": "Atza|x"})
        with self.assertRaises(Retryable):
            self.lwa().exchange("code", REDIRECT)

    def test_during_a_rotation_both_secrets_are_tried(self):
        self.wire.say(401, {"error": "invalid_client"})
        self.wire.say(200, TOKENS)
        self.assertEqual(self.lwa("old", "new").refresh("Atzr|old").access_token, "Atza|access")
        self.assertEqual([one.form["client_secret"] for one in self.wire.asked], ["old", "new"])

    def test_the_second_secret_is_left_alone_while_the_first_one_works(self):
        self.wire.say(200, TOKENS)
        self.lwa("old", "new").refresh("Atzr|old")
        self.assertEqual([one.form["client_secret"] for one in self.wire.asked], ["old"])

    def test_both_secrets_refused(self):
        self.wire.say(401, {"error": "invalid_client"})
        with self.assertRaises(Misconfigured) as caught:
            self.lwa("old", "new").refresh("Atzr|old")
        self.assertEqual(caught.exception.code, "invalid_client")
        self.assertEqual(len(self.wire.asked), 2)

    def test_a_revocation_is_not_asked_twice(self):
        self.wire.say(400, {"error": "invalid_grant"})
        with self.assertRaises(Revoked):
            self.lwa("old", "new").refresh("Atzr|old")
        self.assertEqual(len(self.wire.asked), 1)

    def test_without_a_secret_nobody_is_asked(self):
        with self.assertRaises(Misconfigured) as caught:
            self.lwa("", "").refresh("Atzr|old")
        self.assertEqual(caught.exception.code, "no_secret")
        self.assertEqual(self.wire.asked, [])


if __name__ == "__main__":
    unittest.main()
