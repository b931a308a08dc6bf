"""Readable records of what the engine makes of each sample: bytes → rows → lines → entry.

``test_golden`` compares them with ``golden/*.txt`` and never writes. After a wanted change:

    cd sp_connector && python3 -m engine.tests.golden

then read the difference (``git diff``) line by line: it is the change of behaviour.
"""

import codecs
import csv
import gzip
import io
import sys
import unicodedata
import zipfile

from ..books.entry import plan_entries
from ..books.mapping import Mapping, Rule
from ..errors import BadRow
from ..lines import flat_file
from ..lines.summary import summarise
from ..words.categories import CATEGORIES, DEPOSIT, ROLLOVER
from .helpers import HERE, SAMPLES, calendar, classifier, plan_lines, sample

FOLDER = HERE / "golden"
#: One account per category, named after it; what only a person can decide has none.
ACCOUNTS = Mapping(
    [Rule(key, key) for key, kind in CATEGORIES.items() if kind]
    + [Rule(DEPOSIT, "clearing"), Rule(ROLLOVER, "rollover")]
)
_ROW_COLUMNS = {
    "line": "line",
    "part": "part",
    "settlement_ref": "settlement",
    "transaction_type": "transaction type",
    "amount_type": "amount type",
    "amount_description": "amount description",
    "amount": "amount",
    "posted_at": "posted (UTC)",
    "marketplace_name": "marketplace",
    "fulfillment": "fulfilment",
    "order_ref": "order",
    "merchant_order_ref": "merchant order",
    "adjustment_ref": "adjustment",
    "shipment_ref": "shipment",
    "order_item_ref": "order item",
    "merchant_order_item_ref": "merchant order item",
    "merchant_adjustment_item_ref": "merchant adjustment item",
    "sku": "SKU",
    "quantity": "qty",
    "promotion_ref": "promotion",
}


def inputs():
    """{golden's name: (file name, bytes)}: every sample, and shapes that a text file is not."""
    found = {
        path.stem: (path.name, path.read_bytes())
        for path in sorted(SAMPLES.iterdir())
        if path.name != "README.md"
    }
    packed = gzip.compress(sample("v2_zero.txt"), mtime=0)
    found["made_bad_rows"] = ("v2_zero.txt", _bad_rows())
    found["made_csv_comma"] = ("v2_negative.csv", _csv("v2_negative.txt", ","))
    found["made_csv_semicolon"] = ("v2_de_eur_comma.csv", _csv("v2_de_eur_comma.txt", ";"))
    found["made_file_twice"] = ("v2_zero.txt", sample("v2_zero.txt") * 2)
    found["made_gzip"] = ("v2_zero.txt.gz", packed)
    found["made_gzip_cut"] = ("v2_zero.txt.gz", packed[: len(packed) // 2])
    found["made_utf16"] = (
        "v2_negative.txt",
        codecs.BOM_UTF16_LE + sample("v2_negative.txt").decode().encode("utf-16-le"),
    )
    found["made_zip"] = ("settlements.zip", _zip("v2_negative.txt", "refused_page.html"))
    return found


def _bad_rows():
    """A settlement of 0.00 with a row of each kind that cannot be read."""
    lines = sample("v2_zero.txt").decode().splitlines()
    fee = lines[-2]
    bad = [
        fee.replace("-39.99", "-39.99x"),
        fee.replace("-39.99", "1E+5"),
        fee.replace("2026-01-28 04", "2026-01-32 04"),
        fee.replace("99000000803", ""),
        fee.replace("Subscription", "\x00"),
        fee + "\tx",
        "\t".join(fee.split("\t")[:9]),
        "(10 rows affected)",
    ]
    return "\n".join([*lines, *bad]).encode()


def _csv(name, separator):
    """A sample as a spreadsheet saves it: CRLF, and every cell with a comma in quotes."""
    stream = io.StringIO()
    rows = [line.split("\t") for line in sample(name).decode().splitlines()]
    csv.writer(stream, delimiter=separator).writerows(rows)
    return stream.getvalue().encode()


def _zip(*names):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(f"folder/{name}"), sample(name))
    return stream.getvalue()


def render(name, data):
    """The record of one file, as text."""
    parts = []
    for report in flat_file.open_reports(name, data):
        parts += _report(report)
    return "\n".join(line.rstrip() for line in parts) + "\n"


def _report(report):
    problems, document = report.problems, report.document  # read first: it may be damaged
    yield f"# {document.name}"
    yield ""
    if document.sha256:
        yield f"encoding      {document.encoding}"
        yield f"bytes         {document.size}, sha256 {document.sha256[:16]}…"
    if report.headers:
        yield f"flavour       {report.flavour}"
    yield from _problems("problems of the file", problems)
    yield from _problems("left out", report.notes)
    if not report.headers:
        yield ""
        return
    rows = list(report.rows())
    yield from _table("rows", _rows(rows))
    yield from _problems("bad rows", [row for row in rows if isinstance(row, BadRow)])
    for reference, settlement in summarise(report, classifier()).items():
        yield ""
        yield f"## settlement {reference}"
        yield ""
        yield from _proof(settlement)
        yield from _table("lines", _lines(settlement))
        yield from _plan(settlement)
    yield ""


def _proof(settlement):
    header = settlement.header
    yield f"header        line {header.line}"
    yield f"period        {header.date_start} – {header.date_end}, deposit {header.date_deposit}"
    yield f"booked on     {settlement.date_booked}"
    yield f"total         {header.amount_total} {header.currency}"
    yield f"rows          {settlement.row_count} make {settlement.amount_rows}"
    yield f"lines         {len(settlement.lines)} make {settlement.amount_lines}"
    yield f"bad rows      {settlement.bad_count}"
    yield f"difference    {settlement.difference}"
    yield f"proved        {_yes(settlement.proved)}"
    yield f"digest        {settlement.digest}"
    yield from _problems("problems of the settlement", settlement.problems)


def _rows(rows):
    rows = [row for row in rows if not isinstance(row, BadRow)]
    used = [name for name in _ROW_COLUMNS if any(getattr(row, name) != "" for row in rows)]
    yield [_ROW_COLUMNS[name] for name in used]
    for row in rows:
        yield [getattr(row, name) for name in used]


def _lines(settlement):
    yield (
        *("category", "understood by", "marketplace", "month", "transaction type", "amount type"),
        *("amount description", "fulfilment", "tax form", "rows", "qty", "amount"),
    )
    for key, line in settlement.lines.items():
        yield (
            line.category,
            line.level,
            key.marketplace_name,
            key.month.strftime("%Y-%m") if key.month else "end",
            *key[2:6],
            key.tax_form,
            line.row_count,
            line.quantity,
            line.amount,
        )


def _plan(settlement):
    if settlement.header.amount_total is None:
        yield from ("", "entry: none, the file does not say the total")
        return
    plan = plan_entries(
        settlement.header.amount_total,
        plan_lines(settlement),
        ACCOUNTS,
        calendar=calendar(settlement),
    )
    for part in plan.parts:
        yield from _table(f"entry of {part.date or 'no date'}", _items(part))
    for missing in plan.missing:
        yield f"no account for {missing.category} of {missing.marketplace or 'no marketplace'}"
    yield f"explains {plan.amount_entry}, difference {plan.difference}, proved {_yes(plan.proved)}"


def _items(part):
    yield "account", "marketplace", "lines", "debit", "credit"
    for item in part.items:
        balance = item.balance
        debit, credit = (balance, "") if balance > 0 else ("", -balance)
        yield item.account, item.marketplace or "", len(item.line_keys), debit, credit


def _problems(title, problems):
    if problems:
        yield ""
        yield f"{title}:"
    for problem in problems:
        where = f" ({problem.settlement_ref})" if problem.settlement_ref else ""
        yield f"  {problem.code}{where}: {problem}"


def _table(title, rows):
    """Columns padded to their widest cell; numbers stand on the right."""
    rows = [[_shown(cell) for cell in row] for row in rows]
    yield ""
    yield f"{title}:"
    if len(rows) == 1:
        yield "  none"
        return
    columns = list(zip(*rows, strict=True))
    widths = [max(map(_width, column)) for column in columns]
    right = [title in ("amount", "debit", "credit", "rows", "qty", "line") for title in rows[0]]
    for row in rows:
        cells = [
            " " * (width - _width(cell)) + cell if is_right else cell + " " * (width - _width(cell))
            for cell, width, is_right in zip(row, widths, right, strict=True)
        ]
        yield "  " + " | ".join(cells)


def _shown(cell):
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in str(cell))


def _width(text):
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def _yes(value):
    return "yes" if value else "NO"


def write():
    """Write all golden files anew and remove those whose input is gone."""
    FOLDER.mkdir(exist_ok=True)
    wanted = set()
    for stem, (name, data) in inputs().items():
        path = FOLDER / f"{stem}.txt"
        wanted.add(path)
        text = render(name, data)
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8", newline="\n")
            sys.stdout.write(f"changed: {path.name}\n")
    for path in set(FOLDER.glob("*.txt")) - wanted:
        path.unlink()
        sys.stdout.write(f"removed: {path.name}\n")


if __name__ == "__main__":
    write()
