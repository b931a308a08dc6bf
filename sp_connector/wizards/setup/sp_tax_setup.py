from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...engine.words.categories import TAXABLE
from ...models.proposals.tax_proposals import (
    COVERED,
    EVERYTHING_ELSE,
    GROUPS,
    NOTHING_KNOWN,
    RATES,
    TAXES,
    Proposal,
    find_proposals,
)
from .sp_tax_setup_line import LIMITS, limits_of

_WORDS = ("transaction_type", "amount_type", "amount_description")
#: Which of several marketplaces with one currency takes the rows that name none.
_USUAL = ("DE", "FR", "IT", "ES", "NL")


class SpTaxSetup(models.TransientModel):
    """Shows how a company's settlements are taxed and proposes what is undecided.

    What a person ticked is written. What is left unticked stays undecided, also where a more
    general line would book it otherwise: nothing is booked untaxed because nobody looked.
    """

    _name = "sp.tax.setup"
    _description = "Amazon Tax Set-Up"
    _check_company_auto = True
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    country_id = fields.Many2one(
        "res.country",
        "Established In",
        compute="_compute_country_id",
        help="The company's fiscal country (Accounting, Configuration, Settings).",
    )
    is_covered = fields.Boolean(compute="_compute_country_id")
    is_registered = fields.Boolean(compute="_compute_is_registered")
    registered_country_ids = fields.Many2many(
        "res.country",
        string="Registered for VAT or GST In",
        compute="_compute_registered_country_ids",
        compute_sudo=False,
        store=True,
        readonly=False,
        help="Countries in which the company has a VAT, GST or consumption tax number. Proposed "
        "from its tax ID and from the foreign tax IDs of its fiscal positions.",
    )
    marketplace_ids = fields.Many2many(
        "sp.marketplace",
        string="Sells On",
        compute="_compute_marketplace_ids",
        compute_sudo=False,
        store=True,
        readonly=False,
        domain="[('is_other_channel', '=', False)]",
    )
    default_marketplace_ids = fields.Many2many(
        "sp.marketplace",
        "sp_tax_setup_default_marketplace_rel",
        string="Rows Without a Marketplace",
        compute="_compute_default_marketplace_ids",
        compute_sudo=False,
        store=True,
        readonly=False,
        domain="[('is_other_channel', '=', False)]",
        help="Advertising, storage or subscription, and now and then a sale, name no marketplace. "
        "They are booked and taxed like the one chosen here for their currency.",
    )
    line_ids = fields.One2many(
        "sp.tax.setup.line",
        "setup_id",
        compute="_compute_line_ids",
        compute_sudo=False,
        store=True,
        readonly=False,
    )

    # === COMPUTE METHODS === #

    @api.depends("company_id")
    def _compute_country_id(self):
        for setup in self:
            setup.company_id.check_access("read")  # one of this user's companies
            company = setup.company_id.sudo()
            setup.country_id = company.account_fiscal_country_id or company.country_id
            setup.is_covered = setup.country_id.code in COVERED

    @api.depends("company_id")
    def _compute_registered_country_ids(self):
        for setup in self:
            positions = self.env["account.fiscal.position"].search(
                [("company_id", "=", setup.company_id.id), ("foreign_vat", "!=", False)]
            )
            company = setup.company_id.sudo()
            setup.registered_country_ids = setup.country_id.browse()
            if company._sp_is_registered():
                setup.registered_country_ids = positions.country_id
                if company._sp_has_home_tax_id() or company.sp_tax_registration == "yes":
                    setup.registered_country_ids |= setup.country_id

    @api.depends("registered_country_ids")
    def _compute_is_registered(self):
        for setup in self:
            setup.is_registered = bool(setup.registered_country_ids)

    @api.depends("company_id")
    def _compute_marketplace_ids(self):
        for setup in self:
            company = setup.company_id
            connected = self.env["sp.connection.marketplace"].search(
                [("company_id", "=", company.id), ("is_participating", "=", True)]
            )
            groups = self.env["sp.settlement.line"]._read_group(
                [("settlement_id.company_id", "=", company.id)], ["marketplace_id"]
            )
            found = connected.marketplace_id.union(*(place for (place,) in groups))
            found = found.filtered(lambda place: not place.is_other_channel)
            setup.marketplace_ids = found or self.env["sp.marketplace"].search(
                [("country_id", "=", setup.country_id.id), ("is_other_channel", "=", False)]
            )

    @api.depends("company_id", "marketplace_ids")
    def _compute_default_marketplace_ids(self):
        """Keep what is chosen; propose one for each other currency, the own country's first."""
        for setup in self:
            order = [setup.country_id.code, *_USUAL]
            chosen = setup.company_id.sudo().sp_default_marketplace_ids
            for place in setup.marketplace_ids._origin.sorted(
                lambda place, order=order: (
                    order.index(place.country_id.code)
                    if place.country_id.code in order
                    else len(order)
                )
            ):
                if place.currency_id not in chosen.currency_id:
                    chosen |= place
            setup.default_marketplace_ids = chosen

    @api.depends("company_id", "registered_country_ids", "marketplace_ids")
    def _compute_line_ids(self):
        for setup in self:
            taxes = setup._find_taxes()
            home = setup.country_id.code
            places = {
                place.country_id.code: place._origin
                for place in setup.marketplace_ids.sorted(
                    # The seller's own marketplace comes first.
                    lambda place, home=home: (place.country_id.code != home, place.country_id.code)
                )
            }
            registered = set(setup.registered_country_ids.mapped("code"))
            proposals = find_proposals(home, registered, places)
            snapshot, classes = setup._snapshot(), setup._used_classes()
            vals_list, seen = [], {}
            for proposal, code in proposals:
                place = places.get(code, self.env["sp.marketplace"])
                tax = taxes(proposal.tax, code) if proposal.tax else self.env["account.tax"]
                is_wanted = proposal.is_certain or proposal.tax_class in classes
                vals_list += setup._prepare_lines(proposal, place, tax, snapshot, is_wanted)
                if not any(limits_of(proposal, place.browse()).values()):
                    seen.setdefault(place, set()).update(proposal.categories)
            vals_list += setup._prepare_rest(places.values(), seen, snapshot)
            rank = {place.id: number for number, place in enumerate(places.values())}
            vals_list.sort(key=lambda vals: rank.get(vals["marketplace_id"], len(rank)))
            setup.line_ids = [Command.clear(), *map(Command.create, vals_list)]

    def _used_classes(self):
        """Return the tax classes that some SKU of the company has."""
        rules = self.env["sp.sku.rule"].search([("company_id", "=", self.company_id.id)])
        return set(rules.mapped("tax_class"))

    def _prepare_lines(self, proposal, place, tax, snapshot, is_wanted):
        """Return values of a proposal's lines; what would change stands apart from what is new."""
        Line = self.env["sp.tax.setup.line"]
        current = [snapshot(category, proposal, place) for category in proposal.categories]
        if proposal.tax and not tax:
            # Somebody chose a tax that this did not find: that is the one.
            known = {tuple(now["taxes"]) for now in current if now["mode"] == proposal.tax_mode}
            if len(known) == 1:
                tax = self.env["account.tax"].browse(known.pop()).filtered("active")
        wanted = proposal.tax_mode, tax.ids
        changes = [now for now in Line._different(current, *wanted) if now["is_settled"]]
        others = [now for now in current if now not in changes]
        return [
            {
                "is_ticked": is_wanted and Line._state_of(part, *wanted) == "new",
                "current": part,
                "marketplace_id": place.id,
                "fulfillment": proposal.fulfillment or False,
                "tax_form": proposal.tax_form or False,
                "tax_class": proposal.tax_class or False,
                "date_from": proposal.date_from,
                "tax_mode": proposal.tax_mode,
                "tax_ids": [Command.set(tax.ids)],
                "reason": self.env._(proposal.reason),
            }
            for part in (others, changes)
            if part
        ]

    def _prepare_rest(self, places, seen, snapshot):
        """Return values of lines for what no proposal speaks of: as it is, or undecided.

        :param seen: {marketplace, empty for all: categories with a proposal that limits nothing}
        """
        everywhere = self.env["sp.marketplace"]
        vals_list = []
        for place in (*places, everywhere):
            known = seen.get(place, set()) | seen.get(everywhere, set())
            for group in GROUPS:
                parts = {}
                for category in group:
                    if category in known:
                        continue
                    rest = Proposal((), (), group, "undecided", "", NOTHING_KNOWN)
                    now = snapshot(category, rest, place)
                    if category != "other" or now["has_account"]:
                        parts.setdefault((now["mode"], tuple(now["taxes"])), []).append(now)
                for (mode, taxes), current in parts.items():
                    reason = NOTHING_KNOWN if place else EVERYTHING_ELSE
                    vals_list.append(
                        {
                            "current": current,
                            "marketplace_id": place.id,
                            "tax_mode": mode,
                            "tax_ids": [Command.set(taxes)],
                            "reason": self.env._(reason),
                        }
                    )
        return vals_list

    # === WHAT IS THERE === #

    def _find_taxes(self):
        """Return a function (key of ``TAXES``, code of the market's country) → the tax or none."""
        self.ensure_one()
        company, home = self.company_id, self.country_id.code
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

    def _is_of_country(self, tax, code):
        """Tell whether a tax is a country's: by itself, or by fiscal positions as OSS taxes are."""
        positions = tax.fiscal_position_ids
        # A position without a country holds for a group of them, or for whom a person chooses.
        is_bound = positions and all(position.country_id for position in positions)
        bound = set(positions.country_id.mapped("code")) if is_bound else {tax.country_id.code}
        return code in bound if tax.country_id.code == code else bound == {code}

    def _snapshot(self):
        """Return a function (category, proposal, marketplace) → how it is booked now.

        :return: {category, has_account, mode, taxes, is_settled: somebody decided it, by a
            line of exactly these limits, for this marketplace or for all}
        """
        self.ensure_one()
        mapping = self.env["sp.account.mapping"]._mapping(self.company_id)

        def find(category, proposal, place):
            limits = {name: getattr(proposal, name) or "" for name in LIMITS[:-1]}
            day = proposal.date_from or None
            rule = mapping.find_for(category, day, marketplace=place.id or None, **limits)
            is_alike = (
                rule is not None
                and not any(rule.words)
                and rule.date_from == day
                and all(getattr(rule, name) == value for name, value in limits.items())
            )
            if rule and rule.taxes and proposal.tax_mode == "none" and rule.marketplace is None:
                is_alike = True  # a tax for all marketplaces is not overruled in silence
            mode = rule.tax_mode if rule else "none" if category not in TAXABLE else "undecided"
            return {
                "category": category,
                "has_account": bool(self._general_rule(mapping, category)),
                "mode": mode,
                "taxes": sorted(rule.taxes) if rule else [],
                "is_settled": is_alike and mode != "undecided",
            }

        return find

    @staticmethod
    def _general_rule(mapping, category):
        return mapping.find_for(category)

    def _own_lines(self):
        """Return {(category, limits…): line} of this company's mapping lines without words."""
        lines = self.env["sp.account.mapping"].search(
            [("company_id", "=", self.company_id.id), *((word, "=", False) for word in _WORDS)]
        )
        return {
            (line.category, *limits_of(line, line.marketplace_id).values()): line for line in lines
        }

    # === ACTIONS === #

    def action_apply(self):
        """Write what is ticked into the mapping, leave the rest undecided, and show it.

        :raises UserError: nothing is ticked or chosen, a ticked line lacks its tax or account, or
            two default marketplaces have the same currency
        """
        self.ensure_one()
        company = self.company_id
        company.check_access("read")
        ticked = self.line_ids.filtered("is_ticked")
        is_changed = self._apply_company()
        if not ticked and not is_changed:
            raise UserError(self.env._("Tick what is to be applied, or press Cancel."))
        for line in ticked:
            if line.state in ("no_tax", "no_account"):
                raise UserError(
                    self.env._(
                        "%(categories)s, %(place)s: %(outcome)s",
                        categories=line.categories,
                        place=line.marketplace_id.name or self.env._("all marketplaces"),
                        outcome=line.outcome,
                    )
                )
        for line in ticked:
            line._apply(line.current, line.tax_mode, line.tax_ids)
        self._leave_undecided(self.line_ids - ticked)
        self.env["sp.settlement"]._recheck(company)
        if self.env.context.get("sp_connector_stay"):
            return {"type": "ir.actions.act_window_close"}
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_account_mapping_action"
        )
        return {**action, "target": "main", "context": {"search_default_with_tax": 1}}

    def _apply_company(self):
        """Write what is chosen for the company itself; tell whether that changes anything."""
        company = self.company_id.sudo()
        places = self.default_marketplace_ids
        company._sp_check_default_marketplaces(places)
        vals = {}
        if places != company.sp_default_marketplace_ids:
            vals["sp_default_marketplace_ids"] = [Command.set(places.ids)]
        if self.is_registered != company._sp_is_registered():
            vals["sp_tax_registration"] = "yes" if self.is_registered else "no"
        company.write(vals)
        return bool(vals)

    def _leave_undecided(self, lines):
        """Write «undecided» for what is unticked and another line of the mapping would book.

        For example prices whose tax the marketplace keeps: the line for all prices has a tax, and
        would book them without any.
        """
        snapshot, classes = self._snapshot(), self._used_classes()
        for line in lines:
            is_limited = any(line[name] for name in LIMITS)
            if not is_limited or (line.tax_class and line.tax_class not in classes):
                continue
            current = [snapshot(now["category"], line, line.marketplace_id) for now in line.current]
            different = line._different(current, line.tax_mode, line.tax_ids.ids)
            open_ones = [
                now for now in different if not now["is_settled"] and now["mode"] != "undecided"
            ]
            line._apply(open_ones, "undecided", line.tax_ids.browse())
