"""Lines of what is not settled and the account mapping → the lines of an accrual.

The plan is that of a settlement: the same rules, the same taxes. Its payout is the accrued income.
An accrual writes no tax: what it accrues of one is an amount on the account of that tax.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ..books.entry import Item, plan_entries
from ..books.lines import PlanLine
from ..books.mapping import Mapping, Rule
from ..books.periods import Calendar
from ..books.tax_rows import Misfit, TaxOn
from ..words.categories import CATEGORIES, DEPOSIT, TAX_ROWS

ZERO = Decimal(0)
#: What is earned or spent; the rest of a settlement moves balances, which no month end changes.
_EARNED = ("income", "other_income", "expense")
#: ``accrued``; ``tax``: of it, accrued if so chosen; ``unmapped``: no rule, or nobody knows the
#: words; ``undecided``: nobody said how it is taxed; ``left_out``: it moves balances;
#: ``invoiced``: an invoice has booked it.
ACCRUED, TAX, UNMAPPED, UNDECIDED, LEFT_OUT = "accrued", "tax", "unmapped", "undecided", "left_out"
INVOICED = "invoiced"


class Accrual(NamedTuple):
    """What is accrued of a category in a marketplace, from the seller's side.

    :param amount: without the tax that Odoo would take out or that stands beside
    :param tax: that tax; ``taxes`` what identifies it
    :param keys: of the lines it is made of
    """

    state: str
    category: str
    marketplace: object
    account: object
    amount: Decimal
    tax: Decimal = ZERO
    taxes: tuple[object, ...] = ()
    keys: tuple[object, ...] = ()
    analytic: str | None = None


class Proposal(NamedTuple):
    """What is accrued, and what does not fit the mapped taxes (``tax_rows.Misfit``)."""

    lines: list[Accrual]
    misfits: tuple[Misfit, ...]


class _Accruing(Mapping):
    """A company's mapping in which the payout is the accrued income."""

    def __init__(self, mapping: Mapping, account: object) -> None:
        self._mapping = mapping
        self._payout = Rule(DEPOSIT, account)

    def find(self, line: PlanLine, day: date | None = None) -> Rule | None:
        """Return the ``Rule`` of a line on a day."""
        return self._payout if line.category == DEPOSIT else self._mapping.find(line, day)

    def analysed(self, rule: Rule, line: PlanLine) -> Rule:
        """Return the rule of a line with the analytic distribution of the line's product."""
        return self._mapping.analysed(rule, line)

    def _find(self, line: PlanLine, day: date | None, marketplace: object = None) -> Rule | None:
        return self._mapping._find(line, day, marketplace)


def propose(
    lines: Iterable[PlanLine],
    mapping: Mapping,
    cut_off: date,
    *,
    tax_on: TaxOn,
    tax_in: Callable[[tuple[object, ...], Decimal], Decimal],
    is_registered: bool,
    is_invoiced: Callable[[PlanLine], bool] = lambda _line: False,
    unit: Decimal = Decimal("0.01"),
) -> Proposal:
    """Return the ``Proposal`` for the lines of one currency.

    :param cut_off: the last day that counts
    :param tax_on: function (taxes, net amount) → their tax; ``tax_in``: (taxes, gross amount) → it
    :param is_registered: undecided taxes are not accrued
    :param is_invoiced: function → whether an invoice has booked a line
    """
    kept, found = [], []
    for line in lines:
        if not line.amount:
            continue
        is_earned = _is_accrued(line.category)
        if is_earned and not is_invoiced(line):
            kept.append(line)
        else:
            state = INVOICED if is_earned else LEFT_OUT
            found.append(
                Accrual(state, line.category, line.marketplace, None, line.amount, keys=(line.key,))
            )
    calendar = Calendar(None, cut_off, cut_off, by_month=False)
    accruing = _Accruing(mapping, None)
    ruled = []
    for line in kept:
        rule = mapping.find(line, calendar.rule_day(line.month))
        state = _lacks(line, rule, is_registered)
        if state:
            account = rule.account if rule else None
            found.append(
                Accrual(
                    state, line.category, line.marketplace, account, line.amount, keys=(line.key,)
                )
            )
        else:
            ruled.append(line)
    total = sum((line.amount for line in ruled), ZERO)
    plan = plan_entries(total, ruled, accruing, calendar=calendar, tax_on=tax_on, unit=unit)
    items = [item for part in plan.parts for item in part.items if item.category != DEPOSIT]
    return Proposal([*(_accrue(item, tax_in) for item in items), *found], plan.misfits)


def _is_accrued(category: str) -> bool:
    kind = CATEGORIES.get(category)
    return kind in _EARNED or kind is None or category in (*TAX_ROWS, "tax_credit")


def _lacks(line: PlanLine, rule: Rule | None, is_registered: bool) -> str:
    if rule is None or line.category == "unknown":
        return UNMAPPED
    return UNDECIDED if is_registered and rule.tax_mode == "undecided" else ""


def _accrue(item: Item, tax_in: Callable[[tuple[object, ...], Decimal], Decimal]) -> Accrual:
    amount, tax = -item.balance, -item.tax_balance
    if item.tax == "included":
        tax = tax_in(item.taxes, amount)
        amount -= tax
    is_tax = item.category in (*TAX_ROWS, "tax_credit")
    return Accrual(
        TAX if is_tax else ACCRUED,
        item.category,
        item.marketplace,
        item.account,
        ZERO if is_tax else amount,
        amount if is_tax else tax,
        item.taxes if tax else (),
        item.line_keys + item.tax_keys,
        item.analytic,
    )
