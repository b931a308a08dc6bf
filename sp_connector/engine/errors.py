"""What can go wrong, as values and as typed errors.

A *problem* is a value: it has a code for programs, a sentence for people and, where there is
one, the line of Amazon's file. Reading a file never raises for what the file contains; it
returns problems. ``BadDocument`` is raised only inside the engine, where bytes cannot be read
on at all, and is turned into a problem by ``flat_file.open_report``.
"""

from typing import NamedTuple


class Problem(NamedTuple):
    """Something a person must know about a file.

    :param code: short name for programs and tests, e.g. ``not_a_settlement``
    :param text: one or two sentences: what is wrong and what to do
    :param line: line number in the file, starting at 1, or ``None`` for the whole file
    :param settlement_ref: the settlement it concerns, or ``None`` for the whole file
    """

    code: str
    text: str
    line: int | None = None
    settlement_ref: str | None = None

    def __str__(self):
        return f"line {self.line}: {self.text}" if self.line else self.text


class BadRow(NamedTuple):
    """A row that holds something we cannot read. It is kept and shown, and it blocks the proof.

    :param settlement_ref: the settlement id on the row, ``None`` where it has none
    """

    line: int
    code: str
    text: str
    settlement_ref: str | None = None

    def __str__(self):
        return f"line {self.line}: {self.text}"


class EngineError(Exception):
    """Base of all errors of the engine."""


class BadDocument(EngineError):
    """The bytes are not a settlement report, or cannot be read to their end."""

    def __init__(self, code, text, line=None):
        super().__init__(text)
        self.problem = Problem(code, text, line)
