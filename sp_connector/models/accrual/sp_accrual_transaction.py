from decimal import Decimal

from odoo import api, fields, models

from ...engine.amazon.finances import Leaf, Transaction


class SpAccrualTransaction(models.Model):
    """A transaction as Amazon told it, and why it counts at the cut-off of an accrual."""

    _name = "sp.accrual.transaction"
    _description = "Amazon Transaction"
    _order = "posted_at, id"
    _rec_name = "order_ref"
    _log_access = False

    accrual_id = fields.Many2one(
        "sp.accrual", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="accrual_id.company_id", store=True, index=True)
    ref = fields.Char("Transaction ID", required=True, readonly=True)
    kind = fields.Char("Type", readonly=True)
    status = fields.Selection(
        [
            ("DEFERRED", "Deferred"),
            ("DEFERRED_RELEASED", "Deferred, released since"),
            ("RELEASED", "Released"),
        ],
        required=True,
        readonly=True,
    )
    description = fields.Char(readonly=True)
    posted_at = fields.Datetime("Posted", required=True, readonly=True)
    amount = fields.Monetary(readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    marketplace_ref = fields.Char(readonly=True)
    order_ref = fields.Char("Order ID", readonly=True, index="btree_not_null")
    settlement_ref = fields.Char("Settlement ID", readonly=True)
    group_ref = fields.Char(readonly=True)
    deferred_ref = fields.Char(readonly=True)
    release_ref = fields.Char(readonly=True)
    reason = fields.Char("Deferred By", readonly=True, help="DD7: seven days after delivery; B2B.")
    matures_at = fields.Datetime("Release", readonly=True)
    line_ids = fields.Many2many("sp.accrual.line", string="Lines", readonly=True)
    leaves = fields.Json(readonly=True, prefetch=False)
    origin = fields.Selection(
        [
            ("open", "Not settled yet"),
            ("deferred", "Deferred"),
            ("unclear", "Release unknown"),
            ("booked", "Settled and booked"),
            ("replaced", "Its release counts"),
            ("later", "After the cut-off"),
            ("payout", "Payout"),
            ("elsewhere", "Another company's books"),
        ],
        "At the Cut-Off",
        readonly=True,
    )

    _ref_unique = models.Constraint("UNIQUE(accrual_id, ref)", "One record per transaction.")

    @api.model
    def _prepare_vals(self, told, currencies):
        """Return the values of a transaction of the engine."""
        return {
            "ref": told.ref,
            "kind": told.kind,
            "status": told.status,
            "description": told.description,
            "posted_at": told.posted_at,
            "amount": float(told.amount),
            "currency_id": currencies[told.currency],
            "marketplace_ref": told.marketplace_ref,
            "order_ref": told.order_ref or False,
            "settlement_ref": told.settlement_ref,
            "group_ref": told.group_ref,
            "deferred_ref": told.deferred_ref,
            "release_ref": told.release_ref,
            "reason": told.reason,
            "matures_at": told.matures_at,
            "leaves": [[leaf.path, str(leaf.amount), *leaf[2:]] for leaf in told.leaves],
        }

    def _set_origin(self, origin):
        """Keep why they count or do not; as the ORM would, without a join for each page (SQL)."""
        self.env.cr.execute(
            "UPDATE sp_accrual_transaction SET origin = %s "
            "WHERE id = ANY(%s) AND origin IS DISTINCT FROM %s",
            [origin, list(self.ids), origin],
        )
        self.invalidate_recordset(["origin"])

    def _told(self, leaves=True):
        """Return the engine's transaction: what Amazon said, to the cent.

        :param leaves: false: without its parts, and so without its amount
        """
        self.ensure_one()
        leaves = [
            Leaf(tuple(path), Decimal(amount), *rest)
            for path, amount, *rest in (leaves and self.leaves) or []
        ]
        return Transaction(
            self.ref,
            self.kind or "",
            self.status,
            self.description or "",
            self.posted_at,
            sum((leaf.amount for leaf in leaves), Decimal(0)),
            self.currency_id.name,
            self.marketplace_ref or "",
            "",
            self.order_ref or "",
            self.settlement_ref or "",
            self.group_ref or "",
            self.deferred_ref or "",
            self.release_ref or "",
            self.reason or "",
            self.matures_at or None,
            tuple(leaves),
        )
