"""Invoices of orders that the sale order names, not the invoice."""

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.sp_connector.models.invoiced.sp_invoiced_finder import ORDER

#: Where a sale order may have Amazon's id, that of Odoo Enterprise's connector among them.
_NAMES = ("client_order_ref", "amazon_order_ref", "origin", "name")


class SpInvoicedFinder(models.AbstractModel):
    _inherit = "sp.invoiced.finder"

    @api.model
    def _named(self, domain, orders=None):
        """Add the invoices of the sale orders that name an order of Amazon."""
        found = super()._named(domain, orders)
        query = self.env["account.move"].sudo()._search(domain)
        through = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT item.move_id, found.word[1]
                  FROM %(sales)s
                  JOIN sale_order_line line ON line.order_id = sale.id
                  JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = line.id
                  JOIN account_move_line item ON item.id = rel.invoice_line_id
                 WHERE item.move_id IN %(moves)s AND %(known)s
                """,
                sales=self._sales(),
                moves=query.subselect(),
                known=self._is_known(orders),
            )
        )
        return list(dict.fromkeys([*found, *through]))

    @api.model
    def _sales(self):
        """Return the sale orders with each id of Amazon that they name, for a query."""
        fields = self.env["sale.order"]._fields
        chosen = self.env["res.company"].sudo().search([("sp_order_field", "!=", False)])
        names = dict.fromkeys([*_NAMES, *chosen.mapped("sp_order_field")])
        columns = [
            SQL.identifier("sale", name)
            if name in _NAMES
            else SQL(
                "CASE WHEN sale.company_id = ANY(%s) THEN %s END",
                chosen.filtered(lambda one, name=name: one.sp_order_field == name).ids,
                SQL.identifier("sale", name),
            )
            for name in names
            if name in fields and fields[name].store
        ]
        return SQL(
            "sale_order sale CROSS JOIN LATERAL"
            " regexp_matches(concat_ws(' ', %s), %s, 'g') AS found(word)",
            SQL(", ").join(columns),
            ORDER,
        )

    @api.model
    def _sale_orders(self, company, orders):
        """Return {order id of Amazon: a sale order of the company that names it}."""
        found = self.env.execute_query(
            SQL(
                """
                SELECT found.word[1], MIN(sale.id) FROM %s
                 WHERE sale.company_id = ANY(%s) AND found.word[1] = ANY(%s) GROUP BY 1
                """,
                self._sales(),
                self.env["res.company"].sudo().search([("id", "child_of", company.root_id.id)]).ids,
                list(orders),
            )
        )
        return dict(found)

    @api.model
    def _products(self, company, skus):
        """Return {folded internal reference: product} of those among these SKUs."""
        products = self.env["product.product"].sudo().with_context(active_test=False)
        found = products.search_fetch(
            [
                ("default_code", "in", [*skus, *map(str.upper, skus), *map(str.lower, skus)]),
                ("company_id", "in", (False, *company.root_id.ids, company.id)),
            ],
            ["default_code"],
        )
        return {product.default_code.casefold(): product for product in found}
