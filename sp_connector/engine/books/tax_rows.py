"""Which tax a line has, and which of Amazon's tax rows are that tax.

Amazon's rows say how much tax was charged; the account mapping says which tax it is. Both must
agree, or the settlement waits.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from ..lines.order_items import (
    ANY,
    CHARGEBACK,
    EXTRA,
    GOODS,
    PRICE,
    PROMOTION,
    TAX,
    TAX_DISCOUNT,
    TAXED,
    WITHHELD,
    role,
)
from ..words.categories import TAX_ROWS
from ..words.grammar import normalise, strip_suffix
from .lines import PlanLine
from .mapping import Mapping, Rule

ZERO = Decimal(0)
#: What taxes are on a net amount.
TaxOn = Callable[[tuple[object, ...], Decimal], Decimal]
#: Why a line follows a rule that its own words would not give it: it goes with the payout of its
#: settlement; its sales channel follows a marketplace; Amazon charged the standard rate on it; it
#: takes a price back that bore no tax.
WHY = ("payout", "channel", "charged", "untaxed_price")
_OUTPUT = ("output_included", "output_on_net")
#: Large enough that the rounding of a tax does not matter for its rate.
_MUCH = Decimal(10) ** 9
#: Words of transactions that take an earlier one back.
_BACK = ("refund", "chargeback", "atoz", "reversal", "correction", "adjustment", "recovery")
#: Fees that stand in a refund and are charged for it.
_CHARGED = ("refundcommission",)
#: Transaction types of account rows, whose description says what happened.
_ACCOUNT_ROWS = ("othertransaction", "other")
_Booked = tuple[PlanLine, Rule]
_Pool = tuple[list[_Booked], list[PlanLine]]


class Misfit(NamedTuple):
    """Amazon's tax rows do not fit the tax that is mapped to the prices beside them.

    :param found: sum of the tax rows; ``expected``: the mapped taxes on the net amounts
    :param rates: (lowest, highest) at which single order items were taxed, ``None`` if not known
    """

    marketplace: object
    tax_class: str
    taxes: tuple[object, ...]
    found: Decimal
    expected: Decimal
    rates: tuple[Decimal, Decimal] | None = None


def treatment(rule: Rule, tax_form: str) -> str:
    """Say how a rule taxes a line: ``included``, ``beside``, ``excluded`` or ``""`` for not at all.

    A part of an order item decides by itself whether its price is net or gross: where its tax
    stands beside it, that is its tax; where the marketplace keeps the tax, or it is nothing, the
    seller owes none. A fee has a form where it takes a price back: without that price's tax, there
    is none in it.
    """
    if rule.tax_mode in ("none", "undecided"):
        return ""
    if rule.tax_mode in _OUTPUT:
        if tax_form in TAXED:
            return "beside"
        if rule.zero_rated and tax_form in ("zero", "withheld"):
            return "excluded"  # a sale of zero-rated goods, which the tax return counts
        taxed = rule.tax_mode == "output_included" and tax_form in ("gross", "none")
        return "included" if taxed else ""
    if rule.tax_mode == "input_included":
        return "included" if tax_form in ("gross", "none") else ""
    return "excluded"


def is_refund(category: str, words: tuple[str, str, str]) -> bool:
    """Tell by Amazon's words whether rows take back what was sold or charged before.

    A tax return has boxes of their own for credit notes (Spain's Modelo 303: 14 and 15). A discount
    at the sale is a smaller sale, whatever its sign, and a discount that comes back in a refund is
    a smaller refund. What Amazon charges for a refund is a fee like others.

    :param words: (transaction type, amount type, amount description)
    """
    kind, amount_type, description = map(normalise, words)
    if description in _CHARGED:
        return False
    told = [kind]
    if kind in _ACCOUNT_ROWS:
        told = [amount_type, description]
    elif role(*words[1:]).kind is None:
        told.append(amount_type)  # "FBA fulfilment fee per unit - Reversal"
        if strip_suffix(description):
            return True  # "Fulfillment Fee Refund"
    return category == "refunds" or any(word in text for text in told for word in _BACK)


def is_untaxed_by_amazon(line: PlanLine, rule: Rule) -> bool:
    """Tell whether a rule that taxes sales says nothing of a price on which no tax was charged."""
    return (
        line.tax_form == "zero"
        and rule.tax_mode in _OUTPUT
        and not rule.zero_rated
        and line.role.kind in (PRICE, PROMOTION)
    )


class Finder:
    """Finds the rule of a line where its words alone do not tell."""

    def __init__(self, mapping: Mapping, tax_on: TaxOn | None, marketplace: object) -> None:
        self._mapping, self._marketplace = mapping, marketplace
        self._tax_on = tax_on
        self._rates: dict[tuple[object, ...], Decimal] = {}

    def __call__(self, line: PlanLine, day: date | None) -> tuple[PlanLine, Rule | None, str]:
        """Return (the line, its ``Rule`` or ``None``, why that one: of ``WHY`` or ``""``)."""
        rule = self._mapping.find_in_settlement(line, day, self._marketplace)
        if rule is None:
            return line, None, ""
        why = ""
        if rule.category != line.category:
            why = "payout"
        elif rule.marketplace not in (None, line.marketplace):
            why = "channel" if line.marketplace is not None else "payout"
        kind, part = line.role
        if not line.tax_class:
            return line, rule, why
        if kind == PRICE and part not in (GOODS, EXTRA) and not self.fits(line, rule):
            # Shipping of zero-rated goods that was taxed: what Amazon charged tells.
            standard = self._mapping.find(line._replace(tax_class=""), day)
            if standard and self.fits(line, standard):
                return line, standard, "charged"
        if kind == CHARGEBACK and not rule.tax_class:
            category = "giftwrap_income" if part == "giftwrap" else "shipping_income"
            price = self._mapping.find(line._replace(category=category), day)
            if price and price.zero_rated:
                # It takes back a price without tax, so none is in it.
                return line._replace(tax_form="zero"), rule, "untaxed_price"
        return line, rule, why

    def tax_on(self, taxes: tuple[object, ...], amount: Decimal) -> Decimal:
        """Return what taxes are on a net amount."""
        if self._tax_on is None:
            raise ValueError("no taxes are known here")
        return self._tax_on(taxes, amount)

    def fits(self, line: PlanLine, rule: Rule) -> bool:
        """Tell whether the taxes of a rule explain Amazon's tax beside each price of a line."""
        if line.rates is None or treatment(rule, line.tax_form) != "beside":
            return True
        low, high = line.rates
        return low <= self.rate(rule.taxes) <= high

    def rate(self, taxes: tuple[object, ...]) -> Decimal:
        """Return what taxes add to one of net."""
        if taxes not in self._rates:
            self._rates[taxes] = self.tax_on(taxes, _MUCH) / _MUCH
        return self._rates[taxes]


class _Place(NamedTuple):
    """What prices and the tax rows beside them have in common."""

    marketplace: object
    transaction_type: str
    fulfillment: str
    tax_form: str
    tax_class: str
    product_line: str


class Shares:
    """Gives Amazon's tax rows to the net prices and promotions they stand beside.

    The tax of a price is what Amazon's rows say, not what a rate would give. That no rate was
    meant but the mapped one is looked at order item by order item; what differs is a ``Misfit``.
    Discounts of tax are Amazon's alone: it grants them also where no price is discounted (a card's
    free financing in Australia), and grants none where the tax was computed after the discount.

    :param booked: (line, rule) of one part
    """

    def __init__(self, booked: Sequence[_Booked], find: Finder, unit: Decimal) -> None:
        self.amounts: dict[object, Decimal] = {}
        self.keys: dict[object, tuple[object, ...]] = {}
        self.misfits: list[Misfit] = []
        self.discounts: list[tuple[object, tuple[object, ...], Decimal]] = []
        self._find, self._unit = find, unit
        #: {(what they share, kind of base, part of the item): (bases, tax rows)}
        self._pools: dict[tuple[_Place, int, str], _Pool] = defaultdict(lambda: ([], []))
        taxed: dict[object, tuple[object, ...]] = {}
        for line, rule in booked:
            if line.tax_form in TAXED:
                self._sort(line, rule)
            if rule.tax_mode in _OUTPUT and treatment(rule, line.tax_form):
                taxed.setdefault(line.marketplace, rule.taxes)
        self._move_homeless()
        for (place, kind, _part), (bases, tax_rows) in self._pools.items():
            if bases:
                self._share(place, kind, bases, tax_rows)
            elif kind == PROMOTION and tax_rows and place.marketplace in taxed:
                # Beside gross prices: it stays on the account of sales tax.
                amount = sum((line.amount for line in tax_rows), ZERO)
                self.discounts.append((place.marketplace, taxed[place.marketplace], amount))

    def _sort(self, line: PlanLine, rule: Rule) -> None:
        kind, part = line.role
        place = _Place(
            *(line.marketplace, line.words[0], line.fulfillment, line.tax_form, line.tax_class),
            line.product_line,
        )
        part = GOODS if part in (EXTRA, ANY) else part
        if line.category in TAX_ROWS:
            if kind in (TAX, WITHHELD):
                self._pools[place, PRICE, part][1].append(line)
            elif kind == TAX_DISCOUNT:
                self._pools[place, PROMOTION, GOODS][1].append(line)
        elif treatment(rule, line.tax_form) == "beside":
            key = (place, PROMOTION, GOODS) if kind == PROMOTION else (place, PRICE, part)
            self._pools[key][0].append((line, rule))

    def _move_homeless(self) -> None:
        """Bring prices and tax rows together whose counterpart stands under other words.

        Prices of a part without tax rows share those of the goods, and tax rows of the goods
        without a price are those of another. The tax of a regulatory fee, which is no income, stays
        with that fee.
        """
        for (place, kind, part), (bases, rows) in list(self._pools.items()):
            if kind == PRICE and part != GOODS and bases and not rows:
                self._pools[place, PRICE, GOODS][0].extend(bases)
                bases.clear()
        homes: dict[_Place, list[PlanLine]] = {}
        for (place, kind, part), (bases, rows) in self._pools.items():
            if bases and kind == PRICE and (part == GOODS or place not in homes):
                homes[place] = rows
        for (place, _kind, part), (bases, rows) in self._pools.items():
            if rows and not bases and part == GOODS and place in homes:
                homes[place].extend(rows)
                rows.clear()

    def _share(
        self, place: _Place, kind: int, bases: list[_Booked], tax_rows: list[PlanLine]
    ) -> None:
        found = sum((line.amount for line in tax_rows), ZERO)
        expected = [self._find.tax_on(rule.taxes, line.amount) for line, rule in bases]
        taxes = tuple(dict.fromkeys(tax for _line, rule in bases for tax in rule.taxes))
        discounted = [line.amount for line in tax_rows if line.role.kind == TAX_DISCOUNT]
        excess = sum(discounted, ZERO) - (sum(expected, ZERO) if kind == PROMOTION else 0)
        if discounted and abs(excess) > self._allowance(bases, tax_rows):
            self.discounts.append((place.marketplace, taxes, excess))
        whole = sum(expected, ZERO)
        if kind == PRICE and not self._fit(place, bases, tax_rows, whole):
            rates = [rate for line, _rule in bases for rate in line.rates or ()]
            span = (min(rates), max(rates)) if rates else None
            self.misfits.append(
                Misfit(place.marketplace, place.tax_class, taxes, found, whole, span)
            )
        for (line, _rule), share in zip(
            bases, _apportion(found, expected, self._unit), strict=True
        ):
            self.amounts[line.key] = share
        self.keys[bases[0][0].key] = tuple(line.key for line in tax_rows)

    def _fit(
        self, place: _Place, bases: list[_Booked], tax_rows: list[PlanLine], expected: Decimal
    ) -> bool:
        """Tell whether the mapped taxes explain the tax rows of these prices.

        By each order item where the file shows them together. Else, of files that a program has
        sorted, by their sums, computed by Amazon before discounts or after them.
        """
        if any(line.rates for line, _rule in bases):
            return all(self._find.fits(line, rule) for line, rule in bases)
        found = sum((line.amount for line in tax_rows if line.role.kind != TAX_DISCOUNT), ZERO)
        slack = self._allowance(bases, tax_rows)
        if abs(found - expected) <= slack:
            return True
        promotions, discounts = self._pools.get((place, PROMOTION, GOODS), ([], []))
        after = expected + sum(
            (self._find.tax_on(rule.taxes, line.amount) for line, rule in promotions), ZERO
        )
        found += sum((line.amount for line in discounts), ZERO)
        return bool(promotions) and abs(found - after) <= slack

    def _allowance(self, bases: list[_Booked], tax_rows: list[PlanLine]) -> Decimal:
        """Return how far sums of rounded tax rows may be from the tax of a sum.

        Half a unit a row at the utmost; of many rows never more than a hundredth, where another
        rate would hide.
        """
        roundings = sum(line.row_count for line in tax_rows)
        roundings += sum(len(rule.taxes) for _line, rule in bases)
        expected = sum(
            (abs(self._find.tax_on(rule.taxes, line.amount)) for line, rule in bases), ZERO
        )
        return min(self._unit * (2 + roundings) / 2, self._unit * 2 + expected / 100)


def _apportion(amount: Decimal, weights: Sequence[Decimal], unit: Decimal) -> list[Decimal]:
    """Split an amount by weights; the first with a weight takes what rounding leaves."""
    whole = sum(weights, ZERO)
    if not whole:
        return [amount] + [ZERO] * (len(weights) - 1)
    shares = [
        (amount * weight / whole / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit
        for weight in weights
    ]
    shares[0] += amount - sum(shares)
    return shares
