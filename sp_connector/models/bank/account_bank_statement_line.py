from odoo import api, fields, models


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    sp_match_due = fields.Boolean(
        "To Be Matched With Amazon", readonly=True, copy=False, help="By the scheduler."
    )

    _sp_match_due_idx = models.Index("(id) WHERE sp_match_due")

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        self.env["sp.bank.match"]._lines_arrived(lines)
        return lines

    def action_view_sp_bank_proposals(self):
        """Open what of Amazon these bank lines could be."""
        return self.env["sp.bank.proposal"]._open(lines=self)

    def action_sp_unmatch(self):
        """Undo the matching of these bank lines with settlements."""
        self.env["sp.bank.match"]._unmatch(self)
