"""Summary lines and account mapping → the plan of journal entries, with its own proof.

The plan can be shown, compared and refused before anything is written. Amounts of lines are
from the seller's side; ``balance`` is the ledger's side: debit positive, credit negative. All are
``Decimal`` in the settlement's currency.
"""

from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from .categories import DEPOSIT, ROLLOVER

ZERO = Decimal(0)
_TAX_ROWS = "sales_tax"
#: What another settlement left or takes up: each row's item can then be matched by itself.
CHAINED = ("reserve", "carried_balance", "failed_transfer", "debt_adjustment")


class PlanLine(NamedTuple):
    """What the plan needs to know of a summary line.

    :param key: anything that identifies the line
    :param marketplace: anything that identifies its marketplace, ``None`` where it has none
    :param amount: from the seller's side
    :param month: first day of the month of posting, ``None`` for what belongs to the end
    :param row_count: of Amazon's file: each row was rounded by itself
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


class Misfit(NamedTuple):
    """Amazon's tax rows do not fit the tax that is mapped to the prices beside them.

    :param found: sum of the tax rows; ``expected``: the mapped taxes on the net amounts
    """

    marketplace: object
    tax_class: str
    taxes: tuple
    found: Decimal
    expected: Decimal


class Plan(NamedTuple):
    """The journal entries to be, in the order of their dates.

    :param parts: empty while something is missing
    :param amount_entry: payout that the items explain, from the seller's side
    :param difference: Amazon's total minus what the items explain; zero in a proved plan
    """

    parts: tuple
    missing: tuple
    misfits: tuple
    amount_entry: Decimal
    difference: Decimal

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
    clearing account, a debt to Amazon a credit. A zero settlement still books its income and fees
    (trap C13).

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
    missing, booked = {}, defaultdict(list)
    for line in lines:
        if not line.amount:
            continue
        day = calendar.part_date(line.month) if calendar else None
        rule = mapping.find_in_settlement(line, day, marketplace)
        if rule is None:
            missing[Missing(line.category, line.marketplace)] = True
        else:
            booked[day].append((line, rule))
    last = calendar.date_last if calendar else None
    if amount_total or not booked or not each_paid:
        # It pays out and clears what was carried, even where no row is left for it.
        booked.setdefault(last, [])
    parts, misfits, carried = [], [], []
    for day in sorted(booked, key=lambda day: (day == last, day or date.min)):
        shares, part_misfits = _share_tax_rows(booked[day], tax_on, unit)
        misfits += part_misfits
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
    )


def _total(items):
    return sum((item.balance + item.tax_balance for item in items), ZERO)


def treatment(rule, tax_form):
    """Say how a rule taxes a line: ``included``, ``beside``, ``excluded`` or ``""`` for not at all.

    An item of an order decides by itself whether its price is net or gross (trap D24): where its
    tax stands beside it, that is its tax; where the marketplace keeps the tax, or it is nothing,
    the seller owes none.
    """
    if rule.tax_mode == "none":
        return ""
    if rule.tax_mode in ("output_included", "output_on_net"):
        if tax_form == "net":
            return "beside"
        if rule.zero_rated and tax_form in ("zero", "withheld"):
            return "excluded"  # a sale of zero-rated goods, which the tax return counts
        taxed = rule.tax_mode == "output_included" and tax_form in ("gross", "none")
        return "included" if taxed else ""
    return "included" if rule.tax_mode == "input_included" else "excluded"


def _share_tax_rows(booked, tax_on, unit):
    """Give Amazon's tax rows to the net prices they stand beside.

    The tax of a price is what Amazon's rows say, not what a rate would give: each row was rounded
    by itself. More than that rounding is a ``Misfit``.

    :return: ({line key: tax from the seller's side}, {line key: keys of tax rows}) and misfits
    """
    pools = defaultdict(lambda: ([], []))
    for line, rule in booked:
        if line.tax_form != "net":
            continue
        pool = pools[
            (line.marketplace, line.words[0], line.words[1], line.fulfillment, line.tax_class)
        ]
        if line.category == _TAX_ROWS and "tax" in line.words[2].lower():
            pool[1].append(line)
        elif treatment(rule, line.tax_form) == "beside":
            pool[0].append((line, rule))
    amounts, keys, misfits = {}, {}, []
    for (place, *_words, tax_class), (bases, tax_rows) in pools.items():
        if not bases:
            continue
        found = sum((line.amount for line in tax_rows), ZERO)
        expected = [tax_on(rule.taxes, line.amount) for line, rule in bases]
        roundings = sum(line.row_count for line in tax_rows)
        roundings += sum(len(rule.taxes) for _line, rule in bases)
        slack = unit * (2 + roundings) / 2
        if abs(found - sum(expected)) > slack:
            taxes = tuple(dict.fromkeys(tax for _line, rule in bases for tax in rule.taxes))
            misfits.append(Misfit(place, tax_class, taxes, found, sum(expected)))
        for (line, _rule), share in zip(bases, _apportion(found, expected, unit), strict=True):
            amounts[line.key] = share
        keys[bases[0][0].key] = tuple(line.key for line in tax_rows)
    return (amounts, keys), misfits


def _apportion(amount, weights, unit):
    """Split an amount by weights; the first with a weight takes what rounding leaves."""
    whole = sum(weights)
    if not whole:
        return [amount] + [ZERO] * (len(weights) - 1)
    shares = [
        (amount * weight / whole / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit
        for weight in weights
    ]
    shares[0] += amount - sum(shares)
    return shares


def _items(booked, shares):
    amounts, keys = shares
    taken = {key for group in keys.values() for key in group}
    groups = {}
    for line, rule in booked:
        if line.key in taken:
            continue
        tax = treatment(rule, line.tax_form)
        taxes = rule.taxes if tax else ()
        alone = line.key if line.category in CHAINED else None
        group = (
            rule.account, line.category, line.marketplace, taxes, tax, rule.analytic, rule.label,
            alone,
        )  # fmt: skip
        groups.setdefault(group, []).append(line)
    items, homeless = [], ()
    for (account, category, place, taxes, tax, analytic, label, _alone), lines in groups.items():
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
                    analytic,
                    label,
                )
            )
    # Prices that cancel leave tax rows behind, whose amount other prices have taken.
    for index, item in enumerate(items):
        if homeless and item.tax == "beside":
            items[index], homeless = item._replace(tax_keys=item.tax_keys + homeless), ()
    return items
