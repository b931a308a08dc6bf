"""Where Odoo 19 comes from: ODOO_HOME, Debian's package, or Odoo's own repository."""

import os
import re
import shutil
from pathlib import Path

import debian
from shell import Failure, run, say

RELEASE = "19.0"
REPOSITORY = "https://github.com/odoo/odoo.git"
RECIPE = 1  # raise it to have every cache build its Odoo anew
PACKAGES = [
    "odoo-19",
    # What the web client's files link to.
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-inconsolata",
    "fonts-ocr-b",
    # Odoo's icons are those of 4.7; sid has a later one with other names.
    "fonts-font-awesome/trixie",
]


def odoo_home(cache):
    """Return the folder that holds the Python package `odoo`, obtaining Odoo if need be."""
    named = os.environ.get("ODOO_HOME")
    if named:
        home = Path(named).expanduser().resolve()
        found = release_of(home)
        if found != RELEASE:
            raise Failure(
                f"ODOO_HOME={named}: that is {f'Odoo {found}' if found else 'no Odoo source'}; "
                f"it must be the folder of an Odoo {RELEASE} source (the one holding 'odoo/')."
            )
        return home
    folder, facts = cache.part(
        "odoo",
        [RELEASE, PACKAGES, RECIPE],
        f"getting Odoo {RELEASE} (120 MB)",
        lambda folder: _build(cache, folder),
    )
    return folder / facts["home"]


def release_of(home):
    """Return the series ("19.0") of the Odoo in that folder, None where there is none."""
    try:
        text = (home / "odoo/release.py").read_text()
    except OSError:
        return None
    match = re.search(r"^version_info = \(([^,]+), ([^,]+),", text, re.M)
    return ".".join(part.strip("'\" ") for part in match.groups()) if match else None


def _build(cache, folder):
    tree = folder / "tree"
    try:
        origin = debian.unpack(cache, PACKAGES, tree)
        home = tree / "usr/lib/python3/dist-packages"
        _complete(home)
    except Failure as failure:
        say(f"  not from Debian: {str(failure).splitlines()[0]}")
        shutil.rmtree(tree, ignore_errors=True)
        origin, home = REPOSITORY, tree
        say(f"  cloning Odoo's branch {RELEASE} instead (a few minutes)")
        run(
            ["git", "clone", "-q", "--depth", "1", "--branch", RELEASE, REPOSITORY, tree],
            "Cloning Odoo",
            cache.log,
            "Is the network reachable? Or set ODOO_HOME to the folder of an Odoo 19.0 source.",
            keep_open=cache.lock_fds,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
        )
    found = release_of(home)
    if found != RELEASE:
        raise Failure(
            f"What came from {origin} is Odoo {found}, not {RELEASE}. Set ODOO_HOME instead."
        )
    return {"home": str(home.relative_to(folder)), "origin": origin}


def _complete(home):
    """Mend what Debian's package leaves out or puts twice."""
    # The Python halves of the addons a second time, without their data: they would only mislead.
    shutil.rmtree(home / "addons", ignore_errors=True)
    # Left out by Debian, yet loaded by the web client: every page would log an error without it.
    script = home / "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    if not script.exists():
        script.parent.mkdir(parents=True, exist_ok=True)
        script.touch()
