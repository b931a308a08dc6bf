"""What an accrual said against what settlements brought."""

from collections import defaultdict
from datetime import date

from odoo import api, fields, models

from ...engine.accrual.cutoff import COUNTED
from ...engine.accrual.rows import Rows
from ...models.accrual.booked import Booked, entry_days
from ...models.accrual.sp_accrual_invoiced import Left
from ...models.meaning.category_labels import category_selection


class SpAccrualTie(models.TransientModel):
    """By category, in Amazon's amounts: accrued, settled since, refunded, still waiting.

    What was left to invoices is in none of them.
    """

    _name = "sp.accrual.tie"
    _description = "Amazon Accrual, Tie-Out"
    _rec_name = "accrual_id"

    accrual_id = fields.Many2one("sp.accrual", required=True, readonly=True, ondelete="cascade")
    line_ids = fields.One2many("sp.accrual.tie.line", "tie_id", readonly=True)
    waiting_ids = fields.Many2many("sp.accrual.transaction", readonly=True)
    waiting_count = fields.Integer("Still Waiting", readonly=True)

    @api.model
    def _make(self, accrual):
        """Return the tie-out of an accrual as the books are now."""
        accrual = accrual.sudo()
        left = Left(accrual)
        brought = _Brought(accrual, left)
        booked = Booked(accrual, date.max, accrual._first(*COUNTED))
        # All, what is in no order and settled, and what waits: by currency and what is left out.
        told, others, waiting = {}, {}, {}
        waiting_ids = []
        for page in accrual._pages(*COUNTED):
            since = booked.of([one._told(leaves=False) for one in page])
            brought.look_up({one.order_ref for one in page if one.order_ref})
            for record in page:
                one, currency = record._told(), record.currency_id
                place = currency, left.of.get(record.id, frozenset())
                is_here = one.order_ref in brought.orders if one.order_ref else since(one)
                groups = [told]
                if not is_here:
                    groups.append(waiting)
                    waiting_ids.append(record.id)
                elif not one.order_ref:
                    groups.append(others)
                for group in groups:
                    group.setdefault(place, Rows(currency.name)).add(record.id, one)
        settled = brought.settled
        for key, amount in self._amounts(accrual, others).items():
            settled[key] += amount
        accrued = {
            (line.currency_id, line.category)
            for line in accrual.line_ids
            if line.decision == "accrue"
        }
        columns = {
            "amount_accrued": self._amounts(accrual, told),
            "amount_settled": settled,
            "amount_waiting": self._amounts(accrual, waiting),
        }
        columns = {
            name: {key: amount for key, amount in amounts.items() if key in accrued}
            for name, amounts in columns.items()
        }
        columns["amount_refunded"] = brought.refunded
        keys = dict.fromkeys(key for amounts in columns.values() for key in amounts)
        return self.create(
            {
                "accrual_id": accrual.id,
                "waiting_ids": [(6, 0, waiting_ids)],
                "waiting_count": len(waiting_ids),
                "line_ids": [
                    (
                        0,
                        0,
                        {
                            "currency_id": key[0].id,
                            "category": key[1],
                            **{
                                name: float(amounts.get(key, 0))
                                for name, amounts in columns.items()
                            },
                        },
                    )
                    for key in keys
                ],
            }
        )

    @api.model
    def _amounts(self, accrual, groups):
        """Return {(currency, category): Amazon's amount} of {(currency, left out): rows}."""
        company, sums = accrual.company_id, defaultdict(float)
        classifier = self.env["sp.category.rule"]._classifier(company)
        for (currency, left), rows in groups.items():
            for one in rows.lines(classifier, company._sp_grouping()):
                if not Left.is_left(left, one.line):
                    sums[currency, one.line.category] += float(one.line.amount)
        return sums

    def action_view_waiting(self):
        """Open what is neither settled nor taken back."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_accrual_transaction_action"
        )
        return {**action, "domain": [("id", "in", self.waiting_ids.ids)]}


class _Brought:
    """What entries after the cut-off book of the orders that were accrued.

    :ivar settled: {(currency, category): amount}; ``refunded``: the same of refunds
    :ivar orders: those that are settled
    """

    def __init__(self, accrual, left):
        self.env, self.accrual, self._left = accrual.env, accrual, left
        self.settled, self.refunded, self.orders = defaultdict(float), defaultdict(float), set()
        self._asked, self._days = set(), {}

    def look_up(self, orders):
        """Take in the rows of some orders, each order once."""
        orders -= self._asked
        self._asked |= orders
        domain = [
            ("order_ref", "in", list(orders)),
            ("settlement_id.company_id", "=", self.accrual.company_id.id),
            ("settlement_id.state", "=", "posted"),
        ]
        rows = self.env["sp.settlement.row"]._read_group(
            domain, ["line_id", "order_ref"], ["amount:sum"]
        )
        for line, order, amount in rows:
            if not self._is_later(line):
                continue
            is_refund = "refund" in (line.transaction_type or "").lower()
            if not self._left.has(order, line):
                sums = self.refunded if is_refund else self.settled
                sums[line.currency_id, line.category] += amount
            if not is_refund:
                self.orders.add(order)

    def _is_later(self, line):
        settlement = line.settlement_id
        if settlement not in self._days:
            self._days[settlement] = entry_days(settlement)
        calendar, booked = self._days[settlement]
        day = calendar and booked.get(calendar.part_date(line.month or None))
        return bool(day and day > self.accrual.date)


class SpAccrualTieLine(models.TransientModel):
    """A category of a tie-out."""

    _name = "sp.accrual.tie.line"
    _description = "Amazon Accrual, Category of a Tie-Out"

    tie_id = fields.Many2one("sp.accrual.tie", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    category = fields.Selection("_selection_category", required=True, readonly=True)
    amount_accrued = fields.Monetary("Accrued", readonly=True)
    amount_settled = fields.Monetary("Settled Since", readonly=True)
    amount_waiting = fields.Monetary("Still Waiting", readonly=True)
    amount_difference = fields.Monetary(
        "Settled Otherwise",
        compute="_compute_amount_difference",
        help="Accrued and not waiting any more, less what was settled.",
    )
    amount_refunded = fields.Monetary(
        "Refunded Since", readonly=True, help="Of the same orders; a later month's refund."
    )

    @api.model
    def _selection_category(self):
        return category_selection(self.env)

    @api.depends("amount_accrued", "amount_settled", "amount_waiting")
    def _compute_amount_difference(self):
        for line in self:
            came = line.amount_settled + line.amount_waiting
            line.amount_difference = line.currency_id.round(line.amount_accrued - came)
