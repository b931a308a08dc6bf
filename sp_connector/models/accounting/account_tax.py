from odoo import api, fields, models


class AccountTax(models.Model):
    _name = "account.tax"
    _inherit = ["account.tax", "sp.change.mixin"]

    sp_is_mapped = fields.Boolean(
        "On Amazon",
        compute="_compute_sp_is_mapped",
        help="Settlements of Amazon are taxed with it, and you may change it.",
    )

    @api.depends_context("uid")
    def _compute_sp_is_mapped(self):
        mappings = self.env["sp.account.mapping"]
        may_ask = mappings.has_access("write") and self.has_access("write")
        found = mappings.sudo().search([("tax_ids", "in", self._sp_with_groups().ids)])
        mapped = found.tax_ids | found.tax_ids.children_tax_ids
        for tax in self:
            tax.sp_is_mapped = may_ask and tax._origin in mapped

    def _sp_with_groups(self):
        """Return these taxes and the groups of taxes that they are part of."""
        return self | self.search([("children_tax_ids", "in", self.ids)])

    def _touched_settlements(self, vals):
        """Return the settlements that are taxed with it, or would be."""
        taxes = self._sp_with_groups().ids
        return self.env["sp.settlement"].search(
            [
                "|",
                ("line_ids.mapping_id.tax_ids", "in", taxes),
                ("move_ids.line_ids.tax_ids", "in", taxes),
            ]
        )
