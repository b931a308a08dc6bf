from odoo import api, fields, models

_FIELDS = (
    "sp_four_eyes",
    "sp_user_approval",
    "sp_user_limit",
    "sp_manager_approval",
    "sp_manager_limit",
)
#: Each starts as the company has it, and people change it.
_SETTING = {
    "compute": "_compute_settings",
    "store": True,
    "precompute": True,
    "readonly": False,
}


class SpApprovalSettings(models.TransientModel):
    """Who may post what: a manager of Amazon Settlements may not edit companies."""

    _name = "sp.approval.settings"
    _description = "Amazon Approval Settings"
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company.root_id,
        domain="[('parent_id', '=', False)]",
        help="The settings hold for its branches too.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    sp_four_eyes = fields.Boolean(
        "Four Eyes",
        **_SETTING,
        help="One person proposes to post, to undo or to book anew; it is done when another one "
        "approves it. Whatever roads lead to the ledger.",
    )
    sp_user_approval = fields.Selection(
        [("any", "Any amount"), ("limit", "Up to a limit"), ("none", "Nothing")],
        "Bookkeepers Approve",
        required=True,
        **_SETTING,
        help="Without four eyes: what they may post, undo and book anew.",
    )
    sp_user_limit = fields.Monetary("Limit of Bookkeepers", **_SETTING)
    sp_manager_approval = fields.Selection(
        [("any", "Any amount"), ("limit", "Up to a limit")],
        "Managers Approve",
        required=True,
        **_SETTING,
    )
    sp_manager_limit = fields.Monetary("Limit of Managers", **_SETTING)

    @api.depends("company_id")
    def _compute_settings(self):
        for settings in self:
            company = settings.company_id.sudo()
            for name in _FIELDS:
                settings[name] = company[name]

    def action_save(self):
        """Keep the settings; the audit trail keeps who changed them."""
        self.ensure_one()
        company = self.company_id
        company.check_access("read")  # one of this user's companies
        company.sudo().write({name: self[name] for name in _FIELDS})
        return {"type": "ir.actions.act_window_close"}
