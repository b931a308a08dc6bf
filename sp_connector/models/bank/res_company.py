from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine.bank.parts import Rules


class ResCompany(models.Model):
    """How a company's payouts meet its bank; people change it in ``sp.bank.settings``.

    Said of a company and holds for its branches, as they share its bank accounts.
    """

    _inherit = "res.company"

    sp_bank_auto = fields.Boolean("Match Amazon's Sure Payouts", default=True)
    sp_bank_days_before = fields.Integer("Days Before Amazon's Deposit Date", default=1)
    sp_bank_days_after = fields.Integer("Days After Amazon's Deposit Date", default=10)
    sp_bank_words = fields.Char("Words for Amazon", default="AMAZON, AMZN, AMZ")
    sp_bank_tolerance = fields.Float("Tolerance of Amazon's Conversions (%)", default=4.0)
    sp_bank_fee_limit = fields.Monetary("Highest Bank Fee of Amazon's Payouts")
    sp_bank_fee_account_id = fields.Many2one("account.account", string="Bank Fees of Payouts")
    sp_bank_cost_account_id = fields.Many2one("account.account", string="Conversion Cost")
    sp_bank_journal_ids = fields.One2many(
        "sp.bank.journal",
        "company_id",
        string="Bank Accounts of Marketplaces",
        # Others read companies too, and may not read marketplaces.
        groups="sp_connector.sp_connector_group_user",
    )

    @api.constrains("sp_bank_days_before", "sp_bank_days_after", "sp_bank_tolerance")
    def _check_sp_bank_limits(self):
        for company in self.sudo():
            days = (company.sp_bank_days_before, company.sp_bank_days_after)
            if not all(0 <= number <= 60 for number in days):
                raise ValidationError(self.env._("A payout is looked for within 0 to 60 days."))
            if not 0 <= company.sp_bank_tolerance <= 20:
                raise ValidationError(self.env._("A conversion may differ by 0 to 20 percent."))

    def _sp_bank_rules(self):
        """Return the engine's ``Rules``."""
        company = self.root_id.sudo()
        return Rules(
            before=company.sp_bank_days_before,
            after=company.sp_bank_days_after,
            words=tuple(company._sp_bank_word_list()),
            tolerance=Decimal(str(company.sp_bank_tolerance)),
        )

    def _sp_bank_word_list(self):
        words = (self.root_id.sudo().sp_bank_words or "").split(",")
        return [word.strip() for word in words if word.strip()]

    def _sp_bank_partners(self):
        """Return Amazon as a partner, of these companies and of those they belong to."""
        return self.sudo().parent_ids.sp_partner_id
