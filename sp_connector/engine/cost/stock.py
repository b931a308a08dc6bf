"""What the books of a company need to know of the goods of a settlement."""

from collections.abc import Iterator
from typing import NamedTuple

from .costing import FREE, KEPT, MISSING, NAMELESS, UNCLEAR, Goods
from .units import REFUNDED

#: So many SKUs without a cost are named.
NAMED = 10
#: What a person says before goods can be booked.
LACKS = ("no_cost_account", "cost_by_odoo")
HOLDS = (*LACKS, "no_cost")
#: Why goods are not in the books, or cost nothing → what people are told.
NOTES = {
    FREE: "goods_free",
    UNCLEAR: "goods_unclear",
    NAMELESS: "goods_nameless",
    KEPT: "goods_kept",
}
TOLD = ("goods_later", *NOTES.values())


class Stock(NamedTuple):
    """What goods cost and where that is booked, in a company that wants it.

    :param goods: ``None`` where they are not known before the file is imported
    :param cost: anything that identifies the account of their cost; ``inventory``: of the stock
    :param lacks: codes of ``LACKS``
    """

    goods: tuple[Goods, ...] | None
    cost: object = None
    inventory: object = None
    lacks: tuple[str, ...] = ()

    def holds(self) -> Iterator[tuple[str, dict[str, object]]]:
        """Yield (code, values) of what a person must say first."""
        yield from ((code, {}) for code in LACKS if code in self.lacks)
        missing: dict[str, int] = {}
        for one in self.goods or ():
            if one.why == MISSING:
                missing[one.sku] = missing.get(one.sku, 0) + one.units
        if missing:
            values = {"count": len(missing), "units": sum(missing.values())}
            yield "no_cost", {"skus": tuple(missing.items())[:NAMED], **values}

    def notes(self) -> Iterator[tuple[str, dict[str, object]]]:
        """Yield (code, values) of what people should know of goods that are not booked."""
        if self.goods is None:
            yield "goods_later", {}
        for why, code in NOTES.items():
            goods = [one for one in self.goods or () if one.why == why]
            if goods:
                refunded = sum(one.units for one in goods if one.kind == REFUNDED)
                yield code, {"units": sum(one.units for one in goods), "refunded": refunded}

    @property
    def counts(self) -> bool:
        """Some goods cost something, or nobody knows what they cost."""
        return any(one.cost or one.why == MISSING for one in self.goods or ())
