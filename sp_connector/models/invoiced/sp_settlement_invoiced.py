from odoo import api, fields, models


class SpSettlementInvoiced(models.AbstractModel):
    """What of a settlement went to invoices instead of income."""

    _name = "sp.settlement.invoiced"
    _description = "Amazon Settlement, Orders That Are Invoiced"

    currency_id = fields.Many2one("res.currency")
    invoiced_amount = fields.Monetary(
        "To Invoices",
        compute="_compute_invoiced_amount",
        help="Sales less refunds of orders that are invoiced in Odoo: no income here, they pay the "
        "invoices.",
    )
    has_invoiced = fields.Boolean(compute="_compute_invoiced_amount")
    invoiced_open = fields.Monetary(
        "Not Matched With Invoices",
        compute="_compute_invoiced_open",
        compute_sudo=True,
        help="Amazon settled more than is open on the invoices, or their match was undone.",
    )

    @api.depends("line_ids.invoiced_amount")
    def _compute_invoiced_amount(self):
        for settlement in self:
            amounts = settlement.line_ids.mapped("invoiced_amount")
            settlement.invoiced_amount = sum(amounts)
            settlement.has_invoiced = any(amounts)

    @api.depends(
        "line_ids.invoiced_amount", "move_ids.state", "move_ids.line_ids.amount_residual_currency"
    )
    def _compute_invoiced_open(self):
        for settlement in self:
            items = self.env["account.move.line"]
            if settlement.has_invoiced:
                items = items.union(*self.env["sp.invoiced"]._items(settlement))
            posted = items.filtered(lambda item: item.parent_state == "posted")
            settlement.invoiced_open = -sum(posted.mapped("amount_residual_currency"))

    def _explained_items(self):
        """Return the journal items that are made of Amazon's rows."""
        items = self.line_ids.sudo().move_line_id
        return items.union(*self.env["sp.invoiced"]._items(self)) if self else items

    def action_view_invoiced(self):
        """Open the orders that went to invoices."""
        action = self.env["ir.actions.act_window"]._for_xml_id("sp_connector.sp_invoiced_action")
        action["domain"] = [("settlement_id", "in", self.ids)]
        return action
