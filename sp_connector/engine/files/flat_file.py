"""Amazon's settlement flat files, V2 and V1: text → settlements and rows.

``open_report`` reads the file once and learns what holds for all of it (``survey``): flavour,
columns, the settlements, what Amazon says they total, how their amounts and dates are read.
``Report.rows`` then streams the rows. Columns are found by name, never by position.

What cannot be read is a value (``Problem``, ``BadRow``) with its line number, never an
exception, and no row is ever dropped or merged with another: identical rows are legal (A1).
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from ..errors import BadDocument, BadRow, Problem, shown
from . import amounts, dates, tables
from .document import open_all
from .order_items import OrderItems
from .survey import survey


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
_BAD_CODES = {amounts.BadAmount: "bad_amount", dates.BadDate: "bad_date"}
MAX_PROBLEMS = 100
#: Of one item of an order; the sum over two thousand rows still is a database's integer.
MAX_UNITS = 10**6


@dataclass
class Report:
    """A settlement file that was read once. ``rows()`` reads it again.

    :param headers: settlement id → ``Header``, in the file's order
    :param problems: what is wrong with the file, at most ``MAX_PROBLEMS`` for each settlement
    :param notes: what was left out of it and does no harm, likewise
    """

    document: object
    flavour: str = ""
    headers: dict = field(default_factory=dict)
    problems: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    items: OrderItems = field(default_factory=OrderItems, repr=False)
    _counts: dict = field(default_factory=dict, repr=False)

    def add_problem(self, code, text, line=None, settlement_ref=None):
        """Take note of a problem, but not of 50,000: a file can be wrong on every line."""
        # Counted for each settlement: the noise of one must not hide what holds another.
        count = self._counts[settlement_ref] = self._counts.get(settlement_ref, 0) + 1
        if count <= MAX_PROBLEMS:
            self.problems.append(Problem(code, text, line, settlement_ref))

    def count_problems(self, settlement_ref):
        """Return how many problems concern a settlement, those of the whole file among them."""
        return self._counts.get(settlement_ref, 0) + self._counts.get(None, 0)

    def add_note(self, code, text, line):
        """Take note of something that was left out, likewise of the first only."""
        if len(self.notes) < MAX_PROBLEMS:
            self.notes.append(Problem(code, text, line))

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
                if section.is_sum(record.cells):
                    yield from self._sum(record)
                elif not section.is_header(record.cells):
                    yield from self._money(record, texts(record.cells), *others(record.cells))
        except BadDocument as error:
            problem = error.problem
            yield BadRow(problem.line or 0, problem.code, problem.text)

    def verdict(self, row):
        """Return the ``order_items.Verdict`` on the order item of a row, or ``None``."""
        item = (row.transaction_type, row.order_ref, row.adjustment_ref, row.order_item_ref)
        return self.items.find(hash(item))

    def _sum(self, record):
        """Yield a totals line as a bad row, unless it was left out because it is of no settlement.

        Without a settlement id it may be a row that lost it: that blocks all.
        """
        reference = record.cells[record.section.at("settlement-id")]
        if record.section.is_header(record.cells) or (reference and reference not in self.headers):
            return
        yield BadRow(
            record.line,
            "totals_line",
            "This looks like a totals line that somebody added: it has an amount and no "
            "transaction-type. Upload the file as Amazon gives it, or without this line.",
            reference or None,
        )

    def _money(
        self, record, texts, reference, transaction_type, moment, day, quantity, promotion_ref
    ):
        line, cells = record.line, record.cells
        try:
            if not reference:
                raise ValueError("this row has no settlement-id: download the file again")
            header = self.headers[reference]
            # posted-date is a fallback only: its form is unreliable.
            text = moment or day
            posted_at = dates.parse_moment(text, header.day_first) if text else None
            pieces = record.section.amounts(cells, header.thousands, header.currency)
            units = _units(quantity)
        except ValueError as error:
            code = _BAD_CODES.get(type(error), "bad_row")
            name = ("posted-date-time: " if moment else "posted-date: ") * (code == "bad_date")
            yield BadRow(line, code, f"{name}{error}.", reference or None)
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
        survey(report)
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


def _units(text):
    if not text:
        return 0
    if len(text) < 7 and text.isdecimal():
        return int(text)
    try:
        value = amounts.parse_amount(text, digits=0)
    except amounts.BadAmount as error:
        raise amounts.BadAmount(f"quantity-purchased: {error}") from None
    if abs(value) >= MAX_UNITS:
        raise amounts.BadAmount(f"quantity-purchased: {shown(text)} is not a possible quantity")
    return int(value)
