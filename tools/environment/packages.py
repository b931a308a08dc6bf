"""Virtual environments with the pinned packages of a requirements file."""

import importlib.util
import os
import sys
from pathlib import Path

import debian
from shell import Failure, run

TOOLS = Path(__file__).resolve().parent.parent


def virtual_environment(cache, requirements):
    """Return the folder of a virtual environment holding what tools/<requirements>.txt pins."""
    if sys.version_info < (3, 10):  # noqa: UP036 - nothing has checked it before
        raise Failure(
            f"Odoo 19 needs Python 3.10 or newer; 'python3' here is {sys.version.split()[0]} "
            f"({sys.executable})."
        )
    pins = (TOOLS / f"{requirements}.txt").read_text()
    key = [pins, sys.version_info[:2], sys.base_prefix]
    folder, _facts = cache.part(
        {"requirements": "python"}.get(requirements, requirements.replace("requirements-", "")),
        key,
        f"installing the pinned Python packages of tools/{requirements}.txt",
        lambda folder: _build(cache, folder, TOOLS / f"{requirements}.txt"),
        # False where the Python that it links to has gone.
        usable=lambda folder: (folder / "bin/python").exists(),
    )
    return folder


def site_packages(venv):
    """Return the site-packages folder of a virtual environment of this Python."""
    return venv / f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"


def _build(cache, folder, requirements):
    def quiet(command, what, hint="", **options):
        run(command, what, cache.log, hint, keep_open=cache.lock_fds, **options)

    hint = "See the log's end below."
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONNOUSERSITE": "1"}
    environment.pop("PYTHONPATH", None)
    quiet(
        [sys.executable, "-m", "venv", "--without-pip", folder],
        "Making a virtual environment",
        hint,
    )
    python = folder / "bin/python"
    # Debian keeps ensurepip in python3-venv, which may be absent: pip's own wheel can run instead.
    if importlib.util.find_spec("ensurepip"):
        quiet([python, "-m", "ensurepip"], "Putting pip into the virtual environment", hint)
        pip = [python, "-m", "pip"]
    else:
        pip = [python, debian.pip_wheel(cache, folder / "pip-wheel") / "pip"]
    quiet(
        [*pip, "install", "--no-input", "--no-deps", "-r", requirements],
        "Installing the pinned Python packages",
        "Is the package index reachable (pip's usual settings and proxies apply)?",
        env=environment,
    )
    return {}
