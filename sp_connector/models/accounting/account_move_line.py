from odoo import api, fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    sp_line_ids = fields.One2many(
        "sp.settlement.line",
        "move_line_id",
        "Amazon Settlement Lines",
        # Other accountants read journal items too, and may not read settlements.
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
        for item in self:
            item.sp_row_count = sum(item.sp_line_ids.mapped("row_count"))

    def action_view_sp_rows(self):
        """Open the rows of Amazon's file that these journal items are made of."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_settlement_row_action"
        )
        action["domain"] = [("line_id.move_line_id", "in", self.ids)]
        return action
