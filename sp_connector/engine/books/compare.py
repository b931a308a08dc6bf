"""What was planned ↔ what the ledger says, item by item.

The planned entries are the yardstick: what was written when a settlement was booked. The ledger is
every entry that belongs to it now, reversals and cancelled ones too. Amounts are ``Decimal``; the
rest of an item is anything that can be compared.
"""

import hashlib
from collections import Counter
from collections.abc import Hashable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

#: What a settlement's entries are, all together.
NONE, DRAFT, POSTED, PARTLY, CHANGED = "none", "draft", "posted", "partly", "changed"


class Item(NamedTuple):
    """A journal item; all but the label must be as planned.

    :param amount: in ``currency``, debit positive; ``balance``: the same in the company's currency
    :param taxes: of a base, ``repartition``: the share of a tax that this item is
    :param tags: the boxes of the tax return
    :param analytic: the distribution in a form that can be compared
    """

    label: str
    account: Hashable
    amount: Decimal
    balance: Decimal
    currency: Hashable = None
    taxes: frozenset[Hashable] = frozenset()
    tags: frozenset[Hashable] = frozenset()
    repartition: Hashable = None
    partner: Hashable = None
    analytic: Hashable = None

    @property
    def compared(self) -> tuple[Hashable, ...]:
        """Everything but the label, which people may change."""
        return self[1:]


class Entry(NamedTuple):
    """An entry and its items.

    :param key: identifies it; a later entry has a greater key. ``None``: it was deleted
    :param state: ``draft``, ``posted`` or ``cancel``; of no meaning for a planned entry
    :param reverses: key of the entry that it reverses
    """

    key: Any
    day: date | None
    items: tuple[Item, ...]
    state: str = "draft"
    reverses: Any = None


class Difference(NamedTuple):
    """One thing in which the ledger is not as planned.

    :param kind: ``deleted``, ``cancelled``, ``reversed`` or ``unposted`` (an entry is missing),
        ``date``, ``item`` (``field`` says what of it), ``lacks`` (an item), ``more`` (an item), or
        ``other`` (an entry that nobody planned)
    :param entry: the planned entry, of ``other`` the found one
    :param planned: value, item or entry; so ``found``
    """

    kind: str
    entry: Entry
    planned: Any = None
    found: Any = None
    field: str = ""


class Comparison(NamedTuple):
    """What the ledger says of a settlement.

    :param status: ``none`` (neither planned nor found), ``draft``, ``posted``, ``partly`` (some
        entries are posted, others not) or ``changed``
    :param differences: what is not as planned
    :param missing: planned entries that are neither posted nor a draft
    :param neutral: keys of posted entries that cancel each other: reversals and what they reverse
    """

    status: str
    differences: tuple[Difference, ...]
    missing: tuple[Entry, ...]
    neutral: frozenset[Hashable]

    @property
    def edited(self) -> tuple[Difference, ...]:
        """The differences that only undoing mends: entries that exist and are not as planned."""
        return tuple(
            item for item in self.differences if item.kind not in MISSING and item.kind != UNPOSTED
        )


MISSING = ("deleted", "cancelled", "reversed")
UNPOSTED = "unposted"
_FIELDS = Item._fields[1:]


def fingerprint(entries: Iterable[Entry]) -> str:
    """Return a digest of entries that is equal where the same is booked, whatever labels say."""
    plain = sorted(
        f"{entry.day} {entry.key!r} {sorted(map(_plain, entry.items))}" for entry in entries
    )
    return hashlib.sha256("\n".join(plain).encode()).hexdigest()


def _plain(item: Item) -> str:
    values = (
        sorted(map(repr, value)) if isinstance(value, frozenset) else value
        for value in item.compared
    )
    # A zero has no sign here.
    return repr([str(value + 0) if isinstance(value, Decimal) else value for value in values])


def compare(planned: Iterable[Entry], ledger: Iterable[Entry]) -> Comparison:
    """Compare the planned entries of a settlement with what the ledger holds of it.

    :param planned: iterable of ``Entry``, in the order of their dates
    :param ledger: iterable of ``Entry``
    :return: ``Comparison``
    """
    planned = tuple(planned)
    found = {entry.key: entry for entry in ledger}
    reversals = _pair_reversals(found)
    neutral = frozenset(reversals) | frozenset(entry.key for entry in reversals.values())
    differences: list[Difference] = []
    missing: list[Entry] = []
    used: set[Hashable] = set()
    posted = drafts = 0
    for entry in planned:
        actual = found.get(entry.key)
        if actual and actual.state != "cancel" and entry.key not in neutral:
            used.add(entry.key)
            posted += actual.state == "posted"
            drafts += actual.state == "draft"
            differences += compare_entry(entry, actual)
            continue
        missing.append(entry)
        kind = "deleted" if not actual else "reversed" if entry.key in neutral else "cancelled"
        differences.append(Difference(kind, entry, entry, reversals.get(entry.key)))
    others = [
        entry
        for entry in found.values()
        if entry.state == "posted" and entry.key not in used and entry.key not in neutral
    ]
    differences += [Difference("other", entry, None, entry) for entry in others]
    if posted and drafts:
        differences += [
            Difference(UNPOSTED, entry, entry, found[entry.key])
            for entry in planned
            if entry.key in used and found[entry.key].state == "draft"
        ]
    wrong = any(
        item.kind not in (*MISSING, UNPOSTED) and found[item.entry.key].state == "posted"
        for item in differences
    )
    if wrong or (planned and not posted and not drafts):
        status = CHANGED
    elif posted:
        status = POSTED if posted == len(planned) else PARTLY
    else:
        status = DRAFT if drafts else NONE
    return Comparison(status, tuple(differences), tuple(missing), neutral)


def _pair_reversals(found: dict[Any, Entry]) -> dict[Hashable, Entry]:
    """Return {key of an entry: the posted reversal that takes it back}.

    The newest first: a reversal that was itself reversed takes nothing back.
    """
    open_entries = {key: entry for key, entry in found.items() if entry.state == "posted"}
    pairs: dict[Hashable, Entry] = {}
    for key in sorted(open_entries, reverse=True):
        entry = open_entries.get(key)
        target = open_entries.get(entry.reverses) if entry else None
        if entry and target and _mirrors(entry, target):
            pairs[target.key] = entry
            del open_entries[key], open_entries[target.key]
    return pairs


def _mirrors(entry: Entry, target: Entry) -> bool:
    """Tell whether two entries cancel each other on every account, in both currencies.

    Taxes and boxes are Odoo's affair: a credit note has those of refunds.
    """
    return Counter(
        (item.account, item.currency, -item.amount, -item.balance) for item in entry.items
    ) == Counter((item.account, item.currency, item.amount, item.balance) for item in target.items)


def compare_entry(planned: Entry, actual: Entry) -> list[Difference]:
    """Return the ``Difference``s of an entry that exists: its date and its items.

    Each planned item has one that equals it. What is left is told pairwise: of the same label,
    else of the same account; it is only the telling that depends on these.
    """
    differences: list[Difference] = []
    if planned.day != actual.day:
        differences.append(Difference("date", planned, planned.day, actual.day))
    left = Counter(item.compared for item in actual.items)
    lacking = []
    for item in planned.items:
        if left[item.compared]:
            left[item.compared] -= 1
        else:
            lacking.append(item)
    if not lacking and not any(left.values()):
        return differences
    surplus = []
    for item in reversed(actual.items):  # so that the first of equal ones count as found
        if left[item.compared]:
            left[item.compared] -= 1
            surplus.append(item)
    surplus.reverse()
    for attribute in ("label", "account"):
        lacking, surplus = _tell_pairs(planned, lacking, surplus, attribute, differences)
    differences += [Difference("lacks", planned, item, None) for item in lacking]
    differences += [Difference("more", planned, None, item) for item in surplus]
    return differences


def _tell_pairs(
    entry: Entry,
    lacking: list[Item],
    surplus: list[Item],
    attribute: str,
    differences: list[Difference],
) -> tuple[list[Item], list[Item]]:
    """Pair items by an attribute and tell what differs; return those without a pair."""
    waiting: dict[Hashable, list[Item]] = {}
    for item in reversed(surplus):
        waiting.setdefault(getattr(item, attribute), []).append(item)
    alone: list[Item] = []
    paired: Counter[Item] = Counter()
    for item in lacking:
        partners = waiting.get(getattr(item, attribute))
        if not partners:
            alone.append(item)
            continue
        other = partners.pop()
        paired[other] += 1
        differences += [
            Difference("item", entry, item, other, field)
            for field in _FIELDS
            if getattr(item, field) != getattr(other, field)
        ]
    rest = []
    for item in surplus:
        if paired[item]:
            paired[item] -= 1
        else:
            rest.append(item)
    return alone, rest
