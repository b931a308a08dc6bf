from odoo import api, fields, models


class SpUndo(models.TransientModel):
    """Says what undoing a settlement's booking will do, and does it."""

    _name = "sp.undo"
    _description = "Undo the Booking of an Amazon Settlement"

    settlement_id = fields.Many2one("sp.settlement", required=True, ondelete="cascade")
    outcome = fields.Text("What Will Happen", compute="_compute_outcome")

    @api.depends("settlement_id")
    @api.depends_context("lang")
    def _compute_outcome(self):
        for wizard in self:
            settlement = wizard.settlement_id
            settlement.check_access("read")
            wizard.outcome = settlement and wizard.env["sp.settlement.undo"]._describe(settlement)

    def action_undo(self):
        """Take the entries back."""
        self.ensure_one()
        return self.settlement_id.action_undo() or {"type": "ir.actions.act_window_close"}
