from odoo import api, fields, models


class SpDisconnect(models.TransientModel):
    """Take leave of a seller account: revoke at Amazon, check that it is gone, forget tokens."""

    _name = "sp.disconnect"
    _description = "Disconnect an Amazon Seller Account"

    connection_id = fields.Many2one("sp.connection", required=True, ondelete="cascade")
    application_id = fields.Many2one(related="connection_id.application_id")
    manage_url = fields.Char(related="connection_id.manage_url")
    by_token = fields.Boolean(related="connection_id.by_token")
    has_parent = fields.Boolean(compute="_compute_has_parent")
    grant = fields.Selection(
        [
            ("unknown", "Not checked yet"),
            ("held", "Amazon still holds the grant"),
            ("gone", "Amazon no longer holds the grant"),
            ("unreachable", "Amazon could not be asked"),
        ],
        default="unknown",
        readonly=True,
        string="At Amazon",
    )

    @api.depends("connection_id")
    def _compute_has_parent(self):
        for wizard in self:
            wizard.has_parent = bool(wizard.connection_id.parent_id)

    def action_check(self):
        """Ask Amazon whether the grant is gone."""
        self.ensure_one()
        self.connection_id.check_access("write")
        self.grant = self.env["sp.grant"]._at_amazon(self.connection_id.sudo())
        return self._reopen()

    def action_disconnect(self):
        """Erase the tokens; settlements and entries stay. Says what Amazon still holds."""
        self.ensure_one()
        connection = self.connection_id
        connection.check_access("write")
        grant = self.env["sp.grant"]
        if not connection.parent_id:
            grant._revoke(connection.sudo())
            self.grant = grant._at_amazon(connection.sudo())
        grant._leave(connection, self.grant)
        return {"type": "ir.actions.act_window_close"}

    def _reopen(self):
        return self._get_records_action(name=self.env._("Disconnect"), target="new")
