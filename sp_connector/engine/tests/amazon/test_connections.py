"""No call lasts longer than its deadline, and no answer leads us into our own network."""

import contextlib
import socket
import threading
import time
import unittest
from unittest.mock import patch

from ...errors import AmazonError, Rejected, Retryable
from ..wire import WHY_SKIPPED, requests

if requests:
    from ...amazon import connections, reports, transport
    from ...amazon.selling_partner import SellingPartner
    from ..wire import Session
    from .test_odd_answers import Said

#: How long a drip would go on, if nobody put an end to it.
PATIENCE = 20


class Drip:
    """A server that sends a byte now and then.

    :param parts: what it sends, piece by piece; an int is that many drops
    """

    def __init__(self, *parts):
        self.parts = parts
        self.ended = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            way, _address = self._socket.accept()
            with way:
                way.recv(65536)
                for part in self.parts:
                    if isinstance(part, bytes):
                        way.sendall(part)
                        continue
                    for _drop in range(part):
                        way.sendall(b"x")
                        time.sleep(0.05)
        self.ended.set()

    def close(self):
        self._socket.close()


@unittest.skipUnless(requests, WHY_SKIPPED)
class TestDeadline(unittest.TestCase):
    def assertEnds(self, *parts):
        drip = Drip(*parts)
        self.addCleanup(drip.close)
        with patch.object(transport, "DEADLINE", 0.3), self.assertRaises(Retryable) as caught:
            transport.call(Session(), "GET", drip.url)
        self.assertEqual(caught.exception.code, "timeout")
        self.assertFalse(drip.ended.is_set(), "it was given up before the server had ended")

    def test_a_dripping_body_ends(self):
        self.assertEnds(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", PATIENCE * 20)

    def test_a_dripping_body_of_unknown_length_does_not_pass_for_a_whole_one(self):
        self.assertEnds(b"HTTP/1.1 200 OK\r\n\r\n", PATIENCE * 20)

    def test_dripping_headers_end(self):
        self.assertEnds(b"HTTP/1.1 200 OK\r\nX-Long: ", PATIENCE * 20)

    def test_a_dripping_status_ends(self):
        self.assertEnds(PATIENCE * 20)

    def test_a_call_in_time_is_not_disturbed_and_leaves_no_watch(self):
        drip = Drip(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", 4)
        self.addCleanup(drip.close)
        self.assertEqual(transport.call(Session(), "GET", drip.url).body, b"xxxx")
        self.assertIsNone(connections._thread.watch)


@unittest.skipUnless(requests, WHY_SKIPPED)
class TestAddresses(unittest.TestCase):
    def link(self, url, endpoint="https://sellingpartnerapi-eu.amazon.com", **options):
        body = b'{"url": "%s"}' % url.encode()
        partner = SellingPartner(Said(body), endpoint, "Atza|1", "agent", **options)
        return reports.document_link(partner, "amzn1.spdoc.1")

    def test_amazon_s_own_addresses_are_opened(self):
        for url in (
            "https://tortuga-prod-eu.s3-eu-west-1.amazonaws.com/%2FNinetyDays/a?X-Amz-Expires=300",
            "https://x.s3.amazonaws.com:443/a",
            "https://d34o8swod1owfl.cloudfront.net/SAMPLE",
        ):
            self.assertEqual(self.link(url), (url, False, True))

    def test_no_other_address_is_opened(self):
        for url in (
            "http://x.s3.amazonaws.com/a",
            "https://127.0.0.1/a",
            "https://169.254.169.254/latest/meta-data",
            "https://localhost/a",
            "https://evil.example/a.amazonaws.com",
            "https://evilamazonaws.com/a",
            "https://amazonaws.com.evil.example/a",
            "https://x.amazonaws.com@evil.example/a",
            "https://user:word@x.amazonaws.com/a",
            "https://x.amazonaws.com:8069/a",
            "https://[::1]/.amazonaws.com",
            "file:///etc/passwd",
            "//x.amazonaws.com/a",
            "https://x.amazonaws.com:bad/",
        ):
            with self.subTest(url), self.assertRaises(Rejected) as caught:
                self.link(url)
            self.assertEqual(caught.exception.code, "bad_address")
            self.assertNotIn("evil", str(caught.exception))

    def test_a_simulator_may_be_anywhere_unless_it_is_said_to_be_amazon(self):
        here = "http://127.0.0.1:9/a"
        self.assertFalse(self.link(here, "http://127.0.0.1:9/eu").only_public)
        with self.assertRaises(Rejected):
            self.link(here, "http://127.0.0.1:9/eu", only_amazon=True)

    def test_a_name_that_leads_into_a_private_network_is_not_opened(self):
        opened = []
        for address in (
            "127.0.0.1",
            "10.0.0.8",
            "192.168.1.1",
            "172.16.0.1",
            "169.254.169.254",
            "0.0.0.0",
            "::1",
            "fe80::1%eth0",
            "fd00::1",
            "::ffff:127.0.0.1",
            "2002:7f00:1::",
        ):
            found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))]
            link = reports.DocumentLink("https://x.s3.amazonaws.com/a", False, True)
            with (
                self.subTest(address),
                patch.object(socket, "getaddrinfo", lambda *_args, found=found: found),
                patch.object(socket, "socket", opened.append),
                self.assertRaises(Rejected) as caught,
            ):
                reports.download(Session(), link, "agent")
            self.assertEqual(caught.exception.code, "private_address")
        self.assertFalse(opened)

    def test_one_private_address_among_public_ones_is_enough(self):
        found = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
            for address in ("93.184.216.34", "10.0.0.1")
        ]
        with (
            patch.object(socket, "getaddrinfo", lambda *_args: found),
            self.assertRaises(Rejected),
        ):
            transport.call(Session(), "GET", "https://x.amazonaws.com/", only_public=True)

    def test_public_addresses_are_told_from_others(self):
        for address in ("52.95.110.1", "2a05:d018::1", "::ffff:52.95.110.1"):
            self.assertTrue(connections.is_public(address), address)
        for address in ("100.64.0.1", "224.0.0.1", "255.255.255.255", "::"):
            self.assertFalse(connections.is_public(address), address)

    def test_a_redirect_of_the_storage_is_not_followed(self):
        headers = {"Location": "http://169.254.169.254/"}
        link = reports.DocumentLink("https://x.amazonaws.com/a", False)
        with self.assertRaises(AmazonError) as caught:
            reports.download(Said(b"", 302, headers), link, "agent")
        self.assertEqual((type(caught.exception), caught.exception.code), (Rejected, "redirect"))


if __name__ == "__main__":
    unittest.main()
