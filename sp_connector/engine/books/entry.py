"""Summary lines and account mapping → the plan of journal entries, with its own proof.

The plan can be shown, compared and refused before anything is written. Amounts of lines are
from the seller's side; ``balance`` is the ledger's side: debit positive, credit negative. All are
``Decimal`` in the settlement's currency.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ..cost.costing import sums
from ..cost.stock import Stock
from ..words.categories import COST, DEPOSIT, INVENTORY, INVOICED, ROLLOVER
from .lines import PlanLine
from .mapping import Mapping, Rule
from .periods import Calendar
from .tax_rows import (
    ZERO,
    Finder,
    Misfit,
    Shares,
    TaxOn,
    is_refund,
    is_untaxed_by_amazon,
    treatment,
)

#: What another settlement left or takes up: each row's item can then be matched by itself.
CHAINED = ("reserve", "carried_balance", "failed_transfer", "debt_adjustment")


class Target(NamedTuple):
    """Where sales go that invoices have booked: what is owed on them.

    :param account: the receivable account of the invoices; ``partner``: whose they are
    :param is_refund: it is owed on credit notes
    :param group: the first order of those that have an item of their own as they do not equal
        their invoices, ``""`` for all others together
    """

    account: object
    partner: object
    is_refund: bool = False
    group: str = ""


#: {line key: what of the line goes where}
Moved = dict[object, dict[Target, Decimal]]


class Item(NamedTuple):
    """One journal item, before Odoo takes its tax apart.

    :param category: a category, ``deposit`` or ``rollover`` for the balancing items, ``invoiced``
        for what goes to a ``target``
    :param balance: debit positive, credit negative; with the tax inside where it is included
    :param taxes: what identifies the taxes
    :param tax: how: ``included`` in the balance, ``excluded`` (adds nothing: zero rate or reverse
        charge), ``beside`` (Amazon's own tax rows say how much), or ``""``
    :param tax_balance: the tax that stands beside the balance, on the ledger's side
    :param line_keys: the summary lines it is made of
    :param tax_keys: the lines of Amazon's tax rows that are its tax
    :param is_refund: its taxes are those of a credit note, see ``is_refund``
    """

    account: object
    category: str
    marketplace: object
    balance: Decimal
    line_keys: tuple[object, ...] = ()
    taxes: tuple[object, ...] = ()
    tax: str = ""
    tax_balance: Decimal = ZERO
    tax_keys: tuple[object, ...] = ()
    analytic: str | None = None
    label: str = ""
    is_refund: bool = False
    target: Target | None = None


class Part(NamedTuple):
    """One journal entry to be; the balancing items come last.

    :param amount: what it adds to the payout, from the seller's side
    :param clearing: the clearing account, which takes what the conversion of currencies rounds
    :param goods: what goods cost, in the company's own currency; its items add up to nothing
    """

    date: date | None
    items: tuple[Item, ...]
    amount: Decimal
    clearing: object = None
    goods: tuple[Item, ...] = ()


class Missing(NamedTuple):
    """A category (of a marketplace) that has money and no account."""

    category: str
    marketplace: object


class Choice(NamedTuple):
    """How a line is booked.

    :param rule: the line of the account mapping that it follows
    :param tax: how the taxes of that rule are meant here, see ``Item.tax``
    :param reason: why this rule where the line itself does not tell, a code of ``tax_rows.WHY``
    """

    rule: Rule
    tax: str
    reason: str = ""


class Note(NamedTuple):
    """Something that people should know of how tax rows are booked, though nothing is wrong.

    :param code: ``untaxed``: prices whose tax is nothing in Amazon's file and that a rule for taxed
        sales therefore leaves untaxed; ``tax_discount``: Amazon's discounts of tax are not the
        mapped tax of the promotions beside them, and are booked as they are
    :param amount: of the prices; how much more Amazon discounted, from the seller's side
    """

    code: str
    marketplace: object
    amount: Decimal
    taxes: tuple[object, ...] = ()


class Plan(NamedTuple):
    """The journal entries to be, in the order of their dates.

    :param parts: empty while something is missing
    :param misfits: tuple of ``tax_rows.Misfit``
    :param amount_entry: payout that the items explain, from the seller's side
    :param difference: Amazon's total minus what the items explain; zero in a proved plan
    :param choices: {line key: its ``Choice``}, without the lines that no rule speaks of
    """

    parts: tuple[Part, ...]
    missing: tuple[Missing, ...]
    misfits: tuple[Misfit, ...]
    amount_entry: Decimal
    difference: Decimal
    choices: dict[object, Choice] = {}
    notes: tuple[Note, ...] = ()

    @property
    def proved(self) -> bool:
        """True if nothing is missing and debits, credits and Amazon's total agree."""
        return (
            not self.missing
            and not self.misfits
            and not self.difference
            and all(_total(part.items) == 0 for part in self.parts)
        )


def plan_entries(
    amount_total: Decimal,
    lines: Iterable[PlanLine],
    mapping: Mapping,
    *,
    calendar: Calendar | None = None,
    marketplace: object = None,
    tax_on: TaxOn | None = None,
    unit: Decimal | str = "0.01",
    each_paid: bool = False,
    moved: Moved | None = None,
) -> Plan:
    """Plan the entries of one settlement: a part for each month, the last with the payout.

    One item per account, category, marketplace and tax, in the order of the lines; what a chain of
    settlements hands on (``CHAINED``) has an item for each line. Earlier parts
    balance on the rollover account, which the last part clears; the payout is a debit on the
    clearing account, a debt to Amazon a credit. A zero settlement still books its income and fees.

    :param amount_total: Amazon's total, from the seller's side; negative is a debt to Amazon
    :param lines: iterable of ``PlanLine``
    :param calendar: without one everything is one part without a date
    :param marketplace: the marketplace whose clearing account takes the deposit
    :param tax_on: function (taxes, net amount) → their tax, both ``Decimal``
    :param unit: the smallest amount of the currency
    :param each_paid: each part has a payout of its own, as invoices have, and nothing is carried
    :param moved: what of the lines invoices have booked; the rest of them follows the mapping
    """
    find = Finder(mapping, tax_on, marketplace)
    planner = _Planner(amount_total, mapping, calendar, marketplace, each_paid, moved or {})
    planner.choose(lines, find)
    planner.add_parts(find, Decimal(unit))
    return planner.plan()


def add_goods(
    plan: Plan,
    stock: Stock,
    mapping: Mapping,
    calendar: Calendar | None,
    each_paid: bool,
) -> Plan:
    """Return a plan whose parts have what goods cost and the stock that they left, too.

    A month in which nothing else is booked gets a part for it, but no invoice: what goods cost
    then stands on the last one.
    """
    if plan.missing or plan.misfits:
        return plan
    parts = {part.date: part for part in plan.parts}
    last = plan.parts[-1].date if plan.parts else None
    for (month, place), cost in sums(stock.goods or ()).items():
        day = calendar.part_date(month) if calendar else None
        # The cost goes where the sales are analysed.
        rule_day = calendar.rule_day(month) if calendar else None
        sales = mapping.find_for("sales", rule_day, marketplace=place)
        items = (
            Item(stock.cost, COST, place, cost, analytic=sales.analytic if sales else None),
            Item(stock.inventory, INVENTORY, place, -cost),
        )
        if each_paid and parts and day not in parts:
            day = last
        part = parts.get(day) or Part(day, (), ZERO)
        parts[day] = part._replace(goods=part.goods + items)
    ordered = sorted(parts.values(), key=lambda part: part.date or date.min)
    return plan._replace(parts=tuple(ordered))


class _Planner:
    """What is known of a plan while it is made."""

    def __init__(
        self,
        amount_total: Decimal,
        mapping: Mapping,
        calendar: Calendar | None,
        marketplace: object,
        each_paid: bool,
        moved: Moved,
    ) -> None:
        self._total, self._mapping, self._calendar = amount_total, mapping, calendar
        self._each_paid, self._moved = each_paid, moved
        self._owed: dict[date | None, dict[Target, Item]] = defaultdict(dict)
        self._payout = PlanLine(None, DEPOSIT, marketplace, ZERO)
        self._booked: dict[date | None, list[tuple[PlanLine, Rule]]] = defaultdict(list)
        self._missing: dict[Missing, bool] = {}
        self._choices: dict[object, Choice] = {}
        self._notes: dict[tuple[str, object, tuple[object, ...]], Decimal] = defaultdict(Decimal)
        self._parts: list[Part] = []
        self._misfits: list[Misfit] = []
        self._carried: list[Item] = []

    def choose(self, lines: Iterable[PlanLine], find: Finder) -> None:
        """Find the rule of each line, and the part in which its amount is booked."""
        calendar = self._calendar
        for line in lines:
            line, rule, reason = find(line, calendar.rule_day(line.month) if calendar else None)
            if rule:
                tax = treatment(rule, line.tax_form)
                self._choices[line.key] = Choice(rule, tax, reason)
            line = self._move(line)
            if not line.amount:
                continue
            if rule is None:
                self._missing[Missing(line.category, line.marketplace)] = True
                continue
            day = calendar.part_date(line.month) if calendar else None
            rule = self._mapping.analysed(rule, line)
            self._booked[day].append((line, rule))
            if is_untaxed_by_amazon(line, rule):
                self._notes["untaxed", line.marketplace, rule.taxes] += line.amount

    def _move(self, line: PlanLine) -> PlanLine:
        """Take out of a line what invoices have booked, and return the rest of it."""
        moved = self._moved.get(line.key, {})
        day = self._calendar.part_date(line.month) if self._calendar and moved else None
        for target, amount in moved.items():
            self._booked.setdefault(day, [])
            place = self._payout.marketplace
            empty = Item(target.account, INVOICED, place, ZERO, target=target)
            item = self._owed[day].get(target, empty)
            self._owed[day][target] = item._replace(
                balance=item.balance - amount, line_keys=(*item.line_keys, line.key)
            )
        return line._replace(amount=line.amount - sum(moved.values(), ZERO)) if moved else line

    def add_parts(self, find: Finder, unit: Decimal) -> None:
        """Make the entry of each day on which something is booked, the last one's last."""
        last = self._calendar.date_last if self._calendar else None
        if self._total or not self._booked or not self._each_paid:
            # It pays out and clears what was carried, even where no row is left for it.
            self._booked.setdefault(last, [])
        for day in sorted(self._booked, key=lambda day: (day == last, day or date.min)):
            shares = Shares(self._booked[day], find, unit)
            self._misfits += shares.misfits
            for place, taxes, amount in shares.discounts:
                self._notes["tax_discount", place, taxes] += amount
            items = _items(self._booked[day], shares)
            owed = self._owed[day]
            items += [owed[key] for key in sorted(owed, key=_target_order) if owed[key].balance]
            self._add_part(day, items, is_last=day == last)

    def _add_part(self, day: date | None, items: list[Item], is_last: bool) -> None:
        amount = -_total(items)
        category, balance = ROLLOVER, amount
        if is_last or self._each_paid:
            category = DEPOSIT
        if is_last:
            # It takes what Amazon says, so that a difference cannot hide.
            earlier = sum((part.amount for part in self._parts), ZERO) if self._each_paid else ZERO
            items += self._carried
            balance = self._total - earlier
        rule = self._mapping.find(self._payout._replace(category=category), day)
        if rule is None and (balance or category == DEPOSIT):
            self._missing[Missing(category, self._payout.marketplace)] = True
        elif rule and balance:
            place = self._payout.marketplace
            item = Item(rule.account, category, place, balance, analytic=rule.analytic)
            items.append(item)
            if category == ROLLOVER:
                self._carried.append(item._replace(balance=-balance))
        if items or not self._parts:
            clearing = self._mapping.find(self._payout, day) or rule
            account = clearing.account if clearing else None
            self._parts.append(Part(day, tuple(items), amount, account))

    def plan(self) -> Plan:
        """Return what was found."""
        amount_entry = sum((part.amount for part in self._parts), ZERO)
        return Plan(
            () if self._missing else tuple(part for part in self._parts if part.items),
            tuple(self._missing),
            tuple(self._misfits),
            amount_entry,
            self._total - amount_entry,
            self._choices,
            tuple(
                Note(code, place, amount, taxes)
                for (code, place, taxes), amount in self._notes.items()
                if amount
            ),
        )


def _target_order(target: Target) -> tuple[bool, str, str]:
    return target.is_refund, target.group, f"{target.account} {target.partner}"


def _total(items: Iterable[Item]) -> Decimal:
    return sum((item.balance + item.tax_balance for item in items), ZERO)


def _items(booked: list[tuple[PlanLine, Rule]], shares: Shares) -> list[Item]:
    amounts, keys = shares.amounts, shares.keys
    taken = {key for group in keys.values() for key in group}
    groups: dict[tuple[Item, object], list[PlanLine]] = {}
    for line, rule in booked:
        if line.key in taken:
            continue
        tax = treatment(rule, line.tax_form)
        taxes = rule.taxes if tax else ()
        head = Item(
            rule.account,
            line.category,
            line.marketplace,
            ZERO,
            taxes=taxes,
            tax=tax,
            analytic=rule.analytic,
            label=rule.label,
            is_refund=bool(taxes) and is_refund(line.category, line.words),
        )
        alone = line.key if line.category in CHAINED else None
        groups.setdefault((head, alone), []).append(line)
    items: list[Item] = []
    homeless: tuple[object, ...] = ()
    for (head, _alone), lines in groups.items():
        balance = -sum((line.amount for line in lines), ZERO)
        tax_balance = -sum((amounts.get(line.key, ZERO) for line in lines), ZERO)
        tax_keys = tuple(key for line in lines for key in keys.get(line.key, ()))
        if not (balance or tax_balance):
            homeless += tax_keys
            continue
        items.append(
            head._replace(
                balance=balance,
                line_keys=tuple(line.key for line in lines),
                tax_balance=tax_balance,
                tax_keys=tax_keys,
            )
        )
    # Prices that cancel leave tax rows behind, whose amount other prices have taken.
    for index, item in enumerate(items):
        if homeless and item.tax == "beside":
            items[index], homeless = item._replace(tax_keys=item.tax_keys + homeless), ()
    return items
