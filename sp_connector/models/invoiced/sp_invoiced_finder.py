"""Which orders of a settlement are invoiced in Odoo too, and on which invoices."""

from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.books.decide import Invoiced, ToInvoices
from ...engine.books.findings import Finding
from ...engine.invoices.orders import Amount, Invoice, assign, side

#: An order is invoiced before it is settled, business orders long before, or soon after.
_BEFORE, _AFTER = timedelta(days=180), timedelta(days=60)
#: How Amazon writes the id of an order.
ORDER = r"(?<![-\w])\w{3}-\d{7}-\d{7}(?![-\w])"
NAMES = ("ref", "invoice_origin", "payment_reference")


class Found(NamedTuple):
    """An invoice, posted or a draft, and the orders of the settlement that it names."""

    move: object
    orders: tuple


class SpInvoicedFinder(models.AbstractModel):
    """Finds the customer invoices and credit notes of a settlement's orders.

    Odoo's own connector, another one or a person made them.
    """

    _name = "sp.invoiced.finder"
    _description = "Search for Invoices of Amazon Orders"

    # === FOR DECISIONS === #

    @api.model
    def _find(self, settlements, lines):
        """Return ``Found`` s for the orders of settlements, in the order of their making.

        :param lines: the engine's ``PlanLine`` s
        """
        keys = [line.key for line in lines if side(line) is not None]
        dated = any(one.date_start or one.date_end for one in settlements)
        if not settlements._origin or not keys or not dated:
            return []
        return self._group(self._pairs(settlements, keys))

    def _group(self, pairs):
        """Return ``Found`` s for (invoice, order) ids."""
        orders = {}
        for move_id, order in pairs:
            orders.setdefault(move_id, {})[order] = True
        moves = self.env["account.move"].sudo().browse(sorted(orders))
        moves.fetch(["move_type", "state", "company_id", "amount_tax", "amount_total_signed"])
        return [Found(move, tuple(sorted(orders[move.id]))) for move in moves]

    @api.model
    def _pairs(self, settlements, line_ids):
        """Return (invoice, order) ids of the invoices that name orders of these lines."""
        orders = SQL(
            "SELECT order_ref FROM sp_settlement_row"
            " WHERE settlement_id = ANY(%s) AND line_id = ANY(%s)",
            settlements._origin.ids,
            list(line_ids),
        )
        return self._named(self._domain(settlements), orders)

    @api.model
    def _named(self, domain, orders=None):
        """Return (invoice, order) ids of invoices that name orders of Amazon in a reference.

        A bridge adds what it knows of orders otherwise. In SQL, as there may be a hundred thousand
        of either, and an order's id may stand within a text.

        :param domain: of the invoices
        :param orders: a selection of order ids (SQL), ``None`` for all
        """
        query = self.env["account.move"].sudo()._search(domain)
        texts = [SQL.identifier("move", name) for name in NAMES]
        return self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT move.id, found.word[1]
                  FROM account_move move,
                       regexp_matches(concat_ws(' ', %(texts)s), %(order)s, 'g') AS found(word)
                 WHERE move.id IN %(moves)s AND %(known)s
                """,
                texts=SQL(", ").join(texts),
                order=ORDER,
                moves=query.subselect(),
                known=self._is_known(orders),
            )
        )

    @api.model
    def _is_known(self, orders):
        return SQL("found.word[1] IN (%s)", orders) if orders else SQL("TRUE")

    @api.model
    def _domain(self, settlements):
        """Return the domain of the invoices that may be of these settlements' orders."""
        moments = [*settlements.mapped("date_start"), *settlements.mapped("date_end")]
        days = [moment.date() for moment in moments if moment]
        states = ("posted", "draft")
        return self._between(settlements.company_id, min(days), max(days) + _AFTER, states)

    @api.model
    def _between(self, companies, first, last, states):
        """Return the domain of invoices of orders: settled from a day on, dated up to another."""
        return Domain(
            [
                ("move_type", "in", ("out_invoice", "out_refund")),
                ("state", "in", states),
                ("company_id", "child_of", companies.root_id.ids),
                ("date", ">=", first - _BEFORE),
                ("date", "<=", last),
                ("sp_settlement_id", "=", False),
            ]
        )

    @api.model
    def _doubles(self, settlement, find, goes):
        """Return the engine's ``Invoiced``: posted invoices whose sales are income here, too."""
        posted = [found.move for found in find() if found.move.state == "posted"]
        if goes:
            usable = self._receivables(settlement, posted)
            posted = [move for move in posted if move not in usable and move.amount_total_signed]
        currency = settlement.company_id.currency_id
        amount = sum(move.amount_total_signed for move in posted)
        return Invoiced(len(posted), Decimal(f"{amount:.{currency.decimal_places}f}"))

    @api.model
    def _goes_to_invoices(self, company, choice=None):
        """Tell whether sales of a company's invoiced orders go to the invoices.

        :param choice: as the company's field says, if not as it says now
        """
        company = company.sudo()
        # On an invoice, Odoo allows no receivable but its own.
        return (choice or company.sp_invoiced_orders) == "invoices" and (
            company.sp_booking_form != "invoice"
        )

    @api.model
    def _to_invoices(self, settlement, lines, find, goes):
        """Return the engine's ``ToInvoices``, nothing where the company says so.

        :param find: function → what ``_find`` found
        """
        if not goes:
            return ToInvoices({})
        if not settlement._origin:
            return ToInvoices({}, (Finding("invoices_later"),))
        found = find()
        if not found:
            return ToInvoices({})
        amounts = self._amounts(settlement, lines, {order for one in found for order in one.orders})
        result = assign(amounts, self._invoices(settlement, found))
        here = {(side(amount.line), amount.order) for amount in amounts}
        drafts = [
            one
            for one in found
            if one.move.state == "draft"
            and any((one.move.move_type == "out_refund", order) in here for order in one.orders)
        ]
        if drafts:
            note = Finding("invoice_drafts", {"invoices": len(drafts)})
            result = result._replace(notes=(*result.notes, note))
        return result

    # === WHAT IS BOOKED HERE AND THERE === #

    def _amounts(self, settlements, lines, orders=None):
        """Return the engine's ``Amount`` s: what Amazon settled of orders, line by line.

        :param orders: their ids, ``None`` for all
        """
        known = {line.key: line for line in lines if side(line) is not None}
        ids = settlements._origin.ids
        named = [("order_ref", "in", list(orders))] if orders is not None else []
        groups = (
            self.env["sp.settlement.row"]
            .sudo()
            ._read_group(
                [
                    ("settlement_id", "in", ids),
                    ("line_id", "in", list(known)),
                    ("order_ref", "!=", False),
                    *named,
                ],
                ["line_id", "order_ref"],
                ["amount:sum"],
            )
        )
        decimal = settlements[:1]._decimal
        return [Amount(known[line.id], order, decimal(amount)) for line, order, amount in groups]

    def _invoices(self, settlement, found):
        """Return the engine's ``Invoice`` s of those that are posted and can be owed here."""
        orders = {one.move: one.orders for one in found if one.move.state == "posted"}
        currency, invoices = settlement.currency_id, []
        credited = self._credited(list(orders))
        for move, receivable in self._receivables(settlement, list(orders)).items():
            account, partner, theirs, total, left = receivable
            is_refund = move.move_type == "out_refund"
            sign, is_own = -1 if is_refund else 1, theirs == currency
            invoices.append(
                Invoice(
                    move.id,
                    orders[move],
                    is_refund,
                    account.id,
                    partner.id,
                    settlement._decimal(sign * total) if is_own else None,
                    settlement._decimal(sign * left) if is_own else Decimal(),
                    bool(move.amount_tax),
                    settlement._decimal(credited.get(move, 0.0)) if is_own else Decimal(),
                )
            )
        return invoices

    def _credited(self, moves):
        """Return {invoice or credit note: what of it is matched with the other kind}."""
        ids = [move.id for move in moves]
        partials = (
            self.env["account.partial.reconcile"]
            .sudo()
            .search(
                [
                    ("debit_move_id.move_id.move_type", "=", "out_invoice"),
                    ("credit_move_id.move_id.move_type", "=", "out_refund"),
                    "|",
                    ("debit_move_id.move_id", "in", ids),
                    ("credit_move_id.move_id", "in", ids),
                ]
            )
        )
        found = {}
        for partial in partials:
            for move, amount in (
                (partial.debit_move_id.move_id, partial.debit_amount_currency),
                (partial.credit_move_id.move_id, partial.credit_amount_currency),
            ):
                found[move] = found.get(move, 0.0) + amount
        return found

    def _receivables(self, settlement, moves):
        """Return {invoice: (account, partner, currency, total, what is open)} of what is owed.

        Not of an invoice whose receivable account another branch has for itself.
        """
        companies = settlement.company_id.sudo().parent_ids
        groups = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [
                    ("move_id", "in", [move.id for move in moves]),
                    ("account_id.account_type", "=", "asset_receivable"),
                ],
                ["move_id", "account_id", "partner_id", "currency_id"],
                ["amount_currency:sum", "amount_residual_currency:sum"],
            )
        )
        found = {}
        for move, account, *owed in groups:
            if account.company_ids & companies:
                found.setdefault(move, (account, *owed))
        return found
