"""The little that Amazon must know of a settlement file to make a report of it.

Read with nothing of the engine, so that the simulator cannot share the engine's mistakes.
"""

import re
from datetime import datetime, timezone
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d\d?)[-/.](\d\d?)(?:[T ](\d\d?):(\d\d):(\d\d))?")
_DAY_FIRST = re.compile(r"(\d\d?)\.(\d\d?)\.(\d{4})(?:[T ](\d\d?):(\d\d):(\d\d))?")
_PREAMBLE_LINES = 20


class Summary(NamedTuple):
    """What a file's first settlement says of itself; ``None`` where it cannot be told."""

    start: datetime | None
    end: datetime | None
    currency: str | None


def summary(content):
    """Read the first settlement of a flat file, V1 or V2.

    :param content: the bytes of the file
    """
    head = content[:20_000].decode("utf-8-sig", "replace").splitlines()
    for index, line in enumerate(head[:_PREAMBLE_LINES]):
        names = [name.strip(' "') for name in line.split("\t")]
        if "settlement-id" in names:
            for row in head[index + 1 :]:
                cells = dict(
                    zip(names, (cell.strip(' "') for cell in row.split("\t")), strict=False)
                )
                if cells.get("settlement-end-date"):
                    return Summary(
                        _moment(cells.get("settlement-start-date", "")),
                        _moment(cells["settlement-end-date"]),
                        cells.get("currency") or None,
                    )
    return Summary(None, None, None)


@lru_cache(64)
def read_rows(content):
    """Read the rows of a flat file V2, each a dictionary by the names of its columns.

    Beside those: ``amount`` as ``Decimal``, ``posted``, and of the settlement ``start``, ``end``
    and ``currency``. Other files have none.
    """
    names, heads, rows = None, {}, []
    for line in content.decode("utf-8-sig", "replace").splitlines():
        cells = [cell.strip(' "') for cell in line.split("\t")]
        if names is None:
            names = cells if "amount-description" in cells else None
            continue
        row = dict.fromkeys(names, "") | dict(zip(names, cells, strict=False))
        if row["settlement-end-date"]:
            heads.setdefault(row["settlement-id"], row)
        if row["transaction-type"] and row["settlement-id"] in heads:
            head = heads[row["settlement-id"]]
            row["amount"] = _amount(row["amount"])
            row["posted"] = _moment(row["posted-date-time"]) or _moment(row["posted-date"])
            row["start"] = _moment(head["settlement-start-date"])
            row["end"] = _moment(head["settlement-end-date"])
            row["currency"] = head["currency"]
            rows.append(row)
    return rows


def _amount(text):
    """Read an amount with two decimals, or with none."""
    text = text.replace("\u2212", "-")
    mark = max(text.rfind("."), text.rfind(","))
    whole, decimals = (text[:mark], text[mark + 1 :]) if mark >= 0 else (text, "")
    return Decimal(re.sub(r"[.,\s]", "", whole) + "." + (decimals or "0"))


def content_type(content):
    """Return the likely ``Content-Type``: a charset is told for UTF-8 only."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "text/plain"
    return "text/plain;charset=UTF-8"


def _moment(text):
    if match := _YEAR_FIRST.match(text):
        year, month, day, *clock = match.groups("0")
    elif match := _DAY_FIRST.match(text):
        day, month, year, *clock = match.groups("0")
    else:
        return None
    try:
        return datetime(*map(int, (year, month, day, *clock)), tzinfo=timezone.utc)
    except ValueError:
        return None
