"""Which of what could belong together is sure, and how well the rest fits, with its reasons.

Sure is what nothing else contests: a line and a deposit to the cent, in the window, of a line
that is Amazon's, and neither fits anything else. What a line names by its settlement id is sure
also less a fee, converted, or of several, whatever else would fit by amount; two of the same
amount never are.
"""

from collections.abc import Iterable
from decimal import Decimal

from .parts import (
    CONVERTED,
    EXACT,
    FEE,
    PART,
    RETURNED,
    SEVERAL,
    TRANSFERS,
    BankLine,
    Candidate,
    Deposit,
    Rules,
)
from .search import Found, Pool, views

# Reasons.
NAMED, WORDS, PARTNER, PLACE, DAYS = "named", "words", "partner", "place", "days"
RIVALS, CROWDED, PENDING, NAMES_OTHER = "rivals", "crowded", "pending", "names_other"
LATE, NO_WORDS = "late", "no_words"

_SCORES = {
    EXACT: 60,
    SEVERAL: 45,
    TRANSFERS: 45,
    FEE: 40,
    RETURNED: 40,
    CONVERTED: 35,
    PART: 25,
}
_WEIGHTS = {
    NAMED: 25,
    WORDS: 10,
    PARTNER: 10,
    PLACE: 5,
    LATE: -15,
    NO_WORDS: -10,
    RIVALS: -20,
    CROWDED: -25,
    PENDING: -20,
    NAMES_OTHER: -40,
}
#: So many contestants need not be looked at one by one.
_MANY = 50


def find_candidates(
    deposits: Iterable[Deposit], lines: Iterable[BankLine], rules: Rules | None = None
) -> list[Candidate]:
    """Return what could belong together, the best first.

    :param deposits: all that is open of one seller, and what is not posted yet
    :param lines: all lines that may be Amazon's: what is left out contests nothing
    """
    pool = Pool(deposits, lines, rules or Rules())
    found = list(
        dict.fromkeys(
            [
                *pool.find_pairs(),
                *pool.find_several(),
                *pool.find_transfers(),
                *pool.find_by_name(),
                *pool.find_returns(),
            ]
        )
    )
    # A part that is all but a fee is one thing, not two.
    fees = {(one.lines, one.deposits) for one in found if one.kind == FEE}
    found = [one for one in found if one.kind != PART or (one.lines, one.deposits) not in fees]
    judge = _Judge(pool, found)
    candidates = [judge.judge(number) for number in range(len(found))]
    return sorted(candidates, key=lambda one: (-one.score, one.days, str(one.lines)))


class _Judge:
    """Knows who contests whom."""

    def __init__(self, pool: Pool, found: list[Found]) -> None:
        self._pool, self._found = pool, found
        self._touching: dict[tuple[str, int], list[int]] = {}
        for number, one in enumerate(found):
            for member in _members(one):
                self._touching.setdefault(member, []).append(number)

    def judge(self, number: int) -> Candidate:
        """Return a candidate with its reasons, and whether it is sure."""
        one, pool = self._found[number], self._pool
        lines = [pool.lines[line] for line in one.lines]
        deposits = [pool.deposits[deposit] for deposit in one.deposits]
        reasons = self._find_reasons(number, lines, deposits)
        days = _days(lines, deposits)
        score = _SCORES[one.kind] + sum(_WEIGHTS.get(reason, 0) for reason in reasons)
        return Candidate(
            one.kind,
            tuple(line.key for line in lines),
            tuple(deposit.key for deposit in deposits),
            max(1, min(100, score - min(10, abs(days)) // 2)),
            reasons,
            self._is_sure(one, reasons),
            _difference(one.kind, lines, deposits),
            days,
        )

    def _find_reasons(
        self, number: int, lines: list[BankLine], deposits: list[Deposit]
    ) -> tuple[str, ...]:
        one, pool = self._found[number], self._pool
        fits = all(pool.fits(line, deposit) for line in lines for deposit in deposits)
        is_crowded = (
            pool.is_cut
            or not pool.crowded_lines.isdisjoint(one.lines)
            or not pool.crowded_deposits.isdisjoint(one.deposits)
        )
        return tuple(
            reason
            for reason, holds in (
                (NAMED, self._is_named(one)),
                (WORDS, all(pool.has_words[line] for line in one.lines)),
                (PARTNER, all(line.is_amazon for line in lines)),
                (PLACE, deposits and all(deposit.is_chosen for deposit in deposits)),
                (DAYS, deposits and fits),
                (LATE, not fits),
                (NO_WORDS, not all(map(pool.is_amazon, one.lines))),
                (NAMES_OTHER, any(pool.named[line] - set(one.deposits) for line in one.lines)),
                (PENDING, any(deposit.is_pending for deposit in deposits)),
                (RIVALS, self._has_rivals(number)),
                (CROWDED, is_crowded),
            )
            if holds
        )

    def _is_named(self, one: Found) -> bool:
        """Tell whether each line names all deposits."""
        wanted = set(one.deposits)
        return bool(wanted) and all(wanted <= self._pool.named[line] for line in one.lines)

    def _has_rivals(self, number: int) -> bool:
        """Tell whether something else concerns one of its lines or deposits."""
        one = self._found[number]
        is_named = self._is_named(one)
        for member in _members(one):
            touching = self._touching[member]
            if len(touching) > _MANY:
                return True
            for other in touching:
                if other == number:
                    continue
                if not (is_named and self._is_weaker(self._found[other], one)):
                    return True
        return False

    def _is_weaker(self, other: Found, one: Found) -> bool:
        """Tell whether a candidate does not contest one that is named: by amount only.

        Two of the same amount always do, and what is a deposit in another way does, if that one
        is not to the cent.
        """
        if other.kind == EXACT or self._is_named(other):
            return False
        return one.kind == EXACT or set(other.deposits).isdisjoint(one.deposits)

    def _is_sure(self, one: Found, reasons: tuple[str, ...]) -> bool:
        if {LATE, NO_WORDS, NAMES_OTHER, PENDING, RIVALS} & {*reasons}:
            return False
        pool = self._pool
        if CROWDED in reasons and (
            NAMED not in reasons
            or not pool.crowded_equal.isdisjoint(one.lines)
            or (pool.is_cut and one.kind != EXACT)
        ):
            return False
        return one.kind == EXACT or (one.kind not in (PART, RETURNED) and NAMED in reasons)


def _members(one: Found) -> list[tuple[str, int]]:
    return [("line", line) for line in one.lines] + [("deposit", item) for item in one.deposits]


def _days(lines: list[BankLine], deposits: list[Deposit]) -> int:
    first = min(one.day for one in deposits or lines)
    return (max(line.day for line in lines) - first).days


def _difference(kind: str, lines: list[BankLine], deposits: list[Deposit]) -> Decimal:
    """Return what the deposits have more than the lines."""
    if kind == RETURNED:
        return Decimal(0)
    if kind == CONVERTED:
        return deposits[0].value - lines[0].value
    currency = deposits[0].currency
    brought = [next(amount for amount, one in views(line) if one == currency) for line in lines]
    return sum((item.amount for item in deposits), Decimal(0)) - sum(brought, Decimal(0))
