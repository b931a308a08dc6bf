"""Taxes of the account mapping become decisions, and other sales channels become known by name.

Before, "No tax" was what nobody had looked at. It cannot be told from a "No tax" that was meant, so
it becomes undecided: a company that is registered for tax holds its next settlements until a
manager has looked (Configuration, Set Up); entries that exist stay as they are.
"""

from odoo import SUPERUSER_ID, api

from odoo.addons.sp_connector.engine.words.categories import TAXABLE


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    Line, Settlement = env["sp.settlement.line"], env["sp.settlement"]
    unbooked = [("settlement_id.state", "in", ("held", "review"))]
    nameless = Line.search([("marketplace_id", "=", False), ("marketplace_name", "!=", False)])
    find = env["sp.marketplace"]._by_name()
    for name, lines in nameless.filtered_domain(unbooked).grouped("marketplace_name").items():
        lines.marketplace_id = find(name)
    mappings = env["sp.account.mapping"].search(
        [("tax_mode", "=", "none"), ("category", "in", sorted(TAXABLE))]
    )
    mappings.with_context(sp_connector_recheck_later=True).tax_mode = "undecided"
    Settlement._recheck(mappings.company_id)
