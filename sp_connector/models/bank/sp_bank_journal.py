from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SpBankJournal(models.Model):
    """On which bank account the payouts of a marketplace arrive."""

    _name = "sp.bank.journal"
    _description = "Bank Account of an Amazon Marketplace"
    _inherit = ["sp.audited"]
    _order = "marketplace_id, journal_id"
    _audited = ("marketplace_id", "journal_id", "company_id")

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company.root_id, index=True
    )
    marketplace_id = fields.Many2one("sp.marketplace", required=True, ondelete="cascade")
    journal_id = fields.Many2one(
        "account.journal",
        "Bank Account",
        required=True,
        ondelete="cascade",
        domain="[('type', 'in', ('bank', 'cash', 'credit')), "
        "('company_id', 'child_of', company_id)]",
    )

    _journal_unique = models.Constraint(
        "UNIQUE(company_id, marketplace_id, journal_id)",
        "This bank account is already named for this marketplace.",
    )

    @api.constrains("company_id", "journal_id")
    def _check_company(self):
        for line in self.sudo():
            if line.journal_id.company_id.root_id != line.company_id.root_id:
                raise ValidationError(
                    self.env._(
                        "The journal «%(journal)s» belongs to %(other)s, not to %(company)s.",
                        journal=line.journal_id.name,
                        other=line.journal_id.company_id.name,
                        company=line.company_id.name,
                    )
                )
