"""What is paired: deposits of settlements and lines of the bank, and what could be a pair."""

from collections.abc import Hashable
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeAlias

#: What identifies a record of the caller's.
Key: TypeAlias = Hashable

#: One line is one deposit, to the cent.
EXACT = "exact"
#: One line is several deposits; one deposit is several lines.
SEVERAL, TRANSFERS = "several", "transfers"
#: The bank took a fee off; it, or Amazon, converted the money.
FEE, CONVERTED = "fee", "converted"
#: A line names the deposit and pays a part of it.
PART = "part"
#: A later line takes back what an earlier one brought.
RETURNED = "returned"


class Deposit(NamedTuple):
    """What a settlement leaves open for the bank.

    :param amount: in its currency; negative where the seller owes Amazon
    :param value: the same in the company's currency, as it was booked
    :param places: bank accounts on which it may arrive
    :param references: its settlement id, and whatever else a bank line may name it by
    :param is_chosen: somebody said on which bank account it arrives
    :param fee_limit: the most that a bank may take off, in its currency
    :param is_pending: not posted: it can be no pair yet, and it stands in the way of others
    """

    key: Key
    amount: Decimal
    currency: Key
    value: Decimal
    day: date
    places: frozenset[Key]
    references: tuple[str, ...] = ()
    is_chosen: bool = False
    fee_limit: Decimal = Decimal(0)
    is_pending: bool = False


class BankLine(NamedTuple):
    """What is open of a line of a bank statement; negative where money left.

    :param value: the same in the company's currency
    :param place: its bank account
    :param foreign: what the bank says it was before it converted it: (amount, currency)
    :param is_amazon: its partner is Amazon
    :param is_matched: it has its deposit; only a return can still concern it
    """

    key: Key
    amount: Decimal
    currency: Key
    value: Decimal
    day: date
    place: Key
    text: str = ""
    foreign: tuple[Decimal, Key] | None = None
    is_amazon: bool = False
    is_matched: bool = False


class Rules(NamedTuple):
    """What a company says: the window in days from the deposit's, words, how far a rate may be.

    :param tolerance: percent by which a conversion may differ from the booked rate
    """

    before: int = 1
    after: int = 10
    words: tuple[str, ...] = ("AMAZON", "AMZN", "AMZ")
    tolerance: Decimal = Decimal(4)


class Candidate(NamedTuple):
    """Lines and deposits that could belong together.

    :param score: 1 to 100
    :param reasons: codes, the weightiest first, see ``pairing``
    :param is_sure: it may be matched without asking
    :param difference: what the deposits have more than the lines, in the deposits' currency; of a
        conversion in the company's
    :param days: from the (first) deposit to the (last) line
    """

    kind: str
    lines: tuple[Key, ...]
    deposits: tuple[Key, ...]
    score: int
    reasons: tuple[str, ...]
    is_sure: bool
    difference: Decimal
    days: int
