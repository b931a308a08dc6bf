from markupsafe import Markup

from odoo import api, models


class SpAudited(models.AbstractModel):
    """Records that a company's books follow: who changed them, from what to what, is kept.

    It stands in the chatter of the company, where it outlives the record.
    """

    _name = "sp.audited"
    _description = "Amazon Records Whose Changes Are Kept"
    #: Fields whose changes are kept.
    _audited = ()

    @api.model_create_multi
    def create(self, vals_list):
        """Keep what they say from the beginning."""
        records = super().create(vals_list)
        records._keep_changes({})
        return records

    def write(self, vals):
        """Keep what changes, from what to what."""
        before = self._audited_values() if vals.keys() & set(self._audited) else None
        result = super().write(vals)
        if before is not None:
            self._keep_changes(before)
        return result

    def unlink(self):
        """Keep what is gone."""
        texts = {}
        for record in self:
            text = self.env._("%(name)s: deleted", name=record._audited_name())
            texts.setdefault(record.company_id, []).append(text)
        result = super().unlink()
        self._note_on_companies(texts)
        return result

    def _audited_name(self):
        self.ensure_one()
        return f"{self.env['ir.model']._get(self._name).name} «{self.display_name}»"

    def _audited_values(self):
        """Return {id: {field: what people read}}."""
        return {
            record.id: {
                name: str(self._fields[name].convert_to_export(record[name], record) or "")
                for name in self._audited
            }
            for record in self.sudo()
            if record.company_id
        }

    def _keep_changes(self, before):
        texts = {}
        for key, values in self._audited_values().items():
            record, earlier = self.browse(key), before.get(key, {})
            changes = [
                f"{self._fields[name].get_description(self.env, ['string'])['string']}: "
                f"{earlier.get(name) or '–'} → {value or '–'}"
                for name, value in values.items()
                if value != earlier.get(name, "")
            ]
            if changes:
                text = f"{record._audited_name()}: {'; '.join(changes)}"
                texts.setdefault(record.sudo().company_id, []).append(text)
        self._note_on_companies(texts)

    @api.model
    def _note_on_companies(self, texts):
        for company, lines in texts.items():
            if company:
                company.sudo()._message_log(body=Markup("<br/>").join(lines))
