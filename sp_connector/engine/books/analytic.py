"""Analytic distributions: what the mapping says of a line, with what its product line says.

A distribution is kept as text, so that what has the same one is one journal item: JSON of
{ids of analytic accounts, comma-separated: percentage}, as Odoo keeps it.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

_ALL = Decimal(100)
_Shares = dict[tuple[str, ...], Decimal]


class Analytics:
    """Combines distributions.

    :param plan_of: {id of an analytic account, as text: its plan}
    :param digits: of a percentage
    :param is_asked: some plan is mandatory somewhere
    """

    def __init__(
        self,
        plan_of: Mapping[str, object] | None = None,
        digits: int = 2,
        is_asked: bool = False,
    ) -> None:
        self.is_asked = is_asked
        self._plan_of = plan_of or {}
        self._unit = Decimal(1).scaleb(-digits)
        self._known: dict[tuple[str, str], str] = {}

    def combine(self, general: str | None, own: str) -> str | None:
        """Return both distributions as one; of one plan, its own replaces the general one.

        Of different plans each account of the one is shared out to those of the other. A plan that
        is not distributed to the whole stays so.

        :param general: of the account mapping, ``None`` without any
        :param own: of the product line, ``""`` without any
        """
        if not own or not general:
            return own or general
        key = general, own
        if key not in self._known:
            self._known[key] = self._combine(_read(general), _read(own))
        return self._known[key]

    def _combine(self, general: _Shares, own: _Shares) -> str:
        plans = {self._plan_of.get(account) for accounts in own for account in accounts}
        kept: _Shares = defaultdict(Decimal)
        for accounts, share in general.items():
            rest = tuple(one for one in accounts if self._plan_of.get(one) not in plans)
            if rest:
                kept[rest] += share
        found: _Shares = defaultdict(Decimal)
        for theirs, share in own.items():
            for accounts, other in kept.items():
                found[accounts + theirs] += share * other / _ALL
        # What one of them does not share out stands with the other alone.
        for alone, beside in ((kept, own), (own, kept)):
            left = max(_ALL - sum(beside.values()), Decimal(0))
            for accounts, share in alone.items():
                found[accounts] += share * left / _ALL
        return self._write(found)

    def _write(self, shares: _Shares) -> str:
        """Write shares in full percentages' digits, which add up to what they were."""
        found = {
            ",".join(sorted(accounts, key=int)): share.quantize(self._unit, ROUND_HALF_UP)
            for accounts, share in shares.items()
            if share
        }
        if found:
            left = sum(shares.values(), Decimal(0)) - sum(found.values(), Decimal(0))
            found[max(found, key=lambda key: (found[key], key))] += left.quantize(self._unit)
        return "{" + ", ".join(f'"{key}": {_number(found[key])}' for key in sorted(found)) + "}"


def _read(text: str) -> _Shares:
    shares = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    return {tuple(key.split(",")): Decimal(share) for key, share in shares.items()}


def _number(share: Decimal) -> str:
    """Write a percentage as Python's JSON writes it, so that equal distributions are equal."""
    text = f"{share.normalize():f}"
    return text if "." in text else f"{text}.0"
