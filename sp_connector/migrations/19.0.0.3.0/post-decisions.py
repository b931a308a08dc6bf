"""Lines note how they are taxed and why so; settlements, that a rate is missing."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    # Of what is booked the journal items say it.
    env["sp.settlement"]._recheck(env["res.company"].search([]))
