"""From lines to pages of rows.

What a text means is decided once, when it is seen first: an amount with its words, a date, a
quantity. Usual lines are only looked up, column by column, some dozens at a time. Any other line is
read by itself by the same rules: one with quotes, one cut short, one with a bad amount. Memory is
flat: what is known is bounded, and of the rows only one page is held.
"""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Protocol

from ..errors import BadRow, say, shown
from ..files import amounts, dates, tables
from ..files.columns import ITEM, Section
from ..files.document import Document
from ..files.headers import Header
from .order_items import approximate
from .pages import KEPT, NO_DATE, TEXTS, Amounts, Page, Piece, Words

#: Texts of one kind that are known at the same time: some megabytes.
_KNOWN = 20_000
#: Of one item of an order; the sum over two thousand rows still is a database's integer.
MAX_UNITS = 10**6
_OTHERS = ("posted-date-time", "posted-date", "quantity-purchased", "promotion-id")
_BAD_CODES = {amounts.BadAmount: "bad_amount", dates.BadDate: "bad_date"}
#: Lines that are looked up together: few enough to stay in the processor's cache.
_LINES = 128
#: And of one order.
_ORDER = 1000
#: What a text must not hold to be hashed as it is.
_UNPLAIN = bytes({*range(9), *range(10, 32), 127, *b"\"'#\\"})
#: What a line is looked at for by itself.
_MARKS = '"#\x00'
_ODD_BLANK = re.compile(r"[^\S \t]").search
#: A code that a program has shortened (``1.5E+13``), among others.
_SHORTENED = re.compile(r"[0-9.,][eE]\+[0-9]{2,3}\t").search


class Look(Protocol):
    """Who reads the pages decides which lines are rows, and knows the settlements."""

    headers: dict[str, Header]
    #: The order of day and month is not decided yet: such dates are left blank.
    is_open: bool

    def note(self, record: tables.Record) -> BadRow | bool:
        """Take note of an unusual line, or of the first ones of a settlement; is it a row?"""


class _Known(dict[Any, Any]):
    """What texts mean, read when they are seen first; ``None`` for what is not usual."""

    def __init__(self, read: Callable[[Any], Any]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: Any) -> Any:
        if len(self) >= _KNOWN:
            self.clear()
        found = self._read(text)
        if found is not None:
            self[text] = found
        return found


class Reader:
    """Reads a document's lines as pages.

    :param look: a ``Look``
    """

    def __init__(self, document: Document, look: Look) -> None:
        self._document, self._look = document, look
        self._words = _Known(lambda words: Words(*words))
        self._moments, self._units = _Known(_usual_moment), _Known(_usual_units)
        #: Texts of a line's amounts → what they say, by the currency's digits.
        self._known: dict[int, _Known] = {}
        self._read_amount: dict[int, _Known] = {}
        #: Settlements that have rows in this section → digits of their currency.
        self._begun: dict[str, int] = {}
        #: First cell of the last whole row: a broken row starts with it.
        self._reference = ""
        #: A line that may go on in the next one.
        self._short: tuple[int, list[str]] | None = None
        #: Rows that were read by themselves: number, cells, amounts, date, units, does it count.
        self._rows: list[tuple[int, list[str], Amounts, str, int, bool]] = []
        self._bad: list[BadRow] = []

    def pages(self) -> Iterator[Page]:
        """Yield all rows of the file in its order.

        :raises BadDocument: no header, or the bytes break off
        """
        lines = self._lines()
        start = tables.find_header(lines)
        self._enter(start.section)
        self._bad += start.strays
        if start.section.separator == "\t":
            yield from self._tab_pages()
            return
        for record in tables.csv_records(start.section, itertools.chain([start.header], lines)):
            if isinstance(record, tables.Record) and record.section is not self._section:
                yield from self._flush()
                self._enter(record.section)
            self._take(record)
            if len(self._rows) + len(self._bad) >= _LINES:
                yield from self._flush()
        yield from self._flush()

    def _lines(self) -> Iterator[tables.Numbered]:
        """Yield the lines; ``_rest`` are those of the page that are not looked at yet."""
        self._source = self._document.pages()
        for number, lines in self._source:
            self._rest: list[str] = lines
            for position, line in enumerate(lines):
                self._next = number + position + 1
                self._rest_from = position + 1
                yield number + position, line

    def _slices(self) -> Iterator[tuple[int, list[str], bool]]:
        """Yield (number of the first line, lines, whether an order ends with them)."""
        lines, number = self._rest[self._rest_from :], self._next
        for _number, more in itertools.chain(self._source, [(0, [])]):
            start = 0
            while start < len(lines):
                end, like = start + _LINES, self._like(lines[min(start + _LINES, len(lines)) - 1])
                while end < len(lines) and end < start + _ORDER and lines[end].startswith(like):
                    end += 1
                if end >= len(lines) and more:
                    # Where an order goes on on the next page, so does the slice.
                    end = len(lines)
                    while end > start and lines[end - 1].startswith(like):
                        end -= 1
                    if end == start and len(lines) - start < _ORDER:
                        break
                    end = end if end > start else len(lines)
                yield number + start, lines[start:end], self._ends_order(lines, end)
                start = end
                if more and len(lines) - start < _LINES:
                    break
            number, lines = number + start, lines[start:] + more

    def _ends_order(self, lines: list[str], end: int) -> bool:
        """Tell whether the line at this place begins another order than the one before it."""
        if end >= len(lines):
            return False
        following = lines[end]
        if len(following) > tables.MAX_INDEXED or "\x00" in following:
            return False
        cells = [tables.split(line) for line in lines[end - 1 : end + 1]]
        if any(len(line) != self._section.width for line in cells):
            return False
        last, first = (self._event([*line, ""]) for line in cells)
        # What is no row of a settlement ends nothing.
        return last != first and all(first[:2])

    def _like(self, line: str) -> str:
        """Return how the lines of an order begin."""
        last = 1 + max(self._section.at(name) for name in ITEM[:-1])
        return "\t".join((*line.split("\t", last)[:last], ""))

    def _enter(self, section: Section) -> None:
        """A header line begins a section."""
        self._section = section
        self._known, self._begun = {}, {}
        self._others = section.getter(*_OTHERS)
        self._event = section.getter("settlement-id", *ITEM[:-1])
        self._beside = [section.at(name) for name in section.beside_amounts()]
        #: Texts that are not looked up, but taken as they are.
        self._codes = [section.at(name) for name in (*TEXTS, "promotion-id", "transaction-type")]
        self._codes = [position for position in self._codes if position >= 0]
        first, end = section.amounts_at or (0, 0)
        self._has_promotion = not first <= section.at("promotion-id") < end

    def _tab_pages(self) -> Iterator[Page]:
        """Read lines separated by tabs."""
        for number, lines, is_whole in self._slices():
            if page := self._look_up(number, lines):
                page.is_whole = is_whole
                yield page
                continue
            for position, line in enumerate(lines, number):
                if section := self._read(position, line):
                    yield from self._flush()
                    self._enter(section)
            yield from self._flush()
        if self._short:
            self._finish(*self._short)
        yield from self._flush()

    def _flush(self) -> Iterator[Page]:
        """Yield a page of what was read line by line."""
        if not self._rows and not self._bad:
            return
        rows, self._rows = self._rows, []
        numbers, cells, found, moments, units, good = zip(*rows, strict=True) if rows else [()] * 6
        page = self._page(list(zip(*cells, strict=True)), numbers, found, moments, units, good)
        page.bad, self._bad = self._bad, []
        yield page

    def _page(
        self,
        cells: Sequence[Sequence[str]],
        numbers: Sequence[int],
        found: Sequence[Amounts],
        moments: Sequence[str],
        units: Sequence[int],
        good: Sequence[bool] = (),
    ) -> Page:
        """Return a page of lines, given in columns."""
        columns = {name: self._column(cells, name) for name in KEPT}
        if self._has_promotion:
            promotions = self._column(cells, "promotion-id")
        else:
            promotions = [line.promotion for line in found]
        pieces = [piece for line in found for piece in line.pieces]
        parts: Sequence[int] = (0,) * len(pieces)
        if len(pieces) != len(found):
            places = [i for i, line in enumerate(found) for _piece in line.pieces]
            parts = [part for line in found for part in range(len(line.pieces))]
            columns = {name: [column[i] for i in places] for name, column in columns.items()}
            numbers, moments = [numbers[i] for i in places], [moments[i] for i in places]
            units, promotions = [units[i] for i in places], [promotions[i] for i in places]
            good = [good[i] for i in places] if good else ()
        page = Page(columns, numbers, parts, pieces, moments, units, promotions)
        page.good = good if good and not all(good) else None
        return page

    def _look_up(self, number: int, lines: list[str]) -> Page | None:
        """Read lines as Amazon writes them by the million, ``None`` if any is not like that.

        They are of settlements that have rows already, hold nothing that a program or a person may
        have put there, and say nothing of the settlement itself.
        """
        section, run = self._section, self._section.amounts_at
        if not run or not self._begun or self._short or not lines:
            return None
        rows = [line.split("\t") for line in lines]
        if set(map(len, rows)) != {section.width} or max(map(len, lines)) > tables.MAX_INDEXED:
            return None
        text = "\t".join(lines)
        is_plain = text.isascii()
        if is_plain:
            raw = text.encode()
            is_plain = len(raw.translate(None, _UNPLAIN)) == len(raw)
        if not is_plain and (any(mark in text for mark in _MARKS) or _ODD_BLANK(text)):
            return None
        columns = list(zip(*rows, strict=True))
        digits = {self._begun.get(reference) for reference in set(columns[0])}
        if len(digits) != 1 or None in digits or section.at("settlement-id") != 0:
            return None
        if not all(columns[section.at("transaction-type")]) or any(
            any(columns[position]) for position in self._beside if position >= 0
        ):
            return None
        for place in self._codes:
            codes = "\t".join(columns[place])
            if "+" in codes and _SHORTENED(codes + "\t"):
                return None
            if " " in codes and any(code != code.strip() for code in set(columns[place])):
                return None
        known = self._known[digits.pop() or 0]
        found = list(map(known.__getitem__, zip(*columns[run[0] : run[1]], strict=True)))
        if None in found:
            return None
        moment, day, quantity = (self._column(columns, name) for name in _OTHERS[:3])
        if not all(moment):
            moment = [time or date for time, date in zip(moment, day, strict=True)]
        moments = list(map(self._moments.__getitem__, moment))
        units = list(map(self._units.__getitem__, quantity))
        if None in moments or None in units:
            return None
        self._reference = rows[-1][0]
        page = self._page(columns, range(number, number + len(rows)), found, moments, units)
        page.is_plain = is_plain
        return page

    def _column(self, columns: Sequence[Sequence[str]], name: str) -> Sequence[str]:
        if not columns:
            return ()
        position = self._section.at(name)
        return columns[position] if position >= 0 else ("",) * len(columns[0])

    def _read(self, number: int, line: str) -> Section | None:
        """Read one line by itself; return the section that it begins, if it does."""
        if self._short:
            first, cells = self._short
            self._short = None
            # A broken row starts with the id of the row before; what does not is no row.
            joined = cells[0] == self._reference and tables.join(self._section, cells, line)
            self._finish(first, joined or cells)
            if joined:
                return None
        if "\x00" in line:
            self._bad.append(tables.nul(number))
            return None
        if not line.strip():
            return None  # before it is split: there may be millions
        cells = tables.split(line)
        if not any(cells):
            return None
        if tables.is_header_name(cells[0]):
            return tables.as_header(line, number, self._section.number + 1)
        if len(cells) < self._section.width:
            self._short = number, cells
        else:
            self._finish(number, cells)
        return None

    def _finish(self, number: int, cells: list[str]) -> None:
        self._short = None
        if len(cells) >= self._section.minimum:
            self._reference = cells[0]
        self._take(tables.fit(self._section, number, cells))

    def _take(self, record: tables.Record | BadRow) -> None:
        """Take a line that fits the header."""
        if isinstance(record, BadRow):
            self._bad.append(record)
            return
        is_row = self._look.note(record)
        if not is_row:
            return
        section, line, cells = record
        moment, day, quantity, _promotion = self._others(cells)
        reference = section.reference(cells)
        header = self._look.headers.get(reference)
        if header and reference not in self._begun:
            self._begin(header)
        if isinstance(is_row, BadRow):
            self._bad.append(is_row)
            self._take_bad(record, header)
            return
        try:
            if not reference:
                raise ValueError(say("this row has no settlement-id: download the file again"))
            header = self._look.headers[reference]
            moment_read = self._moment(header, moment or day)
            found = self._amounts(cells, header.thousands, self._begun[reference])
            units = read_units(quantity)
        except ValueError as error:
            code = _BAD_CODES.get(type(error), "bad_row")
            why = error.args[0]
            words = say("%(why)s.", why=why)
            if code == "bad_date":
                column = "posted-date-time" if moment else "posted-date"
                words = say("%(column)s: %(why)s.", column=column, why=why)
            self._bad.append(BadRow(line, code, words, reference or None))
            self._take_bad(record, header)
            return
        self._rows.append((line, cells, found, moment_read, units, True))

    def _begin(self, header: Header) -> None:
        """The first row of a settlement in this section."""
        digits = amounts.currency_digits(header.currency)
        self._begun[header.settlement_ref] = digits
        if digits not in self._known:
            self._known[digits] = _Known(lambda cells: self._usual_amounts(cells, digits))
            self._read_amount[digits] = _Known(lambda text: _usual_amount(text, digits))

    def _take_bad(self, record: tables.Record, header: Header | None) -> None:
        """Take over what a bad row tells of its order item."""
        if not header:
            return
        pieces = []
        for amount_type, description, text, _column in record.section.amounts(record.cells):
            words = self._words[amount_type, description]
            value = None if words.place is None else approximate(text)
            pieces.append(Piece(words, Decimal(0), 0, value))
        self._rows.append((record.line, record.cells, Amounts(tuple(pieces)), NO_DATE, 0, False))

    def _moment(self, header: Header, text: str) -> str:
        """Read the date of a row; ``posted-date`` is a fallback only: its form is unreliable."""
        if not text:
            return NO_DATE
        try:
            return str(dates.parse_moment(text, header.day_first))
        except dates.BadDate:
            if self._look.is_open and dates.is_slashed(text):
                header.is_undecided = True
                return NO_DATE
            raise

    def _usual_amounts(self, cells: tuple[str, ...], digits: int) -> Amounts | None:
        """Read a line's amounts by themselves, ``None`` where the line must be looked at."""
        if any(cell != cell.strip() for cell in cells):
            return None
        section, pieces, read = self._section, [], self._read_amount[digits]
        line = section.around_amounts(cells)
        if section.strange(line):
            return None
        for amount_type, description, text, _column in section.amounts(line):
            found = read[text]
            if found is None:
                return None
            amount, units, value = found
            words = self._words[amount_type, description]
            pieces.append(Piece(words, amount, units, value if words.place else None))
        return self._line(pieces, line)

    def _line(self, pieces: list[Piece], cells: Sequence[str]) -> Amounts:
        if not pieces:
            # A V1 quantity stands on a line of its own that has no amount at all.
            pieces = [Piece(self._words["V1:price-amount", ""], Decimal(0), 0, None)]
        promotion = "" if self._has_promotion else cells[self._section.at("promotion-id")]
        return Amounts(tuple(pieces), promotion)

    def _amounts(
        self, cells: Sequence[str], thousands: frozenset[str] | None, digits: int
    ) -> Amounts:
        """Return the amounts of a line, one at least.

        :raises ValueError: one cannot be read, or stands in a column nobody knows
        """
        if strange := self._section.strange(cells):
            raise ValueError(strange)
        pieces = []
        for amount_type, description, text, column in self._section.amounts(cells):
            try:
                amount = amounts.read_amount(text, thousands, digits)
            except amounts.BadAmount as error:
                why = say("%(column)s: %(why)s", column=column, why=error.args[0])
                raise amounts.BadAmount(why) from None
            words = self._words[amount_type, description]
            value = None if words.place is None else approximate(text)
            pieces.append(Piece(words, amount, int(amount.scaleb(digits)), value))
        return self._line(pieces, cells)


def _usual_amount(text: str, digits: int) -> tuple[Decimal, int, int] | None:
    """Return (amount, in the smallest unit, as order items compare it) where it has one reading."""
    if "+" in text or amounts.has_two_readings(text):
        return None
    try:
        amount = amounts.read_amount(text, None, digits)
    except ValueError:
        return None
    return amount, int(amount.scaleb(digits)), approximate(text)


def _usual_moment(text: str) -> str | None:
    if not text:
        return NO_DATE
    moment = dates.usual(text)
    return str(moment) if moment else None


def _usual_units(text: str) -> int | None:
    if not text:
        return 0
    return int(text) if len(text) < 6 and text.isdecimal() else None


def read_units(text: str) -> int:
    """Read a quantity; blank means none.

    :raises BadAmount: it is no possible number of units
    """
    if not text:
        return 0
    if len(text) < 7 and text.isdecimal():
        return int(text)
    try:
        value = amounts.parse_amount(text, digits=0)
    except amounts.BadAmount as error:
        why = say("%(column)s: %(why)s", column="quantity-purchased", why=error.args[0])
        raise amounts.BadAmount(why) from None
    if abs(value) >= MAX_UNITS:
        why = say("%(text)s is not a possible quantity", text=shown(text))
        raise amounts.BadAmount(say("%(column)s: %(why)s", column="quantity-purchased", why=why))
    return int(value)
