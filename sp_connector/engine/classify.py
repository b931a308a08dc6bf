"""Amazon's words → category.

A rule names a triple (transaction type, amount type, amount description); ``*`` in a word
stands for any text. A literal rule beats a pattern, a pattern with more literal text beats one
with less, and where two are equally specific the company's own rule beats a shipped one.
Never on the description alone: ``Shipping`` is income, cost or promotion (format facts 2).
"""

import csv
import re
from pathlib import Path
from typing import NamedTuple

_SEPARATORS = re.compile(r"[\s_-]+")
_CACHE_SIZE = 20_000
#: V1 names the column where V2 names a type (format facts 1.2, "change from V1 to V2").
_V1_AMOUNT_TYPES = {
    "V1:price-amount": "ItemPrice",
    "V1:item-related-fee-amount": "ItemFees",
    "V1:other-fee-amount": "ItemFees",
    "V1:promotion-amount": "Promotion",
    "V1:shipment-fee-amount": "ShipmentFees",
    "V1:order-fee-amount": "ItemFees",
    "V1:direct-payment-amount": "DirectPayment",
}
#: V1 puts the kind of an account row into the transaction type, V2 under one of these.
_V1_ACCOUNT_TYPES = ("other-transaction", "FBA Inventory Reimbursement")


class Rule(NamedTuple):
    """Words and what they mean.

    :param at_period_end: rows of this kind belong to the end of the settlement whatever
        their date says (trap B8: a reserve is posted seconds after the period)
    :param is_default: a fall-back by type: it keeps the words it matched, no free text is known
    :param own: True for a company's rule, False for a shipped one
    :param key: whatever the caller wants to find the rule by
    """

    transaction_type: str
    amount_type: str
    amount_description: str
    category: str
    at_period_end: bool = False
    is_default: bool = False
    own: bool = False
    key: object = None

    @property
    def words(self):
        return self[:3]


class Match(NamedTuple):
    """How a triple was understood.

    :param level: ``exact``, ``spelling``, ``pattern``, ``default`` or ``unknown``
    :param words: the triple, with free text that a pattern covers folded into ``*``
    """

    category: str
    level: str
    words: tuple
    rule: Rule | None
    at_period_end: bool = False


def normalise(word):
    """Fold what Amazon spells in several ways: case, blanks, hyphens, British fulfilment."""
    return _SEPARATORS.sub("", word.casefold()).replace("fulfilment", "fulfillment")


class Classifier:
    """Finds the most specific rule for a triple of words.

    :param rules: iterable of ``Rule``
    """

    def __init__(self, rules):
        self._literal = {}
        self._patterns = []
        # Own rules come last, so they replace a shipped rule for the same words.
        for rule in sorted(rules, key=lambda rule: rule.own):
            if any("*" in word for word in rule.words):
                self._patterns.append((_specificity(rule), _regex(rule), rule))
            else:
                self._literal[rule.words, rule.own] = rule
                self._literal[tuple(map(normalise, rule.words)), rule.own] = rule
        self._patterns.sort(key=lambda entry: entry[0], reverse=True)
        self._cache = {}

    def match(self, transaction_type, amount_type, amount_description):
        """Return the ``Match`` of a triple; never fails, ``unknown`` is an answer."""
        words = (transaction_type, amount_type, amount_description)
        found = self._cache.get(words)
        if found is None:
            if len(self._cache) >= _CACHE_SIZE:  # free text must not grow the memory
                self._cache.clear()
            found = self._cache[words] = self._match(words)
        return found

    def _match(self, words):
        for candidate in (words, *_as_v2(words)):
            rule, level = self._find(candidate)
            if rule:
                folded = words
                if level == "pattern" and candidate is words:
                    folded = tuple(
                        mine if "*" in mine else theirs
                        for mine, theirs in zip(rule.words, words, strict=True)
                    )
                return Match(rule.category, level, folded, rule, rule.at_period_end)
        return Match("unknown", "unknown", words, None)

    def _find(self, words):
        plain = tuple(map(normalise, words))
        for own in (True, False):
            if rule := self._literal.get((words, own)):
                return rule, "exact"
            if rule := self._literal.get((plain, own)):
                return rule, "spelling"
        text = "\t".join(plain)
        for _rank, regex, rule in self._patterns:
            if regex(text):
                return rule, "default" if rule.is_default else "pattern"
        return None, "unknown"


def shipped_rules():
    """Return the rules that come with the addon, as (``Rule``, evidence) pairs.

    They are our reading of 518 triples that were seen in files, in sellers' programs or in
    Amazon's documentation; ``evidence`` says which, ``default`` marks the fall-backs by type.
    """
    path = Path(__file__).parent.parent / "data" / "sp.category.rule.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            (
                Rule(
                    row["transaction_type"],
                    row["amount_type"],
                    row["amount_description"],
                    row["category"],
                    row["at_period_end"] == "True",
                    row["evidence"] == "default",
                    key=row["id"],
                ),
                row["evidence"],
            )
            for row in csv.DictReader(lines)
        ]


def _as_v2(words):
    """Yield the triples a V2 file would use for V1's words."""
    transaction_type, amount_type, description = words
    if amount_type in _V1_AMOUNT_TYPES:
        yield transaction_type, _V1_AMOUNT_TYPES[amount_type], description
    elif amount_type == "V1:other-amount":
        for kind in _V1_ACCOUNT_TYPES:
            yield "other-transaction", kind, transaction_type


def _specificity(rule):
    # Literal letters count; a rule that fixes the amount type beats one that fixes less.
    return sum(len(normalise(word.replace("*", ""))) for word in rule.words), rule.own


def _regex(rule):
    words = (".*".join(map(re.escape, normalise(word).split("*"))) for word in rule.words)
    return re.compile("\t".join(words), re.DOTALL).fullmatch
