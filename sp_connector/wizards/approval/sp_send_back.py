from odoo import fields, models
from odoo.exceptions import UserError


class SpSendBack(models.TransientModel):
    """Asks why what was proposed is not to be booked so."""

    _name = "sp.send.back"
    _description = "Send Back an Amazon Proposal"

    approval_id = fields.Many2one("sp.approval", "Proposal", required=True, ondelete="cascade")
    reason = fields.Char(required=True)

    def action_send_back(self):
        """Send it back to who proposed it, or take the own proposal back.

        :raises UserError: somebody decided meanwhile
        """
        self.ensure_one()
        proposal = self.approval_id
        subject = self.env[proposal.res_model].browse(proposal.res_id)
        subject.check_access("read")
        if subject.approval_id != proposal:
            raise UserError(self.env._("Somebody decided it meanwhile."))
        subject._send_back(self.reason)
        return {"type": "ir.actions.act_window_close"}
