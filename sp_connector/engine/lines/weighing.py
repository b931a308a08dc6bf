"""Settlements that need a second look: amounts with two readings, rows that may count twice.

The total decides both, and only where it excludes everything else: an amount such as ``10.120`` is
read in the one way in which the rows add up, and rows that make the total do not count twice.
"""

from decimal import Decimal
from itertools import combinations

from ..errors import SHOWN, say
from ..files import amounts
from ..files.columns import Section
from ..files.document import Document
from ..files.headers import Header
from ..files.tables import Record
from .reader import Reader
from .survey import Findings


class Scale:
    """Sums of amounts by their mark: ``""`` for those with one reading, else with decimals."""

    def __init__(self) -> None:
        self.sums = {"": Decimal(0), ".": Decimal(0), ",": Decimal(0)}
        self.count = self.repeated = 0

    def add(self, mark: str, amount: Decimal) -> None:
        self.sums[mark] += amount

    def weigh(self, thousands: frozenset[str]) -> Decimal:
        """Return the sum where these marks separate thousands."""
        return sum(
            (value * 1000 if mark in thousands else value for mark, value in self.sums.items()),
            Decimal(0),
        )


class Weighing:
    """The amounts of one settlement that needs a second look.

    :param blocks: its rows, from each of its own lines or names of columns to the next
    """

    def __init__(self, header: Header) -> None:
        self.digits = amounts.currency_digits(header.currency)
        self.total = Scale()
        self.blocks: list[Scale] = []
        self.marks: set[str] = set()
        #: Marks that cannot stand before decimals: no yen has any.
        self.only_thousands: set[str] = set()
        #: What other amounts prove of the marks.
        self.decimal: set[str] = set()
        self.between: set[str] = set()
        self.section: Section | None = None
        self.flavours: set[str] = set()
        #: Hash of a row → the block that has it first; asked for where nothing is paid out.
        self.rows: dict[int, int] = {}
        self.is_readable = "total-amount" in header.texts
        if self.is_readable:
            self.add(self.total, header.texts["total-amount"][0])
        self._is_nothing = not any(self.total.sums.values())

    def start(self) -> None:
        """A block of rows begins."""
        self.blocks.append(Scale())

    def count(self, cells: list[str]) -> None:
        """Count a row, and whether an earlier block has it."""
        if not self._is_nothing:
            return
        block = self.blocks[-1]
        block.count += 1
        first = self.rows.setdefault(hash(tuple(cells)), len(self.blocks))
        block.repeated += first < len(self.blocks)

    def add(self, scale: Scale, text: str) -> None:
        try:
            mark, amount = amounts.scale(text, self.digits)
        except amounts.BadAmount:
            self.is_readable = False
            return
        scale.add(mark, amount)
        decimal, between = amounts.roles(text)
        self.decimal |= decimal
        self.between |= between
        if mark:
            self.marks.add(mark)
            if not self.digits and amount % 1:
                self.only_thousands.add(mark)

    def adds_up(self, thousands: frozenset[str]) -> bool:
        """Tell whether the rows make the total where these marks separate thousands."""
        rows = sum((block.weigh(thousands) for block in self.blocks), Decimal(0))
        return self.is_readable and rows == self.total.weigh(thousands)

    def thousands(self) -> frozenset[str] | None:
        """Return the marks that separate thousands, ``None`` where more than one reading fits."""
        marks = sorted(self.marks)
        readings = [
            frozenset(chosen)
            for size in range(len(marks) + 1)
            for chosen in combinations(marks, size)
            if self.only_thousands <= set(chosen)
        ]
        if len(readings) > 1:
            readings = [reading for reading in readings if self.adds_up(reading)]
        if len(readings) != 1 or self.is_contradicted(readings[0]):
            return None
        return readings[0]

    def is_contradicted(self, thousands: frozenset[str]) -> bool:
        """Tell whether other amounts of the settlement use a mark in its other role."""
        return any((self.decimal if m in thousands else self.between) & {m} for m in self.marks)

    def counts_twice(self, thousands: frozenset[str] | None) -> bool:
        """Tell whether the same rows may stand in the file twice.

        They do not where all of them make the total: twice would be twice the total. Twice nothing
        is nothing, so there half of a block's rows must be new.
        """
        if len(self.flavours) > 1 or thousands is None or not self.adds_up(thousands):
            return True
        copied = any(block.repeated * 2 >= block.count > 0 for block in self.blocks)
        return copied and not self.total.weigh(thousands)


class _Weigher:
    """Weighs each line of the settlements in doubt."""

    is_open = True

    def __init__(self, headers: dict[str, Header], doubtful: dict[str, Weighing]) -> None:
        self.headers = headers
        self._doubtful = doubtful

    def note(self, record: Record) -> bool:
        """Weigh a line; none is a row here, so that each comes by itself."""
        section, cells = record.section, record.cells
        weighing = self._doubtful.get(section.reference(cells))
        if weighing is None:
            return False
        is_header = section.is_header(cells)
        weighing.flavours.add(section.flavour)
        if is_header or section is not weighing.section:
            weighing.section = section
            weighing.start()
        if not is_header:
            weighing.count(cells)
            for position in section.amount_columns:
                if cells[position]:
                    weighing.add(weighing.blocks[-1], cells[position])
        return False


def weigh(document: Document, headers: dict[str, Header], findings: Findings) -> None:
    """Decide how ambiguous amounts are read and what repetitions mean.

    Few files need this, so it reads those once more instead of adding up every file twice.
    """
    doubtful = {
        header.settlement_ref: Weighing(header)
        for header in headers.values()
        if header.is_ambiguous or header.repeated
    }
    if doubtful:
        for _page in Reader(document, _Weigher(headers, doubtful)).pages():
            pass
    for reference, weighing in doubtful.items():
        header = headers[reference]
        header.thousands = weighing.thousands()
        if header.repeated and weighing.counts_twice(header.thousands):
            findings.add_problem(
                "repeated_settlement",
                say(
                    "Settlement %(ref)s stands in this file more than once; its rows would count "
                    "twice. Upload each settlement once, as Amazon gives it.",
                    ref=reference[:SHOWN],
                ),
                header.repeated,
                reference,
            )
