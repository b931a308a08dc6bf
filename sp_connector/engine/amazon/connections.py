"""Connections that end, and that lead to public addresses where they must.

``requests`` knows only how long to wait for the next piece of an answer: who sends a byte now and
then holds its caller for ever. So every call has a ``Watch``, which shuts the call's connections
down when its time is over, be it in the TLS handshake, in the headers or in the body.

Where an address comes from an answer, its host may resolve to a machine of our own network. The
addresses are looked at after the name was resolved, and the one that was looked at is used.
"""

import contextlib
import ipaddress
import socket
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

# What requests itself stands on.
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from ..errors import Rejected

_thread = threading.local()


class Watch:
    """Limits the calls that this thread makes inside it.

    :param seconds: after them the connections are shut down, and ``is_over`` is set
    :param only_public: refuse private, loopback and reserved addresses
    """

    def __init__(self, seconds: int, only_public: bool = False) -> None:
        self.only_public = only_public
        self.is_over = False
        self._sockets: list[socket.socket] = []
        self._copies: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(max(seconds, 0), self._end)
        self._timer.daemon = True

    def __enter__(self) -> "Watch":
        self._former = getattr(_thread, "watch", None)
        _thread.watch = self
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.cancel()
        _thread.watch = self._former
        with self._lock:
            self._sockets.clear()
            for copy in self._copies:
                copy.close()

    def add_new(self, connection: socket.socket) -> None:
        """Watch a fresh connection; TLS takes the socket over, so a copy of it is kept."""
        with self._lock:
            self._copies.append(connection.dup())
        self.add(self._copies[-1])

    def add(self, connection: socket.socket) -> None:
        """Watch a connection that is there already."""
        with self._lock:
            self._sockets.append(connection)
            if self.is_over:
                _shut(connection)

    def _end(self) -> None:
        with self._lock:
            self.is_over = True
            for connection in self._sockets:
                _shut(connection)


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError, ValueError):
        connection.shutdown(socket.SHUT_RDWR)


def is_public(address: str) -> bool:
    """Tell whether an IP address (text) is one that the whole internet shares."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if ip.version == 6:
        ip = ip.ipv4_mapped or ip.sixtofour or ip
    return ip.is_global and not ip.is_multicast


def is_public_host(url: str) -> bool:
    """Tell whether a URL names a host of the public network, as far as its text tells."""
    host = urlsplit(url).hostname or ""
    try:
        return is_public(host)
    except ValueError:
        return "." in host and not host.endswith((".local", ".localhost", ".internal"))


class _Watched(HTTPConnection):
    """Tells the watch of this thread of its sockets; see ``Watch``."""

    def _new_conn(self) -> socket.socket:
        watch = getattr(_thread, "watch", None)
        # Behind a proxy the name is the proxy's to resolve, and it may well be a neighbour.
        if watch and watch.only_public and not getattr(self, "proxy", None):
            connection = self._connect_public(super()._new_conn)
        else:
            connection = super()._new_conn()
        if watch:
            watch.add_new(connection)
        return connection

    def _connect_public(self, connect: Callable[[], socket.socket]) -> socket.socket:
        name = self._dns_host
        try:
            found = socket.getaddrinfo(name, self.port, 0, socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return connect()  # says in its own way that there is no such name
        addresses = list(dict.fromkeys(str(place[4][0]) for place in found))
        if not addresses or not all(is_public(address) for address in addresses):
            raise Rejected("private_address")
        try:
            for address in addresses[:-1]:
                self._dns_host = address
                with contextlib.suppress(NewConnectionError):
                    return connect()
            self._dns_host = addresses[-1]
            return connect()
        finally:
            self._dns_host = name  # the certificate is the name's

    def getresponse(self, *args: Any, **kwargs: Any) -> Any:
        watch = getattr(_thread, "watch", None)
        if watch and self.sock:
            watch.add(self.sock)  # it may have been opened by an earlier call
        return super().getresponse(*args, **kwargs)


class _Https(_Watched, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


_POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _HttpPool, "https": _HttpsPool}


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> Any:
        result = super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS
        return result

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager


def watched(session: requests.Session) -> requests.Session:
    """Let a ``requests.Session`` use connections that can be watched; others stay as they are."""
    adapters = getattr(session, "adapters", {})
    for prefix in ("https://", "http://"):
        if type(adapters.get(prefix)) is HTTPAdapter:
            session.mount(prefix, _Adapter())
    return session
