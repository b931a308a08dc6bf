"""What can go wrong, as values and as typed errors.

A *problem* is a value: it has a code for programs, a sentence for people and, where there is
one, the line of Amazon's file. Reading a file never raises for what the file contains; it
returns problems. ``BadDocument`` is raised only inside the engine, where bytes cannot be read
on at all, and is turned into a problem by ``flat_file.open_report``.
"""

from typing import NamedTuple

#: Texts of a file may be of any length, sentences for people may not.
SHOWN = 60


def cut(text: str, size: int = SHOWN) -> str:
    """Return a text of a file, of a bounded length."""
    return text if len(text) <= size else f"{text[:size]}…"


def shown(text: str) -> str:
    """Quote a cell of a file in a sentence: «text», of a bounded length."""
    return f"«{cut(text)}»"


class Sentence(str):
    """An English sentence that knows what it was made of, so that the models can translate it.

    Their words: ``models/common/file_words.py``, one for each template of the engine.
    """

    template: str
    values: dict[str, object]


def say(template: str, **values: object) -> Sentence:
    """Return a sentence for people: a template with values, which may be sentences themselves."""
    sentence = Sentence(template % values)
    sentence.template, sentence.values = template, values
    return sentence


class Problem(NamedTuple):
    """Something a person must know about a file.

    :param code: short name for programs and tests, e.g. ``not_a_settlement``
    :param text: one or two sentences: what is wrong and what to do
    :param line: line number in the file, starting at 1, or ``None`` for the whole file
    :param settlement_ref: the settlement it concerns, or ``None`` for the whole file
    """

    code: str
    text: Sentence
    line: int | None = None
    settlement_ref: str | None = None

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}" if self.line else self.text


class BadRow(NamedTuple):
    """A row that holds something we cannot read. It is kept and shown, and it blocks the proof.

    :param settlement_ref: the settlement id on the row, ``None`` where it has none
    """

    line: int
    code: str
    text: Sentence
    settlement_ref: str | None = None

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}"


class EngineError(Exception):
    """Base of all errors of the engine."""


class BadDocument(EngineError):
    """The bytes are not a settlement report, or cannot be read to their end."""

    def __init__(self, code: str, text: Sentence, line: int | None = None) -> None:
        super().__init__(text)
        self.problem = Problem(code, text, line)


class AmazonError(EngineError):
    """Amazon, or the way to it, said no: a code with values. Words for people are the models'.

    :param code: short name, e.g. ``invalid_grant`` or ``out_of_reach``; or Amazon's own
    :param request_id: Amazon's ``x-amzn-RequestId``, which its support asks for
    :param said: Amazon's own words, if it sent any
    :param operation: Amazon's name of the operation that was asked, ``""`` for none of its API
    :param values: what the words for people tell beside these; never a secret
    """

    def __init__(
        self,
        code: str,
        request_id: str = "",
        said: str = "",
        operation: str = "",
        **values: object,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.request_id = request_id
        self.said = said
        self.operation = operation
        self.values = values

    def __str__(self) -> str:
        """What a developer reads: ``throttled (operation=getReports, request_id=…): words``."""
        known = {"operation": self.operation, "request_id": self.request_id, **self.values}
        parts = ", ".join(f"{name}={value}" for name, value in known.items() if value)
        words = f"{self.code} ({parts})" if parts else self.code
        return f"{words}: {self.said}" if self.said else words


class Retryable(AmazonError):
    """It will pass: throttled, out of order, out of reach, an answer that cannot be read.

    :param after: seconds to wait at least
    """

    def __init__(
        self,
        code: str,
        request_id: str = "",
        said: str = "",
        operation: str = "",
        after: int = 60,
        **values: object,
    ) -> None:
        super().__init__(code, request_id, said, operation, **values)
        self.after = after


class TokenExpired(Retryable):
    """The access token ran out or was refused; a fresh one may do."""


class Revoked(AmazonError):
    """The seller's grant is gone (``invalid_grant``): only the seller can renew it."""


class NotConnected(AmazonError):
    """There is no token to ask with; Amazon was not asked."""


class Misconfigured(AmazonError):
    """Not the seller's fault: our secret, a role, the region. A manager can mend it."""


class Rejected(AmazonError):
    """Amazon refuses this very request; asking again cannot help."""


class KeyLost(EngineError):
    """A stored secret cannot be decrypted: the key that belongs to this database is not here."""

    code = "key_lost"
    #: As of an ``AmazonError``: a secret is looked for on the way to a token.
    operation = "token"
    request_id = said = ""
