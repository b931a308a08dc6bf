"""Which account, tax and label a summary line gets: the most specific rule wins."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ..words.categories import DEPOSIT
from .analytic import Analytics
from .lines import PlanLine

#: How a rule taxes what it books; ``undecided``: nobody has said yet whether it bears tax.
TAX_MODES = (
    "undecided",
    "none",
    "output_included",
    "output_on_net",
    "marketplace",
    "input_included",
    "reverse_charge",
)
#: What a settlement leaves on the clearing account for the next one, or takes up from the last.
_FOLLOWS_PAYOUT = ("carried_balance", "failed_transfer", "bank_verification")


class Rule(NamedTuple):
    """One line of the account mapping. What is ``None`` or blank holds for all.

    :param account: anything that identifies the account; so for taxes, analytic and key
    :param words: (transaction type, amount type, amount description), each blank for all
    :param date_from: first day of posting it holds for (``Calendar.rule_day``), ``None``: always
    :param zero_rated: its taxes add nothing to an amount
    :param is_result: its account is of income or costs, which product lines are looked at by
    :param depth: how near the company is that made it; the nearest company's rules win
    """

    category: str
    account: object
    marketplace: object = None
    words: tuple[str, str, str] = ("", "", "")
    fulfillment: str = ""
    tax_form: str = ""
    tax_class: str = ""
    date_from: date | None = None
    tax_mode: str = "none"
    taxes: tuple[object, ...] = ()
    analytic: str | None = None
    label: str = ""
    depth: int = 0
    key: object = None
    zero_rated: bool = False
    is_result: bool = True

    def matches(self, line: PlanLine, day: date | None) -> bool:
        """Tell whether this rule speaks of a line of a day."""
        return (
            self.category == line.category
            and self.marketplace in (None, line.marketplace)
            and self.fulfillment in ("", line.fulfillment)
            and self.tax_form in ("", line.tax_form)
            and self.tax_class in ("", line.tax_class)
            and all(
                not mine or mine.casefold() == theirs.casefold()
                for mine, theirs in zip(self.words, line.words, strict=True)
            )
            and (self.date_from is None or (day is not None and self.date_from <= day))
        )

    @property
    def specificity(self) -> tuple[int, int, bool, bool, bool, bool, date]:
        """Rank among the rules that match a line; the newest of equal ones counts.

        What the tax depends on counts before the marketplace: a rule for zero-rated goods, or for
        tax that the marketplace keeps, holds in every marketplace that has none of its own.
        """
        return (
            self.depth,
            sum(map(bool, self.words)),
            bool(self.tax_class),
            bool(self.tax_form),
            self.marketplace is not None,
            bool(self.fulfillment),
            self.date_from or date.min,
        )


class Mapping:
    """The rules of a company.

    :param rules: iterable of ``Rule``
    :param parents: {channel of orders from outside Amazon: the marketplace whose rules hold for
        it where it has none of its own; ``None``: the settlement's}
    :param analytics: combines analytic distributions
    """

    def __init__(
        self,
        rules: Iterable[Rule],
        parents: dict[object, object] | None = None,
        analytics: Analytics | None = None,
    ) -> None:
        self._rules: dict[str, list[Rule]] = {}
        self._parents = parents or {}
        self.analytics = analytics or Analytics()
        for rule in sorted(rules, key=lambda rule: rule.specificity, reverse=True):
            self._rules.setdefault(rule.category, []).append(rule)

    def find(self, line: PlanLine, day: date | None = None) -> Rule | None:
        """Return the most specific ``Rule`` of a line on a day, or ``None``."""
        return self._find(line, day)

    def analysed(self, rule: Rule, line: PlanLine) -> Rule:
        """Return the rule of a line with the analytic distribution of the line's product."""
        if not line.product_line or not rule.is_result:
            return rule
        return rule._replace(analytic=self.analytics.combine(rule.analytic, line.product_line))

    def find_for(
        self,
        category: str,
        day: date | None = None,
        *,
        marketplace: object = None,
        fulfillment: str = "",
        tax_form: str = "",
        tax_class: str = "",
    ) -> Rule | None:
        """Return the ``Rule`` of lines of which only so much is known, or ``None``."""
        line = PlanLine(
            *(None, category, marketplace, Decimal(0)),
            fulfillment=fulfillment,
            tax_form=tax_form,
            tax_class=tax_class,
        )
        return self._find(line, day)

    def _find(self, line: PlanLine, day: date | None, marketplace: object = None) -> Rule | None:
        rules = self._rules.get(line.category, ())
        found = next((rule for rule in rules if rule.matches(line, day)), None)
        if line.marketplace in self._parents:
            parent = self._parents[line.marketplace] or marketplace
            other = self._find(line._replace(marketplace=parent), day)
            if other and (found is None or other.specificity > found.specificity):
                return other
        return found

    def find_in_settlement(
        self, line: PlanLine, day: date | None, marketplace: object
    ) -> Rule | None:
        """Return the ``Rule`` of a line in a settlement of a marketplace, or ``None``.

        A negative payout stands on its marketplace's clearing account, but the rows by which the
        next settlement takes it up name no marketplace: while they share the general clearing
        account with the payout, they follow it, or neither account would come to zero.
        """
        if marketplace is None or line.category not in _FOLLOWS_PAYOUT:
            return self._find(line, day, marketplace)
        rule = self.find(line._replace(marketplace=marketplace), day)
        if rule and rule.marketplace is None:
            payout = line._replace(category=DEPOSIT, marketplace=None, words=("", "", ""))
            general = self.find(payout, day)
            own = self.find(payout._replace(marketplace=marketplace), day)
            if general and own and rule.account == general.account:
                return own
        return rule
