from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    sp_journal_id = fields.Many2one(
        "account.journal",
        string="Amazon Settlements Journal",
        domain="[('type', '=', 'general')]",
        check_company=True,
    )
