from odoo import fields, models


class SpConnectionMarketplace(models.Model):
    """A marketplace in which the connected seller takes part, as Amazon tells."""

    _name = "sp.connection.marketplace"
    _description = "Amazon Marketplace of a Connection"
    _order = "is_participating desc, name"
    _rec_name = "name"

    connection_id = fields.Many2one(
        "sp.connection", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True)
    marketplace_ref = fields.Char("Marketplace ID", required=True, readonly=True)
    marketplace_id = fields.Many2one("sp.marketplace", readonly=True, ondelete="set null")
    name = fields.Char(required=True, readonly=True)
    country_code = fields.Char("Country", readonly=True)
    is_participating = fields.Boolean("Participating", readonly=True)
    has_suspended_listings = fields.Boolean("Suspended", readonly=True)
    is_active = fields.Boolean("Active", help="Show and use this marketplace.")

    _marketplace_unique = models.Constraint(
        "UNIQUE(connection_id, marketplace_ref)", "This marketplace is already listed."
    )
