from odoo import api, models
from odoo.tools import format_date


class SpAudited(models.AbstractModel):
    """Records that a company's books follow: who changed them, from what to what, is kept.

    It stands in ``sp.audit``, where it outlives the record. Nothing that a caller says (a context
    without tracking) leaves it out, and no way of writing but SQL.
    """

    _name = "sp.audited"
    _description = "Amazon Records Whose Changes Are Kept"
    #: Fields whose changes are kept; if none are named, those that the chatter tracks.
    _audited = ()
    #: Keep with what it began, also of what programs make by the thousand?
    _audited_new = True

    @api.model_create_multi
    def create(self, vals_list):
        """Keep what they say from the beginning."""
        records = super().create(vals_list)
        for record in records.sudo() if self._audited_new else ():
            if record._is_audited():
                said = record._audited_sentence(record._audited_texts())
                self.env["sp.audit"]._keep(record.sudo(False), "new", after=said)
        return records

    def write(self, vals):
        """Keep what changes, from what to what."""
        names = vals.keys() & set(self._audited_names())
        before = {record.id: record._audited_texts(names) for record in self.sudo() if names}
        result = super().write(vals)
        self._keep_changes(before)
        return result

    def unlink(self):
        """Keep what is gone, with what it was."""
        for record in self.sudo():
            if record._is_audited():
                said = record._audited_sentence(record._audited_texts())
                self.env["sp.audit"]._keep(record.sudo(False), "gone", before=said)
        return super().unlink()

    def _compute_field_value(self, field):
        """Keep what follows from the ledger and the like: once, as it is in the end."""
        computed = {one.name for one in self.pool.field_computed[field] if one.store}
        if names := computed & set(self._audited_names()):
            precommit = self.env.cr.precommit
            key = f"sp.audited.{self._name}"
            if key not in precommit.data:
                precommit.data[key] = {}
                precommit.add(self.browse()._keep_computed)
            for record in self.sudo():
                if isinstance(record.id, int):
                    texts = precommit.data[key].setdefault(record.id, {})
                    for name in names - texts.keys():
                        texts.update(record._audited_texts([name]))
        return super()._compute_field_value(field)

    def _keep_computed(self):
        before = self.env.cr.precommit.data.pop(f"sp.audited.{self._name}", {})
        there = self.sudo().browse(before).exists()
        self._keep_changes({record.id: before[record.id] for record in there})

    # === WHAT IS KEPT === #

    def _audited_names(self):
        return self._audited or [
            name for name, field in self._fields.items() if getattr(field, "tracking", None)
        ]

    def _is_audited(self):
        """Tell whether a record is kept at all; what an update of the addon brings is not."""
        return True

    def _audited_texts(self, names=None):
        """Return {field: what people read} of a record."""
        self.ensure_one()
        return {
            name: self._audited_text(name)
            for name in (self._audited_names() if names is None else names)
        }

    def _audited_text(self, name):
        # An account has its code in its company alone.
        company = self.env["sp.audit"]._companies_of(self)[:1]
        record = self.with_company(company) if company else self
        field, value = self._fields[name], record[name]
        if field.type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        if field.type == "date":
            return format_date(self.env, value) if value else ""
        if field.type == "json":
            return self.env["sp.settlement.preview"]._name_analytic(value)
        text = field.convert_to_export(value, record)
        return "" if text is False or text is None else str(text)

    def _audited_label(self, name):
        return self._fields[name].get_description(self.env, ["string"])["string"]

    def _audited_sentence(self, texts):
        return "; ".join(
            f"{self._audited_label(name)}: {text}" for name, text in texts.items() if text
        )

    def _keep_changes(self, before):
        """Keep what differs from before.

        :param before: {id: {field: what people read}}
        """
        for key, earlier in before.items():
            record = self.sudo().browse(key)
            if not record._is_audited():
                continue
            for name, text in record._audited_texts(earlier).items():
                if text != earlier[name]:
                    self.env["sp.audit"]._keep(
                        record.sudo(False),
                        "changed",
                        field_label=record._audited_label(name),
                        before=earlier[name],
                        after=text,
                    )
