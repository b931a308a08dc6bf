from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command


class SpConnectionMarketplace(models.Model):
    """A marketplace in which the connected seller takes part, as Amazon tells."""

    _name = "sp.connection.marketplace"
    _description = "Amazon Marketplace of a Connection"
    _inherit = ["sp.audited"]
    _order = "is_participating desc, name"
    _audited = ("is_participating", "is_active", "booking_company_id", "journal_id")

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
    is_active = fields.Boolean(
        "Active",
        help="In use: what is not is held when it arrives, and announced to nobody.",
    )
    booking_company_id = fields.Many2one(
        "res.company",
        "Books Of",
        help="Company in whose books its settlements belong; empty for the connection's. Amazon "
        "settles all marketplaces of a currency together: choose the same for each of them.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        domain="[('type', '=', 'general'), ('company_id', 'parent_of', journal_company_id)]",
        help="Journal of its settlements; empty for the company's.",
    )
    journal_company_id = fields.Many2one("res.company", compute="_compute_journal_company_id")

    _marketplace_unique = models.Constraint(
        "UNIQUE(connection_id, marketplace_ref)", "This marketplace is already listed."
    )

    @api.depends("booking_company_id", "company_id")
    def _compute_journal_company_id(self):
        for place in self:
            place.journal_company_id = place.booking_company_id or place.company_id

    def _books_of(self):
        """Return the companies in whose books settlements of these marketplaces belong."""
        return self.env["res.company"].union(*(place.journal_company_id for place in self.sudo()))

    def write(self, vals):
        if company_id := vals.get("booking_company_id"):
            # One of this user's companies; a constraint would be checked with all rights.
            self.env["res.company"].browse(company_id).check_access("read")
        result = super().write(vals)
        if "is_active" in vals:
            places = self.sudo()
            self.env["sp.settlement"]._recheck(places.company_id | places.journal_company_id)
        return result

    @api.constrains("booking_company_id", "journal_id")
    def _check_books(self):
        for place in self:
            companies = place.journal_company_id.sudo().parent_ids
            if place.journal_id and place.journal_id.sudo().company_id not in companies:
                raise ValidationError(
                    self.env._(
                        "Journal %(journal)s is not one of %(company)s.",
                        journal=place.journal_id.display_name,
                        company=place.journal_company_id.name,
                    )
                )

    # === WHAT AMAZON TELLS === #

    @api.model
    def _store(self, connection, found):
        """Update a connection's marketplaces: new ones are added, what people chose stays.

        :param found: list of the engine's ``Participation``; its children have the same
        """
        catalogue = {
            marketplace.marketplace_ref: marketplace
            for marketplace in self.env["sp.marketplace"].search([])
        }
        for one in connection | connection.child_ids:
            known = {line.marketplace_ref: line for line in one.participation_ids}
            commands = []
            for item in found:
                vals = {
                    "name": item.name,
                    "country_code": item.country,
                    "is_participating": item.is_participating,
                    "has_suspended_listings": item.has_suspended_listings,
                }
                marketplace = catalogue.get(item.marketplace_ref)
                # Shadow marketplaces exist, such as "Non-Amazon DE": shown, not in use.
                is_active = bool(marketplace) and item.is_participating
                line = known.get(item.marketplace_ref)
                if not line:
                    vals |= {
                        "marketplace_ref": item.marketplace_ref,
                        "marketplace_id": marketplace.id if marketplace else False,
                        "is_active": is_active,
                    }
                    commands.append(Command.create(vals))
                    continue
                if is_active and not line.is_participating:
                    vals["is_active"] = True  # the seller opened it meanwhile
                commands.append(Command.update(line.id, vals))
            gone = set(known) - {item.marketplace_ref for item in found}
            commands += [
                Command.update(known[reference].id, {"is_participating": False})
                for reference in gone
            ]
            one.participation_ids = commands

    # === BOOKS === #

    @api.model
    def _booking_company(self, connection, currency, marketplace):
        """Return the company in whose books the settlements of a currency belong.

        Amazon settles all marketplaces of a currency together, so it is one company whatever rows
        a settlement happens to have: else chains of settlements would break. Where their
        marketplaces name several, it is that of the settlements before; of the first one, that of
        its marketplace.

        :param marketplace: that of most of the settlement's rows
        """
        named = self._companies_of(connection, currency)
        if len(named) > 1:
            before = (
                self.env["sp.settlement"]
                .sudo()
                .search(
                    [
                        ("connection_id", "=", connection.id),
                        ("currency_id", "=", currency.id),
                        ("company_id", "in", named.ids),
                    ],
                    order="date_end desc, id desc",
                    limit=1,
                )
            )
            named = before.company_id or connection._participation(marketplace)._books_of()
        return named or connection.sudo().company_id

    @api.model
    def _companies_of(self, connection, currency):
        """Return the companies whose books the marketplaces of a currency name."""
        return (
            connection.sudo()
            .participation_ids.filtered(
                lambda place: (
                    place.is_participating and place.marketplace_id.currency_id == currency
                )
            )
            ._books_of()
        )
