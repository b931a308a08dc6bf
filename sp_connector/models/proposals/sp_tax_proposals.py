from typing import NamedTuple

from odoo import api, models

from ...engine.books.choices import Limits
from ...engine.words.categories import TAXABLE
from .tax_proposals import (
    COVERED,
    EVERYTHING_ELSE,
    GROUPS,
    NOTHING_KNOWN,
    RATES,
    TAXES,
    find_proposals,
)

#: Which of several marketplaces with one currency takes the rows that name none.
_USUAL = ("DE", "FR", "IT", "ES", "NL")
#: Where nobody is asked whether the company is registered: its proposals are the same.
NOT_ASKED = ("US",)


class Now(NamedTuple):
    """How a category is taxed now within some limits.

    :param is_settled: somebody decided it by a rule of exactly these limits, for this marketplace
        or for all
    """

    category: str
    mode: str
    taxes: tuple
    is_settled: bool


class TaxDecision(NamedTuple):
    """One decision: how some categories are taxed within limits, as it is or as is proposed.

    :param limits: ``choices.Limits``
    :param categories: they have one answer
    :param taxes: ids
    :param is_certain: proposed as decided; others need a person's word first
    :param is_settled: somebody decided it so
    :param is_elsewhere: for marketplaces without proposals, and rows that belong to none
    """

    limits: Limits
    categories: tuple
    mode: str
    taxes: tuple
    reason: str
    is_certain: bool = False
    is_settled: bool = False
    is_elsewhere: bool = False


class SpTaxProposals(models.AbstractModel):
    """Proposes how a company's settlements are taxed; nothing is written here."""

    _name = "sp.tax.proposals"
    _description = "Proposals for Taxes on Amazon Settlements"

    # === THE COMPANY === #

    @api.model
    def _country(self, company):
        """Return where a company is established."""
        company.check_access("read")  # one of this user's companies
        company = company.sudo()
        return company.account_fiscal_country_id or company.country_id

    @api.model
    def _is_covered(self, company):
        """Tell whether there are proposals for companies of its country."""
        return self._country(company).code in COVERED

    @api.model
    def _registered_countries(self, company):
        """Return the countries in which a company is known to have a tax ID."""
        countries = self.env["res.country"]
        if not company._sp_is_registered():
            return countries
        positions = self.env["account.fiscal.position"].search(
            [("company_id", "=", company.id), ("foreign_vat", "!=", False)]
        )
        if company._sp_has_home_tax_id() or company.sudo().sp_tax_registration == "yes":
            countries = self._country(company)
        return countries | positions.country_id

    @api.model
    def _places(self, company):
        """Return the marketplaces on which a company sells: as connected or found, else its own."""
        connected = self.env["sp.connection.marketplace"].search(
            [("company_id", "=", company.id), ("is_participating", "=", True)]
        )
        groups = self.env["sp.settlement.line"]._read_group(
            [("company_id", "=", company.id)], ["marketplace_id"]
        )
        found = connected.marketplace_id.union(*(place for (place,) in groups))
        found = found.filtered(lambda place: not place.is_other_channel)
        country = self._country(company)
        return found or self.env["sp.marketplace"].search(
            [("country_id", "=", country.id), ("is_other_channel", "=", False)]
        )

    @api.model
    def _default_places(self, company, places):
        """Return the chosen default marketplaces, and one for each other currency."""
        order = [self._country(company).code, *_USUAL]
        chosen = company.sudo().sp_default_marketplace_ids
        for place in places.sorted(
            lambda place: (
                order.index(place.country_id.code) if place.country_id.code in order else len(order)
            )
        ):
            if place.currency_id not in chosen.currency_id:
                chosen |= place
        return chosen

    @api.model
    def _used_classes(self, company):
        """Return the tax classes that some SKU of the company has."""
        rules = self.env["sp.sku.rule"].search([("company_id", "=", company.id)])
        return set(rules.mapped("tax_class"))

    # === PROPOSALS === #

    @api.model
    def _propose(self, company, registered, places, mapping=None):
        """Return the ``TaxDecision``s of a company: what is settled as it is, else as proposed.

        The seller's own marketplace comes first, what holds for all others last.

        :param registered: countries; ``places``: marketplaces
        :param mapping: the engine's ``Mapping``, if the caller has it already
        """
        mapping = mapping or self.env["sp.account.mapping"]._mapping(company)
        home = self._country(company).code
        by_code = {
            place.country_id.code: place._origin
            for place in places.sorted(
                lambda place: (place.country_id.code != home, place.country_id.code)
            )
        }
        taxes, classes = self._find_taxes(company), self._used_classes(company)
        known, decisions = {}, []
        for proposal, code in find_proposals(home, set(registered.mapped("code")), by_code):
            place = by_code.get(code, self.env["sp.marketplace"])
            limits = Limits(
                place.id or None,
                proposal.fulfillment,
                proposal.tax_form,
                proposal.tax_class,
                proposal.date_from,
            )
            tax = taxes(proposal.tax, code) if proposal.tax else self.env["account.tax"]
            is_complete = bool(tax) == bool(proposal.tax)
            proposed = TaxDecision(
                limits,
                proposal.categories,
                proposal.tax_mode,
                tuple(tax.ids),
                self.env._(proposal.reason),
                is_complete and (proposal.is_certain or proposal.tax_class in classes),
            )
            decisions += self._split(mapping, proposed)
            if limits == Limits(limits.marketplace):
                known.setdefault(limits.marketplace, set()).update(proposal.categories)
        decisions += self._rest(mapping, by_code.values(), known)
        rank = {place.id: number for number, place in enumerate(by_code.values())}
        return sorted(
            decisions, key=lambda decision: rank.get(decision.limits.marketplace, len(rank))
        )

    def _split(self, mapping, proposed):
        """Yield a proposal for what nobody decided; what somebody decided otherwise as it is."""
        groups = {}
        for category in proposed.categories:
            now = self._now(mapping, category, proposed.limits, proposed.mode)
            is_same = (now.mode, set(now.taxes)) == (proposed.mode, set(proposed.taxes))
            settled = (now.mode, now.taxes) if now.is_settled and not is_same else None
            groups.setdefault(settled, []).append(now)
        for settled, found in groups.items():
            decision = proposed._replace(
                categories=tuple(now.category for now in found),
                is_settled=all(now.is_settled for now in found),
            )
            if settled:
                mode, taxes = settled
                reason = self.env._(
                    "Decided so here. What would be proposed: %(proposal)s. %(reason)s",
                    proposal=self._treatment(proposed.mode, proposed.taxes),
                    reason=proposed.reason,
                )
                decision = decision._replace(
                    mode=mode, taxes=taxes, reason=reason, is_certain=False
                )
            yield decision

    @api.model
    def _treatment(self, mode, taxes):
        """Say how something is taxed."""
        modes = dict(self.env["sp.account.mapping"]._fields["tax_mode"]._description_selection(
            self.env
        ))  # fmt: skip
        return " ".join([modes[mode], *self.env["account.tax"].browse(taxes).mapped("name")])

    def _rest(self, mapping, places, known):
        """Yield what no proposal speaks of: as it is, or undecided.

        :param known: {marketplace, ``None`` for all: categories with a proposal without limits}
        """
        for place in (*(place.id for place in places), None):
            seen = known.get(place, set()) | known.get(None, set())
            reason = self.env._(EVERYTHING_ELSE if place is None else NOTHING_KNOWN)
            for group in GROUPS:
                parts = {}
                for category in group:
                    if category in seen:
                        continue
                    now = self._now(mapping, category, Limits(place))
                    key = now.mode, now.taxes, now.is_settled
                    parts.setdefault(key, []).append(category)
                for (mode, taxes, is_settled), categories in parts.items():
                    yield TaxDecision(
                        Limits(place),
                        tuple(categories),
                        mode,
                        taxes,
                        reason,
                        is_settled=is_settled,
                        is_elsewhere=place is None,
                    )

    @api.model
    def _now(self, mapping, category, limits, proposed=""):
        """Return how a category is taxed ``Now`` within limits.

        :param mapping: an engine ``Mapping``; ``proposed``: the treatment it is compared with
        """
        rule = mapping.find_for(
            category,
            limits.date_from,
            marketplace=limits.marketplace,
            fulfillment=limits.fulfillment,
            tax_form=limits.tax_form,
            tax_class=limits.tax_class,
        )
        is_alike = (
            rule is not None
            and not any(rule.words)
            and all(getattr(rule, name) == getattr(limits, name) for name in Limits._fields[1:])
        )
        if rule and rule.taxes and proposed == "none" and rule.marketplace is None:
            is_alike = True  # a tax for all marketplaces is not overruled in silence
        mode = rule.tax_mode if rule else "none" if category not in TAXABLE else "undecided"
        taxes = tuple(rule.taxes) if rule else ()
        return Now(category, mode, taxes, is_alike and mode != "undecided")

    # === TAXES === #

    @api.model
    def _find_taxes(self, company):
        """Return a function (key of ``TAXES``, code of the market's country) → the tax or none."""
        home = self._country(company).code
        Template = self.env["account.chart.template"].with_company(company)
        mine = self.env["account.tax"].search(
            [
                *self.env["account.tax"]._check_company_domain(company),
                ("amount_type", "=", "percent"),
                ("type_tax_use", "in", ("sale", "purchase")),
            ]
        )
        default = company.sudo().account_sale_tax_id | company.sudo().account_purchase_tax_id

        def find(key, market):
            tax = TAXES[key]
            country = market if tax.rate == "market" else home
            rate = RATES.get(country) if tax.rate in (None, "market") else tax.rate
            fitting = mine.filtered(
                lambda found: (
                    found.type_tax_use == tax.type_tax_use
                    and found.amount == rate
                    and self._shape(found) == tax.shape
                )
            )
            charted = mine.browse()
            for xmlid in tax.templates.get(home, ()):
                charted |= Template.ref(xmlid, raise_if_not_found=False) or charted
            if charted & fitting:
                return charted & fitting
            fitting = fitting.filtered(lambda found: self._is_of_country(found, country))
            if charted:
                # Archived or changed: another of that rate in the chart means something else (in
                # Italy a pension fund), unless the company uses it by default.
                fitting &= default
            if tax.shape == "zero":  # many mean something else: one alone is no guess
                return fitting if len(fitting) == 1 else fitting.browse()
            other = "service" if tax.scope == "consu" else "consu"
            ranked = fitting.sorted(
                lambda found: (found.tax_scope == other, found not in default, found.sequence)
            )
            return ranked[:1]

        return find

    @staticmethod
    def _shape(tax):
        """Say what the parts of a tax do: ``zero``, ``plain``, ``reverse`` or ``None``."""
        factors = tax.invoice_repartition_line_ids.filtered(
            lambda part: part.repartition_type == "tax"
        ).mapped("factor")
        if not tax.amount:
            return "zero"
        whole = round(sum(factors), 6)
        if min(factors, default=0) < 0:
            return None if whole else "reverse"
        return "plain" if whole == 1 else None

    @staticmethod
    def _is_of_country(tax, code):
        """Tell whether a tax is a country's: by itself, or by fiscal positions as OSS taxes are."""
        positions = tax.fiscal_position_ids
        # A position without a country holds for a group of them, or for whom a person chooses.
        is_bound = positions and all(position.country_id for position in positions)
        bound = set(positions.country_id.mapped("code")) if is_bound else {tax.country_id.code}
        return code in bound if tax.country_id.code == code else bound == {code}

    # === WHAT IS LEFT OPEN === #

    @api.model
    def _left_open(self, company, mapping, decision):
        """Return the categories of a decision nobody took that another rule would book otherwise.

        For example prices whose tax the marketplace keeps: the line for all prices has a tax, and
        would book them without any. They are to be written as undecided.

        :param mapping: the engine's ``Mapping`` with all that is decided
        """
        limits = decision.limits
        if not any(limits[1:]):
            return []
        if limits.tax_class and limits.tax_class not in self._used_classes(company):
            return []
        found = [self._now(mapping, one, limits, decision.mode) for one in decision.categories]
        wanted = decision.mode, set(decision.taxes)
        return [
            now.category
            for now in found
            if (now.mode, set(now.taxes)) != wanted
            and not now.is_settled
            and now.mode != "undecided"
        ]
