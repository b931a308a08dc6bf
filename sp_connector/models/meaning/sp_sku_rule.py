from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: Classes of tax rates; a country has some of them. Standard has no name: it is all the rest.
TAX_CLASSES = [
    ("reduced", "Reduced rate"),
    ("super_reduced", "Second reduced rate"),
    ("zero", "Zero rate"),
    ("exempt", "Exempt"),
    ("other", "Other"),
]


class SpSkuRule(models.Model):
    """Says which SKUs are not taxed at the standard rate: Amazon's file does not tell."""

    _name = "sp.sku.rule"
    _description = "Amazon SKU Tax Class"
    _inherit = ["sp.audited"]
    _order = "company_id, pattern, marketplace_id, id"
    _rec_name = "pattern"
    _audited = ("pattern", "marketplace_id", "tax_class", "company_id")

    pattern = fields.Char("SKU", required=True, help="* stands for any text: BOOK-*")
    marketplace_id = fields.Many2one("sp.marketplace", ondelete="restrict")
    tax_class = fields.Selection(TAX_CLASSES, required=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )

    _pattern_unique = models.UniqueIndex(
        "(company_id, lower(pattern), COALESCE(marketplace_id, 0))",
        "This SKU already has a tax class.",
    )

    @api.constrains("pattern")
    def _check_pattern(self):
        if any(not rule.pattern.strip("* ") for rule in self):
            raise ValidationError(self.env._("* alone would be every SKU: change the mapping."))

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self.env["sp.settlement"]._regroup_unbooked(rules.company_id)
        return rules

    def write(self, vals):
        companies = self.company_id
        result = super().write(vals)
        if "company_id" in vals:  # Odoo looks at the company it had before only
            self.check_access("write")
        self.env["sp.settlement"]._regroup_unbooked(companies | self.company_id)
        return result

    def unlink(self):
        companies = self.company_id
        result = super().unlink()
        self.env["sp.settlement"]._regroup_unbooked(companies)
        return result
