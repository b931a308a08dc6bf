from odoo import fields, models


class SpConnectionCheck(models.Model):
    """One line of the doctor: what was looked at, what was found, what to do."""

    _name = "sp.connection.check"
    _description = "Amazon Connection Check"
    _order = "connection_id, id"

    connection_id = fields.Many2one(
        "sp.connection", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True)
    name = fields.Char("Check", required=True, readonly=True)
    result = fields.Selection(
        [
            ("ok", "Good"),
            ("warning", "Attention"),
            ("failed", "Problem"),
            ("unknown", "Not known"),
        ],
        required=True,
        readonly=True,
    )
    text = fields.Text("Found", readonly=True)
    remedy = fields.Text("What to Do", readonly=True)
