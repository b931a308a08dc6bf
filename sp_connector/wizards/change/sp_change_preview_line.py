from odoo import fields, models


class SpChangePreviewLine(models.TransientModel):
    """What stands on an account or in a tax grid before and after: of one settlement, or of all."""

    _name = "sp.change.preview.line"
    _description = "Sum Before and After a Change in Amazon Settlements"
    _order = "preview_id, row_id, id"

    preview_id = fields.Many2one("sp.change.preview", required=True, ondelete="cascade", index=True)
    row_id = fields.Many2one("sp.change.preview.settlement", ondelete="cascade", index=True)
    settlement_id = fields.Many2one(related="row_id.settlement_id")
    company_currency_id = fields.Many2one(related="preview_id.company_id.currency_id")
    kind = fields.Selection(
        [("account", "Account"), ("grid", "Tax grid"), ("tax", "Base of the tax")], readonly=True
    )
    name = fields.Char("Where", readonly=True)
    before = fields.Monetary(currency_field="company_currency_id", readonly=True)
    after = fields.Monetary(currency_field="company_currency_id", readonly=True)
    difference = fields.Monetary(currency_field="company_currency_id", readonly=True)
