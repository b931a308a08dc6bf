"""The table in a flat file: find its header, split its lines, mend what exports break.

Facts: docs/facts/settlement-files.md, "Bytes": preambles, quotes, short rows, line breaks inside a
field, spreadsheets' commas and semicolons, concatenated files.
"""

import csv
import itertools
import re
from operator import itemgetter
from typing import NamedTuple

from ..errors import BadDocument, BadRow, shown
from .amounts import BadAmount, currency_digits, read_amount
from .other_files import DOWNLOAD, not_a_settlement

HEADER_DATES = {
    "settlement-start-date": "date_start",
    "settlement-end-date": "date_end",
    "deposit-date": "date_deposit",
}
HEADER_COLUMNS = (*HEADER_DATES, "total-amount", "currency")

#: V1 amount column → the column that names it; all count (docs/facts/settlement-files.md,
#: "V1 columns").
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
_V2_COLUMNS = ("amount-type", "amount-description", "amount")
#: What tells that something happened, on each of Amazon's rows: at least one of these.
_EVENT = ("transaction-type", "order-id", "sku", "posted-date", "posted-date-time")
_REQUIRED = ("settlement-id", "transaction-type")
_PREAMBLE_LINES = 50
#: Characters; Amazon's longest texts have some 200.
MAX_CELL = 10_000
#: Of what is indexed: PostgreSQL takes 2,704 bytes, up to 4 for a character.
MAX_INDEXED = 600
_INDEXED = frozenset({"order-id", "transaction-type", "amount-type", "amount-description"})


class Record(NamedTuple):
    """One line of the table: as many cells as the header has columns, and one blank cell more."""

    section: "Section"
    line: int
    cells: list


class Section:
    """A header line and what follows from it. Concatenated files have several.

    :raises BadDocument: it has neither V2's nor V1's amount columns, or a column twice
    """

    def __init__(self, number, line, names, separator):
        self.number = number
        self.separator = separator
        self.width = len(names)
        self.index = {}
        for position, name in enumerate(names):
            if name and name in self.index:
                raise BadDocument(
                    "duplicate_columns",
                    f"The header has the column {name} twice. {DOWNLOAD}",
                    line,
                )
            self.index[name] = position
        missing = [name for name in _REQUIRED if name not in self.index]
        v1_amounts = [name for name in V1_AMOUNTS if name in self.index]
        absent = [name for name in _V2_COLUMNS if name not in self.index]
        if not absent:
            self.flavour = "v2"
            self.amount_columns = [self.index["amount"]]
        else:
            self.flavour = "v1"
            if not v1_amounts or len(absent) < len(_V2_COLUMNS):
                missing += absent
            self.amount_columns = [self.index[name] for name in v1_amounts]
        if missing:
            raise BadDocument(
                "missing_columns",
                f"The header lacks the column(s) {', '.join(missing)}. {DOWNLOAD}",
                line,
            )
        self._v1 = [
            (f"V1:{name}", self.index[name], self.at(V1_AMOUNTS[name])) for name in v1_amounts
        ]
        # An amount column nobody knows must not vanish from the sum.
        self._strange = [
            (name, position)
            for name, position in self.index.items()
            if self.flavour == "v1"
            and name.endswith("-amount")
            and name not in V1_AMOUNTS
            and name != "total-amount"
        ]
        self._named = self.getter("amount-type", "amount-description", "amount")
        self._header_columns = [self.at(name) for name in HEADER_COLUMNS]
        self._type = self.index["transaction-type"]
        words = [*_EVENT, *_V2_COLUMNS[:2], *filter(None, V1_AMOUNTS.values())]
        self._event = [self.at(name) for name in _EVENT]
        self._words = [self.at(name) for name in words]
        self._total = self.at("total-amount")
        #: A row may end early, but never before its last column that matters.
        self.minimum = 1 + (self.index["amount"] if self.flavour == "v2" else self._type)

    def at(self, name):
        """Return the position of a column; one that this file lacks is the blank last cell."""
        return self.index.get(name, -1)

    def getter(self, *names):
        """Return a function cells → the cells of these columns (a tuple; one name: its text)."""
        return itemgetter(*map(self.at, names))

    def is_header(self, cells):
        """Tell whether this line holds a settlement's own data instead of money."""
        if cells[self._type] or any(cells[position] for position in self.amount_columns):
            return False
        return self.has_header(cells)

    def is_sum(self, cells):
        """Tell whether this line is a sum that somebody added: an amount and nothing of Amazon's.

        A label may stand in the place of the settlement id; without one, anywhere.
        """
        if cells[self._type]:
            return False
        reference = cells[self.index["settlement-id"]]
        if any(cells[position] for position in (self._words if reference else self._event)):
            return False
        if any(cells[position] for position in self.amount_columns):
            return True
        # In the column of totals a settlement's own line has its dates or currency beside it.
        if not cells[self._total] or reference[:1].isdigit() and reference.isdigit():
            return False
        others = (position for position in self._header_columns if position != self._total)
        return not any(cells[position] for position in others)

    def has_header(self, cells):
        """Tell whether this line holds a settlement's own data, alone or beside money."""
        return any(cells[position] for position in self._header_columns)

    def amount_texts(self, cells):
        """Return the non-blank amounts of a line as text, the total among them."""
        positions = [self.at("total-amount"), *self.amount_columns]
        return [cells[position] for position in positions if cells[position]]

    def pieces(self, cells):
        """Return [(amount type, amount description, amount as text)] of a line's amounts."""
        if self.flavour == "v2":
            return [tuple(self._named(cells))]
        return [
            (name, cells[naming], cells[position])
            for name, position, naming in self._v1
            if cells[position]
        ]

    def amounts(self, cells, thousands, currency):
        """Return [(amount type, amount description, Decimal)] of a line, at least one.

        :param thousands: see ``amounts.read_amount``
        :raises BadAmount: an amount cannot be read
        :raises ValueError: an amount stands in a column nobody knows
        """
        digits = currency_digits(currency)
        if self.flavour == "v2":
            amount = _amount("amount", cells[self.index["amount"]], thousands, digits)
            return [
                (cells[self.index["amount-type"]], cells[self.index["amount-description"]], amount)
            ]
        for name, position in self._strange:
            if cells[position]:
                raise ValueError(f"column {name} is unknown and holds {shown(cells[position])}")
        found = [
            (name, cells[naming], _amount(name[3:], cells[position], thousands, digits))
            for name, position, naming in self._v1
            if cells[position]
        ]
        # A V1 quantity stands on a line of its own that has no amount at all.
        return found or [("V1:price-amount", "", read_amount("", digits=digits))]


def _amount(name, text, thousands, digits):
    try:
        return read_amount(text, thousands, digits)
    except BadAmount as error:
        raise BadAmount(f"{name}: {error}") from None


def records(document):
    """Yield a ``Record`` or ``BadRow`` for each line below a header.

    :raises BadDocument: no header, or the bytes break off
    """
    lines = document.lines()
    section, header, strays = _find_header(lines)
    if section.separator == "\t":
        return itertools.chain(strays, _tab_records(section, lines))
    return itertools.chain(strays, _csv_records(section, itertools.chain([header], lines)))


def _find_header(lines):
    """Return the first Section, the header's own line and rows that stand above it.

    :raises BadDocument: there is none; it says what the file is instead
    """
    seen = []
    for number, text in itertools.islice(lines, _PREAMBLE_LINES):
        if section := _as_header(text, number, 0):
            return section, (number, text), _strays(section, seen)
        seen.append((number, text))
    raise not_a_settlement("\n".join(text for _number, text in seen))


def _strays(section, seen):
    """Return BadRows for what looks like rows above the header: they would be lost in silence."""
    return [
        BadRow(number, "above_header", "This row stands above the names of the columns.")
        for number, text in seen
        if sum(bool(cell.strip(' "')) for cell in text.split(section.separator))
        > len(HEADER_COLUMNS)
    ]


def _as_header(text, line, number):
    if "settlement" not in text.lower():
        return None
    for separator in "\t,;":
        names = [_column(name) for name in text.split(separator)]
        # The date-range report has a column «settlement id» too.
        if "settlement-id" in names and "date/time" not in names:
            return Section(number, line, names, separator)
    return None


def _column(text):
    name = _unquote(text.strip("\ufeff \u00a0")).strip().lower()
    return re.sub(r"[\s\x00_-]+", "-", name)


def _is_header_name(cell):
    return not cell[:1].isdigit() and _column(cell) == "settlement-id"


def _split(text):
    cells = [cell.strip() for cell in text.split("\t")]
    return [_unquote(cell) for cell in cells] if '"' in text else cells


def _tab_records(section, lines):
    """Lines separated by tabs: a quotation mark inside a field is an ordinary character."""
    lines = iter(lines)
    pending = reference = None
    while True:
        number, text = pending or next(lines, (None, None))
        pending = None
        if number is None:
            return
        if "\x00" in text:
            yield _nul(number)
            continue
        if not text.strip():
            continue  # before it is split: there may be millions
        cells = _split(text)
        if not any(cells):
            continue
        if _is_header_name(cells[0]):
            section = _as_header(text, number, section.number + 1) or section
            continue
        if len(cells) < section.width:
            pending = next(lines, None)
            # A broken row starts with the id of the row before; what does not is no row.
            if pending and cells[0] == reference and (joined := _join(section, cells, pending[1])):
                cells, pending = joined, None
        if len(cells) >= section.minimum:
            reference = cells[0]
        yield _fit(section, number, cells)


def _join(section, cells, following):
    """Mend a line break inside a field, only if the two lines then fit the header exactly."""
    rest = _split(following)
    if len(cells) + len(rest) - 1 != section.width or not any(rest) or rest[0] == cells[0]:
        return None
    if len(rest) == section.width or "\x00" in following:
        return None
    return [*cells[:-1], f"{cells[-1]} {rest[0]}".strip(), *rest[1:]]


def _csv_records(section, lines):
    """A file that a spreadsheet saved with commas or semicolons: quotes may hold anything."""
    position, end = [0], 0

    def feed():
        for number, text in lines:
            position[0] = number
            yield text + "\n"

    reader = csv.reader(feed(), delimiter=section.separator)
    try:
        next(reader)
        end = position[0]
        for row in reader:
            # A field may go on over several lines; the row is where it starts.
            number, end = end + 1, position[0]
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if any("\x00" in cell for cell in cells):
                yield _nul(number)
                continue
            if end > number and _hides_rows(cells, section.separator):
                yield BadRow(
                    number,
                    "open_quote",
                    "A quotation mark opens here and is not closed in its row, so rows are hidden "
                    f"up to line {end}. Download the file again.",
                )
                continue
            if _is_header_name(cells[0]):
                names = [_column(cell) for cell in cells]
                section = Section(section.number + 1, number, names, section.separator)
                continue
            yield _fit(section, number, cells)
    except csv.Error as error:
        raise BadDocument(
            "damaged", f"The file cannot be read on: {error}.", position[0]
        ) from error


def _hides_rows(cells, separator):
    """Tell whether a cell with line breaks holds what looks like rows of the table."""
    return any(
        line.count(separator) >= len(HEADER_COLUMNS)
        for cell in cells
        for line in cell.split("\n")[1:]
    )


def _nul(number):
    return BadRow(number, "bad_row", "This row holds a NUL byte; the file is damaged.")


def _fit(section, number, cells):
    """Pad a short row on the right; a row cut off before its amount is bad, as is a long one."""
    width, length = section.width, len(cells)
    if length > width and any(cells[width:]):
        return BadRow(
            number,
            "too_long",
            f"This row has {length} columns, the header {width}.",
            cells[0] or None,
        )
    cells = [*cells[:width], *[""] * (width - length), ""]
    if max(map(len, cells)) > MAX_INDEXED:
        for name, position in section.index.items():
            limit = MAX_INDEXED if name in _INDEXED else MAX_CELL
            if len(cells[position]) > limit:
                return BadRow(
                    number,
                    "too_long",
                    f"{shown(name)} has more than {limit:,} characters. Download the file again.",
                    cells[section.at("settlement-id")] or None,
                )
    if length < section.minimum and not section.is_header(cells):
        return BadRow(
            number,
            "cut_off",
            f"This row ends after {length} of {width} columns: the file is incomplete. "
            "Download it again.",
            cells[section.at("settlement-id")] or None,
        )
    return Record(section, number, cells)


def _unquote(cell):
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"').strip()
    return cell
