from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    sp_accrual_id = fields.Many2one(
        "sp.accrual",
        "Amazon Accrual",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The accrual that this entry books at its cut-off; its reversal names it, too.",
    )
