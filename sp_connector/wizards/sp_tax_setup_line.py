from odoo import api, fields, models
from odoo.tools import format_date

from ..models.category_labels import category_label
from ..models.sp_sku_rule import TAX_CLASSES


class SpTaxSetupLine(models.TransientModel):
    """One proposal: a tax treatment of some categories in a marketplace, and why."""

    _name = "sp.tax.setup.line"
    _description = "Amazon Tax Set-Up Line"
    _check_company_auto = True

    setup_id = fields.Many2one("sp.tax.setup", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="setup_id.company_id")
    is_ticked = fields.Boolean("Apply")
    current = fields.Json(help="How each category is booked now.")
    categories = fields.Text(compute="_compute_outcome")
    marketplace_id = fields.Many2one("sp.marketplace", "Sold On")
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
        required=True,
    )
    treatment = fields.Text(compute="_compute_treatment")
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

    @api.depends("tax_mode")
    def _compute_treatment(self):
        modes = dict(self._fields["tax_mode"]._description_selection(self.env))
        for line in self:
            line.treatment = modes.get(line.tax_mode)

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
            different = self._different(current, line.tax_mode, taxes)
            if line.state == "new":
                line.outcome = (
                    self.env._("Adds %(count)s lines", count=len(different))
                    if len(different) > 1
                    else self.env._("Adds a line")
                )
            elif line.state == "changes":
                settled = [now for now in different if now["is_settled"]]
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
