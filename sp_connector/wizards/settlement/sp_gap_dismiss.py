from odoo import fields, models


class SpGapDismiss(models.TransientModel):
    """Ask why a break between settlements is none, e.g. because the account was closed."""

    _name = "sp.gap.dismiss"
    _description = "Dismiss a Break between Amazon Settlements"

    gap_ids = fields.Many2many("sp.settlement.gap", required=True)
    reason = fields.Char(required=True)

    def action_dismiss(self):
        """Dismiss them; they stay so unless somebody opens them again."""
        self.ensure_one()
        self.gap_ids._dismiss(self.reason)
        return {"type": "ir.actions.act_window_close"}
