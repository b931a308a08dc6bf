"""What could belong together: by amount, currency, place and window, or by name.

Everything is looked up, nothing compared with everything; where more fits than anybody would look
at, some of it is left out and all it concerns is crowded, so never sure.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import NamedTuple

from .naming import Reader
from .parts import (
    CONVERTED,
    EXACT,
    FEE,
    PART,
    RETURNED,
    SEVERAL,
    TRANSFERS,
    BankLine,
    Deposit,
    Key,
    Rules,
)
from .sums import find_sums

#: So many candidates of a kind are told of one deposit and day.
LIMIT = 4
#: So many are told of each sum.
_FITS = 12
#: Days after which the bank no longer sends a transfer back.
_RETURN_DAYS = 30
#: Days between the first and the last deposit of one line, and between the transfers of one.
_DEPOSIT_SPAN, _TRANSFER_SPAN = 1, 2


class Found(NamedTuple):
    """Lines and deposits that could belong together, by their numbers."""

    kind: str
    lines: tuple[int, ...]
    deposits: tuple[int, ...]


class Pool:
    """Deposits and bank lines of one seller, and what is looked up in them."""

    def __init__(
        self, deposits: Iterable[Deposit], lines: Iterable[BankLine], rules: Rules
    ) -> None:
        """Read the texts and sort the lines."""
        self.deposits, self.lines, self.rules = list(deposits), list(lines), rules
        references: dict[str, list[int]] = {}
        for number, deposit in enumerate(self.deposits):
            for reference in deposit.references:
                references.setdefault(reference, []).append(number)
        reader = Reader(rules.words, references)
        #: Line → the numbers of the deposits that it names.
        self.named = [reader.find_named(line.text) for line in self.lines]
        self.has_words = [reader.names_amazon(line.text) for line in self.lines]
        #: Of what fits more than is told, and of what so many have the amount.
        self.crowded_lines: set[int] = set()
        self.crowded_deposits: set[int] = set()
        self.crowded_equal: set[int] = set()
        #: Of sums something was left out, nobody knows whose.
        self.is_cut = False
        self._marked: set[tuple[object, int, int]] = set()
        self._sort()

    def _sort(self) -> None:
        #: (place, currency, day) → (amount, line), in the order of amounts.
        self._amounts: dict[tuple[Key, Key, date], list[tuple[Decimal, int]]] = {}
        #: (place, day) → (value, line) of Amazon's lines, in the order of values.
        self._values: dict[tuple[Key, date], list[tuple[Decimal, int]]] = {}
        #: (place, currency, amount) → lines, in the order of their days.
        self._equal: dict[tuple[Key, Key, Decimal], list[int]] = {}
        for number, line in enumerate(self.lines):
            for amount, currency in views(line):
                self._equal.setdefault((line.place, currency, amount), []).append(number)
            if line.is_matched:
                continue
            for amount, currency in views(line):
                key = (line.place, currency, line.day)
                self._amounts.setdefault(key, []).append((amount, number))
            if self.is_amazon(number):
                self._values.setdefault((line.place, line.day), []).append((line.value, number))
        for items in (*self._amounts.values(), *self._values.values()):
            items.sort()
        for numbers in self._equal.values():
            numbers.sort(key=lambda number: self.lines[number].day)

    def is_amazon(self, number: int) -> bool:
        """Tell whether a line is Amazon's: it says so, or names a settlement."""
        line = self.lines[number]
        return line.is_amazon or self.has_words[number] or bool(self.named[number])

    def fits(self, line: BankLine, deposit: Deposit) -> bool:
        """Tell whether a line lies on the deposit's account and in its window."""
        days = (line.day - deposit.day).days
        return line.place in deposit.places and -self.rules.before <= days <= self.rules.after

    # === ONE AND ONE === #

    def find_pairs(self) -> Iterator[Found]:
        """One line and one deposit: to the cent, less a fee, or converted."""
        ranks: dict[object, int] = {}
        for number, deposit in enumerate(self.deposits):
            group = (deposit.currency, deposit.amount, deposit.day)
            rank = ranks[group] = ranks.get(group, -1) + 1
            for place in deposit.places:
                for day in self._window(deposit):
                    yield from self._find_on(number, rank, place, day)

    def _window(self, deposit: Deposit) -> Iterator[date]:
        for days in range(-self.rules.before, self.rules.after + 1):
            try:
                yield deposit.day + timedelta(days)
            except OverflowError:  # the calendar ends
                continue

    def _find_on(self, number: int, rank: int, place: Key, day: date) -> Iterator[Found]:
        deposit = self.deposits[number]
        key = (place, deposit.currency, day)
        if amounts := self._amounts.get(key):
            amount = deposit.amount
            for line in self._pick(key, amounts, amount, amount, number, rank):
                yield Found(EXACT, (line,), (number,))
            if deposit.fee_limit > 0:
                low = amount - deposit.fee_limit
                for line in self._pick(key, amounts, low, amount, number, rank, is_open=True):
                    is_fee = (self.lines[line].amount > 0) == (amount > 0)
                    if is_fee and self.is_amazon(line):
                        yield Found(FEE, (line,), (number,))
        if values := self._values.get((place, day)):
            share = abs(deposit.value) * self.rules.tolerance / 100
            low, high = deposit.value - share, deposit.value + share
            for line in self._pick((place, day), values, low, high, number, rank):
                if all(currency != deposit.currency for _, currency in views(self.lines[line])):
                    yield Found(CONVERTED, (line,), (number,))

    def _pick(
        self,
        key: object,
        items: Sequence[tuple[Decimal, int]],
        low: Decimal,
        high: Decimal,
        number: int,
        rank: int,
        is_open: bool = False,
    ) -> Iterator[int]:
        """Return some of the lines between two amounts; of equal deposits each begins elsewhere."""
        start = bisect_left(items, (low, -1))
        end = (
            bisect_left(items, (high, -1))
            if is_open
            else bisect_right(items, (high, len(self.lines)))
        )
        count = end - start
        if count > LIMIT:
            self.crowded_deposits.add(number)
            if (key, start, end) not in self._marked:
                self._marked.add((key, start, end))
                marked = {line for _, line in items[start:end]}
                self.crowded_lines |= marked
                if low == high:
                    self.crowded_equal |= marked
        for step in range(min(count, LIMIT)):
            yield items[start + (rank + step) % count][1]

    # === SEVERAL === #

    def find_several(self) -> Iterator[Found]:
        """One line that is several deposits."""
        wanted = {
            (currency, amount)
            for number, line in enumerate(self.lines)
            if not line.is_matched and self.is_amazon(number)
            for amount, currency in views(line)
        }
        groups: dict[tuple[Key, Key, bool], list[tuple[date, Decimal, int]]] = {}
        for number, deposit in enumerate(self.deposits):
            for place in deposit.places:
                key = (place, deposit.currency, deposit.amount > 0)
                groups.setdefault(key, []).append((deposit.day, deposit.amount, number))
        for (place, currency, _sign), items in groups.items():
            sums = {amount for one, amount in wanted if one == currency}
            for amount, several in self._find_sums(
                items, _DEPOSIT_SPAN, sums, self.crowded_deposits
            ):
                fitting = (
                    line
                    for line in self._equal.get((place, currency, amount), ())
                    if not self.lines[line].is_matched
                    and self.is_amazon(line)
                    and all(self.fits(self.lines[line], self.deposits[one]) for one in several)
                )
                for line in self._some(fitting):
                    yield Found(SEVERAL, (line,), tuple(sorted(several)))

    def find_transfers(self) -> Iterator[Found]:
        """One deposit that came in several transfers."""
        by_amount: dict[tuple[Key, Decimal], list[int]] = {}
        for number, deposit in enumerate(self.deposits):
            by_amount.setdefault((deposit.currency, deposit.amount), []).append(number)
        groups: dict[tuple[Key, Key, bool], list[tuple[date, Decimal, int]]] = {}
        for number, line in enumerate(self.lines):
            if line.is_matched or not self.is_amazon(number):
                continue
            for amount, currency in views(line):
                key = (line.place, currency, amount > 0)
                groups.setdefault(key, []).append((line.day, amount, number))
        for (_place, currency, _sign), items in groups.items():
            sums = {amount for one, amount in by_amount if one == currency}
            for amount, several in self._find_sums(items, _TRANSFER_SPAN, sums, self.crowded_lines):
                fitting = (
                    one
                    for one in by_amount[currency, amount]
                    if all(self.fits(self.lines[line], self.deposits[one]) for line in several)
                )
                for one in self._some(fitting):
                    yield Found(TRANSFERS, tuple(sorted(several)), (one,))

    def _find_sums(
        self,
        items: list[tuple[date, Decimal, int]],
        span: int,
        wanted: set[Decimal],
        crowded: set[int],
    ) -> Iterator[tuple[Decimal, tuple[int, ...]]]:
        """As ``find_sums``, some of each item's."""
        first, count = -1, 0
        for amount, numbers in find_sums(items, span, wanted, crowded):
            count = count + 1 if numbers[0] == first else 1
            first = numbers[0]
            if count > _FITS:
                self.is_cut = True
            else:
                yield amount, numbers

    def _some(self, fitting: Iterable[int]) -> list[int]:
        """Return the first ones of those that fit a sum."""
        some = list(islice(fitting, _FITS + 1))
        self.is_cut |= len(some) > _FITS
        return some[:_FITS]

    # === BY NAME === #

    def find_by_name(self) -> Iterator[Found]:
        """What the text of a line says, also outside of the window, or where it is a part only."""
        namers: dict[int, list[int]] = {}
        for number, named in enumerate(self.named):
            line = self.lines[number]
            deposits = sorted(one for one in named if line.place in self.deposits[one].places)
            if line.is_matched or not deposits or len(deposits) > LIMIT:
                continue
            amount = self._amount_in(line, {self.deposits[one].currency for one in deposits})
            if amount is None:
                continue
            total = sum((self.deposits[one].amount for one in deposits), Decimal(0))
            if len(deposits) > 1 and total == amount:
                yield Found(SEVERAL, (number,), tuple(deposits))
            if len(deposits) == 1:
                namers.setdefault(deposits[0], []).append(number)
                if amount == total:
                    yield Found(EXACT, (number,), (deposits[0],))
                elif 0 < amount < total or total < amount < 0:
                    yield Found(PART, (number,), (deposits[0],))
        for one, numbers in namers.items():
            deposit = self.deposits[one]
            amounts = [self._amount_in(self.lines[line], {deposit.currency}) for line in numbers]
            if len(numbers) > 1 and sum(filter(None, amounts), Decimal(0)) == deposit.amount:
                yield Found(TRANSFERS, tuple(numbers), (one,))

    def _amount_in(self, line: BankLine, currencies: set[Key]) -> Decimal | None:
        found = [amount for amount, currency in views(line) if currencies == {currency}]
        return found[0] if found else None

    def find_returns(self) -> Iterator[Found]:
        """A line that takes back what an earlier one brought: the transfer failed."""
        for number, line in enumerate(self.lines):
            if line.is_matched or line.amount >= 0 or not self.is_amazon(number):
                continue
            earlier = self._equal.get((line.place, line.currency, -line.amount), [])
            end = bisect_right(earlier, line.day, key=lambda one: self.lines[one].day)
            for one in earlier[max(0, end - LIMIT) : end]:
                if (line.day - self.lines[one].day).days <= _RETURN_DAYS and self.is_amazon(one):
                    yield Found(RETURNED, (one, number), ())


def views(line: BankLine) -> Iterator[tuple[Decimal, Key]]:
    """Yield what a line brings as (amount, currency): as the bank books it, and as it came."""
    yield line.amount, line.currency
    if line.foreign:
        yield line.foreign
