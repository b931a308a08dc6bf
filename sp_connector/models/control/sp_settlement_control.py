from odoo import api, fields, models


class SpSettlementControl(models.AbstractModel):
    """What a settlement shows of Amazon's second statement of it."""

    _name = "sp.settlement.control"
    _description = "Amazon's Second Statement of a Settlement"

    control_ids = fields.One2many("sp.control", "settlement_id", "Control Total", readonly=True)
    control_state = fields.Selection(
        [
            ("agrees", "Agrees"),
            ("differs", "Differs"),
            ("waiting", "Not asked yet"),
            ("unavailable", "Not available"),
            ("off", "Not compared"),
        ],
        "Amazon's Second Statement",
        compute="_compute_control",
    )
    control_text = fields.Char(compute="_compute_control")

    @api.depends("control_ids.state", "connection_id.compares_summaries")
    @api.depends_context("lang")
    def _compute_control(self):
        for settlement in self:
            control, connection = settlement.control_ids, settlement.connection_id.sudo()
            settlement.control_state, settlement.control_text = (
                (control.state, control.text)
                if control
                else ("unavailable", self.env._("The file was uploaded: no connection can ask."))
                if not connection
                else ("waiting", self.env._("Amazon is asked in the background."))
                if connection.compares_summaries
                else ("off", self.env._("The connection does not ask for it."))
            )

    # === ACTION METHODS === #

    def action_ask_control(self):
        """Ask Amazon for its statement of this settlement at once."""
        self.ensure_one()
        self.check_access("read")
        connection = self.connection_id.sudo()
        if connection.compares_summaries:
            self.env["sp.control.sync"].sudo()._ask_now(self)
