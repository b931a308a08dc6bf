"""The simulator's consent page and Login with Amazon; what the other tests of it share."""

from datetime import datetime, timezone
from urllib.parse import parse_qs, urlsplit

from werkzeug.test import Client

from odoo.tests import BaseCase

from ..fake_amazon import FakeAmazon

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=timezone.utc)
V2 = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
REPORTS = "/reports/2021-06-30/reports"
DOCUMENTS = "/reports/2021-06-30/documents/"
PARTICIPATIONS = "/sellers/v1/marketplaceParticipations"
RETURN = "https://odoo.example.com/oauth/return"
LOGIN = "https://odoo.example.com/oauth/login"
HEAD = "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount"


def settlement(number=1, end="2026-05-20"):
    """A settlement file of which only the dates matter here."""
    return f"{HEAD}\tcurrency\n{number}\t2026-05-06\t{end} 10:00:00 UTC\t{end}\t12.50\tEUR\n"


class FakeAmazonCase(BaseCase):
    """A simulator with an application, a European seller and that seller's grant."""

    def setUp(self):
        super().setUp()
        self.fake = FakeAmazon(clock=NOW, seed=7)
        self.client = Client(self.fake)
        self.application = self.fake.add_application([RETURN], LOGIN)
        self.seller = self.fake.add_seller(("DE", "FR", "-NL"))

    def token(self, **values):
        """Ask LWA; return status and answer."""
        form = {
            "client_id": self.application.client_id,
            "client_secret": self.application.client_secret,
            **values,
        }
        answer = self.client.post("/auth/o2/token", data=form)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        return answer.status_code, answer.json

    def access_token(self, grant=None):
        grant = grant or self.fake.grant()
        answer = self.token(grant_type="refresh_token", refresh_token=grant.refresh_token)[1]
        return answer["access_token"]

    def call(self, path, token=None, region="eu", method="GET", **options):
        """Call the Selling Partner API as a correct client does, unless told otherwise."""
        headers = {"User-Agent": "Test/1 (Language=Python)", "x-amz-access-token": token}
        headers.update(options.pop("headers", {}))
        headers = {name: value for name, value in headers.items() if value is not None}
        path = f"/{region}{path}"
        answer = self.client.open(path, method=method, headers=headers, **options)
        self.assertTrue(answer.headers["x-amzn-RequestId"])
        return answer

    def assertRefused(self, answer, status, code, details=None):
        self.assertEqual(answer.status_code, status, answer.text)
        (error,) = answer.json["errors"]
        self.assertEqual(error["code"], code)
        if details is not None:
            self.assertEqual(error["details"], details)


class TestConsent(FakeAmazonCase):
    def consent(self, decision="confirm", path="/apps/authorize/consent", **values):
        values = {
            "application_id": self.application.application_id,
            "state": "s/1",
            "decision": decision,
            **values,
        }
        return self.client.post(path, data=values)

    def returned(self, answer):
        """Return address and parameters that the browser is sent to."""
        self.assertEqual(answer.status_code, 302, answer.text)
        target = urlsplit(answer.location)
        query = {name: value for name, (value,) in parse_qs(target.query).items()}
        return f"{target.scheme}://{target.netloc}{target.path}", query

    def test_the_page_shows_who_asks_and_who_is_signed_in(self):
        self.fake.update_application(name="<b>Connector</b>")
        page = self.client.get(
            "/apps/authorize/consent",
            query_string={"application_id": self.application.application_id, "state": '">x'},
        )
        self.assertEqual(page.status_code, 200)
        self.assertIn("Amazon simulator", page.text)
        self.assertIn("&lt;b&gt;Connector", page.text)
        self.assertIn(self.seller.selling_partner_id, page.text)
        self.assertIn('value="&#34;&gt;x"', page.text)

    def test_confirm_returns_a_code_for_one_exchange(self):
        target, query = self.returned(self.consent(redirect_uri=RETURN))
        self.assertEqual(target, RETURN)
        self.assertEqual(set(query), {"state", "selling_partner_id", "spapi_oauth_code"})
        self.assertEqual(query["state"], "s/1")
        self.assertEqual(query["selling_partner_id"], self.seller.selling_partner_id)
        exchange = {"grant_type": "authorization_code", "code": query["spapi_oauth_code"]}
        status, tokens = self.token(**exchange, redirect_uri=RETURN)
        self.assertEqual(status, 200)
        self.assertRegex(tokens["access_token"], r"^Atza\|")
        self.assertRegex(tokens["refresh_token"], r"^Atzr\|")
        self.assertEqual((tokens["token_type"], tokens["expires_in"]), ("bearer", 3600))
        self.assertEqual(self.token(**exchange)[1]["error"], "invalid_grant")

    def test_cancel_stays_at_amazon(self):
        answer = self.consent("cancel")
        self.assertEqual(answer.status_code, 200)
        self.assertIn("cancelled", answer.text)
        self.assertFalse(self.fake.grants)
        self.fake.set_options(cancel_redirects=True)
        query = self.returned(self.consent("cancel"))[1]
        self.assertEqual(query, {"error": "access_denied", "state": "s/1"})

    def assertStops(self, code, **values):
        answer = self.consent(**values)
        self.assertEqual(answer.status_code, 400, answer.location)
        self.assertIn(f">{code}<", answer.text)
        self.assertFalse(self.fake.codes)

    def test_error_pages(self):
        self.assertStops("MD5100", state="")
        self.assertStops("MD5100", application_id="amzn1.sp.solution.unknown")
        self.assertStops("MD5101", redirect_uri="https://evil.example.com/")
        self.assertStops("MD5110", redirect_uri=f"{RETURN}#part")
        self.fake.fail("consent", "error_code", code="MD4100")
        self.assertStops("MD4100")
        for code, fields in (
            ("SPDC8143", {"is_primary_user": False}),
            ("SPSA0404", {"is_supported": False, "is_primary_user": True}),
        ):
            self.fake.update_seller(**fields)
            self.assertStops(code)
        self.fake.update_application(draft=True)
        self.assertStops("MD1000")
        self.fake.update_application(draft=False, login_uri=None)
        self.assertStops("MD9100")

    def test_draft_application(self):
        self.fake.update_application(draft=True)
        self.returned(self.consent(version="beta"))

    def test_authorization_limit_counts_sellers_and_is_freed_by_the_seller(self):
        self.fake.update_application(authorization_limit=1)
        self.returned(self.consent())
        self.returned(self.consent())
        other = self.fake.add_seller(("GB",)).selling_partner_id
        answer = self.consent(seller=other)
        self.assertIn("CONSENT_LIMIT_REACHED", answer.text)
        self.fake.revoke(self.seller)
        self.returned(self.consent(seller=other))

    def test_a_region_s_seller_central_authorises_that_region(self):
        both = self.fake.add_seller(("US", "DE")).selling_partner_id
        self.returned(self.consent(path="/na/apps/authorize/consent", seller=both))
        (grant,) = self.fake.grants.values()
        self.assertEqual(grant.regions, {"na"})

    def test_authorisation_that_begins_at_amazon(self):
        path = f"/apps/authorize/confirm/{self.application.application_id}"
        self.assertIn("Authorize Now", self.client.get(path).text)
        target, query = self.returned(self.client.post(path))
        self.assertEqual(target, LOGIN)
        self.assertEqual(query["amazon_callback_uri"], f"{self.fake.base_url}{path}")
        self.assertEqual(query["selling_partner_id"], self.seller.selling_partner_id)
        back = {"amazon_state": query["amazon_state"], "state": "mine", "redirect_uri": RETURN}
        target, query = self.returned(self.client.get(path, query_string=back))
        self.assertEqual((target, query["state"]), (RETURN, "mine"))
        self.assertIn(query["spapi_oauth_code"], self.fake.codes)
        self.assertIn("MD5100", self.client.get(path, query_string=back).text)
        self.assertIn("Re-Authorize", self.client.get(path).text)

    def test_callback_uri_can_be_relative(self):
        self.fake.set_options(relative_callback=True)
        path = f"/apps/authorize/confirm/{self.application.application_id}"
        self.assertEqual(self.returned(self.client.post(path))[1]["amazon_callback_uri"], path)

    def test_manage_your_apps(self):
        grant = self.fake.grant()
        self.assertIn("Disable authorization", self.client.get("/apps/manage").text)
        fields = {
            "seller": self.seller.selling_partner_id,
            "application_id": self.application.application_id,
        }
        self.assertEqual(self.client.post("/apps/manage/disable", data=fields).status_code, 303)
        self.assertEqual(grant.revoked_at, NOW)
        page = self.client.get("/apps/manage").text
        self.assertIn("Disabled on 2026-06-01", page)
        self.assertNotIn("Disable authorization", page)


class TestLoginWithAmazon(FakeAmazonCase):
    def assertError(self, answer, status, error, description=None):
        self.assertEqual((answer[0], answer[1]["error"]), (status, error))
        if description:
            self.assertEqual(answer[1]["error_description"], description)

    def refresh(self, grant, **values):
        return self.token(grant_type="refresh_token", refresh_token=grant.refresh_token, **values)

    def test_refresh_tokens_do_not_rotate(self):
        grant = self.fake.grant()
        first, second = self.refresh(grant)[1], self.refresh(grant)[1]
        self.assertEqual(first["refresh_token"], grant.refresh_token)
        self.assertNotEqual(first["access_token"], second["access_token"])
        self.assertEqual(self.fake.counts()["token"], {"200": 2})

    def test_code_expires_and_is_bound(self):
        words = "The request has an invalid grant parameter : code"
        bad = (400, "invalid_grant", words)
        exchange = {"grant_type": "authorization_code"}
        self.assertError(self.token(**exchange, code="unknown"), *bad)
        code = self.fake.code_for()
        self.assertError(self.token(**exchange, code=code, redirect_uri=LOGIN), *bad)
        other = self.fake.add_application([RETURN], LOGIN)
        credentials = {"client_id": other.client_id, "client_secret": other.client_secret}
        self.assertError(self.token(**exchange, **credentials, code=code), *bad)
        self.fake.advance(300)
        self.assertError(self.token(**exchange, code=code), *bad)

    def test_refresh_token_revoked_expired_foreign_unknown(self):
        words = "The request has an invalid grant parameter : refresh_token"
        revoked = f"{words}. User may have revoked or didn't grant the permission."
        grant = self.fake.grant()
        other = self.fake.add_application([RETURN], LOGIN)
        credentials = {"client_id": other.client_id, "client_secret": other.client_secret}
        self.assertError(self.refresh(grant, **credentials), 400, "invalid_grant", words)
        unknown = self.token(grant_type="refresh_token", refresh_token="Atzr|no")
        self.assertError(unknown, 400, "invalid_grant", words)
        self.fake.revoke()
        self.assertError(self.refresh(grant), 400, "invalid_grant", revoked)
        grant = self.fake.grant()
        self.fake.advance(365 * 86400)
        self.assertError(self.refresh(grant), 400, "invalid_grant", revoked)

    def test_malformed_requests(self):
        grant = self.fake.grant()
        unsupported = (400, "unsupported_grant_type")
        self.assertError(self.token(grant_type="password"), *unsupported)
        self.assertError(self.token(), 400, "invalid_request")
        self.assertError(self.token(grant_type="refresh_token"), 400, "invalid_request")
        self.assertError(self.refresh(grant, scope="x"), 400, "invalid_request")
        for body in ([], "x", {"grant_type": 1}, {"grant_type": ["refresh_token"]}):
            answer = self.client.post("/auth/o2/token", json=body)
            self.assertError((answer.status_code, answer.json), *unsupported)
        answer = self.client.post(
            "/auth/o2/token", data="{}", headers={"Content-Type": "text/plain"}
        )
        self.assertError((answer.status_code, answer.json), *unsupported)
        answer = self.client.post("/auth/o2/token?grant_type=refresh_token", data={})
        self.assertEqual(answer.status_code, 400)
        self.assertEqual(self.client.get("/auth/o2/token").status_code, 404)

    def test_json_is_as_good_as_a_form(self):
        grant = self.fake.grant()
        body = {
            "grant_type": "refresh_token",
            "refresh_token": grant.refresh_token,
            "client_id": self.application.client_id,
            "client_secret": self.application.client_secret,
        }
        answer = self.client.post("/auth/o2/token", json=body)
        self.assertEqual(answer.json["refresh_token"], grant.refresh_token)
        call = self.fake.calls[-1]
        self.assertEqual(call.grant_type, "refresh_token")
        self.assertEqual(call.seller, self.seller.selling_partner_id)
        del body["client_secret"]
        answer = self.client.post("/auth/o2/token", json=body)
        self.assertError((answer.status_code, answer.json), 400, "invalid_request")

    def test_two_secrets_during_a_rotation(self):
        grant = self.fake.grant()
        old = self.application.client_secret
        token = self.access_token(grant)
        new = self.fake.rotate_secret(overlap=3600)
        self.assertEqual(self.refresh(grant, client_secret=old)[0], 200)
        self.assertEqual(self.refresh(grant, client_secret=new)[0], 200)
        self.fake.advance(3599)
        self.assertEqual(self.call(PARTICIPATIONS, token).status_code, 200)
        self.fake.advance(1)
        refused = (401, "invalid_client", "Client authentication failed")
        self.assertError(self.refresh(grant, client_secret=old), *refused)
        self.assertError(self.refresh(grant, client_id="unknown"), *refused)
        self.assertEqual(self.refresh(grant, client_secret=new)[0], 200)

    def test_grantless_and_blocked(self):
        scope = "sellingpartnerapi::notifications"
        answer = self.token(grant_type="client_credentials", scope=scope)[1]
        self.assertNotIn("refresh_token", answer)
        self.assertRefused(self.call(PARTICIPATIONS, answer["access_token"]), 403, "Unauthorized")
        wrong = self.token(grant_type="client_credentials", scope="profile")
        self.assertError(wrong, 400, "invalid_scope")
        self.fake.update_application(is_allowed=False)
        self.assertError(self.refresh(self.fake.grant()), 400, "unauthorized_client")

    def test_old_grant_after_a_new_consent(self):
        old = self.fake.grant()
        self.fake.grant()
        self.assertEqual(self.refresh(old)[0], 200)
        self.fake.set_options(reauthorization_revokes=True)
        self.fake.grant()
        self.assertEqual(self.refresh(old)[0], 400)


class TestPrivateApplication(FakeAmazonCase):
    """No consent exists for it: its developer authorises accounts, and revokes them."""

    CONSOLE = "/sellingpartner/developerconsole"

    def setUp(self):
        super().setUp()
        self.private = self.fake.add_application(is_private=True)

    def press(self, button, seller=None):
        """Press a button of the developer console."""
        form = {
            "application_id": self.private.application_id,
            "seller": (seller or self.seller).selling_partner_id,
        }
        return self.client.post(f"{self.CONSOLE}/{button}", data=form)

    def refresh(self, refresh_token):
        return self.token(
            grant_type="refresh_token",
            refresh_token=refresh_token,
            client_id=self.private.client_id,
            client_secret=self.private.client_secret,
        )

    def authorized(self, seller=None):
        """Authorise an account in the console; return the refresh token that it shows."""
        page = self.press("authorize", seller)
        return page.text.partition('id="refresh-token">')[2].partition("<")[0]

    def test_consent_is_refused(self):
        page = self.client.get(
            "/apps/authorize/consent",
            query_string={"application_id": self.private.application_id, "state": "x"},
        )
        self.assertEqual(page.status_code, 400)
        self.assertIn("MD9100", page.text)

    def test_authorize_app_shows_a_token_that_works_and_leaves_earlier_ones_valid(self):
        self.assertIn("Authorize app", self.client.get(self.CONSOLE).text)
        first, second = self.authorized(), self.authorized()
        self.assertNotEqual(first, second)
        for refresh_token in (first, second):
            self.assertEqual(self.refresh(refresh_token)[0], 200)
        self.assertNotIn(first, self.client.get(self.CONSOLE).text)

    def test_the_developer_revokes_and_the_seller_cannot(self):
        refresh_token = self.authorized()
        seller = self.seller.selling_partner_id
        self.assertNotIn(self.private.name + "<br>", self.client.get("/apps/manage").text)
        form = {"seller": seller, "application_id": self.private.application_id}
        self.client.post("/apps/manage/disable", data=form)
        self.assertEqual(self.refresh(refresh_token)[0], 200)
        self.press("revoke")
        self.assertEqual(self.refresh(refresh_token)[1]["error"], "invalid_grant")

    def test_it_has_no_end_after_a_year(self):
        refresh_token = self.authorized()
        self.fake.advance(400 * 86400)
        self.assertEqual(self.refresh(refresh_token)[0], 200)

    def test_ten_accounts_and_no_more(self):
        for _number in range(10):
            self.assertTrue(self.authorized(self.fake.add_seller()))
        self.assertIn("CONSENT_LIMIT_REACHED", self.press("authorize").text)
