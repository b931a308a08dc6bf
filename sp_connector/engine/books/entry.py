"""Summary lines and account mapping → the plan of journal entries, with its own proof.

The plan can be shown, compared and refused before anything is written. Amounts of lines are
from the seller's side; ``balance`` is the ledger's side: debit positive, credit negative. All are
``Decimal`` in the settlement's currency.
"""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ..files.order_items import role
from ..words.categories import DEPOSIT, ROLLOVER
from .tax_rows import ZERO, Finder, Shares, is_refund, is_untaxed_by_amazon, treatment

#: What another settlement left or takes up: each row's item can then be matched by itself.
CHAINED = ("reserve", "carried_balance", "failed_transfer", "debt_adjustment")


class PlanLine(NamedTuple):
    """What the plan needs to know of a summary line.

    :param key: anything that identifies the line
    :param marketplace: anything that identifies its marketplace, ``None`` where it has none
    :param amount: from the seller's side
    :param month: first day of the month of posting, ``None`` for what belongs to the end
    :param row_count: of Amazon's file: each row was rounded by itself
    :param rates: of net prices: (lowest, highest) rate that explains the tax of each order item,
        ``None`` where it is not known
    """

    key: object
    category: str
    marketplace: object
    amount: Decimal
    month: date | None = None
    words: tuple = ("", "", "")
    fulfillment: str = ""
    tax_form: str = "none"
    tax_class: str = ""
    row_count: int = 1
    rates: tuple | None = None

    @property
    def role(self):
        """What its rows are in their order items, see ``order_items.role``."""
        return role(*self.words[1:])


class Item(NamedTuple):
    """One journal item, before Odoo takes its tax apart.

    :param category: a category, ``deposit`` or ``rollover`` for the balancing items
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
    line_keys: tuple = ()
    taxes: tuple = ()
    tax: str = ""
    tax_balance: Decimal = ZERO
    tax_keys: tuple = ()
    analytic: object = None
    label: str = ""
    is_refund: bool = False


class Part(NamedTuple):
    """One journal entry to be; the balancing items come last.

    :param amount: what it adds to the payout, from the seller's side
    """

    date: date | None
    items: tuple
    amount: Decimal


class Missing(NamedTuple):
    """A category (of a marketplace) that has money and no account."""

    category: str
    marketplace: object


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
    taxes: tuple = ()


class Plan(NamedTuple):
    """The journal entries to be, in the order of their dates.

    :param parts: empty while something is missing
    :param rules: {line key: the ``Rule`` it follows}
    :param amount_entry: payout that the items explain, from the seller's side
    :param difference: Amazon's total minus what the items explain; zero in a proved plan
    """

    parts: tuple
    missing: tuple
    misfits: tuple
    amount_entry: Decimal
    difference: Decimal
    rules: dict = {}
    notes: tuple = ()

    @property
    def proved(self):
        """True if nothing is missing and debits, credits and Amazon's total agree."""
        return (
            not self.missing
            and not self.misfits
            and not self.difference
            and all(_total(part.items) == 0 for part in self.parts)
        )


def plan_entries(
    amount_total,
    lines,
    mapping,
    *,
    calendar=None,
    marketplace=None,
    tax_on=None,
    unit="0.01",
    each_paid=False,
):
    """Plan the entries of one settlement: a part for each month, the last with the payout.

    One item per account, category, marketplace and tax, in the order of the lines; what a chain of
    settlements hands on (``CHAINED``) has an item for each line. Earlier parts
    balance on the rollover account, which the last part clears; the payout is a debit on the
    clearing account, a debt to Amazon a credit. A zero settlement still books its income and fees.

    :param amount_total: Amazon's total, from the seller's side; negative is a debt to Amazon
    :param lines: iterable of ``PlanLine``
    :param mapping: a ``Mapping``
    :param calendar: a ``Calendar``; without one everything is one part without a date
    :param marketplace: the marketplace whose clearing account takes the deposit
    :param tax_on: function (taxes, net amount) → their tax, both ``Decimal``
    :param unit: the smallest amount of the currency
    :param each_paid: each part has a payout of its own, as invoices have, and nothing is carried
    :return: ``Plan``
    """
    unit = Decimal(unit)
    missing, booked, rules, notes = {}, defaultdict(list), {}, {}
    find = Finder(mapping, tax_on, marketplace)
    for line in lines:
        rule_day = calendar.rule_day(line.month) if calendar else None
        line, rule = find(line, rule_day)
        if rule:
            rules[line.key] = rule
        if not line.amount:
            continue
        if rule is None:
            missing[Missing(line.category, line.marketplace)] = True
            continue
        booked[calendar.part_date(line.month) if calendar else None].append((line, rule))
        if is_untaxed_by_amazon(line, rule):
            place = ("untaxed", line.marketplace, rule.taxes)
            notes[place] = notes.get(place, ZERO) + line.amount
    last = calendar.date_last if calendar else None
    if amount_total or not booked or not each_paid:
        # It pays out and clears what was carried, even where no row is left for it.
        booked.setdefault(last, [])
    parts, misfits, carried = [], [], []
    for day in sorted(booked, key=lambda day: (day == last, day or date.min)):
        shares = Shares(booked[day], find, unit)
        misfits += shares.misfits
        for place, taxes, amount in shares.discounts:
            place = ("tax_discount", place, taxes)
            notes[place] = notes.get(place, ZERO) + amount
        items = _items(booked[day], shares)
        amount = -_total(items)
        place = PlanLine(None, DEPOSIT, marketplace, ZERO)
        category, balance = ROLLOVER, amount
        if day == last or each_paid:
            # The last one takes what Amazon says, so that a difference cannot hide.
            category = DEPOSIT
            if day == last:
                earlier = sum((part.amount for part in parts), ZERO) if each_paid else ZERO
                items += carried
                balance = amount_total - earlier
        rule = mapping.find(place._replace(category=category), day)
        if rule is None and (balance or category == DEPOSIT):
            missing[Missing(category, marketplace)] = True
        elif rule and balance:
            item = Item(rule.account, category, marketplace, balance, analytic=rule.analytic)
            items.append(item)
            if category == ROLLOVER:
                carried.append(item._replace(balance=-balance))
        if items or not parts:
            parts.append(Part(day, tuple(items), amount))
    amount_entry = sum((part.amount for part in parts), ZERO)
    return Plan(
        () if missing else tuple(part for part in parts if part.items),
        tuple(missing),
        tuple(misfits),
        amount_entry,
        amount_total - amount_entry,
        rules,
        tuple(
            Note(code, place, amount, taxes)
            for (code, place, taxes), amount in notes.items()
            if amount
        ),
    )


def _total(items):
    return sum((item.balance + item.tax_balance for item in items), ZERO)


def _items(booked, shares):
    amounts, keys = shares.amounts, shares.keys
    taken = {key for group in keys.values() for key in group}
    groups = {}
    for line, rule in booked:
        if line.key in taken:
            continue
        tax = treatment(rule, line.tax_form)
        taxes = rule.taxes if tax else ()
        alone = line.key if line.category in CHAINED else None
        group = (
            *(rule.account, line.category, line.marketplace, taxes, tax),
            *(rule.analytic, rule.label, bool(taxes) and is_refund(line.category, line.words)),
            alone,
        )
        groups.setdefault(group, []).append(line)
    items, homeless = [], ()
    for (account, category, place, taxes, tax, *others, _alone), lines in groups.items():
        balance = -sum((line.amount for line in lines), ZERO)
        tax_balance = -sum((amounts.get(line.key, ZERO) for line in lines), ZERO)
        tax_keys = tuple(key for line in lines for key in keys.get(line.key, ()))
        if not (balance or tax_balance):
            homeless += tax_keys
        else:
            items.append(
                Item(
                    account,
                    category,
                    place,
                    balance,
                    tuple(line.key for line in lines),
                    taxes,
                    tax,
                    tax_balance,
                    tax_keys,
                    *others,
                )
            )
    # Prices that cancel leave tax rows behind, whose amount other prices have taken.
    for index, item in enumerate(items):
        if homeless and item.tax == "beside":
            items[index], homeless = item._replace(tax_keys=item.tax_keys + homeless), ()
    return items
