"""Adds up the rows of a file: lines, proof, fingerprint."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, Protocol

from ..errors import BadRow, Problem
from ..files.amounts import currency_digits
from ..files.headers import Header
from ..words.classify import Classifier, Match
from .fingerprint import sum_of
from .order_items import PRICE, SCALE, TAXED, OrderItems, Said
from .pages import NO_DATE, TEXTS, Page
from .places import Places
from .summary import MAX_BAD_ROWS, Grouping, Line, LineKey, Settlement

#: Rows of one order that wait for its end; where one has more, the file is read again.
_ORDER_ROWS = 10_000
#: Order items of which it is known what they say.
_KNOWN = 5_000
_units, _hashed = attrgetter("units"), attrgetter("hashed")
_counts_units = attrgetter("words.counts_units")


class Counted(Protocol):
    """Where the problems of a file are: ``flat_file.Report``."""

    @property
    def problems(self) -> list[Problem]:
        """The first of them."""

    def count_problems(self, settlement_ref: str) -> int:
        """Return how many concern a settlement."""


@dataclass(eq=False, slots=True)
class _Sum(Line):
    """A line while it is added up, in the smallest unit of its currency."""

    units: int = 0


class Sums:
    """Adds up the pages of a file.

    :param classifier: ``None`` where only the order items are of interest
    :param items: what order items say of their tax
    :param is_first: nothing is known of the items yet: they learn from the rows, and rows are
        added up when their order ends
    :ivar must_read_again: rows were added up before all of their order was known
    """

    def __init__(
        self,
        headers: dict[str, Header],
        items: OrderItems,
        classifier: Classifier | None,
        grouping: Grouping,
        is_first: bool,
    ) -> None:
        self.must_read_again = False
        self._headers, self._items, self._is_first = headers, items, is_first
        self._places = (
            Places(headers, items, classifier, grouping, self._make_line) if classifier else None
        )
        self._settlements: dict[str, Settlement] = {}
        self._lines: dict[tuple[str, LineKey], _Sum] = {}
        #: Rows of the order that is being read.
        self._order: list[Page] = []
        self._event: tuple[str, ...] = ()
        self._held = 0
        self._shapes: dict[tuple[object, ...], Said] = {}
        self._bad: dict[str, tuple[int, list[BadRow]]] = {}

    def take(self, page: Page) -> None:
        """Add up a page."""
        for row in page.bad:
            self._count_bad(row)
        size = len(page.numbers)
        if not size:
            return
        if not self._is_first:
            self._add(page)
            return
        if self._order and page.event(0) != self._event:
            self.end_order()
        self._feed(page)
        self._order.append(page)
        if page.is_whole:
            self.end_order()
            return
        self._event = page.event(-1)
        self._held += size
        if self._held > _ORDER_ROWS:
            # What an order says of its taxes may not be complete yet.
            self.must_read_again = True
            self._release()

    def end_order(self) -> None:
        """Add up the rows of an order: all that they say is known."""
        self._items.end_order()
        self._release()

    def _release(self) -> None:
        for page in self._order:
            self._add(page)
        self._order.clear()
        self._held = 0

    def _feed(self, page: Page) -> None:
        """Tell the order items of rows."""
        references, quantities = page.columns["settlement-id"], page.columns["quantity-purchased"]
        shapes = self._shapes
        for key, start, end in page.runs:
            units = quantities[start:end]
            if units.count(units[0]) == len(units):
                units = units[:1]
            shape = references[start], *units, *page.pieces[start:end]
            said = shapes.get(shape)
            if said is None:
                if len(shapes) >= _KNOWN:
                    shapes.clear()
                said = shapes[shape] = self._said(page, start, end)
            self._items.feed(key, said)

    def _said(self, page: Page, start: int, end: int) -> Said:
        """Return what rows say of their order item; equal products say the same."""
        quantities = page.columns["quantity-purchased"]
        header = self._headers[page.columns["settlement-id"][start]]
        currency, _line = header.texts.get("currency", ("", 0))
        return Said(
            [
                (piece.words.place, piece.value, quantity)
                for piece, quantity in zip(
                    page.pieces[start:end], quantities[start:end], strict=True
                )
                if piece.value is not None and piece.words.place
            ],
            10 ** (SCALE - min(currency_digits(currency), SCALE)),
        )

    def _add(self, page: Page) -> None:
        page = page.only_good()
        if self._places is None or not page.numbers:
            return
        references = page.columns["settlement-id"]
        for reference in set(references):
            if reference not in self._settlements:
                header = self._headers[reference]
                self._settlements[reference] = Settlement(header, header.flavour)
        lines, taxed = self._places.of(page)
        amounts = list(map(_units, page.pieces))
        for line, units in zip(lines, amounts, strict=True):
            line.row_count += 1
            if units:
                line.units += units
                line.has_amount = True
        counted = map(_counts_units, page.pieces)
        for line, quantity in itertools.compress(zip(lines, page.units, strict=True), counted):
            line.quantity += quantity
        for verdict, start, end in taxed:
            for line, piece in zip(lines[start:end], page.pieces[start:end], strict=True):
                place = piece.words.place
                if place and place[0] == PRICE and line.key.tax_form in TAXED:
                    line.meet(verdict.rates(place[1]))
        self._prove(page, references, amounts)

    def _prove(self, page: Page, references: Sequence[str], amounts: list[int]) -> None:
        """Add up the rows of each settlement, whatever their lines, and their fingerprints."""
        texts, moments = _texts(page), page.moments
        for reference in set(references):
            settlement = self._settlements[reference]
            settlement.row_count += references.count(reference)
            own: list[Sequence[Any]] = [amounts, texts, moments]
            if references.count(reference) != len(references):
                chosen = [reference == other for other in references]
                own = [list(itertools.compress(values, chosen)) for values in own]
            settlement.units += sum(own[0])
            settlement.digest_sum += sum_of(own[1])
            last = max(own[2])
            if last == NO_DATE:  # letters come after digits
                last = max((text for text in own[2] if text != NO_DATE), default="")
            if last:
                posted_at = datetime.fromisoformat(last)
                settlement.last_posted = max(posted_at, settlement.last_posted or posted_at)

    def _make_line(
        self, header: Header, key: LineKey, match: Match, _words: tuple[str, str, str]
    ) -> _Sum:
        place = header.settlement_ref, key
        line = self._lines.get(place)
        if line is None:
            line = self._lines[place] = _Sum(key, match.category, match.level, match.steps)
            self._settlements[header.settlement_ref].lines[key] = line
        return line

    def _count_bad(self, row: BadRow) -> None:
        reference = row.settlement_ref or ""
        count, rows = self._bad.get(reference) or (0, [])
        if len(rows) < MAX_BAD_ROWS:
            rows.append(row)
        self._bad[reference] = count + 1, rows

    def settlements(self, findings: Counted) -> dict[str, Settlement]:
        """Return what was added up, all settlements of the file in its order.

        :param findings: what is wrong with the file
        """
        found = {
            reference: self._settlements.get(reference) or Settlement(header, header.flavour)
            for reference, header in self._headers.items()
        }
        for (reference, _key), line in self._lines.items():
            digits = currency_digits(self._headers[reference].currency)
            line.amount = Decimal(line.units).scaleb(-digits)
        homeless: list[BadRow] = []
        count = 0
        for reference, (more, rows) in self._bad.items():
            if settlement := found.get(reference):
                settlement.bad_count, settlement.bad_rows = more, rows
            else:
                count += more
                homeless += rows
        for problem in findings.problems:
            for settlement in _concerned(found, problem):
                settlement.problems.append(problem)
        homeless = sorted(homeless, key=lambda row: row.line)[:MAX_BAD_ROWS]
        for reference, settlement in found.items():
            settlement.problem_count = findings.count_problems(reference)
            if count:
                # A row of no settlement may be one of any: it blocks all.
                settlement.bad_count += count
                rows = sorted(settlement.bad_rows + homeless, key=lambda row: row.line)
                settlement.bad_rows = rows[:MAX_BAD_ROWS]
        return found


def _concerned(found: dict[str, Settlement], problem: Problem) -> Iterable[Settlement]:
    return [found[problem.settlement_ref]] if problem.settlement_ref else found.values()


def _texts(page: Page) -> list[bytes]:
    """Return what is hashed of each row (see ``fingerprint``)."""
    rows = map(
        "\x1f".join,
        zip(
            page.columns["settlement-id"],
            page.columns["transaction-type"],
            map(_hashed, page.pieces),
            page.moments,
            *(page.columns[name] for name in TEXTS),
            map(str, page.units),
            page.promotions,
            strict=True,
        ),
    )
    if not page.is_plain:
        return [ascii(row).encode() for row in rows]
    # The same without a look at each: nothing but the marks between the values is escaped.
    text = "'\n'".join(rows).replace("\x1f", "\\x1f")
    return f"'{text}'".encode().split(b"\n")
