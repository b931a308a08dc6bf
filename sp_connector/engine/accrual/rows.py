"""Transactions as the rows that they will be in their settlements.

They are written as the file that Amazon will make of them and read as any other. So words, order
items, gross and net prices, tax classes and the proof of the sum are those of the settlement.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from ..files.amounts import currency_digits
from ..files.document import Document
from ..lines.flat_file import Report
from ..lines.summary import Grouping, Line
from ..words.classify import Classifier
from .words import settlement_words

if TYPE_CHECKING:
    from ..amazon.finances import Leaf, Transaction

_REF = "1"
_COLUMNS = (
    *("settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date"),
    *("total-amount", "currency", "transaction-type", "order-id", "shipment-id"),
    *("marketplace-name", "amount-type", "amount-description", "amount", "fulfillment-id"),
    *("posted-date", "posted-date-time", "order-item-code", "sku", "quantity-purchased"),
)
_TIME = "%Y-%m-%d %H:%M:%S UTC"


class Grouped(NamedTuple):
    """The rows with one key of a settlement's lines.

    :param refs: of the transactions that they come from
    """

    line: Line
    refs: tuple[str, ...]


class Unproved(ValueError):
    """What was read is not what was told; nothing may be made of it."""


def group(
    transactions: Iterable[Transaction],
    classifier: Classifier,
    grouping: Grouping,
    names: dict[str, str],
) -> list[Grouped]:
    """Return the lines that transactions of one currency will be, and where they come from.

    :param names: Amazon's id of a marketplace → its name in settlements
    :raises Unproved: their sum is not that of the transactions
    """
    told = [(one, leaf) for one in transactions for leaf in one.leaves]
    if not told:
        return []
    report = Report(Document("transactions.txt", _file(told, names)))
    summary = report.summarise(classifier, grouping).get(_REF)
    total = sum((one.amount for one in {one.ref: one for one, _leaf in told}.values()), Decimal(0))
    if not summary or not summary.proved or summary.amount_rows != total:
        raise Unproved(str(report.problems[:1] or total))
    lines = list(summary.lines.items())
    fronts = {(_REF, key): str(place) for place, (key, _line) in enumerate(lines)}
    refs: list[dict[str, None]] = [{} for _line in lines]
    for block in report.copy_rows(fronts):
        for row in block.decode().splitlines():
            place, number = row.split("\t", 2)[:2]
            # The first line names the columns, the second one the sum.
            refs[int(place)][told[int(number) - 3][0].ref] = None
    return [Grouped(line, tuple(some)) for (_key, line), some in zip(lines, refs, strict=True)]


def _file(told: list[tuple[Transaction, Leaf]], names: dict[str, str]) -> bytes:
    times = [one.posted_at for one, _leaf in told]
    currency = told[0][0].currency
    digits = currency_digits(currency)
    head = {
        "settlement-id": _REF,
        "settlement-start-date": min(times).strftime(_TIME),
        "settlement-end-date": max(times).strftime(_TIME),
        "deposit-date": max(times).strftime(_TIME),
        "total-amount": f"{sum(leaf.amount for _one, leaf in told):.{digits}f}",
        "currency": currency,
    }
    rows = [dict(zip(_COLUMNS, _COLUMNS, strict=True)), head]
    for one, leaf in told:
        kind, amount_type, description = settlement_words(one.kind, leaf.path)
        rows.append(
            {
                "settlement-id": _REF,
                "transaction-type": kind,
                "order-id": one.order_ref,
                "shipment-id": one.ref[:40],
                "marketplace-name": names.get(one.marketplace_ref, one.marketplace_ref),
                "amount-type": amount_type,
                "amount-description": description,
                "amount": f"{leaf.amount:.{digits}f}",
                "fulfillment-id": leaf.fulfillment,
                "posted-date": one.posted_at.strftime(_TIME)[:10],
                "posted-date-time": one.posted_at.strftime(_TIME),
                "order-item-code": f"{one.ref[:40]}-{leaf.item}" if leaf.item else "",
                "sku": leaf.sku,
                "quantity-purchased": str(leaf.quantity or ""),
            }
        )
    lines = ("\t".join(row.get(name, "") for name in _COLUMNS) for row in rows)
    return "\n".join(lines).encode() + b"\n"
