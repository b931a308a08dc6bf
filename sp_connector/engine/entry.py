"""Summary lines and accounts → the plan of a journal entry, with its own proof.

The plan can be shown, compared and refused before anything is written. Amounts are ``Decimal``
in the settlement's currency; ``balance`` is the ledger's side: debit positive, credit negative.
"""

from decimal import Decimal
from typing import NamedTuple

from .categories import DEPOSIT


class PlanLine(NamedTuple):
    """What the plan needs to know of a summary line.

    :param key: anything that identifies the line
    :param marketplace: anything that identifies its marketplace, ``None`` where it has none
    :param amount: from the seller's side
    """

    key: object
    category: str
    marketplace: object
    amount: Decimal


class Item(NamedTuple):
    """One journal item.

    :param category: a category, or ``deposit`` for the balancing item on the clearing account
    :param balance: debit positive, credit negative, in the settlement's currency
    :param line_keys: the summary lines it is made of
    """

    account: object
    category: str
    marketplace: object
    balance: Decimal
    line_keys: tuple = ()


class Missing(NamedTuple):
    """A category (of a marketplace) that has money and no account."""

    category: str
    marketplace: object


class Plan(NamedTuple):
    """A journal entry to be.

    :param items: journal items, the deposit last; empty while something is missing
    :param missing: what has no account yet
    :param amount_entry: payout that the items explain, from the seller's side
    :param difference: Amazon's total minus what the items explain; zero in a proved plan
    """

    items: tuple
    missing: tuple
    amount_entry: Decimal
    difference: Decimal

    @property
    def proved(self):
        """True if nothing is missing and debits, credits and Amazon's total agree."""
        return (
            not self.missing
            and not self.difference
            and not sum((item.balance for item in self.items), Decimal(0))
        )


class Accounts:
    """Which account a category goes to.

    :param rules: iterable of (category, marketplace or ``None`` for all, account)
    """

    def __init__(self, rules):
        self._accounts = {(category, place): account for category, place, account in rules}

    def find(self, category, marketplace):
        """Return the account, the marketplace's own before the general one, or ``None``."""
        accounts = self._accounts
        return accounts.get((category, marketplace)) or accounts.get((category, None))


def plan_entry(amount_total, lines, accounts, marketplace=None):
    """Plan the entry of one settlement.

    One item per category, marketplace and account, in the order of the lines, then the deposit
    on the clearing account. A zero settlement still books its income and fees (trap C13).

    :param amount_total: Amazon's total, from the seller's side; negative is a debt to Amazon
    :param lines: iterable of ``PlanLine``
    :param accounts: an ``Accounts``
    :param marketplace: the marketplace whose clearing account takes the deposit
    :return: ``Plan``
    """
    groups, missing = {}, {}
    for line in lines:
        if not line.amount:
            continue
        account = accounts.find(line.category, line.marketplace)
        if account is None:
            missing[Missing(line.category, line.marketplace)] = True
            continue
        group = groups.setdefault((account, line.category, line.marketplace), [])
        group.append(line)
    items = []
    for (account, category, place), group in groups.items():
        balance = -sum((line.amount for line in group), Decimal(0))
        if balance:
            keys = tuple(line.key for line in group)
            items.append(Item(account, category, place, balance, keys))
    amount_entry = -sum((item.balance for item in items), Decimal(0))
    clearing = accounts.find(DEPOSIT, marketplace)
    if clearing is None:
        missing[Missing(DEPOSIT, marketplace)] = True
    elif amount_total:
        items.append(Item(clearing, DEPOSIT, marketplace, amount_total))
    return Plan(
        () if missing else tuple(items),
        tuple(missing),
        amount_entry,
        amount_total - amount_entry,
    )
