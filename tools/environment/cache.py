"""The cache folder: finished parts are used as they are, unfinished ones are built again."""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import time
from pathlib import Path

from shell import Failure, Timer, say

# Odoo unpacks to 1.2 GB, its packages to 0.4 GB, and the download lies beside them for a moment.
NEEDED_BYTES = 2_500_000_000
FORGET_AFTER_SECONDS = 30 * 24 * 3600


class Cache:
    """One folder holding all that this project downloads, builds and stores."""

    def __init__(self, root):
        self.root = Path(os.path.abspath(root))
        self.log = self.root / "setup.log"
        self.lock_fds = ()

    @classmethod
    def from_environment(cls):
        """Return the cache that SP_CONNECTOR_CACHE names, or the one in the user's cache home."""
        named = os.environ.get("SP_CONNECTOR_CACHE")
        if named:
            return cls(Path(named).expanduser())
        home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
        return cls(Path(home) / "sp_connector")

    @contextlib.contextmanager
    def lock(self, name="setup"):
        """Hold the cache's lock of that name; wait, and say so, while another process has it."""
        self.root.mkdir(parents=True, exist_ok=True)
        with open(self.root / f"{name}.lock", "a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if name == "setup":
                    say("another set-up is under way in this cache folder; waiting for it …")
                fcntl.flock(file, fcntl.LOCK_EX)
            self.lock_fds = (file.fileno(),)
            try:
                yield
            finally:
                self.lock_fds = ()

    def part(self, kind, key, title, build, usable=lambda folder: True):
        """Return (folder, facts) of a part; build it first if it is absent, unfinished or unusable.

        The folder's name carries the hash of `key`, all that the result depends on, so a changed
        pin never touches what another checkout or a running Odoo uses. `build(folder)` returns the
        part's facts; they are its stamp, written last: without a stamp a part counts as never
        built. (Built in place, not renamed at the end: a virtual environment knows its own path.)
        """
        digest = hashlib.sha256(json.dumps(key).encode()).hexdigest()[:12]
        folder = self.root / f"{kind}-{digest}"
        facts = self._facts(folder, usable)
        if facts is None:
            with self.lock():
                facts = self._facts(folder, usable)
                if facts is None:
                    facts = self._build(folder, title, build)
                    self._forget_unused(kind)
        return folder, facts

    def _facts(self, folder, usable):
        stamp = folder / ".complete"
        try:
            facts = json.loads(stamp.read_text())
        except (OSError, ValueError):
            return None
        if not usable(folder):
            return None
        with contextlib.suppress(OSError):
            os.utime(stamp)
        return facts

    def _build(self, folder, title, build):
        if folder.exists():
            say(f"removing an unfinished {folder.name}")
            shutil.rmtree(folder)
        free = shutil.disk_usage(self.root).free
        if free < NEEDED_BYTES:
            raise Failure(
                f"{self.root} has {free / 1e9:.1f} GB free, the set-up needs "
                f"{NEEDED_BYTES / 1e9:.1f}. Free some space or move SP_CONNECTOR_CACHE elsewhere."
            )
        # When root starts the database server, it runs as another user, who must read this.
        umask = os.umask(0o022)
        try:
            with Timer(title):
                folder.mkdir()
                facts = build(folder)
                written = folder / ".complete.new"
                written.write_text(json.dumps(facts))
                written.replace(folder / ".complete")
        finally:
            os.umask(umask)
        return facts

    def _forget_unused(self, kind):
        """Remove finished parts of the kind that nothing has used for a month."""
        for stamp in self.root.glob(f"{kind}-*/.complete"):
            if time.time() - stamp.stat().st_mtime > FORGET_AFTER_SECONDS:
                shutil.rmtree(stamp.parent, ignore_errors=True)
