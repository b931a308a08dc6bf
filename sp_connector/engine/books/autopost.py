"""May a settlement be booked without a person looking? Only where nothing about it is new.

Each reason against it is a finding; where there is none, a robot may do what a person would.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from ..words.categories import CATEGORIES
from .decide import Decision
from .findings import Finding, few
from .lines import PlanLine
from .tax_rows import ZERO

CODES = (
    "auto_held",
    "auto_first",
    "auto_not_exact",
    "auto_new_words",
    "auto_new_marketplace",
    "auto_limit",
    "auto_total",
    "auto_fees",
    "auto_elsewhere",
    "auto_chain",
    "auto_sent_again",
    "auto_control",
    "auto_control_waits",
    "auto_waits",
    "auto_refused",
)
#: What people should know although nothing is wrong, and look at before it is posted.
CAUTIONS = ("other_drafts", "imported_elsewhere", "invoiced", "invoice_drafts", "old_rate")
#: So many of the last settlements say what is usual.
EARLIER = 6


class Figures(NamedTuple):
    """What is compared with earlier settlements.

    :param fee_share: what Amazon keeps of the income, ``None`` where there is no income
    """

    total: Decimal
    fee_share: Decimal | None


class Policy(NamedTuple):
    """What a company allows.

    :param delay: days after it arrived in which a person may look first
    :param limit: the largest payout or debt, in the settlement's currency; ``None`` for any
    :param spread: so much the total may lie outside the last ones', as a share of them
    :param fee_spread: the same of the fees, in shares of the income
    """

    delay: int = 0
    limit: Decimal | None = None
    spread: Decimal = Decimal("0.5")
    fee_spread: Decimal = Decimal("0.1")


class Known(NamedTuple):
    """What the same account's posted settlements are like.

    :param words: folded words of its lines
    :param marketplaces: names of marketplaces, as Amazon's files write them
    :param earlier: ``Figures`` of the last ones
    """

    words: frozenset[tuple[str, str, str]]
    marketplaces: frozenset[str]
    earlier: Sequence[Figures]


def figures(total: Decimal, sums: dict[str, Decimal]) -> Figures:
    """Return the figures of a settlement of which the sums by category are known."""
    income = sum((sums[one] for one in sums if CATEGORIES.get(one) == "income"), ZERO)
    fees = sum((sums[one] for one in sums if CATEGORIES.get(one) == "expense"), ZERO)
    return Figures(total, -fees / income if income > 0 else None)


def sums_of(lines: Iterable[PlanLine]) -> dict[str, Decimal]:
    """Return the sums of lines by category."""
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.category] = sums.get(line.category, ZERO) + line.amount
    return sums


def fold(words: Iterable[str]) -> tuple[str, ...]:
    """Return words as they are compared."""
    return tuple(word.casefold() for word in words)


def stops(
    decision: Decision,
    policy: Policy,
    known: Known,
    *,
    arrived: date,
    today: date,
    others: Sequence[object] = (),
    is_chain_broken: bool = False,
    was_sent_again: bool = False,
    statement_difference: Decimal = ZERO,
    awaits_statement: bool = False,
) -> tuple[Finding, ...]:
    """Return what speaks against booking a settlement without a person, in the order of reading.

    :param arrived: the day of its import
    :param others: entries of somebody else that may book it already
    :param is_chain_broken: a settlement beside it is missing or does not fit
    :param was_sent_again: Amazon sent it once more, with other content
    :param statement_difference: how much more Amazon's second statement says
    :param awaits_statement: that statement is still to be asked for
    """
    if decision.holds or not decision.plan.proved:
        return (Finding("auto_held"),)
    found = list(_new(decision, known))
    if policy.limit is not None and abs(decision.facts.amount_total) > policy.limit:
        total = decision.facts.amount_total
        found.append(Finding("auto_limit", {"total": total, "limit": policy.limit}))
    if known.earlier:
        found += _unusual(decision, policy, known.earlier)
    found += [note for note in decision.notes if note.code in CAUTIONS]
    if others:
        found.append(Finding("auto_elsewhere", {"moves": others}))
    if is_chain_broken:
        found.append(Finding("auto_chain"))
    if was_sent_again:
        found.append(Finding("auto_sent_again"))
    if statement_difference:
        found.append(Finding("auto_control", {"difference": statement_difference}))
    if not found and awaits_statement:
        found.append(Finding("auto_control_waits"))
    if not found and today < (day := arrived + timedelta(days=policy.delay)):
        found.append(Finding("auto_waits", {"day": day}))
    return tuple(found)


def _new(decision: Decision, known: Known) -> Iterator[Finding]:
    lines = [line for line in decision.lines if line.has_amount]
    if inexact := [line for line in lines if line.level != "exact"]:
        yield few("auto_not_exact", "lines", inexact)
    if not known.earlier:
        yield Finding("auto_first")
        return
    if new := [line for line in lines if fold(line.words) not in known.words]:
        yield few("auto_new_words", "lines", new)
    names = dict.fromkeys(line.marketplace_name for line in lines)
    if places := [name for name in names if name and name not in known.marketplaces]:
        yield few("auto_new_marketplace", "names", places)


def _unusual(decision: Decision, policy: Policy, earlier: Sequence[Figures]) -> Iterator[Finding]:
    now = figures(decision.facts.amount_total, sums_of(decision.lines))
    totals = [one.total for one in earlier]
    low = min(totals) - abs(min(totals)) * policy.spread
    high = max(totals) + abs(max(totals)) * policy.spread
    if not low <= now.total <= high:
        yield Finding("auto_total", {"total": now.total, "low": low, "high": high})
    shares = [one.fee_share for one in earlier if one.fee_share is not None]
    if not shares:
        return
    low, high = min(shares) - policy.fee_spread, max(shares) + policy.fee_spread
    if now.fee_share is None or not low <= now.fee_share <= high:
        yield Finding("auto_fees", {"share": now.fee_share, "low": low, "high": high})
