"""The columns of Amazon's two flat files, and what a line says by them.

Facts: docs/facts/settlement-files.md, "V2 columns" and "V1 columns".

V2 has one amount a line. V1 has nine columns of amounts, and a quantity on a line of its own; a
line with several amounts is several rows. Columns are found by name, never by position.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import ClassVar, NamedTuple

from ..errors import BadDocument, Sentence, say, shown
from .other_files import DOWNLOAD

HEADER_DATES = {
    "settlement-start-date": "date_start",
    "settlement-end-date": "date_end",
    "deposit-date": "date_deposit",
}
HEADER_COLUMNS = (*HEADER_DATES, "total-amount", "currency")
#: Long numbers and codes, which programs shorten; the promotion's is the last of them.
CODES = (
    "order-id",
    "merchant-order-id",
    "adjustment-id",
    "shipment-id",
    "order-item-code",
    "merchant-order-item-id",
    "merchant-adjustment-item-id",
    "sku",
    "promotion-id",
)
#: What tells one order item's event from another; all but the last are of the whole order.
ITEM = ("transaction-type", "order-id", "adjustment-id", "order-item-code")
#: What a line says once, however many amounts it has. A promotion goes with its amount.
COMMON = (
    "settlement-id",
    *HEADER_COLUMNS,
    "transaction-type",
    "marketplace-name",
    "fulfillment-id",
    "posted-date",
    "posted-date-time",
    "quantity-purchased",
    *CODES[:-1],
)
#: V1 amount column → the column that names it; all nine count.
V1_AMOUNTS = {
    "shipment-fee-amount": "shipment-fee-type",
    "order-fee-amount": "order-fee-type",
    "price-amount": "price-type",
    "item-related-fee-amount": "item-related-fee-type",
    "misc-fee-amount": None,
    "other-fee-amount": "other-fee-reason-description",
    "promotion-amount": "promotion-type",
    "direct-payment-amount": "direct-payment-type",
    "other-amount": None,
}
V2_AMOUNT = ("amount-type", "amount-description", "amount")
#: What tells that something happened, on each of Amazon's rows: at least one of these.
_EVENT = ("transaction-type", "order-id", "sku", "posted-date", "posted-date-time")
_REQUIRED = ("settlement-id", "transaction-type")


class Amount(NamedTuple):
    """One amount of a line as the file has it.

    :param column: where it stands, for messages
    """

    amount_type: str
    description: str
    text: str
    column: str = "amount"


class Section(ABC):
    """A header line and what follows from it. Concatenated files have several.

    :raises BadDocument: it lacks a column that it must have, or has a column twice
    """

    flavour: ClassVar[str]

    def __init__(self, number: int, line: int, names: Sequence[str], separator: str) -> None:
        self.number = number
        self.separator = separator
        self.width = len(names)
        self.index: dict[str, int] = {}
        for position, name in enumerate(names):
            if name and name in self.index:
                raise BadDocument(
                    "duplicate_columns",
                    say(
                        "The header has the column %(column)s twice. %(advice)s",
                        column=name,
                        advice=DOWNLOAD,
                    ),
                    line,
                )
            self.index[name] = position
        missing = [name for name in _REQUIRED if name not in self.index]
        if missing := missing + self._missing_amounts():
            raise BadDocument(
                "missing_columns",
                say(
                    "The header lacks the column(s) %(columns)s. %(advice)s",
                    columns=", ".join(missing),
                    advice=DOWNLOAD,
                ),
                line,
            )
        self.amount_columns = self._find_amounts()
        self._header_columns = [self.at(name) for name in HEADER_COLUMNS]
        self._type = self.index["transaction-type"]
        words = [*_EVENT, *V2_AMOUNT[:2], *filter(None, V1_AMOUNTS.values())]
        self._event = [self.at(name) for name in _EVENT]
        self._words = [self.at(name) for name in words]
        self._reference = self.index["settlement-id"]
        self._total = self.at("total-amount")
        #: A row may end early, but never before its last column that matters.
        self.minimum = 1 + self._last_needed()
        #: From which column to which a line holds nothing but its amounts, if there are such.
        self.amounts_at = self._find_run()

    @abstractmethod
    def _missing_amounts(self) -> list[str]:
        """Return the columns for amounts that this header lacks."""

    @abstractmethod
    def _find_amounts(self) -> list[int]:
        """Return the positions of the columns for amounts."""

    @abstractmethod
    def _last_needed(self) -> int:
        """Return the position of the last column without which a line is no row."""

    @abstractmethod
    def _find_run(self) -> tuple[int, int] | None:
        """Return what ``amounts_at`` is."""

    @abstractmethod
    def amounts(self, cells: Sequence[str]) -> list[Amount]:
        """Return the amounts of a line; of V1 only those that are not blank."""

    @abstractmethod
    def strange(self, cells: Sequence[str]) -> Sentence | None:
        """Say which amount stands in a column nobody knows, ``None`` for none."""

    def around_amounts(self, cells: Sequence[str]) -> Sequence[str]:
        """Return a line whose cells of ``amounts_at`` are these, and the others blank."""
        first, end = self.amounts_at or (0, 0)
        return ("",) * first + tuple(cells) + ("",) * (self.width - end + 1)

    def at(self, name: str | None) -> int:
        """Return the position of a column; one that this file lacks is the blank last cell."""
        return self.index.get(name, -1) if name else -1

    def getter(self, *names: str) -> Callable[[Sequence[str]], tuple[str, ...]]:
        """Return a function cells → the cells of these columns, two at least."""
        return itemgetter(*map(self.at, names))

    def reference(self, cells: Sequence[str]) -> str:
        """Return the settlement id of a line."""
        return cells[self._reference]

    def beside_amounts(self) -> list[str]:
        """Return the columns that are blank on a row, but for those of ``amounts_at``."""
        first, end = self.amounts_at or (0, 0)
        amounts = [
            name
            for name, position in self.index.items()
            if name.endswith("amount") and name != "total-amount" and not first <= position < end
        ]
        return [*HEADER_COLUMNS, *amounts]

    def is_header(self, cells: Sequence[str]) -> bool:
        """Tell whether this line holds a settlement's own data instead of money."""
        if cells[self._type] or any(cells[position] for position in self.amount_columns):
            return False
        return self.has_header(cells)

    def is_sum(self, cells: Sequence[str]) -> bool:
        """Tell whether this line is a sum that somebody added: an amount and nothing of Amazon's.

        A label may stand in the place of the settlement id; without one, anywhere.
        """
        if cells[self._type]:
            return False
        reference = cells[self._reference]
        if any(cells[position] for position in (self._words if reference else self._event)):
            return False
        if any(cells[position] for position in self.amount_columns):
            return True
        # In the column of totals a settlement's own line has its dates or currency beside it.
        if not cells[self._total] or reference[:1].isdigit() and reference.isdigit():
            return False
        others = (position for position in self._header_columns if position != self._total)
        return not any(cells[position] for position in others)

    def has_header(self, cells: Sequence[str]) -> bool:
        """Tell whether this line holds a settlement's own data, alone or beside money."""
        return any(cells[position] for position in self._header_columns)

    def amount_texts(self, cells: Sequence[str]) -> list[str]:
        """Return the non-blank amounts of a line as text, the total among them."""
        positions = [self._total, *self.amount_columns]
        return [cells[position] for position in positions if cells[position]]


class V2(Section):
    """One amount a line, named by two columns beside it."""

    flavour = "v2"

    def _missing_amounts(self) -> list[str]:
        return [name for name in V2_AMOUNT if name not in self.index]

    def _find_amounts(self) -> list[int]:
        self._amount = tuple(self.index[name] for name in V2_AMOUNT)
        return [self._amount[-1]]

    def _last_needed(self) -> int:
        return self._amount[-1]

    def _find_run(self) -> tuple[int, int] | None:
        first = self._amount[0]
        is_run = self._amount == (first, first + 1, first + 2) and first > 0
        return (first, first + 3) if is_run else None

    def amounts(self, cells: Sequence[str]) -> list[Amount]:
        amount_type, description, amount = self._amount
        return [Amount(cells[amount_type], cells[description], cells[amount])]

    def strange(self, cells: Sequence[str]) -> Sentence | None:
        return None


class V1(Section):
    """Nine columns for amounts; ``V1:`` and the column's name stand for V2's amount type."""

    flavour = "v1"

    def _missing_amounts(self) -> list[str]:
        if any(name in self.index for name in V1_AMOUNTS):
            absent = [name for name in V2_AMOUNT if name not in self.index]
            return absent if len(absent) < len(V2_AMOUNT) else []
        return [name for name in V2_AMOUNT if name not in self.index]

    def _find_amounts(self) -> list[int]:
        self._known = [
            (f"V1:{name}", self.index[name], self.at(naming), name)
            for name, naming in V1_AMOUNTS.items()
            if name in self.index
        ]
        # An amount column nobody knows must not vanish from the sum.
        self._strange = [
            (name, position)
            for name, position in self.index.items()
            if name.endswith("-amount") and name not in V1_AMOUNTS and name != "total-amount"
        ]
        return [position for _type, position, _naming, _name in self._known]

    def _last_needed(self) -> int:
        return self._type

    def _find_run(self) -> tuple[int, int] | None:
        first = 1 + max(self.at(name) for name in COMMON)
        return (first, self.width) if first < self.width else None

    def amounts(self, cells: Sequence[str]) -> list[Amount]:
        return [
            Amount(amount_type, cells[naming], cells[position], name)
            for amount_type, position, naming, name in self._known
            if cells[position]
        ]

    def strange(self, cells: Sequence[str]) -> Sentence | None:
        for name, position in self._strange:
            if cells[position]:
                return say(
                    "column %(column)s is unknown and holds %(text)s",
                    column=name,
                    text=shown(cells[position]),
                )
        return None


def make_section(number: int, line: int, names: Sequence[str], separator: str) -> Section:
    """Return the ``V2`` or ``V1`` section of a header line.

    :param number: of the header lines of the file, from 0
    :param line: line number, for messages
    :raises BadDocument: see ``Section``
    """
    flavour = V2 if all(name in names for name in V2_AMOUNT) else V1
    return flavour(number, line, names, separator)
