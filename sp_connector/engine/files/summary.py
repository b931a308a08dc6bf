"""Rows → summary lines, and the proof that nothing was lost on the way.

A settlement of any size becomes dozens of lines: all rows with the same marketplace, month,
words, fulfilment and tax form. Lines are what people review, map and book. The rows are
streamed; only the sums stay in memory.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime, timezone, tzinfo
from decimal import Decimal
from typing import NamedTuple

from ..errors import BadRow
from ..words.sku import SkuClasses
from .flat_file import Row
from .order_items import GROUPED, PRICE, TAXED, WITHHELD, role
from .survey import Header

MAX_BAD_ROWS = 100
_DIGEST_MODULUS = 2**128


class LineKey(NamedTuple):
    """What the rows of a line have in common.

    :param month: first day of the month of posting, ``None`` for rows that go with the end of
        the settlement (reserve and carried balance, and rows without a date)
    :param tax_form: of a price and of the tax on it, what its order item says
        (``order_items.Verdict``); ``none`` for rows that are neither
    :param tax_class: the seller's class of the SKU, ``""`` for standard and for what is no price
    :param late: posted on a day outside the settlement's period
    """

    marketplace_name: str
    month: date | None
    transaction_type: str
    amount_type: str
    amount_description: str
    fulfillment: str
    tax_form: str
    tax_class: str = ""
    late: bool = False


class Grouping(NamedTuple):
    """A company's choices that decide which rows come together.

    :param zone: time zone in which a month ends; rows are posted in UTC
    """

    zone: tzinfo = timezone.utc
    sku_classes: SkuClasses = SkuClasses()

    def day(self, moment):
        """Return the date of a naive UTC moment in the company's zone."""
        if self.zone is not timezone.utc:
            moment = moment.replace(tzinfo=timezone.utc).astimezone(self.zone)
        return moment.date()


_UTC = Grouping()


@dataclass
class Line:
    """The sum of all rows with one key; ``amount`` from the seller's side."""

    key: LineKey
    category: str
    level: str
    steps: tuple = ()
    amount: Decimal = Decimal(0)
    row_count: int = 0
    quantity: int = 0
    #: False where every row is zero: nothing to book, so unknown words do no harm.
    has_amount: bool = False
    #: Of net prices: (lowest, highest) rate that explains the tax of each, see ``_meet``.
    rates: tuple | None = None


@dataclass
class Settlement:
    """One settlement of a file, summarised and proved.

    :param digest: fingerprint of its content that does not depend on the order of rows, on
        the file's name, line ends or character set
    :param bad_rows: the first of the rows that could not be read; ``bad_count`` counts them all
    :param problems: the first of its problems; ``problem_count`` counts them all
    """

    header: Header
    flavour: str
    lines: dict = field(default_factory=dict)
    amount_rows: Decimal = Decimal(0)
    row_count: int = 0
    bad_rows: list = field(default_factory=list)
    bad_count: int = 0
    problems: list = field(default_factory=list)
    problem_count: int = 0
    last_posted: datetime | None = None
    _digest: int = 0

    @property
    def amount_lines(self):
        """Sum of the lines, from the seller's side, in the settlement's currency."""
        return sum((line.amount for line in self.lines.values()), Decimal(0))

    @property
    def difference(self):
        """Amazon's total minus the sum of rows; ``None`` where the file has no total."""
        total = self.header.amount_total
        return None if total is None else total - self.amount_rows

    @property
    def proved(self):
        """True only if every row was read and they add up to Amazon's total to the cent."""
        return (
            not self.problems
            and not self.bad_count
            and self.difference == 0
            and self.amount_lines == self.amount_rows
            and self.row_count > 0
        )

    @property
    def is_empty(self):
        """True if every row was read, none has money and nothing is paid out."""
        return (
            not self.problems
            and not self.bad_count
            and self.header.amount_total == 0
            and not any(line.has_amount for line in self.lines.values())
        )

    @property
    def date_booked(self):
        """The date (UTC) of the entry: end of the period, or the best the file has."""
        header = self.header
        moment = header.date_end or header.date_deposit or self.last_posted or header.date_start
        return moment.date() if moment else None

    @property
    def digest(self):
        """Hex fingerprint of header, rows and flaws: a file without the flaws is another one."""
        header = self.header
        values = (
            header.settlement_ref,
            header.amount_total,
            header.currency,
            header.date_start,
            header.date_end,
            header.date_deposit,
            self.flavour,
            self.bad_count,
            *sorted(problem.code for problem in self.problems),
        )
        return f"{(self._digest + _fingerprint(values)) % _DIGEST_MODULUS:032x}"

    @property
    def unknown(self):
        """The lines whose words nobody knows and that carry money."""
        return [
            line for line in self.lines.values() if line.category == "unknown" and line.has_amount
        ]


def line_key(report, match, row, grouping=_UTC):
    """Return the ``LineKey`` of a row.

    :param match: what ``Classifier.match`` says of its words
    :param grouping: the company's ``Grouping``
    """
    month, late = None, False
    if row.posted_at and not match.at_period_end:
        day = grouping.day(row.posted_at)
        month = date(day.year, day.month, 1)
        header = report.headers[row.settlement_ref]
        # By day: many rows have a date only, and the period has hours.
        late = bool(
            (header.date_start and row.posted_at.date() < header.date_start.date())
            or (header.date_end and row.posted_at.date() > header.date_end.date())
        )
    tax_form, tax_class = "none", ""
    kind, part = role(row.amount_type, row.amount_description)
    if kind is not None:
        if verdict := report.verdict(row):
            tax_form = verdict.form(kind, part)
        elif kind in GROUPED:
            tax_form = "gross"
        if kind != WITHHELD or tax_form != "none":
            tax_class = grouping.sku_classes.find(row.sku, row.marketplace_name)
    return LineKey(
        row.marketplace_name,
        month,
        *match.words,
        row.fulfillment.upper(),
        tax_form,
        tax_class,
        late,
    )


def summarise(report, classifier, grouping=_UTC):
    """Read all rows of a report once and return {settlement id: ``Settlement``}.

    :param report: a ``flat_file.Report``
    :param classifier: a ``classify.Classifier``
    :param grouping: the company's ``Grouping``
    """
    settlements = {
        reference: Settlement(header, header.flavour)
        for reference, header in report.headers.items()
    }
    if not settlements:
        return {}
    homeless, count = [], 0
    for row in report.rows():
        if not isinstance(row, BadRow):
            _add(settlements[row.settlement_ref], report, classifier, row, grouping)
        elif settlement := settlements.get(row.settlement_ref):
            settlement.bad_count += 1
            if len(settlement.bad_rows) < MAX_BAD_ROWS:
                settlement.bad_rows.append(row)
        else:
            count += 1
            if len(homeless) < MAX_BAD_ROWS:
                homeless.append(row)
    for problem in report.problems:
        for settlement in _concerned(settlements, problem):
            settlement.problems.append(problem)
    for reference, settlement in settlements.items():
        settlement.problem_count = report.count_problems(reference)
        # A row of no settlement may be one of any: it blocks all.
        settlement.bad_count += count
        if homeless:
            rows = sorted(settlement.bad_rows + homeless, key=lambda row: row.line)
            settlement.bad_rows = rows[:MAX_BAD_ROWS]
    return settlements


def _concerned(settlements, problem):
    return [settlements[problem.settlement_ref]] if problem.settlement_ref else settlements.values()


def _add(settlement, report, classifier, row: Row, grouping):
    match = classifier.match(row.transaction_type, row.amount_type, row.amount_description)
    key = line_key(report, match, row, grouping)
    line = settlement.lines.get(key)
    if line is None:
        line = settlement.lines[key] = Line(key, match.category, match.level, match.steps)
    line.amount += row.amount
    line.row_count += 1
    # The quantity is repeated on every row of an item: count it once
    # (docs/facts/settlement-files.md, "V2 columns").
    if row.amount_description == "Principal" and row.amount_type == "ItemPrice":
        line.quantity += row.quantity
    elif row.amount_type == "V1:price-amount" and not row.amount_description:
        line.quantity += row.quantity
    if row.amount:
        line.has_amount = True
    if key.tax_form in TAXED:
        line.rates = _meet(line.rates, _rates(report, row))
    settlement.amount_rows += row.amount
    settlement.row_count += 1
    if row.posted_at and (settlement.last_posted is None or row.posted_at > settlement.last_posted):
        settlement.last_posted = row.posted_at
    settlement._digest = (settlement._digest + _fingerprint(row[2:])) % _DIGEST_MODULUS


def _rates(report, row):
    kind, part = role(row.amount_type, row.amount_description)
    return report.verdict(row).rates(part) if kind == PRICE else None


def _meet(rates, other):
    """Return the rates that both allow: none (lowest above highest) if no rate fits all items.

    A sum of a million rows would hide the one that is wrong; the range of each item does not.
    """
    if rates is None or other is None or rates is other:
        return rates or other
    return max(rates[0], other[0]), min(rates[1], other[1])


def _fingerprint(values):
    """Hash of values in the engine's own types; amounts have the currency's precision."""
    text = ascii("\x1f".join(map(str, values)))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "big")
