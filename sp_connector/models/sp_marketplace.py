from odoo import api, fields, models


class SpMarketplace(models.Model):
    """Amazon's catalogue of marketplaces; facts of Amazon, so the same for all companies."""

    _name = "sp.marketplace"
    _description = "Amazon Marketplace"
    _order = "region, name"
    _rec_names_search = ["name", "country_id.name"]

    name = fields.Char(required=True, help="As the settlement report writes it, e.g. Amazon.de.")
    marketplace_ref = fields.Char("Marketplace ID", required=True)
    country_id = fields.Many2one("res.country", required=True)
    currency_id = fields.Many2one("res.currency", required=True)
    region = fields.Selection(
        [("na", "North America"), ("eu", "Europe"), ("fe", "Far East")], required=True
    )
    seller_central_host = fields.Char(required=True)
    time_zone = fields.Char(required=True)

    _marketplace_ref_unique = models.Constraint(
        "UNIQUE(marketplace_ref)", "This marketplace ID already exists."
    )

    @api.depends("name", "country_id")
    @api.depends_context("show_country")
    def _compute_display_name(self):
        """Where a country is chosen, its name comes first: "Germany (Amazon.de)"."""
        if not self.env.context.get("show_country"):
            return super()._compute_display_name()
        for marketplace in self:
            marketplace.display_name = f"{marketplace.country_id.name} ({marketplace.name})"

    @api.model
    def _by_name(self):
        """Return a function: marketplace name of a report → record, empty where unknown.

        Reports write ``Amazon.de``, some ``amazon.com``; ``Non-Amazon …`` is no marketplace.
        """
        known = {marketplace.name.lower(): marketplace for marketplace in self.search([])}
        return lambda name: known.get(name.lower(), self.browse())
