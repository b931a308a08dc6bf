"""Amounts as Amazon and spreadsheets write them.

Amazon writes ``1234.56`` in most currencies and ``1234,56`` for EUR; a spreadsheet adds
thousands marks, parentheses and currency signs. Both marks occur in one report (SP-API C# library,
pull request 706), so each value is read by itself: one mark with two digits behind it has one
reading, whatever the others write. What has two readings, ``10.120``, is decided for the whole
settlement by its total, and only if one reading alone adds up; else it cannot be read.
"""

import re
import unicodedata
from decimal import Decimal

from ..errors import say, shown
from .rewritten import ADVICE, is_rewritten_amount

#: Currencies without a minor unit among Amazon's marketplaces (ISO 4217).
ZERO_DECIMAL_CURRENCIES = frozenset({"JPY"})

_PLAIN = re.compile(r"-?[0-9]+\.[0-9]{2}").fullmatch
_SPACES = " \u00a0\u202f"
_DIGITS = {
    mark: re.compile(
        # 1234 · 1,234,567 · 12,34,567 (Indian groups) · 1 234 567 · 1'234'567
        rf"(?:[0-9]+|[0-9]{{1,3}}(?:{group}[0-9]{{2,3}})*{group}[0-9]{{3}}"
        rf"|[0-9]{{1,3}}(?:[{_SPACES}'’][0-9]{{3}})+)?(?:{re.escape(mark)}[0-9]*)?"
    ).fullmatch
    for mark, group in ((".", ","), (",", r"\."))
}
_OTHER = {".": ",", ",": "."}
#: 1.234: thousands, or a number that a program wrote with three decimals.
_AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2}([.,])[0-9]{3}").fullmatch
_MINUS = "-\u2212\u2013"


#: Odoo holds money as 64-bit floats, exact to the cent below this (15 significant digits).
LIMIT = Decimal(10) ** 13


class BadAmount(ValueError):
    """The text is not an amount; the message says why."""


def currency_digits(currency: str) -> int:
    """Return how many decimals amounts of a currency have (``currency``: ISO code)."""
    return 0 if currency in ZERO_DECIMAL_CURRENCIES else 2


def has_two_readings(text: str) -> bool:
    """Tell whether an amount can be thousands or a number with three decimals: ``10.120``."""
    return not _PLAIN(text) and bool(ambiguous_mark(text))


def _bare(text: str) -> tuple[bool, str]:
    """Split an amount into (negative, digits and marks): signs and currency symbols removed."""
    body = "".join(c for c in text if unicodedata.category(c) != "Sc").strip()
    negative = False
    if body.startswith("(") and body.endswith(")"):
        negative, body = True, body[1:-1].strip()  # a sign within is refused: (-5.00) says nothing
    elif body[:1] in _MINUS and body[:1]:
        negative, body = True, body[1:].strip()
    elif body[:1] == "+":
        body = body[1:].strip()
    elif body[-1:] in _MINUS and body[-1:]:
        negative, body = True, body[:-1].strip()
    return negative, body


def ambiguous_mark(text: str) -> str:
    """Return the mark of an amount with two readings (``"."`` of ``10.120``), else ``""``."""
    match = _AMBIGUOUS(_bare(text)[1])
    return match[1] if match else ""


def decimal_mark(text: str) -> str:
    """Return the mark that an amount of one reading has before its decimals.

    The last of two different marks; the other of one that repeats (``1.234.567``); the only one.
    """
    _negative, body = _bare(text)
    points, commas = body.count("."), body.count(",")
    if points and commas:
        return "." if body.rfind(".") > body.rfind(",") else ","
    if points + commas > 1:
        return "," if points else "."
    return "," if commas else "."


def roles(text: str) -> tuple[set[str], set[str]]:
    """Return (marks before decimals, marks between thousands) that an amount proves by itself."""
    _negative, body = _bare(text)
    marks = {mark for mark in ".," if mark in body}
    if not marks or ambiguous_mark(text):
        return set(), set()
    last = decimal_mark(text)
    return marks & {last}, marks - {last}


def read_amount(text: str, thousands: frozenset[str] | None = None, digits: int = 2) -> Decimal:
    """Read one amount by itself, or as its settlement decided where it has two readings.

    :param text: the cell; blank means zero
    :param thousands: the marks that separate thousands where a value alone does not tell (see
        ``survey.Header``); ``None``: undecided
    :param digits: decimals of the currency
    :return: Decimal, signed from the seller's side as Amazon writes it
    :raises BadAmount: the text is not an amount, or has two readings that nothing decides
    """
    if digits == 2 and len(text) < 14 and _PLAIN(text):
        return Decimal(text)  # the usual case, a million times
    text = text.strip()
    mark = ambiguous_mark(text)
    if not mark:
        return parse_amount(text, decimal_mark(text), digits)
    if thousands is None:
        small, large = text.replace(mark, "."), text.replace(mark, "")
        raise BadAmount(
            say(
                "%(text)s can be read as %(small)s and as %(large)s: %(advice)s",
                text=shown(text),
                small=small,
                large=large,
                advice=ADVICE,
            )
        )
    return parse_amount(text, _OTHER[mark] if mark in thousands else mark, digits)


def scale(text: str, digits: int = 2) -> tuple[str, Decimal]:
    """Weigh an amount before its settlement has decided how to read it.

    :return: (its mark, its value with decimals) where it has two readings, else ("", its value)
    :raises BadAmount: the text is not an amount
    """
    mark = ambiguous_mark(text.strip())
    if mark:
        return mark, parse_amount(text, mark, 3)
    return "", read_amount(text, digits=digits)


def parse_amount(text: str, decimal_mark: str = ".", digits: int = 2) -> Decimal:
    """Read one amount whose decimal mark is known.

    :param text: the cell; blank means zero
    :param decimal_mark: ``"."`` or ``","``
    :param digits: decimals of the currency; a value finer than that is refused
    :return: Decimal, signed from the seller's side as Amazon writes it
    :raises BadAmount: the text is not an amount in this form
    """
    text = text.strip()
    if not text:
        return Decimal(0)
    negative, body = _bare(text)
    if is_rewritten_amount(body):
        raise BadAmount(say("%(text)s is no amount: %(advice)s", text=shown(text), advice=ADVICE))
    if not (any(c.isdigit() for c in body) and _DIGITS[decimal_mark](body)):
        raise BadAmount(say("%(text)s is not an amount", text=shown(text)))
    whole, _mark, fraction = body.partition(decimal_mark)
    whole = "".join(c for c in whole if c.isdigit())
    value = Decimal(f"{whole or 0}.{fraction or 0}")
    if value >= LIMIT:
        raise BadAmount(say("%(text)s is too large to be an amount", text=shown(text)))
    if value != round(value, digits):
        raise BadAmount(
            say(
                "%(text)s has more than %(digits)s decimals: %(advice)s",
                text=shown(text),
                digits=digits,
                advice=ADVICE,
            )
        )
    value = round(value, digits)
    return -value if negative else value
