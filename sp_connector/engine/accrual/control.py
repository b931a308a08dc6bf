"""A settlement against Amazon's own summary of it.

Facts: docs/facts/api.md, "Finances". Whether Amazon's net proceeds are the payout, or the payout
without what was held or carried, is open: agreeing with either is agreeing.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from ..words.grammar import normalise

if TYPE_CHECKING:
    from ..amazon.finances import Summary

AGREES, DIFFERS, UNAVAILABLE = "agrees", "differs", "unavailable"
#: What moves balances, and is neither earned nor spent.
BALANCES = ("reserve", "carried_balance", "failed_transfer", "bank_verification", "card_charge")
SALES, REFUNDS, EXPENSES, TRANSFERS = "sales", "refunds", "expenses", "transfers"
_SALES_COLUMNS = ("itemprice", "promotion", "itemwithheldtax", "v1:priceamount")


class Amount(NamedTuple):
    """The sum of rows with the same words, from the seller's side."""

    transaction_type: str
    amount_type: str
    category: str
    amount: Decimal


class Part(NamedTuple):
    """One of Amazon's breakdowns that differs.

    :param ours: ``None`` where rows cannot be told to belong to it
    """

    name: str
    amazon: Decimal
    ours: Decimal | None


class Control(NamedTuple):
    """What a comparison found.

    :param state: ``agrees``, ``differs`` or ``unavailable``
    :param code: why it is not available: ``no_statement``, ``currency``
    :param net: what Amazon says
    :param difference: how much more Amazon says than the settlement
    :param parts: where they differ, as far as Amazon's breakdowns tell
    """

    state: str
    code: str = ""
    net: Decimal = Decimal(0)
    difference: Decimal = Decimal(0)
    parts: tuple[Part, ...] = ()


def compare(
    total: Decimal, currency: str, amounts: Iterable[Amount], summaries: Iterable["Summary"]
) -> Control:
    """Compare a settlement with Amazon's summaries, one for each marketplace and account type.

    :param total: what the settlement pays out, and its currency
    :param amounts: what its rows add up to, by their words
    """
    summaries, amounts = list(summaries), list(amounts)
    if not summaries:
        return Control(UNAVAILABLE, "no_statement")
    if any(summary.currency != currency for summary in summaries):
        return Control(UNAVAILABLE, "currency")
    net = sum((summary.net for summary in summaries), Decimal(0))
    moved = sum((one.amount for one in amounts if one.category in BALANCES), Decimal(0))
    # The nearer of both: what lies between them is no sum that anybody lost.
    difference = min(net - total, net - total + moved, key=abs)
    if not difference:
        return Control(AGREES, net=net)
    return Control(DIFFERS, "", net, difference, tuple(_parts(amounts, summaries)))


def _parts(amounts: list[Amount], summaries: list["Summary"]) -> Iterable[Part]:
    """Yield the breakdowns that differ, and those that have no counterpart."""
    ours: dict[str, Decimal] = defaultdict(Decimal)
    for one in amounts:
        ours[_group(one)] += one.amount
    told: dict[str, Decimal] = defaultdict(Decimal)
    for summary in summaries:
        for name, amount in summary.breakdowns:
            told[name] += amount
    for name, amount in told.items():
        group = normalise(name)
        mine = ours[group] if group in (SALES, REFUNDS, EXPENSES, TRANSFERS) else None
        if mine != amount:
            yield Part(name, amount, mine)


def _group(one: Amount) -> str:
    """Return under which of Amazon's breakdowns the rows of some words are likely to stand."""
    if "refund" in normalise(one.transaction_type):
        return REFUNDS
    if one.category in BALANCES:
        return TRANSFERS
    if normalise(one.amount_type) in _SALES_COLUMNS:
        return SALES
    return EXPENSES
