"""The only door to Amazon: one call, time-outs, a size limit, typed errors, no secrets in texts.

Nothing here waits: who is told to come back later (``Retryable.after``) stores that and leaves.
"""

import json
import platform
import time
from typing import NamedTuple

import requests

from .errors import Rejected, Retryable

#: Seconds to connect and between two pieces of the answer; and for the whole answer.
TIMEOUT = (10, 30)
DEADLINE = 120
MAX_BODY = 16 * 1024**2
_CHUNK = 64 * 1024


class Answer(NamedTuple):
    """What came back: ``headers`` with lower-case names, ``body`` as bytes."""

    status: int
    headers: dict
    body: bytes

    @property
    def request_id(self):
        """Amazon's id of the request, for its support."""
        return self.headers.get("x-amzn-requestid", "")

    def json(self):
        """Return the body's JSON object.

        :raises Retryable: it is none; a page of some proxy must never pass for an empty list
        """
        try:
            value = json.loads(self.body)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise Retryable("unreadable", "Amazon's answer cannot be read.", self.request_id)
        return value


def user_agent(version):
    """Return the User-Agent that Amazon asks for (SP-API facts 7.2)."""
    return (
        f"sp_connector/{version} "
        f"(Language=Python/{platform.python_version()}; Platform={platform.system()})"
    )


def call(session, method, url, *, headers=None, params=None, form=None, limit=MAX_BODY):
    """Make one request and return its ``Answer``, whatever its status.

    :param session: a ``requests.Session``, or anything with its ``request``
    :param form: fields of a form-encoded body
    :param limit: bytes of body that are accepted
    :raises Retryable: no answer, or one that breaks off
    :raises Rejected: a redirect, which no call of ours expects, or an answer too large
    """
    # `from None`: the exceptions of requests hold URLs, and a presigned URL is a secret.
    try:
        response = session.request(
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
    except requests.Timeout:
        raise Retryable("timeout", "Amazon did not answer in time.") from None
    except requests.RequestException:
        raise Retryable("out_of_reach", "Amazon cannot be reached.") from None
    answer = Answer(
        response.status_code,
        {name.lower(): value for name, value in response.headers.items()},
        body,
    )
    if 300 <= answer.status < 400:
        raise Rejected("redirect", "Amazon answered with a redirect.", answer.request_id)
    return answer


def _read(response, limit):
    started = time.monotonic()
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > limit:
            raise Rejected("too_large", "Amazon's answer is larger than expected.")
        if time.monotonic() - started > DEADLINE:
            raise Retryable("timeout", "Amazon's answer did not end in time.")
    return bytes(body)
