"""What an accrual said against what settlements brought."""

from collections import defaultdict

from odoo import api, fields, models

from ...engine.accrual.rows import group
from ...models.meaning.category_labels import category_selection

_COUNTED = ("open", "deferred", "unclear")


class SpAccrualTie(models.TransientModel):
    """By category, in Amazon's amounts: accrued, settled since, refunded, still waiting."""

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
        records = accrual.sudo().transaction_ids.filtered(lambda one: one.origin in _COUNTED)
        settled, refunded, orders = self._brought(accrual, records)
        since = self.env["sp.accrual.proposal"]._is_booked_any_day(accrual, records)
        waiting = records.filtered(
            lambda one: one.order_ref not in orders if one.order_ref else not since(one)
        )
        others = (records - waiting).filtered(lambda one: not one.order_ref)
        for key, amount in self._amounts(accrual, others).items():
            settled[key] += amount
        accrued = {
            (line.currency_id, line.category)
            for line in accrual.line_ids
            if line.decision == "accrue"
        }
        columns = {
            "amount_accrued": self._amounts(accrual, records),
            "amount_settled": settled,
            "amount_waiting": self._amounts(accrual, waiting),
        }
        columns = {
            name: {key: amount for key, amount in amounts.items() if key in accrued}
            for name, amounts in columns.items()
        }
        columns["amount_refunded"] = refunded
        keys = dict.fromkeys(key for amounts in columns.values() for key in amounts)
        return self.create(
            {
                "accrual_id": accrual.id,
                "waiting_ids": [(6, 0, waiting.ids)],
                "waiting_count": len(waiting),
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
    def _brought(self, accrual, records):
        """Return what entries after the cut-off book of the orders that were accrued.

        :return: ({(currency, category): amount}, the same of refunds, orders that are settled)
        """
        orders = [one for one in set(records.mapped("order_ref")) if one]
        settled, refunded, found = defaultdict(float), defaultdict(float), set()
        rows = (
            self.env["sp.settlement.row"]
            .sudo()
            ._read_group(
                [
                    ("order_ref", "in", orders),
                    ("settlement_id.company_id", "=", accrual.company_id.id),
                    ("settlement_id.state", "=", "posted"),
                ],
                ["line_id", "order_ref"],
                ["amount:sum"],
            )
        )
        proposal, days = self.env["sp.accrual.proposal"], {}
        for line, order, amount in rows:
            settlement = line.settlement_id
            if settlement not in days:
                days[settlement] = proposal._entry_days(settlement)
            calendar, booked = days[settlement]
            day = calendar and booked.get(calendar.part_date(line.month or None))
            if not day or day <= accrual.date:
                continue
            is_refund = "refund" in (line.transaction_type or "").lower()
            (refunded if is_refund else settled)[line.currency_id, line.category] += amount
            if not is_refund:
                found.add(order)
        return settled, refunded, found

    @api.model
    def _amounts(self, accrual, records):
        """Return {(currency, category): Amazon's amount} of transactions."""
        company, sums = accrual.company_id, defaultdict(float)
        classifier = self.env["sp.category.rule"]._classifier(company)
        for currency, some in records.grouped("currency_id").items():
            told = [one._told() for one in some]
            for one in group(told, classifier, company._sp_grouping(), {}):
                sums[currency, one.line.category] += float(one.line.amount)
        return sums

    def action_view_waiting(self):
        """Open what is neither settled nor taken back."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_accrual_transaction_action"
        )
        return {**action, "domain": [("id", "in", self.waiting_ids.ids)]}


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
