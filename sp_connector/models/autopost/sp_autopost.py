from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine.books.autopost import Policy


class SpAutopost(models.Model):
    """What a company lets happen by itself with the settlements of a connection."""

    _name = "sp.autopost"
    _description = "Amazon Automatic Posting"
    _inherit = ["mail.thread", "sp.audited"]
    _rec_name = "connection_id"

    connection_id = fields.Many2one(
        "sp.connection", required=True, index=True, ondelete="cascade", tracking=True
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        help="In whose books the settlements are.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    mode = fields.Selection(
        [("off", "Off"), ("draft", "Create the draft entry"), ("post", "Post")],
        default="off",
        required=True,
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users",
        "With the Rights Of",
        readonly=True,
        tracking=True,
        help="Who turned it on; nothing is booked that this user may not book.",
    )
    date_from = fields.Date(
        "From",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help="Settlements that end earlier are never booked by themselves.",
    )
    delay_days = fields.Integer(
        "After Days",
        default=0,
        tracking=True,
        help="So many days after it arrived, in which a person may look at it first.",
    )
    amount_limit = fields.Monetary(
        "Up To",
        tracking=True,
        help="Larger payouts and debts wait for a person, in the company's currency; 0 for none.",
    )
    spread = fields.Integer(
        "Total Within (%)",
        default=50,
        tracking=True,
        help="So much may the total lie below the lowest or above the highest of the last six.",
    )
    fee_spread = fields.Integer(
        "Fees Within (Points)",
        default=10,
        tracking=True,
        help="So many percentage points may the share of the fees in the income lie outside that "
        "of the last six.",
    )

    _pair_unique = models.Constraint(
        "UNIQUE(connection_id, company_id)",
        "Automatic posting of this connection and company is set already.",
    )
    _numbers_positive = models.Constraint(
        "CHECK(delay_days >= 0 AND amount_limit >= 0 AND spread >= 0 AND fee_spread >= 0)",
        "Days, limit and ranges cannot be negative.",
    )

    @api.constrains("date_from")
    def _check_date_from(self):
        for policy in self:
            if policy.date_from < fields.Date.context_today(policy):
                raise ValidationError(
                    self.env._(
                        "Automatic posting begins today or later: settlements of the past are "
                        "posted by a person, many at once."
                    )
                )

    @api.constrains("connection_id", "company_id")
    def _check_companies(self):
        for policy in self:
            connection = policy.connection_id.sudo()
            if policy.company_id not in self._books_of(connection):
                raise ValidationError(
                    self.env._(
                        "No settlements of %(connection)s are in the books of %(company)s.",
                        connection=connection.name,
                        company=policy.company_id.name,
                    )
                )

    def _books_of(self, connection):
        """Return the companies in whose books settlements of a connection may be."""
        return connection.company_id | connection.participation_ids._books_of()

    @api.onchange("connection_id")
    def _onchange_connection_id(self):
        # With several companies switched on the first of them need not be one of its books.
        connection = self.connection_id.sudo()
        if connection and self.company_id not in self._books_of(connection):
            self.company_id = connection.company_id.sudo(False)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals["user_id"] = self.env.uid
        policies = super().create(vals_list)
        policies.company_id.check_access("read")
        return policies

    def write(self, vals):
        """Note who turned it on; what came while it was off stays a person's."""
        if vals.get("mode") in ("draft", "post"):
            vals = {**vals, "user_id": self.env.uid}
            today = fields.Date.context_today(self)
            if any(one.mode == "off" and one.date_from < today for one in self):
                vals.setdefault("date_from", today)
        return super().write(vals)

    def _policy(self, settlement):
        """Return the engine's ``Policy`` for a settlement."""
        self.ensure_one()
        limit = None
        if self.amount_limit:
            day = settlement.date or fields.Date.context_today(self)
            rate = self.env["sp.settlement.facts"]._conversion_rate(settlement, day)
            limit = settlement._decimal(self.amount_limit * rate)
        return Policy(
            self.delay_days, limit, Decimal(self.spread) / 100, Decimal(self.fee_spread) / 100
        )
