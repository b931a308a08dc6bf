"""What can go wrong at Amazon or on the way, switched on by a test.

A fault belongs to an operation, happens a number of times and then is over. Some replace the
answer, some spoil it, some are of the wire: no answer, a cut connection.
"""

import random
from dataclasses import dataclass, field

from werkzeug.wrappers import Response

from .contract import OPERATIONS

TOKEN, DOWNLOAD, CONSENT = "token", "download", "consent"
#: Operations that are not in Amazon's models: LWA, the document storage, the consent page.
OTHER_OPERATIONS = (TOKEN, DOWNLOAD, CONSENT)

#: Kinds that replace the answer → what the answer is.
REPLACED = {
    "400": "the request is refused as invalid",
    "404": "not found",
    "429": "QuotaExceeded, without any hint when to come back",
    "500": "InternalFailure; at LWA server_error",
    "503": "Service Unavailable as a HTML page",
    "html": "200 with a HTML page",
    "redirect": "302 to an address of another network",
    "empty": "200 with an empty body",
    "expired_token": "the access token has expired",
    "revoked": "the seller has revoked: invalid_grant at LWA, 403 elsewhere",
    "role_missing": "403 without details, as for a missing role",
    "secret_refused": "invalid_client at LWA, 403 'LWA secret token … expired' elsewhere",
}
#: Kinds that the operation itself carries out → (operations, what they do).
SPOILED = {
    "duplicates": (["getReports"], "every report of the page is listed twice"),
    "shift": (
        ["getReports"],
        "a page by nextToken is as if `by` (1) reports had come before it; negative: had gone",
    ),
    "expired_url": (["getReportDocument", DOWNLOAD], "the URL is over its five minutes"),
    "uncompressed": (["getReportDocument"], "no compressionAlgorithm, the document is plain"),
    "truncated_gzip": ([DOWNLOAD], "the gzip ends in the middle, HTTP looks complete"),
    "broken_gzip": ([DOWNLOAD], "bytes inside the gzip are changed"),
    "charset": ([DOWNLOAD], "Content-Type declares `charset` (ISO-8859-1), whatever is true"),
    "no_charset": ([DOWNLOAD], "Content-Type declares none"),
    "content_encoding": ([DOWNLOAD], "Content-Encoding: gzip, without having been asked"),
    "error_code": ([CONSENT], "Amazon's error page with `code` (MD5100)"),
}
#: Kinds of the wire → what happens.
WIRE = {
    "slow": "the answer comes after `seconds` (2)",
    "timeout": "no answer for `seconds` (60), then the connection closes",
    "reset": "the connection is reset",
    "cut": "the connection is reset in the middle of the body",
}
KINDS = {**REPLACED, **SPOILED, **WIRE}


class Reset(ConnectionResetError):
    """Raised out of the WSGI application: the server resets the connection."""


class NoAnswer(ConnectionAbortedError):
    """Raised out of the WSGI application: the server keeps silent for ``seconds``."""

    def __init__(self, seconds):
        super().__init__(f"no answer for {seconds} s")
        self.seconds = seconds


@dataclass
class Fault:
    """One fault.

    :param operation: an operation id, ``token``, ``download``, ``consent`` or ``*``
    :param times: how often; ``None`` until ``Faults.clear``
    :param seller: only this selling partner id
    :param after: calls that go well before
    :param chance: probability, 0 to 1, drawn from the seed
    :param done: wire faults: Amazon did its work and only the answer is lost
    :param options: what the kind knows: ``seconds``, ``by``, ``charset``, ``code``
    """

    operation: str
    kind: str
    times: int | None = 1
    seller: str | None = None
    after: int = 0
    chance: float = 1.0
    done: bool = False
    options: dict = field(default_factory=dict)


class Faults:
    """The faults that are switched on, in the order in which they will be used."""

    def __init__(self, seed):
        self._random = random.Random(f"faults {seed}")
        self.active = []

    def add(
        self, operation, kind, times=1, *, seller=None, after=0, chance=1.0, done=False, **more
    ):
        if operation != "*" and operation not in (*OPERATIONS, *OTHER_OPERATIONS):
            raise ValueError(f"No operation '{operation}'")
        if kind not in KINDS:
            raise ValueError(f"No kind of fault '{kind}'; there are: {', '.join(KINDS)}")
        if kind in SPOILED and operation not in ("*", *SPOILED[kind][0]):
            raise ValueError(f"'{kind}' is a fault of {', '.join(SPOILED[kind][0])}")
        if unknown := set(more) - {"seconds", "by", "charset", "code"}:
            raise ValueError(f"No option {unknown}")
        fault = Fault(operation, kind, times, seller, after, chance, done, more)
        self.active.append(fault)
        return fault

    def clear(self):
        self.active.clear()

    def take(self, operation, seller=None, is_next_page=False):
        """Return the fault that this call meets, or ``None``."""
        for fault in self.active:
            if fault.operation not in ("*", operation) or fault.seller not in (None, seller):
                continue
            if fault.kind in SPOILED and operation not in SPOILED[fault.kind][0]:
                continue
            if fault.kind == "shift" and not is_next_page:
                continue
            if fault.after:
                fault.after -= 1
                continue
            if fault.chance < 1 and self._random.random() >= fault.chance:
                continue
            if fault.times is not None:
                fault.times -= 1
                if not fault.times:
                    self.active.remove(fault)
            return fault
        return None


def sleep_seconds(fault):
    """Return how long the answer of a ``slow`` fault takes."""
    return fault.options.get("seconds", 2)


def interrupt(fault):
    """Raise what a wire fault is."""
    if fault.kind == "timeout":
        raise NoAnswer(fault.options.get("seconds", 60))
    raise Reset("connection reset")


def cut(response):
    """Return a body whose transfer is reset half way."""
    body = response.get_data()

    def half():
        yield body[: len(body) // 2]
        raise Reset("connection reset")

    return half()


def anywhere(kind):
    """Return the answer of a kind that is the same at all of Amazon's doors, or ``None``."""
    if kind == "503":
        return page(503, "503 Service Unavailable")
    if kind == "html":
        return page(200, "Amazon")
    if kind == "redirect":
        return Response(b"", 302, {"Location": "http://169.254.169.254/latest/meta-data"})
    if kind == "empty":
        return Response(b"", 200, content_type="application/json")
    return None


def page(status, title):
    """Return a HTML answer as load balancers send it."""
    text = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Response(text, status, content_type="text/html")
