"""What goods cost: the cost of each SKU on the day of its row, and the sums by month and place."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from .units import FOUND, LOST, REFUNDED, SIGNS

ZERO = Decimal(0)
#: Where a cost is from: a list of costs, or the product whose code is the SKU.
LISTED, PRODUCT = "listed", "product"
#: Why goods have no cost in the books, or a cost of nothing.
#: ``missing``: nobody said what they cost, so the settlement waits; ``free``: somebody said that
#: they cost nothing; ``unclear``: Amazon does not say how many they are; ``nameless``: nor which;
#: ``kept``: by the company's settings they change nothing.
MISSING, FREE, UNCLEAR, NAMELESS, KEPT = "missing", "free", "unclear", "nameless", "kept"


class Moved(NamedTuple):
    """Units of a SKU that left or came back on a day.

    :param month: as the summary line has it, ``None`` for what belongs to the settlement's end
    :param marketplace: anything that identifies it, ``None`` where there is none
    :param kind: one of ``units.SIGNS``
    :param units: how many; of ``is_clear`` false how many order items of which that is unknown
    """

    month: date | None
    marketplace: object
    kind: str
    sku: str
    day: date
    units: int
    is_clear: bool = True


class Settings(NamedTuple):
    """How a company books the cost of goods.

    :param since: of rows posted from this day on
    :param back: which part of refunded units comes back to stock, 0 to 1
    :param lost: goods that Amazon lost and paid for leave the stock, and found ones come back
    :param unit: the smallest amount of the company's currency
    """

    since: date
    back: Decimal = ZERO
    lost: bool = False
    unit: Decimal = Decimal("0.01")


class Goods(NamedTuple):
    """Units of a SKU with one cost.

    :param unit_cost: in the company's currency, ``None`` where it is not known
    :param source: ``LISTED``, ``PRODUCT`` or ``""``
    :param why: one of the reasons above, ``""`` for what is booked
    :param cost: on the ledger's side: what is added to the cost of goods
    """

    month: date | None
    marketplace: object
    kind: str
    sku: str
    units: int
    unit_cost: Decimal | None
    source: str
    why: str
    cost: Decimal


class Costs:
    """Finds the cost of a SKU on a day: the list first, then the product.

    :param listed: iterable of (SKU, first day or ``None`` for always, cost)
    :param products: {SKU: cost of its product}
    """

    def __init__(
        self,
        listed: Iterable[tuple[str, date | None, Decimal]] = (),
        products: Mapping[str, Decimal] | None = None,
    ) -> None:
        self._listed: dict[str, list[tuple[date, Decimal]]] = {}
        for sku, since, cost in listed:
            self._listed.setdefault(sku.lower(), []).append((since or date.min, cost))
        for dated in self._listed.values():
            dated.sort(reverse=True)
        self._products = {sku.lower(): cost for sku, cost in (products or {}).items()}

    def find(self, sku: str, day: date) -> tuple[Decimal, str] | None:
        """Return (cost, where it is from), ``None`` where nobody has said what it costs."""
        key = sku.lower()
        for since, cost in self._listed.get(key, ()):
            if since <= day:
                return cost, LISTED
        # A product's price of zero is what nobody has filled in.
        if cost := self._products.get(key, ZERO):
            return cost, PRODUCT
        return None


def value(moved: Iterable[Moved], costs: Costs, settings: Settings) -> tuple[Goods, ...]:
    """Return what goods cost, in the order in which they came."""
    units: dict[Goods, int] = {}
    for one in moved:
        if one.day < settings.since:
            continue
        found = costs.find(one.sku, one.day)
        why = _why(one, found, settings)
        unit_cost, source = found if found and why not in (UNCLEAR, NAMELESS) else (None, "")
        head = Goods(
            *(one.month, one.marketplace, one.kind, one.sku, 0),
            unit_cost=unit_cost,
            source=source,
            why=why,
            cost=ZERO,
        )
        units[head] = units.get(head, 0) + one.units
    return tuple(_valued(head, count, settings) for head, count in units.items() if count)


def _why(one: Moved, found: tuple[Decimal, str] | None, settings: Settings) -> str:
    if one.kind in (LOST, FOUND) and not settings.lost:
        return KEPT
    if one.kind == REFUNDED and not settings.back:
        return KEPT
    if not one.is_clear:
        return UNCLEAR
    if not one.sku:
        return NAMELESS
    if found is None:
        return MISSING
    return "" if found[0] else FREE


def _valued(goods: Goods, units: int, settings: Settings) -> Goods:
    goods = goods._replace(units=units)
    if goods.why or goods.unit_cost is None:
        return goods
    share = settings.back if goods.kind == REFUNDED else Decimal(1)
    cost = SIGNS[goods.kind] * units * goods.unit_cost * share
    return goods._replace(cost=cost.quantize(settings.unit, ROUND_HALF_UP))


def sums(goods: Iterable[Goods]) -> dict[tuple[date | None, object], Decimal]:
    """Return {(month, marketplace): what goods cost there}, without what adds up to nothing."""
    found: dict[tuple[date | None, object], Decimal] = {}
    for one in goods:
        key = one.month, one.marketplace
        found[key] = found.get(key, ZERO) + one.cost
    return {key: cost for key, cost in found.items() if cost}
