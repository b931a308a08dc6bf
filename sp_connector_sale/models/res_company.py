from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    sp_order_field = fields.Char(
        "Field With Amazon's Order ID",
        help="Of sale orders, beside their customer reference, number and source document.",
    )

    @api.constrains("sp_order_field")
    def _check_sp_order_field(self):
        names = dict(self.env["sp.order.report"]._selection_order_field())
        for company in self:
            if company.sp_order_field and company.sp_order_field not in names:
                raise ValidationError(
                    self.env._(
                        "Sale orders have no text field «%(name)s».", name=company.sp_order_field
                    )
                )
