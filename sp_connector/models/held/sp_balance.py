from decimal import Decimal

from odoo import api, fields, models

from ...engine.amazon import finances

#: Field → Amazon's name of it.
_KINDS = {
    "amount_available": finances.AVAILABLE,
    "amount_deferred": finances.DEFERRED,
    "amount_reserve": finances.ACCOUNT_LEVEL_RESERVE,
    "amount_reserved": finances.RESERVED,
    "amount_total": finances.TOTAL,
}


class SpBalance(models.Model):
    """What Amazon said that it held at the end of a day, in one marketplace and currency."""

    _name = "sp.balance"
    _description = "Amazon Balance"
    _order = "date desc, connection_id, marketplace_id, id"
    _rec_name = "date"

    connection_id = fields.Many2one(
        "sp.connection", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    date = fields.Date("At the End Of", required=True, readonly=True, index=True)
    asked_at = fields.Datetime("Asked On", required=True, readonly=True)
    marketplace_ref = fields.Char(readonly=True)
    marketplace_id = fields.Many2one("sp.marketplace", readonly=True, ondelete="restrict")
    account_type = fields.Char(readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    answer = fields.Json(readonly=True, help="Amounts as Amazon names them.")
    amount_available = fields.Monetary("Available", compute="_compute_amounts", store=True)
    amount_deferred = fields.Monetary("Deferred", compute="_compute_amounts", store=True)
    amount_reserve = fields.Monetary("Account Reserve", compute="_compute_amounts", store=True)
    amount_reserved = fields.Monetary(
        "Reserved",
        compute="_compute_amounts",
        store=True,
        help="Deferred and account reserve together.",
    )
    amount_total = fields.Monetary("Total", compute="_compute_amounts", store=True)

    @api.depends("answer")
    def _compute_amounts(self):
        for balance in self:
            for name, kind in _KINDS.items():
                balance[name] = float(balance._amount(kind) or 0)

    def _amount(self, kind):
        """Return one of the engine's ``BALANCES``, ``None`` where Amazon did not tell it."""
        self.ensure_one()
        told = (self.answer or {}).get(kind)
        return None if told is None else Decimal(told)
