"""Ids that programs had rewritten, amounts with two readings, repeated headers: read anew."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["sp.settlement.reread"]._restore_ids()
    env["sp.settlement.reread"]._read_files_again()
    env.flush_all()
