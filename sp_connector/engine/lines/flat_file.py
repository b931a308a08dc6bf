"""Amazon's settlement flat files, V2 and V1: text → settlements and rows.

A ``Report`` reads its file when it is first asked for something, and then knows all of it:
flavour, the settlements, what Amazon says they total, how their amounts and dates are read, and,
where a company's rules were given, the lines they become. It reads a second time to write the rows.

What cannot be read is a value (``Problem``, ``BadRow``) with its line number, never an
exception, and no row is ever dropped or merged with another: identical rows are legal.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from ..errors import BadDocument, BadRow, Problem, Sentence, say
from ..files.document import Document, Source, StartOver, open_all
from ..files.headers import Header
from ..words.classify import Classifier
from .copying import copy_rows
from .order_items import OrderItems
from .pages import NO_DATE, TEXTS, Page
from .reader import Reader
from .summary import UTC, Grouping, LineKey, Settlement
from .sums import Sums
from .survey import Decided, Survey
from .weighing import weigh


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


#: What ``copy_rows`` writes of a row, in this order; ``free_text`` are the words of a row where its
#: line has folded them.
COPIED = (
    *("line_number", "part", "posted_at", "order_ref", "merchant_order_ref", "adjustment_ref"),
    *("shipment_ref", "order_item_ref", "merchant_order_item_ref", "merchant_adjustment_item_ref"),
    *("sku", "quantity", "promotion_ref", "free_text", "amount"),
)
MAX_PROBLEMS = 100


class Nameless(NamedTuple):
    """Stands for a document whose bytes could not be opened."""

    name: str
    sha256: str = ""


class Report:
    """A settlement file. It is read when something of it is asked for.

    :param document: the file, or what stands for one that cannot be opened
    :param problems: what is known to be wrong with it; then it is not read
    """

    def __init__(
        self, document: Document | Nameless, problems: list[Problem] | None = None
    ) -> None:
        self.document = document
        self._problems: list[Problem] = problems or []
        self._notes: list[Problem] = []
        self._counts: dict[str | None, int] = {}
        self._headers: dict[str, Header] = {}
        self._flavour = ""
        #: What the rows of its order items say of their tax.
        self.items = OrderItems()
        self._is_read = bool(problems)
        self._rules: tuple[Classifier, Grouping] | None = None
        self._settlements: dict[str, Settlement] = {}

    # === WHAT IS IN IT === #

    @property
    def headers(self) -> dict[str, Header]:
        """Settlement id → ``Header``, in the file's order; none if it is not a settlement."""
        self._read()
        return self._headers

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with the file, at most ``MAX_PROBLEMS`` for each settlement."""
        self._read()
        return self._problems

    @property
    def notes(self) -> list[Problem]:
        """What was left out of it and does no harm, at most ``MAX_PROBLEMS``."""
        self._read()
        return self._notes

    @property
    def flavour(self) -> str:
        """``v1`` or ``v2``, of the first table in it."""
        self._read()
        return self._flavour

    def summarise(self, classifier: Classifier, grouping: Grouping) -> dict[str, Settlement]:
        """Return {settlement id: ``Settlement``} as a company groups its rows.

        Asked for first, one reading of the file gives this and all else; asked for again with
        other rules, the file is read once more.
        """
        self._read(classifier, grouping)
        if self._rules != (classifier, grouping):
            self._rules = classifier, grouping
            self._settlements = self._add_up(classifier, grouping) if self._headers else {}
        return self._settlements

    # === READING === #

    def _read(self, classifier: Classifier | None = None, grouping: Grouping = UTC) -> None:
        if self._is_read or not isinstance(self.document, Document):
            return
        self._is_read = True
        document = self.document
        try:
            try:
                self._read_first(document, classifier, grouping)
            except StartOver:
                self._forget()
                self._read_first(document, classifier, grouping)
            document.inspect()
        except BadDocument as error:
            self._headers = {}
            self._name_problem(document, error.problem)
        if not self._headers and not self._problems:
            self.add_problem(
                "no_settlement",
                say(
                    "The file has the columns of a settlement and no row that names one. Download "
                    "the settlement again (Flat File V2)."
                ),
            )

    def _name_problem(self, document: Document, problem: Problem) -> None:
        """Say what is wrong with a file: that its bytes are damaged counts before all else."""
        try:
            document.inspect()
        except BadDocument as error:
            self._forget()
            self.document = Nameless(document.name)
            problem = error.problem
        self._problems.append(problem)

    def _forget(self) -> None:
        self._problems, self._notes, self._counts = [], [], {}
        self._headers, self._settlements, self.items = {}, {}, OrderItems()

    def _read_first(
        self, document: Document, classifier: Classifier | None, grouping: Grouping
    ) -> None:
        survey = Survey(self)
        items = self.items
        sums = Sums(survey.headers, items, classifier, grouping, is_first=True)
        try:
            for page in Reader(document, survey).pages():
                sums.take(page)
        finally:
            self._flavour = survey.flavour
        sums.end_order()
        items.close()
        survey.decide()
        weigh(document, survey.headers, self)
        survey.close()
        self._headers = survey.headers
        if classifier:
            self._rules = classifier, grouping
            if survey.must_read_again or sums.must_read_again or items.changed:
                self._settlements = self._add_up(classifier, grouping)
            else:
                self._settlements = sums.settlements(self)

    def _add_up(self, classifier: Classifier, grouping: Grouping) -> dict[str, Settlement]:
        """Read the rows again, now that all is decided that decides how they are read."""
        sums = Sums(self._headers, self.items, classifier, grouping, is_first=False)
        for page in self._pages():
            sums.take(page)
        return sums.settlements(self)

    def _pages(self) -> Iterator[Page]:
        assert isinstance(self.document, Document)
        yield from Reader(self.document, Decided(self._headers)).pages()

    # === FINDINGS === #

    def add_problem(
        self, code: str, text: Sentence, line: int | None = None, settlement_ref: str | None = None
    ) -> None:
        """Take note of a problem, but not of 50,000: a file can be wrong on every line."""
        # Counted for each settlement: the noise of one must not hide what holds another.
        count = self._counts[settlement_ref] = self._counts.get(settlement_ref, 0) + 1
        if count <= MAX_PROBLEMS:
            self._problems.append(Problem(code, text, line, settlement_ref))

    def count_problems(self, settlement_ref: str) -> int:
        """Return how many problems concern a settlement, those of the whole file among them."""
        return self._counts.get(settlement_ref, 0) + self._counts.get(None, 0)

    def add_note(self, code: str, text: Sentence, line: int) -> None:
        """Take note of something that was left out, likewise of the first only."""
        if len(self._notes) < MAX_PROBLEMS:
            self._notes.append(Problem(code, text, line))

    # === ROWS === #

    def rows(self) -> Iterator[Row | BadRow]:
        """Yield every ``Row`` and ``BadRow`` of the file in its order."""
        if not self.headers:
            return
        try:
            for page in self._pages():
                found: list[Row | BadRow] = [*_rows(page.only_good()), *page.bad]
                yield from sorted(found, key=lambda row: row.line)
        except BadDocument as error:
            problem = error.problem
            yield BadRow(problem.line or 0, problem.code, problem.text)

    def copy_rows(self, fronts: dict[tuple[str, LineKey], str]) -> Iterator[bytes]:
        """Yield the rows as PostgreSQL's COPY takes them; the second reading of the file.

        Columns are: what is put in front; ``COPIED``. Blank cells are NULL (``WITH (NULL '')``).

        :param fronts: (settlement id, key of a line that ``summarise`` has found) → what stands in
            front of its rows, such as ids; settlements without are left out
        """
        assert self._rules, "summarise first"
        return copy_rows(self._pages(), self._headers, self.items, self._rules, fronts)


def open_report(document: Document) -> Report:
    """Return the ``Report`` of a document.

    Where the file is not a settlement it has no headers, and the problem that says what it is and
    what to download instead.
    """
    return Report(document)


def open_reports(name: str, source: Source, charset: str | None = None) -> Iterator[Report]:
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


def _rows(page: Page) -> Iterator[Row]:
    columns = zip(
        page.numbers,
        page.parts,
        page.columns["settlement-id"],
        page.columns["transaction-type"],
        page.pieces,
        page.moments,
        zip(*(page.columns[name] for name in TEXTS), strict=True),
        page.units,
        page.promotions,
        strict=True,
    )
    for number, part, reference, kind, piece, moment, texts, units, promotion in columns:
        yield Row._make(
            (
                number,
                part,
                reference,
                kind,
                piece.words.amount_type,
                piece.words.description,
                piece.amount,
                None if moment == NO_DATE else datetime.fromisoformat(moment),
                *texts,
                units,
                promotion,
            )
        )
