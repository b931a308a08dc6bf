from odoo import models


class SpChatterMixin(models.AbstractModel):
    """Records that people only read, and plan activities of colleagues for."""

    _name = "sp.chatter.mixin"
    _description = "Amazon Records with a Chatter for Readers"

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Let who may read a record have colleagues follow it, as an activity for them does.

        Odoo asks for the right to write it, which nobody has. Strangers are not subscribed so.
        """
        partners = self.env["res.partner"].sudo().browse(partner_ids or [])
        colleagues = partners.user_ids.filtered(lambda user: user._is_internal()).partner_id
        if partners and partners == colleagues:
            self.check_access("read")
            return super(SpChatterMixin, self.sudo()).message_subscribe(partner_ids, subtype_ids)
        return super().message_subscribe(partner_ids, subtype_ids)
