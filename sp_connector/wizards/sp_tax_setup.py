from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ..engine.entry import PlanLine, treatment
from ..models.category_labels import category_label
from ..models.sp_sku_rule import TAX_CLASSES
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
        store=True,
        readonly=False,
        help="Countries in which the company has a VAT, GST or consumption tax number. Proposed "
        "from its tax ID and from the foreign tax IDs of its fiscal positions.",
    )
    marketplace_ids = fields.Many2many(
        "sp.marketplace",
        string="Sells On",
        compute="_compute_marketplace_ids",
        store=True,
        readonly=False,
    )
    line_ids = fields.One2many(
        "sp.tax.setup.line", "setup_id", compute="_compute_line_ids", store=True, readonly=False
    )

    # === COMPUTE METHODS === #

    @api.depends("company_id")
    def _compute_country_id(self):
        for setup in self:
            # A manager of finance may not read companies' settings.
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
                vals = setup._prepare_line_vals(proposal, place, tax, snapshot)
                state = self.env["sp.tax.setup.line"]._state_of(
                    vals["current"], proposal.tax_mode, vals["tax_ids"][0][2]
                )
                is_wanted = proposal.is_certain or proposal.tax_class in classes
                vals["is_ticked"] = state == "new" and is_wanted
                commands.append(Command.create(vals))
            setup.line_ids = commands

    def _prepare_line_vals(self, proposal, place, tax, snapshot):
        current = [snapshot(category, proposal, place) for category in proposal.categories]
        if proposal.tax and not tax:
            # Somebody chose a tax that this did not find: that is the one.
            known = {tuple(now["taxes"]) for now in current if now["mode"] == proposal.tax_mode}
            if len(known) == 1:
                tax = self.env["account.tax"].browse(known.pop())
        return {
            "current": current,
            "marketplace_id": place.id,
            "fulfillment": proposal.fulfillment or False,
            "tax_form": proposal.tax_form or False,
            "tax_class": proposal.tax_class or False,
            "date_from": proposal.date_from,
            "tax_mode": proposal.tax_mode,
            "tax_ids": [Command.set(tax.ids)],
            "reason": self.env._(proposal.reason),
        }

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
                    and self._is_of_country(found, country)
                )
            )
            for xmlid in tax.templates.get(home, ()):
                known = Template.ref(xmlid, raise_if_not_found=False)
                if known and known in fitting:
                    return known
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
        self.company_id.check_access("read")  # one of this user's companies
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
        return {**action, "context": {"search_default_with_tax": 1}}


class SpTaxSetupLine(models.TransientModel):
    """One proposal: a tax treatment of some categories in a marketplace, and why."""

    _name = "sp.tax.setup.line"
    _description = "Amazon Tax Set-Up Line"
    _check_company_auto = True

    setup_id = fields.Many2one("sp.tax.setup", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="setup_id.company_id")
    is_ticked = fields.Boolean("Apply")
    current = fields.Json(help="How each category is booked now.")
    categories = fields.Text("For", compute="_compute_outcome")
    marketplace_id = fields.Many2one("sp.marketplace")
    fulfillment = fields.Selection(
        [("AFN", "Amazon (FBA)"), ("MFN", "Merchant (FBM)")], "Fulfilled By"
    )
    tax_form = fields.Selection(
        lambda self: self.env["sp.account.mapping"]._selection_tax_form(), "Price Form"
    )
    tax_class = fields.Selection(TAX_CLASSES, "Tax Class of the SKU")
    date_from = fields.Date("Valid From")
    limits = fields.Text("Only", compute="_compute_limits")
    tax_mode = fields.Selection(
        lambda self: self.env["sp.account.mapping"]._fields["tax_mode"].selection,
        "Treatment",
        required=True,
    )
    tax_use = fields.Char(compute="_compute_tax_use")
    tax_ids = fields.Many2many(
        "account.tax",
        string="Tax",
        check_company=True,
        domain="[('type_tax_use', '=', tax_use)]",
    )
    reason = fields.Text("Why, and What to Check")
    state = fields.Selection(
        [
            ("new", "New"),
            ("already", "Already so"),
            ("changes", "Changes the mapping"),
            ("no_tax", "No tax found"),
            ("no_account", "No account"),
        ],
        compute="_compute_outcome",
    )
    outcome = fields.Text("On Apply", compute="_compute_outcome")

    # === COMPUTE METHODS === #

    @api.depends("tax_mode")
    def _compute_tax_use(self):
        for line in self:
            is_output = line.tax_mode in ("output_included", "marketplace")
            line.tax_use = "sale" if is_output else "purchase"

    @api.depends("fulfillment", "tax_form", "tax_class", "date_from")
    def _compute_limits(self):
        for line in self:
            parts = [
                dict(line._fields[name]._description_selection(self.env))[line[name]]
                for name in ("fulfillment", "tax_form", "tax_class")
                if line[name]
            ]
            if line.date_from:
                day = format_date(self.env, line.date_from)
                parts.append(self.env._("from %(day)s", day=day))
            line.limits = ", ".join(parts)

    @api.model
    def _state_of(self, current, mode, tax_ids):
        """Say what applying would do, see ``state``; ``current`` is a list of snapshots."""
        if not all(now["has_account"] for now in current):
            return "no_account"
        if mode != "none" and not tax_ids:
            return "no_tax"
        different = self._different(current, mode, tax_ids)
        if not different:
            return "already"
        return "changes" if any(now["is_settled"] for now in different) else "new"

    @api.model
    def _different(self, current, mode, tax_ids):
        if mode == "none":
            return [now for now in current if now["is_taxed"]]
        wanted = (mode, sorted(tax_ids))
        return [now for now in current if (now["mode"], now["taxes"]) != wanted]

    @api.depends("current", "tax_mode", "tax_ids")
    def _compute_outcome(self):
        texts = {
            "already": self.env._("Already so"),
            "no_tax": self.env._("No tax found: choose one"),
            "no_account": self.env._("No account: Set Up Accounts first"),
        }
        modes = dict(self._fields["tax_mode"]._description_selection(self.env))
        for line in self:
            current, taxes = line.current or [], line.tax_ids.ids
            line.categories = line._labels(current)
            line.state = self._state_of(current, line.tax_mode, taxes)
            if line.state == "new":
                count = len(self._different(current, line.tax_mode, taxes))
                line.outcome = self.env._("Adds %(count)s", count=count)
            elif line.state == "changes":
                settled = [
                    now
                    for now in self._different(current, line.tax_mode, taxes)
                    if now["is_settled"]
                ]
                names = self.env["account.tax"].browse(settled[0]["taxes"]).mapped("name")
                line.outcome = self.env._(
                    "Changes %(categories)s, now: %(treatment)s",
                    categories=line._labels(settled),
                    treatment=" ".join([modes[settled[0]["mode"]], *names]),
                )
            else:
                line.outcome = texts[line.state]

    def _labels(self, current):
        return ", ".join(category_label(self.env, now["category"]) for now in current)
