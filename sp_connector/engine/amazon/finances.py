"""The Finances API 2024-06-19: transactions, settled or not, and Amazon's own summaries.

Facts: docs/facts/api.md, "Finances". Each question has the whole sum of an answer to prove: what a
transaction's parts do not explain is a part of its own, never left out.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from ..errors import Rejected, Retryable
from .moments import moment, moment_text
from .selling_partner import SellingPartner, word

_PATH = "/finances/2024-06-19"
DEFERRED, RELEASED, DEFERRED_RELEASED = "DEFERRED", "RELEASED", "DEFERRED_RELEASED"
STATUSES = (DEFERRED, DEFERRED_RELEASED, RELEASED)
#: Amazon tells nothing at all of a longer range, and fails where an answer grows too large, which
#: was seen from a fortnight on.
LONGEST = timedelta(days=180)
SLICE = timedelta(days=14)
_NARROWEST = timedelta(hours=1)
#: ``postedBefore`` must be earlier than the question by more than two minutes.
_DELAY = timedelta(minutes=3)
#: What a transaction may have been posted within and still not be told.
LATE = timedelta(hours=48)
_MAX_PAGES = 100


class Leaf(NamedTuple):
    """The smallest part of an amount that Amazon names.

    :param path: Amazon's types of breakdown, the widest first; nothing for what it does not explain
    :param item: which item of the transaction, from 1; 0 for the transaction itself
    """

    path: tuple[str, ...]
    amount: Decimal
    item: int = 0
    sku: str = ""
    quantity: int = 0
    fulfillment: str = ""


class Transaction(NamedTuple):
    """A transaction as Amazon tells it; times are naive UTC, amounts from the seller's side.

    :param status: ``DEFERRED``, ``DEFERRED_RELEASED`` or ``RELEASED``
    :param settlement_ref: the settlement that holds it, ``""`` as long as that is not known
    :param group_ref: Amazon's own name for what becomes a settlement
    :param deferred_ref: of a release: the transaction that was deferred
    :param release_ref: of one that was deferred: the release
    :param reason: why it is deferred: ``DD7``, ``B2B``
    :param matures_at: when it will be released, or was, as far as Amazon says so
    :param leaves: they add up to ``amount``
    """

    ref: str
    kind: str
    status: str
    description: str
    posted_at: datetime
    amount: Decimal
    currency: str
    marketplace_ref: str
    account_type: str
    order_ref: str
    settlement_ref: str
    group_ref: str
    deferred_ref: str
    release_ref: str
    reason: str
    matures_at: datetime | None
    leaves: tuple[Leaf, ...]


class Page(NamedTuple):
    """A page of transactions, which may be empty; ``next_token`` is ``""`` on the last one."""

    transactions: list[Transaction]
    next_token: str


class Summary(NamedTuple):
    """Amazon's own statement of a settlement, or of the part of it in one marketplace.

    :param breakdowns: [(Amazon's name of it, amount)], those of the first level
    """

    marketplace_ref: str
    account_type: str
    net: Decimal
    currency: str
    breakdowns: tuple[tuple[str, Decimal], ...]


#: Of what Amazon holds: ``RESERVED`` is the sum of the next two, ``TOTAL`` of it and the first.
AVAILABLE, RESERVED, TOTAL = "AVAILABLE", "RESERVED", "TOTAL"
ACCOUNT_LEVEL_RESERVE = "ACCOUNT_LEVEL_RESERVE"
BALANCES = (AVAILABLE, RESERVED, DEFERRED, ACCOUNT_LEVEL_RESERVE, TOTAL)


class Balance(NamedTuple):
    """What Amazon says that it holds for the seller in one marketplace.

    :param amounts: {one of ``BALANCES``: amount from the seller's side}, as far as Amazon says
    """

    marketplace_ref: str
    account_type: str
    currency: str
    amounts: dict[str, Decimal]


# === QUESTIONS === #


class Search(NamedTuple):
    """How far a search for transactions is, question by question.

    :param since: where it begins; ``until``: where it ends, without that moment (naive UTC)
    :param statuses: those that are still to be asked for, the first one now
    :param at: all of that status from ``since`` to here is known
    :param hours: length of a slice
    :param token: the page of the slice that is asked for next
    """

    since: datetime
    until: datetime
    statuses: tuple[str, ...]
    at: datetime
    hours: int = SLICE // timedelta(hours=1)
    token: str = ""

    @property
    def is_over(self) -> bool:
        """Everything was told."""
        return not self.statuses

    @property
    def to(self) -> datetime:
        """The end of the slice that is asked for."""
        return min(self.at + timedelta(hours=self.hours), self.until)

    def after(self, page: Page) -> "Search":
        """Return the search after an answer."""
        if page.next_token:
            return self._replace(token=page.next_token)
        if self.to < self.until:
            return self._replace(at=self.to, token="")
        return self._replace(at=self.since, statuses=self.statuses[1:], token="")

    def narrowed(self) -> "Search | None":
        """Return the search with shorter slices after a refusal, ``None`` where that is no help.

        The token of a page may have run out, too: its slice begins again.
        """
        if self.token:
            return self._replace(token="")
        hours = self.hours // 2
        return self._replace(hours=hours) if timedelta(hours=hours) >= _NARROWEST else None

    @property
    def remaining(self) -> int:
        """How many questions are left, if each slice fits on a page."""
        if self.is_over:
            return 0
        slices = -((self.since - self.until) // timedelta(hours=self.hours))
        left = -((self.at - self.until) // timedelta(hours=self.hours))
        return left + (len(self.statuses) - 1) * slices


def begin(
    since: datetime, until: datetime, now: datetime, statuses: tuple[str, ...] = STATUSES
) -> Search:
    """Return a new ``Search``, as far as Amazon answers.

    :param now: Amazon's time
    """
    until = min(until, now - _DELAY)
    since = min(max(since, until - LONGEST), until)
    return Search(since, until, statuses if since < until else (), since)


def pack(search: Search) -> list[object]:
    """Return a ``Search`` as a value for JSON."""
    return [
        *(search.since.isoformat(), search.until.isoformat(), list(search.statuses)),
        *(search.at.isoformat(), search.hours, search.token),
    ]


def unpack(value: list[Any]) -> Search:
    """Return the ``Search`` that ``pack`` packed."""
    since, until, statuses, at, hours, token = value
    since, until, at = map(datetime.fromisoformat, (since, until, at))
    return Search(since, until, tuple(statuses), at, hours, token)


def list_transactions(partner: SellingPartner, search: Search) -> Page:
    """Ask for the next page of a search (listTransactions).

    :raises AmazonError: see ``selling_partner.error_of``; an unreadable answer is no empty page
    """
    params: dict[str, str | int] = {
        "postedAfter": moment_text(search.at),
        "postedBefore": moment_text(search.to),
        "transactionStatus": search.statuses[0],
    }
    if search.token:
        params["nextToken"] = search.token
    values = partner.get(f"{_PATH}/transactions", "listTransactions", params)
    try:
        payload: dict[str, Any] = values["payload"]
        if not isinstance(payload["transactions"], list):
            raise ValueError("no list")
        found = [_transaction(item, search.statuses[0]) for item in payload["transactions"]]
        return Page(found, _token(payload))
    except _ODD:
        raise _unreadable(partner, "listTransactions", "transactions") from None


def summaries(partner: SellingPartner, settlement_ref: str) -> list[Summary]:
    """Ask for Amazon's own statement of a settlement (listSummary), all pages of it.

    :return: a ``Summary`` for each marketplace and account type; none where Amazon has no statement
    """
    params: dict[str, str | int] = {
        "relatedIdentifierName": "SETTLEMENT_ID",
        "relatedIdentifierValue": settlement_ref,
    }
    found: list[Summary] = []
    for _page in range(_MAX_PAGES):
        values = partner.get(f"{_PATH}/summary", "listSummary", params)
        try:
            if not isinstance(values["summaries"], list):
                raise ValueError("no list")
            found += [_summary(item, settlement_ref) for item in values["summaries"]]
            token = _token(values)
        except _ODD:
            raise _unreadable(partner, "listSummary", "summaries") from None
        if not token:
            return found
        params["nextToken"] = token
    raise Rejected("too_many_pages", operation="listSummary")


def list_balances(partner: SellingPartner, day: date | None = None) -> list[Balance]:
    """Ask what Amazon holds (listBalances), all pages of it.

    :param day: at the end of a past day; ``None``: now
    :raises AmazonError: see ``selling_partner.error_of``; an unreadable answer is no empty one
    """
    params: dict[str, str | int] = {"asOfDate": day.isoformat()} if day else {}
    found: dict[tuple[str, str, str], dict[str, Decimal]] = {}
    for _page in range(_MAX_PAGES):
        values = partner.get(f"{_PATH}/balances", "listBalances", params)
        try:
            if not isinstance(values["balances"], list):
                raise ValueError("no list")
            for one in values["balances"]:
                _add_balance(found, one, day)
            token = _token(values)
        except _ODD:
            raise _unreadable(partner, "listBalances", "balances") from None
        if not token:
            return [Balance(*place, amounts) for place, amounts in found.items()]
        params["nextToken"] = token
    raise Rejected("too_many_pages", operation="listBalances")


# === ANSWERS === #

#: What reading an answer raises where it is not as Amazon's model says.
_ODD = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError)


def _unreadable(partner: SellingPartner, operation: str, what: str) -> Retryable:
    return Retryable("unreadable", partner.request_id, operation=operation, what=what)


def _token(values: dict[str, Any]) -> str:
    token = values.get("nextToken")
    return word(token, 4096) if token else ""


def _transaction(values: dict[str, Any], asked: str) -> Transaction:
    amount, currency = _money(values["totalAmount"])
    related = _related(values)
    place = values.get("marketplaceDetails") or {}
    metadata = values.get("sellingPartnerMetadata") or {}
    contexts = _contexts(values)
    for item in values.get("items") or []:
        contexts = {**_contexts(item), **contexts}
    deferral = contexts.get("DeferredContext", {})
    matures_at = deferral.get("maturityDate")
    return Transaction(
        word(values["transactionId"], 256),
        _optional(values.get("transactionType")),
        _status(values.get("transactionStatus"), asked),
        _optional(values.get("description")),
        moment(values["postedDate"]),
        amount,
        currency,
        _optional(place.get("marketplaceId") or metadata.get("marketplaceId")),
        _optional(metadata.get("accountType")),
        _optional(related.get("ORDER_ID")),
        _optional(related.get("SETTLEMENT_ID")),
        _optional(related.get("FINANCIAL_EVENT_GROUP_ID")),
        _optional(related.get("DEFERRED_TRANSACTION_ID")),
        _optional(related.get("RELEASE_TRANSACTION_ID")),
        _optional(deferral.get("deferralReason")),
        moment(matures_at) if matures_at else None,
        tuple(_leaves(values, amount, currency)),
    )


def _status(status: object, asked: str) -> str:
    """Return the status, however it is written; Amazon's example says ``Released``."""
    if not status:
        return asked
    written = str(status).upper().replace(" ", "_")
    if written not in STATUSES:
        raise ValueError("no status of a transaction")
    return written


def _optional(value: object) -> str:
    return word(value, 256) if value else ""


def _related(values: dict[str, Any]) -> dict[str, str]:
    return {
        one["relatedIdentifierName"]: one.get("relatedIdentifierValue") or ""
        for one in values.get("relatedIdentifiers") or []
    }


def _contexts(values: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["contextType"]: one for one in values.get("contexts") or []}


def _money(values: dict[str, Any]) -> tuple[Decimal, str]:
    number = values.get("currencyAmount") or 0
    if isinstance(number, bool) or not isinstance(number, int | Decimal):
        raise ValueError("no amount")
    return Decimal(number), word(values["currencyCode"], 3)


def _amount(values: dict[str, Any], currency: str) -> Decimal:
    """Return an amount of a transaction's currency; another one would be added to it."""
    amount, its = _money(values)
    if amount and its != currency:
        raise ValueError("two currencies")
    return amount


def _whole(values: dict[str, Any], name: str, currency: str) -> Decimal:
    """Return the amount of an item or a breakdown; without one, what its parts add up to."""
    if values.get(name):
        return _amount(values[name], currency)
    return sum(
        (_whole(node, "breakdownAmount", currency) for node in _breakdowns(values)), Decimal(0)
    )


def _breakdowns(values: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the breakdowns, which stand in a list or, in Amazon's example, in an object."""
    found = values.get("breakdowns") or []
    if isinstance(found, dict):
        found = found.get("breakdowns") or []
    if not isinstance(found, list):
        raise ValueError("no breakdowns")
    return found


def _leaves(values: dict[str, Any], amount: Decimal, currency: str) -> Iterator[Leaf]:
    """Yield the parts of a transaction: of its items, or its own where the items name none."""
    items = values.get("items") or []
    found: list[Leaf] = []
    if any(map(_breakdowns, items)):
        for number, item in enumerate(items, 1):
            product = _contexts(item).get("ProductContext", {})
            own = Leaf(
                (),
                _whole(item, "totalAmount", currency),
                number,
                _optional(product.get("sku")),
                int(product.get("quantityShipped") or 0),
                _optional(product.get("fulfillmentNetwork")),
            )
            found += _parts(_breakdowns(item), own, currency)
    else:
        found += _parts(_breakdowns(values), Leaf((), amount), currency)
    yield from found
    if rest := amount - sum((leaf.amount for leaf in found), Decimal(0)):
        yield Leaf((), rest)


def _parts(nodes: list[dict[str, Any]], whole: Leaf, currency: str) -> Iterator[Leaf]:
    """Yield the leaves below a node, and what they do not explain of it."""
    rest = whole.amount
    for node in nodes:
        path = (*whole.path, word(node["breakdownType"], 128))
        amount = _whole(node, "breakdownAmount", currency)
        rest -= amount
        yield from _parts(_breakdowns(node), whole._replace(path=path, amount=amount), currency)
    if rest:
        yield whole._replace(amount=rest)


def _summary(values: dict[str, Any], settlement_ref: str) -> Summary:
    told = _related(values).get("SETTLEMENT_ID", settlement_ref)
    if told != settlement_ref:
        raise ValueError("another settlement")
    net, currency = _money(values["netProceeds"])
    metadata = values.get("partnerMetadata") or {}
    return Summary(
        _optional(metadata.get("marketplaceId")),
        _optional(metadata.get("accountType")),
        net,
        currency,
        tuple(
            (word(node["breakdownType"], 128), _amount(node["breakdownAmount"], currency))
            for node in _breakdowns(values)
        ),
    )


def _add_balance(
    found: dict[tuple[str, str, str], dict[str, Decimal]],
    values: dict[str, Any],
    day: date | None,
    metadata: dict[str, Any] | None = None,
) -> None:
    """Add a balance and those that it is made of, which name no seller of their own."""
    metadata = values.get("partnerMetadata") or metadata or {}
    kind, (amount, currency) = values["balanceType"], _money(values["amount"])
    told = values.get("asOfDate")
    if kind not in BALANCES or (day and told and date.fromisoformat(told[:10]) != day):
        raise ValueError("no balance that was asked for")
    place = (
        _optional(metadata.get("marketplaceId")),
        _optional(metadata.get("accountType")),
        currency,
    )
    # Amazon may list a part beside the whole that holds it: once is enough, but not two amounts.
    if found.setdefault(place, {}).setdefault(kind, amount) != amount:
        raise ValueError("two amounts")
    for part in values.get("balances") or []:
        _add_balance(found, part, day, metadata)
