"""What a settlement owes invoices ↔ the invoices."""

from odoo import api, models

#: So many invoices paid at once say so by their payment state alone.
_MANY = 100


class SpInvoicedMatch(models.AbstractModel):
    """Matches what went to invoices with them, as far as they are open."""

    _name = "sp.invoiced.match"
    _description = "Matching of Amazon Orders With Their Invoices"

    @api.model
    def _reconcile(self, settlement):
        """Match the posted items of a settlement with the invoices of their orders.

        Orders that equal their invoices all at once. One that does not with its own invoices, and
        with what other settlements left open of it: no other order's invoice takes what differs.
        """
        groups = (
            self.env["sp.invoiced"]
            .sudo()
            ._read_group(
                [
                    ("settlement_id", "=", settlement.id),
                    ("move_line_id.parent_state", "=", "posted"),
                    ("move_line_id.reconciled", "=", False),
                ],
                ["move_line_id", "is_refund", "is_alone"],
                ["order_ref:array_agg_distinct", "line_id:array_agg_distinct"],
            )
        )
        if not groups:
            return
        line_ids = list({key for *_group, keys in groups for key in keys})
        moves = {}
        finder = self.env["sp.invoiced.finder"]
        for move_id, order in finder._pairs(settlement, line_ids):
            moves.setdefault(order, set()).add(move_id)
        together = {}
        for item, is_refund, is_alone, orders, _lines in groups:
            key = (item.account_id, item.partner_id, is_refund, is_alone and item.id)
            items, known = together.setdefault(key, ([], set()))
            items.append(item.id)
            known.update(orders)
        for (account, partner, is_refund, is_alone), (items, orders) in together.items():
            ids = {key for order in orders for key in moves.get(order, ())}
            self._match(account, partner, is_refund, items, ids, orders if is_alone else ())

    def _match(self, account, partner, is_refund, items, move_ids, orders):
        AccountMoveLine = self.env["account.move.line"].sudo()
        mine = AccountMoveLine.browse(items)
        on_account = [
            ("account_id", "=", account.id),
            ("partner_id", "=", partner.id),
            ("currency_id", "=", mine.currency_id.id),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
        ]
        move_type = "out_refund" if is_refund else "out_invoice"
        owed = AccountMoveLine.search(
            [
                *on_account,
                ("move_id", "in", list(move_ids)),
                ("move_id.move_type", "=", move_type),
            ]
        )
        if orders:
            # Invoice and credit note were matched with each other: so are sale and refund.
            others = (
                self.env["sp.invoiced"]
                .sudo()
                ._read_group(
                    [("order_ref", "in", list(orders)), ("is_alone", "=", True)], ["move_line_id"]
                )
            )
            owed |= AccountMoveLine.search(
                [*on_account, ("id", "in", [item.id for (item,) in others])]
            )
        if owed - mine and self._may_differ(mine | owed):
            matched = mine | owed
            if len(matched) > _MANY:
                # A note in the chatter of each would take as long as all else.
                matched = matched.with_context(mail_notrack=True)
            matched.reconcile()
            matched.env.flush_all()

    def _may_differ(self, items):
        """Tell whether Odoo can book what rates make of it, as it refuses otherwise."""
        company = items[:1].company_id
        is_own = items.currency_id == company.currency_id
        return is_own or bool(company.currency_exchange_journal_id)
