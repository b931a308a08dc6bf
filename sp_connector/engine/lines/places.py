"""Finds the line of each row: by its words, its place and month, and what its order item says."""

import itertools
from collections.abc import Callable
from datetime import date, datetime, timezone
from operator import attrgetter
from typing import Any, Generic, TypeVar

from ..files.headers import Header
from ..words.classify import Classifier, Match
from .order_items import GROUPED, WITHHELD, OrderItems, Verdict
from .pages import NO_DATE, Page, Words
from .summary import Grouping, LineKey

#: Kinds of rows that are known at the same time.
_KNOWN = 20_000
_words = attrgetter("words")
#: What is kept for the rows of a line.
Kept = TypeVar("Kept")


class Places(dict[tuple[Any, ...], Kept], Generic[Kept]):
    """Finds what is kept for a row, by what decides its line.

    :param make: makes it of (header, the line's key, what its words mean, the words themselves)
    """

    def __init__(
        self,
        headers: dict[str, Header],
        items: OrderItems,
        classifier: Classifier,
        grouping: Grouping,
        make: Callable[[Header, LineKey, Match, tuple[str, str, str]], Kept],
    ) -> None:
        super().__init__()
        self._headers, self._items, self._make = headers, items, make
        self._classifier, self._grouping = classifier, grouping
        # In any time zone a day begins at a whole minute.
        self._day = 10 if grouping.zone is timezone.utc else 16

    def of(self, page: Page) -> tuple[list[Kept], list[tuple[Verdict, int, int]]]:
        """Return what is kept for each row of a page, and its taxed order items.

        :return: the second are (verdict, start, end)
        """
        signatures: list[int] = []
        taxed = []
        for key, start, end in page.runs:
            verdict = self._items.find(key)
            signatures += [-1 if verdict is None else verdict.signature] * (end - start)
            if verdict and verdict.is_taxed:
                taxed.append((verdict, start, end))
        return self._of(page, signatures), taxed

    def _of(self, page: Page, signatures: list[int]) -> list[Kept]:
        day, names = self._day, page.columns["marketplace-name"]
        classes, lines = (
            map(skus.find, page.columns["sku"], names) if skus else itertools.repeat("")
            for skus in (self._grouping.sku_classes, self._grouping.product_lines)
        )
        return list(
            map(
                self.__getitem__,
                zip(
                    map(_words, page.pieces),
                    signatures,
                    page.columns["settlement-id"],
                    page.columns["transaction-type"],
                    names,
                    page.columns["fulfillment-id"],
                    [moment[:day] for moment in page.moments],
                    classes,
                    lines,
                    strict=False,
                ),
            )
        )

    def __missing__(self, key: tuple[Any, ...]) -> Kept:
        if len(self) >= _KNOWN:
            self.clear()
        found = self[key] = self._find(*key)
        return found

    def _find(
        self,
        words: Words,
        signature: int,
        reference: str,
        transaction_type: str,
        marketplace_name: str,
        fulfillment: str,
        day: str,
        sku_class: str,
        product_line: str,
    ) -> Kept:
        header = self._headers[reference]
        match = self._classifier.match(transaction_type, words.amount_type, words.description)
        month, late = None, False
        if day != NO_DATE and not match.at_period_end:
            month, late = self._when(header, datetime.fromisoformat(day))
        tax_form, tax_class = "none", ""
        if words.place:
            if verdict := self._items.by_signature(signature):
                tax_form = verdict.form(*words.place)
            elif words.place[0] in GROUPED:
                tax_form = "gross"
            if words.place[0] != WITHHELD or tax_form != "none":
                tax_class = sku_class
        key = LineKey(
            marketplace_name,
            month,
            *match.words,
            fulfillment.upper(),
            tax_form,
            tax_class,
            late,
            product_line,
        )
        words_of_row = transaction_type, words.amount_type, words.description
        return self._make(header, key, match, words_of_row)

    def _when(self, header: Header, posted_at: datetime) -> tuple[date, bool]:
        """Return (month, late) of rows posted then."""
        month = self._grouping.day(posted_at).replace(day=1)
        # By day: many rows have a date only, and the period has hours.
        day, start, end = posted_at.date(), header.date_start, header.date_end
        return month, bool((start and day < start.date()) or (end and day > end.date()))
