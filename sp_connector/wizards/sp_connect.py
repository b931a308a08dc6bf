from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.errors import AmazonError, KeyLost, Revoked
from ..engine.regions import REGIONS
from ..models.sp_connection import explain

#: Proposed where the company itself is in none of the region's countries.
_USUAL_COUNTRIES = ("US", "GB", "JP")


class SpConnect(models.TransientModel):
    """Pick region and country, name the connection, and leave for Amazon; or paste a token."""

    _name = "sp.connect"
    _inherit = ["sp.secret.mixin"]
    _description = "Connect an Amazon Seller Account"
    _secret_fields = ("refresh_token",)

    application_id = fields.Many2one(
        "sp.application",
        required=True,
        compute="_compute_application_id",
        store=True,
        precompute=True,
        readonly=False,
        domain="[('company_ids', 'in', [company_id])]",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    region = fields.Selection(list(REGIONS.items()), required=True, default="eu")
    marketplace_id = fields.Many2one(
        "sp.marketplace",
        "Country",
        required=True,
        compute="_compute_marketplace_id",
        store=True,
        precompute=True,
        readonly=False,
        domain="[('region', '=', region)]",
    )
    name = fields.Char(
        required=True, compute="_compute_name", store=True, precompute=True, readonly=False
    )
    method = fields.Selection(
        [
            ("consent", "Consent in Seller Central"),
            ("token", "Paste the refresh token of a private application"),
        ],
        required=True,
        default="consent",
    )
    parent_id = fields.Many2one(
        "sp.connection",
        "Unified With",
        domain="[('parent_id', '=', False), ('region', '=', region),"
        " ('application_id', '=', application_id), ('company_id', '!=', company_id)]",
        help="The same seller account is connected for another company already.",
    )
    selling_partner_ref = fields.Char("Seller ID")
    # Encrypted at once as well: a wizard's table is a table too.
    refresh_token = fields.Char(compute="_compute_blank", readonly=False)

    @api.depends("company_id")
    def _compute_application_id(self):
        for wizard in self:
            found = self.env["sp.application"].search(
                [("company_ids", "in", wizard.company_id.ids)], limit=2
            )
            wizard.application_id = found if len(found) == 1 else wizard.application_id

    @api.depends("region", "company_id")
    def _compute_marketplace_id(self):
        for wizard in self:
            if wizard.marketplace_id.region != wizard.region:
                places = self.env["sp.marketplace"].search([("region", "=", wizard.region)])
                home = places.filtered(
                    lambda place, wizard=wizard: place.country_id == wizard.company_id.country_id
                )
                usual = places.filtered(lambda place: place.country_id.code in _USUAL_COUNTRIES)
                wizard.marketplace_id = (home or usual or places)[:1]

    @api.depends("region", "marketplace_id")
    def _compute_name(self):
        for wizard in self:
            place = wizard.marketplace_id.country_id.name if wizard.region == "fe" else ""
            wizard.name = f"Amazon {place or REGIONS.get(wizard.region, '')}"

    def action_connect(self):
        """Create the connection and go on by the chosen way."""
        self.ensure_one()
        if self.method == "token" and not self.parent_id:
            return self._connect_by_token()
        connection = self.env["sp.connection"].create(self._prepare_connection_vals())
        if self.parent_id:
            connection._join_parent()
            return self._open(connection)
        return connection.action_connect()

    def _prepare_connection_vals(self):
        return {
            "name": self.name,
            "company_id": self.company_id.id,
            "application_id": self.application_id.id,
            "region": self.region,
            "marketplace_id": self.marketplace_id.id,
            "parent_id": self.parent_id.id,
        }

    def _connect_by_token(self):
        """Verify a pasted token with Amazon before anything is kept."""
        secrets = self.env["sp.secret"]
        refresh_token = secrets._get(self, "refresh_token")
        secrets._set(self, "refresh_token", "")
        if not refresh_token:
            raise UserError(self.env._("Paste the refresh token first."))
        connection = self.env["sp.connection"].create(self._prepare_connection_vals())
        seller = (self.selling_partner_ref or "").strip()
        if reason := connection._check_seller(seller):
            raise UserError(connection._explain(reason))
        try:
            tokens = self.application_id.sudo()._lwa().refresh(refresh_token)
            connection.sudo()._partner(tokens.access_token, seller).newest_reports()
        except KeyLost:
            raise UserError("\n".join(explain(self.env, "key_lost"))) from None
        except Revoked:
            raise UserError(
                self.env._(
                    "Amazon does not accept this refresh token for this application.\n"
                    "Authorize the application once more in the developer console and paste the "
                    "new token whole."
                )
            ) from None
        except AmazonError as error:
            # `from None`, and the text of a typed error only: nothing that was typed gets out.
            raise UserError("\n".join(explain(self.env, error.code) or (error.text,))) from None
        connection._accept_tokens(tokens, seller)
        return self._open(connection)

    def _open(self, connection):
        return connection._get_records_action()
