from odoo import api, fields, models


class SpOpeningProposalLine(models.TransientModel):
    """One amount that Amazon carried: where it stands from now on, and where it stood."""

    _name = "sp.opening.proposal.line"
    _description = "Amount of a Proposed Opening Entry of Amazon Accounts"
    _order = "id"

    proposal_id = fields.Many2one(
        "sp.opening.proposal", required=True, readonly=True, ondelete="cascade", index=True
    )
    settlement_line_id = fields.Many2one(
        "sp.settlement.line", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="proposal_id.company_id")
    currency_id = fields.Many2one(related="settlement_line_id.currency_id")
    is_included = fields.Boolean("Take")
    name = fields.Text("What", compute="_compute_name")
    amount = fields.Monetary(
        related="settlement_line_id.amount",
        help="What the account carries after it: positive is your claim on Amazon.",
    )
    account_id = fields.Many2one("account.account", "On", readonly=True)
    counter_account_id = fields.Many2one(
        "account.account",
        "Carried Until Then On",
        check_company=True,
        domain="[('account_type', '!=', 'off_balance'), ('id', '!=', account_id)]",
    )
    reason = fields.Text("Why", readonly=True)

    @api.depends("settlement_line_id")
    @api.depends_context("lang")
    def _compute_name(self):
        labels = dict(
            self.env["sp.settlement.line"]._fields["category"]._description_selection(self.env)
        )
        for line in self:
            source = line.settlement_line_id
            words = source.amount_description or source.transaction_type
            line.name = f"{labels.get(source.category, source.category)}: {words}"
