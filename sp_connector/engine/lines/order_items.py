"""What the rows of an order item say together: how its prices are taxed, and at which rates.

A price, its tax, a discount and the tax that the marketplace keeps are rows of their own, and one
file holds prices with and without tax beside them (the Australian reports of July 2026 mix both
within days). So each part of an item (goods, shipping, gift wrap …) decides by its own tax rows.
"""

import functools
from array import array
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from ..words.grammar import is_tax, normalise

#: Kinds of rows of an order item; all others say nothing of a tax.
PRICE, TAX, PROMOTION, TAX_DISCOUNT, WITHHELD, CHARGEBACK = range(6)
#: What the seller was paid for; the tax rows beside it are its own.
GROUPED = frozenset({PRICE, TAX, PROMOTION, TAX_DISCOUNT})
#: Forms in which tax rows beside a price hold tax of the seller.
TAXED = ("net", "partly")

_PRICES = ("ItemPrice", "V1:price-amount")
_PROMOTIONS = ("Promotion", "V1:promotion-amount")
_FEES = ("ItemFees", "V1:item-related-fee-amount")
_KEPT = ("marketplacefacilitator", "lowvaluegoods")
#: Withheld, but from the seller's income or as an advance on its tax: India, Mexico.
_CREDITS = ("tcs", "tds", "isr")
#: Parts for which Amazon writes tax rows of their own (ShippingTax, "Gift Wrap Tax" …).
_PARTS = ("codshipping", "coditem", "codorder", "cod", "shipping", "giftwrap", "regulatory")
GOODS, EXTRA, ANY = "", "extra", "other"
#: Amounts are compared in 1/10,000, rates in millionths.
SCALE, _RATE_STEPS = 4, 10**6
_LONGEST = 40
#: Kept at the same time; equal products have equal sums.
_VERDICTS = 10_000
_RATES_END = 1000 * _RATE_STEPS


#: (kind, part) of a row that has a say in taxes.
Place = tuple[int, str]
#: ``None``, or the (lowest, highest) rate per unit of the net price.
Rates = tuple[Decimal, Decimal] | None
#: For each place: the sum of its rows in 1/10,000, whether any of them was not zero.
Sums = tuple[tuple[Place, int, bool], ...]


class Role(NamedTuple):
    """What a row is in its order item.

    :param kind: one of the kinds above, ``None`` for what says nothing of a tax
    :param part: ``GOODS``; ``EXTRA``: a charge or deduction whose tax Amazon writes with that of
        the goods, if at all; a part with tax rows of its own; ``ANY``: Amazon does not say
    """

    kind: int | None
    part: str = GOODS


@functools.lru_cache(20_000)
def role(amount_type: str, description: str) -> Role:
    """Return the ``Role`` of a row by Amazon's words, in V2's form or V1's.

    Tax rows are told by a word for a tax, mostly "tax" itself (Tax, ShippingTax, "Product Tax",
    CODItemTaxCharge, TaxDiscount, "Shipping tax discount" …).
    """
    name = normalise(description)
    is_fee = amount_type in _FEES
    if name.startswith(_KEPT) and (is_fee or amount_type == "ItemWithheldTax"):
        part = normalise(description.rpartition("-")[2])
        return Role(WITHHELD, ANY if part == "other" else _part(part))
    if name.startswith(_CREDITS):
        return Role(None)
    if amount_type == "ItemWithheldTax":
        return Role(WITHHELD, ANY)
    if amount_type in _PRICES:
        if "tax" in name or is_tax(description):
            return Role(TAX, _part(name))
        part = _part(name)
        return Role(PRICE, EXTRA if part == GOODS and name not in ("principal", "") else part)
    if amount_type in _PROMOTIONS:
        return Role(TAX_DISCOUNT if "tax" in name else PROMOTION, _part(name))
    if is_fee and name in ("shippingchargeback", "giftwrapchargeback"):
        return Role(CHARGEBACK, _part(name))
    return Role(None)


def _part(name: str) -> str:
    name = name.replace("taxon", "").replace("tax", "")
    return next((part for part in _PARTS if name.startswith(part)), GOODS)


def approximate(text: str) -> int:
    """Read an amount in 1/10,000, enough to compare it with others of its item.

    The decimal mark of the file is not known yet: the last mark counts unless three digits follow.
    """
    if len(text) > _LONGEST:
        return 0  # it blocks the proof of its settlement anyway
    whole, decimals = text, ""
    position = max(text.rfind("."), text.rfind(","))
    if position >= 0:
        after = "".join(filter(str.isdecimal, text[position:]))
        if len(after) != 3:
            whole, decimals = text[:position], after[:SCALE]
    digits = "".join(filter(str.isdecimal, whole)) + decimals.ljust(SCALE, "0")
    return -int(digits) if any(sign in text for sign in "-−–(") else int(digits)


class Item:
    """What an order item says of its tax; items that say the same share it.

    :ivar slack: how far tax rows may be from a rate, for their rounding, in 1/10,000
    :ivar counted: whether the file says of how many units
    :ivar sums: for each place: its amount in 1/10,000, whether any row was not zero
    :ivar verdict: what it means, if that was asked for lately
    """

    __slots__ = ("counted", "slack", "sums", "verdict")

    def __init__(self, slack: int, counted: bool, sums: Sums) -> None:
        self.slack, self.counted, self.sums = slack, counted, sums
        self.verdict: Verdict | None = None


class Said:
    """What lines say of their order item's tax.

    :param rows: (place, amount in 1/10,000, quantity as text) of those that have a say in it
    :param step: smallest unit of the currency in 1/10,000
    """

    __slots__ = ("counted", "item", "slack", "sums", "tells")

    def __init__(self, rows: Iterable[tuple[Place, int, str]] = (), step: int = 0) -> None:
        self.sums: dict[Place, tuple[int, bool]] = {}
        self.slack, self.counted = 0, True
        for place, value, quantity in rows:
            total, some = self.sums.get(place, (0, False))
            self.sums[place] = total + value, some or value != 0
            if value and place[0] == TAX:
                # Amazon rounds the tax of each unit, and that of each jurisdiction.
                counted = quantity.isdecimal() and len(quantity) < 6
                self.counted = self.counted and counted
                self.slack += step * (max(int(quantity), 1) if counted else 1)
        self.tells = any(kind in _TELLING for kind, _part in self.sums)
        #: Of an item that says nothing else, once it is known.
        self.item: Item | None = None


class OrderItems:
    """Collects what order items say of their tax; memory grows with taxed items only.

    Rows of an item stand together in Amazon's files, those of an order at least, and what they
    mean is asked for when the order ends. Where a program has sorted them, an item goes on after
    that: forms are right all the same if all is asked for again, and rates are not known.

    :ivar changed: an item meant something else when it was asked for
    """

    def __init__(self) -> None:
        self.changed = False
        self._key = 0
        self._said: Said | None = None
        #: Hash of an item → what its rows add up to.
        self._items: dict[int, Item] = {}
        self._shared: dict[tuple[int, bool, Sums], Item] = {}
        self._judged: list[Item] = []
        #: What decides the forms of rows → its number; and a verdict for each number.
        self._signatures: dict[tuple[object, ...], int] = {}
        self._examples: list[Verdict] = []
        #: Items of the order that is being read; and those that told nothing when theirs ended.
        self._order: set[int] = set()
        self._silent = array("q")

    def feed(self, key: int, said: Said) -> None:
        """Take note of lines of the file.

        :param key: hash of what identifies the order item and its event
        """
        if key != self._key:
            self._flush()
            self._key = key
        if not self._said:
            self._said = said
        elif said.sums:
            more = Said()
            more.sums = _add(self._said.sums, said.sums)
            more.slack = self._said.slack + said.slack
            more.counted = self._said.counted and said.counted
            more.tells = self._said.tells or said.tells
            self._said = more

    def _flush(self) -> None:
        """Keep what the last lines said, if they said something of a tax."""
        key, said = self._key, self._said
        self._said = None
        if not said or not said.sums:
            return
        before = self._items.get(key)
        if before:
            sums = _add({place: (total, some) for place, total, some in before.sums}, said.sums)
            counted = before.counted and said.counted
            item = self._item(before.slack + said.slack, counted, sums)
            if item is not before and key not in self._order and not self.changed:
                self.changed = not self._verdict(before).is_like(self._verdict(item))
        elif said.tells:
            item = said.item = said.item or self._item(said.slack, said.counted, said.sums)
        else:
            self._order.add(key)
            return
        self._items[key] = item
        self._order.add(key)

    def _item(self, slack: int, counted: bool, sums: dict[Place, tuple[int, bool]]) -> Item:
        if _is_all_kept(sums):
            # Most of the United States: nothing of it is the seller's, whatever the amounts.
            slack, counted = 0, True
            sums = {
                place: (0, some) for place, (_total, some) in sums.items() if place[0] in _TELLING
            }
        key = slack, counted, tuple(sorted((place, *found) for place, found in sums.items()))
        item = self._shared.get(key)
        if item is None:
            item = self._shared[key] = Item(*key)
        return item

    def end_order(self) -> None:
        """What the items of an order mean is asked for now."""
        self._flush()
        for key in self._order:
            if key not in self._items:
                self._silent.append(key)
        self._order.clear()

    def close(self) -> None:
        """All lines were fed."""
        self.end_order()
        if not self.changed and self._items:
            self.changed = any(key in self._items for key in self._silent)
        self._silent = array("q")

    def find(self, key: int) -> "Verdict | None":
        """Return the ``Verdict`` on an item, ``None`` where no row of it tells of a tax."""
        item = self._items.get(key)
        return None if item is None else item.verdict or self._verdict(item)

    def by_signature(self, signature: int) -> "Verdict | None":
        """Return a ``Verdict`` that gives rows these forms, ``None`` for -1."""
        return None if signature < 0 else self._examples[signature]

    def _verdict(self, item: Item) -> "Verdict":
        if item.verdict is None:
            if len(self._judged) >= _VERDICTS:
                for judged in self._judged:
                    judged.verdict = None
                self._judged.clear()
            self._judged.append(item)
            item.verdict = Verdict(item.slack, item.counted, item.sums)
            forms = item.verdict.describe_forms()
            signature = item.verdict.signature = self._signatures.setdefault(
                forms, len(self._signatures)
            )
            if signature == len(self._examples):
                self._examples.append(item.verdict)
        return item.verdict


def _add(
    sums: dict[Place, tuple[int, bool]], more: dict[Place, tuple[int, bool]]
) -> dict[Place, tuple[int, bool]]:
    sums = dict(sums)
    for place, (total, some) in more.items():
        known, had_some = sums.get(place, (0, False))
        sums[place] = known + total, had_some or some
    return sums


_TELLING = (TAX, TAX_DISCOUNT, WITHHELD)


def _is_all_kept(sums: dict[Place, tuple[int, bool]]) -> bool:
    kept = sum(total for (kind, _part), (total, _some) in sums.items() if kind in _TELLING)
    return not kept and any(kind == WITHHELD and some for (kind, _), (_, some) in sums.items())


class Verdict:
    """What an order item's rows mean.

    Forms of a price are ``net``: its tax stands beside it; ``withheld``: the marketplace keeps that
    tax; ``partly``: it keeps some of it (a province's tax, and the federal one is paid to the
    seller); ``zero``: no tax was charged; ``gross``: nothing is known, so tax may be inside.

    :param slack: how far tax rows may be from a rate, for their rounding, in 1/10,000
    :param counted: whether the file says of how many units
    :param sums: for each (kind, part): its amount in 1/10,000, whether any row was not zero
    """

    def __init__(self, slack: int, counted: bool, sums: Sums) -> None:
        self._slack, self._counted = slack, counted
        self._sums = {place: total for place, total, _some in sums}
        self._some = {place for place, _total, some in sums if some}
        self._has_discount = any(kind == TAX_DISCOUNT for kind, _part in self._some)
        self._kept = self._spread_withheld()
        self._forms = self._decide()
        self._found: dict[str, Rates] = {}  # rates, which many rows ask for
        #: Equal for verdicts that give every row the same form; set by who keeps them.
        self.signature = -1
        #: Whether there are prices whose rate can be told.
        self.is_taxed = any(form in TAXED for form in self._forms.values())

    def describe_forms(self) -> tuple[object, ...]:
        """Return what decides ``form``."""
        chargebacks = [(part, self._chargeback_form(part)) for part in self._parts(CHARGEBACK)]
        forms = tuple(self._forms.items())
        return forms, self._has_discount, self._has_goods(), tuple(chargebacks)

    def is_like(self, other: "Verdict") -> bool:
        """Tell whether another verdict says the same of all rows that this one knows."""
        return self.signature == other.signature and all(
            self.rates(part) == other.rates(part) for part in self._parts(PRICE)
        )

    def _get(self, kind: int, part: str = GOODS) -> int:
        return self._sums.get((kind, part), 0)

    def _parts(self, *kinds: int) -> list[str]:
        return [part for kind, part in self._sums if kind in kinds]

    def _spread_withheld(self) -> dict[str, int]:
        """Return {part: what the marketplace keeps of its tax}."""
        kept: dict[str, int] = {}
        for kind, part in self._some:
            if kind == WITHHELD and part != ANY:
                kept[part] = kept.get(part, 0) + self._get(WITHHELD, part)
        if (WITHHELD, ANY) in self._some:
            amount = self._get(WITHHELD, ANY)
            # Amazon does not say of which part: of the one it cancels, else of the goods.
            fits = (part for part in self._parts(TAX) if self._get(TAX, part) == -amount)
            part = next(fits, GOODS)
            kept[part] = kept.get(part, 0) + amount
        return kept

    def _decide(self) -> dict[str, str]:
        """Return {part: form}."""
        taxed = dict.fromkeys(self._parts(TAX))
        if self._kept:
            total = sum(amount for (kind, _), amount in self._sums.items() if kind in _TELLING)
            whole = sum(self._get(TAX, part) for part in taxed)
            if not taxed or self._is_nothing(total, whole):
                return {GOODS: "withheld"}
        forms: dict[str, str] = {}
        for part in taxed:
            tax, kept = self._get(TAX, part), self._kept.get(part, 0)
            if (TAX, part) not in self._some:
                forms[part] = "withheld" if kept else "zero"
            elif not kept:
                forms[part] = "net"
            else:
                rest = tax + kept + self._discount(part)
                partly = not self._is_nothing(rest, tax) and (rest > 0) == (tax > 0)
                forms[part] = "partly" if partly else "withheld"
        for part in self._kept:
            forms.setdefault(part, "withheld")
        return forms

    def _is_nothing(self, rest: int, tax: int) -> bool:
        """Tell whether what remains of a tax is the rounding of its rows."""
        return abs(rest) * 10 <= abs(tax) and abs(rest) <= max(self._slack, 1)

    def _discount(self, part: str) -> int:
        """Return the tax discounts of a part: its own, or those whose part is not named."""
        found = self._get(TAX_DISCOUNT, part)
        if part != GOODS and not self._get(PROMOTION) and self._get(PROMOTION, part):
            found += self._get(TAX_DISCOUNT)
        elif part == GOODS and not self._get(PROMOTION):
            others = (self._get(PROMOTION, other) for other in self._parts(TAX) if other != GOODS)
            found = 0 if any(others) else found
        return found

    def _price_form(self, part: str) -> str:
        """Return the form of the price of a part."""
        part = GOODS if part == EXTRA else part
        if part in self._forms:
            return self._forms[part]
        if not self._forms:
            return "gross"
        if self._forms.get(GOODS) == "withheld" or set(self._forms.values()) == {"withheld"}:
            return "withheld"
        # "Tax" alone is the tax of whatever was sold, where no goods stand beside it.
        if part != GOODS and GOODS in self._forms and not self._has_goods():
            return self._forms[GOODS]
        return "zero"

    def _has_goods(self) -> bool:
        return any((PRICE, part) in self._sums for part in (GOODS, EXTRA))

    def form(self, kind: int, part: str) -> str:
        """Return the form of a row of this item, ``none`` where it has no say in taxes."""
        if kind in (PRICE, TAX):
            return self._price_form(part)
        if kind in (PROMOTION, TAX_DISCOUNT):
            if self._has_discount and "withheld" not in self._forms.values():
                return "partly" if "partly" in self._forms.values() else "net"
            return self._price_form(part)
        if kind == WITHHELD:
            forms = [self._price_form(part)] if part != ANY else [*self._forms.values()]
            return "partly" if "partly" in forms else "none"
        return self._chargeback_form(part)

    def _chargeback_form(self, part: str) -> str:
        """Tell whether what Amazon takes back of a price has that price's tax inside.

        It is "the fee collected from the customer net of applicable taxes", with tax only where
        Amazon charges some on its own fee: the whole price in Australia and India, the net one
        in Britain.
        """
        form, price = self._price_form(part), self._get(PRICE, part)
        if form == "gross" or not price or self._get(CHARGEBACK, part) != -price:
            return "none"
        return "zero" if form == "zero" else "net"

    def rates(self, part: str) -> Rates:
        """Return the (lowest, highest) rate that explains the tax of the price of a part.

        Wide enough for the rounding of each unit's tax. A discount counts either way, as Amazon
        computes the tax before or after it.

        :return: ``Decimal`` per unit of the net price, or ``None`` where nothing can be said
        """
        if part not in self._found:
            self._found[part] = self._find_rates(part)
        return self._found[part]

    def _find_rates(self, part: str) -> Rates:
        price, tax = self._get(PRICE, part), self._get(TAX, part)
        if not price or self._price_form(part) not in TAXED:
            return None
        if part not in self._forms:
            tax = self._get(TAX)  # that of the goods, which are not there
        tax += self._kept.get(part, 0)
        less = self._get(PROMOTION, part) + (self._get(PRICE, EXTRA) if part == GOODS else 0)
        after = price + less if (price + less) * price > 0 else price
        readings = {(tax, price), (tax, after)}
        if self._kept.get(part):
            readings.add((tax + self._discount(part), after))
        lows, highs = [], []
        for amount, base in readings:
            slack = self._slack + abs(amount) // (200 if self._counted else 50)
            amount = amount if base > 0 else -amount
            lows.append((amount - slack) * _RATE_STEPS // abs(base))
            highs.append(-((-amount - slack) * _RATE_STEPS // abs(base)))
        low, high = max(min(lows), -_RATES_END), min(max(highs), _RATES_END)
        return Decimal(low) / _RATE_STEPS, Decimal(high) / _RATE_STEPS
