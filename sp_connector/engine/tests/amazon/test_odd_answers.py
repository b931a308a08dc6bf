"""Whatever an answer holds: it is read, or refused by a typed error; what is read can be stored.

Each answer of Amazon's API is taken as its model says, and then every part of it is left out or
replaced by something odd.
"""

import copy
import gc
import json
import unittest
from datetime import datetime

from ...errors import AmazonError
from ..wire import WHY_SKIPPED, requests

if requests:
    from ...amazon import oauth, reports
    from ...amazon.selling_partner import SETTLEMENT_REPORT, SellingPartner

ODD = (
    None,
    True,
    0,
    -1,
    10**30,
    1e308,
    "",
    " ",
    "x\0y",
    "\ud800",
    "a\nb",
    "x" * 5000,
    "é" * 40,
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    [],
    [None],
    [[]],
    {},
    {"a": 1},
)
BODIES = (
    b"",
    b"null",
    b"7",
    b"\xff\xfe{}",
    b"<html></html>",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"reports": 1e999}',
    b'{"n": ' + b"9" * 5000 + b"}",
)
REPORT = {
    "reportId": "123",
    "reportType": "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
    "createdTime": "2026-06-01T14:00:00+00:00",
    "processingStatus": "DONE",
    "reportDocumentId": "amzn1.spdoc.1.4.eu.x",
    "dataStartTime": "2026-05-01T14:00:00Z",
    "dataEndTime": "2026-05-15T14:00:00Z",
}
PLACE = {
    "marketplace": {"id": "A1", "name": "Amazon.de", "countryCode": "DE"},
    "participation": {"isParticipating": True, "hasSuspendedListings": False},
}
ERROR = {"errors": [{"code": "InvalidInput", "message": "No", "details": "why"}]}
TOKENS = {"access_token": "Atza|1", "refresh_token": "Atzr|1", "expires_in": 3600}


class Said:
    """A session that answers what it was told to; no wire."""

    def __init__(self, body, status=200, headers=None):
        self.status_code = status
        self.headers = headers or {}
        self.body = body

    def request(self, *_args, **_options):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        pass

    def iter_content(self, _size):
        return [self.body]


def variants(value):
    """Yield copies of a JSON value in which one part is missing or odd."""
    yield from ODD
    if isinstance(value, dict):
        for name in value:
            yield {key: one for key, one in value.items() if key != name}
            for odd in variants(value[name]):
                yield {**copy.deepcopy(value), name: odd}
    elif isinstance(value, list):
        for place, part in enumerate(value):
            for odd in variants(part):
                yield [*value[:place], odd, *value[place + 1 :]]


def bodies(value):
    yield from BODIES
    for odd in variants(value):
        yield json.dumps(odd).encode()


@unittest.skipUnless(requests, WHY_SKIPPED)
class TestOddAnswers(unittest.TestCase):
    def setUp(self):
        super().setUp()
        # Some answers are nested as deep as Python goes: at that depth nothing of other tests may
        # be collected, as what is said of it then goes deeper.
        gc.collect()
        gc.disable()
        self.addCleanup(gc.enable)

    def partner(self, body, status=200, headers=None):
        return SellingPartner(Said(body, status, headers), "http://x/eu", "Atza|1", "agent")

    def assertStorable(self, value):
        """Texts that PostgreSQL takes and a screen shows, times of our days."""
        if isinstance(value, str):
            self.assertTrue(value.isprintable(), ascii(value))
            self.assertLessEqual(len(value), 4096)
        elif isinstance(value, datetime):
            self.assertTrue(2000 <= value.year < 2100 and value.tzinfo is None, value)
        elif isinstance(value, (list, tuple)):
            for part in value:
                self.assertStorable(part)
        else:
            self.assertIn(type(value), (bool, int, type(None)))

    def try_all(self, answer, ask, status=200):
        """Ask for each variant of an answer; return how many were read."""
        read = 0
        for body in bodies(answer):
            with self.subTest(body[:300]):
                try:
                    result = ask(self.partner(body, status))
                except AmazonError as error:
                    self.assertStorable([str(error), error.code, error.said, error.request_id])
                else:
                    self.assertStorable(result)
                    read += 1
        return read

    def test_good_answers_are_read(self):
        page = reports.first_page(
            self.partner(json.dumps({"reports": [REPORT]}).encode()), datetime(2026, 5, 1)
        )
        self.assertEqual(page.reports[0].date_end, datetime(2026, 5, 15, 14))
        self.assertEqual(SETTLEMENT_REPORT, REPORT["reportType"])

    def test_lists_of_reports(self):
        answer = {"reports": [REPORT, REPORT], "nextToken": "more"}
        read = self.try_all(answer, lambda one: reports.first_page(one, datetime(2026, 5, 1)))
        self.assertGreater(read, 5)

    def test_one_report(self):
        self.assertGreater(self.try_all(REPORT, lambda one: reports.one_report(one, "123")), 5)

    def test_addresses_of_documents(self):
        answer = {"url": "https://x.s3.amazonaws.com/a", "compressionAlgorithm": "GZIP"}

        def ask(partner):
            link = reports.document_link(partner, "amzn1.spdoc.1")
            # An odd address is refused at the latest where it is opened.
            reports.download(Said(b"text"), link, "agent")
            return link.is_gzip

        self.assertGreater(self.try_all(answer, ask), 3)

    def test_marketplaces_and_the_account(self):
        self.assertGreater(self.try_all({"payload": [PLACE]}, lambda one: one.participations()), 2)
        account = {"payload": {"sellingPlan": "PROFESSIONAL"}}
        self.assertGreater(self.try_all(account, lambda one: one.selling_plan()), 2)

    def test_errors(self):
        for status in (400, 401, 403, 404, 429, 500, 302):
            self.assertEqual(self.try_all(ERROR, lambda one: one.selling_plan(), status), 0)

    def test_login_with_amazon(self):
        for answer, status in ((TOKENS, 200), ({"error": "invalid_grant"}, 400)):
            for body in bodies(answer):
                lwa = oauth.Lwa(Said(body, status), "http://x", "id", ["secret"], "agent")
                with self.subTest(body[:300]):
                    try:
                        tokens = lwa.refresh("Atzr|1")
                    except AmazonError as error:
                        self.assertStorable([str(error), error.code])
                    else:
                        self.assertTrue(tokens.access_token.isascii())
                        self.assertTrue(0 < tokens.expires_in <= 86400)

    def test_headers(self):
        for text in ("", "\0", "é", "Fri, 99 Foo", "x" * 9000, "text/plain; charset=\0"):
            headers = {"Date": text, "x-amzn-RequestId": text, "Content-Type": text}
            with self.subTest(text[:20]):
                partner = self.partner(b'{"reports": []}', headers=headers)
                page = reports.first_page(partner, datetime(2026, 5, 1))
                self.assertStorable([page.told_at, partner.request_id])
                link = reports.DocumentLink("http://x", False)
                self.assertStorable(reports.download(Said(b"x", 200, headers), link, "agent")[1])

    def test_amazons_words_are_told_without_secrets(self):
        said = {"errors": [{"code": "InvalidInput", "message": "No", "details": "Atza|SECRET bad"}]}
        with self.assertRaises(AmazonError) as caught:
            self.partner(json.dumps(said).encode(), 400).selling_plan()
        self.assertIn("InvalidInput: No: … bad", str(caught.exception))
        self.assertEqual(caught.exception.operation, "getAccount")


if __name__ == "__main__":
    unittest.main()
