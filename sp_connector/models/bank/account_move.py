from odoo import api, fields, models


class AccountMove(models.Model):
    """The entry of a bank line: Odoo Community has no other screen for one."""

    _inherit = "account.move"

    sp_bank_proposal = fields.Text(
        "Amazon's Payout?",
        compute="_compute_sp_bank_proposal",
        groups="account.group_account_basic",
        help="Which Amazon settlement this bank line could be.",
    )

    @api.depends("statement_line_id.is_reconciled")
    @api.depends_context("uid", "lang")
    def _compute_sp_bank_proposal(self):
        self.sp_bank_proposal = False
        proposals = self.env["sp.bank.proposal"]
        # Of a record that somebody looks at; a list does not show it.
        line = self.statement_line_id if len(self) == 1 else None
        if line and not line.is_reconciled and proposals.has_access("read"):
            found = proposals._find_for(lines=line)
            self.sp_bank_proposal = "\n".join(proposals._describe(found)) or False

    def action_view_sp_bank_proposals(self):
        """Open what of Amazon this bank line could be."""
        return self.statement_line_id.action_view_sp_bank_proposals()
