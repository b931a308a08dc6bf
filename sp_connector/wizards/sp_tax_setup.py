from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..engine.entry import PlanLine, treatment
from .tax_proposals import COVERED, RATES, TAXES, find_proposals

_LIMITS = ("fulfillment", "tax_form", "tax_class", "date_from")
_WORDS = ("transaction_type", "amount_type", "amount_description")


def _limits(source, place):
    """Return what a proposal or a line limits itself to, as values of a line of the mapping."""
    return {
        "marketplace_id": place.id or False,
        **{name: getattr(source, name) or False for name in _LIMITS},
    }


class SpTaxSetup(models.TransientModel):
    """Proposes how a company's settlements are taxed; writes only what a person ticked."""

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
    )
    line_ids = fields.One2many(
        "sp.tax.setup.line",
        "setup_id",
        compute="_compute_line_ids",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    unproposed = fields.Char(compute="_compute_unproposed")

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
            home = setup.country_id if setup.company_id.sudo().vat else setup.country_id.browse()
            setup.registered_country_ids = home | positions.country_id

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
            setup.marketplace_ids = found or self.env["sp.marketplace"].search(
                [("country_id", "=", setup.country_id.id)]
            )

    @api.depends("company_id", "registered_country_ids", "marketplace_ids")
    def _compute_line_ids(self):
        for setup in self:
            taxes = setup._find_taxes()
            places = {place.country_id.code: place._origin for place in setup.marketplace_ids}
            home = setup.country_id.code
            proposals = find_proposals(
                home,
                set(setup.registered_country_ids.mapped("code")),
                # The seller's own marketplace comes first.
                sorted(places, key=lambda code: (code != home, code)),
            )
            snapshot = setup._snapshot()
            classes = set(
                self.env["sp.sku.rule"]
                .search([("company_id", "=", setup.company_id.id)])
                .mapped("tax_class")
            )
            commands = [Command.clear()]
            for proposal, code in proposals:
                place = places.get(code, self.env["sp.marketplace"])
                tax = taxes(proposal.tax, code) if proposal.tax else self.env["account.tax"]
                is_wanted = proposal.is_certain or proposal.tax_class in classes
                commands += [
                    Command.create(vals)
                    for vals in setup._prepare_lines(proposal, place, tax, snapshot, is_wanted)
                ]
            setup.line_ids = commands

    @api.depends("marketplace_ids", "line_ids.marketplace_id", "line_ids.current")
    def _compute_unproposed(self):
        """Name the marketplaces that no proposal speaks of."""
        for setup in self:
            general = setup.line_ids.filtered(lambda line: not line.marketplace_id)
            is_for_all = any(now["category"] == "sales" for line in general for now in line.current)
            silent = setup.marketplace_ids._origin - setup.line_ids.marketplace_id._origin
            setup.unproposed = "" if is_for_all else ", ".join(silent.mapped("name"))

    def _prepare_lines(self, proposal, place, tax, snapshot, is_wanted):
        """Return values of a proposal's lines; what would change stands apart from what is new."""
        Line = self.env["sp.tax.setup.line"]
        current = [snapshot(category, proposal, place) for category in proposal.categories]
        if proposal.tax and not tax:
            # Somebody chose a tax that this did not find: that is the one.
            known = {tuple(now["taxes"]) for now in current if now["mode"] == proposal.tax_mode}
            if len(known) == 1:
                tax = self.env["account.tax"].browse(known.pop())
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

        :return: {category, has_account, mode, taxes, is_taxed, is_settled: somebody decided it,
            by a line of exactly these limits or by a tax for all marketplaces}
        """
        self.ensure_one()
        mapping = self.env["sp.account.mapping"]._mapping(self.company_id)
        own = self._own_lines()

        def find(category, proposal, place):
            line = PlanLine(
                None,
                category,
                place.id or None,
                0,
                fulfillment=proposal.fulfillment,
                tax_form=proposal.tax_form,
                tax_class=proposal.tax_class,
            )
            rule = mapping.find(line, proposal.date_from)
            is_taxed = bool(rule) and rule.tax_mode != "none"
            if is_taxed and proposal.tax_form:
                is_taxed = bool(treatment(rule, proposal.tax_form))
            is_alike = is_taxed and (
                proposal.tax_mode == "none"
                or all(
                    getattr(rule, name) == getattr(proposal, name)
                    for name in ("fulfillment", "tax_form", "tax_class")
                )
            )
            return {
                "category": category,
                "has_account": bool(self._general_rule(mapping, category)),
                "mode": rule.tax_mode if rule else "none",
                "taxes": sorted(rule.taxes) if rule else [],
                "is_taxed": is_taxed,
                "is_settled": is_alike or (category, *_limits(proposal, place).values()) in own,
            }

        return find

    @staticmethod
    def _general_rule(mapping, category):
        return mapping.find(PlanLine(None, category, None, 0))

    def _own_lines(self):
        """Return {(category, limits…): line} of this company's mapping lines without words."""
        lines = self.env["sp.account.mapping"].search(
            [("company_id", "=", self.company_id.id), *((word, "=", False) for word in _WORDS)]
        )
        return {
            (line.category, *_limits(line, line.marketplace_id).values()): line for line in lines
        }

    # === ACTIONS === #

    def action_apply(self):
        """Write the ticked proposals into the mapping and show it.

        :raises UserError: nothing is ticked, or a ticked one lacks its tax or account
        """
        self.ensure_one()
        self.company_id.check_access("read")
        ticked = self.line_ids.filtered("is_ticked")
        if not ticked:
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
        Mapping = self.env["sp.account.mapping"]
        own, rules, vals_list = self._own_lines(), Mapping._mapping(self.company_id), []
        for line in ticked:
            limits = _limits(line, line.marketplace_id)
            vals = {"tax_mode": line.tax_mode, "tax_ids": [Command.set(line.tax_ids.ids)]}
            changed = Mapping
            for now in line.current:
                mapping = own.get((now["category"], *limits.values()))
                if mapping is None:
                    account = self._general_rule(rules, now["category"]).account
                    vals_list.append(
                        {
                            "company_id": self.company_id.id,
                            "category": now["category"],
                            "account_id": account,
                            **limits,
                            **vals,
                        }
                    )
                elif mapping.tax_mode != line.tax_mode or mapping.tax_ids != line.tax_ids:
                    changed |= mapping
            if changed:
                changed.write(vals)
        Mapping.create(vals_list)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_account_mapping_action"
        )
        return {**action, "target": "main", "context": {"search_default_with_tax": 1}}
