"""Amazon's words → category.

A rule names a triple (transaction type, amount type, amount description); ``*`` in a word
stands for any text. In this order, the first answer counts:

1. a company's rules that it puts before all others
2. literal words: the company's own rule, then a shipped one; the very words, then other spellings
3. patterns: more literal text beats less, the company's own beats an equally specific shipped one
4. what follows from those rules (``derive``), and says so
5. fall-backs by type, which are shipped as such and say so

Never on the description alone: ``Shipping`` is income, cost or promotion.
"""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple, TypeAlias

from .derive import Derivation, Deriver
from .grammar import Triple, fold, normalise, split_free_text, stem, strip_tax
from .patterns import Pattern

_CACHE_SIZE = 20_000
#: Where V2 keeps what V1 writes into one of its columns, for the fall-backs by type.
_V2_TYPES = {
    "V1:price-amount": "ItemPrice",
    "V1:item-related-fee-amount": "ItemFees",
    "V1:other-fee-amount": "ItemFees",
    "V1:promotion-amount": "Promotion",
    "V1:shipment-fee-amount": "ShipmentFees",
    "V1:order-fee-amount": "ItemFees",
    "V1:direct-payment-amount": "DirectPayment",
}


class Rule(NamedTuple):
    """Words and what they mean.

    :param at_period_end: rows of this kind belong to the end of the settlement whatever
        their date says: a reserve is posted seconds after the period
    :param is_default: a fall-back by type: it keeps the words it matched, no free text is known
    :param own: True for a company's rule, False for a shipped one
    :param key: whatever the caller wants to find the rule by
    :param first: an own rule that stands before all others, also before literal ones
    """

    transaction_type: str
    amount_type: str
    amount_description: str
    category: str
    at_period_end: bool = False
    is_default: bool = False
    own: bool = False
    key: object = None
    first: bool = False

    @property
    def words(self) -> Triple:
        return self[:3]

    @property
    def is_literal(self) -> bool:
        return not any("*" in word for word in self.words)

    def covers(self, words: Triple) -> bool:
        """Tell whether the rule's words, with their ``*``, cover a triple."""
        pairs = zip(self.words, words, strict=True)
        return all(Pattern(normalise(mine)).matches(normalise(word)) for mine, word in pairs)


class Match(NamedTuple):
    """How a triple was understood.

    :param level: ``exact``, ``spelling``, ``pattern``, ``derived``, ``default`` or ``unknown``
    :param words: the triple, with free text that is understood as such folded into ``*``
    :param steps: of a derived meaning, what leads from the rule to the words (``derive.STEPS``)
    """

    category: str
    level: str
    words: Triple
    rule: Rule | None
    at_period_end: bool = False
    steps: tuple[str, ...] = ()


class Classifier:
    """Finds out what a triple of words means.

    :param rules: iterable of ``Rule``; of two own ones with the same words the later counts
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        counting = list({(rule.own, rule.words): rule for rule in rules}.values())
        self._first = _Book(rule for rule in counting if rule.first)
        others = [rule for rule in counting if not rule.first]
        self._own = _Book(rule for rule in others if rule.own)
        self._shipped = _Book(rule for rule in others if not rule.own and not rule.is_default)
        self._defaults = _Book(rule for rule in others if not rule.own and rule.is_default)
        self._rules = [rule for rule in counting if not rule.is_default]
        self._deriver: Deriver | None = None
        self._cache: dict[Triple, Match] = {}

    def match(self, transaction_type: str, amount_type: str, amount_description: str) -> Match:
        """Return the ``Match`` of a triple; never fails, ``unknown`` is an answer."""
        words = (transaction_type, amount_type, amount_description)
        found = self._cache.get(words)
        if found is None:
            if len(self._cache) >= _CACHE_SIZE:  # free text must not grow the memory
                self._cache.clear()
            found = self._cache[words] = self._match(words)
        return found

    def _match(self, words: Triple) -> Match:
        plain = fold(words)
        for book in (self._first, self._own, self._shipped):
            if rule := book.literal(words):
                return _answer(rule, "exact", words)
            if rule := book.literal(plain):
                return _answer(rule, "spelling", words)
            if book is self._first and (rule := book.pattern(plain)):
                return _answer(rule, "pattern", _folded(words, rule))
        rule = self._find_pattern(plain)
        # A text that a shipped pattern covers may still be the Indian GST of what it names.
        if rule and (rule.own or not _is_input_tax(plain)):
            return _answer(rule, "pattern", _folded(words, rule))
        derived = self._derive(words)
        if derived and derived.rule:
            base = derived.rule
            return Match(
                derived.category, "derived", derived.words, base, base.at_period_end, derived.steps
            )
        if rule:
            return _answer(rule, "pattern", _folded(words, rule))
        return (None if derived else self._fall_back(words)) or Match(
            "unknown", "unknown", words, None
        )

    def _find_pattern(self, plain: Triple) -> Rule | None:
        """Return the most specific rule whose pattern covers normalised words, or ``None``."""
        own, shipped = self._own.pattern(plain), self._shipped.pattern(plain)
        if own and shipped:
            return own if _specificity(own) >= _specificity(shipped) else shipped
        return own or shipped

    def _derive(self, words: Triple) -> Derivation | None:
        if self._deriver is None:
            self._deriver = Deriver(self._rules, lambda triple: self._find_pattern(fold(triple)))
        return self._deriver.derive(words)

    def _fall_back(self, words: Triple) -> Match | None:
        """Return the ``Match`` of a fall-back by type, or ``None``."""
        transaction_type, amount_type, description = words
        forms = [
            words,
            (transaction_type, _V2_TYPES.get(amount_type, amount_type), description),
            (stem(normalise(transaction_type)), amount_type, description),
        ]
        if not transaction_type and normalise(amount_type).startswith(("fba", "awd")):
            forms.append(("FBAFees", amount_type, description))  # rows without a type are seen
        for form in forms:
            if rule := self._defaults.pattern(fold(form)):
                return _answer(rule, "default", _without_free_text(words))
        return None


#: (rank, (which word, does it match), rule)
_Entry: TypeAlias = tuple[tuple[int, ...], list[tuple[int, Callable[[str], bool]]], Rule]


class _Book:
    """Rules of one rank: literal ones by their words, patterns by the words that they fix."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._literal: dict[Triple, Rule] = {}
        #: The types that a pattern fixes → its rank, what must match in which word, the rule
        self._patterns: dict[tuple[str | None, str | None], list[_Entry]] = {}
        for rule in rules:
            plain = fold(rule.words)
            if rule.is_literal:
                self._literal[rule.words] = self._literal[plain] = rule
                continue
            type_, column = (None if "*" in word else word for word in plain[:2])
            rest: list[tuple[int, Callable[[str], bool]]] = [
                (place, Pattern(word).matches)
                for place, word in enumerate(plain)
                if word != "*" and (place == 2 or "*" in word)
            ]
            self._patterns.setdefault((type_, column), []).append((_specificity(rule), rest, rule))
        for entries in self._patterns.values():
            entries.sort(key=lambda entry: entry[0], reverse=True)

    def literal(self, words: Triple) -> Rule | None:
        """Return the rule of these very words, or ``None``."""
        return self._literal.get(words)

    def pattern(self, plain: Triple) -> Rule | None:
        """Return the most specific rule that covers normalised words, or ``None``."""
        best: _Entry | None = None
        type_, column, _description = plain
        fixings = ((type_, column), (type_, None), (None, column), (None, None))
        for fixed in fixings:
            for entry in self._patterns.get(fixed, ()):
                if best and entry[0] <= best[0]:
                    break
                if all(matches(plain[place]) for place, matches in entry[1]):
                    best = entry
                    break
        return best[2] if best else None


def shipped_rules() -> list[tuple[Rule, str]]:
    """Return the rules that come with the addon, as (``Rule``, evidence) pairs.

    They are our reading of triples that were seen in files, in sellers' programs or in Amazon's
    documentation; ``evidence`` says which, ``default`` marks the fall-backs by type.
    """
    path = Path(__file__).parent / "sp.category.rule.csv"
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


def _answer(rule: Rule, level: str, words: Triple) -> Match:
    return Match(rule.category, level, words, rule, rule.at_period_end)


def _folded(words: Triple, rule: Rule) -> Triple:
    """Return the words with the pattern in the place of the free text that it covers."""
    pairs = zip(rule.words, words, strict=True)
    type_, column, description = (mine if "*" in mine else theirs for mine, theirs in pairs)
    return type_, column, description


def _without_free_text(words: Triple) -> Triple:
    splits = zip(words, map(split_free_text, words), strict=True)
    type_, column, description = (split[1] if split else word for word, split in splits)
    return type_, column, description


def _is_input_tax(plain: Triple) -> bool:
    stripped = strip_tax(plain[2])
    return bool(stripped and stripped[1])


def _specificity(rule: Rule) -> tuple[int, ...]:
    """Rank a pattern: its literal letters count. Of fall-backs the most specific word counts
    before all others, from the description to the type."""
    lengths = [len(normalise(word.replace("*", ""))) for word in rule.words]
    return tuple(reversed(lengths)) if rule.is_default else (sum(lengths),)
