from odoo import api, fields, models

from ..engine.entry import Accounts
from .category_labels import category_label, category_selection


class SpAccountMapping(models.Model):
    """Category × marketplace × company → account. A marketplace's own line beats the general."""

    _name = "sp.account.mapping"
    _description = "Amazon Account Mapping"
    _order = "company_id, category, marketplace_id"
    _check_company_auto = True

    category = fields.Selection("_selection_category", required=True)
    marketplace_id = fields.Many2one(
        "sp.marketplace", help="Leave empty for all marketplaces.", ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    account_id = fields.Many2one(
        "account.account", required=True, check_company=True, ondelete="restrict"
    )

    _category_unique = models.UniqueIndex(
        "(company_id, category, COALESCE(marketplace_id, 0))",
        "This category already has an account for this marketplace.",
    )

    @api.model
    def _selection_category(self):
        return category_selection(self.env, "unknown")

    @api.depends("category", "marketplace_id", "account_id")
    def _compute_display_name(self):
        for mapping in self:
            place = mapping.marketplace_id.name or self.env._("all marketplaces")
            label = category_label(self.env, mapping.category) if mapping.category else ""
            mapping.display_name = f"{label} ({place})"

    @api.model_create_multi
    def create(self, vals_list):
        mappings = super().create(vals_list)
        self.env["sp.settlement"]._recheck(mappings.company_id)
        return mappings

    def write(self, vals):
        companies = self.company_id
        result = super().write(vals)
        if "company_id" in vals:  # Odoo looks at the company it had before only
            self.check_access("write")
        self.env["sp.settlement"]._recheck(companies | self.company_id)
        return result

    def unlink(self):
        companies = self.company_id
        result = super().unlink()
        self.env["sp.settlement"]._recheck(companies)
        return result

    @api.model
    def _accounts(self, company):
        """Return the engine's ``Accounts`` of a company; an account is its record id."""
        mappings = self.sudo().search([("company_id", "=", company.id)])
        return Accounts(
            (mapping.category, mapping.marketplace_id.id or None, mapping.account_id.id)
            for mapping in mappings
        )
