"""A summary line as the books see it: what decides its account, its tax and its month."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ..lines.order_items import Role, role
from ..lines.summary import Line


class PlanLine(NamedTuple):
    """What the plan needs to know of a summary line.

    :param key: anything that identifies the line
    :param marketplace: anything that identifies its marketplace, ``None`` where it has none
    :param amount: from the seller's side
    :param month: first day of the month of posting, ``None`` for what belongs to the end
    :param row_count: of Amazon's file: each row was rounded by itself
    :param rates: of net prices: (lowest, highest) rate that explains the tax of each order item,
        ``None`` where it is not known
    :param marketplace_name: as Amazon's file writes it, ``""`` for rows that name none
    :param level: how its words were understood, see ``classify.Match``
    :param has_amount: some row has money, also where the sum is zero
    :param late: posted on a day outside the settlement's period
    :param product_line: the analytic distribution of its SKUs, as text, ``""`` without any
    """

    key: object
    category: str
    marketplace: object
    amount: Decimal
    month: date | None = None
    words: tuple[str, str, str] = ("", "", "")
    fulfillment: str = ""
    tax_form: str = "none"
    tax_class: str = ""
    row_count: int = 1
    rates: tuple[Decimal, Decimal] | None = None
    marketplace_name: str = ""
    level: str = "exact"
    has_amount: bool = True
    late: bool = False
    product_line: str = ""

    @property
    def role(self) -> Role:
        """What its rows are in their order items, see ``order_items.role``."""
        found: Role = role(*self.words[1:])
        return found


def plan_line(line: Line, key: object, marketplace: object) -> PlanLine:
    """Return what the plan needs of a summary line.

    :param key: anything that identifies the line
    :param marketplace: where it is booked: its own, or the one chosen for rows without any
    """
    words = line.key
    return PlanLine(
        key,
        line.category,
        marketplace,
        line.amount,
        words.month,
        (words.transaction_type, words.amount_type, words.amount_description),
        words.fulfillment,
        words.tax_form,
        words.tax_class,
        line.row_count,
        line.rates,
        words.marketplace_name,
        line.level,
        line.has_amount,
        words.late,
        words.product_line,
    )
