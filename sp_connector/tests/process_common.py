"""What the tests with real Odoo processes share: a database of their own, Amazon over HTTP."""

import contextlib
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from contextlib import closing
from pathlib import Path

from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import SQL, config
from odoo.tools.misc import exec_pg_environ, find_pg_tool

from ..engine.vault import make_key
from .common import ADDON
from .fake_amazon import FakeAmazon, FakeAmazonServer

REDIRECT = "https://odoo.test/sp_connector/oauth/return"
#: Odoo's settings by which the other process reaches the same server and the same addons.
SETTINGS = ("addons_path", "db_host", "db_port", "db_user", "db_password", "db_sslmode", "pg_path")


@tagged("post_install", "-at_install", "sp_connector_processes")
class ProcessCase(BaseCase):
    """A copy of the installed database, and a program that lives in it; see ``odoo_process``.

    Odoo runs its tests in one transaction that is never committed; what happens between
    transactions, and to processes that die, can only be seen outside of it.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._check_possible()
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.database = f"{get_db_name()}_lives"
        cls.fresh = f"{cls.database}_fresh"
        for name in (cls.database, cls.fresh):
            cls._drop(name)
            cls.addClassCleanup(cls._drop, name)
        cls._copy_installed()

    @classmethod
    def _check_possible(cls):
        """Skip where there is no way to a database; with SP_CONNECTOR_STRICT set, fail instead."""
        reason = ""
        with db_connect(get_db_name()).cursor() as cr:
            cr.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
            if not cr.fetchone()[0]:
                reason = "PostgreSQL's user may not create the database that this test needs"
        try:
            find_pg_tool("pg_dump"), find_pg_tool("psql")
        except Exception:
            reason = "no pg_dump and psql here to copy the database with"
        if not hasattr(os, "fork"):
            reason = "this system cannot fork processes"
        if reason and os.environ.get("SP_CONNECTOR_STRICT"):
            raise AssertionError(reason)
        if reason:
            raise unittest.SkipTest(reason)

    # === THE DATABASE === #

    @classmethod
    def _outside(cls, query):
        """Run SQL that no transaction may hold."""
        with closing(db_connect("postgres").cursor()) as cr:
            cr._cnx.autocommit = True
            cr.execute(query)

    @classmethod
    def _drop(cls, name):
        cls._outside(SQL("DROP DATABASE IF EXISTS %s WITH (FORCE)", SQL.identifier(name)))

    @classmethod
    def _copy(cls, source, target):
        """Make a database as a copy of one that nobody is connected to: a blink."""
        cls._drop(target)
        names = SQL.identifier(target), SQL.identifier(source)
        cls._outside(SQL("CREATE DATABASE %s TEMPLATE %s", *names))

    @classmethod
    def _copy_installed(cls):
        """Copy the database of the tests: with its connections open it can be no template."""
        cls._outside(SQL("CREATE DATABASE %s TEMPLATE template0", SQL.identifier(cls.database)))
        with subprocess.Popen(
            [find_pg_tool("pg_dump"), "--no-owner", get_db_name()],
            stdout=subprocess.PIPE,
            env=exec_pg_environ(),
        ) as dump:
            subprocess.run(
                [find_pg_tool("psql"), "-q", "-v", "ON_ERROR_STOP=1", "-d", cls.database],
                stdin=dump.stdout,
                stdout=subprocess.DEVNULL,
                env=exec_pg_environ(),
                check=True,
            )
        if dump.returncode:
            raise AssertionError("pg_dump failed")

    @classmethod
    def keep_fresh(cls):
        """Remember the database as it is now."""
        cls._copy(cls.database, cls.fresh)

    @classmethod
    def make_fresh(cls):
        """Go back to the database as it was remembered, with an empty file store."""
        cls._copy(cls.fresh, cls.database)
        shutil.rmtree(cls.folder / "data", ignore_errors=True)

    # === THE PROGRAM === #

    def start(self):
        """Start the program; it loads Odoo once for all the lives that are asked of it."""
        lines = ["[options]", f"data_dir = {self.folder / 'data'}", "max_cron_threads = 0"]
        for name in SETTINGS:
            if value := config.get(name):
                text = ",".join(value) if isinstance(value, list | tuple) else value
                lines.append(f"{name} = {text}")
        path = self.folder / "odoo.conf"
        path.touch(0o600)
        path.write_text("\n".join(lines) + "\n")
        self.log = self.folder / "odoo.log"
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "SP_CONNECTOR_KEY": make_key(),
        }
        environment.pop("ODOO_RC", None)
        log = self.enterContext(self.log.open("w"))
        self.program = subprocess.Popen(
            [sys.executable, ADDON / "tests" / "odoo_process.py", path, self.database],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment,
            text=True,
        )
        self.addCleanup(self._stop)

    def _stop(self):
        self.program.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.program.wait(10)
        self.program.kill()
        self.program.stdout.close()

    def live(self, *lives):
        """Live these lives at the same time; return [(status, result), …].

        A negative status is the signal that ended a life.
        """
        self.program.stdin.write(json.dumps(lives) + "\n")
        self.program.stdin.flush()
        answer = self.program.stdout.readline()
        if not answer:
            self.fail(f"The process ended:\n{self.log.read_text()[-5000:]}")
        self._await_silence()
        return json.loads(answer)

    def _await_silence(self):
        """Wait until PostgreSQL has noticed the deaths: the dead hold their locks until then."""
        for _turn in range(1000):
            with db_connect("postgres").cursor() as cr:
                cr.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", (self.database,)
                )
                if not cr.fetchone()[0]:
                    return
            time.sleep(0.01)
        self.fail("PostgreSQL keeps the connections of a dead process.")

    def life(self, do, **arguments):
        """Live one life to its natural end; return its result."""
        ((status, result),) = self.live({"do": do, **arguments})
        if status:
            self.fail(f"{do} ended with {status}:\n{self.log.read_text()[-5000:]}")
        return result

    # === AMAZON === #

    def set_up_amazon(self, **options):
        """Start Amazon, without limits and sellers."""
        self.fake = FakeAmazon(seed=7, has_control=True, **options)
        self.fake.set_options(limits=False)
        self.server = self.enterContext(FakeAmazonServer(self.fake))
        self.theirs = self.fake.add_application([REDIRECT], REDIRECT)
        logging.getLogger("werkzeug").setLevel(logging.ERROR)

    def prepare(self, sellers):
        """Connect sellers of the simulator, {name: seller}, in the program's database."""
        hosts = self.fake.hosts()
        self.life(
            "prepare",
            application={
                "name": "Settlements",
                "application_ref": self.theirs.application_id,
                "client_id": self.theirs.client_id,
                "client_secret": self.theirs.client_secret,
                "environment": "simulator",
                "lwa_host": hosts["lwa"],
                "seller_central_host": hosts["seller_central"],
                **{f"api_host_{region}": hosts[region] for region in ("na", "eu", "fe")},
            },
            sellers=[
                {
                    "name": name,
                    "selling_partner_ref": seller.selling_partner_id,
                    "refresh_token": self.fake.grant(self.theirs, seller).refresh_token,
                }
                for name, seller in sellers.items()
            ],
        )
