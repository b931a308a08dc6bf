"""SP-API calls for one seller: requests as documented, every refusal its own type."""

import unittest

from ...errors import Misconfigured, Rejected, Retryable, TokenExpired
from ..wire import WHY_SKIPPED, Wire, requests

if requests:
    from ...amazon.selling_partner import LIMITS, SellingPartner
    from ..wire import Session

DENIED = "Access to requested resource is denied."


def participation(reference="A1PA6795UKMFR9", name="Amazon.de", country="DE", taking_part=True):
    return {
        "marketplace": {
            "id": reference,
            "name": name,
            "countryCode": country,
            "defaultCurrencyCode": "EUR",
            "defaultLanguageCode": "de_DE",
            "domainName": "www.amazon.de",
        },
        "storeName": "Store",
        "participation": {"isParticipating": taking_part, "hasSuspendedListings": False},
    }


@unittest.skipUnless(requests, WHY_SKIPPED)
class SellingPartnerCase(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.wire = Wire().__enter__()
        self.addCleanup(self.wire.__exit__)
        self.partner = SellingPartner(Session(), self.wire.url + "/eu", "Atza|1", "agent")

    def say(self, *args, **kwargs):
        self.wire.answers.clear()
        self.wire.say(*args, **kwargs)

    def refused(self, status, code="Unauthorized", message=DENIED, details=None, body=None):
        error = {"code": code, "message": message}
        if details is not None:
            error["details"] = details
        body = {"errors": [error]} if body is None else body
        self.say(status, body, {"x-amzn-RequestId": "r-1"})
        with self.assertRaises((Misconfigured, Rejected, Retryable)) as caught:
            self.partner.participations()
        self.assertEqual(caught.exception.request_id, "r-1")
        self.assertNotIn("Atza", str(caught.exception))
        return caught.exception


class TestCalls(SellingPartnerCase):
    def test_every_call_carries_token_and_user_agent(self):
        self.say(200, {"payload": []})
        self.partner.participations()
        (asked,) = self.wire.asked
        self.assertEqual(
            (asked.method, asked.path), ("GET", "/eu/sellers/v1/marketplaceParticipations")
        )
        self.assertEqual(asked.headers["x-amz-access-token"], "Atza|1")
        self.assertEqual(asked.headers["user-agent"], "agent")
        self.assertEqual(asked.body, b"")
        self.assertNotIn("authorization", asked.headers)

    def test_participations(self):
        self.say(
            200,
            {
                "payload": [
                    participation(),
                    participation("A1805IZSGTT6HS", "Amazon.nl", "NL", False),
                    participation("A38D8NSA03LJTC", "Non-Amazon", "DE"),
                ]
            },
        )
        self.assertEqual(
            self.partner.participations(),
            [
                ("A1PA6795UKMFR9", "Amazon.de", "DE", True, False),
                ("A1805IZSGTT6HS", "Amazon.nl", "NL", False, False),
                ("A38D8NSA03LJTC", "Non-Amazon", "DE", True, False),
            ],
        )

    def test_suspended_listings_and_a_missing_store_name(self):
        one = participation()
        one["participation"]["hasSuspendedListings"] = True
        del one["storeName"]
        self.say(200, {"payload": [one]})
        self.assertTrue(self.partner.participations()[0].has_suspended_listings)

    def test_an_incomplete_list_is_never_a_shorter_one(self):
        for payload in (
            None,
            {},
            "x",
            [{}],
            [None],
            [participation(), {"marketplace": {"id": "x"}}],
            [participation(), 7],
        ):
            with self.subTest(payload), self.assertRaises(Retryable) as caught:
                self.say(200, {"payload": payload})
                self.partner.participations()
            self.assertEqual(caught.exception.code, "unreadable")

    def test_selling_plan_and_nothing_else_of_the_account(self):
        account = {"sellingPlan": "PROFESSIONAL", "primaryContact": {"name": "Pat"}}
        self.say(200, {"payload": account})
        self.assertEqual(self.partner.selling_plan(), "PROFESSIONAL")
        self.assertEqual(self.wire.asked[0].path, "/eu/sellers/v1/account")
        for payload in (None, {}, {"sellingPlan": "OTHER"}, {"sellingPlan": ["x"]}, []):
            with self.subTest(payload):
                self.say(200, {"payload": payload})
                self.assertEqual(self.partner.selling_plan(), "")

    def test_an_unreadable_answer_is_never_an_empty_list(self):
        for body in (b"", b"<html>", b"[]", {}, {"payload": None}, {"payload": {}}):
            with self.subTest(body), self.assertRaises(Retryable) as caught:
                self.say(200, body)
                self.partner.participations()
            self.assertEqual(caught.exception.code, "unreadable")

    def test_the_clock_of_amazon_is_kept_of_good_and_bad_answers(self):
        self.say(200, {"payload": []})
        self.partner.participations()
        self.assertIn("GMT", self.partner.date)
        self.partner.date = ""
        self.refused(403)
        self.assertIn("GMT", self.partner.date)


class TestRefusals(SellingPartnerCase):
    def test_expired_and_revoked_access_tokens_may_be_renewed(self):
        for details in (
            "The access token you provided has expired.",
            "The access token you provided is revoked, malformed or invalid.",
        ):
            for status in (401, 403):
                error = self.refused(status, details=details)
                self.assertEqual((type(error), error.code), (TokenExpired, "token_refused"))

    def test_an_expired_client_secret_is_ours(self):
        error = self.refused(403, details="The LWA secret token you provided has expired.")
        self.assertEqual((type(error), error.code), (Misconfigured, "secret_expired"))

    def test_a_missing_role_is_no_revocation(self):
        for details in ("", None):
            error = self.refused(403, details=details)
            self.assertEqual((type(error), error.code), (Misconfigured, "no_access"))
            self.assertIn("getMarketplaceParticipations", str(error))
        error = self.refused(403, message="Access to the resource is forbidden")
        self.assertEqual(error.code, "no_access")
        error = self.refused(403, "MissingAuthenticationToken", "Missing Authentication Token")
        self.assertEqual(error.code, "no_access")

    def test_a_refusal_that_is_not_amazon_s_json(self):
        for body in (b"", b"<html>expired</html>", {}, {"errors": []}, {"errors": [None]}):
            with self.subTest(body):
                self.assertEqual(self.refused(403, body=body).code, "no_access")

    def test_throttling_waits_as_long_as_a_request_costs(self):
        error = self.refused(429, "QuotaExceeded")
        self.assertEqual((type(error), error.code), (Retryable, "throttled"))
        self.assertEqual(error.after, LIMITS["getMarketplaceParticipations"][0])

    def test_trouble_passes(self):
        for status in (500, 502, 503, 504):
            for body in (b"<html>", b"", None):
                error = self.refused(status, body=body)
                self.assertEqual((type(error), error.code), (Retryable, "out_of_order"))

    def test_what_is_wrong_with_the_request_is_said(self):
        error = self.refused(400, "InvalidInput", "Invalid Input")
        self.assertEqual((type(error), error.code), (Rejected, "InvalidInput"))
        self.assertEqual(self.refused(404, body=b"").code, "status_404")


if __name__ == "__main__":
    unittest.main()
