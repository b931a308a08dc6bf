from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_date

from ...models.meaning.category_labels import category_label
from ...models.meaning.sp_sku_rule import TAX_CLASSES

LIMITS = ("fulfillment", "tax_form", "tax_class", "date_from")


def limits_of(source, place):
    """Return what a proposal or a line limits itself to, as values of a line of the mapping."""
    return {
        "marketplace_id": place.id or False,
        **{name: getattr(source, name) or False for name in LIMITS},
    }


class SpTaxSetupLine(models.TransientModel):
    """One proposal: a tax treatment of some categories in a marketplace, and why."""

    _name = "sp.tax.setup.line"
    _description = "Amazon Tax Set-Up Line"
    _check_company_auto = True

    setup_id = fields.Many2one("sp.tax.setup", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="setup_id.company_id")
    is_ticked = fields.Boolean("Apply")
    decision = fields.Selection(
        [("undecided", "Undecided"), ("none", "No tax"), ("decided", "Decided")],
        "Now",
        compute="_compute_decision",
    )
    now = fields.Text("Taxed Now", compute="_compute_decision")
    current = fields.Json(help="How each category is booked now.")
    categories = fields.Text(compute="_compute_outcome")
    marketplace_id = fields.Many2one("sp.marketplace")
    place = fields.Char("Sold On", compute="_compute_place")
    fulfillment = fields.Selection(
        [("AFN", "Amazon (FBA)"), ("MFN", "Merchant (FBM)")], "Fulfilled By"
    )
    tax_form = fields.Selection(
        lambda self: self.env["sp.account.mapping"]._selection_tax_form(), "Price Form"
    )
    tax_class = fields.Selection(TAX_CLASSES, "Tax Class of the SKU")
    date_from = fields.Date("Valid From")
    limits = fields.Text("Only", compute="_compute_limits")
    subject = fields.Text("For", compute="_compute_subject")
    tax_mode = fields.Selection(
        lambda self: self.env["sp.account.mapping"]._fields["tax_mode"].selection,
        "Taxed As",
        required=True,
    )
    tax_use = fields.Char(compute="_compute_tax_use")
    tax_ids = fields.Many2many(
        "account.tax",
        check_company=True,
        domain="[('type_tax_use', '=', tax_use)]",
    )
    reason = fields.Text("Why, and What to Check")
    state = fields.Selection(
        [
            ("new", "New"),
            ("already", "Already so"),
            ("changes", "Changes the mapping"),
            ("open", "Stays undecided"),
            ("no_tax", "No tax found"),
            ("no_account", "No account"),
        ],
        compute="_compute_outcome",
    )
    outcome = fields.Text("On Apply", compute="_compute_outcome")

    # === COMPUTE METHODS === #

    @api.depends("marketplace_id")
    def _compute_place(self):
        for line in self:
            line.place = line.marketplace_id.name or self.env._("All others")

    @api.depends("tax_mode")
    def _compute_tax_use(self):
        for line in self:
            is_output = line.tax_mode in ("output_included", "marketplace")
            line.tax_use = "sale" if is_output else "purchase"

    @api.depends(*LIMITS)
    def _compute_limits(self):
        for line in self:
            parts = [
                dict(line._fields[name]._description_selection(self.env))[line[name]]
                for name in LIMITS[:-1]
                if line[name]
            ]
            if line.date_from:
                day = format_date(self.env, line.date_from)
                parts.append(self.env._("from %(day)s", day=day))
            line.limits = ", ".join(parts)

    @api.depends("categories", "limits")
    def _compute_subject(self):
        for line in self:
            line.subject = line.categories
            if line.limits:
                line.subject = self.env._(
                    "%(categories)s\nOnly: %(limits)s",
                    categories=line.categories,
                    limits=line.limits,
                )

    @api.depends("current")
    def _compute_decision(self):
        """Say how what a line is for is taxed now."""
        modes = dict(self._fields["tax_mode"]._description_selection(self.env))
        for line in self:
            found = dict.fromkeys((now["mode"], *now["taxes"]) for now in line.current or [])
            line.now = "\n".join(self._treatment(modes, mode, taxes) for mode, *taxes in found)
            if any(mode == "undecided" for mode, *_taxes in found):
                line.decision = "undecided"
            else:
                is_taxed = any(mode != "none" for mode, *_taxes in found)
                line.decision = "decided" if is_taxed else "none"

    def _treatment(self, modes, mode, taxes):
        names = self.env["account.tax"].browse(taxes).mapped("name")
        return " ".join([modes[mode], *names])

    @api.onchange("tax_mode", "tax_ids")
    def _onchange_treatment(self):
        """What a person chooses is meant to be applied."""
        taxed = self.tax_mode not in ("none", "undecided")
        self.tax_ids = self.tax_ids.filtered(lambda tax: taxed and tax.type_tax_use == self.tax_use)
        self.is_ticked = self.state in ("new", "changes", "no_tax")

    @api.model
    def _state_of(self, current, mode, tax_ids):
        """Say what applying would do, see ``state``; ``current`` is a list of snapshots."""
        if not all(now["has_account"] for now in current):
            return "no_account"
        if mode not in ("none", "undecided") and not tax_ids:
            return "no_tax"
        different = self._different(current, mode, tax_ids)
        if not different:
            return "open" if mode == "undecided" else "already"
        return "changes" if any(now["is_settled"] for now in different) else "new"

    @api.model
    def _different(self, current, mode, tax_ids):
        wanted = (mode, sorted(tax_ids))
        return [now for now in current if (now["mode"], now["taxes"]) != wanted]

    @api.depends("current", "tax_mode", "tax_ids")
    def _compute_outcome(self):
        texts = {
            "already": self.env._("Already so"),
            "open": self.env._("Stays undecided"),
            "no_tax": self.env._("No tax found: choose one, or it stays undecided"),
            "no_account": self.env._("No account: Set Up Accounts first"),
        }
        modes = dict(self._fields["tax_mode"]._description_selection(self.env))
        for line in self:
            current, taxes = line.current or [], line.tax_ids.ids
            line.categories = line._labels(current)
            line.state = self._state_of(current, line.tax_mode, taxes)
            different = self._different(current, line.tax_mode, taxes)
            if line.state == "new":
                line.outcome = self.env._("Decides it, if ticked")
            elif line.state == "changes":
                settled = [now for now in different if now["is_settled"]]
                line.outcome = self.env._(
                    "Changes %(categories)s, now: %(treatment)s",
                    categories=line._labels(settled),
                    treatment=self._treatment(modes, settled[0]["mode"], settled[0]["taxes"]),
                )
            else:
                line.outcome = texts[line.state]

    def _labels(self, current):
        return ", ".join(category_label(self.env, now["category"]) for now in current)

    def _apply(self, current, mode, taxes):
        """Write a treatment of what ``current`` names into the mapping, as new or changed lines."""
        # The settlements that wait for it are looked at once, at the end.
        Mapping = self.env["sp.account.mapping"].with_context(sp_connector_recheck_later=True)
        own = self.setup_id._own_lines()
        rules = Mapping._mapping(self.company_id)
        limits = limits_of(self, self.marketplace_id)
        vals = {"tax_mode": mode, "tax_ids": [Command.set(taxes.ids)]}
        changed, vals_list = Mapping, []
        for now in current:
            mapping = own.get((now["category"], *limits.values()))
            if mapping is None:
                vals_list.append(
                    {
                        "company_id": self.company_id.id,
                        "category": now["category"],
                        "account_id": self.setup_id._general_rule(rules, now["category"]).account,
                        **limits,
                        **vals,
                    }
                )
            elif mapping.tax_mode != mode or mapping.tax_ids != taxes:
                changed |= Mapping.browse(mapping.id)
        if changed:
            changed.write(vals)
        Mapping.create(vals_list)
