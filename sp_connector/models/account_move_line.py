from odoo import fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    sp_line_ids = fields.One2many("sp.settlement.line", "move_line_id", "Amazon Settlement Lines")

    def action_view_sp_rows(self):
        """Open the rows of Amazon's file that these journal items are made of."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_settlement_row_action"
        )
        action["domain"] = [("line_id.move_line_id", "in", self.ids)]
        return action
