"""Amounts as Amazon and spreadsheets write them.

Amazon writes ``1234.56`` in most currencies and ``1234,56`` for EUR; a spreadsheet adds
thousands marks, parentheses and currency signs (format facts 1.5 "Numbers"). One file has one
form: ``StyleEvidence`` looks at all its amounts first, then ``parse_amount`` reads each of
them strictly. Whether the choice was right is proved by the settlement's total.
"""

import re
import unicodedata
from decimal import Decimal

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
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+").fullmatch
_MINUS = "-\u2212\u2013"


#: Odoo holds money as 64-bit floats, exact to the cent below this (15 significant digits).
LIMIT = Decimal(10) ** 13


class BadAmount(ValueError):
    """The text is not an amount; the message says why."""


def currency_digits(currency):
    """Return how many decimals amounts of a currency have (``currency``: ISO code)."""
    return 0 if currency in ZERO_DECIMAL_CURRENCIES else 2


def is_scientific(text):
    """Tell whether a spreadsheet rewrote a number, e.g. ``2.47E+10`` (trap A4)."""
    return bool(_SCIENTIFIC(text))


def _bare(text):
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


class StyleEvidence:
    """Collects, over one file, what its amounts say about the decimal mark."""

    def __init__(self):
        self.strong = {".": 0, ",": 0}
        self.weak = {".": 0, ",": 0}

    def feed(self, text):
        """Take note of one amount as it stands in the file."""
        if _PLAIN(text):
            self.strong["."] += 1
            return
        _negative, body = _bare(text)
        points, commas = body.count("."), body.count(",")
        if points and commas:
            self.strong["." if body.rfind(".") > body.rfind(",") else ","] += 1
        elif points + commas > 1:  # 1.234.567: a mark that repeats separates thousands
            self.strong["," if points else "."] += 1
        elif points or commas:
            mark, other = (".", ",") if points else (",", ".")
            whole, _mark, rest = body.partition(mark)
            if len(rest) == 3 and whole.lstrip("0"):
                self.weak[other] += 1  # no currency of Amazon has three decimals: 1,234
            else:
                self.strong[mark] += 1

    def decimal_mark(self):
        """Return ``"."`` or ``","``: the mark most amounts prove, the point where none does."""
        for votes in (self.strong, self.weak):
            if votes["."] != votes[","]:
                return "." if votes["."] > votes[","] else ","
        return "."


def parse_amount(text, decimal_mark=".", digits=2):
    """Read one amount.

    :param text: the cell; blank means zero (format facts, trap A6)
    :param decimal_mark: ``"."`` or ``","``, the one the whole file uses
    :param digits: decimals of the currency; a value finer than that is refused
    :return: Decimal, signed from the seller's side as Amazon writes it
    :raises BadAmount: the text is not an amount in this form
    """
    if decimal_mark == "." and digits == 2 and len(text) < 14 and _PLAIN(text):
        return Decimal(text)  # the usual case, a million times
    text = text.strip()
    if not text:
        return Decimal(0)
    negative, body = _bare(text)
    if is_scientific(body):
        raise BadAmount(f"«{text}» was rewritten by a spreadsheet; download the file again")
    if not (any(c.isdigit() for c in body) and _DIGITS[decimal_mark](body)):
        name = "point" if decimal_mark == "." else "comma"
        raise BadAmount(f"«{text}» is not an amount; this file writes decimals with a {name}")
    whole, _mark, fraction = body.partition(decimal_mark)
    whole = "".join(c for c in whole if c.isdigit())
    value = Decimal(f"{whole or 0}.{fraction or 0}")
    if value >= LIMIT:
        raise BadAmount(f"«{text}» is too large to be an amount")
    if value != round(value, digits):
        raise BadAmount(f"«{text}» has more than {digits} decimals")
    value = round(value, digits)
    return -value if negative else value
