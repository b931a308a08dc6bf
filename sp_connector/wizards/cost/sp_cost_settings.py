from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.common.sp_company_settings import SETTING

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
    """How a company books what goods cost."""

    _name = "sp.cost.settings"
    _description = "Amazon Cost of Goods Settings"
    _inherit = ["sp.company.settings"]

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
        **SETTING,
    )
    sp_cost_since = fields.Date(
        "From",
        **SETTING,
        help="Of rows that Amazon posted on this day or later, in the time zone in which a month "
        "ends. What was booked before stays as it is.",
    )
    sp_cost_account_id = fields.Many2one(
        "account.account",
        "Cost of Goods",
        **SETTING,
        check_company=True,
        domain=_COSTS,
    )
    sp_inventory_account_id = fields.Many2one(
        "account.account",
        "Inventory",
        **SETTING,
        check_company=True,
        domain=_STOCK,
    )
    sp_cost_refunds = fields.Selection(
        lambda self: self.env["res.company"]._fields["sp_cost_refunds"].selection,
        "Of Refunded Goods",
        required=True,
        **SETTING,
        help="Amazon's settlement does not say whether goods came back, nor in which condition: "
        "this is what you know of them.",
    )
    sp_cost_share = fields.Float("Share (%)", digits=(16, 2), **SETTING)
    sp_cost_lost = fields.Boolean(
        "Lost Goods Leave the Stock",
        **SETTING,
        help="What Amazon lost or damaged in its warehouses and pays for costs you what it cost; "
        "what it finds again comes back. Otherwise your next stock count says so.",
    )

    def _compute_settings(self):
        """Begin with this month, where none is said."""
        result = super()._compute_settings()
        for settings in self:
            company = settings.company_id.sudo()
            if not company.sp_cost_since:
                settings.sp_cost_since = fields.Date.context_today(settings).replace(day=1)
        return result

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
        if self.sp_cost_source != "off":
            self._check_can_book()
        action = super().action_save()
        self.env["sp.settlement"]._recheck(self.company_id)
        return action

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
