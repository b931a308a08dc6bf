"""Rows in columns: some hundred at a time, so that each step is taken for all of them at once."""

import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from ..errors import BadRow
from ..files.columns import CODES, ITEM
from .order_items import Place, role

#: The columns of a row that are taken as they are.
TEXTS = ("marketplace-name", "fulfillment-id", *CODES[:-1])
#: The columns of a page.
KEPT = ("settlement-id", "transaction-type", *TEXTS, "quantity-purchased")
#: A date as the engine writes it: naive UTC, or this.
NO_DATE = "None"


class Words:
    """An amount's words, known once for all amounts that have them.

    :ivar place: its place in the order item, ``None`` for what says nothing of a tax
    :ivar counts_units: the quantity stands on every row of an item: here it counts
    """

    __slots__ = ("amount_type", "counts_units", "description", "place")

    def __init__(self, amount_type: str, description: str) -> None:
        self.amount_type, self.description = amount_type, description
        kind, part = role(amount_type, description)
        self.place: Place | None = None if kind is None else (kind, part)
        self.counts_units = (description == "Principal" and amount_type == "ItemPrice") or (
            amount_type == "V1:price-amount" and not description
        )


class Piece:
    """One amount of a line, with its words.

    :ivar units: the amount in the smallest unit of its currency
    :ivar value: the amount as its order item compares it, ``None`` where it says nothing of a tax
    :ivar hashed: its part of a row's fingerprint
    """

    __slots__ = ("amount", "hashed", "units", "value", "words")

    def __init__(self, words: Words, amount: Decimal, units: int, value: int | None) -> None:
        self.words, self.amount, self.value = words, amount, value
        self.units = units
        self.hashed = f"{words.amount_type}\x1f{words.description}\x1f{amount}"


class Amounts(NamedTuple):
    """All amounts of a line.

    :param promotion: of V1, where it stands among the amounts; else ``""``
    """

    pieces: tuple[Piece, ...]
    promotion: str = ""


class Page:
    """Rows one after the other, in columns. A line with several amounts is several rows.

    :ivar columns: cells by the names of ``KEPT``
    :ivar runs: (hash of an order item, start, end) of its rows that stand together
    :ivar is_whole: with its last row, an order ends
    :ivar moments: the date of each as the engine writes it, ``NO_DATE`` where there is none
    :ivar numbers: line number of each row; ``parts`` counts the amounts of its line
    :ivar good: which rows count, if not all do; a bad one still tells of its order item's tax
    :ivar bad: the rows that cannot be read
    :ivar is_plain: no text of them needs escaping
    """

    __slots__ = (
        *("bad", "columns", "good", "is_plain", "is_whole", "moments", "numbers", "parts"),
        *("pieces", "promotions", "runs", "units"),
    )

    def __init__(
        self,
        columns: dict[str, Sequence[str]],
        numbers: Sequence[int],
        parts: Sequence[int],
        pieces: Sequence[Piece],
        moments: Sequence[str],
        units: Sequence[int],
        promotions: Sequence[str],
    ) -> None:
        self.columns, self.numbers, self.parts = columns, numbers, parts
        self.pieces, self.moments, self.units = pieces, moments, units
        self.promotions = promotions
        self.good: Sequence[bool] | None = None
        self.bad: list[BadRow] = []
        self.is_plain = self.is_whole = False
        self.runs = self._find_runs()

    def _find_runs(self) -> list[tuple[int, int, int]]:
        keys = map(hash, zip(*(self.columns[name] for name in ITEM), strict=True))
        runs, start = [], 0
        # Settlements may have different currencies, so a run is of one.
        of_one = zip(self.columns["settlement-id"], keys, strict=True)
        # Odoo's groupby would gather all of a key; a run ends where another key comes.
        runs_of_one = itertools.groupby(of_one)  # pylint: disable=bad-builtin-groupby
        for (_reference, key), rows in runs_of_one:
            end = start + len(list(rows))
            runs.append((key, start, end))
            start = end
        return runs

    def event(self, position: int) -> tuple[str, ...]:
        """Return what tells the order of a row from others."""
        return tuple(self.columns[name][position] for name in ITEM[:-1])

    def only_good(self) -> "Page":
        """Return the rows that count."""
        good = self.good
        if good is None:
            return self

        def keep(values: Sequence[Any]) -> list[Any]:
            return list(itertools.compress(values, good))

        return Page(
            {name: keep(column) for name, column in self.columns.items()},
            keep(self.numbers),
            keep(self.parts),
            keep(self.pieces),
            keep(self.moments),
            keep(self.units),
            keep(self.promotions),
        )
