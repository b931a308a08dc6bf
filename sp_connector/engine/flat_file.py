"""Amazon's settlement flat files, V2 and V1: text → settlements and rows.

``open_report`` reads the file once and learns what holds for all of it: flavour, columns,
decimal mark, order of dates, the settlements and what Amazon says they total. ``Report.rows``
then streams the rows. Columns are found by name, never by position (format facts 1.2, 1.3).

What cannot be read is a value (``Problem``, ``BadRow``) with its line number, never an
exception, and no row is ever dropped or merged with another: identical rows are legal (A1).
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from . import amounts, dates, tables
from .document import open_all
from .errors import BadDocument, BadRow, Problem


class Row(NamedTuple):
    """One amount of Amazon's file. A V1 line with several amounts becomes several rows.

    ``amount`` is signed from the seller's side, in the settlement's currency; ``posted_at`` is
    naive UTC or ``None``; ``part`` counts the amounts of one line, from 0. All other fields
    are Amazon's text, trimmed. ``amount_type`` of a V1 row names its column: ``V1:price-amount``.
    """

    line: int
    part: int
    settlement_ref: str
    transaction_type: str
    amount_type: str
    amount_description: str
    amount: Decimal
    posted_at: datetime | None
    marketplace_name: str
    fulfillment: str
    order_ref: str
    merchant_order_ref: str
    adjustment_ref: str
    shipment_ref: str
    order_item_ref: str
    merchant_order_item_ref: str
    merchant_adjustment_item_ref: str
    sku: str
    quantity: int
    promotion_ref: str


@dataclass
class Header:
    """What Amazon says of one settlement, once per file.

    Dates are naive UTC or ``None``; ``amount_total`` is the payout from the seller's side
    (negative: the seller owes Amazon), ``None`` where the file does not say.
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
    repeated: bool = False
    rows: int = 0


#: The columns of a ``Row`` that are plain text, in its order.
_TEXT_COLUMNS = (
    "marketplace-name",
    "fulfillment-id",
    "order-id",
    "merchant-order-id",
    "adjustment-id",
    "shipment-id",
    "order-item-code",
    "merchant-order-item-id",
    "merchant-adjustment-item-id",
    "sku",
)
#: What tells one order item's event from another (trap D24).
_ITEM_COLUMNS = ("transaction-type", "order-id", "adjustment-id", "order-item-code")
#: What several rows of one item tell: the later in this list counts.
_TAX_FORMS = ("", "zero", "net", "withheld")
_BAD_CODES = {amounts.BadAmount: "bad_amount", dates.BadDate: "bad_date"}
MAX_PROBLEMS = 100


@dataclass
class Report:
    """A settlement file that was read once. ``rows()`` reads it again.

    :param headers: settlement id → ``Header``, in the file's order
    :param problems: what is wrong with the file, at most ``MAX_PROBLEMS`` for each settlement
    """

    document: object
    flavour: str = ""
    headers: dict = field(default_factory=dict)
    problems: list = field(default_factory=list)
    decimal_mark: str = "."
    day_first: bool | None = None
    #: Hash of an order item → ``item_tax`` of the rows beside its price (trap D24).
    item_taxes: dict = field(default_factory=dict, repr=False)
    _counts: dict = field(default_factory=dict, repr=False)

    def add_problem(self, code, text, line=None, settlement_ref=None):
        """Take note of a problem, but not of 50,000: a file can be wrong on every line."""
        # Counted for each settlement: the noise of one must not hide what holds another.
        count = self._counts[settlement_ref] = self._counts.get(settlement_ref, 0) + 1
        if count <= MAX_PROBLEMS:
            self.problems.append(Problem(code, text, line, settlement_ref))

    def rows(self):
        """Yield every ``Row`` and ``BadRow`` of the file in its order."""
        section = None
        try:
            for record in tables.records(self.document):
                if isinstance(record, BadRow):
                    yield record
                    continue
                if record.section is not section:
                    section = record.section
                    texts = section.getter(*_TEXT_COLUMNS)
                    others = section.getter(
                        "settlement-id",
                        "transaction-type",
                        "posted-date-time",
                        "posted-date",
                        "quantity-purchased",
                        "promotion-id",
                    )
                if not section.is_header(record.cells):
                    yield from self._money(record, texts(record.cells), *others(record.cells))
        except BadDocument as error:
            problem = error.problem
            yield BadRow(problem.line or 0, problem.code, problem.text)

    def tax_form(self, row):
        """Say what stands beside a price in its order item (trap D24).

        :return: ``net``: its tax; ``withheld``: a tax that the marketplace keeps; ``zero``: a tax
            of nothing; ``gross``: nothing, so tax may be in the price
        """
        item = (row.transaction_type, row.order_ref, row.adjustment_ref, row.order_item_ref)
        return self.item_taxes.get(hash(item), "gross")

    def _money(
        self, record, texts, reference, transaction_type, moment, day, quantity, promotion_ref
    ):
        line, cells = record.line, record.cells
        try:
            if not reference:
                raise ValueError("this row has no settlement-id")
            currency = self.headers[reference].currency
            # posted-date is a fallback only: its form is unreliable (format facts 1.5).
            text = moment or day
            posted_at = dates.parse_moment(text, self.day_first) if text else None
            pieces = record.section.amounts(cells, self.decimal_mark, currency)
            units = _units(quantity)
        except ValueError as error:
            code = _BAD_CODES.get(type(error), "bad_row")
            yield BadRow(line, code, f"{error}.", reference or None)
            return
        for part, (amount_type, description, amount) in enumerate(pieces):
            yield Row(
                line,
                part,
                reference,
                transaction_type,
                amount_type,
                description,
                amount,
                posted_at,
                *texts,
                units,
                promotion_ref,
            )


def open_report(document):
    """Read a file once and say what is in it.

    :param document: a ``document.Document``
    :return: ``Report``; where the file is not a settlement, one without headers and with the
        problem that says what it is and what to download instead
    """
    report = Report(document)
    try:
        _survey(report)
    except BadDocument as error:
        report.headers.clear()
        report.problems.append(error.problem)
    if not report.headers and not report.problems:
        report.add_problem(
            "no_settlement",
            "The file has the columns of a settlement and no row that names one. Download the "
            "settlement again (Flat File V2).",
        )
    return report


def open_reports(name, source, charset=None):
    """Yield a ``Report`` for a file, or for each file in a ZIP archive.

    :param name: file name
    :param source: see ``document.Document``
    :param charset: what the download's Content-Type declared, if anything
    """
    try:
        for member, build in open_all(name, source, charset):
            try:
                yield open_report(build())
            except BadDocument as error:
                yield Report(Nameless(member), problems=[error.problem])
    except BadDocument as error:
        yield Report(Nameless(name), problems=[error.problem])


class Nameless(NamedTuple):
    """Stands for a document whose bytes could not be opened."""

    name: str
    sha256: None = None


def _survey(report):
    """First reading: everything that holds for the whole file."""
    styles = amounts.StyleEvidence()
    orders = dates.OrderEvidence()
    section = None
    for record in tables.records(report.document):
        if isinstance(record, BadRow):
            continue  # comes again in rows(), where it blocks its settlement's proof
        if record.section is not section:
            section = record.section
            report.flavour = report.flavour or section.flavour
            moments = section.getter("settlement-id", "posted-date-time", "posted-date")
            item = section.getter(*_ITEM_COLUMNS)
        cells = record.cells
        reference, moment, day = moments(cells)
        if amounts.is_scientific(reference):
            raise BadDocument(
                "spreadsheet",
                f"The settlement id reads «{reference}»: a spreadsheet program has rewritten "
                "this file. Download it again and upload it without opening it.",
                record.line,
            )
        for text in section.amount_texts(cells):
            styles.feed(text)
        if not reference:
            continue
        is_header = section.is_header(cells)
        header = _header(report, record, reference, is_header)
        if is_header:
            continue
        header.rows += 1
        if dates.is_slashed(moment or day):
            orders.feed(moment or day)
        if form := section.item_tax(cells):
            key = hash(item(cells))
            before = report.item_taxes.get(key, "")
            report.item_taxes[key] = max(before, form, key=_TAX_FORMS.index)
    report.decimal_mark = styles.decimal_mark()
    _decide_order(report, orders)
    for header in report.headers.values():
        _read_header(report, header)


def _header(report, record, reference, is_header):
    """Collect what a line says of its settlement; the same total twice is one total."""
    section, cells = record.section, record.cells
    header = report.headers.get(reference)
    if header is None:
        header = report.headers[reference] = Header(
            reference,
            record.line,
            section.flavour,
            section=section.number,
            own_line=is_header,
        )
    elif (is_header and header.own_line) or header.section != section.number:
        if not header.repeated:
            header.repeated = True
            report.add_problem(
                "repeated_settlement",
                f"Settlement {reference} stands in this file more than once; its rows would "
                "count twice. Upload each settlement once, as Amazon gives it.",
                record.line,
                reference,
            )
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
                f"{name} of settlement {reference} reads «{text}» here and «{known}» in line "
                f"{line}. Download the file again.",
                record.line,
                reference,
            )
    return header


def _decide_order(report, orders):
    header_texts = [header.texts for header in report.headers.values()]
    for texts in header_texts:
        for name in ("settlement-start-date", "settlement-end-date", "deposit-date"):
            text = texts.get(name, ("",))[0]
            if text and dates.is_slashed(text):
                orders.feed(text)

    def period(day_first):
        moments = []
        for name in ("settlement-start-date", "settlement-end-date"):
            for texts in header_texts:
                try:
                    moments.append(dates.parse_moment(texts[name][0], day_first))
                except (dates.BadDate, KeyError):
                    continue
        return (min(moments), max(moments)) if len(moments) > 1 else (None, None)

    report.day_first = orders.day_first(period)


def _read_header(report, header):
    """Turn the header's texts into values; what cannot be read is a problem of its line."""

    def problem(code, text, line):
        report.add_problem(code, text, line, header.settlement_ref)

    text, line = header.texts.get("currency", ("", header.line))
    header.currency = text.upper()
    if not (len(text) == 3 and text.isalpha() and text.isascii()):
        problem(
            "no_currency",
            f"Settlement {header.settlement_ref} has no currency («{text}»). Download it again.",
            line,
        )
    for name, attribute in tables.HEADER_DATES.items():
        text, line = header.texts.get(name, ("", None))
        if not text:
            continue
        try:
            setattr(header, attribute, dates.parse_moment(text, report.day_first))
        except dates.BadDate as error:
            problem("bad_date", f"{name}: {error}.", line)
    text, line = header.texts.get("total-amount", ("", None))
    if not text:
        problem(
            "no_total",
            f"The file does not say what settlement {header.settlement_ref} totals, so it cannot "
            "be proved. Download Flat File V2, whose first row holds the total.",
            header.line,
        )
        return
    try:
        header.amount_total = amounts.parse_amount(
            text, report.decimal_mark, amounts.currency_digits(header.currency)
        )
    except amounts.BadAmount as error:
        problem("bad_total", f"total-amount: {error}.", line)


def _units(text):
    if not text:
        return 0
    if len(text) < 10 and text.isdecimal():
        return int(text)
    value = amounts.parse_amount(text, digits=0)
    if abs(value) > 2**31 - 1:
        raise amounts.BadAmount(f"«{text}» is not a possible quantity")
    return int(value)
