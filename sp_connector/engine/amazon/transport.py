"""The only door to Amazon: one call, time-outs, a size limit, typed errors, no secrets in texts.

Nothing here waits: who is told to come back later (``Retryable.after``) stores that and leaves.
"""

import json
import platform
import re
import time
from datetime import datetime, timezone
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import requests
from urllib3.exceptions import HTTPError

from ..errors import AmazonError, Rejected, Retryable
from .connections import Watch, watched

#: Seconds to connect and between two pieces of the answer; and for the whole call.
TIMEOUT = (10, 30)
DEADLINE = 60
MAX_BODY = 16 * 1024**2
_CHUNK = 64 * 1024
#: Tokens and client secrets, as Amazon writes them: no text that is shown may repeat one.
_SECRETS = re.compile(r"\bAt(?:z[ar]|c)\|\S*|\bamzn1\.oa2-cs\.\S*")


def clean(text: object, length: int = 200) -> str:
    """Return a text from outside as one that may be stored and shown: one line, no secrets."""
    text = "".join(one if one.isprintable() else " " for one in str(text)[: 10 * length])
    return " ".join(_SECRETS.sub("…", text).split())[:length]


class Answer(NamedTuple):
    """What came back: ``headers`` with lower-case names, ``body`` as bytes."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def request_id(self) -> str:
        """Amazon's id of the request, for its support."""
        return clean(self.headers.get("x-amzn-requestid", ""), 128)

    @property
    def moment(self) -> datetime | None:
        """Amazon's clock (header ``Date``) as naive UTC, ``None`` where it cannot be read."""
        try:
            moment = parsedate_to_datetime(self.headers["date"])
            return moment.astimezone(timezone.utc).replace(tzinfo=None)
        except (KeyError, TypeError, ValueError, IndexError, OverflowError):
            return None

    def json(self) -> dict[str, Any]:
        """Return the body's JSON object; what is no whole number is a ``Decimal``.

        :raises Retryable: it is none; a page of some proxy must never pass for an empty list
        """
        try:
            value = json.loads(self.body, parse_float=Decimal)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise Retryable("unreadable", self.request_id)
        return value


def user_agent(version: str) -> str:
    """Return the User-Agent that Amazon asks for (docs/facts/api.md, "User agent")."""
    return (
        f"sp_connector/{version} "
        f"(Language=Python/{platform.python_version()}; Platform={platform.system()})"
    )


def call(
    session: requests.Session,
    method: str,
    url: str,
    *,
    headers: dict[str, str] | None = None,
    params: dict[str, str | int] | None = None,
    form: dict[str, str] | None = None,
    limit: int = MAX_BODY,
    deadline: int | None = None,
    only_public: bool = False,
) -> Answer:
    """Make one request and return its ``Answer``, whatever its status.

    :param session: a ``requests.Session``, or anything with its ``request``
    :param form: fields of a form-encoded body
    :param limit: bytes of body that are accepted
    :param deadline: seconds for all of it, from connecting to the last byte; ``DEADLINE`` if none
    :param only_public: refuse an address that leads into a private network
    :raises Retryable: no answer, or one that breaks off
    :raises Rejected: a redirect, which no call of ours expects, an answer too large, or a private
        address
    """
    deadline = DEADLINE if deadline is None else deadline
    started = time.monotonic()
    with Watch(deadline, only_public) as watch:
        # `from None`: the exceptions of requests hold URLs, and a presigned URL is a secret.
        try:
            response = watched(session).request(
                method,
                url,
                headers=headers,
                params=params,
                data=form,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            )
            with response:
                body = _read(response, limit)
        except AmazonError:
            raise
        except requests.Timeout:
            raise Retryable("timeout") from None
        # Some of urllib3's and of Python's own pass through requests, as for an odd address.
        except (requests.RequestException, HTTPError, OSError, ValueError):
            if watch.is_over:
                raise Retryable("timeout") from None
            raise Retryable("out_of_reach") from None
        # A connection that was shut down may look like an answer that ended.
        if watch.is_over or time.monotonic() - started > deadline:
            raise Retryable("timeout")
    answer = Answer(
        response.status_code,
        {name.lower(): value for name, value in response.headers.items()},
        body,
    )
    if 300 <= answer.status < 400:
        raise Rejected("redirect", answer.request_id)
    return answer


def _read(response: requests.Response, limit: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > limit:
            raise Rejected("too_large")
    return bytes(body)
