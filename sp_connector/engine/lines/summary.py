"""Rows → summary lines, and the proof that nothing was lost on the way.

A settlement of any size becomes dozens of lines: all rows with the same marketplace, month, words,
fulfilment, tax form and class of SKU. Lines are what people review, map and book. The rows are
streamed; only the sums stay in memory.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timezone, tzinfo
from decimal import Decimal
from typing import NamedTuple, Protocol

from ..errors import BadRow, Problem
from ..files.amounts import currency_digits
from ..files.headers import Header
from ..words.classify import Classifier
from ..words.sku import SkuClasses
from .fingerprint import MODULUS, fingerprint
from .order_items import Rates

MAX_BAD_ROWS = 100


class LineKey(NamedTuple):
    """What the rows of a line have in common.

    :param month: first day of the month of posting, ``None`` for rows that go with the end of
        the settlement (reserve and carried balance, and rows without a date)
    :param tax_form: of a price and of the tax on it, what its order item says
        (``order_items.Verdict``); ``none`` for rows that are neither
    :param tax_class: the seller's class of the SKU, ``""`` for standard and for what is no price
    :param late: posted on a day outside the settlement's period
    :param product_line: the seller's class of the SKU for analytics, ``""`` without any
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
    product_line: str = ""


class Grouping(NamedTuple):
    """A company's choices that decide which rows come together.

    :param zone: time zone in which a month ends; rows are posted in UTC
    :param sku_classes: which SKU is of which tax class; ``product_lines``: of which product line
    """

    zone: tzinfo = timezone.utc
    sku_classes: SkuClasses = SkuClasses()
    product_lines: SkuClasses = SkuClasses()

    def day(self, moment: datetime) -> date:
        """Return the date of a naive UTC moment in the company's zone."""
        if self.zone is not timezone.utc:
            moment = moment.replace(tzinfo=timezone.utc).astimezone(self.zone)
        return moment.date()


UTC = Grouping()


@dataclass(eq=False, slots=True)
class Line:
    """The sum of all rows with one key; ``amount`` from the seller's side.

    :param has_amount: False where every row is zero: nothing to book, so unknown words do no harm
    :param rates: of net prices, (lowest, highest) rate that explains the tax of each
    """

    key: LineKey
    category: str
    level: str
    steps: tuple[str, ...] = ()
    amount: Decimal = Decimal(0)
    row_count: int = 0
    quantity: int = 0
    has_amount: bool = False
    rates: Rates = None

    def meet(self, rates: Rates) -> None:
        """Keep the rates that both allow: none (lowest above highest) if no rate fits all items.

        A sum of a million rows would hide the one that is wrong; the range of each item does not.
        """
        if self.rates and rates:
            rates = max(self.rates[0], rates[0]), min(self.rates[1], rates[1])
        self.rates = rates or self.rates


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
    lines: dict[LineKey, Line] = field(default_factory=dict)
    #: Sum of the rows in the currency's smallest unit.
    units: int = 0
    row_count: int = 0
    bad_rows: list[BadRow] = field(default_factory=list)
    bad_count: int = 0
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    last_posted: datetime | None = None
    #: Sum of the rows' fingerprints.
    digest_sum: int = 0

    @property
    def amount_rows(self) -> Decimal:
        """Sum of the rows, from the seller's side, in the settlement's currency."""
        return Decimal(self.units).scaleb(-currency_digits(self.header.currency))

    @property
    def amount_lines(self) -> Decimal:
        """Sum of the lines, from the seller's side, in the settlement's currency."""
        return sum((line.amount for line in self.lines.values()), Decimal(0))

    @property
    def difference(self) -> Decimal | None:
        """Amazon's total minus the sum of rows; ``None`` where the file has no total."""
        total = self.header.amount_total
        return None if total is None else total - self.amount_rows

    @property
    def proved(self) -> bool:
        """True only if every row was read and they add up to Amazon's total to the cent."""
        return (
            not self.problems
            and not self.bad_count
            and self.difference == 0
            and self.amount_lines == self.amount_rows
            and self.row_count > 0
        )

    @property
    def is_empty(self) -> bool:
        """True if every row was read, none has money and nothing is paid out."""
        return (
            not self.problems
            and not self.bad_count
            and self.header.amount_total == 0
            and not any(line.has_amount for line in self.lines.values())
        )

    @property
    def date_booked(self) -> date | None:
        """The date (UTC) of the entry: end of the period, or the best the file has."""
        header = self.header
        moment = header.date_end or header.date_deposit or self.last_posted or header.date_start
        return moment.date() if moment else None

    @property
    def digest(self) -> str:
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
        return f"{(self.digest_sum + fingerprint(values)) % MODULUS:032x}"

    @property
    def unknown(self) -> list[Line]:
        """The lines whose words nobody knows and that carry money."""
        return [
            line for line in self.lines.values() if line.category == "unknown" and line.has_amount
        ]


class Reads(Protocol):
    """What was opened and can be read: ``flat_file.Report``."""

    def summarise(self, classifier: Classifier, grouping: Grouping) -> dict[str, Settlement]:
        """Read all rows."""


def summarise(
    report: Reads, classifier: Classifier, grouping: Grouping = UTC
) -> dict[str, Settlement]:
    """Read all rows of a report once and return {settlement id: ``Settlement``}.

    :param report: a ``flat_file.Report``; if it was not read before, all of it is known then
    :param classifier: a ``classify.Classifier``
    :param grouping: the company's ``Grouping``
    """
    return report.summarise(classifier, grouping)
