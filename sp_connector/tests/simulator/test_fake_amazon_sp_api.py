"""The simulator's Selling Partner API: the gate, Sellers, Reports, documents."""

import gzip
import zlib
from datetime import timedelta
from urllib.parse import urlsplit

from ..fake_amazon.gate import TOKEN_EXPIRED, TOKEN_INVALID, TOKEN_MISSING
from .test_fake_amazon import (
    DOCUMENTS,
    NOW,
    PARTICIPATIONS,
    REPORTS,
    V2,
    FakeAmazonCase,
    settlement,
)


class TestGate(FakeAmazonCase):
    def test_headers(self):
        token = self.access_token()
        self.assertRefused(self.call(PARTICIPATIONS), 403, "Unauthorized", TOKEN_MISSING)
        self.assertRefused(self.call(PARTICIPATIONS, "Atza|x"), 403, "Unauthorized", TOKEN_INVALID)
        for agent in ("", "A" * 501):
            answer = self.call(PARTICIPATIONS, token, headers={"User-Agent": agent})
            self.assertRefused(answer, 400, "InvalidInput")
        answer = self.call(PARTICIPATIONS, token, headers={"User-Agent": "A" * 500})
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["x-amzn-RateLimit-Limit"], "0.016")

    def test_routes(self):
        token = self.access_token()
        for path in ("/sellers/v2/account", "/nothing", f"{REPORTS}/1/2"):
            self.assertRefused(self.call(path, token), 403, "MissingAuthenticationToken")
        answer = self.call(PARTICIPATIONS, token, method="POST")
        self.assertRefused(answer, 403, "MissingAuthenticationToken")
        self.assertEqual(self.client.get("/nothing").status_code, 404)
        body = self.call(PARTICIPATIONS, token, data=b"{}")
        self.assertEqual((body.status_code, body.mimetype), (400, "text/html"))
        self.assertRefused(self.call(f"{PARTICIPATIONS}?a=1", token), 400, "InvalidInput")

    def test_true_host_names_tell_the_region(self):
        headers = {"User-Agent": "Test", "x-amz-access-token": self.access_token()}
        for region, status in (("eu", 200), ("na", 403)):
            headers["Host"] = f"sellingpartnerapi-{region}.amazon.com"
            answer = self.client.get(PARTICIPATIONS, headers=headers)
            self.assertEqual(answer.status_code, status)

    def test_token_expires_and_is_revoked(self):
        token = self.access_token()
        self.fake.advance(3600)
        self.assertRefused(self.call(PARTICIPATIONS, token), 403, "Unauthorized", TOKEN_EXPIRED)
        token = self.access_token()
        self.fake.revoke()
        self.assertRefused(self.call(PARTICIPATIONS, token), 403, "Unauthorized", TOKEN_INVALID)
        self.fake.set_options(access_token_survives_revocation=True)
        self.assertEqual(self.call(PARTICIPATIONS, token).status_code, 200)

    def test_region_and_inactive_seller(self):
        token = self.access_token()
        self.assertRefused(self.call(PARTICIPATIONS, token, "na"), 403, "Unauthorized", "")
        self.fake.set_options(wrong_region_is_empty=True)
        self.assertEqual(self.call(PARTICIPATIONS, token, "na").json, {"payload": []})
        query = {"reportTypes": V2}
        answer = self.call(REPORTS, token, "na", query_string=query)
        self.assertEqual(answer.json, {"reports": []})
        self.fake.update_seller(is_active=False)
        self.assertRefused(self.call(PARTICIPATIONS, token), 403, "Unauthorized", "")

    def test_roles_are_frozen_in_the_grant(self):
        self.fake.update_application(roles=["Selling Partner Insights"])
        grant = self.fake.grant()
        self.fake.update_application(roles=["Finance and Accounting"])
        token = self.access_token(grant)
        self.assertEqual(self.call(PARTICIPATIONS, token).status_code, 200)
        answer = self.call(REPORTS, token, query_string={"reportTypes": V2})
        self.assertRefused(answer, 403, "Unauthorized")
        token = self.access_token()
        self.assertRefused(self.call(PARTICIPATIONS, token), 403, "Unauthorized")
        answer = self.call(REPORTS, token, query_string={"reportTypes": V2})
        self.assertEqual(answer.status_code, 200)

    def test_finance_role_is_enough_for_participations_in_the_far_east(self):
        self.fake.update_application(roles=["Finance and Accounting"])
        token = self.access_token(self.fake.grant(seller=self.fake.add_seller(("JP",))))
        self.assertEqual(self.call(PARTICIPATIONS, token, "fe").status_code, 200)

    def test_limits_per_application_seller_and_operation(self):
        token, other = self.access_token(), self.fake.add_seller(("IT",))
        query = {"query_string": {"reportTypes": V2}}
        for _burst in range(10):
            self.assertEqual(self.call(REPORTS, token, **query).status_code, 200)
        answer = self.call(REPORTS, token, **query)
        self.assertRefused(answer, 429, "QuotaExceeded")
        self.assertNotIn("x-amzn-RateLimit-Limit", answer.headers)
        self.assertNotIn("Retry-After", answer.headers)
        self.assertEqual(self.call(PARTICIPATIONS, token).status_code, 200)
        theirs = self.access_token(self.fake.grant(seller=other))
        self.assertEqual(self.call(REPORTS, theirs, **query).status_code, 200)
        self.fake.advance(46)
        self.assertEqual(self.call(REPORTS, token, **query).status_code, 200)
        self.assertEqual(self.call(REPORTS, token, **query).status_code, 429)
        self.fake.set_options(limits=False)
        self.assertEqual(self.call(REPORTS, token, **query).status_code, 200)


class TestSellers(FakeAmazonCase):
    def test_participations_with_shadow_marketplaces(self):
        payload = self.call(PARTICIPATIONS, self.access_token()).json["payload"]
        seen = {
            one["marketplace"]["id"]: one["participation"]["isParticipating"] for one in payload
        }
        self.assertEqual(
            seen,
            {
                "A1PA6795UKMFR9": True,
                "A13V1IB3VIYZZH": True,
                "A1805IZSGTT6HS": False,
                "A38D8NSA03LJTC": True,
                "A1ZFFQZ3HTUKT9": True,
            },
        )

    def test_account_is_of_europe_only(self):
        account = "/sellers/v1/account"
        answer = self.call(account, self.access_token())
        self.assertEqual(answer.json["payload"]["sellingPlan"], "PROFESSIONAL")
        token = self.access_token(self.fake.grant(seller=self.fake.add_seller(("US",))))
        self.assertRefused(self.call(account, token, "na"), 403, "Unauthorized")


class TestReports(FakeAmazonCase):
    def setUp(self):
        super().setUp()
        self.grant = self.fake.grant()
        self.access = self.access_token(self.grant)
        self.fake.set_options(limits=False)

    def reports(self, **query):
        return self.call(REPORTS, self.access, query_string=query)

    def add(self, count=1, **fields):
        return [
            self.fake.add_report(settlement(number), created=NOW - timedelta(days=number), **fields)
            for number in range(1, count + 1)
        ]

    def test_a_report_in_amazon_s_words(self):
        report = self.fake.add_report(settlement())
        (listed,) = self.reports(reportTypes=V2).json["reports"]
        self.assertEqual(listed["createdTime"], "2026-05-20T10:39:00+00:00")
        self.assertEqual(listed["dataEndTime"], "2026-05-20T10:00:00+00:00")
        self.assertEqual(listed["reportId"], report.report_id)
        self.assertRegex(listed["reportDocumentId"], r"^amzn1\.spdoc\.1\.4\.eu\.")
        self.assertIn("A38D8NSA03LJTC", listed["marketplaceIds"])
        self.assertEqual(self.call(f"{REPORTS}/{report.report_id}", self.access).json, listed)
        self.assertRefused(self.call(f"{REPORTS}/1", self.access), 404, "NotFound")

    def test_filters(self):
        self.add(3)
        self.fake.add_report(settlement(9), created=NOW, processing_status="IN_PROGRESS")
        count = lambda **query: len(self.reports(reportTypes=V2, **query).json["reports"])  # noqa: E731
        self.assertEqual(count(), 4)
        self.assertEqual(count(processingStatuses="DONE"), 3)
        self.assertEqual(count(processingStatuses="DONE,IN_PROGRESS"), 4)
        self.assertEqual(count(createdSince=(NOW - timedelta(days=2)).isoformat()), 3)
        self.assertEqual(count(createdUntil="2026-05-31T12:00:00Z"), 3)
        self.assertEqual(count(marketplaceIds="A1PA6795UKMFR9"), 4)
        self.assertEqual(count(marketplaceIds="ATVPDKIKX0DER"), 0)
        old = self.reports(reportTypes="GET_V2_SETTLEMENT_REPORT_DATA_XML")
        self.assertEqual(old.json, {"reports": []})

    def test_bad_parameters(self):
        wall = NOW - timedelta(days=90)
        for query in (
            {},
            {"reportTypes": ""},
            {"reportTypes": ",".join([V2] * 11)},
            {"reportTypes": V2, "pageSize": 0},
            {"reportTypes": V2, "pageSize": 101},
            {"reportTypes": V2, "pageSize": "ten"},
            {"reportTypes": V2, "processingStatuses": "READY"},
            {"reportTypes": V2, "createdSince": "yesterday"},
            {"reportTypes": V2, "createdSince": wall.isoformat()},
            {"reportTypes": V2, "unknown": "1"},
            {"reportTypes": [V2, V2]},
            {"nextToken": "unknown"},
        ):
            with self.subTest(query):
                answer = self.reports(**query)
                self.assertRefused(answer, 400, "InvalidInput")
                self.assertEqual(answer.headers["x-amzn-ErrorType"], "InvalidInputException")
        almost = (wall + timedelta(seconds=1)).isoformat()
        self.assertEqual(self.reports(reportTypes=V2, createdSince=almost).status_code, 200)

    def test_pages_shift_when_a_report_comes_in_between(self):
        ids = [report.report_id for report in self.add(25)]
        first = self.reports(reportTypes=V2).json
        self.assertEqual([one["reportId"] for one in first["reports"]], ids[:10])
        token = first["nextToken"]
        answer = self.reports(nextToken=token, pageSize=10)
        self.assertRefused(answer, 400, "InvalidInput")
        self.assertIn("NextToken cannot be specified", answer.json["errors"][0]["message"])
        self.fake.add_report(settlement(99), created=NOW)
        second = self.reports(nextToken=token).json
        self.assertEqual([one["reportId"] for one in second["reports"]], ids[9:19])
        third = self.reports(nextToken=second["nextToken"]).json
        self.assertEqual([one["reportId"] for one in third["reports"]], ids[19:])
        self.assertNotIn("nextToken", third)

    def test_faults_of_listings(self):
        ids = [report.report_id for report in self.add(4)]
        self.fake.fail("getReports", "duplicates")
        first = self.reports(reportTypes=V2, pageSize=2).json
        self.assertEqual([one["reportId"] for one in first["reports"]], [ids[0]] * 2 + [ids[1]] * 2)
        self.fake.fail("getReports", "shift", by=-1)
        second = self.reports(nextToken=first["nextToken"]).json
        self.assertEqual([one["reportId"] for one in second["reports"]], ids[3:])

    def test_reports_appear_and_are_forgotten(self):
        report = self.fake.add_report(settlement(), created=NOW + timedelta(hours=1))
        self.assertEqual(self.reports(reportTypes=V2).json["reports"], [])
        self.fake.advance(3600)
        self.access = self.access_token(self.grant)
        self.assertEqual(len(self.reports(reportTypes=V2).json["reports"]), 1)
        self.fake.advance(90 * 86400)
        self.access = self.access_token(self.grant)
        self.assertEqual(self.reports(reportTypes=V2).json["reports"], [])
        answer = self.call(f"{DOCUMENTS}{report.report_document_id}", self.access)
        self.assertRefused(answer, 404, "NotFound")

    def test_settlement_reports_cannot_be_requested(self):
        body = {"reportType": V2, "marketplaceIds": ["A1PA6795UKMFR9"]}
        answer = self.call(REPORTS, self.access, method="POST", json=body)
        self.assertRefused(answer, 400, "InvalidInput")
        words = "Request for report type 1118 is not allowed at this time"
        self.assertEqual(answer.json["errors"][0]["message"], words)

    def test_of_another_seller(self):
        other = self.fake.add_seller(("IT",))
        report = self.fake.add_report(settlement(), other)
        self.assertEqual(self.reports(reportTypes=V2).json["reports"], [])
        answer = self.call(f"{DOCUMENTS}{report.report_document_id}", self.access)
        self.assertRefused(answer, 404, "NotFound")


class TestDocuments(FakeAmazonCase):
    def setUp(self):
        super().setUp()
        self.fake.set_options(limits=False)
        self.access = self.access_token()
        self.report = self.fake.add_report(settlement())

    def document(self, **query):
        path = f"{DOCUMENTS}{self.report.report_document_id}"
        return self.call(path, self.access, query_string=query).json

    def download(self, url, **options):
        target = urlsplit(url)
        return self.client.get(f"{target.path}?{target.query}", **options)

    def test_download(self):
        document = self.document()
        self.assertEqual(document["compressionAlgorithm"], "GZIP")
        answer = self.download(document["url"])
        self.assertEqual(gzip.decompress(answer.data), settlement().encode())
        self.assertEqual(answer.headers["Content-Type"], "text/plain;charset=UTF-8")
        self.assertEqual(answer.headers["Content-Encoding"], "identity")
        document = self.document(enableContentEncodingUrlHeader="true")
        answer = self.download(document["url"])
        self.assertEqual(answer.headers["Content-Encoding"], "gzip")

    def test_plain_document(self):
        self.report.is_compressed = False
        document = self.document()
        self.assertNotIn("compressionAlgorithm", document)
        self.assertEqual(self.download(document["url"]).data, settlement().encode())

    def assertXml(self, answer, status, code, words):
        self.assertEqual((answer.status_code, answer.mimetype), (status, "application/xml"))
        self.assertIn(f"<Code>{code}</Code>", answer.text)
        self.assertIn(words, answer.text)

    def test_url_lives_five_minutes(self):
        url = self.document()["url"]
        self.fake.advance(299)
        self.assertEqual(self.download(url).status_code, 200)
        self.fake.advance(1)
        self.assertXml(self.download(url), 403, "AccessDenied", "Request has expired")

    def test_url_is_signed_and_wants_no_token(self):
        url = self.document()["url"]
        answer = self.download(url, headers={"x-amz-access-token": self.access})
        self.assertXml(answer, 403, "AccessDenied", "not signed")
        forged = url.replace("X-Amz-Expires=300", "X-Amz-Expires=900")
        self.assertXml(self.download(forged), 403, "SignatureDoesNotMatch", "signature")

    def test_faults_of_documents(self):
        plain, packed = self.report.content, self.report.packed
        for operation, kind, options, data, content_type in (
            ("getReportDocument", "uncompressed", {}, plain, "text/plain;charset=UTF-8"),
            ("download", "truncated_gzip", {}, packed[: len(packed) // 2], None),
            ("download", "charset", {"charset": "Cp1252"}, packed, "text/plain;charset=Cp1252"),
            ("download", "no_charset", {}, packed, "text/plain"),
        ):
            with self.subTest(kind):
                self.fake.fail(operation, kind, **options)
                answer = self.download(self.document()["url"])
                self.assertEqual(answer.data, data)
                if content_type:
                    self.assertEqual(answer.headers["Content-Type"], content_type)
        self.fake.fail("download", "broken_gzip")
        with self.assertRaises((OSError, zlib.error)):
            gzip.decompress(self.download(self.document()["url"]).data)
        self.fake.fail("getReportDocument", "expired_url")
        answer = self.download(self.document()["url"])
        self.assertXml(answer, 403, "AccessDenied", "Request has expired")
        self.fake.fail("download", "503")
        self.assertXml(self.download(self.document()["url"]), 503, "SlowDown", "request rate")
        self.fake.fail("download", "content_encoding")
        answer = self.download(self.document()["url"])
        self.assertEqual(answer.headers["Content-Encoding"], "gzip")
