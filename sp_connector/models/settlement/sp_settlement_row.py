from odoo import api, fields, models


class SpSettlementRow(models.Model):
    """One amount of Amazon's file: a fact, loaded with COPY and never changed.

    There may be millions: no log columns, indexes only for the three ways people look for rows.
    """

    _name = "sp.settlement.row"
    _inherit = ["sp.exported"]
    _description = "Amazon Settlement Row"
    _order = "settlement_id desc, line_number, part"
    _log_access = False

    settlement_id = fields.Many2one(
        "sp.settlement", required=True, readonly=True, ondelete="cascade", index=True
    )
    line_id = fields.Many2one(
        "sp.settlement.line", "Summary Line", readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="settlement_id.company_id")
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    category = fields.Selection(related="line_id.category")
    move_line_id = fields.Many2one(related="line_id.move_line_id", string="Journal Item")
    line_number = fields.Integer("Line of the File", readonly=True)
    part = fields.Integer(readonly=True, help="Counts the amounts of one line of a V1 file.")
    transaction_type = fields.Char(readonly=True)
    amount_type = fields.Char(readonly=True)
    amount_description = fields.Char(readonly=True)
    amount = fields.Monetary(readonly=True)
    posted_at = fields.Datetime("Posted", readonly=True)
    marketplace_name = fields.Char("Marketplace", readonly=True)
    fulfillment = fields.Char("Fulfilment", readonly=True)
    order_ref = fields.Char("Order ID", readonly=True, index="btree_not_null")
    merchant_order_ref = fields.Char("Merchant Order ID", readonly=True)
    adjustment_ref = fields.Char("Adjustment ID", readonly=True)
    shipment_ref = fields.Char("Shipment ID", readonly=True)
    order_item_ref = fields.Char("Order Item Code", readonly=True)
    merchant_order_item_ref = fields.Char("Merchant Order Item ID", readonly=True)
    merchant_adjustment_item_ref = fields.Char("Merchant Adjustment Item ID", readonly=True)
    sku = fields.Char("SKU", readonly=True)
    quantity = fields.Integer(readonly=True, aggregator=None)
    promotion_ref = fields.Char("Promotion ID", readonly=True)

    @api.depends("settlement_id.settlement_ref", "line_number")
    def _compute_display_name(self):
        for row in self:
            row.display_name = self.env._(
                "%(settlement)s, line %(number)s",
                settlement=row.settlement_id.settlement_ref,
                number=row.line_number,
            )
