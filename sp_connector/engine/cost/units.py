"""Which rows of a settlement tell that goods left the stock, or came back.

Facts: docs/facts/settlement-files.md, "V2 columns" and "V1 columns"; docs/facts/words.md, "Goods".

One order item has many rows. V2 repeats its quantity on each of them, so that it counts on the
price of the goods alone; V1 gives it a row of its own without any amount.
"""

from typing import NamedTuple

from ..words.grammar import normalise

#: Sold or lost goods left the stock, refunded or found ones may have come back.
SOLD, REFUNDED, LOST, FOUND = "sold", "refunded", "lost", "found"
#: Kinds of goods → what they do to the cost.
SIGNS = {SOLD: 1, LOST: 1, REFUNDED: -1, FOUND: -1}

#: What Amazon pays for goods that it had in its stock. Goods of a lost or damaged order
#: (MULTICHANNEL_ORDER_LOST) left with the order already, and so did what a buyer keeps
#: (REVERSAL_REIMBURSEMENT).
_LOST = frozenset(
    {
        "warehouselost",
        "warehouselostmanual",
        "warehousedamage",
        "warehousedamageexception",
        "missingfrominbound",
        "inboundcarrierdamage",
        "removalorderlost",
        "removalorderdamaged",
    }
)
#: What it takes back of that, when the goods are found.
_FOUND = frozenset({"compensatedclawback", "missingfrominboundclawback"})
_PRICES = {"ItemPrice": False, "V1:price-amount": True}
_EVENTS = {"order": SOLD, "liquidations": SOLD, "refund": REFUNDED}


class Tells(NamedTuple):
    """What the rows of a summary line tell of goods.

    :param kind: one of ``SIGNS``
    :param is_bare: rows of V1 that hold the quantity and nothing else
    """

    kind: str
    is_bare: bool = False


def tells(words: tuple[str, str, str]) -> Tells | None:
    """Return what rows with Amazon's words tell of goods, ``None`` for nothing."""
    transaction_type, amount_type, description = words
    event = normalise(transaction_type)
    if amount_type in _PRICES:
        is_bare = _PRICES[amount_type] and not description
        if event not in _EVENTS or not (is_bare or normalise(description) == "principal"):
            return None
        return Tells(_EVENTS[event], is_bare)
    # V1 names the reason in the type, V2 in the description.
    if amount_type == "V1:other-amount":
        reason = event
    elif "inventoryreimbursement" in normalise(amount_type):
        reason = normalise(description)
    else:
        return None
    return Tells(LOST) if reason in _LOST else Tells(FOUND) if reason in _FOUND else None
