"""The Reports API: pages, documents and downloads, against a server that says what it is told."""

import unittest
from datetime import datetime

from ...errors import Rejected, Retryable
from ..wire import WHY_SKIPPED, Wire, requests

if requests:
    from ...amazon import reports
    from ...amazon.selling_partner import SETTLEMENT_REPORT, SellingPartner
    from ..wire import Session

REPORT = {
    "reportId": "1",
    "reportType": "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
    "createdTime": "2026-06-01T14:00:00+02:00",
    "processingStatus": "DONE",
    "reportDocumentId": "amzn1.spdoc.1.4.eu.x",
}


@unittest.skipUnless(requests, WHY_SKIPPED)
class TestReports(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.wire = Wire().__enter__()
        self.addCleanup(self.wire.__exit__)
        self.partner = SellingPartner(Session(), self.wire.url + "/eu", "Atza|1", "agent")

    def say(self, body=b"", **more):
        """The next answer, and all that follow."""
        self.wire.answers.clear()
        self.wire.say(body=body, **more)

    def test_the_first_page_asks_for_settlements_since_a_time_and_no_marketplace(self):
        self.say({"reports": [REPORT], "nextToken": "more"})
        page = reports.first_page(self.partner, datetime(2026, 5, 1))
        self.assertEqual(page.next_token, "more")
        (info,) = page.reports
        self.assertEqual((info.report_ref, info.processing_status), ("1", "DONE"))
        self.assertEqual(info.created_at, datetime(2026, 6, 1, 12))
        path = self.wire.asked[-1].path
        self.assertIn(f"reportTypes={SETTLEMENT_REPORT}", path)
        self.assertIn("pageSize=100", path)
        self.assertIn("createdSince=2026-05-01T00%3A00%3A00Z", path)
        self.assertNotIn("marketplace", path)

    def test_a_range_has_an_end(self):
        self.say({"reports": []})
        reports.first_page(self.partner, datetime(2026, 5, 1), datetime(2026, 5, 31, 23))
        self.assertIn("createdUntil=2026-05-31T23%3A00%3A00Z", self.wire.asked[-1].path)

    def test_one_report(self):
        self.say(REPORT)
        self.assertEqual(reports.one_report(self.partner, "1").report_ref, "1")
        self.assertTrue(self.wire.asked[-1].path.endswith("/reports/1"))
        self.assertEqual(self.partner.status, 200)
        with self.assertRaises(Rejected):
            reports.one_report(self.partner, "../1")
        self.say({"reportId": "1"})
        with self.assertRaises(Retryable):
            reports.one_report(self.partner, "1")

    def test_a_page_token_stands_alone(self):
        self.say({"reports": []})
        self.assertEqual(reports.next_page(self.partner, "more").next_token, "")
        self.assertTrue(self.wire.asked[-1].path.endswith("/reports?nextToken=more"))

    def test_an_answer_without_a_list_is_no_empty_list(self):
        for answer in ({}, {"reports": None}, {"reports": [{"reportId": "1"}]}, {"reports": [1]}):
            with self.subTest(answer):
                self.say(answer)
                with self.assertRaises(Retryable):
                    reports.first_page(self.partner, datetime(2026, 5, 1))

    def test_a_document_is_fetched_without_our_token(self):
        self.say({"url": self.wire.url + "/x?sig=1", "compressionAlgorithm": "GZIP"})
        link = reports.document_link(self.partner, "amzn1.spdoc.1")
        self.assertTrue(link.is_gzip)
        self.say(b"bytes", headers={"Content-Type": "text/plain;charset=Cp1252"})
        self.assertEqual(reports.download(Session(), link, "agent"), (b"bytes", "cp1252"))
        self.assertNotIn("x-amz-access-token", self.wire.asked[-1].headers)

    def test_what_is_no_document_is_tried_again(self):
        link = reports.DocumentLink(self.wire.url + "/x?sig=secret", False)
        for status, body in ((403, b"<Error/>"), (404, b""), (500, b"x"), (200, b"")):
            with self.subTest(status):
                self.say(body, status=status)
                with self.assertRaises(Retryable) as caught:
                    reports.download(Session(), link, "agent")
                self.assertNotIn("secret", str(caught.exception))

    def test_a_web_page_in_the_place_of_a_packed_document_is_tried_again(self):
        for is_gzip, ending in ((True, Retryable), (False, None)):
            link = reports.DocumentLink(self.wire.url + "/x", is_gzip)
            self.say(b"<html>sign in</html>", status=200)
            with self.subTest(is_gzip):
                if ending:
                    with self.assertRaises(ending):
                        reports.download(Session(), link, "agent")
                else:
                    reports.download(Session(), link, "agent")

    def test_strange_documents_are_refused(self):
        with self.assertRaises(Rejected):
            reports.document_link(self.partner, "../../evil")
        self.say({"url": "https://x", "compressionAlgorithm": "LZ4"})
        with self.assertRaises(Rejected):
            reports.document_link(self.partner, "amzn1.spdoc.1")
