"""No words of Amazon are a balance between the months of one settlement: such rules go.

Their settlements could not be booked. Their words are unknown again, and a person is asked.
"""

import logging

from odoo import SUPERUSER_ID, api

_logger = logging.getLogger(__name__)


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    rules = env["sp.category.rule"].search([("category", "=", "rollover")])
    for rule in rules:
        _logger.warning("Removed: «%s» as a balance at a month's end", rule.display_name)
    rules.unlink()
