from odoo import api, fields, models
from odoo.exceptions import UserError

_FIELDS = (
    "sp_cost_source",
    "sp_cost_since",
    "sp_cost_account_id",
    "sp_inventory_account_id",
    "sp_cost_refunds",
    "sp_cost_share",
    "sp_cost_lost",
)

#: Each starts as the company has it, and people change it.
_SETTING = {
    "compute": "_compute_settings",
    "store": True,
    "precompute": True,
    "readonly": False,
}
# A reconcilable account's items would be taken for the payout.
_COSTS = (
    "[('account_type', 'in', ('expense', 'expense_direct_cost', 'expense_other')),"
    " ('reconcile', '=', False)]"
)
_STOCK = (
    "[('account_type', 'in', ('asset_current', 'asset_non_current', 'asset_prepayments')),"
    " ('reconcile', '=', False)]"
)


class SpCostSettings(models.TransientModel):
    """How a company books what goods cost: a manager of finance may not edit companies."""

    _name = "sp.cost.settings"
    _description = "Amazon Cost of Goods Settings"
    _check_company_auto = True
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company.root_id,
        domain="[('parent_id', '=', False)]",
        help="The settings hold for its branches too.",
    )
    is_by_odoo = fields.Boolean(compute="_compute_is_by_odoo")
    closing_account_id = fields.Many2one(
        "account.account",
        compute="_compute_is_by_odoo",
        help="Odoo's inventory closing adjusts this account.",
    )
    sp_cost_source = fields.Selection(
        lambda self: self.env["res.company"]._fields["sp_cost_source"].selection,
        "What Goods Cost",
        required=True,
        **_SETTING,
    )
    sp_cost_since = fields.Date(
        "From",
        **_SETTING,
        help="Of rows that Amazon posted on this day or later, in the time zone in which a month "
        "ends. What was booked before stays as it is.",
    )
    sp_cost_account_id = fields.Many2one(
        "account.account",
        "Cost of Goods",
        **_SETTING,
        check_company=True,
        domain=_COSTS,
    )
    sp_inventory_account_id = fields.Many2one(
        "account.account",
        "Inventory",
        **_SETTING,
        check_company=True,
        domain=_STOCK,
    )
    sp_cost_refunds = fields.Selection(
        lambda self: self.env["res.company"]._fields["sp_cost_refunds"].selection,
        "Of Refunded Goods",
        required=True,
        **_SETTING,
        help="Amazon's settlement does not say whether goods came back, nor in which condition: "
        "this is what you know of them.",
    )
    sp_cost_share = fields.Float("Share (%)", digits=(16, 2), **_SETTING)
    sp_cost_lost = fields.Boolean(
        "Lost Goods Leave the Stock",
        **_SETTING,
        help="What Amazon lost or damaged in its warehouses and pays for costs you what it cost; "
        "what it finds again comes back. Otherwise your next stock count says so.",
    )

    @api.depends("company_id")
    def _compute_settings(self):
        for settings in self:
            company = settings.company_id.sudo()
            for name in _FIELDS:
                settings[name] = company[name]
            if not company.sp_cost_since:
                settings.sp_cost_since = fields.Date.context_today(settings).replace(day=1)

    @api.depends("company_id")
    def _compute_is_by_odoo(self):
        for settings in self:
            company = settings.company_id.sudo()
            settings.is_by_odoo = company._sp_values_stock()
            # Of the addon stock_account.
            has_closing = "account_stock_valuation_id" in company._fields
            settings.closing_account_id = has_closing and company.account_stock_valuation_id

    def action_save(self):
        """Keep the settings, and look again at what waits."""
        self.ensure_one()
        company = self.company_id
        company.check_access("read")  # one of this user's companies
        if self.sp_cost_source != "off":
            self._check_can_book()
        vals = {name: self._fields[name].convert_to_write(self[name], self) for name in _FIELDS}
        company.sudo().write(vals)
        self.env["sp.settlement"]._recheck(company)
        return {"type": "ir.actions.act_window_close"}

    def _check_can_book(self):
        """Refuse what could not be booked.

        :raises UserError: Odoo books it, or something is missing or cannot be what it is for
        """
        if self.is_by_odoo:
            raise UserError(
                self.env._(
                    "Odoo's own inventory valuation is perpetual in this company and books what "
                    "goods cost: booked here too, it would count twice."
                )
            )
        if not (self.sp_cost_account_id and self.sp_inventory_account_id and self.sp_cost_since):
            raise UserError(
                self.env._("Choose both accounts, and the day from which on it is booked.")
            )
        accounts = self.sp_cost_account_id | self.sp_inventory_account_id
        if accounts.filtered("reconcile"):
            raise UserError(
                self.env._(
                    "An account that allows reconciliation cannot be used: choose one without."
                )
            )
        if self.sp_cost_refunds == "share" and not 0 < self.sp_cost_share < 100:
            raise UserError(self.env._("A share is more than 0 and less than 100 percent."))
