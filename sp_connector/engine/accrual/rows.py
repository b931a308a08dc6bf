"""Transactions as the rows that they will be in their settlements.

They are written as the file that Amazon will make of them and read as any other. So words, order
items, gross and net prices, tax classes and the proof of the sum are those of the settlement.
"""

from __future__ import annotations

from array import array
from datetime import datetime
from decimal import Decimal
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, NamedTuple

from ..files.amounts import currency_digits
from ..files.document import Document
from ..lines.flat_file import COPIED, Report
from ..lines.summary import Grouping, Line
from ..words.classify import Classifier
from .words import settlement_words

if TYPE_CHECKING:
    from ..amazon.finances import Transaction

_REF = "1"
_COLUMNS = (
    *("settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date"),
    *("total-amount", "currency", "transaction-type", "order-id", "shipment-id"),
    *("marketplace-name", "amount-type", "amount-description", "amount", "fulfillment-id"),
    *("posted-date", "posted-date-time", "order-item-code", "sku", "quantity-purchased"),
)
_TIME = "%Y-%m-%d %H:%M:%S UTC"


#: Where ``Report.copy_rows`` writes the key of a row's transaction, behind the place of its line.
_KEY = 1 + COPIED.index("shipment_ref")
#: The row with the sum stands first and is known last: its cells are as wide then as before.
_SUM = 40


class Grouped(NamedTuple):
    """The rows with one key of a settlement's lines.

    :param keys: of the transactions that they come from, in the order in which they were added
    """

    line: Line
    keys: array[int]


class Unproved(ValueError):
    """What was read is not what was told; nothing may be made of it."""


class Rows:
    """The rows of transactions of one currency, on disk: there may be a hundred thousand.

    :param place: what settlements call their marketplace
    """

    def __init__(self, currency: str, place: str = "") -> None:
        self._currency, self._place = currency, place
        self._digits = currency_digits(currency)
        self._total, self._count = Decimal(0), 0
        self._first, self._last = datetime.max, datetime.min
        self._file = NamedTemporaryFile()
        self._write(dict(zip(_COLUMNS, _COLUMNS, strict=True)))
        self._write(self._sum(datetime.min))

    def add(self, key: int, one: Transaction) -> None:
        """Add a transaction under a key of its own."""
        if not one.leaves:
            return
        self._total += one.amount
        self._count += 1
        self._first, self._last = min(self._first, one.posted_at), max(self._last, one.posted_at)
        moment = one.posted_at.strftime(_TIME)
        for leaf in one.leaves:
            kind, amount_type, description = settlement_words(one.kind, leaf.path)
            self._write(
                {
                    "settlement-id": _REF,
                    "transaction-type": kind,
                    "order-id": one.order_ref,
                    "shipment-id": str(key),
                    "marketplace-name": self._place,
                    "amount-type": amount_type,
                    "amount-description": description,
                    "amount": self._money(leaf.amount),
                    "fulfillment-id": leaf.fulfillment,
                    "posted-date": moment[:10],
                    "posted-date-time": moment,
                    "order-item-code": f"{key}-{leaf.item}" if leaf.item else "",
                    "sku": leaf.sku,
                    "quantity-purchased": str(leaf.quantity or ""),
                }
            )

    def lines(self, classifier: Classifier, grouping: Grouping) -> list[Grouped]:
        """Return the lines that they will be, and where those come from; nothing is added then.

        :raises Unproved: their sum is not that of the transactions
        """
        with self._file:
            if not self._count:
                return []
            self._file.seek(0)
            self._file.readline()
            self._write(self._sum(self._last, self._first))
            self._file.flush()
            return self._read(classifier, grouping)

    def _read(self, classifier: Classifier, grouping: Grouping) -> list[Grouped]:
        report = Report(Document("transactions.txt", lambda: open(self._file.name, "rb")))
        summary = report.summarise(classifier, grouping).get(_REF)
        if not summary or not summary.proved or summary.amount_rows != self._total:
            raise Unproved(str(report.problems[:1] or self._total))
        lines = list(summary.lines.items())
        found = [Grouped(line, array("q")) for _key, line in lines]
        fronts = {(_REF, key): str(place) for place, (key, _line) in enumerate(lines)}
        for block in report.copy_rows(fronts):
            for row in block.decode().splitlines():
                cells = row.split("\t", _KEY + 1)
                keys, key = found[int(cells[0])].keys, int(cells[_KEY])
                if not keys or keys[-1] != key:
                    keys.append(key)
        return found

    def _sum(self, last: datetime, first: datetime = datetime.min) -> dict[str, str]:
        return {
            "settlement-id": _REF,
            "settlement-start-date": f"{first:{_TIME}}".rjust(_SUM),
            "settlement-end-date": f"{last:{_TIME}}".rjust(_SUM),
            "deposit-date": f"{last:{_TIME}}".rjust(_SUM),
            "total-amount": self._money(self._total).rjust(_SUM),
            "currency": self._currency,
        }

    def _money(self, amount: Decimal) -> str:
        return f"{amount:.{self._digits}f}"

    def _write(self, cells: dict[str, str]) -> None:
        line = "\t".join([cells.get(name, "") for name in _COLUMNS])
        self._file.write(line.encode() + b"\n")
