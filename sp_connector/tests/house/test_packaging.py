"""`pip install .` must bring every file of the addon to where Odoo looks."""

import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

from odoo.tests import BaseCase, TransactionCase, tagged

from ...hooks import uninstall_hook

ADDON = Path(__file__).resolve().parents[2]
SOURCE = ADDON.parent


@tagged("-at_install", "post_install")
class TestPackaging(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not (SOURCE / "setup.py").exists():
            raise unittest.SkipTest(f"{SOURCE} is no source tree: the addon came from a wheel")
        # Built from a copy: the build leaves folders behind, and the source tree stays as it is.
        folder = Path(tempfile.mkdtemp(prefix="sp_connector-wheel-"))
        cls.addClassCleanup(shutil.rmtree, folder)
        source = folder / "source"
        source.mkdir()
        for name in ("setup.py", "pyproject.toml", "LICENSE", "README.md"):
            if (SOURCE / name).exists():
                shutil.copy(SOURCE / name, source)
        for manifest in SOURCE.glob("*/__manifest__.py"):
            shutil.copytree(
                manifest.parent,
                source / manifest.parent.name,
                ignore=shutil.ignore_patterns("__pycache__", "*.pyc"),
            )
        command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
        built = subprocess.run(
            [*command, "--no-index", "--wheel-dir", str(folder), str(source)],
            capture_output=True,
            text=True,
            check=False,
        )
        if built.returncode:
            raise AssertionError(f"The wheel cannot be built:\n{built.stdout}\n{built.stderr}")
        (wheel,) = folder.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            cls.names = set(archive.namelist())
            (metadata,) = (name for name in cls.names if name.endswith(".dist-info/METADATA"))
            cls.metadata = archive.read(metadata).decode()
        cls.source = source

    def test_every_file_is_in_the_wheel(self):
        expected = {
            f"odoo/addons/{path.relative_to(self.source).as_posix()}"
            for manifest in self.source.glob("*/__manifest__.py")
            for path in manifest.parent.rglob("*")
            if path.is_file()
        }
        self.assertIn("odoo/addons/sp_connector/__manifest__.py", expected)
        self.assertEqual(expected - self.names, set())

    def test_nothing_else_is_in_the_wheel(self):
        """An `odoo/__init__.py` would hide Odoo itself; `tools` or `setup` are nobody's modules."""
        addons = {manifest.parent.name for manifest in self.source.glob("*/__manifest__.py")}
        for name in self.names:
            parts = name.split("/")
            if not parts[0].endswith(".dist-info"):
                self.assertEqual(parts[:2], ["odoo", "addons"], name)
                self.assertIn(parts[2], addons, name)

    def test_version_is_the_manifest_s(self):
        version = next(line for line in self.metadata.splitlines() if line.startswith("Version: "))
        self.assertIn(version.removeprefix("Version: "), (ADDON / "__manifest__.py").read_text())


@tagged("-at_install", "post_install")
class TestUninstall(TransactionCase):
    def test_odoo_is_not_asked_to_delete_what_people_s_records_refer_to(self):
        """Their tables go as a whole; record by record the log fills with refused deletions."""
        own = [("module", "=", "sp_connector"), ("model", "=like", "sp.%")]
        self.assertTrue(self.env["ir.model.data"].search_count(own))
        uninstall_hook(self.env)
        self.assertFalse(self.env["ir.model.data"].search_count(own))
        self.assertTrue(self.env["sp.marketplace"].search_count([]))
