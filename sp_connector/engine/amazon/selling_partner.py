"""SP-API calls for one seller: errors become types, an unreadable answer is never an empty one.

Facts: docs/facts/api.md, "Operations and limits" and "Sellers API"; shapes are checked against
Amazon's published models.
"""

from datetime import datetime
from typing import Any, NamedTuple, Protocol

import requests

from ..errors import AmazonError, Misconfigured, Rejected, Retryable, TokenExpired
from . import transport
from .regions import is_amazon

SETTLEMENT_REPORT = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
#: Operation → (seconds a request costs, rounded up; burst), see "Operations and limits".
LIMITS = {
    "getReports": (45, 10),
    "getReport": (1, 15),
    "getReportDocument": (60, 15),
    "getMarketplaceParticipations": (63, 15),
    "getAccount": (63, 15),
    "listTransactions": (2, 10),
    "listSummary": (2, 10),
    "listBalances": (2, 10),
}


class Participation(NamedTuple):
    """One marketplace of a seller account, as the Sellers API tells."""

    marketplace_ref: str
    name: str
    country: str
    is_participating: bool
    has_suspended_listings: bool


class Meter(Protocol):
    """Counts calls, see ``SellingPartner``."""

    def take(self, operation: str) -> object:
        """Count a call that is about to be made, or raise if there are none left."""

    def drain(self, operation: str) -> object:
        """Note that Amazon said there were too many calls."""


class SellingPartner:
    """The SP-API of one region with one access token.

    :param session: a ``requests.Session``
    :param endpoint: base URL of the region, see ``regions.Hosts``
    :param meter: counts every call: ``take(operation)`` before it, ``drain(operation)`` where
        Amazon said that there were too many; nobody counts without one
    :param only_amazon: documents must lie at Amazon; by default where the endpoint does
    """

    def __init__(
        self,
        session: requests.Session,
        endpoint: str,
        access_token: str,
        agent: str,
        meter: Meter | None = None,
        only_amazon: bool = False,
    ) -> None:
        self._session = session
        self._endpoint = endpoint
        self._meter = meter
        self.only_amazon = only_amazon or is_amazon(endpoint)
        #: Amazon's ``Date`` header of the last answer, and the same as naive UTC or ``None``.
        self.date = ""
        self.moment: datetime | None = None
        #: Status and request id of the last answer, to show; 0 and "" where none came.
        self.status, self.request_id = 0, ""
        self._headers = {
            "x-amz-access-token": access_token,
            "User-Agent": agent,
            "Accept": "application/json",
        }

    def participations(self) -> list[Participation]:
        """Return the list of ``Participation`` (getMarketplaceParticipations)."""
        values = self.get("/sellers/v1/marketplaceParticipations", "getMarketplaceParticipations")
        payload = values.get("payload")
        if not isinstance(payload, list):
            raise Retryable("unreadable", self.request_id, what="payload")
        try:
            return [_participation(item) for item in payload]
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Retryable("unreadable", self.request_id, what="payload") from None

    def selling_plan(self) -> str:
        """Return ``PROFESSIONAL``, ``INDIVIDUAL`` or ``""`` (getAccount, EU only).

        Its personal data are neither kept nor returned.
        """
        payload = self.get("/sellers/v1/account", "getAccount").get("payload")
        plan = payload.get("sellingPlan") if isinstance(payload, dict) else ""
        return str(plan) if plan in ("PROFESSIONAL", "INDIVIDUAL") else ""

    def get(
        self, path: str, operation: str, params: dict[str, str | int] | None = None
    ) -> dict[str, Any]:
        """Return the JSON object at a path.

        :param operation: Amazon's name of the operation, for errors and limits
        :raises AmazonError: see ``error_of``
        """
        self.status, self.request_id, self.date, self.moment = 0, "", "", None
        try:
            return self._get(path, operation, params)
        except AmazonError as error:
            error.operation = operation
            raise

    def _get(
        self, path: str, operation: str, params: dict[str, str | int] | None
    ) -> dict[str, Any]:
        if self._meter:
            self._meter.take(operation)
        answer = transport.call(
            self._session, "GET", self._endpoint + path, headers=self._headers, params=params
        )
        self.status, self.request_id = answer.status, answer.request_id
        self.date, self.moment = answer.headers.get("date", ""), answer.moment
        if answer.status == 200:
            return answer.json()
        if answer.status == 429 and self._meter:
            self._meter.drain(operation)
        raise error_of(answer, operation)


def word(value: object, length: int = 128) -> str:
    """Return a text of Amazon's that is short and printable, so that it can be stored and shown.

    :raises ValueError: it is none
    """
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= length:
        raise ValueError("no word")
    return value


def _participation(item: dict[str, Any]) -> Participation:
    place, part = item["marketplace"], item["participation"]
    return Participation(
        word(place["id"]),
        word(place["name"]),
        word(place["countryCode"]),
        part["isParticipating"] is True,
        part.get("hasSuspendedListings") is True,
    )


def error_of(answer: transport.Answer, operation: str) -> AmazonError:
    """Return the typed error for an answer that is no success.

    Facts: docs/facts/api.md, "Errors", "Refused access" and "Throttling".
    """
    request_id = answer.request_id
    code, message, details = _first_error(answer)
    # Amazon's own words, each once: its code and message often say the same.
    said = ": ".join(dict.fromkeys(part for part in (code, message, details) if part))
    if answer.status == 429:
        wait = LIMITS.get(operation, (60, 1))[0]
        return Retryable("throttled", request_id, said, operation, wait)
    if answer.status >= 500:
        return Retryable("out_of_order", request_id, said, operation)
    if answer.status in (401, 403):
        lowered = f"{message} {details}".lower()
        if "secret" in lowered:
            return Misconfigured("secret_expired", request_id, said, operation)
        if "expired" in lowered or "revoked" in lowered or "malformed" in lowered:
            return TokenExpired("token_refused", request_id, said, operation)
        return Misconfigured("no_access", request_id, said, operation, status=answer.status)
    code = code or f"status_{answer.status}"
    return Rejected(code, request_id, said, operation, status=answer.status)


def _first_error(answer: transport.Answer) -> tuple[str, str, str]:
    """Return (code, message, details) of an error body; blank where it is not Amazon's JSON."""
    try:
        error = answer.json()["errors"][0]
        code, message, details = (
            transport.clean(error.get(name) or "") for name in ("code", "message", "details")
        )
    except (Retryable, KeyError, IndexError, TypeError, AttributeError):
        return "", "", ""
    return code, message, details
