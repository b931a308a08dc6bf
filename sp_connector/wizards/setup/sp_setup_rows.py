from datetime import date
from typing import NamedTuple

from odoo import api, models
from odoo.fields import Command

from ...engine.words.categories import ACCRUED_INCOME, DEPOSIT, ROLLOVER, TAXABLE
from ...models.meaning.category_labels import category_label
from ...models.proposals.tax_proposals import SALES

_SECTIONS = {
    "income": ("sales", "shipping_income", "giftwrap_income", "promotions", "reimbursements"),
    "refunds": ("refunds", "chargeback"),
    "fees": (
        *("selling_fees", "fba_fees", "storage_fees", "advertising", "subscription", "other"),
    ),
    "taxes": ("sales_tax", "marketplace_withheld_tax", "tax_credit"),
    "balances": (
        *(DEPOSIT, ROLLOVER, "reserve", "debt_adjustment", "card_charge", "direct_payment", "loan"),
        ACCRUED_INCOME,
    ),
}
_PLACE = {
    category: (number, section)
    for number, (category, section) in enumerate(
        (category, section) for section, categories in _SECTIONS.items() for category in categories
    )
}
#: What every entry needs.
_ALWAYS = (DEPOSIT, ROLLOVER)


class Found(NamedTuple):
    """What a company's settlements hold.

    :param first: the first month with money, ``None`` without any
    :param has_nameless: some rows that can bear tax belong to none of the marketplaces
    """

    categories: frozenset
    first: date | None
    has_nameless: bool


class SpSetupRows(models.AbstractModel):
    """Makes the lines of the set-up: a kind of money each, and further taxes where they differ."""

    _name = "sp.setup.rows"
    _description = "Lines of the Amazon Set-Up"

    @api.model
    def _found(self, setup):
        """Return what is ``Found`` in the settlements of a set-up's company."""
        domain = [("company_id", "=", setup.company_id.id), ("has_amount", "=", True)]
        lines = self.env["sp.settlement.line"]
        groups = lines._read_group(domain, ["category"], ["month:min"])
        months = [month for _category, month in groups if month]
        unlisted = [
            *domain,
            ("category", "in", list(TAXABLE)),
            ("marketplace_name", "not in", ("", False)),
            "|",
            ("marketplace_id", "=", False),
            "&",
            ("marketplace_id", "not in", setup.marketplace_ids._origin.ids),
            ("marketplace_id.is_other_channel", "=", False),
        ]
        return Found(
            frozenset(category for category, _month in groups),
            min(months, default=None),
            bool(self._find_homeless(setup) or lines.search_count(unlisted, limit=1)),
        )

    @api.model
    def _prepare_lines(self, setup):
        """Return the values of a set-up's lines, in their order."""
        company, places = setup.company_id, setup.marketplace_ids._origin
        mapping = self.env["sp.account.mapping"]._mapping(company)
        found = self._found(setup)
        is_all = setup.is_complete or not found.categories
        decisions = self.env["sp.tax.proposals"]._propose(
            company, setup.registered_country_ids._origin, places, mapping
        )
        decisions = self._asked(setup, decisions)
        parts = [
            (decision, category)
            for decision in decisions
            for category in decision.categories
            if not (decision.is_elsewhere and places) or found.has_nameless or setup.is_complete
        ]
        # Who accrues nothing needs no account for it.
        accrues = self.env["sp.accrual"].search_count([("company_id", "=", company.id)], limit=1)
        needed = (*_ALWAYS, ACCRUED_INCOME) if accrues else _ALWAYS
        vals_list = []
        for proposal, planned in self.env["sp.account.plan"]._plan(company).items():
            if not (
                is_all or planned.account or set(proposal.categories) & {*found.categories, *needed}
            ):
                continue
            vals = self._prepare_account(company, proposal, planned)
            category = proposal.key
            if category in TAXABLE:
                vals |= self._take_main(parts, category, mapping)
            vals_list.append(vals)
        if setup.is_complete or mapping.find_for("other") or "other" in found.categories:
            vals_list.append(
                self._prepare_other(mapping) | self._take_main(parts, "other", mapping)
            )
        shown = {category for vals in vals_list for category in vals["categories"]}
        parts = [
            (decision, category)
            for decision, category in parts
            if category in shown and category in TAXABLE
        ]
        if found.first and not setup.is_complete:
            parts = [part for part in parts if not self._is_past(part, decisions, found.first)]
        vals_list += self._prepare_further(parts, mapping, {*SALES} & shown)
        vals_list.sort(key=lambda vals: (self._rank(vals), not vals["key"]))
        for number, vals in enumerate(vals_list):
            vals["sequence"] = number
        return vals_list

    def _asked(self, setup, decisions):
        """Return the decisions that a person is asked for."""
        used = self.env["sp.tax.proposals"]._used_classes(setup.company_id)
        asked = []
        for decision in decisions:
            is_class_used = decision.limits.tax_class in ("", *used)
            if setup.registration == "later":
                decision = decision._replace(is_certain=False)
            elif setup.registration != "yes" and not (decision.is_certain or decision.is_settled):
                continue  # books without tax, and says so: nothing needs to be decided
            if is_class_used or decision.is_settled or setup.is_complete:
                asked.append(decision)
        return asked

    @staticmethod
    def _rank(vals):
        """Sections in their order; in each the kinds of money, then what is taxed otherwise."""
        number, section = _PLACE[vals["categories"][0]]
        sections = list(_SECTIONS)
        return sections.index(section), not vals["key"], number

    @staticmethod
    def _is_past(part, decisions, first):
        """Tell whether a part's treatment ended before the first month that was found."""
        decision, category = part
        return any(
            other.limits == decision.limits._replace(date_from=other.limits.date_from)
            and category in other.categories
            and other.limits.date_from
            and (decision.limits.date_from or date.min) < other.limits.date_from <= first
            for other in decisions
        )

    # === ACCOUNTS === #

    def _prepare_account(self, company, proposal, planned):
        label = [category_label(self.env, category) for category in proposal.categories]
        return {
            "section": _PLACE[proposal.key][1],
            "key": proposal.key,
            "categories": list(proposal.categories),
            "name": label[0] if len(label) > 3 else ", ".join(label),
            "account_id": planned.account.id,
            "account_name": self.env["sp.account.plan"]._name_of(proposal),
            "account_type": proposal.account_type,
            "misplaced_id": planned.is_misplaced and planned.account.id,
            "code": planned.code,
            "group_name": planned.group.display_name,
            "tag_ids": [Command.set(planned.tags.ids)],
            "is_certain": planned.is_certain,
            "why": planned.why,
        }

    def _prepare_other(self, mapping):
        rule = mapping.find_for("other")
        return {
            "section": "fees",
            "key": "other",
            "categories": ["other"],
            "name": category_label(self.env, "other"),
            "account_id": rule.account if rule else False,
            "why": self.env._("Its account depends on your business: choose one."),
        }

    # === TAXES === #

    def _take_main(self, parts, category, mapping):
        """Return the values of a category's tax: of the first marketplace, and what has the same.

        Takes out of ``parts`` what it says; the newest treatment is the main one.
        """
        mine = [part for part in parts if part[1] == category and not self._special(part[0])]
        if not mine:
            return {}
        place = mine[0][0].limits.marketplace
        main, _category = max(
            (part for part in mine if part[0].limits.marketplace == place),
            key=lambda part: part[0].limits.date_from or date.min,
        )
        same = [part for part in mine if self._answer(part[0]) == self._answer(main)]
        for part in same:
            parts.remove(part)
        places = [part[0].limits.marketplace for part in same]
        return self._prepare_tax(main, [category], places, mapping)

    @staticmethod
    def _special(decision):
        limits = decision.limits
        return limits.fulfillment or limits.tax_form or limits.tax_class

    @staticmethod
    def _answer(decision):
        """Return what two decisions have the same of, apart from marketplace and categories.

        A marketplace of its own and "all others" are never one line.
        """
        return (
            decision.limits._replace(marketplace=decision.limits.marketplace is None),
            *decision[2:],
        )

    def _prepare_further(self, parts, mapping, prices):
        """Return the values of lines that say a tax only, categories with one answer together.

        :param prices: the categories of prices that are shown
        """
        groups = {}
        for decision, category in parts:
            group = groups.setdefault(self._answer(decision), (decision, {}))
            group[1].setdefault(category, []).append(decision.limits.marketplace)
        vals_list = []
        for decision, by_category in groups.values():
            by_places = {}
            for category, places in by_category.items():
                by_places.setdefault(tuple(places), []).append(category)
            for places, categories in by_places.items():
                labels = [category_label(self.env, category) for category in categories]
                if len(categories) > 1 and set(categories) == prices:
                    labels = [self.env._("All prices and refunds")]
                vals_list.append(
                    {
                        "section": _PLACE[categories[0]][1],
                        "key": False,
                        "categories": categories,
                        "name": ", ".join(labels),
                        **self._prepare_tax(decision, categories, places, mapping),
                    }
                )
        return vals_list

    def _prepare_tax(self, decision, categories, places, mapping):
        proposals, limits = self.env["sp.tax.proposals"], decision.limits
        current = [
            proposals._now(mapping, category, limits._replace(marketplace=place))
            for category in categories
            for place in places
        ]
        is_different = any(
            (now.mode, set(now.taxes)) != (decision.mode, set(decision.taxes)) for now in current
        )
        return {
            "has_tax": True,
            "current": [
                {"category": now.category, "mode": now.mode, "taxes": list(now.taxes)}
                for now in current
            ],
            "marketplace_ids": [Command.set([place for place in places if place])],
            "fulfillment": limits.fulfillment or False,
            "tax_form": limits.tax_form or False,
            "tax_class": limits.tax_class or False,
            "date_from": limits.date_from,
            "tax_mode": decision.mode,
            "tax_ids": [Command.set(decision.taxes)],
            "reason": decision.reason,
            "is_ticked": decision.is_certain and is_different,
        }

    @api.model
    def _find_homeless(self, setup):
        """Return the currencies with rows that name no marketplace, and none chosen for them."""
        groups = self.env["sp.settlement"]._read_group(
            [
                ("company_id", "=", setup.company_id.id),
                (
                    "line_ids",
                    "any",
                    [
                        *(("has_amount", "=", True), ("category", "in", list(TAXABLE))),
                        *(("marketplace_id", "=", False), ("marketplace_name", "in", ("", False))),
                    ],
                ),
            ],
            ["currency_id"],
        )
        found = self.env["res.currency"].union(*(currency for (currency,) in groups))
        return found - setup.default_marketplace_ids._origin.currency_id
