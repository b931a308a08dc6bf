from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext


class SpAudit(models.Model):
    """Who did or changed what, when, from what to what: written once, and never again.

    What stands here is told by ``sp.audited`` and by the chatters of this addon's records, and
    outlives both: a chatter goes with its record, and its authors may write their own messages.
    The texts are in the language of who did it.
    """

    _name = "sp.audit"
    _description = "Amazon Audit Trail"
    _inherit = ["sp.exported"]
    _order = "date desc, id desc"

    date = fields.Datetime(
        "When", required=True, readonly=True, default=fields.Datetime.now, index=True
    )
    user_id = fields.Many2one(
        "res.users",
        "Who",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.uid,
        help="OdooBot is the server by itself.",
    )
    company_id = fields.Many2one(
        "res.company", readonly=True, index=True, ondelete="restrict", help="Empty: of all."
    )
    kind = fields.Selection(
        [("new", "Created"), ("changed", "Changed"), ("gone", "Deleted"), ("done", "Done")],
        "What Happened",
        required=True,
        readonly=True,
    )
    res_model = fields.Char("Model", readonly=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", readonly=True, index=True)
    name = fields.Char("Of What", readonly=True, help="As it was called then.")
    field_label = fields.Char("Field", readonly=True)
    before = fields.Text("From What", readonly=True)
    after = fields.Text("To What", readonly=True)
    note = fields.Text("What Was Said", readonly=True)

    def write(self, vals):
        """Refuse, whoever asks: what happened has happened."""
        self._refuse()
        return super().write(vals)

    def unlink(self):
        """Refuse, whoever asks."""
        self._refuse()
        return super().unlink()

    def _refuse(self):
        raise UserError(self.env._("The audit trail is written once: nobody changes it."))

    def action_view(self):
        """Open the record that this is about, where it still is."""
        self.ensure_one()
        record = self.env[self.res_model].browse(self.res_id).exists()
        if not record:
            raise UserError(self.env._("%(name)s is gone.", name=self.name))
        return record._get_records_action()

    # === WHAT IS KEPT === #

    @api.model
    def _keep(self, record, kind, **vals):
        """Keep what happened to a record: a line for each company that it belongs to.

        :param record: any record; one without a company is everybody's
        """
        record.ensure_one()
        common = {
            "kind": kind,
            "res_model": record._name,
            "res_id": record.id,
            "name": self._name_of(record),
            **vals,
        }
        companies = self._companies_of(record) or [self.env["res.company"]]
        return self.sudo().create([{**common, "company_id": one.id} for one in companies])

    def _name_of(self, record):
        model = self.env["ir.model"]._get(record._name).name
        return f"{model} «{record.sudo().display_name}»"

    def _companies_of(self, record):
        record = record.sudo()
        if record._name == "res.company":
            return record
        for name in ("company_id", "company_ids"):
            if name in record._fields:
                return record[name]
        return self.env["res.company"]

    @api.model
    def _keep_messages(self, messages):
        """Keep what the chatters of this addon's records say by themselves, not what people say."""
        for message in messages.sudo():
            if message.message_type != "notification" or not message.body:
                continue
            if not (message.model or "").startswith("sp.") or not message.res_id:
                continue
            record = self.env[message.model].browse(message.res_id)
            # That it is new is kept by what it is new with.
            said = html2plaintext(message.body).strip()
            if getattr(record, "_audited_new", False) and said == record._creation_message():
                continue
            self._keep(record, "done", note=said)
