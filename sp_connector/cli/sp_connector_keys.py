"""``odoo sp_connector_keys``: the key that encrypts Amazon's secrets."""

import sys

from odoo.cli import Command


class SpConnectorKeys(Command):
    """Rotate the key that encrypts the secrets of Amazon connections.

    With a key file, a new key is put first and every secret of the database is encrypted with
    it; `--forget` then drops the old keys that no database of this data directory needs, and keeps
    a dated copy of the file. With a key in odoo.conf or in the environment, put
    the new key first there (`new,old`), run this, then remove the old one.
    """

    name = "sp_connector_keys"

    def run(self, args):
        """Carry out the command line."""
        from odoo import SUPERUSER_ID, api
        from odoo.modules.registry import Registry
        from odoo.tools import config

        self.parser.add_argument("-d", "--database", required=True)
        self.parser.add_argument("-c", "--config")
        self.parser.add_argument("--forget", action="store_true", help="drop the old keys")
        options = self.parser.parse_args(args)
        config.parse_config(
            ["-d", options.database, *(["-c", options.config] if options.config else [])],
            setup_logging=True,
        )
        with Registry(options.database).cursor() as cr:
            secrets = api.Environment(cr, SUPERUSER_ID, {})["sp.secret"]
            rotated, lost = secrets._rotate_keys(forget=options.forget)
        sys.stdout.write(f"{rotated} secret(s) encrypted with the new key.\n")
        if lost:
            sys.stdout.write(f"{lost} secret(s) have no key here; reconnect.\n")
            sys.exit(1)  # Odoo does not look at what a command returns
