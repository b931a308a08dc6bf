from odoo import api, fields, models
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition
from odoo.tools import SQL

#: What a row shares with all rows of its line: field of a row → field of the line.
OF_LINE = {
    name: name
    for name in (
        "settlement_id",
        "company_id",
        "currency_id",
        "month",
        "transaction_type",
        "amount_type",
        "amount_description",
        "marketplace_name",
        "fulfillment",
        "category",
        "move_line_id",
    )
} | {"line_id": "id"}
#: What lines have summed: aggregate of rows → aggregate of lines.
SUMS = {"__count": "row_count:sum", "amount:sum": "amount:sum"} | {
    name: name for name in ("currency_id:array_agg_distinct", "amount:sum_currency")
}


def _order_index(registry):
    """Return how rows are found by order id: a few megabytes for ten million of them.

    A B-tree has half a gigabyte, and each import would have to turn all of it over. Rows of an
    order stand near each other, so it is enough to know in which pieces of the table they are.
    """
    with registry.cursor() as cr:
        if cr._cnx.server_version < 140000:  # PostgreSQL 13 has no such index
            return "(order_ref) WHERE order_ref IS NOT NULL"
    return "USING brin (order_ref text_bloom_ops) WITH (pages_per_range = 64, autosummarize = on)"


class UncheckedMany2one(fields.Many2one):
    """A reference that PostgreSQL does not check: no foreign key.

    Two checks for each of a million rows take five times as long as loading them. What a foreign
    key would do is done elsewhere: ``_copy_rows`` is the only writer and has just made what it
    refers to, and who deletes a settlement or a line deletes its rows.
    """

    def update_db_foreign_key(self, model, column):
        """Add none."""


class SpSettlementRow(models.Model):
    """One amount of Amazon's file: a fact, loaded with COPY and never changed.

    There may be millions: no log columns and no foreign keys, an index only for each of the three
    ways people look for rows, and what all rows of a line share is kept by the line alone.
    """

    _name = "sp.settlement.row"
    _inherit = ["sp.exported"]
    _description = "Amazon Settlement Row"
    # By the id of the settlement, not by its dates: an index has it.
    _order = "settlement_id.id desc, line_number, part"
    _log_access = False

    settlement_id = UncheckedMany2one("sp.settlement", required=True, readonly=True)
    line_id = UncheckedMany2one(
        "sp.settlement.line", "Summary Line", required=True, readonly=True, index=True
    )
    company_id = fields.Many2one(related="settlement_id.company_id")
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    category = fields.Selection(related="line_id.category")
    move_line_id = fields.Many2one(related="line_id.move_line_id", string="Journal Item")
    month = fields.Date(related="line_id.month")
    transaction_type = fields.Char(related="line_id.transaction_type")
    amount_type = fields.Char(related="line_id.amount_type")
    amount_description = fields.Char(related="line_id.amount_description")
    marketplace_name = fields.Char("Marketplace", related="line_id.marketplace_name")
    fulfillment = fields.Char("Fulfilment", related="line_id.fulfillment")
    invoiced_item_id = fields.Many2one(
        "account.move.line",
        "Owed on Invoices",
        compute="_compute_invoiced_item_id",
        search="_search_invoiced_item_id",
        compute_sudo=True,
        help="The journal item by which it pays an invoice, instead of its line's.",
    )
    free_text = fields.Char(
        "Words With Free Text",
        readonly=True,
        help="As the file has them, where the line puts * for a text that differs by row.",
    )
    line_number = fields.Integer("Line of the File", readonly=True)
    part = fields.Integer(readonly=True, help="Counts the amounts of one line of a V1 file.")
    amount = fields.Monetary(readonly=True)
    posted_at = fields.Datetime("Posted", readonly=True)
    order_ref = fields.Char("Order ID", readonly=True)
    merchant_order_ref = fields.Char("Merchant Order ID", readonly=True)
    adjustment_ref = fields.Char("Adjustment ID", readonly=True)
    shipment_ref = fields.Char("Shipment ID", readonly=True)
    order_item_ref = fields.Char("Order Item Code", readonly=True)
    merchant_order_item_ref = fields.Char("Merchant Order Item ID", readonly=True)
    merchant_adjustment_item_ref = fields.Char("Merchant Adjustment Item ID", readonly=True)
    sku = fields.Char("SKU", readonly=True)
    quantity = fields.Integer(readonly=True, aggregator=None)
    promotion_ref = fields.Char("Promotion ID", readonly=True)

    _of_settlement_idx = models.Index("(settlement_id DESC, line_number)")
    _order_idx = models.Index(_order_index)

    @api.depends("settlement_id.settlement_ref", "line_number")
    def _compute_display_name(self):
        for row in self:
            row.display_name = self.env._(
                "%(settlement)s, line %(number)s",
                settlement=row.settlement_id.settlement_ref,
                number=row.line_number,
            )

    @api.depends("line_id", "order_ref")
    def _compute_invoiced_item_id(self):
        groups = self.env["sp.invoiced"]._read_group(
            [("line_id", "in", self.line_id.ids), ("order_ref", "in", self.mapped("order_ref"))],
            ["line_id", "order_ref", "move_line_id"],
        )
        found = {(line, order): item for line, order, item in groups}
        for row in self:
            row.invoiced_item_id = found.get((row.line_id, row.order_ref))

    @api.model
    def _search_invoiced_item_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        ids = [key for key in value if key]

        def to_sql(_model, alias, _query):
            same = SQL(
                "invoiced.line_id = %s AND invoiced.order_ref = %s",
                SQL.identifier(alias, "line_id"),
                SQL.identifier(alias, "order_ref"),
            )
            exists = SQL("SELECT 1 FROM sp_invoiced invoiced WHERE %s", same)
            here = SQL("EXISTS (%s AND invoiced.move_line_id = ANY(%s))", exists, ids)
            # Empty is among the values.
            return here if len(ids) == len(value) else SQL("(NOT EXISTS (%s) OR %s)", exists, here)

        return Domain.custom(to_sql=to_sql)

    @api.model
    def _delete_of(self, name, record_ids):
        """Delete the rows of settlements or lines: what a foreign key would do (SQL: millions).

        :param name: ``settlement_id`` or ``line_id``
        """
        self.env.cr.execute(
            SQL(
                "DELETE FROM sp_settlement_row WHERE %s = ANY(%s)",
                SQL.identifier(name),
                list(record_ids),
            )
        )
        self.invalidate_model()

    # === WHAT LINES KNOW === #

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        domain = self._through_lines(Domain(domain))
        return super()._search(domain, offset, limit, order, **kwargs)

    @api.model
    def _through_lines(self, domain):
        """Let the lines of a settlement say which of them a domain means: dozens, no million.

        PostgreSQL cannot know that a row's line is one of its settlement's.
        """
        parts = list(domain.children) if isinstance(domain, DomainAnd) else [domain]
        of_lines = [part for part in parts if _is_of_line(part)]
        if len(of_lines) < 2 or not any(map(_is_settlement, of_lines)):
            return domain
        # With all rights: which rows may be read is asked of the rows.
        lines = self.env["sp.settlement.line"].sudo().search(_for_lines(Domain.AND(of_lines)))
        others = [part for part in parts if part not in of_lines or _is_settlement(part)]
        return Domain.AND([Domain("line_id", "in", lines.ids), *others])

    @api.model
    def _read_group(
        self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None
    ):
        """Group rows; what lines have summed already is taken from them."""
        domain = Domain(domain)
        is_known = (
            not having
            and _is_of_line(domain)
            and all(OF_LINE.get(spec.partition(":")[0]) not in (None, "id") for spec in groupby)
            and all(spec in SUMS for spec in aggregates)
        )
        if not is_known:
            return super()._read_group(domain, groupby, aggregates, having, offset, limit, order)
        for spec, sums in SUMS.items():
            order = order and order.replace(spec, sums)
        groups = self.env["sp.settlement.line"]._read_group(
            _for_lines(domain),
            groupby,
            [SUMS[spec] for spec in aggregates],
            (),
            offset,
            limit,
            order,
        )
        if "__count" in aggregates:  # no line: no row
            place = len(groupby) + list(aggregates).index("__count")
            groups = [(*group[:place], group[place] or 0, *group[place + 1 :]) for group in groups]
        return groups


def _is_of_line(domain):
    """Tell whether lines can answer a domain of rows."""
    return all(
        condition.field_expr.partition(".")[0] in OF_LINE for condition in domain.iter_conditions()
    )


def _is_settlement(domain):
    """Tell whether a domain is the condition that names the settlement."""
    return (
        isinstance(domain, DomainCondition)
        and domain.field_expr == "settlement_id"
        and domain.operator in ("=", "in")
    )


def _for_lines(domain):
    """Return the domain of lines that a domain of rows means; see ``_is_of_line``."""

    def convert(condition):
        name, dot, rest = condition.field_expr.partition(".")
        name = rest if name == "line_id" and dot else OF_LINE[name] + dot + rest
        return Domain(name, condition.operator, condition.value)

    return domain.map_conditions(convert)
