"""Secrets of applications and connections, encrypted with a key outside the database."""

import logging
import os
import stat

from odoo import api, fields, models
from odoo.fields import NO_ACCESS
from odoo.tools import config

from ..engine.errors import KeyLost
from ..engine.vault import Vault, make_key

_logger = logging.getLogger(__name__)
_KEY_FILE = "sp_connector.key"


class SpSecret(models.Model):
    """Ciphertexts. No group has access and the values have no access at all: code alone
    reads them, through ``_get``. So no view, export or RPC call can ever hold one."""

    _name = "sp.secret"
    _description = "Amazon Secret"

    res_model = fields.Char(required=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", required=True)
    name = fields.Char(required=True)
    ciphertext = fields.Char(required=True, copy=False, groups=NO_ACCESS)
    expires_at = fields.Datetime()

    _secret_unique = models.Constraint(
        "UNIQUE(res_model, res_id, name)", "This secret is already stored."
    )

    # === THE KEY === #

    @api.model
    def _key_path(self):
        return os.path.join(config["data_dir"], _KEY_FILE)

    @api.model
    def _keys(self, create=False):
        """Return the keys, the current one first.

        They come from ``sp_connector_key`` in odoo.conf, else from ``SP_CONNECTOR_KEY`` in the
        environment (several are separated by commas), else from a file in the data directory
        that only its owner can read.

        :param create: make that file where no key is anywhere
        """
        configured = config.get("sp_connector_key") or os.environ.get("SP_CONNECTOR_KEY")
        if configured:
            return [key.strip() for key in configured.split(",") if key.strip()]
        path = self._key_path()
        if not os.path.exists(path):
            if not create:
                return []
            self._write_key_file([make_key()], exclusive=True)
        if stat.S_IMODE(os.stat(path).st_mode) & 0o077:
            _logger.warning("%s was readable by others; its mode is set to 0600.", path)
            os.chmod(path, 0o600)
        with open(path, encoding="ascii") as lines:
            return [line.strip() for line in lines if line.strip()]

    @api.model
    def _write_key_file(self, keys, exclusive=False):
        """Write the key file whole or not at all; two workers at once write one file."""
        path = self._key_path()
        draft = f"{path}.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write("\n".join(keys) + "\n")
        try:
            if exclusive:
                os.link(draft, path)
            else:
                os.replace(draft, path)
        except FileExistsError:
            _logger.info("Another worker made the key first; its key is used.")
        finally:
            if os.path.exists(draft):
                os.unlink(draft)

    # === SECRETS === #

    @api.model
    def _find(self, record, name):
        return self.sudo().search(
            [("res_model", "=", record._name), ("res_id", "=", record.id), ("name", "=", name)]
        )

    @api.model
    def _get(self, record, name):
        """Return a secret of a record, ``""`` where none is stored.

        :raises KeyLost: it is stored, but its key is not here (a restored database)
        """
        found = self._find(record, name)
        return Vault(self._keys()).decrypt(found.ciphertext) if found else ""

    @api.model
    def _set(self, record, name, secret, expires_at=False):
        """Store a secret of a record; an empty one is erased."""
        found = self._find(record, name)
        if not secret:
            found.unlink()
            return
        vals = {
            "ciphertext": Vault(self._keys(create=True)).encrypt(secret),
            "expires_at": expires_at,
        }
        if found:
            found.write(vals)
        else:
            self.sudo().create(
                {"res_model": record._name, "res_id": record.id, "name": name, **vals}
            )

    @api.model
    def _erase(self, records):
        """Erase every secret of these records."""
        self.sudo().search(
            [("res_model", "=", records._name), ("res_id", "in", records.ids)]
        ).unlink()

    @api.model
    def _rotate_keys(self, forget=False):
        """Encrypt every secret with a new key and return (rotated, lost).

        A key file gets a new first key. Keys that are configured elsewhere are not ours to
        write: there the first one counts, so put the new one first before.

        :param forget: drop the old keys of the key file, if no secret needs them
        """
        is_file = not (config.get("sp_connector_key") or os.environ.get("SP_CONNECTOR_KEY"))
        if is_file:
            self._write_key_file([make_key(), *self._keys()])
        keys = self._keys()
        vault = Vault(keys)
        # All of them, on purpose: a few per connection.
        secrets = self.sudo().search([])  # pylint: disable=no-search-all
        lost = 0
        for secret in secrets:
            try:
                secret.ciphertext = vault.rotate(secret.ciphertext)
            except KeyLost:
                lost += 1
        if is_file and forget and not lost:
            self.env.cr.postcommit.add(lambda: self._write_key_file(keys[:1]))
        return len(secrets) - lost, lost
