from odoo import api, fields, models

from .sp_order_report import KINDS


class SpOrderReportKind(models.TransientModel):
    """How many orders of a kind there are, with their sums."""

    _name = "sp.order.report.kind"
    _description = "Amazon Orders and Invoices, by Kind"
    _rec_name = "kind"
    _order = "id"

    report_id = fields.Many2one(
        "sp.order.report", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="report_id.company_id")
    kind = fields.Selection(KINDS, required=True, readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    count = fields.Integer(readonly=True)
    amount_settled = fields.Monetary("Settled by Amazon", readonly=True)
    amount_invoiced = fields.Monetary("Invoiced", readonly=True)
    amount_difference = fields.Monetary("Difference", compute="_compute_amount_difference")
    line_ids = fields.One2many("sp.order.report.line", "kind_id", readonly=True)

    @api.depends("amount_settled", "amount_invoiced")
    def _compute_amount_difference(self):
        for record in self:
            record.amount_difference = record.amount_settled - record.amount_invoiced

    def action_view_lines(self):
        """Open the orders, invoices or SKUs of this kind."""
        self.ensure_one()
        labels = dict(self._fields["kind"]._description_selection(self.env))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector_sale.sp_order_report_line_action"
        )
        return action | {
            "name": labels[self.kind],
            "display_name": labels[self.kind],
            "domain": [("kind_id", "=", self.id)],
        }
