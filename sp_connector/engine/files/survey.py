"""First reading of a settlement file: what holds for all of it, and for each settlement in it.

Settlements and what Amazon says they total; the order of day and month; how to read amounts that
have two readings; what the rows of order items say of their tax; what a program has rewritten.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from ..errors import SHOWN, BadDocument, BadRow, shown
from . import amounts, dates, tables
from .rewritten import ADVICE, is_rewritten_code, is_rewritten_id
from .weighing import weigh

#: What tells one order item's event from another.
_ITEM_COLUMNS = ("transaction-type", "order-id", "adjustment-id", "order-item-code")
#: Long numbers, which programs shorten.
_CODE_COLUMNS = (
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
_MAX_SUMS = 1000
#: The file is kept beside each of them. Ten years of a seller with twenty accounts have fewer.
MAX_SETTLEMENTS = 5000


@dataclass
class Header:
    """What Amazon says of one settlement, once per file.

    Dates are naive UTC or ``None``; ``amount_total`` is the payout from the seller's side
    (negative: the seller owes Amazon), ``None`` where the file does not say.

    :param thousands: marks that separate thousands in amounts that can be read in two ways
        (``10.120``); ``None`` where nothing decides
    :param day_first: order of ``09/06/25`` in this settlement, ``None`` where nothing decides
    :param repeated: line on which it starts a second time, if it does
    """

    settlement_ref: str
    line: int
    flavour: str = ""
    date_start: datetime | None = None
    date_end: datetime | None = None
    date_deposit: datetime | None = None
    amount_total: Decimal | None = None
    currency: str = ""
    texts: dict = field(default_factory=dict, repr=False)
    section: int = 0
    own_line: bool = False
    repeated: int = 0
    rows: int = 0
    thousands: frozenset | None = frozenset()
    day_first: bool | None = None
    orders: dates.OrderEvidence = field(default_factory=dates.OrderEvidence, repr=False)
    is_ambiguous: bool = False
    is_rewritten: bool = False


def survey(report):
    """Read a file once and fill a ``flat_file.Report``.

    :raises BadDocument: the file is not a settlement, or a program has rewritten its ids
    """
    section = None
    sums = []
    for record in tables.records(report.document):
        if isinstance(record, BadRow):
            continue  # comes again in rows(), where it blocks its settlement's proof
        if record.section is not section:
            section = record.section
            report.flavour = report.flavour or section.flavour
            moments = section.getter("settlement-id", "posted-date-time", "posted-date")
            item = section.getter(*_ITEM_COLUMNS, "quantity-purchased")
            codes = section.getter(*_CODE_COLUMNS)
        cells = record.cells
        reference, moment, day = moments(cells)
        if section.is_sum(cells) and reference not in report.headers:
            if (reference or section.is_header(cells)) and len(sums) < _MAX_SUMS:
                sums.append((reference, record.line))
            continue
        if not reference:
            continue
        if reference not in report.headers and is_rewritten_id(reference):
            raise BadDocument(
                "spreadsheet", f"The settlement id reads {shown(reference)}: {ADVICE}.", record.line
            )
        is_header = section.is_header(cells)
        header = _header(report, record, reference, is_header)
        if not header.is_ambiguous:
            header.is_ambiguous = any(map(amounts.has_two_readings, section.amount_texts(cells)))
        if is_header:
            continue
        header.rows += 1
        if dates.is_slashed(moment or day):
            header.orders.feed(moment or day)
        if not header.is_rewritten:
            _find_rewritten(report, header, record.line, codes(cells))
        *names, quantity = item(cells)
        currency, _line = header.texts.get("currency", ("", None))
        report.items.feed(hash(tuple(names)), section.pieces(cells), quantity, currency)
    report.items.flush()
    _note_sums(report, sums)
    _decide_orders(report.headers)
    for header in report.headers.values():
        _read_header(report, header)
    weigh(report)
    for header in report.headers.values():
        _read_total(report, header)


def _note_sums(report, sums):
    """Say which totals lines were left out: those that stand beside no settlement's id."""
    for reference, line in sums:
        if reference not in report.headers:
            text = f"{shown(reference)} is a totals line that somebody added, not one of Amazon's: "
            report.add_note("totals_line", f"{text}it is left out.", line)


def _find_rewritten(report, header, line, texts):
    if {"+", "#"}.isdisjoint("\t".join(texts)):
        return
    for name, text in zip(_CODE_COLUMNS, texts, strict=True):
        if is_rewritten_code(text):
            header.is_rewritten = True
            reference = header.settlement_ref
            text = f"{name} reads {shown(text)}: {ADVICE}."
            report.add_problem("spreadsheet", text, line, reference)
            return


def _header(report, record, reference, is_header):
    """Collect what a line says of its settlement; the same total twice is one total."""
    section, cells = record.section, record.cells
    header = report.headers.get(reference)
    if header is None:
        if len(report.headers) >= MAX_SETTLEMENTS:
            raise BadDocument(
                "too_large",
                f"The file holds more than {MAX_SETTLEMENTS:,} settlements. Upload it in parts.",
                record.line,
            )
        header = report.headers[reference] = Header(
            reference,
            record.line,
            section.flavour,
            section=section.number,
            own_line=is_header,
        )
    elif (is_header and header.own_line) or header.section != section.number:
        header.repeated = header.repeated or record.line
    header.own_line = header.own_line or is_header
    if not section.has_header(cells):
        return header
    for name in tables.HEADER_COLUMNS:
        text = cells[section.at(name)]
        known, line = header.texts.get(name, ("", None))
        if text and not known:
            header.texts[name] = (text, record.line)
        elif text and text != known:
            report.add_problem(
                "contradiction",
                f"{name} of settlement {reference[:SHOWN]} reads {shown(text)} here and "
                f"{shown(known)} in line {line}. Download the file again.",
                record.line,
                reference,
            )
    return header


# === DATES === #


def _decide_orders(headers):
    """Decide the order of day and month: by each settlement, else as the others of the file."""
    for header in headers.values():
        for name in tables.HEADER_DATES:
            text = header.texts.get(name, ("",))[0]
            if text and dates.is_slashed(text):
                header.orders.feed(text)
        header.day_first = header.orders.day_first(
            lambda day_first, h=header: _period(h, day_first)
        )
    decided = {header.day_first for header in headers.values()} - {None}
    if len(decided) == 1:
        for header in headers.values():
            # Not where the settlement itself proves both orders.
            if header.day_first is None and not header.orders.proved:
                header.day_first = next(iter(decided))


def _period(header, day_first):
    """Return (start, end) of a settlement, read in an order; ``None`` for what is no date."""
    moments = []
    for name in ("settlement-start-date", "settlement-end-date"):
        try:
            moments.append(dates.parse_moment(header.texts[name][0], day_first))
        except (dates.BadDate, KeyError):
            moments.append(None)
    return moments


# === AMOUNTS === #


def _read_header(report, header):
    """Turn the header's texts into values; what cannot be read is a problem of its line."""

    def problem(code, text, line):
        report.add_problem(code, text, line, header.settlement_ref)

    reference = header.settlement_ref[:SHOWN]
    text, line = header.texts.get("currency", ("", header.line))
    header.currency = text.upper()
    if not (len(text) == 3 and text.isalpha() and text.isascii()):
        problem(
            "no_currency",
            f"Settlement {reference} has no currency ({shown(text)}). Download it again.",
            line,
        )
    for name, attribute in tables.HEADER_DATES.items():
        text, line = header.texts.get(name, ("", None))
        if not text:
            continue
        try:
            setattr(header, attribute, dates.parse_moment(text, header.day_first))
        except dates.BadDate as error:
            problem("bad_date", f"{name}: {error}.", line)
    if "total-amount" not in header.texts:
        problem(
            "no_total",
            f"The file does not say what settlement {reference} totals, so it cannot be proved. "
            "Download Flat File V2, whose first row holds the total.",
            header.line,
        )


def _read_total(report, header):
    text, line = header.texts.get("total-amount", ("", None))
    if not text:
        return
    digits = amounts.currency_digits(header.currency)
    try:
        header.amount_total = amounts.read_amount(text, header.thousands, digits)
    except amounts.BadAmount as error:
        report.add_problem("bad_total", f"total-amount: {error}.", line, header.settlement_ref)
