from odoo import models


class ResCurrency(models.Model):
    _inherit = "res.currency"

    def write(self, vals):
        """Look again at settlements in a currency that was activated or archived, by whomever."""
        result = super().write(vals)
        if "active" in vals:
            self.env["sp.settlement.check"]._recheck_where([("currency_id", "in", self.ids)])
        return result
