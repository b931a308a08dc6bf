"""What holds for a whole settlement file, and for each settlement in it.

Settlements and what Amazon says they total; the order of day and month; how to read amounts that
have two readings; what a program has rewritten. It is learnt while the rows are read for the
first time, so what was taken for granted of them may turn out to be otherwise: then ``is_open``
says that they must be read once more.
"""

import functools
from datetime import datetime
from typing import Protocol

from ..errors import SHOWN, BadDocument, BadRow, Sentence, say, shown
from ..files import amounts, dates
from ..files.columns import CODES, HEADER_COLUMNS, HEADER_DATES, Section
from ..files.headers import Header
from ..files.rewritten import ADVICE, is_rewritten_code, is_rewritten_id
from ..files.tables import Record

#: Of each kind of what is noted: a file can be wrong on every line.
_MAX_SUMS = 1000
#: The file is kept beside each of them. Ten years of a seller with twenty accounts have fewer.
MAX_SETTLEMENTS = 5000


class Findings(Protocol):
    """Where problems and notes are collected: ``flat_file.Report``."""

    def add_problem(
        self, code: str, text: Sentence, line: int | None = None, settlement_ref: str | None = None
    ) -> None:
        """Take note of a problem."""

    def add_note(self, code: str, text: Sentence, line: int) -> None:
        """Take note of something that was left out."""


class Survey:
    """Takes note of lines, and decides at the end.

    :param findings: where problems and notes go
    """

    def __init__(self, findings: Findings) -> None:
        self.headers: dict[str, Header] = {}
        self.flavour = ""
        #: What was not decided while the rows were read matters for them.
        self.is_open = True
        self.must_read_again = False
        self._findings = findings
        self._sums: list[tuple[str, int]] = []
        #: Ids of totals lines that were left out; those of a settlement that comes later are not.
        self._left_out: set[str] = set()
        self._section: Section | None = None

    def note(self, record: Record) -> BadRow | bool:
        """Take note of a line; tell whether it is a row.

        :raises BadDocument: a program has rewritten the settlement ids, or there are too many
        """
        section, line, cells = record
        if section is not self._section:
            self._section = section
            self.flavour = self.flavour or section.flavour
            self._codes = section.getter(*CODES)
            self._moments = section.getter("posted-date-time", "posted-date")
        reference = section.reference(cells)
        is_header, is_sum = section.is_header(cells), section.is_sum(cells)
        if is_sum and reference not in self.headers:
            return self._leave_out(record, reference, is_header)
        if not reference:
            return not is_header  # what has no settlement cannot be read: it blocks all
        if reference not in self.headers and is_rewritten_id(reference):
            raise BadDocument(
                "spreadsheet",
                say(
                    "The settlement id reads %(text)s: %(advice)s.",
                    text=shown(reference),
                    advice=ADVICE,
                ),
                line,
            )
        header = self._header(record, reference, is_header)
        if not header.is_ambiguous:
            header.is_ambiguous = any(map(amounts.has_two_readings, section.amount_texts(cells)))
        if is_header:
            return False
        header.has_rows = True
        moment, day = self._moments(cells)
        if dates.is_slashed(moment or day):
            header.orders.feed(moment or day)
        if not header.is_rewritten:
            self._find_rewritten(header, line, self._codes(cells))
        return sum_row(record) if is_sum else True

    def _leave_out(self, record: Record, reference: str, is_header: bool) -> BadRow | bool:
        """Leave out a totals line of no settlement; without an id it may be a row that lost it."""
        if (reference or is_header) and len(self._sums) < _MAX_SUMS:
            self._sums.append((reference, record.line))
        if reference and not is_header:
            self._left_out.add(reference)
            if len(self._left_out) > _MAX_SUMS:
                self.must_read_again, self._left_out = True, set()
        return False if reference or is_header else sum_row(record)

    def _find_rewritten(self, header: Header, line: int, texts: tuple[str, ...]) -> None:
        if {"+", "#"}.isdisjoint("\t".join(texts)):
            return
        for name, text in zip(CODES, texts, strict=True):
            if is_rewritten_code(text):
                header.is_rewritten = True
                reference = header.settlement_ref
                words = say(
                    "%(column)s reads %(text)s: %(advice)s.",
                    column=name,
                    text=shown(text),
                    advice=ADVICE,
                )
                self._findings.add_problem("spreadsheet", words, line, reference)
                return

    def _header(self, record: Record, reference: str, is_header: bool) -> Header:
        """Collect what a line says of its settlement; the same total twice is one total."""
        section, line, cells = record
        header = self.headers.get(reference)
        if header is None:
            if len(self.headers) >= MAX_SETTLEMENTS:
                raise BadDocument(
                    "too_large",
                    say(
                        "The file holds more than %(count)s settlements. Upload it in parts.",
                        count=f"{MAX_SETTLEMENTS:,}",
                    ),
                    line,
                )
            header = self.headers[reference] = Header(
                reference, line, section.flavour, section=section.number, own_line=is_header
            )
        elif (is_header and header.own_line) or header.section != section.number:
            header.repeated = header.repeated or line
        header.own_line = header.own_line or is_header
        if section.has_header(cells):
            self._collect(header, record)
        return header

    def _collect(self, header: Header, record: Record) -> None:
        """Take over what a settlement's own line says; it says the same each time."""
        reference, line = header.settlement_ref, record.line
        for name in HEADER_COLUMNS:
            text = record.cells[record.section.at(name)]
            known, known_line = header.texts.get(name, ("", None))
            if text and not known:
                header.texts[name] = (text, line)
                self._take_over(header, name, text)
            elif text and text != known:
                self._findings.add_problem(
                    "contradiction",
                    say(
                        "%(column)s of settlement %(ref)s reads %(text)s here and %(known)s in "
                        "line %(line)s. Download the file again.",
                        column=name,
                        ref=reference[:SHOWN],
                        text=shown(text),
                        known=shown(known),
                        line=known_line,
                    ),
                    line,
                    reference,
                )

    def _take_over(self, header: Header, name: str, text: str) -> None:
        """Read the rows that follow with what is known so far."""
        if header.has_rows:
            self.must_read_again = True
        elif name == "currency":
            header.currency = text.upper()
        elif name in HEADER_DATES:
            try:
                setattr(header, HEADER_DATES[name], dates.parse_moment(text))
            except dates.BadDate:
                self.must_read_again = self.must_read_again or dates.is_slashed(text)

    def decide(self) -> None:
        """Decide, now that all lines were noted, what ``weighing`` does not decide."""
        self._note_sums()
        self.must_read_again = self.must_read_again or any(
            reference in self.headers for reference in self._left_out
        )
        self._decide_orders()
        for header in self.headers.values():
            self._read_header(header)
            self.must_read_again = self.must_read_again or header.is_undecided

    def close(self) -> None:
        """Read the totals, now that it is decided how amounts are read."""
        for header in self.headers.values():
            self._read_total(header)
            if header.thousands != frozenset():
                self.must_read_again = True
        self.is_open = False

    def _note_sums(self) -> None:
        """Say which totals lines were left out: those that stand beside no settlement's id."""
        for reference, line in self._sums:
            if reference not in self.headers:
                self._findings.add_note(
                    "totals_line",
                    say(
                        "%(text)s is a totals line that somebody added, not one of Amazon's: it is "
                        "left out.",
                        text=shown(reference),
                    ),
                    line,
                )

    # === DATES === #

    def _decide_orders(self) -> None:
        """Decide the order of day and month: by each settlement, else as the others of the file."""
        headers = self.headers.values()
        for header in headers:
            for name in HEADER_DATES:
                text, _line = header.texts.get(name, ("", 0))
                if text and dates.is_slashed(text):
                    header.orders.feed(text)
            header.day_first = header.orders.day_first(functools.partial(_period, header))
        decided = {header.day_first for header in headers} - {None}
        if len(decided) == 1:
            for header in headers:
                # Not where the settlement itself proves both orders.
                if header.day_first is None and not header.orders.proved:
                    header.day_first = next(iter(decided))

    # === AMOUNTS === #

    def _read_header(self, header: Header) -> None:
        """Turn the header's texts into values; what cannot be read is a problem of its line."""

        def problem(code: str, text: Sentence, line: int | None) -> None:
            self._findings.add_problem(code, text, line, header.settlement_ref)

        reference = header.settlement_ref[:SHOWN]
        text, line = header.texts.get("currency", ("", header.line))
        header.currency = text.upper()
        if not (len(text) == 3 and text.isalpha() and text.isascii()):
            problem(
                "no_currency",
                say(
                    "Settlement %(ref)s has no currency (%(text)s). Download it again.",
                    ref=reference,
                    text=shown(text),
                ),
                line,
            )
        for name, attribute in HEADER_DATES.items():
            text, line = header.texts.get(name, ("", 0))
            if not text:
                continue
            try:
                setattr(header, attribute, dates.parse_moment(text, header.day_first))
            except dates.BadDate as error:
                why = error.args[0]
                problem("bad_date", say("%(column)s: %(why)s.", column=name, why=why), line)
        if "total-amount" not in header.texts:
            problem(
                "no_total",
                say(
                    "The file does not say what settlement %(ref)s totals, so it cannot be proved. "
                    "Download Flat File V2, whose first row holds the total.",
                    ref=reference,
                ),
                header.line,
            )

    def _read_total(self, header: Header) -> None:
        text, line = header.texts.get("total-amount", ("", None))
        if not text:
            return
        digits = amounts.currency_digits(header.currency)
        try:
            header.amount_total = amounts.read_amount(text, header.thousands, digits)
        except amounts.BadAmount as error:
            words = say("%(column)s: %(why)s.", column="total-amount", why=error.args[0])
            self._findings.add_problem("bad_total", words, line, header.settlement_ref)


class Decided:
    """Tells rows from other lines, now that all lines of the file are known.

    :param headers: of all settlements in it
    """

    is_open = False

    def __init__(self, headers: dict[str, Header]) -> None:
        self.headers = headers

    def note(self, record: Record) -> BadRow | bool:
        """Tell whether a line is a row."""
        section, cells = record.section, record.cells
        is_header = section.is_header(cells)
        if not is_header and section.is_sum(cells):
            reference = section.reference(cells)
            # Left out because it is of no settlement; without an id it may have lost it.
            return False if reference and reference not in self.headers else sum_row(record)
        return not is_header


def sum_row(record: Record) -> BadRow:
    """Return a totals line as the bad row that it is."""
    return BadRow(
        record.line,
        "totals_line",
        say(
            "This looks like a totals line that somebody added: it has an amount and no "
            "transaction-type. Upload the file as Amazon gives it, or without this line."
        ),
        record.section.reference(record.cells) or None,
    )


def _period(header: Header, day_first: bool) -> tuple[datetime | None, datetime | None]:
    """Return (start, end) of a settlement, read in an order; ``None`` for what is no date."""
    moments: list[datetime | None] = []
    for name in ("settlement-start-date", "settlement-end-date"):
        try:
            moments.append(dates.parse_moment(header.texts[name][0], day_first))
        except (dates.BadDate, KeyError):
            moments.append(None)
    return moments[0], moments[1]
