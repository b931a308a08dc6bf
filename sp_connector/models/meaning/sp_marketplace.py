import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine.amazon.regions import SELLER_CENTRAL_HOSTS

#: How Amazon's files name orders that it only delivers: "Non-Amazon", "Non-Amazon US".
_OTHER_CHANNEL = re.compile(r"non-?amazon[ _-]*([a-z]{2})", re.IGNORECASE)


class SpMarketplace(models.Model):
    """Amazon's catalogue of marketplaces; facts of Amazon, so the same for all companies.

    Beside them stand the other sales channels whose orders Amazon delivers ("Non-Amazon UK"): a
    file names them like marketplaces, but nobody can connect or sell there.

    People are sent there to consent: administrators of Odoo change it, and Amazon's hosts alone
    are accepted.
    """

    _name = "sp.marketplace"
    _description = "Amazon Marketplace"
    _order = "region, name"
    _rec_names_search = ["name", "country_id.name"]

    name = fields.Char(required=True, help="As the settlement report writes it, e.g. Amazon.de.")
    is_other_channel = fields.Boolean(
        "Other Sales Channel",
        help="Orders from outside Amazon that Amazon delivers. They follow the account mapping of "
        "their country's marketplace where they have no lines of their own.",
    )
    marketplace_ref = fields.Char("Marketplace ID")
    country_id = fields.Many2one("res.country")
    currency_id = fields.Many2one("res.currency")
    region = fields.Selection([("na", "North America"), ("eu", "Europe"), ("fe", "Far East")])
    seller_central_host = fields.Char()

    _marketplace_ref_unique = models.Constraint(
        "UNIQUE(marketplace_ref)", "This marketplace ID already exists."
    )
    _is_complete = models.Constraint(
        "CHECK (is_other_channel OR (marketplace_ref IS NOT NULL AND country_id IS NOT NULL AND "
        "currency_id IS NOT NULL AND region IS NOT NULL AND seller_central_host IS NOT NULL))",
        "A marketplace needs its ID, country, currency, region, and Seller Central.",
    )

    @api.constrains("seller_central_host")
    def _check_seller_central_host(self):
        for marketplace in self:
            if marketplace.is_other_channel:
                continue
            if marketplace.seller_central_host not in SELLER_CENTRAL_HOSTS:
                raise ValidationError(
                    self.env._(
                        "%(host)s is no Seller Central of Amazon. Known are: %(hosts)s.",
                        host=marketplace.seller_central_host,
                        hosts=", ".join(sorted(SELLER_CENTRAL_HOSTS)),
                    )
                )

    @api.depends("name", "country_id")
    @api.depends_context("show_country")
    def _compute_display_name(self):
        """Where a country is chosen, its name comes first: "Germany (Amazon.de)"."""
        if not self.env.context.get("show_country"):
            return super()._compute_display_name()
        for marketplace in self:
            country = marketplace.country_id.name
            name = marketplace.name
            marketplace.display_name = f"{country} ({name})" if country else name

    @api.model
    def _by_name(self):
        """Return a function: marketplace name of a report → record, empty where unknown.

        Reports write ``Amazon.de``, some ``amazon.com``. The other channels are known by their
        country, however it is written: ``Non-Amazon UK``, ``Non-Amazon GB``.
        """
        known = {marketplace.name.lower(): marketplace for marketplace in self.search([])}
        channels = {
            channel.country_id.code: channel
            for channel in self.search(
                [("is_other_channel", "=", True), ("country_id", "!=", False)]
            )
        }

        def find(name):
            place = known.get(name.lower())
            if place is None and (match := _OTHER_CHANNEL.fullmatch(name.strip())):
                code = match[1].upper()
                place = channels.get("GB" if code == "UK" else code)
            return self.browse() if place is None else place

        return find

    @api.model
    def _parents(self):
        """Return {id of another channel: id of the marketplace whose mapping it follows}.

        One that names no country has ``None``: it follows the settlement's marketplace.
        """
        channels = self.sudo().search([("is_other_channel", "=", True)])
        places = {
            place.country_id: place.id
            for place in self.sudo().search([("is_other_channel", "=", False)])
        }
        return {channel.id: places.get(channel.country_id) for channel in channels}
