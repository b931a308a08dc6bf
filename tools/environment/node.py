"""The pinned npm packages of tools/node_clients: SP-API clients that check the simulator."""

import os
import shutil

from packages import TOOLS
from shell import run

PINS = TOOLS / "node_clients"
_FILES = ("package.json", "package-lock.json")


def node_modules(cache):
    """Return the folder of the installed packages, or ``None`` where there is no node or npm."""
    if not (shutil.which("node") and shutil.which("npm")):
        return None
    key = [(PINS / name).read_text() for name in _FILES]
    folder, _facts = cache.part(
        "node_clients",
        key,
        "installing the pinned npm packages of tools/node_clients",
        lambda folder: _build(cache, folder),
    )
    return folder / "node_modules"


def _build(cache, folder):
    for name in _FILES:
        shutil.copy(PINS / name, folder / name)
    # The lock file holds versions and hashes, no addresses: npm's usual settings say where from.
    run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        "Installing the pinned npm packages",
        cache.log,
        "Is the package registry reachable (npm's usual settings and proxies apply)?",
        keep_open=cache.lock_fds,
        cwd=folder,
        env={**os.environ, "npm_config_cache": str(folder / "downloads")},
    )
    shutil.rmtree(folder / "downloads", ignore_errors=True)
    return {}
