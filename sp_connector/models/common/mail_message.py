from odoo import api, models


class MailMessage(models.Model):
    """What chatters of Amazon's records say by themselves is kept in the audit trail, too."""

    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        told = [str(vals.get("model") or "").startswith("sp.") for vals in vals_list]
        if any(told):
            self.env["sp.audit"]._keep_messages(messages)
        return messages
