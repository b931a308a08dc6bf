"""A database of the former version is updated to this one, and says the same as before.

The former version is taken from this repository's own history: the last commit before the version
in the manifest became the present one. Its own demo fills a database (settlements of the simulated
Amazon and uploaded ones, posted), two of its entries are made drafts and taken back; then this
version's code updates it. What people see of settlements, lines, rows, entries and connections is
read through the ORM before and after, and each difference is printed. At last the update must go
on working: what was taken back is booked and posted again.

Environment: ``DB`` the database, made anew and dropped at the end. Exit status: 0 same, 1 not.
"""

import ast
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = "sp_connector/__manifest__.py"
DATABASE = os.environ.get("DB") or "sp_connector_upgrade"
#: What is read of each model: names that both versions know, and that a person would notice.
SEEN = {
    "sp.settlement": (
        "settlement_ref state hold_reason amount_total amount_entry amount_difference row_count "
        "currency_id date_start date_end company_id"
    ),
    "sp.settlement.line": (
        "settlement_id month marketplace_id transaction_type amount_type amount_description "
        "category amount row_count quantity account_id tax_ids move_line_id"
    ),
    "sp.settlement.row": (
        "settlement_id line_id line_number transaction_type amount_type amount_description amount "
        "posted_at marketplace_name order_ref order_item_ref sku quantity"
    ),
    "sp.report": "report_ref state settlement_ids",
    "sp.connection": "name state active_names",
    "sp.account.mapping": "category account_id tax_mode tax_ids marketplace_id",
    "account.move": "name ref state date amount_total sp_settlement_id",
    "account.move.line": "move_id name account_id balance amount_currency full_reconcile_id",
}


def git(*arguments):
    """Return what git says in this repository; ``None`` where there is none, or no such history."""
    done = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None


def version_of(text):
    """Return the version that a manifest names."""
    return ast.literal_eval(text)["version"]


def former_commit():
    """Return (version, commit) of the last code before the present version, or ``None``."""
    present = version_of((ROOT / MANIFEST).read_text())
    newer = "HEAD"
    for commit in (git("log", "--format=%H", "--", MANIFEST) or b"").decode().split():
        version = version_of(git("show", f"{commit}:{MANIFEST}").decode())
        if version != present:
            former = git("rev-parse", "--verify", newer if newer == "HEAD" else f"{newer}^")
            return former and (version, former.decode().strip())
        newer = commit
    return None


def run(tree, code, *arguments):
    """Run Python in an Odoo whose addon is that of a source tree; stop if it fails."""
    variables = {**os.environ, "ODOO_ADDONS_PATH": str(tree), "SERVE": "0"}
    done = subprocess.run([sys.executable, "-c", code, *map(str, arguments)], env=variables)
    if done.returncode:
        sys.exit(f"The code of {tree} failed in the database {DATABASE}; its messages are above.")


FILL = """
import sys
sys.path.insert(0, sys.argv[1])
import demo
demo.DATABASE = sys.argv[2]
sys.exit(demo.main())
"""
IN_ODOO = """
import sys
sys.path.insert(0, sys.argv[1])
import upgrade
upgrade.in_odoo(sys.argv[2], *sys.argv[3:])
"""


def in_odoo(what, *arguments):
    """Call ``what(env, …)`` in the database, as the code on the addons path has it."""
    import odoo
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    odoo.tools.config.parse_config(
        ["-d", DATABASE, "--log-level", "error", "--max-cron-threads", "0"], setup_logging=True
    )
    with Registry(DATABASE).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
        globals()[what](env, *arguments)


def take_back(env):
    """Leave one settlement booked but not posted, and one without an entry."""
    first, second = env["sp.settlement"].search([("state", "=", "posted")], limit=2)
    (first + second).action_undo()
    first.action_book()


def snapshot(env, path):
    """Write what people see, as JSON: {model: {id: values}}."""
    seen = {}
    for name, fields in SEEN.items():
        records = env[name].with_context(active_test=False).search([], order="id")
        seen[name] = {
            values.pop("id"): values for values in records.read(fields.split(), load=None)
        }
    Path(path).write_text(json.dumps(seen, default=str, sort_keys=True))


def go_on(env):
    """Book and post what was taken back."""
    settlements = env["sp.settlement"].search([("state", "in", ("review", "booked"))])
    if len(settlements) != 2:
        sys.exit(f"{len(settlements)} settlements wait for the bookkeeper instead of 2.")
    settlements.action_post()
    if set(settlements.mapped("state")) != {"posted"}:
        sys.exit(f"They cannot be posted: {settlements.mapped('hold_reason')}")


def differences(before, after):
    """Yield a text for each record that is not what it was."""
    for model, records in before.items():
        now = after[model]
        for record in sorted({*records, *now}, key=int):
            old, new = records.get(record), now.get(record)
            if old is None or new is None:
                yield f"{model} {record}: {'new' if old is None else 'lost'}"
                continue
            for field in old:
                # Nothing is nothing, however it is stored: false, or a text without letters.
                if (old[field] or None) != (new[field] or None):
                    yield f"{model} {record}: {field} was {old[field]!r}, is {new[field]!r}"


def main():
    """Fill, read, update, read again, compare, go on."""
    found = former_commit()
    if not found:
        print("No former version in the history of this folder: its update is not tried.")
        return 0
    version, commit = found
    print(f"From {version} ({commit[:10]}) to {version_of((ROOT / MANIFEST).read_text())} …")
    subprocess.run(["dropdb", "--force", "--if-exists", DATABASE], check=True)
    with tempfile.TemporaryDirectory() as folder:
        tree, before, after = (Path(folder, name) for name in ("tree", "before", "after"))
        with tarfile.open(fileobj=io.BytesIO(git("archive", commit))) as archive:
            archive.extractall(tree)
        here = ROOT / "tools"
        try:
            run(tree, FILL, tree / "tools", DATABASE)
            run(tree, IN_ODOO, here, "take_back")
            run(tree, IN_ODOO, here, "snapshot", before)
            update = f"-d {DATABASE} -u sp_connector --stop-after-init --log-level warn --no-http"
            code = "import sys, runpy; runpy.run_module('odoo', run_name='__main__')"
            run(ROOT, code, *update.split())
            run(ROOT, IN_ODOO, here, "snapshot", after)
            found = list(differences(*(json.loads(path.read_text()) for path in (before, after))))
            run(ROOT, IN_ODOO, here, "go_on")
        finally:
            subprocess.run(["dropdb", "--force", "--if-exists", DATABASE], check=True)
    print(*found, sep="\n")
    print(f"Updated: {len(found)} differences.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
