"""What becomes of a settlement: the one decision that everything about its booking reads.

Summary lines, account mapping, calendar and what only the ledger knows go in. Out come the plan of
the entries, the rule of each line and why, what holds the settlement and what people should know,
all as codes with values: sentences for people are made of them elsewhere.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from ..cost.stock import TOLD, Stock
from ..words.categories import CATEGORIES, ROLLOVER
from .entry import Choice, Item, Moved, Part, Plan, add_goods, plan_entries
from .findings import Finding, Undecided, few
from .lines import PlanLine
from .mapping import Mapping
from .periods import Calendar
from .tax_rows import ZERO, TaxOn

_ORDER = {category: position for position, category in enumerate(CATEGORIES)}

#: What the file itself must prove.
PROOF = ("damaged", "difference", "lines_differ")
#: What a person says in the account mapping and in the settings.
MAPPING = (
    "unknown_words",
    "no_account",
    "misfit",
    "other_books",
    "no_journal",
    "no_customer",
    "no_receivable",
    "archived",
    "archived_journal",
    "no_analytic",
)
#: What a person says of taxes.
TAX = ("undecided",)
#: What only stands in the way: it passes, or somebody clears it away.
BOOKING = (
    "booked_already",
    "not_in_use",
    "inactive_currency",
    "no_date",
    "no_rate",
    "no_exchange_journal",
    "locked",
)
#: What people should know although nothing is wrong.
NOTES = (
    "empty",
    "part",
    "part_after_lock",
    "part_after_reversal",
    "untaxed",
    "tax_discount",
    "old_rate",
    "late",
    "nameless",
    "fall_back",
    "unregistered",
    "tax_kept",
    "other_drafts",
    "imported_elsewhere",
    "invoiced",
    "to_invoices",
    "invoice_differences",
    "invoice_paid",
    "invoice_drafts",
    "invoices_later",
    *TOLD,
)


class Rate(NamedTuple):
    """An exchange rate. ``day``: since when it holds, ``None`` where that is of no interest."""

    value: object
    day: date | None = None


class Opening(NamedTuple):
    """On which day a part can be booked.

    :param day: the first open day from its own date on
    :param locks: the locked periods in which its own date lies
    """

    day: date
    locks: tuple[object, ...] = ()


class Invoiced(NamedTuple):
    """Posted invoices for orders of the settlement; ``amount``: in the company's currency."""

    invoices: int
    amount: Decimal


class ToInvoices(NamedTuple):
    """What goes to invoices instead of income.

    :param notes: what people should know of it
    :param pieces: the same order by order, for those who keep it
    """

    moved: Moved
    notes: tuple[Finding, ...] = ()
    pieces: tuple[object, ...] = ()


class Doubles(NamedTuple):
    """Entries that book a settlement already and are not its own; drafts are in nobody's books."""

    posted: tuple[object, ...] = ()
    drafts: tuple[object, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What is known of a settlement and of the books of its company.

    What may be dear to find out is a function, asked only where it matters.

    :param amount_total: what Amazon pays out, from the seller's side, in the settlement's currency
    :param amount_rows: what its rows add up to
    :param has_total: the file says what it totals
    :param is_damaged: the file has problems or rows that cannot be read
    :param unit: the smallest amount of the currency
    :param marketplace: the one whose clearing account takes the payout
    :param each_paid: it is booked as invoices, of which each is paid
    :param is_registered: the company owes tax, so that it must be decided
    :param lacks: codes of ``MAPPING``: what the company lacks to book anything
    :param is_currency_active: its currency is in use in Odoo, which posts in no other
    :param holds_locked: a part in a locked period waits; else it is booked on the next open day
    :param has_exchange_journal: differences of exchange rates can be booked
    :param rate_days: a rate is old after so many days, never where it is 0
    :param tax_on: function (taxes, net amount) → their tax
    :param rate: function day → the rate that holds on it, ``None`` without any
    :param opening: function (day, has tax) → on which day a part of that date can be booked
    :param archived: function item → what of its account and taxes is archived
    :param unanalysed: function item → the mandatory analytic plans that it is not distributed to
    :param other_books: function → {marketplace: the other company in whose books it belongs}
    :param not_in_use: function → marketplaces whose rows nobody wants in these books
    :param doubles: function → entries that book it already
    :param elsewhere: function → whether a company outside of this legal entity has it too
    :param invoiced: function → ``Invoiced``: whose sales would be income twice
    :param to_invoices: function → ``ToInvoices``: whose sales are owed on invoices
    :param stock: function → ``Stock``, ``None`` where the cost of goods is not booked
    """

    amount_total: Decimal = ZERO
    amount_rows: Decimal = ZERO
    has_total: bool = True
    is_damaged: bool = False
    unit: Decimal = Decimal("0.01")
    marketplace: object = None
    each_paid: bool = False
    is_registered: bool = False
    lacks: tuple[str, ...] = ()
    is_currency_active: bool = True
    holds_locked: bool = True
    has_exchange_journal: bool = True
    rate_days: int = 0
    tax_on: TaxOn | None = None
    rate: Callable[[date], Rate | None] = lambda day: Rate(1)
    opening: Callable[[date, bool], Opening] = lambda day, has_tax: Opening(day)
    archived: Callable[[Item], Iterable[object]] = lambda item: ()
    unanalysed: Callable[[Item], Iterable[object]] = lambda item: ()
    other_books: Callable[[], dict[object, object]] = dict
    not_in_use: Callable[[], Iterable[object]] = tuple
    doubles: Callable[[], Doubles] = Doubles
    elsewhere: Callable[[], bool] = bool
    invoiced: Callable[[], Invoiced] = lambda: Invoiced(0, ZERO)
    to_invoices: Callable[[], ToInvoices] = lambda: ToInvoices({})
    stock: Callable[[], Stock | None] = lambda: None


class Decision:
    """What is decided of one settlement. Each part is found when it is first read.

    :param lines: iterable of ``PlanLine``, in the order of their making
    :param calendar: ``None`` for a file without any date
    """

    def __init__(
        self,
        lines: Iterable[PlanLine],
        mapping: Mapping,
        calendar: Calendar | None,
        facts: Facts,
    ) -> None:
        #: As people see them, and as the items of the entries stand.
        self.lines = sorted(lines, key=_place_in_order)
        self.calendar, self.facts = calendar, facts
        self._mapping = mapping

    # === THE PLAN === #

    @cached_property
    def plan(self) -> Plan:
        """The entries to be, empty while something is missing."""
        facts = self.facts
        plan = plan_entries(
            facts.amount_total,
            self.lines,
            self._mapping,
            calendar=self.calendar,
            marketplace=facts.marketplace,
            tax_on=facts.tax_on,
            unit=facts.unit,
            each_paid=facts.each_paid,
            moved=self.to_invoices.moved,
        )
        if self.stock is None or self.uncosted:
            return plan
        return add_goods(plan, self.stock, self._mapping, self.calendar, facts.each_paid)

    @cached_property
    def stock(self) -> Stock | None:
        """What the goods of the settlement cost, ``None`` where that is not booked."""
        return self.facts.stock()

    @cached_property
    def to_invoices(self) -> ToInvoices:
        """What invoices have booked already."""
        return self.facts.to_invoices()

    @property
    def choices(self) -> dict[object, Choice]:
        """{line key: the rule it follows, how it is taxed and why so}, of lines with money."""
        with_money = {line.key for line in self.lines if line.has_amount}
        return {key: made for key, made in self.plan.choices.items() if key in with_money}

    def opening(self, part: Part) -> Opening:
        """Return on which day a part of the plan is booked."""
        assert part.date is not None  # only a file without any date has parts without one
        return self.facts.opening(part.date, any(item.taxes for item in part.items))

    @cached_property
    def has_money(self) -> bool:
        """Something is paid out, some row has an amount, or goods that cost something moved."""
        if self.facts.amount_total or any(line.has_amount for line in self.lines):
            return True
        return self.stock is not None and self.stock.counts

    @cached_property
    def is_empty(self) -> bool:
        """Nothing is to be booked, also where all amounts cancel each other."""
        if self.holds:
            return False
        return not (self.has_money and (self.plan.parts or self.facts.amount_total))

    # === WHAT HOLDS IT === #

    @cached_property
    def holds(self) -> tuple[Finding, ...]:
        """What keeps it from being booked, in the order in which people read it."""
        found = list(self._unproved())
        if self.has_money:
            found += self.unmapped + self.undecided + self.uncosted
            found += [*self._doubles("posted", "booked_already"), *self._blockers()]
        return tuple(found)

    def _unproved(self) -> Iterator[Finding]:
        facts = self.facts
        if facts.is_damaged:
            yield Finding("damaged")
        if facts.has_total and facts.amount_total != facts.amount_rows:
            yield Finding(
                "difference",
                {
                    "total": facts.amount_total,
                    "rows": facts.amount_rows,
                    "is_damaged": facts.is_damaged,
                },
            )
        amount_lines = sum((line.amount for line in self.lines), ZERO)
        if amount_lines != facts.amount_rows:
            yield Finding("lines_differ", {"lines": amount_lines, "rows": facts.amount_rows})

    @cached_property
    def unmapped(self) -> tuple[Finding, ...]:
        """What a person must say first in the mapping or in the settings (``MAPPING``)."""
        if not self.has_money:
            return ()
        return (
            *self._unmapped_words(),
            *self._lacking(),
            *self._found_in_items("archived", "record", self.facts.archived),
            *self._found_in_items("no_analytic", "plan", self.facts.unanalysed),
        )

    def _unmapped_words(self) -> Iterator[Finding]:
        unknown = [line for line in self.lines if line.category == "unknown" and line.has_amount]
        if unknown:
            yield few("unknown_words", "lines", unknown)
        missing = dict.fromkeys(one.category for one in self.plan.missing)
        missing.pop("unknown", None)
        if missing:
            yield Finding("no_account", {"categories": list(missing)})
        if self.plan.misfits:
            yield few("misfit", "misfits", self.plan.misfits)
        for place, company in self.facts.other_books().items():
            lines = [
                line
                for line in self.lines
                if line.has_amount and line.marketplace_name and line.marketplace == place
            ]
            if lines:
                amount = sum((line.amount for line in lines), ZERO)
                yield Finding(
                    "other_books", {"marketplace": place, "amount": amount, "company": company}
                )

    def _lacking(self) -> Iterator[Finding]:
        yield from (Finding(code) for code in MAPPING if code in self.facts.lacks)

    def _found_in_items(
        self, code: str, name: str, find: Callable[[Item], Iterable[object]]
    ) -> Iterator[Finding]:
        """Yield what a fact says of the items to be, each thing once with its categories."""
        found: dict[object, dict[str, bool]] = {}
        for item in (item for part in self.plan.parts for item in part.items + part.goods):
            for thing in find(item):
                found.setdefault(thing, {})[item.category] = True
        for thing, categories in found.items():
            yield Finding(code, {name: thing, "categories": list(categories)})

    @cached_property
    def undecided(self) -> tuple[Finding, ...]:
        """What nobody has said yet of its taxes, in a company that must know it (``TAX``)."""
        lines = self._undecided_lines
        if not (self.has_money and lines and self.facts.is_registered):
            return ()
        kinds: dict[tuple[str, object, str], list[PlanLine]] = {}
        for line in lines:
            kind = (line.category, line.marketplace, line.marketplace_name)
            kinds.setdefault(kind, []).append(line)
        return (few("undecided", "kinds", map(self._undecided_kind, kinds.values())),)

    def _undecided_kind(self, lines: list[PlanLine]) -> Undecided:
        line, words = lines[0], dict.fromkeys(one.words for one in lines)
        forms = dict.fromkeys(self.plan.choices[one.key].rule.tax_form for one in lines)
        return Undecided(
            line.category,
            line.marketplace,
            line.marketplace_name,
            tuple(filter(None, forms)),
            _sum(lines),
            line.words,
            len(words),
        )

    @cached_property
    def _undecided_lines(self) -> list[PlanLine]:
        choices = self.plan.choices
        return [
            line
            for line in self.lines
            if line.key in choices and choices[line.key].rule.tax_mode == "undecided"
            if line.amount - sum(self.to_invoices.moved.get(line.key, {}).values(), ZERO)
        ]

    @cached_property
    def uncosted(self) -> tuple[Finding, ...]:
        """What nobody has said yet of the cost of goods (``stock.HOLDS``)."""
        return tuple(Finding(*one) for one in self.stock.holds()) if self.stock else ()

    def _doubles(self, kind: str, code: str) -> Iterator[Finding]:
        if moves := getattr(self._found_doubles, kind):
            yield Finding(code, {"moves": moves})

    @cached_property
    def _found_doubles(self) -> Doubles:
        return self.facts.doubles()

    def _blockers(self) -> Iterator[Finding]:
        named = {line.marketplace for line in self.lines}
        if unused := [place for place in self.facts.not_in_use() if place in named]:
            yield Finding("not_in_use", {"marketplaces": unused})
        yield from self.inactive
        if self.calendar is None:
            yield Finding("no_date")
            return
        days = [part.date for part in self.plan.parts] or [self.calendar.date_last]
        if lacking := [day for day in days if day and self.facts.rate(day) is None]:
            yield Finding("no_rate", {"date": min(lacking)})
        elif not self.facts.has_exchange_journal and self._carries_over():
            yield Finding("no_exchange_journal")
        yield from self._locked(self.calendar)

    @property
    def inactive(self) -> tuple[Finding, ...]:
        """What Odoo posts in no entry, whatever the plan says."""
        return () if self.facts.is_currency_active else (Finding("inactive_currency"),)

    def _carries_over(self) -> bool:
        """Tell whether months carry over to the last one at another rate than its own."""
        days = {
            part.date
            for part in self.plan.parts
            if part.date and any(item.category == ROLLOVER for item in part.items)
        }
        rates = (self.facts.rate(day) for day in days)
        return len({rate.value for rate in rates if rate}) > 1

    def _locked(self, calendar: Calendar) -> Iterator[Finding]:
        parts = self.plan.parts or (Part(calendar.date_last, (), ZERO),)
        yield from filter(None, map(self.find_lock, parts))

    def find_lock(self, part: Part) -> Finding | None:
        """Say which locked period a part waits for, ``None`` if it can be booked."""
        locks = self.opening(part).locks if self.facts.holds_locked else ()
        return Finding("locked", {"date": part.date, "locks": locks}) if locks else None

    # === WHAT PEOPLE SHOULD KNOW === #

    @cached_property
    def notes(self) -> tuple[Finding, ...]:
        """What people should know although nothing is wrong."""
        if self.is_empty:
            return (Finding("empty"),)
        if not self.has_money:
            return ()
        found = [*self._part_notes(), *self._plan_notes(), *self._line_notes(), *self._tax_notes()]
        found += (Finding(*one) for one in (self.stock.notes() if self.stock else ()))
        found += self._doubles("drafts", "other_drafts")
        if self.facts.elsewhere():
            found.append(Finding("imported_elsewhere"))
        invoiced = self.facts.invoiced()
        if invoiced.invoices:
            found.append(Finding("invoiced", invoiced._asdict()))
        found += self.to_invoices.notes
        return tuple(found)

    def _part_notes(self) -> Iterator[Finding]:
        parts = self.plan.parts if self.calendar else ()
        for part in parts:
            opening = self.opening(part)
            values: dict[str, object] = {"date": part.date, "day": opening.day}
            if opening.locks:
                yield Finding("part_after_lock", values | {"locks": opening.locks})
            elif opening.day != part.date:
                yield Finding("part_after_reversal", values)
            elif len(parts) > 1:
                yield Finding("part", values | {"amount": part.amount})

    def _plan_notes(self) -> Iterator[Finding]:
        for code, marketplace, amount, taxes in self.plan.notes:
            yield Finding(code, {"marketplace": marketplace, "amount": amount, "taxes": taxes})
        if not self.facts.rate_days:
            return
        for day in sorted({part.date for part in self.plan.parts if part.date}):
            rate = self.facts.rate(day)
            if rate and rate.day and (day - rate.day).days > self.facts.rate_days:
                yield Finding("old_rate", {"date": day, "rate_date": rate.day})

    def _line_notes(self) -> Iterator[Finding]:
        if late := [line for line in self.lines if line.late]:
            count = sum(line.row_count for line in late)
            yield Finding("late", {"count": count, "amount": _sum(late)})
        nameless = [
            line
            for line in self.lines
            if not line.marketplace_name and line.marketplace is not None
        ]
        if nameless:
            yield Finding(
                "nameless", {"amount": _sum(nameless), "marketplace": nameless[0].marketplace}
            )
        fallen = [line for line in self.lines if line.level == "default" and line.has_amount]
        if fallen:
            yield few("fall_back", "lines", fallen)

    def _tax_notes(self) -> Iterator[Finding]:
        if not self.facts.is_registered:
            if lines := self._undecided_lines:
                yield Finding("unregistered", {"count": len(lines)})
            return
        kept = [
            line
            for line in self.lines
            if line.tax_form == "withheld" and line.has_amount
            if (choice := self.plan.choices.get(line.key)) and choice.rule.taxes and not choice.tax
        ]
        if kept:
            yield Finding("tax_kept", {"amount": _sum(kept)})


def _place_in_order(line: PlanLine) -> tuple[int, str]:
    return _ORDER.get(line.category, len(_ORDER)), line.marketplace_name


def _sum(lines: Iterable[PlanLine]) -> Decimal:
    return sum((line.amount for line in lines), ZERO)
