"""What Amazon settled ↔ what Odoo invoiced, order by order: what one of them lacks, or differs."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from odoo.addons.sp_connector.engine.invoices.orders import pairs, side

#: What is listed; orders that agree are counted alone.
KINDS = [
    ("no_invoice", "Settled, not invoiced"),
    ("no_settlement", "Invoiced, not settled"),
    ("difference", "Another amount"),
    ("no_product", "SKUs without a product"),
    ("equal", "Agree"),
]


class SpOrderReport(models.TransientModel):
    """Orders of a company's settlements and the invoices that name them, as both are now."""

    _name = "sp.order.report"
    _description = "Amazon Orders and Invoices"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        "From",
        required=True,
        default=lambda self: fields.Date.context_today(self) - timedelta(days=90),
        help="Settlements that end then or later, and invoices from then on.",
    )
    date_to = fields.Date("To", required=True, default=fields.Date.context_today)
    days = fields.Integer(
        "Not Settled After (Days)",
        default=30,
        help="Amazon holds sales back: an invoice that is younger is not listed.",
    )
    order_field = fields.Selection(
        lambda self: self._selection_order_field(),
        "Field With Amazon's Order ID",
        compute="_compute_order_field",
        inverse="_inverse_order_field",
        compute_sudo=True,
        help="Of sale orders, beside their customer reference, number and source document. A "
        "manager of finance chooses it, for the company.",
    )
    is_shown = fields.Boolean(readonly=True)
    kind_ids = fields.One2many("sp.order.report.kind", "report_id", readonly=True)

    @api.model
    def _selection_order_field(self):
        found = self.env["sale.order"]._fields.values()
        texts = [one for one in found if one.type == "char" and one.store and not one.translate]
        return sorted((one.name, f"{one.string} ({one.name})") for one in texts)

    @api.depends("company_id")
    def _compute_order_field(self):
        for report in self:
            report.order_field = report.company_id.sp_order_field

    def _inverse_order_field(self):
        for report in self:
            company = report.company_id.sudo()
            if (report.order_field or False) == (company.sp_order_field or False):
                continue
            if not self.env.user.has_group("sp_connector.sp_connector_group_manager"):
                raise AccessError(self.env._("A manager of Amazon settlements chooses the field."))
            report.company_id.check_access("read")  # one of this user's companies
            company.sp_order_field = report.order_field

    def action_show(self):
        """Compare, and show what is listed by kind."""
        self.ensure_one()
        self.company_id.check_access("read")  # one of this user's companies
        self.kind_ids.unlink()
        vals_list = [*self._compare_settled(), *self._compare_invoiced(), *self._find_skus()]
        sums = {}
        for vals in vals_list:
            key = vals["kind"], vals["currency_id"]
            sums.setdefault(key, []).append(vals)
        order = [kind for kind, _label in KINDS]
        for kind, currency in sorted(sums, key=lambda key: (order.index(key[0]), key[1])):
            those = sums[kind, currency]
            record = self.env["sp.order.report.kind"].create(
                {
                    "report_id": self.id,
                    "kind": kind,
                    "currency_id": currency,
                    "count": sum(vals.get("count", 1) for vals in those),
                    "amount_settled": sum(vals["amount_settled"] for vals in those),
                    "amount_invoiced": sum(vals["amount_invoiced"] for vals in those),
                }
            )
            if kind != "equal":
                self.env["sp.order.report.line"].create(
                    [
                        {name: value for name, value in vals.items() if name != "count"}
                        | {"kind_id": record.id}
                        for vals in those
                    ]
                )
        self.is_shown = True

    @api.depends_context("lang")
    def _compute_display_name(self):
        self.display_name = self.env._("Orders and Invoices")

    # === WHAT AMAZON SETTLED === #

    def _settlements(self, *domain):
        return (
            self.env["sp.settlement"]
            .sudo()
            .search([("company_id", "=", self.company_id.id), *domain], order="date_end, id")
        )

    def _of_period(self):
        return self._settlements(
            ("date_end", ">=", self.date_from),
            ("date_end", "<", self.date_to + timedelta(days=1)),
        )

    def _compare_settled(self):
        """Yield lines for the orders of the period's settlements."""
        finder = self.env["sp.invoiced.finder"]
        for currency, settlements in self._of_period().grouped("currency_id").items():
            lines = [line._plan_line() for line in settlements.line_ids]
            found = finder._find(settlements, lines)
            amounts = finder._amounts(settlements, lines)
            others = self._settlements(
                ("currency_id", "=", currency.id), ("id", "not in", settlements.ids)
            )
            if others and amounts:
                # What an invoice of several orders, or an order's other part, has elsewhere.
                orders = {amount.order for amount in amounts}
                orders |= {order for one in found for order in one.orders}
                more = [line._plan_line() for line in others.line_ids]
                amounts += finder._amounts(others, more, orders)
            invoices = finder._invoices(settlements[:1], found)
            drafts = {
                order: one.move.id
                for one in found
                if one.move.state == "draft"
                for order in one.orders
            }
            yield from self._lines(currency, pairs(amounts, invoices), drafts)

    def _lines(self, currency, found, drafts):
        listed, equal = [], []
        for pair in found:
            if not pair.amounts:
                continue  # of invoices without a settlement, those that are old enough are listed
            settled, total = pair.settled, pair.total
            if not pair.invoices and not settled:
                continue
            if pair.invoices and settled == total:
                equal.append(settled * (-1 if pair.is_refund else 1))
                continue
            listed.append(("difference" if pair.invoices else "no_invoice", pair, settled, total))
        orders = {order for _kind, pair, *_rest in listed for order in pair.orders}
        finder = self.env["sp.invoiced.finder"]
        sales = finder._sale_orders(self.company_id, orders)
        for kind, pair, settled, total in listed:
            sign = -1 if pair.is_refund else 1
            keys = [invoice.key for invoice in pair.invoices]
            yield {
                **self._names(pair.orders, pair.is_refund, sales),
                "kind": kind,
                "currency_id": currency.id,
                "amount_settled": sign * float(settled),
                "amount_invoiced": sign * float(total or 0),
                "is_other_currency": bool(keys) and total is None,
                "move_id": keys[0] if keys else drafts.get(pair.orders[0], False),
            }
        if equal:
            amount = float(sum(equal))
            yield {
                "kind": "equal",
                "currency_id": currency.id,
                "count": len(equal),
                "amount_settled": amount,
                "amount_invoiced": amount,
            }

    def _names(self, orders, is_refund, sales):
        return {
            "order_ref": orders[0],
            "order_refs": ",".join(orders),
            "order_count": len(orders),
            "is_refund": is_refund,
            "sale_order_id": sales.get(orders[0], False),
        }

    # === WHAT ODOO INVOICED === #

    def _compare_invoiced(self):
        """Yield lines for the period's invoices whose orders no settlement has."""
        finder = self.env["sp.invoiced.finder"]
        last = fields.Date.context_today(self) - timedelta(days=self.days)
        domain = Domain(
            [
                ("move_type", "in", ("out_invoice", "out_refund")),
                ("state", "=", "posted"),
                ("company_id", "=", self.company_id.id),
                ("date", ">=", self.date_from),
                ("date", "<=", min(self.date_to, last)),
                ("sp_settlement_id", "=", False),
            ]
        )
        found = [
            one for one in finder._group(finder._named(domain)) if one.move.amount_total_signed
        ]
        settled = self._settled({order for one in found for order in one.orders})
        alone = [
            one
            for one in found
            if not settled & {(one.move.move_type == "out_refund", order) for order in one.orders}
        ]
        sales = finder._sale_orders(self.company_id, {one.orders[0] for one in alone})
        for move, orders in alone:
            is_refund = move.move_type == "out_refund"
            yield {
                **self._names(orders, is_refund, sales),
                "kind": "no_settlement",
                "currency_id": move.currency_id.id,
                "amount_settled": 0.0,
                "amount_invoiced": (-1 if is_refund else 1) * move.amount_total,
                "move_id": move.id,
            }

    def _settled(self, orders):
        """Return {(is a refund, order)} of these that some settlement has."""
        groups = (
            self.env["sp.settlement.row"]
            .sudo()
            ._read_group(
                [
                    ("settlement_id", "in", self._settlements().ids),
                    ("order_ref", "in", list(orders)),
                ],
                ["line_id", "order_ref"],
            )
        )
        sides = {line: side(line._plan_line()) for line, _order in groups}
        return {(sides[line], order) for line, order in groups if sides[line] is not None}

    # === WHAT IS SOLD === #

    def _find_skus(self):
        """Yield a line for each SKU that is no product's internal reference."""
        settlements = self._of_period()
        lines = settlements.line_ids.filtered(lambda line: side(line._plan_line()) is not None)
        groups = (
            self.env["sp.settlement.row"]
            .sudo()
            ._read_group(
                [
                    ("settlement_id", "in", settlements.ids),
                    ("line_id", "in", lines.ids),
                    ("sku", "!=", False),
                ],
                ["sku", "currency_id"],
                ["amount:sum", "order_ref:count_distinct"],
            )
            if lines
            else []
        )
        skus = {sku for sku, *_rest in groups}
        known = self.env["sp.invoiced.finder"]._products(self.company_id, skus)
        for sku, currency, amount, orders in groups:
            if sku.casefold() not in known:
                yield {
                    "kind": "no_product",
                    "currency_id": currency.id,
                    "sku": sku,
                    "order_count": orders,
                    "amount_settled": amount,
                    "amount_invoiced": 0.0,
                }
