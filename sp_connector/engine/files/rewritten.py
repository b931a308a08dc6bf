"""What spreadsheet programs and scripts do to a file on its way: recognised, never repaired.

A repair would be a guess: who turned an id into ``77000000001.0`` has also turned the code of an
order item into ``1.50E+13``. Amazon writes settlement ids as digits alone, without a leading zero
(its help: 1 to 20; files have 10 and 11). Made-up samples carry short numbers or words instead
(``42``, ``TEST-001``); those are read, as they cannot be a real one in disguise.
"""

import re
import unicodedata

from ..errors import say

#: No number of fewer digits than this is taken for a settlement id of Amazon's in disguise.
LEAST_DIGITS = 9
ADVICE = say(
    "a spreadsheet program has rewritten this file (or a script). Download it again and upload it "
    "without opening it"
)

_AMAZONS = re.compile(r"[1-9][0-9]{0,19}").fullmatch
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+").fullmatch
#: As programs write it: SKUs such as «12E10» exist, «1.50E+13» is no code of anybody's.
_SHORTENED = re.compile(r"[+-]?[0-9](?:[.,][0-9]*)?[eE]\+[0-9]{2,3}").fullmatch
#: A column too narrow (####), an error (#NAME?, #N/A, and in other languages #WERT!, #NV).
_ERROR = re.compile(r"#{3,}|#[^\W\d_/0]+(?:/0)?[?!]|#N/A|#NV").fullmatch
_MISSING = frozenset({"nan", "nat", "<na>", "none", "null"})
#: Days since 1900, as spreadsheets count: 2000 to 2099; hours of the day are the fraction.
_SERIAL = re.compile(r"(?:3[6-9]|[4-6][0-9]|7[0-2])[0-9]{3}(?:[.,][0-9]+)?").fullmatch
#: 00:09.0 (minutes and seconds of a date), 9/5/2026 10:00 AM, 05-Sep-26.
_CLOCK = re.compile(r"[0-9]{1,3}:[0-9]{2}(?::[0-9]{2})?(?:[.,][0-9]+)?").fullmatch
_HALF_DAY = re.compile(r"[0-9]\s*(?:[ap]\.?\s?m\.?|午前|午後|上午|下午)(?:\s*UTC)?$", re.I).search
_NAMED_MONTH = re.compile(r"(?:[0-9]{1,2}[-. ])?[^\W\d_]{3,9}\.?[-. ][0-9]{2,4}").fullmatch


def is_scientific(text: str) -> bool:
    """Tell whether a program rewrote a number, e.g. ``2.47E+10``."""
    return bool(_SCIENTIFIC(text))


def original_id(text: str) -> str:
    """Return the digits that a rewritten settlement id was made of, ``""`` where it has none.

    ``77000000001.0``, ``="77000000001"``, ``'77,000,000,001`` and ``077000000001`` are all
    77000000001.
    """
    text = unicodedata.normalize("NFKC", text)
    text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    text = re.sub(r"(?<=[0-9])[.,]0{1,2}(?![0-9])", "", text)
    return re.sub(r"[^0-9]", "", text).lstrip("0")


def is_rewritten_id(text: str) -> bool:
    """Tell whether a settlement id is not as Amazon writes it, though it may have been."""
    if _AMAZONS(text):
        return False
    digits = original_id(text)
    if is_scientific(text):
        return True
    plain = unicodedata.normalize("NFKC", text)
    if text == plain and (text.isdecimal() or any(char.isalpha() for char in text)):
        return len(digits) >= LEAST_DIGITS
    return bool(digits)


def is_rewritten_code(text: str) -> bool:
    """Tell whether a program rewrote an order id, the code of an order item, a SKU …"""
    return bool(_SHORTENED(text) or _ERROR(text))


def is_rewritten_date(text: str) -> bool:
    """Tell whether a program rewrote a date: a number, a half day, a part of it, an error."""
    return bool(
        _SERIAL(text)
        or _CLOCK(text)
        or _HALF_DAY(text)
        or _NAMED_MONTH(text)
        or _ERROR(text)
        or text.lower() in _MISSING
        or is_scientific(text)
    )


def is_rewritten_amount(text: str) -> bool:
    """Tell whether a program left its own words in the place of an amount."""
    return bool(_SCIENTIFIC(text) or _ERROR(text) or text.lower() in _MISSING or text[:1] == "=")
