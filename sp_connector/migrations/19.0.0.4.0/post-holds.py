"""What holds a settlement is decided anew: a currency that is not active holds too."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["sp.settlement"]._recheck(env["res.company"].search([]))
