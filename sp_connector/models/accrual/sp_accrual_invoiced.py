"""Orders of an accrual that Odoo's invoices have booked by its cut-off."""

from odoo import api, models
from odoo.tools import SQL, format_list

from ...engine.accrual.cutoff import COUNTED
from ...engine.accrual.words import takes_back
from ...engine.books.lines import plan_line
from ...engine.invoices.orders import Invoice, side, sides


class SpAccrualInvoiced(models.AbstractModel):
    """Tells which of an accrual's orders are invoiced, as settlements go to invoices."""

    _name = "sp.accrual.invoiced"
    _description = "Amazon Accruals, Orders That Are Invoiced"

    @api.model
    def _find(self, accrual):
        """Return what posted invoices up to the cut-off name of the orders that Amazon told.

        :return: ({order: what of it is on invoices, as pairs of the engine's ``Sides``}, {(order,
            whether it is a refund): the invoices whose sales are income here, too})
        """
        if not (first := accrual._first()):
            return {}, {}
        finder = self.env["sp.invoiced.finder"]
        orders = SQL(
            "SELECT order_ref FROM sp_accrual_transaction WHERE accrual_id = %s", accrual.id
        )
        domain = finder._between(accrual.company_id, first.date(), accrual.date, ("posted",))
        found = finder._group(finder._named(domain, orders))
        owed = {}
        if found and finder._goes_to_invoices(accrual.company_id):
            owed = finder._receivables(accrual, [one.move for one in found])
        invoices, doubles = [], {}
        for move, names in found:
            is_refund = move.move_type == "out_refund"
            if move in owed:
                account, partner, *_rest = owed[move]
                invoices.append(
                    Invoice(
                        move.id,
                        names,
                        is_refund,
                        account.id,
                        partner.id,
                        None,
                        is_taxed=bool(move.amount_tax),
                    )
                )
            elif move.amount_total_signed:
                for order in names:
                    doubles.setdefault((order, is_refund), []).append(move)
        known = {order: tuple(sorted(its.items())) for order, its in sides(invoices).items()}
        return known, doubles

    @api.model
    def _note(self, accrual, doubles):
        """Say what is left to invoices, and what counts twice.

        :param doubles: the invoices whose sales are accrued, too
        """
        notes = []
        if lines := accrual._left_to_invoices():
            [(count,)] = (
                self.env["sp.accrual.transaction"]
                .sudo()
                ._read_group(
                    [("line_ids", "in", lines.ids)], aggregates=["order_ref:count_distinct"]
                )
            )
            amounts = [
                currency.format(amount)
                for currency, amount in lines._read_group(
                    [("id", "in", lines.ids)], ["currency_id"], ["amount:sum"]
                )
            ]
            notes.append(
                self.env._(
                    "%(amounts)s of %(count)s orders is on posted customer invoices and credit "
                    "notes up to this day, which booked it: it is not accrued, their fees are.",
                    amounts=format_list(self.env, amounts),
                    count=count,
                )
            )
        if doubles:
            amount = sum(move.amount_total_signed for move in doubles)
            notes.append(
                self.env._(
                    "%(count)s posted customer invoices up to this day, %(amount)s, name orders "
                    "that are accrued here, as sales of all orders are income: these sales count "
                    "twice.",
                    count=len(doubles),
                    amount=accrual.company_id.currency_id.format(amount),
                )
            )
        return "\n".join(notes)

    @api.model
    def _changed_since(self, accrual):
        """Return of how many orders invoices came, went or changed their day since the proposal."""
        known, _doubles = self._find(accrual)
        now = {(order, is_refund) for order, its in known.items() for is_refund, _taxed in its}
        then = self._orders_of([("line_ids.state", "=", "invoiced")], accrual)
        # What has fees alone is on no invoice.
        sold = [("order_ref", "in", list(known)), ("origin", "in", COUNTED), ("amount", ">", 0)]
        back = [*sold[:2], ("amount", "<", 0)]
        came = {one for one in self._orders_of(sold, accrual) if one[1] is False}
        came |= {one for one in self._orders_of(back, accrual) if one[1]}
        return len({order for order, _side in (came & now) - then | then - now})

    @api.model
    def _orders_of(self, domain, accrual):
        """Return {(order, whether it is a refund)} of some transactions."""
        groups = (
            self.env["sp.accrual.transaction"]
            .sudo()
            ._read_group([("accrual_id", "=", accrual.id), *domain], ["order_ref", "kind"])
        )
        return {(order, takes_back(kind)) for order, kind in groups}

    @api.model
    def _doubles_of(self, one, doubles):
        """Return the invoices of a transaction among those of ``_find``."""
        is_refund = takes_back(one.kind)
        return doubles.get((one.order_ref, is_refund), ()) if is_refund is not None else ()


class Left:
    """What an accrual left to invoices.

    :ivar of: {transaction id: its categories}
    """

    def __init__(self, accrual):
        records = accrual.env["sp.accrual.transaction"].sudo()
        self.of, self._orders = {}, set()
        for line in accrual._left_to_invoices():
            mine = {line.category}
            for key in line.transaction_ids.ids:
                self.of[key] = self.of.get(key, frozenset()) | mine
            for order, kind in records._read_group(
                [("line_ids", "=", line.id)], ["order_ref", "kind"]
            ):
                self._orders.add((order, line.category, takes_back(kind)))

    def has(self, order, line):
        """Tell whether what a settlement line has of an order is what was left."""
        return (order, line.category, side(line._plan_line())) in self._orders

    @staticmethod
    def is_left(categories, line):
        """Tell whether a line of transactions is among what was left of them.

        :param line: the engine's ``Line``
        """
        return line.category in categories and side(plan_line(line, None, None)) is not None
