"""Run something in this project's environment: python3 tools/environment COMMAND …

odoo ARGS…      Odoo 19 with the addon on its path (this is bin/odoo)
python ARGS…    the environment's Python: Odoo importable, the database's PG… variables set
run WORDS…      any command with that environment: psql, createdb, pytest
lint WORDS…     a command of the lint tools, which have an environment of their own
node-modules    install the npm clients of the tests; print where, nothing without node and npm
info            where everything is
stop            stop the embedded PostgreSQL
"""

import os
import sys
from pathlib import Path

sys.dont_write_bytecode = True

from cache import Cache  # noqa: E402
from node import node_modules  # noqa: E402
from packages import virtual_environment  # noqa: E402
from postgres import Server, programs  # noqa: E402
from shell import Failure, explain  # noqa: E402
from source import odoo_home  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent


def environment(cache):
    """Set up whatever is missing and return the variables to run Odoo with."""
    home = odoo_home(cache)
    venv = virtual_environment(cache, "requirements")
    server = Server(cache, programs(venv))
    rc = cache.root / "odoo.conf"
    if not rc.exists():
        rc.write_text("[options]\nhttp_interface = 127.0.0.1\n")
    path = [str(venv / "bin"), str(server.bin), os.environ.get("PATH", os.defpath)]
    python_path = [str(home), os.environ.get("PYTHONPATH", "")]
    addons = [str(ROOT), os.environ.get("ODOO_ADDONS_PATH", "")]
    variables = {
        **os.environ,
        "PATH": os.pathsep.join(path),
        "PYTHONPATH": os.pathsep.join(filter(None, python_path)),
        "VIRTUAL_ENV": str(venv),
        # Variables, not arguments: Odoo's own options and sub-commands stay as the user wrote them.
        "ODOO_ADDONS_PATH": ",".join(filter(None, addons)),
    }
    variables.setdefault("ODOO_DATA_DIR", str(cache.root / "data"))
    variables.setdefault("ODOO_RC", str(rc))
    if not os.environ.get("PGHOST"):
        server.start()
        variables.update(server.environment())
    return variables


def info(variables):
    """Print where everything is."""
    for name in (
        "ODOO_DATA_DIR",
        "ODOO_RC",
        "PGHOST",
        "PGPORT",
        "PGUSER",
        "PYTHONPATH",
        "VIRTUAL_ENV",
    ):
        print(f"{name}={variables.get(name, '')}")


def main(arguments):
    """Carry out one command line.

    The command replaces this process, so signals reach it and its exit status is its own.
    """
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if arguments else 2
    command, *rest = arguments
    cache = Cache.from_environment()
    if command == "stop":
        Server(cache).stop()
        return 0
    if command == "node-modules":
        print(node_modules(cache) or "")
        return 0
    if command == "lint":
        venv = virtual_environment(cache, "requirements-lint")
        path = os.pathsep.join([str(venv / "bin"), os.environ.get("PATH", os.defpath)])
        variables = {**os.environ, "PATH": path, "VIRTUAL_ENV": str(venv)}
    elif command in ("odoo", "python", "run", "info"):
        variables = environment(cache)
    else:
        raise Failure(f"No command '{command}'.\n{__doc__}")
    if command == "info":
        info(variables)
        return 0
    if command == "odoo":
        # -P: a file in the current folder must not pass for one of Python's modules.
        rest = ["python", *(["-P"] if sys.version_info >= (3, 11) else []), "-m", "odoo", *rest]
    elif command == "python":
        rest = ["python", *rest]
    if not rest:
        raise Failure(f"'{command}' needs a command to run.")
    os.environ["PATH"] = variables["PATH"]  # execvpe looks the program up in ours
    try:
        os.execvpe(rest[0], rest, variables)
    except FileNotFoundError:
        raise Failure(f"There is no command '{rest[0]}'.") from None


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Failure as failure:
        sys.exit(f"sp_connector: {failure}")
    except OSError as error:
        sys.exit(f"sp_connector: {explain(error)}")
    except KeyboardInterrupt:
        sys.exit(130)
