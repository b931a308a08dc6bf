"""What follows from the rules for words that no rule names.

Amazon writes one thing in many places: a fee of an order comes back on its refund, V1 names the
column where V2 names a type, a fee's tax stands on a row of its own, a correction carries a
suffix. So a triple is read as what it stands for (a price of an event, a fee, a promotion, an
item of the account), the rules are read the same way, and equal readings mean the same. Nothing
is guessed: where the nearest rules disagree, the word stays unknown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from . import grammar
from .categories import CATEGORIES
from .grammar import Triple, Variant, normalise

if TYPE_CHECKING:
    from .classify import Rule

#: ``column``: the same in another column or form of the report. ``event``: the same of another
#: kind of transaction. ``part``: a part of the fee. ``tax``: the tax on it. ``input_tax``: India's
#: GST on it, which is input credit. ``buyer_tax``: the tax on what the buyer pays. ``suffix``: its
#: reversal, correction or refund. ``free_text``: with text behind it.
STEPS = ("column", "event", "part", "tax", "input_tax", "buyer_tax", "suffix", "free_text")

#: Normalised amount type → what stands there. V1 names the column where V2 names a type (Amazon's
#: page on settlement report attributes, "change from V1 to V2").
_COLUMNS = {
    "itemprice": "price",
    "itempriceadjustment": "price",
    "v1:priceamount": "price",
    "itemfee": "fee",
    "itemfees": "fee",
    "itemfeeadjustment": "fee",
    "points": "fee",
    "v1:itemrelatedfeeamount": "fee",
    "v1:otherfeeamount": "fee",
    "v1:orderfeeamount": "fee",
    "shipmentfee": "shipment",
    "shipmentfees": "shipment",
    "v1:shipmentfeeamount": "shipment",
    "promotion": "promotion",
    "promotionadjustment": "promotion",
    "v1:promotionamount": "promotion",
    "directpayment": "direct",
    "v1:directpaymentamount": "direct",
    "itemwithheldtax": "withheld",
    "itemtcs": "withheld",
    "itemtds": "withheld",
}
#: Normalised transaction type → event. Others that end in ``refund`` are refunds.
_EVENTS = {
    "order": "order",
    "shipment": "order",
    "liquidations": "order",
    "liquidationsadjustments": "order",
    "orderretrocharge": "retrocharge",
    "refund": "refund",
    "atozguaranteerefund": "refund",
    "atozguaranteeclaim": "refund",
    "refundretrocharge": "retrocharge",
    "chargebackrefund": "chargeback",
    "chargeback": "chargeback",
}
#: Types that say nothing themselves: the amount type names the fee, the description its part.
_FEE_FAMILIES = frozenset(
    ("", "fbafees", "fbafee", "amazonfees", "amazonfee", "servicefee", "servicefees")
)
#: Types and amount types that say nothing: the description names the item.
_CONTAINERS = frozenset(
    "othertransaction othertransactions other others adjustment adjustments transfer "
    "transfers".split()
)
#: V1's columns that have no name of their own: the transaction type names the item.
_NAMELESS = frozenset(("v1:otheramount", "v1:miscfeeamount"))
_INCOME = frozenset(("sales", "shipping_income", "giftwrap_income"))
_GIVEN_BACK = {"refund": "refunds", "chargeback": "chargeback"}
_KEPT = ("marketplace_withheld_tax", "tax_credit")
_FEES = frozenset(
    category
    for category, kind in CATEGORIES.items()
    if kind == "expense" and category != "chargeback"
)


class Derivation(NamedTuple):
    """A meaning that follows from a rule; ``unknown`` where the nearest rules disagree.

    :param rule: the ``Rule`` it follows from, ``None`` for ``unknown``
    :param steps: what leads from the rule to the word, of ``STEPS``
    :param words: the triple, free text folded into ``*``
    """

    category: str
    rule: Rule | None
    steps: tuple[str, ...]
    words: Triple


class _Reading(NamedTuple):
    """What a triple stands for.

    :param kind: of amount; ``account`` for an item of the account
    :param place: which word of the triple names the item
    :param type: the transaction type without suffix
    :param column: the amount type, blank where it says nothing
    :param part: what the description adds where another word names the item
    """

    kind: str
    place: int
    type: str
    event: str = ""
    column: str = ""
    part: Variant = Variant("")


class Deriver:
    """Derives meanings from rules; fall-backs by type are no rules to derive from.

    :param rules: ``Rule`` s in the order in which they count
    :param match_pattern: function words → the ``Rule`` whose pattern covers them, or ``None``
    """

    def __init__(
        self, rules: Iterable[Rule], match_pattern: Callable[[Triple], Rule | None]
    ) -> None:
        self._match_pattern = match_pattern
        #: What identifies a reading → the rules that read so
        self._index: defaultdict[tuple[object, ...], list[Rule]] = defaultdict(list)
        for rule in rules:
            if rule.is_literal:
                self._put(rule, _stems(rule.words))
            for reading in _readings(rule.words, of_rule=True):
                self._add(rule, reading)

    def derive(self, words: Triple) -> Derivation | None:
        """Return the ``Derivation`` of a triple, ``None`` where nothing follows."""
        if sum(map(len, words)) > grammar.MAX_LENGTH:
            return None
        answers = (self._derive(words, reading) for reading in _readings(words))
        found = [answer for answer in answers if answer]
        if len({answer.category for answer in found}) > 1:
            return Derivation("unknown", None, (), words)
        return found[0] if found else self._derive_suffix(words)

    # === RULES === #

    def _add(self, rule: Rule, reading: _Reading) -> None:
        if reading.kind == "account" and reading.place == 2 and reading.column:
            self._put(rule, ("column", reading.column))
        word = rule.words[reading.place]
        if "*" in word:
            return
        if "tax" in reading.part.steps:
            if reading.part.india and rule.category == "tax_credit":
                self._put(rule, (reading.kind, "input_tax", normalise(word)))
            return
        for variant in grammar.variants(word):
            if "tax" in variant.steps:
                if variant.india and rule.category == "tax_credit":
                    # The parts of India's GST are interchangeable: one known, all known.
                    self._put(rule, (reading.kind, "input_tax", variant.name))
                continue
            # A name that was made by taking something off stands behind one that a rule gives.
            rank = "stem" if variant.steps else "name"
            contexts = self._contexts(reading)
            for context in contexts:
                self._put(rule, (reading.kind, context, rank, variant.name))
            anywhere = None in contexts or reading.kind == "price"
            if rule.category in _KEPT and reading.place == 2 and rank == "name" and anywhere:
                self._put(rule, ("kept", variant.name))

    @staticmethod
    def _contexts(reading: _Reading) -> tuple[object, ...]:
        """Return where a name holds: in an event, or in its type and then in any."""
        if reading.kind == "price":
            return (reading.event,)
        named = reading.type not in _CONTAINERS | _FEE_FAMILIES
        if reading.kind == "account" and reading.place == 2 and named:
            # «Income Tax Charged / … / MiscAdjustment» is no other's.
            return ((reading.type, reading.column),)
        return (reading.type, None)

    def _put(self, rule: Rule, key: tuple[object, ...]) -> None:
        self._index[key].append(rule)

    # === WORDS === #

    def _derive(self, words: Triple, reading: _Reading) -> Derivation | None:
        forms = grammar.variants(words[reading.place])
        for variant in forms:
            for rules in self._look_up(reading, variant):
                if rules:
                    return self._conclude(words, reading, variant, rules)
        return self._follow_pattern(words, reading)

    def _derive_suffix(self, words: Triple) -> Derivation | None:
        """Say what words mean whose suffixes alone are not known, whatever they stand for."""
        given_back = any(normalise(word).endswith(("refund", "refunds")) for word in words)
        rules = [
            rule
            for rule in self._index.get(_stems(words), ())
            if not (given_back and rule.category in _INCOME)
        ]
        suffix = Variant("", ("suffix",))
        return self._conclude(words, _Reading("", 2, ""), suffix, rules) if rules else None

    def _look_up(self, reading: _Reading, variant: Variant) -> Iterator[list[Rule] | None]:
        """Yield lists of rules for a variant of the name, the nearest first."""
        kind, name, get = reading.kind, variant.name, self._index.get
        if not name:
            if kind != "price" or "tax" not in variant.steps:
                return
            name = "tax"  # a country's own word for it
        if "tax" not in variant.steps:
            # Tax that Amazon keeps is that in whatever column it stands.
            yield get(("kept", name))
        for rank in ("name", "stem"):
            contexts = self._contexts(reading)
            for context in contexts:
                yield get((kind, context, rank, name))
            if kind == "price":
                yield [
                    rule
                    for event in ("order", "refund", "chargeback")
                    for rule in get((kind, event, rank, name), ())
                ]
            # A fee has one name, whether it stands on an order or on the account.
            across = {"fee": "account", "account": "fee"}.get(kind)
            if across and None in contexts:
                rules = get((across, None, rank, name), ())
                yield [rule for rule in rules if rule.category in _FEES]
        if kind == "account" and reading.place < 2:
            yield get(("column", name))
        if variant.india:
            for where in ("account", "fee"):
                yield get((where, "input_tax", name))

    def _conclude(
        self, words: Triple, reading: _Reading, variant: Variant, rules: list[Rule]
    ) -> Derivation | None:
        """Return the ``Derivation`` from rules that read alike, ``None`` where they say nothing
        of these words."""
        rules = [rule for rule in rules if rule.own] or rules
        taken = (*variant.steps, *reading.part.steps)
        india = variant.india or reading.part.india
        meanings: dict[tuple[str, bool], Rule] = {}
        for rule in rules:
            category = rule.category
            if "tax" in taken:
                category = _tax_of(category, reading.kind, india)
            if reading.event:
                category = _in_event(category, rule, reading, taken)
            meanings.setdefault((category, rule.at_period_end), rule)
        if len(meanings) > 1:
            return Derivation("unknown", None, (), words)
        [((category, _at_end), rule)] = meanings.items()
        if not category:
            return None
        if "free_text" in variant.steps:
            words = _fold(words, reading.place)
        return Derivation(category, rule, _explain(words, reading, rule, taken, india), words)

    def _follow_pattern(self, words: Triple, reading: _Reading) -> Derivation | None:
        """Look for a pattern that covers the name of an account item: ``… for ASIN: *``."""
        if reading.kind != "account":
            return None
        name = words[reading.place]
        for place, triple in (
            (1, ("FBAFees", name, "Base fee")),
            (1, ("AmazonFees", name, "Base fee")),
            (2, ("other-transaction", "other-transaction", name)),
        ):
            if rule := self._match_pattern(triple):
                folded = _put_word(words, reading.place, rule.words[place])
                answer = self._conclude(words, reading, Variant(name), [rule])
                return answer and answer._replace(words=folded)
        return None


def _stems(words: Triple) -> tuple[str, ...]:
    return ("stems", *(grammar.stem(normalise(word)) for word in words))


def _readings(words: Triple, of_rule: bool = False) -> list[_Reading]:
    """Return the ``_Reading`` s of a triple: none, one, or two where V1 leaves it open.

    :param of_rule: a rule of a named type also says what the type alone means
    """
    type_, column, description = grammar.fold(words)
    event = _EVENTS.get(type_, "")
    if not event and type_ not in _FEE_FAMILIES | _CONTAINERS:
        type_ = grammar.stem(type_)
        event = _EVENTS.get(type_, "")
    kind = next(
        (_COLUMNS[name] for name in (column, grammar.stem(column)) if name in _COLUMNS), None
    )
    if kind == "price":
        if not event and normalise(words[0]).endswith("refund"):
            event = "refund"
        # V1's quantity stands on a row without a price type; it is no price.
        return [_Reading(kind, 2, type_, event)] if event and description else []
    if kind == "fee" and not event and description:
        # V1 writes an account's fee, and its tax, into the columns of an item's.
        if part := _part(words[2]) or _same(words[2], words[:1]):
            return [_Reading("account", 0, type_, part=part)] if type_ else []
    if kind:
        kinds = (kind, "shipment") if column == "v1:orderfeeamount" else (kind,)
        return [_Reading(kind, 2, type_, event) for kind in kinds] if description else []
    if event:
        return []
    return _account_readings(words, type_, column, of_rule)


def _account_readings(words: Triple, type_: str, column: str, of_rule: bool) -> list[_Reading]:
    """Return the readings of an item of the account: which word names it?"""
    if column in _NAMELESS:
        return [_Reading("account", 0, type_, part=_part(words[2]) or Variant(""))]
    by_column = _Reading("account", 1, type_, part=_part(words[2]) or _rest(words[2]))
    inner = "" if column in _CONTAINERS else grammar.stem(column)
    by_description = _Reading("account", 2, type_, column=inner)
    if type_ not in _CONTAINERS | _FEE_FAMILIES:
        part = _part(words[2]) or _same(words[2], words[:2])
        by_type = _Reading("account", 0, type_, part=part or Variant(""))
        if of_rule:
            return [by_type, by_description] if words[2] else [by_type]
        return [by_type if part else by_description]
    if not inner:
        # Never by the description alone.
        return [by_description] if words[2] and (column or type_) else []
    if type_ in _FEE_FAMILIES or _part(words[2]):
        return [by_column]
    return [by_description]


def _part(description: str) -> Variant | None:
    """Return what a description says if it names a part of a fee, or nothing, else ``None``."""
    if description == "*":
        return Variant("")
    found = (each for each in grammar.variants(description) if grammar.is_part(each.name))
    return next(found, None)


def _rest(description: str) -> Variant:
    """Return what was taken off a description, whatever it is."""
    return max(grammar.variants(description), key=lambda each: len(each.steps))


def _same(description: str, others: Iterable[str]) -> Variant | None:
    """Return the variant of a description that repeats one of the other words, or ``None``."""
    names = {each.name for other in others for each in grammar.variants(other)}
    found = (each for each in grammar.variants(description) if each.name in names)
    return next(found, None)


def _tax_of(category: str, kind: str, india: bool) -> str:
    """Return the category of the tax on something, ``""`` where it has none that we know."""
    if kind == "price":
        taxed = _INCOME | {*_GIVEN_BACK.values(), "promotions", "sales_tax", "other"}
        return "sales_tax" if category in taxed else ""
    if kind == "promotion":
        return "sales_tax" if category in ("promotions", "sales_tax") else ""
    if india:
        return "tax_credit" if category in _FEES or category == "tax_credit" else ""
    return category if category in _FEES or category == "other" else ""


def _in_event(category: str, rule: Rule, reading: _Reading, taken: Collection[str]) -> str:
    """Return what a category is in the event of the word, ``""`` if nobody can tell."""
    source = _event_of(rule)
    if reading.event == "retrocharge":  # corrects the tax of an order, nothing else
        return category if category in ("sales_tax", *_KEPT) else ""
    if reading.event in _GIVEN_BACK or "refund" in taken:
        if category in _INCOME or category in _GIVEN_BACK.values():
            return _GIVEN_BACK.get(reading.event, "refunds")
    elif source in _GIVEN_BACK and category in _GIVEN_BACK.values():
        return ""  # what was given back may have been any income
    return category


def _event_of(rule: Rule) -> str:
    type_ = normalise(rule.words[0])
    return _EVENTS.get(type_) or ("refund" if type_.endswith("refund") else "")


def _explain(
    words: Triple, reading: _Reading, rule: Rule, taken: Collection[str], india: bool
) -> tuple[str, ...]:
    """Return the steps from a rule to the words, each once, in the order of ``STEPS``."""
    steps = {"suffix" if step == "refund" else step for step in taken} - {"tax"}
    mine, theirs = grammar.fold(words), grammar.fold(rule.words)
    if "tax" in taken and mine[2] != theirs[2]:
        buyer = reading.kind in ("price", "promotion")
        steps.add("buyer_tax" if buyer else "input_tax" if india else "tax")
    elif reading.place < 2 and mine[2] != theirs[2] and mine[2]:
        steps.add("part")
    if mine[0] != theirs[0]:
        if grammar.stem(mine[0]) == grammar.stem(theirs[0]):
            steps.add("suffix")
        else:
            steps.add("event" if _event_of(rule) and reading.event else "column")
    if mine[1] != theirs[1]:
        steps.add("suffix" if grammar.stem(mine[1]) == grammar.stem(theirs[1]) else "column")
    return tuple(step for step in STEPS if step in steps)


def _fold(words: Triple, place: int) -> Triple:
    """Return the words with ``*`` for the free text of one."""
    split = grammar.split_free_text(words[place])
    return _put_word(words, place, split[1]) if split else words


def _put_word(words: Triple, place: int, word: str) -> Triple:
    changed = list(words)
    changed[place] = word
    transaction_type, amount_type, description = changed
    return transaction_type, amount_type, description
