import math

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.settlement.states import BOOKED


class SpFixedRate(models.TransientModel):
    """Types in the exchange rate of one settlement, instead of Odoo's rates of its dates."""

    _name = "sp.fixed.rate"
    _description = "Fixed Rate of an Amazon Settlement"

    settlement_id = fields.Many2one("sp.settlement", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    company_currency_id = fields.Many2one(
        related="settlement_id.company_id.currency_id", string="Company Currency"
    )
    rate = fields.Float(
        digits=0,
        compute="_compute_rate",
        store=True,
        readonly=False,
        help="Company currency for one unit of the settlement's currency; 0: the rates of Odoo.",
    )

    @api.depends("settlement_id")
    def _compute_rate(self):
        for wizard in self:
            wizard.rate = wizard.settlement_id.fixed_rate

    def action_apply(self):
        """Book this settlement at the typed rate, or at Odoo's rates again where it is zero.

        :raises UserError: the rate is no positive number, or the settlement is booked already
        """
        self.ensure_one()
        settlement = self.settlement_id
        settlement.check_access("read")
        if not math.isfinite(self.rate) or self.rate < 0:
            raise UserError(self.env._("A rate is more than zero; zero takes the rates of Odoo."))
        if settlement.state in BOOKED:
            raise UserError(self.env._("Undo the entry first, then fix the rate."))
        settlement.sudo().fixed_rate = self.rate
        settlement.sudo()._check()
        return {"type": "ir.actions.act_window_close"}
