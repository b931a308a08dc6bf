from odoo import api, fields, models


class SpOrderReportLine(models.TransientModel):
    """An order, or orders that share invoices, of which Amazon and Odoo say something else."""

    _name = "sp.order.report.line"
    _inherit = ["sp.exported"]
    _description = "Amazon Order and Its Invoices"
    _rec_name = "order_ref"
    _order = "id"

    kind_id = fields.Many2one(
        "sp.order.report.kind",
        "Listed Under",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="kind_id.company_id")
    kind = fields.Selection(related="kind_id.kind", store=True)
    order_ref = fields.Char("Order ID", readonly=True)
    order_refs = fields.Char("Order IDs", readonly=True)
    order_count = fields.Integer("Orders", readonly=True)
    sku = fields.Char("SKU", readonly=True)
    is_refund = fields.Boolean("Refund", readonly=True)
    is_other_currency = fields.Boolean("Another Currency", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount_settled = fields.Monetary("Settled by Amazon", readonly=True)
    amount_invoiced = fields.Monetary("Invoiced", readonly=True)
    amount_difference = fields.Monetary(
        "Difference", compute="_compute_amount_difference", store=True
    )
    move_id = fields.Many2one("account.move", "Invoice", readonly=True)
    move_state = fields.Selection(related="move_id.state", string="State of the Invoice")
    invoice_date = fields.Date(related="move_id.invoice_date")
    sale_order_id = fields.Many2one("sale.order", readonly=True)

    @api.depends("amount_settled", "amount_invoiced")
    def _compute_amount_difference(self):
        for line in self:
            line.amount_difference = line.amount_settled - line.amount_invoiced

    def action_view_rows(self):
        """Open the rows of Amazon's files."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_settlement_row_action"
        )
        company = ("settlement_id.company_id", "=", self.company_id.id)
        mine = ("sku", "=", self.sku)
        if not self.sku:
            mine = ("order_ref", "in", (self.order_refs or "").split(","))
        return action | {"domain": [company, mine]}

    def action_view_invoice(self):
        """Open the invoice."""
        self.ensure_one()
        return self.move_id._get_records_action()
