"""The one door to Amazon: what goes out, what comes back, and what must never come out of it."""

import socket
import unittest
from unittest.mock import patch

from ...errors import Rejected, Retryable
from ..wire import WHY_SKIPPED, Wire, requests

if requests:
    from ...amazon import transport
    from ..wire import Session

SECRET = "Atzr|SECRET"


@unittest.skipUnless(requests, WHY_SKIPPED)
class TestTransport(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.wire = Wire().__enter__()
        self.addCleanup(self.wire.__exit__)

    def call(self, method="GET", path="/path", **options):
        return transport.call(Session(), method, self.wire.url + path, **options)

    def assertNothingTold(self, error):
        """Neither the text nor what hangs on the exception holds an address or a secret."""
        self.assertIsNone(error.__cause__)
        self.assertTrue(error.__suppress_context__ or error.__context__ is None)
        for text in (str(error), repr(error), error.code):
            self.assertNotIn("127.0.0.1", text)
            self.assertNotIn("SECRET", text)

    def test_an_answer_is_status_headers_and_bytes(self):
        self.wire.say(418, b"\x00tea", {"X-Amzn-RequestId": "r-1", "X-Other": "1"})
        answer = self.call()
        self.assertEqual((answer.status, answer.body), (418, b"\x00tea"))
        self.assertEqual(answer.headers["x-other"], "1")
        self.assertEqual(answer.request_id, "r-1")

    def test_headers_parameters_and_form_go_out(self):
        self.wire.say()
        self.call(headers={"User-Agent": "ours"}, params={"a": "b c", "d": "e&f"})
        self.call("POST", form={"g": "h i", "j": "k=l"})
        get, post = self.wire.asked
        self.assertEqual((get.path, get.headers["user-agent"]), ("/path?a=b+c&d=e%26f", "ours"))
        self.assertEqual((get.method, get.body), ("GET", b""))
        self.assertEqual(post.form, {"g": "h i", "j": "k=l"})

    def test_errors_of_amazon_are_answers(self):
        for status in (400, 401, 403, 404, 429, 500, 503):
            self.wire.answers.clear()
            self.wire.say(status, b"x")
            self.assertEqual(self.call().status, status)

    def test_silence_becomes_a_time_out(self):
        self.wire.say(hold=True)
        with patch.object(transport, "TIMEOUT", (5, 0.1)):
            with self.assertRaises(Retryable) as caught:
                self.call(params={"token": SECRET})
        self.assertEqual(caught.exception.code, "timeout")
        self.assertNothingTold(caught.exception)

    def test_every_call_has_a_time_out_to_connect_and_to_read(self):
        self.assertEqual(len(transport.TIMEOUT), 2)
        self.assertTrue(all(0 < seconds <= 60 for seconds in transport.TIMEOUT))
        seen = []

        class Spy(Session):
            def request(self, *args, **kwargs):
                seen.append(kwargs["timeout"])
                return Session.request(self, *args, **kwargs)

        self.wire.say()
        transport.call(Spy(), "GET", self.wire.url)
        self.assertEqual(seen, [transport.TIMEOUT])

    def test_an_answer_that_does_not_end_is_given_up(self):
        self.wire.say(body=b"x" * 200_000)
        with patch.object(transport, "DEADLINE", -1), self.assertRaises(Retryable) as caught:
            self.call()
        self.assertEqual(caught.exception.code, "timeout")

    def test_nobody_there(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{closed.getsockname()[1]}/?token={SECRET}"
            with self.assertRaises(Retryable) as caught:
                transport.call(Session(), "GET", url)
        self.assertEqual(caught.exception.code, "out_of_reach")
        self.assertNothingTold(caught.exception)

    def test_no_such_host(self):
        with self.assertRaises(Retryable) as caught:
            transport.call(Session(), "GET", f"http://[::bad/?token={SECRET}")
        self.assertEqual(caught.exception.code, "out_of_reach")
        self.assertNothingTold(caught.exception)

    def test_an_answer_that_breaks_off_is_no_answer(self):
        self.wire.say(body=b"half", length=1000)
        with self.assertRaises(Retryable) as caught:
            self.call()
        self.assertEqual(caught.exception.code, "out_of_reach")

    def test_broken_compression_is_no_answer(self):
        self.wire.say(body=b"not gzip", headers={"Content-Encoding": "gzip"})
        with self.assertRaises(Retryable):
            self.call()

    def test_redirects_are_refused_and_not_followed(self):
        for status in (301, 302, 303, 307, 308):
            self.wire.answers.clear()
            self.wire.say(status, headers={"Location": f"{self.wire.url}/elsewhere?{SECRET}"})
            with self.assertRaises(Rejected) as caught:
                self.call("POST", form={"refresh_token": SECRET})
            self.assertEqual(caught.exception.code, "redirect")
            self.assertNothingTold(caught.exception)
        self.assertNotIn("/elsewhere", {asked.path for asked in self.wire.asked})

    def test_too_large_an_answer_is_refused(self):
        self.wire.say(body=b"x" * 2000)
        self.assertEqual(len(self.call(limit=2000).body), 2000)
        with self.assertRaises(Rejected) as caught:
            self.call(limit=1999)
        self.assertEqual(caught.exception.code, "too_large")

    def test_a_small_answer_that_unpacks_to_a_large_one_is_refused(self):
        import gzip

        self.wire.say(body=gzip.compress(b"\0" * 10_000_000), headers={"Content-Encoding": "gzip"})
        with self.assertRaises(Rejected):
            self.call(limit=1_000_000)

    def test_only_a_json_object_is_json(self):
        for body in (b"", b"<html></html>", b"[]", b'"text"', b"null", b"7", b"{", b"\xff\xfe"):
            with self.subTest(body), self.assertRaises(Retryable) as caught:
                transport.Answer(200, {"x-amzn-requestid": "r-2"}, body).json()
            self.assertEqual(caught.exception.code, "unreadable")
            self.assertEqual(caught.exception.request_id, "r-2")
        self.assertEqual(transport.Answer(200, {}, b'{"a": 1}').json(), {"a": 1})

    def test_user_agent_is_as_amazon_wants_it(self):
        agent = transport.user_agent("19.0.1.0.0")
        self.assertRegex(
            agent, r"^sp_connector/19\.0\.1\.0\.0 \(Language=Python/[\d.]+; Platform=\w+\)$"
        )
        self.assertLess(len(agent), 500)

    def test_nothing_is_logged_but_what_requests_logs_of_the_path(self):
        self.wire.say(body=SECRET.encode(), headers={"X-Secret": SECRET})
        with self.assertLogs(level="DEBUG") as logged:
            self.call("POST", "/auth", form={"code": SECRET}, headers={"x-amz": SECRET})
        self.assertNotIn("SECRET", "\n".join(logged.output))


if __name__ == "__main__":
    unittest.main()
