"""The key of the secrets: made at first use, outside the database, rotated by a command."""

import os
import stat
import subprocess
import sys
import tempfile
from unittest.mock import patch

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.tests import TransactionCase, get_db_name, tagged
from odoo.tools import config, mute_logger

from ...engine.errors import KeyLost
from ...engine.vault import Vault, make_key
from ..connect_common import AmazonMixin

#: Records of no real model's: what the tests store belongs to nobody.
NOBODY = 2_000_000_000


class KeyCase(AmazonMixin, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_key()

    def setUp(self):
        super().setUp()
        self.secrets = self.env["sp.secret"]
        self.path = self.secrets._key_path()
        self.addCleanup(self.empty_folder)
        self.empty_folder()
        self.record = self.env["sp.connection"].browse(NOBODY)

    def empty_folder(self):
        for name in os.listdir(self.key_folder):
            os.unlink(os.path.join(self.key_folder, name))

    def mode(self):
        return stat.S_IMODE(os.stat(self.path).st_mode)

    def file_keys(self):
        with open(self.path, encoding="ascii") as lines:
            return lines.read().split()

    def configure(self, value):
        """As if odoo.conf said ``sp_connector_key = …``."""
        self.startPatcher(patch.dict(config._runtime_options, {"sp_connector_key": value}))

    def environ(self, value):
        self.startPatcher(patch.dict(os.environ, {"SP_CONNECTOR_KEY": value}))


@tagged("post_install", "-at_install")
class TestKey(KeyCase):
    def test_the_key_is_in_odoo_s_data_directory(self):
        original = type(self.secrets)._key_path
        for patcher in self.registry["sp.secret"].__mro__:
            if "_key_path" in vars(patcher) and patcher is not self.registry["sp.secret"]:
                original = vars(patcher)["_key_path"]
        self.assertEqual(
            original(self.secrets), os.path.join(config["data_dir"], "sp_connector.key")
        )

    def test_the_first_secret_makes_a_key_file_that_only_its_owner_reads(self):
        former = os.umask(0)
        self.addCleanup(os.umask, former)
        self.secrets._set(self.record, "refresh_token", "Atzr|1")
        self.assertEqual(self.mode(), 0o600)
        (key,) = self.file_keys()
        found = self.secrets._find(self.record, "refresh_token")
        self.assertEqual(Vault([key]).decrypt(found.ciphertext), "Atzr|1")
        self.assertEqual(os.listdir(self.key_folder), ["sp_connector.key"])

    def test_reading_makes_no_key(self):
        self.assertEqual(self.secrets._keys(), [])
        self.assertEqual(self.secrets._get(self.record, "refresh_token"), "")
        self.assertEqual(os.listdir(self.key_folder), [])

    def test_the_key_is_made_once(self):
        first = self.secrets._keys(create=True)
        self.assertEqual(self.secrets._keys(create=True), first)

    def test_two_workers_at_once_use_one_key(self):
        """The second one finds no file, and then there is one."""
        first = self.secrets._keys(create=True)
        with patch("os.path.exists", side_effect=[False, True]):
            second = self.secrets._keys(create=True)
        self.assertEqual(second, first)
        self.assertEqual(os.listdir(self.key_folder), ["sp_connector.key"])

    def test_odoo_conf_comes_before_the_environment_before_the_file(self):
        (in_file,) = self.secrets._keys(create=True)
        in_environment, in_conf = make_key(), make_key()
        self.assertEqual(self.secrets._keys(), [in_file])
        self.environ(in_environment)
        self.assertEqual(self.secrets._keys(), [in_environment])
        self.configure(in_conf)
        self.assertEqual(self.secrets._keys(), [in_conf])

    def test_a_configured_key_makes_no_file(self):
        for configure in (self.environ, self.configure):
            configure(make_key())
            self.secrets._set(self.record, "refresh_token", "Atzr|1")
            self.assertEqual(self.secrets._get(self.record, "refresh_token"), "Atzr|1")
        self.assertEqual(os.listdir(self.key_folder), [])

    def test_several_configured_keys(self):
        old, new = make_key(), make_key()
        self.environ(old)
        self.secrets._set(self.record, "refresh_token", "Atzr|1")
        self.environ(f" {new} , {old},")
        self.assertEqual(self.secrets._keys(), [new, old])
        self.assertEqual(self.secrets._get(self.record, "refresh_token"), "Atzr|1")

    def test_a_key_file_that_others_can_read_is_repaired_and_told(self):
        self.secrets._keys(create=True)
        for mode in (0o644, 0o640, 0o604, 0o666):
            with self.subTest(oct(mode)):
                os.chmod(self.path, mode)
                with self.assertLogs("odoo.addons.sp_connector", "WARNING") as logged:
                    (key,) = self.secrets._keys()
                self.assertEqual(self.mode(), 0o600)
                self.assertIn(self.path, logged.output[0])
                self.assertNotIn(key, logged.output[0])

    def test_a_key_that_is_none_is_told_and_nothing_is_stored(self):
        for key in ("short", "not base64 at all!", f"{make_key()},x"):
            self.configure(key)
            with self.subTest(key), self.assertRaises(KeyLost) as caught:
                self.secrets._set(self.record, "refresh_token", "Atzr|1")
            self.assertNotIn(key, str(caught.exception))
            self.assertFalse(self.secrets._find(self.record, "refresh_token"))

    def test_an_empty_key_file_is_a_lost_key(self):
        self.secrets._set(self.record, "refresh_token", "Atzr|1")
        with open(self.path, "w", encoding="ascii"):
            pass
        with self.assertRaises(KeyLost):
            self.secrets._get(self.record, "refresh_token")


@tagged("post_install", "-at_install")
class TestOtherDatabases(KeyCase):
    def test_another_database_is_really_asked(self):
        self.assertEqual(self.secrets._ciphertexts_of("postgres"), [])


@tagged("post_install", "-at_install")
class TestRotation(KeyCase):
    def setUp(self):
        super().setUp()
        # Whatever else is on this server.
        self.patch(self.registry["sp.secret"], "_ciphertexts_of", lambda _self, _name: [])
        self.secrets._set(self.record, "refresh_token", "Atzr|1")
        self.secrets._set(self.record, "access_token", "Atza|1")

    def read(self, *keys):
        """Decrypt the stored refresh token with these keys alone."""
        self.secrets.invalidate_model()
        return Vault(keys).decrypt(self.secrets._find(self.record, "refresh_token").ciphertext)

    def others(self):
        """Secrets of this database that these tests did not store: their key is elsewhere."""
        return self.secrets.search_count([("res_id", "!=", NOBODY)])

    def test_a_new_key_comes_first_and_the_old_one_stays(self):
        (old,) = self.file_keys()
        self.assertEqual(self.secrets._rotate_keys(), (2, self.others()))
        new, kept = self.file_keys()
        self.assertEqual(kept, old)
        self.assertEqual(self.read(new), "Atzr|1")
        with self.assertRaises(KeyLost):
            self.read(old)
        self.assertEqual(self.mode(), 0o600)

    def test_old_keys_are_forgotten_after_the_commit_and_not_before(self):
        if self.others():
            self.skipTest("other secrets of this database need other keys")
        self.secrets._rotate_keys(forget=True)
        self.assertEqual(len(self.file_keys()), 2)
        self.cr.postcommit.run()
        (new,) = self.file_keys()
        self.assertEqual(self.read(new), "Atzr|1")

    def test_a_key_that_another_database_needs_is_not_forgotten(self):
        """One key file serves all databases of a data directory."""
        theirs, unused = make_key(), make_key()
        self.secrets._write_key_file([*self.file_keys(), theirs, unused])
        secret = Vault([theirs]).encrypt("Atzr|2")
        self.patch(self.registry["sp.secret"], "_ciphertexts_of", lambda _self, _name: [secret])
        self.secrets._rotate_keys(forget=True)
        self.cr.postcommit.run()
        if not self.others():
            self.assertEqual(self.file_keys()[1:], [theirs])
        self.assertIn(theirs, self.file_keys())

    def test_nothing_is_forgotten_while_another_database_cannot_be_asked(self):
        def refuse(_self, _name):
            raise psycopg2.OperationalError

        self.patch(self.registry["sp.secret"], "_ciphertexts_of", refuse)
        keys = self.file_keys()
        with mute_logger("odoo.addons.sp_connector.models.amazon.sp_secret"):
            self.secrets._rotate_keys(forget=True)
            self.cr.postcommit.run()
        self.assertEqual(self.file_keys()[1:], keys)

    def test_a_dated_copy_of_the_key_file_is_kept(self):
        if self.others():
            self.skipTest("other secrets of this database need other keys")
        before = self.file_keys()
        self.secrets._rotate_keys(forget=True)
        self.cr.postcommit.run()
        (copy,) = set(os.listdir(self.key_folder)) - {"sp_connector.key"}
        path = os.path.join(self.key_folder, copy)
        with open(path, encoding="ascii") as lines:
            self.assertEqual(lines.read().split()[1:], before)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)

    def test_nothing_is_forgotten_while_a_secret_is_lost(self):
        lost = self.secrets._find(self.record, "access_token")
        lost.ciphertext = Vault([make_key()]).encrypt("Atza|1")
        self.assertEqual(self.secrets._rotate_keys(forget=True), (1, 1 + self.others()))
        self.cr.postcommit.run()
        self.assertEqual(len(self.file_keys()), 2)

    def test_configured_keys_are_not_ours_to_write(self):
        (old,) = self.file_keys()
        new = make_key()
        self.configure(f"{new},{old}")
        self.assertEqual(self.secrets._rotate_keys(forget=True), (2, self.others()))
        self.cr.postcommit.run()
        self.assertEqual(self.file_keys(), [old])
        self.assertEqual(self.read(new), "Atzr|1")


@tagged("post_install", "-at_install")
class TestCommand(KeyCase):
    """``odoo sp_connector_keys`` as a process of its own, on committed secrets."""

    def setUp(self):
        super().setUp()
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.path = os.path.join(self.folder, "sp_connector.key")
        self.patch(self.registry["sp.secret"], "_key_path", lambda _self: self.path)
        self.others = self.secrets.search_count([])
        self.addCleanup(self.clean_up)
        with self.registry.cursor() as cr:
            secrets = api.Environment(cr, SUPERUSER_ID, {})["sp.secret"]
            secrets._set(self.record.with_env(secrets.env), "refresh_token", "Atzr|1")

    def clean_up(self):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM sp_secret WHERE res_id = %s", (NOBODY,))

    def run_command(self, *arguments, **variables):
        """Run the command as a system administrator does; return the finished process."""
        options = {"data_dir": self.folder, "log_level": "debug_sql"}
        for name in ("db_host", "db_port", "db_user", "db_password"):
            if config[name]:
                options[name] = config[name]
        conf = os.path.join(self.folder, "odoo.conf")
        with open(conf, "w", encoding="utf-8") as out:
            out.write("[options]\n")
            out.writelines(f"{name} = {value}\n" for name, value in options.items())
        addons = ",".join(config["addons_path"])
        return subprocess.run(
            [
                *(sys.executable, "-m", "odoo", f"--addons-path={addons}", "sp_connector_keys"),
                *("-c", conf, "-d", get_db_name(), *arguments),
            ],
            env={**os.environ, "ODOO_DATA_DIR": self.folder, "SP_CONNECTOR_KEY": "", **variables},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def assertRotated(self, done, lost=0):
        lost += self.others
        self.assertEqual(done.returncode, 1 if lost else 0, done.stderr[-2000:])
        self.assertIn("1 secret(s) encrypted with the new key.", done.stdout)
        self.assertEqual("have no key here" in done.stdout, bool(lost))
        self.assertNotIn("Atzr", done.stdout + done.stderr)

    def ciphertext(self):
        with self.registry.cursor() as cr:
            cr.execute("SELECT ciphertext FROM sp_secret WHERE res_id = %s", (NOBODY,))
            return cr.fetchone()[0]

    def test_rotate_and_forget(self):
        (old,) = self.file_keys()
        done = self.run_command()
        self.assertRotated(done)
        new, kept = self.file_keys()
        self.assertEqual(kept, old)
        self.assertEqual(Vault([new]).decrypt(self.ciphertext()), "Atzr|1")
        done = self.run_command("--forget")
        self.assertRotated(done)
        keys = self.file_keys()
        self.assertEqual(len(keys), 3 if self.others else 1)
        self.assertEqual(Vault(keys[:1]).decrypt(self.ciphertext()), "Atzr|1")
        for key in (old, new, *keys):
            self.assertNotIn(key, done.stdout + done.stderr)
        self.assertEqual(self.mode(), 0o600)

    def test_keys_of_the_environment(self):
        (old,) = self.file_keys()
        new = make_key()
        self.assertRotated(self.run_command(SP_CONNECTOR_KEY=f"{new},{old}"))
        self.assertEqual(Vault([new]).decrypt(self.ciphertext()), "Atzr|1")
        self.assertEqual(self.file_keys(), [old])

    def test_a_lost_secret_is_counted_and_left_as_it_is(self):
        before = self.ciphertext()
        os.unlink(self.path)
        done = self.run_command("--forget")
        self.assertEqual(done.returncode, 1, done.stderr[-2000:])
        self.assertIn("0 secret(s) encrypted", done.stdout)
        self.assertIn(f"{1 + self.others} secret(s) have no key here", done.stdout)
        self.assertEqual(self.ciphertext(), before)
