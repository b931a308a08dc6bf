from odoo import fields, models

from .goods_words import KINDS, REASONS, SOURCES


class SpGoods(models.Model):
    """Units of a SKU that left the stock in a settlement or came back, and what they cost.

    Counted anew whenever a settlement that is not booked is looked at; what was booked stays. The
    entry is made of the same count, so these lines add up to it.
    """

    _name = "sp.goods"
    _inherit = ["sp.exported"]
    _description = "Goods of an Amazon Settlement"
    _order = "settlement_id desc, month, why desc, sku, id"
    _rec_name = "sku"

    settlement_id = fields.Many2one(
        "sp.settlement", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="settlement_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(readonly=True, help="Empty: with the end of the settlement.")
    marketplace_id = fields.Many2one("sp.marketplace", readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    sku = fields.Char("SKU", readonly=True)
    units = fields.Integer(
        readonly=True,
        help="Where Amazon does not say how many: of how many order items.",
    )
    unit_cost = fields.Float(digits=(16, 4), readonly=True, aggregator=None)
    source = fields.Selection(SOURCES, "Cost From", readonly=True)
    why = fields.Selection(REASONS, "Not Booked", readonly=True)
    cost = fields.Monetary(readonly=True, help="What is added to the cost of goods.")
