"""A web server for the tests of ``transport`` and its users: says what it was told to say.

Needs ``requests``; without it, the tests that use this are skipped and say so.
"""

import contextlib
import http.server
import json
import threading
from typing import NamedTuple
from urllib.parse import parse_qsl

try:
    import requests
except ImportError:  # the bare Python of `make test-engine`
    requests = None

WHY_SKIPPED = "requests is not installed in this Python"

if requests:

    class Session(requests.Session):
        """Odoo's tests replace ``send`` of the base class; this one keeps the original."""

        send = requests.Session.send


class Asked(NamedTuple):
    """A request as it came in; header names in lower case."""

    method: str
    path: str
    headers: dict
    body: bytes

    @property
    def form(self):
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


class Wire:
    """The server.

    :ivar asked: every ``Asked`` so far
    :ivar answers: what comes next; the last one is repeated. See ``say``.
    """

    def __init__(self):
        self.asked = []
        self.answers = []
        self.closing = threading.Event()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def say(self, status=200, body=b"", headers=(), *, length=None, hold=False):
        """Add an answer.

        :param body: bytes, or a value to be written as JSON
        :param length: the length that is declared, if it is not the true one
        :param hold: do not answer at all
        """
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.answers.append((status, body, dict(headers), length, hold))

    def __enter__(self):
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(wire):  # noqa: N805 - `self` is the handler's
        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                size = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                wire.asked.append(Asked(self.command, self.path, headers, self.rfile.read(size)))
                one = wire.answers.pop(0) if len(wire.answers) > 1 else wire.answers[0]
                status, body, headers, length, hold = one
                self.close_connection = True
                if hold:
                    wire.closing.wait(30)
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body) if length is None else length))
                self.end_headers()
                with contextlib.suppress(OSError):  # the client may have had enough
                    self.wfile.write(body)

            do_GET = do_POST = answer

            def log_message(self, *_arguments):
                """Keep the tests' output clean."""

        return Handler
