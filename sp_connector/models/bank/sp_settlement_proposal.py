"""What of the bank a settlement's payout could be."""

from odoo import api, fields, models

from .sp_settlement_payment import OPEN


class SpSettlementProposal(models.AbstractModel):
    """Shows proposals on a settlement, to those who may match bank lines; nothing is stored."""

    _name = "sp.settlement.proposal"
    _description = "Amazon Settlement, Proposed Bank Lines"

    bank_proposal_text = fields.Text("Proposed Bank Line", compute="_compute_bank_proposal_text")

    @api.depends("payment_state")
    @api.depends_context("uid", "lang")
    def _compute_bank_proposal_text(self):
        proposals = self.env["sp.bank.proposal"]
        for settlement in self:
            # Of a settlement that somebody looks at; a list does not show it.
            is_open = len(self) == 1 and settlement.payment_state in OPEN
            found = proposals._find_for(settlements=settlement) if is_open else ()
            settlement.bank_proposal_text = "\n".join(proposals._describe(found)) or False

    def action_view_bank_proposals(self):
        """Open the bank lines that could be its payout."""
        return self.env["sp.bank.proposal"]._open(settlements=self)

    def action_unmatch_bank(self):
        """Undo the matching of its payout with bank lines, and nothing else."""
        self.ensure_one()
        self.check_access("read")
        lines = self.sudo()._active_moves()._sp_bank_lines().sudo(False)
        self.env["sp.bank.match"]._unmatch(lines)
