from odoo import api, fields, models
from odoo.fields import Domain


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    sp_line_ids = fields.One2many(
        "sp.settlement.line",
        "move_line_id",
        "Amazon Settlement Lines",
        # Other accountants read journal items too, and may not read settlements.
        groups="sp_connector.sp_connector_group_user",
    )
    sp_invoiced_ids = fields.One2many(
        "sp.invoiced",
        "move_line_id",
        "Amazon Orders That Are Invoiced",
        groups="sp_connector.sp_connector_group_user",
    )
    sp_row_count = fields.Integer(
        "Rows of Amazon's File",
        compute="_compute_sp_row_count",
        compute_sudo=True,
        help="How many rows of Amazon's file this journal item is made of.",
    )
    sp_accrual_key = fields.Char(
        "Line of the Amazon Accrual",
        readonly=True,
        copy=False,
        help="What is booked of which line is read from here.",
    )

    @api.depends("sp_line_ids.row_count")
    def _compute_sp_row_count(self):
        invoiced = self._sp_with_invoiced()
        for item in self:
            if item in invoiced:
                rows = self.env["sp.settlement.row"]
                item.sp_row_count = rows.search_count(item._sp_row_domain())
            else:
                item.sp_row_count = sum(item.sp_line_ids.mapped("row_count"))

    def _sp_with_invoiced(self):
        """Return those that share lines with what went to invoices."""
        shared = [("settlement_id", "in", self.move_id.sp_settlement_id.ids)]
        groups = self.env["sp.invoiced"]._read_group(shared, ["settlement_id"])
        settlements = self.env["sp.settlement"].union(*(one for (one,) in groups))
        return self.filtered(lambda item: item.move_id.sp_settlement_id in settlements)

    def _sp_row_domain(self):
        """Return the domain of the rows of Amazon's file that these items are made of."""
        domain = Domain("line_id.move_line_id", "in", self.ids)
        if self.sudo()._sp_with_invoiced():
            domain &= Domain("invoiced_item_id", "=", False)
            domain |= Domain("invoiced_item_id", "in", self.ids)
        return domain

    def action_view_sp_rows(self):
        """Open the rows of Amazon's file that these journal items are made of."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_settlement_row_action"
        )
        action["domain"] = list(self._sp_row_domain())
        return action
