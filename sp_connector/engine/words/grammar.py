"""How Amazon writes words: spellings, suffixes, tax words, parts of a fee, free text.

Everything here works on one word (a cell of the file) and knows no rule.
"""

import functools
import re
from typing import NamedTuple, TypeAlias

#: (transaction type, amount type, amount description)
Triple: TypeAlias = tuple[str, str, str]

_SEPARATORS = re.compile(r"[\s_\-\u2010-\u2015]+")
#: Amazon cuts its words at 100 characters; nothing is derived from what is longer than this.
MAX_LENGTH = 400

#: An event that takes back or mends another one is the same kind of money with another sign:
#: ``Storage Fee - Reversal``, ``CommissionCorrection``, ``Fulfillment Fee Refund``.
_SUFFIXES = ("reversal", "correction", "refund", "adjustment", "adj")
#: India writes GST on Amazon's fees in parts of its own, which are input credit.
_INPUT_TAXES = ("utgst", "cgst", "sgst", "igst")
_TAXES = (
    *_INPUT_TAXES,
    "gst/hst",
    "gst",
    "hst",
    "pst",
    "qst",
    "vat",
    "iva",
    "tva",
    "mwst",
    "btw",
    "salestax",
    "consumptiontax",
    "taxamount",
    "taxes",
    "tax",
)
#: GST by itself behind a word that ends in C, S or I: «Services GST», «ChargesGST».
_PLAIN_GST = re.compile(r"(?:[a-z]|[\s_(-])GST\b|[\s_(-]gst\b")
#: What stands in the place of a description when the fee itself is named in another column.
_PARTS = frozenset(
    "fee fees basefee base basecharge baseamount basediscount discount discountonfee discountfee "
    "discountonbasefee charge charges amount totalamount feeamount transactionamount "
    "transactiontotalamount".split()
)
#: Free text behind a name: a product, a period (``… for ASIN: B0…``, ``… (Period 01.07.2024 …``).
_FREE_TEXT = re.compile(
    r"\([^()]*\) for (?:ASIN|FNSKU|SKU|MSKU)\b"
    r"|\bfor (?:ASIN|FNSKU|SKU|MSKU)\b"
    r"|\b(?:ASIN|FNSKU|MSKU|SKU)\s?:"
    r"|\bB0[0-9A-Z]{8}\b"
    r"|\(?\bPeriod\b[ :]*\(?\d"
    r"|\(?\b\d{4}-\d{2}\b"
    r"|\(?\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b"
    r"|\*$",  # folded before
    re.IGNORECASE,
)


def normalise(word: str) -> str:
    """Fold what Amazon spells in several ways: case, blanks, hyphens, British fulfilment."""
    return _SEPARATORS.sub("", word.casefold()).replace("fulfilment", "fulfillment")


def fold(words: Triple) -> Triple:
    """Return a triple of normalised words."""
    transaction_type, amount_type, description = words
    return normalise(transaction_type), normalise(amount_type), normalise(description)


def is_part(name: str) -> bool:
    """Tell whether a normalised description names a part of a fee instead of a fee."""
    return not name or name in _PARTS


def strip_suffix(name: str) -> tuple[str, str] | None:
    """Return (a normalised word without its suffix, ``refund`` or ``suffix``), or ``None``."""
    bare = _without_brackets(name)
    for suffix in _SUFFIXES:
        for ending in (suffix, f"{suffix}s"):
            if bare.endswith(ending) and len(bare) > len(ending):
                step = "refund" if suffix == "refund" else "suffix"
                return bare[: -len(ending)].rstrip("(:,"), step
    return None


def stem(name: str) -> str:
    """Return a normalised word without its suffix."""
    stripped = strip_suffix(name)
    return stripped[0] if stripped else name


def strip_tax(name: str, taxes: tuple[str, ...] = _TAXES) -> tuple[str, bool] | None:
    """Return (the normalised word without its tax word, is it India's GST), or ``None``.

    ``Commission IGST``, ``Tax on fee``, ``StorageBillingCGST``, ``VAT on Subscription Fee``.
    A word that is nothing but a tax leaves a blank one.
    """
    bare = _without_brackets(name)
    for tax in taxes:
        india = tax in _INPUT_TAXES
        if bare.endswith(tax):
            return bare[: -len(tax)].rstrip("(:,"), india
        opening = f"{tax}on"
        if bare.startswith(opening):
            return bare[len(opening) :], india
        if india and bare.startswith(tax):
            return bare[len(tax) :], True
    return None


@functools.lru_cache(maxsize=1024)  # asked for each row
def is_tax(word: str) -> bool:
    """Tell whether a price component is a tax: ``Tax``, ``Shipping tax``, ``IGST``.

    Not what Amazon withholds of the seller's own tax (``TCS-IGST``).
    """
    name = normalise(word)
    return not name.startswith(("tcs", "tds")) and strip_tax(name) is not None


def split_free_text(word: str) -> tuple[str, str] | None:
    """Return (the word before its free text, the word with ``*`` for it), or ``None``."""
    found = _FREE_TEXT.search(word)
    if not found:
        return None
    before = word[: found.start()]
    head = before.rstrip(" -(:,\u2013")
    return (head, f"{before.rstrip()} *") if head else None


class Variant(NamedTuple):
    """A word and what was taken off it.

    :param steps: ``free_text``, ``suffix``, ``refund``, ``tax`` as they were taken off
    :param india: a tax word of India's GST was among them
    """

    name: str
    steps: tuple[str, ...] = ()
    india: bool = False


def variants(word: str) -> list[Variant]:
    """Return the ``Variant`` s of a word: itself, then with ever more taken off it.

    Taken off are free text, suffixes and tax words; at last ``Amazon`` and ``FBA`` in front.
    """
    found = [Variant(normalise(word))]
    split = split_free_text(word)
    if split:
        found.append(Variant(normalise(split[0]), ("free_text",)))
    taxes = _TAXES[len(_INPUT_TAXES) :] if _PLAIN_GST.search(word) else _TAXES
    current = found[-1]
    while len(found) < 6:
        name, steps, india = current
        if shorter := strip_suffix(name):
            current = Variant(shorter[0], (*steps, shorter[1]), india)
        elif name and (stripped := strip_tax(name, taxes)):
            current = Variant(stripped[0], (*steps, "tax"), india or stripped[1])
        else:
            break
        found.append(current)
    shorts = (variant._replace(name=_short(variant.name)) for variant in found)
    return found + [short for short in shorts if short not in found]


def _short(name: str) -> str:
    """Leave out what says nothing: ``Amazon``, ``FBA`` in front, the plural of a fee."""
    for word in ("amazon", "fba"):
        if name.startswith(word) and len(name) > len(word):
            name = name[len(word) :]
    return name[:-1] if name.endswith(("fees", "charges")) else name


def _without_brackets(name: str) -> str:
    return name[:-1] if name.endswith(")") else name
