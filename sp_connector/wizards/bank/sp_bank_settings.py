from odoo import fields, models

from ...models.common.sp_company_settings import SETTING

_EXPENSES = "[('account_type', 'in', ('expense', 'expense_direct_cost', 'expense_other'))]"


class SpBankSettings(models.TransientModel):
    """How payouts meet the bank."""

    _name = "sp.bank.settings"
    _description = "Amazon Bank Matching Settings"
    _inherit = ["sp.company.settings"]

    currency_id = fields.Many2one(related="company_id.currency_id")
    sp_bank_auto = fields.Boolean(
        "Match What Is Sure by Itself",
        **SETTING,
        help="A bank line that is Amazon's and one payout to the cent, where neither fits anything "
        "else. All else is proposed.",
    )
    sp_bank_days_before = fields.Integer("Days Before the Deposit Date", **SETTING)
    sp_bank_days_after = fields.Integer("Days After the Deposit Date", **SETTING)
    sp_bank_words = fields.Char(
        "Words for Amazon",
        **SETTING,
        help="How bank lines name Amazon, separated by commas; each at the start of a word.",
    )
    sp_bank_tolerance = fields.Float(
        "Tolerance of Conversions (%)",
        **SETTING,
        help="How far what the bank brings in another currency may be from what was booked.",
    )
    sp_bank_fee_limit = fields.Monetary(
        "Highest Bank Fee",
        **SETTING,
        help="Up to this the bank may take off a payout. 0: a bank line that brings less is never "
        "the whole payout.",
    )
    sp_bank_fee_account_id = fields.Many2one(
        "account.account",
        "Account of Bank Fees",
        **SETTING,
        check_company=True,
        domain=_EXPENSES,
    )
    sp_bank_cost_account_id = fields.Many2one(
        "account.account",
        "Account of Conversion Cost",
        **SETTING,
        check_company=True,
        domain=_EXPENSES,
        help="What a conversion brings less than the day's rate. Empty: it is part of Odoo's "
        "exchange difference.",
    )

    def action_view_journals(self):
        """Open the bank accounts of marketplaces."""
        return self.env["ir.actions.act_window"]._for_xml_id("sp_connector.sp_bank_journal_action")
