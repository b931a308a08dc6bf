from odoo import api, fields, models


class SpSettlementRow(models.Model):
    _inherit = "sp.settlement.row"

    sale_order_id = fields.Many2one(
        "sale.order",
        compute="_compute_sale_order_id",
        compute_sudo=True,
        help="The first sale order of the company that names the row's order.",
    )
    product_id = fields.Many2one(
        "product.product",
        compute="_compute_product_id",
        compute_sudo=True,
        help="Its internal reference is the row's SKU.",
    )

    @api.depends("order_ref", "settlement_id")
    def _compute_sale_order_id(self):
        finder = self.env["sp.invoiced.finder"]
        for company, rows in self.grouped("company_id").items():
            found = finder._sale_orders(company, set(rows.mapped("order_ref")) - {False})
            for row in rows:
                row.sale_order_id = found.get(row.order_ref)

    @api.depends("sku", "settlement_id")
    def _compute_product_id(self):
        finder = self.env["sp.invoiced.finder"]
        for company, rows in self.grouped("company_id").items():
            found = finder._products(company, set(rows.mapped("sku")) - {False})
            for row in rows:
                row.product_id = found.get((row.sku or "").casefold())
