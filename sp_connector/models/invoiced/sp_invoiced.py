import io

from odoo import api, fields, models

_COLUMNS = (
    "settlement_id",
    "line_id",
    "order_ref",
    "amount",
    "move_id",
    "move_line_id",
    "is_refund",
    "is_alone",
)


class SpInvoiced(models.Model):
    """What an invoice has booked of a line: the rows of an order, which are owed on that invoice.

    Written once, with the entry, and removed when the booking is undone. An order has one for each
    of its lines: tens of thousands in a settlement, so they are loaded as rows are.
    """

    _name = "sp.invoiced"
    _inherit = ["sp.exported"]
    _description = "Amazon Order That Is Invoiced"
    _order = "settlement_id desc, order_ref, id"
    _rec_name = "order_ref"
    _log_access = False

    settlement_id = fields.Many2one(
        "sp.settlement", required=True, readonly=True, ondelete="cascade", index=True
    )
    line_id = fields.Many2one(
        "sp.settlement.line", "Summary Line", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="settlement_id.company_id")
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    category = fields.Selection(related="line_id.category")
    order_ref = fields.Char("Order ID", required=True, readonly=True)
    amount = fields.Monetary("Settled by Amazon", readonly=True)
    move_id = fields.Many2one(
        "account.move",
        "Invoice",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The first of several that name the order.",
    )
    partner_id = fields.Many2one(related="move_id.commercial_partner_id", string="Customer")
    payment_state = fields.Selection(related="move_id.payment_state")
    amount_invoice = fields.Monetary(
        "Total of the Invoice", related="move_id.amount_total", currency_field="invoice_currency_id"
    )
    invoice_currency_id = fields.Many2one(
        related="move_id.currency_id", string="Currency of the Invoice"
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        "Journal Item",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    is_refund = fields.Boolean("Credit Note", readonly=True)
    is_alone = fields.Boolean(
        "Differs",
        readonly=True,
        help="Amazon's amount is not that of the invoices: it has a journal item of its own.",
    )

    _line_order_idx = models.Index("(line_id, order_ref)")
    _order_idx = models.Index("(order_ref)")

    @api.model
    def _record(self, settlement, pieces, items):
        """Keep what of a part goes where, and tell each line how much of it.

        :param pieces: the engine's ``Piece`` s of all parts
        :param items: {planned item: journal item} of what is owed on invoices in this part
        """
        found = {
            (key, planned.target): item
            for planned, item in items.items()
            for key in planned.line_keys
        }
        here = [piece for piece in pieces if (piece.line_key, piece.target) in found]
        lines = self.env["sp.settlement.line"].sudo().browse({piece.line_key for piece in here})
        self._forget(lines)
        self._copy(settlement, here, found)
        sums, first = {}, {}
        for piece in here:
            sums[piece.line_key] = sums.get(piece.line_key, 0) + piece.amount
            first.setdefault(piece.line_key, found[piece.line_key, piece.target])
        for line in lines:
            line.invoiced_amount = float(sums[line.id])
            # A line that is invoiced as a whole has no other item.
            if not line.move_line_id and line.currency_id.is_zero(
                line.amount - line.invoiced_amount
            ):
                line.move_line_id = first[line.id]

    def _copy(self, settlement, pieces, found):
        """Load them with COPY: the ORM would take a minute for what takes a second (SQL)."""
        self.env.flush_all()
        rows = (
            (
                settlement.id,
                piece.line_key,
                piece.order,
                piece.amount,
                piece.invoice,
                found[piece.line_key, piece.target].id,
                piece.target.is_refund,
                bool(piece.target.group),
            )
            for piece in pieces
        )
        text = "\n".join("\t".join(map(str, row)) for row in rows)
        columns = ", ".join(_COLUMNS)
        self.env.cr.copy_expert(
            f"COPY sp_invoiced ({columns}) FROM STDIN",  # pylint: disable=sql-injection
            io.StringIO(text),
        )
        self.env.invalidate_all(flush=False)

    @api.model
    def _forget(self, lines):
        """Forget what of these lines is invoiced."""
        self.sudo().search([("line_id", "in", lines.ids)]).unlink()
        lines.filtered("invoiced_amount").invoiced_amount = 0.0

    @api.model
    def _items(self, settlements):
        """Return {journal item: what of Amazon's rows it holds}."""
        return dict(
            self.sudo()._read_group(
                [("settlement_id", "in", settlements.ids), ("move_line_id", "!=", False)],
                ["move_line_id"],
                ["amount:sum"],
            )
        )

    def action_view_invoices(self):
        """Open the invoices."""
        return self.move_id._get_records_action(name=self.env._("Invoices"))
