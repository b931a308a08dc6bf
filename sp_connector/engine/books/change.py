"""What a change of rules, accounts or taxes does to the books: sums before and after.

Entries are told by their journal items (``compare.Item``); what stands on an account, and in a box
of the tax return, is the sum of their balances, debit positive.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from decimal import Decimal
from typing import NamedTuple

from .compare import Item

#: What has sums: an account, a box of the tax return (in Odoo a tag), a tax that items bear.
KINDS = ("account", "grid", "tax")
_ZERO = Decimal()


class Change(NamedTuple):
    """A sum that differs. ``key``: of the account, the box or the tax."""

    kind: str
    key: Hashable
    before: Decimal
    after: Decimal

    @property
    def difference(self) -> Decimal:
        """What is added to the sum."""
        return self.after - self.before


def find_changes(before: Iterable[Item], after: Iterable[Item]) -> list[Change]:
    """Return the ``Change`` of each account, box and tax whose sum differs, in the order of KINDS.

    A box or a tax whose sum is the same may still have moved: then its accounts say so.
    """
    old, new = _sums(before), _sums(after)
    changed = [key for key in {**old, **new} if old[key] != new[key]]
    changed.sort(key=lambda key: KINDS.index(key[0]))
    return [Change(*key, old[key], new[key]) for key in changed]


def is_other(before: Iterable[Item], after: Iterable[Item]) -> bool:
    """Tell whether items differ in anything but their labels and order, also where no sum does."""
    return _compared(before) != _compared(after)


def add_changes(changes: Iterable[Change]) -> list[Change]:
    """Return the sums of the changes of several settlements; some may be equal sums then."""
    sums: dict[tuple[str, Hashable], tuple[Decimal, Decimal]] = {}
    for change in changes:
        before, after = sums.get(change[:2], (_ZERO, _ZERO))
        sums[change[:2]] = before + change.before, after + change.after
    ordered = sorted(sums, key=lambda key: KINDS.index(key[0]))
    return [Change(*key, *sums[key]) for key in ordered]


def _sums(items: Iterable[Item]) -> dict[tuple[str, Hashable], Decimal]:
    sums: dict[tuple[str, Hashable], Decimal] = defaultdict(Decimal)
    for item in items:
        sums["account", item.account] += item.balance
        for tag in item.tags:
            sums["grid", tag] += item.balance
        for tax in item.taxes:
            sums["tax", tax] += item.balance
    return sums


def _compared(items: Iterable[Item]) -> Counter[tuple[Hashable, ...]]:
    return Counter(item.compared for item in items)
