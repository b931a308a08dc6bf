import json
import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

#: Classes of tax rates; a country has some of them. Standard has no name: it is all the rest.
TAX_CLASSES = [
    ("reduced", "Reduced rate"),
    ("super_reduced", "Second reduced rate"),
    ("zero", "Zero rate"),
    ("exempt", "Exempt"),
    ("other", "Other"),
]


class SpSkuRule(models.Model):
    """Says what Amazon's file does not tell of a SKU: its tax class, its product line.

    A product line is an analytic distribution. It joins what the account mapping says of the rows
    of these SKUs, sales as well as fees; the best rule for the tax class and the best one for the
    product line may be two.
    """

    _name = "sp.sku.rule"
    _description = "Amazon SKU Rule"
    _inherit = ["sp.rechecked", "analytic.mixin", "sp.change.mixin", "sp.audited"]
    _order = "company_id, pattern, marketplace_id, id"
    _rec_name = "pattern"
    _audited = ("pattern", "marketplace_id", "tax_class", "analytic_distribution", "company_id")

    pattern = fields.Char("SKU", required=True, help="* stands for any text: BOOK-*")
    marketplace_id = fields.Many2one("sp.marketplace", ondelete="restrict")
    tax_class = fields.Selection(TAX_CLASSES, help="Leave empty for the standard rate.")
    analytic_distribution = fields.Json("Product Line")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )

    _pattern_unique = models.UniqueIndex(
        "(company_id, lower(pattern), COALESCE(marketplace_id, 0))",
        "There already is a rule for this SKU.",
    )

    @api.constrains("pattern")
    def _check_pattern(self):
        if any(not rule.pattern.strip("* ") for rule in self):
            raise ValidationError(self.env._("* alone would be every SKU: change the mapping."))

    @api.constrains("tax_class", "analytic_distribution")
    def _check_says_something(self):
        if any(not rule.tax_class and not rule.analytic_distribution for rule in self):
            raise ValidationError(self.env._("Choose a tax class, a product line, or both."))

    def _product_line(self):
        """Return its product line as the engine knows it, ``""`` without any."""
        shares = self.analytic_distribution
        return json.dumps(shares, sort_keys=True) if shares else ""

    def _recheck(self, companies):
        # SKUs that are taxed or told apart otherwise are other lines.
        self.env["sp.settlement"]._regroup_unbooked(companies)

    def _touched_settlements(self, vals):
        """Return the settlements that have such SKUs."""
        companies = self.company_id.browse(vals.get("company_id", [])) | self.company_id
        patterns = {self.pattern, vals.get("pattern")} - {None, False}
        rows = self.env["sp.settlement.row"].sudo()
        groups = rows._read_group(
            Domain("settlement_id.company_id", "child_of", (companies or self.env.company).ids)
            & Domain.OR(Domain("sku", "=ilike", _as_like(pattern)) for pattern in patterns),
            ["settlement_id"],
        )
        ids = [settlement.id for (settlement,) in groups]
        return self.env["sp.settlement"].search([("id", "in", ids)])


def _as_like(pattern):
    """Return a pattern in PostgreSQL's words: only * stands for any text."""
    return re.sub(r"([\\%_])", r"\\\1", pattern).replace("*", "%")
