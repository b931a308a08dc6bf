"""Authorisation: consent addresses, Login with Amazon, and what its errors mean.

Facts: docs/facts/oauth.md. ``invalid_grant`` is the seller's (ask to reconnect),
``invalid_client`` is ours (never blame a seller for it).
"""

import re
from collections.abc import Container, Iterable
from typing import Any, NamedTuple, TypeGuard
from urllib.parse import quote, urlencode

import requests

from ..errors import Misconfigured, Rejected, Retryable, Revoked
from . import transport

#: One hour; a minute is kept back so that a token does not run out on its way.
EXPIRY_MARGIN = 60
#: Strict on purpose: whatever is not plainly a path of Seller Central is refused.
_CALLBACK = re.compile(
    r"(?P<base>https?://[a-z0-9.-]+(?::[0-9]{1,5})?)?"
    r"(?P<path>/apps/authorize/[A-Za-z0-9._~/-]{1,500})"
).fullmatch
_SELLER_ID = re.compile(r"[A-Z0-9]{6,32}").fullmatch
_TOKEN = re.compile(r"[!-~]{1,4096}").fullmatch
_ERROR_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}").fullmatch

#: Codes that Amazon's consent page shows or returns with; most of them nobody documents but the
#: people who met them ("Codes of the consent page").
CONSENT_ERRORS = (
    "MD1000",
    "MD5101",
    "MD5110",
    "MD9100",
    "MD9010",
    "MD5100",
    "MD4100",
    "MD5200",
    "SPDC8143",
    "SPSA0404",
    "SPSA2043",
    "CONSENT_LIMIT_REACHED",
    "access_denied",
)


class Tokens(NamedTuple):
    """What Login with Amazon gave: texts, and the access token's life in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int


def consent_url(
    host: str, application_ref: str, state: str, redirect_uri: str, draft: bool = False
) -> str:
    """Return the address of Seller Central's consent page ("Consent").

    :param host: base URL of the Seller Central of the seller's country
    :param draft: the application is not published: adds ``version=beta``
    """
    query = {"application_id": application_ref, "state": state, "redirect_uri": redirect_uri}
    if draft:
        query["version"] = "beta"
    return f"{host}/apps/authorize/consent?{urlencode(query, quote_via=quote)}"


def confirm_url(
    callback: str, amazon_state: str, state: str, redirect_uri: str, draft: bool = False
) -> str:
    """Return the address to send the browser back to Amazon ("Begun at Amazon")."""
    query = {"amazon_state": amazon_state, "state": state, "redirect_uri": redirect_uri}
    if draft:
        query["version"] = "beta"
    return f"{callback}?{urlencode(query, quote_via=quote)}"


def check_callback(uri: str | None, allowed: Container[str], default: str) -> str:
    """Return the absolute, safe form of ``amazon_callback_uri``, which comes with the query.

    :param allowed: base URLs (scheme, host, port) of Amazon that may be redirected to
    :param default: the one a relative path is resolved on; Amazon sometimes sends one
    :raises Rejected: it leads anywhere else (open redirect)
    """
    match = _CALLBACK(uri or "")
    if match:
        base, path = match["base"] or default, match["path"]
        if base in allowed and ".." not in match[0] and "//" not in path:
            return f"{base}{path}"
    raise Rejected("bad_callback")


def is_seller_id(text: str | None) -> bool:
    """Tell whether a text can be a selling partner id."""
    return bool(_SELLER_ID(text or ""))


def clean_error_code(text: object) -> str:
    """Return an error code that came from outside if it is harmless, else ``""``."""
    return text if isinstance(text, str) and _ERROR_CODE(text) else ""


class Lwa:
    """Login with Amazon for one application.

    :param session: a ``requests.Session``
    :param token_url: see ``regions.Hosts``
    :param client_secrets: the secret, and the next one during a rotation; both are tried
    """

    def __init__(
        self,
        session: requests.Session,
        token_url: str,
        client_id: str,
        client_secrets: Iterable[str],
        agent: str,
    ) -> None:
        self._session = session
        self._url = token_url
        self._client_id = client_id
        self._secrets = [secret for secret in client_secrets if secret]
        self._agent = agent

    def exchange(self, code: str, redirect_uri: str) -> Tokens:
        """Turn the code of a consent into ``Tokens``.

        :raises Rejected: ``code_refused``: older than five minutes, used before, or not ours
        :raises Misconfigured: see ``refresh``
        :raises Retryable: see ``refresh``
        """
        answer = self._post(
            {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        )
        return self._tokens(answer, for_code=True)

    def refresh(self, refresh_token: str) -> Tokens:
        """Return fresh ``Tokens``; the refresh token stays the same as a rule.

        :raises Revoked: the seller took the grant back, or it is over a year old
        :raises Misconfigured: our client id or secret is refused
        :raises Retryable: Amazon is out of reach, throttles, or answers nonsense
        """
        answer = self._post({"grant_type": "refresh_token", "refresh_token": refresh_token})
        return self._tokens(answer, refresh_token=refresh_token)

    def _post(self, fields: dict[str, str]) -> transport.Answer:
        if not self._secrets:
            raise Misconfigured("no_secret", operation="token")
        for secret in self._secrets:
            form = {**fields, "client_id": self._client_id, "client_secret": secret}
            answer = transport.call(
                self._session,
                "POST",
                self._url,
                headers={
                    "User-Agent": self._agent,
                    "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8",
                },
                form=form,
            )
            if answer.status != 401:  # invalid_client: the other secret may be the one
                break
        return answer

    def _tokens(
        self, answer: transport.Answer, refresh_token: str = "", for_code: bool = False
    ) -> Tokens:
        asked = answer.request_id
        if answer.status == 429 or answer.status >= 500:
            raise Retryable("lwa_busy", asked, operation="token")
        values = answer.json()
        if answer.status == 200:
            return _read_tokens(values, refresh_token, asked)
        code = values.get("error")
        if code == "invalid_grant":
            if for_code:
                raise Rejected("code_refused", asked, operation="token")
            raise Revoked(code, asked, operation="token")
        if code in ("invalid_client", "unauthorized_client"):
            raise Misconfigured(code, asked, operation="token")
        raise Rejected(clean_error_code(code) or "lwa_error", asked, operation="token")


def _read_tokens(values: dict[str, Any], refresh_token: str, request_id: str) -> Tokens:
    access = values.get("access_token")
    refresh = values.get("refresh_token") or refresh_token
    life = values.get("expires_in")
    if not (_is_token(access) and _is_token(refresh)):
        raise Retryable("unreadable", request_id, operation="token", what="access_token")
    # An hour, always ("Token answers"); no answer makes us keep a token for longer than a day.
    life = min(life, 86400) if type(life) is int and life > 0 else 3600
    return Tokens(access, refresh, life)


def _is_token(value: object) -> TypeGuard[str]:
    """A token goes into a header: printable ASCII without spaces, 2048 bytes at Amazon."""
    return isinstance(value, str) and bool(_TOKEN(value))
