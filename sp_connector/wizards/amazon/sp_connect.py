import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...engine.amazon import reports
from ...engine.amazon.listing import HISTORY
from ...engine.amazon.regions import REGIONS
from ...engine.errors import AmazonError, KeyLost, Revoked
from ...models.amazon.reasons import consent_errors, explain, words_of

#: Proposed where the company itself is in none of the region's countries.
_USUAL_COUNTRIES = ("US", "GB", "JP")


class SpConnect(models.TransientModel):
    """Pick region and country, name the connection, and leave for Amazon; or paste a token.

    With ``connection_id`` it replaces the token of that connection and asks for nothing else.
    """

    _name = "sp.connect"
    _inherit = ["sp.secret.mixin"]
    _description = "Connect an Amazon Seller Account"
    _secret_fields = ("refresh_token",)

    connection_id = fields.Many2one("sp.connection", "Replace Token Of", ondelete="cascade")
    # Not required: without one the wizard leads to where it is described.
    application_id = fields.Many2one(
        "sp.application",
        compute="_compute_application_id",
        store=True,
        precompute=True,
        readonly=False,
        domain="[('company_ids', 'in', [company_id])]",
    )
    application_kind = fields.Selection(related="application_id.kind")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        compute="_compute_company_id",
        store=True,
        precompute=True,
        readonly=False,
    )
    region = fields.Selection(
        list(REGIONS.items()),
        required=True,
        compute="_compute_region",
        store=True,
        precompute=True,
        readonly=False,
    )
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
    region_places = fields.Char("Marketplaces", compute="_compute_region_places")
    sign_in_host = fields.Char("Sign In At", compute="_compute_sign_in_host")
    name = fields.Char(
        required=True, compute="_compute_name", store=True, precompute=True, readonly=False
    )
    method = fields.Selection(
        [
            ("consent", "Consent in Seller Central"),
            ("token", "Paste a refresh token (Authorize app in the developer console)"),
        ],
        required=True,
        compute="_compute_method",
        store=True,
        precompute=True,
        readonly=False,
    )
    parent_id = fields.Many2one(
        "sp.connection",
        "Unified With",
        domain="[('parent_id', '=', False), ('region', '=', region),"
        " ('application_id', '=', application_id), ('company_id', '!=', company_id)]",
        help="The same seller account is connected for another company already.",
    )
    booked_place_ids = fields.Many2many(
        "sp.connection.marketplace",
        string="Books Of This Company",
        domain="[('connection_id', '=', parent_id), ('marketplace_id', '!=', False)]",
        help="The marketplaces whose settlements belong in the books of this company.",
    )
    selling_partner_ref = fields.Char(
        "Seller ID", compute="_compute_selling_partner_ref", store=True, readonly=False
    )
    has_seller = fields.Boolean(compute="_compute_has_seller")
    # Encrypted at once as well: a wizard's table is a table too.
    refresh_token = fields.Char(compute="_compute_blank", readonly=False)
    console_url = fields.Char(related="connection_id.manage_url")
    codes_html = fields.Html("Codes of Amazon", compute="_compute_codes_html", sanitize=False)

    # === COMPUTE METHODS === #

    @api.depends("connection_id")
    def _compute_company_id(self):
        for wizard in self:
            wizard.company_id = (
                wizard.connection_id.company_id or wizard.company_id or self.env.company
            )

    @api.depends("connection_id")
    def _compute_region(self):
        for wizard in self:
            wizard.region = wizard.connection_id.region or wizard.region or "eu"

    @api.depends("company_id", "connection_id")
    def _compute_application_id(self):
        for wizard in self:
            found = self.env["sp.application"].search(
                [("company_ids", "in", wizard.company_id.ids)], limit=2
            )
            one = found if len(found) == 1 else wizard.application_id
            wizard.application_id = wizard.connection_id.application_id or one

    @api.depends("region", "company_id", "connection_id")
    def _compute_marketplace_id(self):
        for wizard in self:
            if wizard.connection_id:
                wizard.marketplace_id = wizard.connection_id.marketplace_id
            elif wizard.marketplace_id.region != wizard.region:
                places = self.env["sp.marketplace"].search([("region", "=", wizard.region)])
                home = places.filtered(
                    lambda place, wizard=wizard: place.country_id == wizard.company_id.country_id
                )
                usual = places.filtered(lambda place: place.country_id.code in _USUAL_COUNTRIES)
                wizard.marketplace_id = (home or usual or places)[:1]

    @api.depends("region")
    def _compute_region_places(self):
        for wizard in self:
            places = self.env["sp.marketplace"].search([("region", "=", wizard.region)])
            wizard.region_places = ", ".join(sorted(places.country_id.mapped("name")))

    @api.depends("marketplace_id", "application_id")
    def _compute_sign_in_host(self):
        for wizard in self:
            application, place = wizard.application_id.sudo(), wizard.marketplace_id
            url = application._seller_central(place) if application and place else ""
            wizard.sign_in_host = url.partition("//")[2] or place.seller_central_host

    @api.depends("region", "marketplace_id", "connection_id")
    def _compute_name(self):
        for wizard in self:
            proposed = self.env["sp.connection"]._default_name(wizard.marketplace_id)
            wizard.name = wizard.connection_id.name or proposed

    @api.depends("application_id", "connection_id")
    def _compute_method(self):
        """Amazon has no consent for private applications."""
        for wizard in self:
            by_token = wizard.connection_id or wizard.application_id.kind == "private"
            wizard.method = "token" if by_token else "consent"

    @api.depends("connection_id")
    def _compute_selling_partner_ref(self):
        for wizard in self:
            known = wizard.connection_id.selling_partner_ref
            wizard.selling_partner_ref = known or wizard.selling_partner_ref

    @api.depends("connection_id")
    def _compute_has_seller(self):
        for wizard in self:
            wizard.has_seller = bool(wizard.connection_id.selling_partner_ref)

    def _compute_codes_html(self):
        self.codes_html = self.env["ir.qweb"]._render(
            "sp_connector.oauth_codes", {"explained": consent_errors(self.env)}
        )

    # === ACTIONS === #

    def action_describe_application(self):
        """Open the form for a new application, which leads back here."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_application_action_new"
        )

    def action_connect(self):
        """Create the connection, or take the one given, and go on by the chosen way."""
        self.ensure_one()
        if not self.application_id:
            raise UserError(self.env._("Choose the application to connect with, or describe it."))
        if self.method == "token" and not self.parent_id:
            return self._connect_by_token()
        if self.parent_id:
            connection = self.env["sp.connection"].create(self._prepare_connection_vals())
            self.env["sp.grant"]._join_parent(connection)
            # The parent's manager gives it away: who may not write it got no further than this.
            self.booked_place_ids.filtered(
                lambda place: place.connection_id == self.parent_id
            ).booking_company_id = self.company_id
            return self._open(connection)
        if self.application_id.kind == "private":
            raise UserError(
                self.env._(
                    "Amazon has no consent page for private applications. Press Authorize app in "
                    "the developer console and paste the refresh token here."
                )
            )
        return self.env["sp.consent"]._begin(self._prepare_connection_vals()).action_connect()

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
        """Verify a pasted token with Amazon before it is kept; a refused one is forgotten."""
        if self.create_uid != self.env.user:
            raise AccessError(self.env._("Only who pasted a refresh token may use it."))
        secrets = self.env["sp.secret"]
        try:
            refresh_token = secrets._get(self, "refresh_token")
        except KeyLost:
            raise UserError("\n".join(explain(self.env, "key_lost", True))) from None
        if not refresh_token:
            raise UserError(self.env._("Paste the refresh token first."))
        connection = self.connection_id
        connection.check_access("write")
        if connection.parent_id:
            return connection.action_replace_token()  # says where the token is
        connection = connection or self.env["sp.connection"].create(self._prepare_connection_vals())
        seller = self._typed_seller()
        try:
            tokens = self._verify(connection, refresh_token, seller)
        except psycopg2.Error:
            raise  # Odoo runs the transaction again, and needs the token for that
        except Exception:
            self._forget_token()
            raise
        secrets._set(self, "refresh_token", "")
        self.env["sp.grant"]._accept(connection, tokens, seller, is_self_authorised=True)
        return self._open(connection)

    def _typed_seller(self):
        """Return the typed seller id as Amazon writes it: letters and digits, in capitals."""
        seller = "".join((self.selling_partner_ref or "").split())
        return seller.upper() if any(sign.isdigit() for sign in seller) else seller

    def _verify(self, connection, refresh_token, seller):
        """Return the ``Tokens`` of a refresh token that is good for this seller's connection.

        :raises UserError: it is not, with the reason; nothing that was typed gets out
        """
        grant, client = self.env["sp.grant"], self.env["sp.client"]
        if reason := grant._check_seller(connection, seller):
            same = grant._same_seller(connection, seller, connection.region)
            raise UserError(self._refusal(self._words_of(reason), same))
        if same := grant._same_token(connection, refresh_token):
            raise UserError(self._refusal(self._words_of("already_connected"), same))
        tokens = None
        try:
            with client._lwa(connection.application_id.sudo()) as lwa:
                tokens = lwa.refresh(refresh_token)
            with client._partner(connection.sudo(), tokens.access_token, seller) as partner:
                page = reports.first_page(partner, fields.Datetime.now() - HISTORY)
        except KeyLost:
            raise UserError(self._refusal("\n".join(explain(self.env, "key_lost", True)))) from None
        except Revoked:
            raise UserError(
                self._refusal(
                    self.env._(
                        "Amazon does not accept this refresh token for this application.\n"
                        "Authorize the application once more in the developer console and paste "
                        "the new token whole."
                    )
                )
            ) from None
        except AmazonError as error:
            code = error.code
            if tokens and code == "no_access":
                code = grant._why_refused(connection.sudo(), tokens.access_token, seller)
            words = explain(self.env, code, connection.by_token)
            words = words or (words_of(self.env, error),)
            raise UserError(self._refusal("\n".join(words))) from None
        if same := grant._same_reports(connection, page.reports):
            raise UserError(self._refusal(self._words_of("already_connected"), same))
        if not page.next_token and grant._lists_strange_reports(connection, page.reports):
            raise UserError(self._refusal(self._words_of("strange_reports")))
        return tokens

    def _words_of(self, ending):
        return "\n".join(self.env["sp.consent"]._words_of(ending))

    def _refusal(self, words, same=None):
        """Return why a token was refused, what became of it, and who else has the account."""
        if same:
            seen = same.sudo(False).with_context(allowed_company_ids=self.env.user.company_ids.ids)
            if seen.has_access("read"):
                words += "\n" + self.env._("It is connected as %(name)s.", name=same.name)
        return words + "\n" + self.env._("The token was not kept.")

    def _forget_token(self):
        """Erase the pasted token for good: this transaction is about to be undone."""
        with self.env.registry.cursor() as cr:
            self.env(cr=cr)["sp.secret"]._erase(self)

    def _open(self, connection):
        return connection._get_records_action()
