from odoo import api, fields, models

from ..meaning.category_labels import category_selection


class SpAccrualLine(models.Model):
    """What is earned and not settled of a category in a marketplace, with its account."""

    _name = "sp.accrual.line"
    _description = "Amazon Accrual Line"
    _order = "accrual_id, currency_id, marketplace_id, origin, id"

    accrual_id = fields.Many2one(
        "sp.accrual", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="accrual_id.company_id", store=True, index=True)
    origin = fields.Selection(
        [
            ("open", "Not settled yet"),
            ("deferred", "Deferred"),
            ("unclear", "Release unknown"),
        ],
        "Why",
        required=True,
        readonly=True,
    )
    marketplace_id = fields.Many2one("sp.marketplace", readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    category = fields.Selection("_selection_category", required=True, readonly=True)
    words = fields.Char(readonly=True, help="Where nobody knows what they mean.")
    state = fields.Selection(
        [
            ("accrued", "Earned"),
            ("tax", "Tax"),
            ("unmapped", "No account"),
            ("undecided", "Tax undecided"),
            ("left_out", "Moves balances"),
            ("invoiced", "On invoices"),
        ],
        "What It Is",
        required=True,
        readonly=True,
    )
    decision = fields.Selection(
        [("accrue", "Accrue"), ("leave", "Leave out")],
        help="Empty: somebody has to decide before anything is booked.",
    )
    account_id = fields.Many2one("account.account", check_company=True)
    tax_account_id = fields.Many2one("account.account", "Account of the Tax", readonly=True)
    analytic_distribution = fields.Json(readonly=True)
    amount = fields.Monetary("Without Tax", readonly=True)
    amount_tax = fields.Monetary("Tax", readonly=True)
    amount_accrued = fields.Monetary("Accrued", compute="_compute_amount_accrued")
    transaction_ids = fields.Many2many(
        "sp.accrual.transaction", string="Transactions", readonly=True
    )
    transaction_count = fields.Integer("Count", readonly=True)
    date_oldest = fields.Date("Oldest", readonly=True)
    key = fields.Char(required=True, readonly=True)

    @api.model
    def _selection_category(self):
        return category_selection(self.env)

    @api.depends("amount", "amount_tax", "decision", "accrual_id.tax_setting")
    def _compute_amount_accrued(self):
        for line in self:
            has_tax = line.accrual_id.tax_setting == "with_tax"
            amount = line.amount + (line.amount_tax if has_tax else 0)
            line.amount_accrued = amount if line.decision == "accrue" else 0

    def _label(self):
        """Return what an item of the entry is called."""
        self.ensure_one()
        labels = dict(self._fields["category"]._description_selection(self.env))
        origins = dict(self._fields["origin"]._description_selection(self.env))
        parts = [labels[self.category], self.marketplace_id.name, origins[self.origin]]
        return ", ".join(filter(None, parts))

    def action_view_transactions(self):
        """Open the transactions behind this line."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_accrual_transaction_action"
        )
        return {**action, "domain": [("line_ids", "in", self.ids)]}
