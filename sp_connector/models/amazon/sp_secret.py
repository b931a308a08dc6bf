"""Secrets of applications and connections, encrypted with a key outside the database."""

import contextlib
import logging
import os
import stat

import psycopg2

from odoo import api, fields, models
from odoo.fields import NO_ACCESS
from odoo.sql_db import close_db, db_connect
from odoo.tools import config

from ...engine.errors import KeyLost
from ...engine.vault import Vault, make_key

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

        :param forget: drop the old keys of the key file that no secret needs, neither here nor in
            another database of the same data directory; a dated copy of the file is kept
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
            needed = keys[:1] + self._keys_of_others(keys[1:])
            self.env.cr.postcommit.add(lambda: self._forget_keys(needed))
        return len(secrets) - lost, lost

    @api.model
    def _forget_keys(self, keys):
        """Leave only these keys in the key file; what it was stands in a dated copy."""
        path = self._key_path()
        copy = f"{path}.{fields.Datetime.now():%Y-%m-%d-%H%M%S}"
        os.link(path, copy)  # the file is replaced as a whole, never written into
        self._write_key_file(keys)
        _logger.warning("The keys of before are kept in %s: delete it in due course.", copy)

    @api.model
    def _keys_of_others(self, keys):
        """Return those of some keys that other databases of this data directory need.

        One key file serves them all. Where one cannot be asked, every key is needed.
        """
        needed = set()
        for database in self._other_databases():
            try:
                ciphertexts = self._ciphertexts_of(database)
            except psycopg2.Error as error:
                if database not in self._other_databases():
                    continue  # dropped meanwhile
                _logger.warning("%s cannot be asked, so no key is dropped: %s", database, error)
                return keys
            needed.update(
                key for key in keys if any(Vault([key]).can_decrypt(text) for text in ciphertexts)
            )
        return [key for key in keys if key in needed]

    @api.model
    def _other_databases(self):
        """Return the names of the other databases of this user.

        Not by odoo.service.db.list_dbs: it names only the database of the command line.
        """
        self.env.cr.execute(
            "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate"
            " AND datname != current_database()"
            " AND datdba = (SELECT usesysid FROM pg_user WHERE usename = current_user)"
        )
        return [database for (database,) in self.env.cr.fetchall()]

    @api.model
    def _ciphertexts_of(self, database):
        """Return what another database has encrypted; by SQL, as its registry is not loaded."""
        try:
            with contextlib.closing(db_connect(database).cursor()) as cr:
                cr.execute("SELECT to_regclass('sp_secret')")
                if not cr.fetchone()[0]:
                    return []
                cr.execute("SELECT ciphertext FROM sp_secret")
                return [ciphertext for (ciphertext,) in cr.fetchall()]
        finally:
            close_db(database)  # an open connection would keep it from being copied or dropped
