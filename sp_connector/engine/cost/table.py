"""Costs of SKUs from a CSV file: all of them, or what is wrong with each line."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ..errors import cut
from ..files import amounts, dates
from ..words.grammar import normalise

#: Column → what people call it.
COLUMNS = {
    "sku": ("sku", "sellersku", "merchantsku", "msku"),
    "date_from": ("validfrom", "datefrom", "from", "date"),
    "cost": ("unitcost", "cost", "costperunit"),
}
#: Stands in the column of the cost where a SKU costs nothing on purpose.
FREE = "free"
#: Decimals of a cost, and the first cost that is none.
DIGITS, LIMIT = 4, Decimal(10) ** 9
#: So many bytes are read.
MAX_SIZE = 20 * 2**20
_OPTIONAL = ("date_from",)
_NAMES = {name: column for column, names in COLUMNS.items() for name in names}


class Cost(NamedTuple):
    """What a line says: the cost of a SKU from a day on, zero for nothing; ``None``: always."""

    sku: str
    day: date | None
    cost: Decimal


class Fault(NamedTuple):
    """What is wrong with a file or a line of it.

    :param line: as a text editor counts them, ``None`` for the whole file
    :param code: for programs and the words of people
    """

    code: str
    line: int | None = None
    values: dict[str, object] = {}


class _Bad(ValueError):
    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def read_costs(data: bytes) -> tuple[list[Cost], list[Fault]]:
    """Read costs. What is wrong with any line is found for all of them at once."""
    try:
        header, rows = _open(data)
    except _Bad as bad:
        return [], [Fault(bad.code, None, bad.values)]
    costs: list[Cost] = []
    faults: list[Fault] = []
    seen: dict[tuple[str, date | None], int] = {}
    for line, cells in rows:
        try:
            cost = _read(header, cells)
            first = seen.setdefault((cost.sku.lower(), cost.day), line)
            if first != line:
                raise _Bad("twice", sku=cost.sku, first=first)
        except _Bad as bad:
            faults.append(Fault(bad.code, line, bad.values))
        else:
            costs.append(cost)
    if not (costs or faults):
        faults.append(Fault("empty"))
    return costs, faults


def _open(data: bytes) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the columns, and the lines with their numbers."""
    if len(data) > MAX_SIZE:
        raise _Bad("too_large", size=MAX_SIZE // 2**20)
    if b"\x00" in data or data.startswith(b"PK"):
        raise _Bad("not_text")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max("\t;,", key=first.count)
    rows = _numbered(text, separator)
    names = next(rows, (0, []))[1]
    header = [_NAMES.get(normalise(name), "") for name in names]
    if unknown := [cut(name) for name, column in zip(names, header, strict=True) if not column]:
        raise _Bad("unknown_column", columns=", ".join(unknown) or "–")
    if len(set(header)) < len(header):
        raise _Bad("column_twice")
    if lacking := [one for one in COLUMNS if one not in header and one not in _OPTIONAL]:
        raise _Bad("no_column", columns=lacking)
    return header, rows


def _numbered(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader, before = csv.reader(io.StringIO(text, newline=""), delimiter=separator), 0
    for cells in reader:
        # A quoted cell may go on on the next line; its row is found where it begins.
        line, before = before + 1, reader.line_num
        cells = [cell.strip() for cell in cells]
        if any(cells):
            yield line, cells


def _read(header: list[str], cells: list[str]) -> Cost:
    if any(cells[len(header) :]):
        raise _Bad("too_wide", count=len(cells), expected=len(header))
    found = dict(zip(header, cells, strict=False))
    sku, day = found.get("sku", ""), found.get("date_from", "")
    if not sku:
        raise _Bad("no_sku")
    return Cost(sku, _read_day(day) if day else None, _read_cost(found.get("cost", "")))


def _read_day(text: str) -> date:
    try:
        return dates.parse_moment(text).date()
    except dates.BadDate:
        code = "two_dates" if dates.is_slashed(text) else "bad_date"
        raise _Bad(code, text=cut(text)) from None


def _read_cost(text: str) -> Decimal:
    if not text:
        raise _Bad("no_cost")
    if text.lower() == FREE:
        return Decimal(0)
    if amounts.has_two_readings(text):
        raise _Bad("two_costs", text=cut(text))
    try:
        cost = amounts.parse_amount(text, amounts.decimal_mark(text), DIGITS)
    except amounts.BadAmount:
        raise _Bad("bad_cost", text=cut(text), digits=DIGITS) from None
    if cost < 0:
        raise _Bad("negative", text=cut(text))
    if not cost:
        raise _Bad("zero", free=FREE)
    if cost >= LIMIT:
        raise _Bad("bad_cost", text=cut(text), digits=DIGITS)
    return cost.normalize()
