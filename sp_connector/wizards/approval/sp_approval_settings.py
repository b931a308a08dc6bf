from odoo import fields, models

from ...models.common.sp_company_settings import SETTING


class SpApprovalSettings(models.TransientModel):
    """Who may post what."""

    _name = "sp.approval.settings"
    _description = "Amazon Approval Settings"
    _inherit = ["sp.company.settings"]

    currency_id = fields.Many2one(related="company_id.currency_id")
    sp_four_eyes = fields.Boolean(
        "Four Eyes",
        **SETTING,
        help="One person proposes to post, to undo or to book anew; it is done when another one "
        "approves it. Whatever roads lead to the ledger.",
    )
    sp_user_approval = fields.Selection(
        [("any", "Any amount"), ("limit", "Up to a limit"), ("none", "Nothing")],
        "Bookkeepers Approve",
        required=True,
        **SETTING,
        help="Without four eyes: what they may post, undo and book anew.",
    )
    sp_user_limit = fields.Monetary("Limit of Bookkeepers", **SETTING)
    sp_manager_approval = fields.Selection(
        [("any", "Any amount"), ("limit", "Up to a limit")],
        "Managers Approve",
        required=True,
        **SETTING,
    )
    sp_manager_limit = fields.Monetary("Limit of Managers", **SETTING)
