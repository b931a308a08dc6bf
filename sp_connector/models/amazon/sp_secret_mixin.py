import logging

from odoo import api, models


class _HideTyped(logging.Filter):
    """At debug level Odoo logs the arguments of every call; ours may hold a typed secret."""

    def filter(self, record):
        if isinstance(record.args, tuple) and record.args:
            if getattr(record.args[0], "_secret_fields", ()):
                record.args = tuple(str(arg) for arg in record.args[:2]) + ("…",)
        return True


logging.getLogger("odoo.service.model").addFilter(_HideTyped())


class SpSecretMixin(models.AbstractModel):
    """Fields to type a secret into: what is typed is encrypted at once and never comes back.

    The value is taken out of ``create`` and ``write`` before the ORM sees it: even its cache,
    from which the web client reads back what it saved, must not hold it.
    """

    _name = "sp.secret.mixin"
    _description = "Amazon Secrets of a Record"
    #: Names of write-only fields (computed by ``_compute_blank``, not stored).
    _secret_fields = ()

    def _compute_blank(self):
        for name in self._secret_fields:
            self[name] = False

    @api.model_create_multi
    def create(self, vals_list):
        typed = [self._take_secrets(vals) for vals in vals_list]
        clean = [
            {name: value for name, value in vals.items() if name not in self._secret_fields}
            for vals in vals_list
        ]
        records = super().create(clean)
        for record, secrets in zip(records, typed, strict=True):
            record._store_secrets(secrets)
        return records

    def write(self, vals):
        secrets = self._take_secrets(vals)
        result = super().write(
            {name: value for name, value in vals.items() if name not in self._secret_fields}
        )
        for record in self:
            record._store_secrets(secrets)
        return result

    def unlink(self):
        self.env["sp.secret"]._erase(self)
        return super().unlink()

    def _take_secrets(self, vals):
        return {name: vals[name].strip() for name in self._secret_fields if vals.get(name)}

    def _store_secrets(self, secrets):
        """Encrypt what was typed; only who may write the record gets here."""
        for name, secret in secrets.items():
            self.env["sp.secret"]._set(self, name, secret)
