"""The simulator on a port of this computer, or behind ``requests`` without one."""

import contextlib
import logging
import socket
import struct
import threading
from io import BytesIO
from unittest.mock import patch
from urllib.parse import urlsplit

from werkzeug.http import http_date
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import EnvironBuilder

from .faults import NoAnswer, Reset

_logger = logging.getLogger(__name__)


class _Handler(WSGIRequestHandler):
    """Carries out the faults of the wire, and writes no address into a log: they hold secrets."""

    def connection_dropped(self, error, environ=None):
        if isinstance(error, NoAnswer):
            self.server.closing.wait(error.seconds)
        elif isinstance(error, Reset):
            # Linger of zero seconds: closing sends a RST instead of a FIN.
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            self.connection.close()
            return
        self.close_connection = True

    def date_time_string(self, timestamp=None):
        """The header ``Date`` tells Amazon's time, wherever its clock was moved to."""
        return http_date(timestamp or self.server.app.clock())

    def log(self, type, message, *args):  # noqa: A002 - werkzeug's signature
        _logger.debug("%s %s", self.command, urlsplit(self.path or "").path)


class FakeAmazonServer:
    """Serve a ``FakeAmazon`` over HTTP, in threads of this process.

    ::

        with FakeAmazonServer(fake) as server:
            requests.get(server.url + "/eu/sellers/v1/marketplaceParticipations", …)

    :param port: 0 for any free one
    :param url: the address that answers name, where it is not this computer's
    """

    def __init__(self, fake, port=0, host="127.0.0.1", url=None):
        self.fake = fake
        self._server = make_server(host, port, fake, threaded=True, request_handler=_Handler)
        self._server.closing = threading.Event()
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = url or f"http://{host}:{self._server.server_port}"
        self._former_url = fake.base_url
        fake.base_url = self.url
        self._thread = None

    def __enter__(self):
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="fake-amazon", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self._server.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.fake.base_url = self._former_url

    def serve_forever(self):
        """Serve in this thread until interrupted."""
        try:
            self._server.serve_forever()
        finally:
            self._server.closing.set()
            self._server.server_close()


@contextlib.contextmanager
def in_process(fake):
    """Lead what ``requests`` sends to the fake's hosts to the fake itself: no port, no waiting.

    Time-outs and resets come as the exceptions of ``requests``, at once. Other hosts stay as
    they are. (Odoo's tests let requests pass to ``localhost``, which is the fake's default.)
    """
    import requests

    adapter = _adapter(fake)
    former = requests.Session.get_adapter

    def get_adapter(session, url):
        if url.startswith(f"{fake.base_url}/"):
            return adapter
        return former(session, url)

    with patch.object(requests.Session, "get_adapter", get_adapter):
        yield fake


def _adapter(fake):
    """Make a transport adapter of ``requests`` that calls the WSGI application."""
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3 import HTTPResponse

    class Adapter(HTTPAdapter):
        def send(self, request, stream=False, timeout=None, verify=True, cert=None, proxies=None):
            read_timeout = timeout[1] if isinstance(timeout, tuple) else timeout
            sent = _environ(request)

            def sleep(seconds):
                if read_timeout is not None and seconds > read_timeout:
                    raise requests.exceptions.ReadTimeout("Read timed out.", request=request)

            sent["fake_amazon.sleep"] = sleep
            status, headers, body = _run(fake, sent, request)
            headers = [*headers, ("Date", http_date(fake.clock()))]
            raw = HTTPResponse(
                body=BytesIO(body),
                headers=headers,
                status=int(status.split()[0]),
                reason=status.partition(" ")[2],
                preload_content=False,
                decode_content=False,
                enforce_content_length=True,
                request_method=request.method,
            )
            return self.build_response(request, raw)

    def _run(app, environ, request):
        """Return status, headers and as much of the body as arrives."""
        started, body = [], b""
        try:
            for part in app(
                environ, lambda status, headers, _error=None: started.extend((status, headers))
            ):
                body += part
        except NoAnswer as error:
            raise requests.exceptions.ReadTimeout(str(error), request=request) from error
        except Reset as error:
            # Before the answer: an error; within it: the body ends too early.
            if not started:
                raise requests.exceptions.ConnectionError(str(error), request=request) from error
        return (*started, body)

    return Adapter()


def _environ(request):
    """Turn a prepared request into a WSGI environment."""
    body = request.body or b""
    path, _mark, query = request.path_url.partition("?")
    builder = EnvironBuilder(
        path=path,
        base_url=request.url.removesuffix(request.path_url),
        query_string=query,
        method=request.method,
        headers=list(request.headers.items()),
        input_stream=BytesIO(body.encode() if isinstance(body, str) else body),
    )
    return builder.get_environ()
