from odoo import api, fields, models

from ...engine.amazon import finances


class SpHeldWitness(models.TransientModel):
    """One of Amazon's kinds of balance: the books, the documents and Amazon's own word."""

    _name = "sp.held.witness"
    _description = "What Amazon Holds, Compared"
    _order = "id"

    held_id = fields.Many2one("sp.held", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="held_id.company_id", store=True)
    kind = fields.Selection(
        [
            (finances.ACCOUNT_LEVEL_RESERVE, "Account reserve"),
            (finances.DEFERRED, "Deferred"),
            (finances.AVAILABLE, "Available"),
            (finances.TOTAL, "Total"),
        ],
        "Balance",
        readonly=True,
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount_ledger = fields.Monetary("Ledger", readonly=True)
    is_stated = fields.Boolean(readonly=True)
    amount_stated = fields.Monetary(
        "Files",
        readonly=True,
        help="Account reserve: what the last settlement of each chain holds. Deferred: Amazon's "
        "transactions of the accrual of this day.",
    )
    difference_stated = fields.Monetary("Files Differ", compute="_compute_differences")
    is_told = fields.Boolean(readonly=True)
    amount_amazon = fields.Monetary("Amazon", readonly=True)
    difference_amazon = fields.Monetary("Amazon Differs", compute="_compute_differences")
    note = fields.Char(readonly=True)

    @api.depends("amount_ledger", "amount_stated", "amount_amazon", "is_stated", "is_told")
    def _compute_differences(self):
        for one in self:
            stated = one.amount_stated - one.amount_ledger if one.is_stated else 0.0
            told = one.amount_amazon - one.amount_ledger if one.is_told else 0.0
            one.difference_stated = one.currency_id.round(stated)
            one.difference_amazon = one.currency_id.round(told)

    def action_view_balances(self):
        """Open what Amazon said, by marketplace."""
        self.ensure_one()
        held = self.held_id
        told = self.env["sp.held.sources"]._balances(held.company_id, held._owner(), held.date)
        balances = told.filtered(lambda one: one.currency_id == self.currency_id)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Amazon's Balances"),
            "res_model": "sp.balance",
            "views": [(False, "list")],
            "domain": [("id", "in", balances.ids)],
            "context": {"create": False},
        }
