from odoo import api, fields, models


class SpChangePreviewSettlement(models.TransientModel):
    """A settlement that a change touches."""

    _name = "sp.change.preview.settlement"
    _description = "Amazon Settlement That Would Be Booked Otherwise"
    _order = "preview_id, id"

    preview_id = fields.Many2one("sp.change.preview", required=True, ondelete="cascade", index=True)
    settlement_id = fields.Many2one("sp.settlement", readonly=True, ondelete="cascade")
    company_currency_id = fields.Many2one(related="preview_id.company_id.currency_id")
    date = fields.Date(related="settlement_id.date")
    state = fields.Selection(related="settlement_id.state")
    payment_state = fields.Selection(related="settlement_id.payment_state")
    is_booked = fields.Boolean(compute="_compute_is_booked")
    moved = fields.Monetary(
        "Moves",
        currency_field="company_currency_id",
        readonly=True,
        help="From account to account.",
    )
    what = fields.Char("What Changes", readonly=True)
    note = fields.Text(readonly=True)
    is_held = fields.Boolean("Would Be Held", readonly=True)
    is_chosen = fields.Boolean("Book Anew")

    @api.depends("settlement_id.state")
    def _compute_is_booked(self):
        for row in self:
            row.is_booked = bool(row.settlement_id._active_moves())

    def _may_choose(self):
        return self.is_booked and not self.is_held

    def action_choose_alike(self):
        """Choose those of which the same changes, and no others."""
        self.ensure_one()
        return self.preview_id._choose(lambda row: row.what == self.what)

    def action_view(self):
        """Open the settlement."""
        self.ensure_one()
        return self.settlement_id._get_records_action()
