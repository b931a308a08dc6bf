from odoo import api, fields, models
from odoo.exceptions import UserError


class SpElsewhereProposal(models.TransientModel):
    """An entry that may book a settlement already: a person says yes, or leaves it."""

    _name = "sp.elsewhere.proposal"
    _description = "Amazon Settlement That May Be Booked Elsewhere"
    _order = "is_sure desc, id"

    settlement_id = fields.Many2one(
        "sp.settlement", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="settlement_id.company_id")
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    amount_total = fields.Monetary(related="settlement_id.amount_total")
    date = fields.Date("Accounting Date", related="settlement_id.date")
    state = fields.Selection(related="settlement_id.state")
    move_id = fields.Many2one(
        "account.move", "Entry", required=True, readonly=True, ondelete="cascade"
    )
    move_date = fields.Date("Date of the Entry", related="move_id.date")
    move_ref = fields.Char("Reference", related="move_id.ref")
    reason = fields.Char("Why", readonly=True)
    is_sure = fields.Boolean("Fits Well", readonly=True)

    @api.model
    def _open(self, settlements):
        """Find and list proposals for settlements that wait."""
        settlements.check_access("read")
        self.search([("create_uid", "=", self.env.uid)]).unlink()
        service = self.env["sp.elsewhere"]
        # Also what somebody denied: a person who asks may think otherwise.
        found = service._find(settlements, with_denied=True)
        proposals = self.create(
            [
                {
                    "settlement_id": one.settlement.id,
                    "move_id": one.move.id,
                    "reason": service._say_reasons(one),
                    "is_sure": one.is_sure,
                }
                for one in found
            ]
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_elsewhere_proposal_action"
        )
        return {**action, "domain": [("id", "in", proposals.ids)]}

    def action_accept(self):
        """Say that these are booked elsewhere.

        :raises UserError: two entries are chosen for one settlement, or one for two
        """
        if len(self.settlement_id) < len(self) or len(self.move_id) < len(self):
            raise UserError(
                self.env._("Choose one entry for each settlement, and each entry once.")
            )
        for proposal in self:
            proposal.settlement_id._mark_elsewhere(proposal.move_id)
        return self._go_on(
            self.search(
                [
                    "|",
                    ("settlement_id", "in", self.settlement_id.ids),
                    ("move_id", "in", self.move_id.ids),
                ]
            )
        )

    def action_deny(self):
        """Say that these entries are something else: nobody is told of them any more."""
        for settlement, proposals in self.grouped("settlement_id").items():
            settlement._deny_elsewhere(proposals.move_id)
        return self._go_on(self)

    def _go_on(self, gone):
        """Return the list without what is decided."""
        left = self.search([("create_uid", "=", self.env.uid)]) - gone
        gone.unlink()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_elsewhere_proposal_action"
        )
        return {**action, "domain": [("id", "in", left.ids)]}

    def action_view_move(self):
        """Open the entry."""
        self.ensure_one()
        return self.move_id._get_records_action()
