"""Which journal items of settlements close each other, without a bank line.

A settlement hands on to later ones what it did not pay: a reserve comes back in the next one of
its chain, a negative payout is taken up by a later one, as is a transfer that the bank refused,
and a debt of one marketplace is paid by another. Matching is by amount, to the cent, and only
where exactly one answer fits; what does not is left to people.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple, TypeAlias, TypeVar

_T = TypeVar("_T")
_K = TypeVar("_K")
#: What identifies a settlement.
Settlement: TypeAlias = Hashable
#: Keys of items that close each other.
Group: TypeAlias = tuple[Hashable, ...]
#: Settlement → the one before it; settlement → its payout.
Before: TypeAlias = Mapping[Settlement, Settlement]
Amounts: TypeAlias = Mapping[Settlement, Decimal]

PAYOUT, HELD, RELEASED, DEBT, TAKEN_UP = "payout", "held", "released", "debt", "taken up"


class OpenItem(NamedTuple):
    """An open journal item of a settlement.

    :param settlement: what identifies the settlement
    :param role: ``PAYOUT``: what Amazon owes or is owed by this settlement; ``HELD`` and
        ``RELEASED``: its reserve, and that of the one before; ``DEBT``: paid for another
        marketplace, or by one; ``TAKEN_UP``: an earlier payout that comes back
    :param account: what identifies its account
    :param amount: ``Decimal``, what is open in the settlement's currency; debit positive
    """

    key: Hashable
    settlement: Settlement
    role: str
    account: Hashable
    amount: Decimal


def find_matches(
    items: Iterable[OpenItem], before: Before, pending: Amounts | None = None
) -> list[Group]:
    """Return the groups of items that close each other: tuples of their keys.

    All items are of one company and currency. The items of a ``TAKEN_UP`` group may stand on two
    accounts, as an invoice's payout is on the receivable account; all others share one.

    :param items: iterable of ``OpenItem``
    :param before: {settlement: the one before it in its chain}
    :param pending: {settlement: its payout, debit positive} of those that are not posted yet: what
        fits one of them waits for it
    """
    by_role, pending = _grouped(items, lambda item: item.role), pending or {}
    return [
        *_match_reserves(by_role.get(HELD, ()), by_role.get(RELEASED, ()), before, pending),
        *_match_taken_up(by_role.get(TAKEN_UP, ()), by_role.get(PAYOUT, ()), before, pending),
        *_match_debts(by_role.get(DEBT, ())),
    ]


def _match_reserves(
    held: Iterable[OpenItem], released: Iterable[OpenItem], before: Before, pending: Amounts
) -> Iterator[Group]:
    """The reserve that a settlement holds is released by the one that follows it.

    What remains closes once all of it comes to nothing, but for what the last ones hold: entries
    of earlier versions have one item for what is held less what is released.
    """
    kept_by = _grouped(held, lambda item: (item.settlement, item.account))
    matched: set[Hashable] = set()
    for (settlement, account), back in _grouped(
        released, lambda item: (item.settlement, item.account)
    ).items():
        kept = kept_by.get((before.get(settlement), account), [])
        if kept and not _sum(back) + _sum(kept):
            matched.update(_keys(back + kept))
            yield _keys(back + kept)
    later, earlier = set(before), set(before.values())
    if (later | earlier) & set(pending):
        return
    rest = [item for item in held if item.settlement not in later - earlier] + [*released]
    for items in _grouped(rest, lambda item: item.account).values():
        items = [item for item in items if item.key not in matched]
        if items and not _sum(items):
            yield _keys(items)


def _match_taken_up(
    taken: Iterable[OpenItem], payouts: Iterable[OpenItem], before: Before, pending: Amounts
) -> Iterator[Group]:
    """A payout that did not reach the bank comes back: in the next settlement, or in a later one.

    All that one settlement pays out is one payout, also where each month has an invoice.
    """
    left = _grouped(payouts, lambda item: item.settlement)
    paid = {settlement: _sum(payout) for settlement, payout in left.items()}
    amounts = {**pending, **paid}
    by_amount = _grouped(amounts, amounts.__getitem__)
    for item in taken:
        fits = [one for one in by_amount.get(-item.amount, ()) if one != item.settlement]
        if before.get(item.settlement) in fits:
            fits = [before[item.settlement]]
        if len(fits) == 1 and fits[0] in left:
            by_amount[-item.amount].remove(fits[0])
            yield _keys([item, *left.pop(fits[0])])


def _match_debts(debts: Iterable[OpenItem]) -> Iterator[Group]:
    """What one marketplace pays for others is received by them.

    One is the other's if no third has its amount. What is left closes where all of it together
    comes to nothing: "against BE, ES" is what "for BE" and "for ES" receive.
    """
    for own in _grouped(debts, lambda item: item.account).values():
        by_amount = _grouped(own, lambda item: item.amount)
        paired: set[Hashable] = set()
        for item in own:
            mine, theirs = by_amount[item.amount], by_amount.get(-item.amount, ())
            if item.amount > 0 and len(mine) == len(theirs) == 1:
                paired |= {item.key, theirs[0].key}
                yield item.key, theirs[0].key
        rest = [item for item in own if item.key not in paired]
        if rest and not _sum(rest):
            yield _keys(rest)


def _grouped(items: Iterable[_T], key: Callable[[_T], _K]) -> dict[_K, list[_T]]:
    groups: dict[_K, list[_T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def _sum(items: Iterable[OpenItem]) -> Decimal:
    return sum((item.amount for item in items), Decimal(0))


def _keys(items: Iterable[OpenItem]) -> Group:
    return tuple(item.key for item in items)
