from odoo import models

from odoo.addons.base.models.ir_qweb_fields import nl2br


class SpAlarmMixin(models.AbstractModel):
    """Records that raise alarms: an activity for whoever is responsible, and never for nobody."""

    _name = "sp.alarm.mixin"
    _inherit = ["mail.activity.mixin"]
    _description = "Amazon Alarms of a Record"

    def _raise_alarm(self, kind, companies, user, summary, text="", **vals):
        """Raise one alarm of a kind, in the place of an earlier one.

        :param kind: XML id of the activity type
        :param companies: whose managers are told where nobody is responsible
        :param user: the responsible user; nobody, or somebody who left, will do
        :param text: plain text: what Amazon or a file wrote never becomes HTML
        """
        self.ensure_one()
        self.activity_unlink([kind])
        for receiver in self._alarm_receivers(companies, user):
            self.activity_schedule(
                kind,
                summary=summary,
                note=text and nl2br(text),
                user_id=receiver.id,
                **vals,
            )

    def _alarm_receivers(self, companies, user):
        """Return the responsible user, else the managers of the companies, else the administrators.

        The scheduler's own user is inactive: what is told to it is told to nobody. The same holds
        of one who left the companies, or may not read what it is about.
        """
        if user.active and user.company_ids & companies:
            mine = self.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
            if not mine or mine.has_access("read"):
                return user
        users = self.env["res.users"].sudo()
        mine = [("company_ids", "in", companies.ids), ("share", "=", False)]
        for group in ("sp_connector.sp_connector_group_manager", "base.group_system"):
            found = users.search([*mine, ("all_group_ids", "in", self.env.ref(group).ids)])
            if found:
                return found
        return users.search([("all_group_ids", "in", self.env.ref("base.group_system").ids)])
