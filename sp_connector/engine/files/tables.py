"""The table in a flat file: find its header, split its lines, mend what exports break.

Facts: docs/facts/settlement-files.md, "Bytes": preambles, quotes, short rows, line breaks inside a
field, spreadsheets' commas and semicolons, concatenated files.
"""

import csv
import itertools
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..errors import BadDocument, BadRow, say, shown
from .columns import HEADER_COLUMNS, Section, make_section
from .other_files import not_a_settlement

_PREAMBLE_LINES = 50
#: Characters; Amazon's longest texts have some 200.
MAX_CELL = 10_000
#: Of what is indexed: PostgreSQL takes 2,704 bytes, up to 4 for a character.
MAX_INDEXED = 600
_INDEXED = frozenset({"order-id", "transaction-type", "amount-type", "amount-description"})

#: (line number from 1, text)
Numbered = tuple[int, str]


class Record(NamedTuple):
    """One line of the table: as many cells as the header has columns, and one blank cell more."""

    section: Section
    line: int
    cells: list[str]


class Start(NamedTuple):
    """Where a table begins.

    :param header: the header's own line
    :param strays: what looks like rows above it
    """

    section: Section
    header: Numbered
    strays: list[BadRow]


def find_header(lines: Iterator[Numbered]) -> Start:
    """Read on to the names of the columns.

    :raises BadDocument: there are none; it says what the file is instead
    """
    seen: list[Numbered] = []
    for number, text in itertools.islice(lines, _PREAMBLE_LINES):
        if section := as_header(text, number, 0):
            return Start(section, (number, text), _strays(section, seen))
        seen.append((number, text))
    raise not_a_settlement("\n".join(text for _number, text in seen))


def _strays(section: Section, seen: list[Numbered]) -> list[BadRow]:
    """Return BadRows for what looks like rows above the header: they would be lost in silence."""
    return [
        BadRow(number, "above_header", say("This row stands above the names of the columns."))
        for number, text in seen
        if sum(bool(cell.strip(' "')) for cell in text.split(section.separator))
        > len(HEADER_COLUMNS)
    ]


def as_header(text: str, line: int, number: int) -> Section | None:
    """Return the Section that a line starts, ``None`` for any other line.

    :param number: of the header lines before it
    :raises BadDocument: see ``columns.Section``
    """
    if "settlement" not in text.lower():
        return None
    for separator in "\t,;":
        names = [_column(name) for name in text.split(separator)]
        # The date-range report has a column «settlement id» too.
        if "settlement-id" in names and "date/time" not in names:
            return make_section(number, line, names, separator)
    return None


def _column(text: str) -> str:
    name = _unquote(text.strip("\ufeff \u00a0")).strip().lower()
    return re.sub(r"[\s\x00_-]+", "-", name)


def is_header_name(cell: str) -> bool:
    """Tell whether a line's first cell is the name of a column: the header, repeated."""
    return not cell[:1].isdigit() and _column(cell) == "settlement-id"


def split(text: str) -> list[str]:
    """Return the trimmed cells of a line; a quotation mark inside a field is a character."""
    cells = [cell.strip() for cell in text.split("\t")]
    return [_unquote(cell) for cell in cells] if '"' in text else cells


def join(section: Section, cells: list[str], following: str) -> list[str] | None:
    """Mend a line break inside a field, only if the two lines then fit the header exactly."""
    rest = split(following)
    if len(cells) + len(rest) - 1 != section.width or not any(rest) or rest[0] == cells[0]:
        return None
    if len(rest) == section.width or "\x00" in following:
        return None
    return [*cells[:-1], f"{cells[-1]} {rest[0]}".strip(), *rest[1:]]


def csv_records(section: Section, lines: Iterable[Numbered]) -> Iterator[Record | BadRow]:
    """Read a file that a spreadsheet saved with commas or semicolons: quotes may hold anything.

    :param lines: from the header's own on
    """
    position, end = [0], 0

    def feed() -> Iterator[str]:
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
                yield nul(number)
                continue
            if end > number and _hides_rows(cells, section.separator):
                yield BadRow(
                    number,
                    "open_quote",
                    say(
                        "A quotation mark opens here and is not closed in its row, so rows are "
                        "hidden up to line %(line)s. Download the file again.",
                        line=end,
                    ),
                )
                continue
            if is_header_name(cells[0]):
                names = [_column(cell) for cell in cells]
                section = make_section(section.number + 1, number, names, section.separator)
                continue
            yield fit(section, number, cells)
    except csv.Error as error:
        raise BadDocument(
            "damaged", say("The file cannot be read on: %(why)s.", why=error), position[0]
        ) from error


def _hides_rows(cells: list[str], separator: str) -> bool:
    """Tell whether a cell with line breaks holds what looks like rows of the table."""
    return any(
        line.count(separator) >= len(HEADER_COLUMNS)
        for cell in cells
        for line in cell.split("\n")[1:]
    )


def nul(number: int) -> BadRow:
    """Return the BadRow of a line with a NUL byte."""
    return BadRow(number, "bad_row", say("This row holds a NUL byte; the file is damaged."))


def fit(section: Section, number: int, cells: list[str]) -> Record | BadRow:
    """Pad a short row on the right; a row cut off before its amount is bad, as is a long one."""
    width, length = section.width, len(cells)
    if length > width and any(cells[width:]):
        return BadRow(
            number,
            "too_long",
            say(
                "This row has %(length)s columns, the header %(width)s.", length=length, width=width
            ),
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
                    say(
                        "%(column)s has more than %(limit)s characters. Download the file again.",
                        column=shown(name),
                        limit=f"{limit:,}",
                    ),
                    section.reference(cells) or None,
                )
    if length < section.minimum and not section.is_header(cells):
        return BadRow(
            number,
            "cut_off",
            say(
                "This row ends after %(length)s of %(width)s columns: the file is incomplete. "
                "Download it again.",
                length=length,
                width=width,
            ),
            section.reference(cells) or None,
        )
    return Record(section, number, cells)


def _unquote(cell: str) -> str:
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"').strip()
    return cell
