"""The account mapping of a company as it would be: read by the live entry, then written."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from ..words.categories import TAXABLE
from .mapping import Mapping, Rule


class Limits(NamedTuple):
    """What a rule without words limits itself to, as ``Rule`` has it."""

    marketplace: object = None
    fulfillment: str = ""
    tax_form: str = ""
    tax_class: str = ""
    date_from: date | None = None


class Choices:
    """The rules of a company, changed in memory, and which of them are to be written.

    :param rules: the company's and its parents'
    :param depth: that of the company's own rules
    :param parents: see ``Mapping``
    """

    def __init__(
        self, rules: Iterable[Rule], depth: int, parents: dict[object, object] | None = None
    ) -> None:
        self._depth, self._parents = depth, parents
        self._others: list[Rule] = []
        self._own: dict[tuple[str, Limits], Rule] = {}
        for rule in rules:
            if rule.depth != depth or any(rule.words):
                self._others.append(rule)
            else:
                self._own[rule.category, limits_of(rule)] = rule
        self._before = dict(self._own)
        self._mapping: Mapping | None = None

    @property
    def mapping(self) -> Mapping:
        """The ``Mapping`` of what is chosen now."""
        if self._mapping is None:
            self._mapping = Mapping((*self._own.values(), *self._others), self._parents)
        return self._mapping

    def account_of(self, category: str) -> object:
        """Return the account of a category where nothing limits it, ``None`` without any."""
        rule = self._own.get((category, Limits())) or self.mapping.find_for(category)
        return rule.account if rule else None

    def set_account(self, category: str, account: object) -> None:
        """Choose an account: rules for a marketplace, a price form… follow where they had the same.

        A branch needs no rule where its company's says the same.
        """
        before = self.account_of(category)
        if before == account:
            return
        for (owner, limits), rule in list(self._own.items()):
            if owner == category and rule.account == before:
                self._put(category, limits, rule._replace(account=account))
        if (category, Limits()) not in self._own:
            mode = "undecided" if category in TAXABLE else "none"
            rule = Rule(category, account, tax_mode=mode, depth=self._depth)
            self._put(category, Limits(), rule)

    def set_tax(
        self,
        category: str,
        limits: Limits,
        mode: str,
        taxes: Sequence[object] = (),
        zero_rated: bool = False,
    ) -> None:
        """Choose how a category is taxed within limits; nothing happens while it has no account."""
        account = self.account_of(category)
        if account is None:
            return
        rule = self._own.get((category, limits))
        if rule and rule.tax_mode == mode and set(rule.taxes) == set(taxes):
            return
        rule = rule or Rule(
            category,
            account,
            limits.marketplace,
            fulfillment=limits.fulfillment,
            tax_form=limits.tax_form,
            tax_class=limits.tax_class,
            date_from=limits.date_from,
            depth=self._depth,
        )
        rule = rule._replace(tax_mode=mode, taxes=tuple(taxes), zero_rated=zero_rated)
        self._put(category, limits, rule)

    def _put(self, category: str, limits: Limits, rule: Rule) -> None:
        self._own[category, limits] = rule
        self._mapping = None

    def changes(self) -> list[Rule]:
        """Return the rules that are new (without a key) or other than they were."""
        return [rule for place, rule in self._own.items() if self._before.get(place) != rule]


def limits_of(rule: Rule) -> Limits:
    """Return what a rule limits itself to."""
    return Limits(rule.marketplace, rule.fulfillment, rule.tax_form, rule.tax_class, rule.date_from)
