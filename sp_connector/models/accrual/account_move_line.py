from odoo import fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    sp_accrual_key = fields.Char(
        "Line of the Amazon Accrual",
        readonly=True,
        copy=False,
        help="What is booked of which line is read from here.",
    )
