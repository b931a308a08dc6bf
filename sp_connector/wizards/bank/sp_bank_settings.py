from odoo import api, fields, models

_FIELDS = (
    "sp_bank_auto",
    "sp_bank_days_before",
    "sp_bank_days_after",
    "sp_bank_words",
    "sp_bank_tolerance",
    "sp_bank_fee_limit",
    "sp_bank_fee_account_id",
    "sp_bank_cost_account_id",
)

#: Each starts as the company has it, and people change it.
_SETTING = {
    "compute": "_compute_settings",
    "store": True,
    "precompute": True,
    "readonly": False,
}
_EXPENSES = "[('account_type', 'in', ('expense', 'expense_direct_cost', 'expense_other'))]"


class SpBankSettings(models.TransientModel):
    """How payouts meet the bank: a manager of finance may not edit companies."""

    _name = "sp.bank.settings"
    _description = "Amazon Bank Matching Settings"
    _check_company_auto = True
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company.root_id,
        domain="[('parent_id', '=', False)]",
        help="The settings hold for its branches too.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    sp_bank_auto = fields.Boolean(
        "Match What Is Sure by Itself",
        **_SETTING,
        help="A bank line that is Amazon's and one payout to the cent, where neither fits anything "
        "else. All else is proposed.",
    )
    sp_bank_days_before = fields.Integer("Days Before the Deposit Date", **_SETTING)
    sp_bank_days_after = fields.Integer("Days After the Deposit Date", **_SETTING)
    sp_bank_words = fields.Char(
        "Words for Amazon",
        **_SETTING,
        help="How bank lines name Amazon, separated by commas; each at the start of a word.",
    )
    sp_bank_tolerance = fields.Float(
        "Tolerance of Conversions (%)",
        **_SETTING,
        help="How far what the bank brings in another currency may be from what was booked.",
    )
    sp_bank_fee_limit = fields.Monetary(
        "Highest Bank Fee",
        **_SETTING,
        help="Up to this the bank may take off a payout. 0: a bank line that brings less is never "
        "the whole payout.",
    )
    sp_bank_fee_account_id = fields.Many2one(
        "account.account",
        "Account of Bank Fees",
        **_SETTING,
        check_company=True,
        domain=_EXPENSES,
    )
    sp_bank_cost_account_id = fields.Many2one(
        "account.account",
        "Account of Conversion Cost",
        **_SETTING,
        check_company=True,
        domain=_EXPENSES,
        help="What a conversion brings less than the day's rate. Empty: it is part of Odoo's "
        "exchange difference.",
    )

    @api.depends("company_id")
    def _compute_settings(self):
        for settings in self:
            company = settings.company_id.sudo()
            for name in _FIELDS:
                settings[name] = company[name]

    def action_save(self):
        """Keep the settings."""
        self.ensure_one()
        company = self.company_id
        company.check_access("read")  # one of this user's companies
        vals = {name: self._fields[name].convert_to_write(self[name], self) for name in _FIELDS}
        company.sudo().write(vals)
        return {"type": "ir.actions.act_window_close"}

    def action_view_journals(self):
        """Open the bank accounts of marketplaces."""
        return self.env["ir.actions.act_window"]._for_xml_id("sp_connector.sp_bank_journal_action")
