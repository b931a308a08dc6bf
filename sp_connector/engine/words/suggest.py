"""What words that nobody knows may mean: a suggestion with its reason, or none.

A suggestion is no answer: it books nothing until a person takes it over. It is made where known
words share a word or two with the unknown ones and agree on what that means. Where they disagree,
are too few, or the sign of the money says otherwise, nothing is suggested. What a company has
said of similar words counts first.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from . import grammar
from .categories import CATEGORIES
from .classify import Rule
from .grammar import Triple

#: Why a category is suggested. ``own``: similar words of the company became that. ``tax_of``: the
#: tax on what the rest of the words means. ``shared``: known words that share a word or two.
#: ``family``: the company's words of the same types, which no shipped rule knows.
REASONS = ("own", "family", "tax_of", "shared")
#: So many known names must share a feature, and so many of a hundred must agree.
_SUPPORT, _AGREEMENT = 3, 95
#: Two names are similar that share so many of a hundred of their words.
_SIMILAR = 60
_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+")
#: Words that name nothing.
_EMPTY = frozenset(
    "a an and any for from in of on or per the to with v1 v amazon amount fee fees charge charges "
    "item items other order transaction transactions base total service services".split()
)
#: Income and costs alone are suggested. Balances must fit another settlement, taxes a tax return,
#: and of some money only a person knows the place: a wrong one of these is worse than none.
_SUGGESTED = frozenset(
    category
    for category, kind in CATEGORIES.items()
    if kind in ("income", "other_income", "expense") and category != "chargeback"
)
_FEES = frozenset(category for category in _SUGGESTED if CATEGORIES[category] == "expense")
_TAXES = ("sales_tax", "marketplace_withheld_tax", "tax_credit")
#: What comes in and what goes out, where nothing in the words takes it back.
_POSITIVE = frozenset(("sales", "shipping_income", "giftwrap_income", "reimbursements"))
_NEGATIVE = _FEES | {"refunds", "promotions"}
_BACK = frozenset(
    "reversal reversed reverse correction refund refunds adjustment adjustments clawback return "
    "credit reimbursement rebate retrocharge cancellation discount chargeback".split()
)

_SAYS_NOTHING = _EMPTY | (_BACK - {"reimbursement"})
#: Turns the meaning of what stands behind it around.
_NOT = frozenset(("non", "not", "no", "without"))

#: What words can share: one of them, or two that follow each other.
_Feature = tuple[str, ...]


class Suggestion(NamedTuple):
    """What unknown words may mean.

    :param reason: of ``REASONS``
    :param shared: the words that they have in common; of ``family`` the two types
    :param rule: one that says so
    :param known: how many known names say so
    :param sign: the sign of the money is the usual one of the category
    """

    category: str
    reason: str
    shared: tuple[str, ...]
    rule: Rule
    known: int
    sign: bool = False


class Suggester:
    """Compares unknown words with known ones.

    :param rules: iterable of ``Rule``; fall-backs by type and rules with stars teach nothing
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        literal = [rule for rule in rules if rule.is_literal and not rule.is_default]
        self._own = [(_names(rule.words), rule) for rule in literal if rule.own]
        self._families = {_family(rule.words) for rule in literal if not rule.own}
        #: Feature → category → the names that have both, each with a rule
        self._index: dict[_Feature, dict[str, dict[frozenset[str], Rule]]]
        self._index = defaultdict(lambda: defaultdict(dict))
        for rule in literal:
            if rule.category in _TAXES:
                continue  # named after what is taxed, which it is not
            name = _names(rule.words)
            for feature in _features(rule.words):
                self._index[feature][rule.category].setdefault(name, rule)

    def suggest(self, words: Triple, amount: Decimal = Decimal()) -> Suggestion | None:
        """Return the ``Suggestion`` for a triple, ``None`` where nothing is sure.

        :param amount: what these words brought so far, from the seller's side
        """
        if sum(map(len, words)) > grammar.MAX_LENGTH:
            return None
        taxes = [each for word in words for each in grammar.variants(word) if "tax" in each.steps]
        if any(each.india for each in taxes):
            return None  # a credit against a tax
        found = self._from_own(words)
        if not found:
            found = self._from_tax(words) if taxes else self._from_features(words)
        if not found or found.category not in _SUGGESTED:
            return None
        usual = _usual_sign(found.category, words)
        if usual and amount and (amount > 0) != (usual > 0):
            return None
        return found._replace(sign=bool(usual and amount))

    def _from_own(self, words: Triple) -> Suggestion | None:
        """Look for what this company said of similar words."""
        names, family = _names(words), _family(words)
        ranked = []
        for theirs, rule in self._own:
            common, all_ = names & theirs, names | theirs
            if common and 100 * len(common) >= _SIMILAR * len(all_):
                ranked.append((Fraction(len(common), len(all_)), tuple(sorted(common)), rule))
        best = max((rank for rank, _shared, _rule in ranked), default=None)
        reason, nearest = "own", [(shared, rule) for rank, shared, rule in ranked if rank == best]
        if not nearest and family not in self._families:
            reason = "family"
            relatives = (rule for _names, rule in self._own if _family(rule.words) == family)
            nearest = [(words[:2], rule) for rule in relatives]
        if len({rule.category for _shared, rule in nearest}) != 1:
            return None
        shared, rule = nearest[0]
        return Suggestion(rule.category, reason, shared, rule, len(nearest))

    def _from_tax(self, words: Triple) -> Suggestion | None:
        """Look for what the tax is the tax on: the tax on a fee is a part of the fee."""
        type_, column, description = (_TAX_WORDS.sub(" ", word) for word in words)
        found = self._from_features((type_, column, description))
        if not found or found.category not in _FEES:
            return None
        return found._replace(reason="tax_of")

    def _from_features(self, words: Triple) -> Suggestion | None:
        names = _names(words)
        if names & _NOT:
            return None
        sure = [found for found in map(self._ask, _features(words)) if found]
        if len({found.category for found in sure}) != 1:
            return None
        best = max(sure, key=lambda found: found.known)
        known = [self._index[name,] for name in names if (name,) in self._index]
        # A word that never meant this says that the others mislead.
        return best if all(best.category in meanings for meanings in known) else None

    def _ask(self, feature: _Feature) -> Suggestion | None:
        """Return what those who share a feature agree on, ``None`` if they do not."""
        found = self._index.get(feature)
        if not found:
            return None
        counts = Counter({category: len(names) for category, names in found.items()})
        [(category, count)] = counts.most_common(1)
        if count < _SUPPORT or 100 * count < _AGREEMENT * counts.total():
            return None
        rule = next(iter(found[category].values()))
        return Suggestion(category, "shared", feature, rule, count)


_TAX_WORDS = re.compile(
    r"\b(?:tax(?:es)?(?: on)?|gst|hst|pst|qst|vat|iva|tva|mwst|btw)\b|(?<=[a-z])(?:Tax|VAT|GST)\b",
    re.IGNORECASE,
)


def _tokens(word: str) -> list[str]:
    return [token.casefold() for token in _TOKEN.findall(word.replace("fulfilment", "fulfillment"))]


def _names(words: Triple) -> frozenset[str]:
    """Return the words of a triple that name something."""
    tokens = (token for word in words for token in _tokens(word))
    return frozenset(token for token in tokens if len(token) > 2) - _SAYS_NOTHING


def _family(words: Triple) -> tuple[str, str]:
    return grammar.fold(words)[:2]


def _features(words: Triple) -> list[_Feature]:
    """Return what other words can share with these, in a lasting order."""
    found: set[_Feature] = {(name,) for name in _names(words)}
    for word in words:
        tokens = _tokens(word)
        pairs = zip(tokens, tokens[1:])  # noqa: B905 (one shorter)
        found.update(pair for pair in pairs if not _SAYS_NOTHING.issuperset(pair))
    return sorted(found)


def _usual_sign(category: str, words: Triple) -> int:
    """Return the sign that money of a category has, 0 where the words or it do not tell."""
    if any(_BACK.intersection(_tokens(word)) for word in words):
        return 0
    return 1 if category in _POSITIVE else -1 if category in _NEGATIVE else 0
