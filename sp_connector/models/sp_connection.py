from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tools import LazyTranslate

from ..const import AUTHORISATION_LIFE_DAYS
from ..engine import oauth
from ..engine.errors import AmazonError
from ..engine.regions import REGIONS

_lt = LazyTranslate(__name__)

#: State reasons → (what is wrong, what to do). Attention is never the seller's fault.
REASONS = {
    "invalid_grant": (
        _lt("The seller revoked the authorisation, or it is older than a year."),
        _lt("Press Reconnect and consent once more."),
    ),
    "key_lost": (
        _lt("The stored secrets cannot be decrypted here: this database came without its key."),
        _lt("Restore the key, or enter the client secret again and reconnect."),
    ),
    "invalid_client": (
        _lt("Amazon refuses the client id or client secret of the application."),
        _lt("Enter the current client secret on the application."),
    ),
    "unauthorized_client": (
        _lt("The application and this authorisation do not belong together."),
        _lt("Check the client id of the application, then reconnect."),
    ),
    "no_secret": (
        _lt("The application has no client secret."),
        _lt("Enter the client secret on the application."),
    ),
    "secret_expired": (
        _lt("The client secret of the application is older than 180 days."),
        _lt("Make a new client secret in Amazon's developer console and enter it."),
    ),
    "no_access": (
        _lt("Amazon refuses access: a role is missing, or the account is in another region."),
        _lt(
            "Give the application the roles Finance and Accounting and Selling Partner Insights "
            "at Amazon, then reconnect: a grant keeps the roles it was given with. An account of "
            "another region needs a connection there."
        ),
    ),
    "token_refused": (
        _lt("Amazon refuses the access token, and also a fresh one."),
        _lt("It is tried again by itself. If it stays so, press Reconnect and consent once more."),
    ),
    "out_of_reach": (
        _lt("Amazon cannot be reached."),
        _lt("Nothing to do; it is tried again by itself."),
    ),
}

_TOLD_BY_AMAZON = {
    "state",
    "state_reason",
    "selling_partner_ref",
    "authorised_at",
    "plan",
    # What is known and when it is asked: a wrong one would hide reports.
    "proven_until",
    "next_sync_at",
    "last_sync_at",
    "looked_at",
    "look_tries",
    "listing_progress",
    "clock_offset",
    "backfill_since",
    "backfill_until",
    "is_backfill_listed",
}


def explain(env, code):
    """Return (what is wrong, what to do) for a reason, in the user's language, or ``None``."""
    words = REASONS.get(code)
    return words and tuple(env._(word) for word in words)


class SpConnection(models.Model):
    """One authorised seller account, in one region. Tokens are in ``sp_connection_tokens``."""

    _name = "sp.connection"
    _description = "Amazon Connection"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "company_id, name"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    application_id = fields.Many2one("sp.application", required=True, ondelete="restrict")
    region = fields.Selection(list(REGIONS.items()), required=True)
    marketplace_id = fields.Many2one(
        "sp.marketplace",
        "Country",
        required=True,
        ondelete="restrict",
        help="Where the seller signs in to Seller Central.",
    )
    selling_partner_ref = fields.Char("Seller ID", readonly=True, copy=False, tracking=True)
    parent_id = fields.Many2one(
        "sp.connection",
        "Unified With",
        ondelete="restrict",
        domain="[('parent_id', '=', False), ('id', '!=', id), ('region', '=', region)]",
        help="The same seller account for another company: uses its authorisation.",
    )
    child_ids = fields.One2many("sp.connection", "parent_id", "Unified Connections")
    participation_ids = fields.One2many(
        "sp.connection.marketplace", "connection_id", "Marketplaces"
    )
    active_names = fields.Char("Active Marketplaces", compute="_compute_names")
    other_names = fields.Char("Not Active", compute="_compute_names")
    plan = fields.Selection(
        [("PROFESSIONAL", "Professional"), ("INDIVIDUAL", "Individual")], readonly=True, copy=False
    )
    user_id = fields.Many2one(
        "res.users", "Responsible", default=lambda self: self.env.user, tracking=True
    )
    state = fields.Selection(
        [
            ("draft", "No Token"),
            ("connected", "Connected"),
            ("attention", "Attention"),
            ("reconnect_required", "Reconnect Required"),
            ("disconnected", "Disconnected"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    state_reason = fields.Char(readonly=True, copy=False)
    request_ref = fields.Char("Amazon's Request ID", readonly=True, copy=False)
    authorised_at = fields.Datetime("Authorised On", readonly=True, copy=False, tracking=True)
    expires_at = fields.Datetime("Expires On", compute="_compute_expires_at", store=True)
    expires_in = fields.Char(compute="_compute_expires_in")
    access_token_until = fields.Datetime(compute="_compute_access_token")
    is_started_by_amazon = fields.Boolean(readonly=True, copy=False)
    announced_days = fields.Integer(readonly=True, copy=False)
    just_connected = fields.Boolean(compute="_compute_just_connected")
    check_ids = fields.One2many("sp.connection.check", "connection_id", "Checks", readonly=True)
    settlement_count = fields.Integer(compute="_compute_settlement_count")

    _seller_unique = models.UniqueIndex(
        "(application_id, region, selling_partner_ref)"
        " WHERE parent_id IS NULL AND selling_partner_ref IS NOT NULL",
        "This seller account is already connected. For another company, connect it as unified.",
    )

    # === COMPUTE METHODS === #

    @api.depends("participation_ids.is_active", "participation_ids.is_participating")
    def _compute_names(self):
        for connection in self:
            lines = connection.participation_ids
            active = lines.filtered(lambda line: line.is_active and line.is_participating)
            connection.active_names = ", ".join(active.mapped("name"))
            connection.other_names = ", ".join((lines - active).mapped("name"))

    @api.depends("authorised_at")
    def _compute_expires_at(self):
        for connection in self:
            connection.expires_at = connection.authorised_at and (
                connection.authorised_at + timedelta(days=AUTHORISATION_LIFE_DAYS)
            )

    @api.depends("expires_at")
    def _compute_expires_in(self):
        """Days during the last 30 days, hours on the last day."""
        now = fields.Datetime.now()
        for connection in self:
            left = connection.expires_at - now if connection.expires_at else None
            if left is None or left.days >= 30:
                connection.expires_in = False
            elif left.total_seconds() <= 0:
                connection.expires_in = self.env._("expired")
            elif left.days > 1:
                connection.expires_in = self.env._("%(days)s days", days=left.days)
            elif left.days == 1:
                connection.expires_in = self.env._("1 day")
            elif left.seconds >= 7200:
                connection.expires_in = self.env._("%(hours)s hours", hours=left.seconds // 3600)
            else:
                connection.expires_in = self.env._("less than two hours")

    def _compute_access_token(self):
        secrets = self.env["sp.secret"]
        for connection in self:
            owner = connection._token_owner()
            connection.access_token_until = secrets._find(owner, "access_token").expires_at

    def _compute_just_connected(self):
        recently = fields.Datetime.now() - timedelta(minutes=10)
        for connection in self:
            connection.just_connected = (
                connection.state == "connected"
                and connection.authorised_at
                and connection.authorised_at > recently
            )

    def _compute_settlement_count(self):
        counts = dict(
            self.env["sp.settlement"]._read_group(
                [("connection_id", "in", self.ids)], ["connection_id"], ["__count"]
            )
        )
        for connection in self:
            connection.settlement_count = counts.get(connection, 0)

    # === CONSTRAINTS === #

    @api.constrains("parent_id", "application_id", "region")
    def _check_parent(self):
        for connection in self.filtered("parent_id"):
            parent = connection.sudo().parent_id
            # Who uses another connection's authorisation must be allowed to give it away.
            # (Odoo runs constraints as superuser.)
            parent.sudo(False).with_context(
                allowed_company_ids=self.env.user.company_ids.ids
            ).check_access("write")
            if parent.parent_id or connection.child_ids or parent == connection:
                raise ValidationError(
                    self.env._("A unified connection cannot be the base of another one.")
                )
            if (parent.application_id, parent.region) != (
                connection.sudo().application_id,
                connection.region,
            ):
                raise ValidationError(
                    self.env._("Unified connections share application and region.")
                )

    @api.constrains("application_id", "company_id")
    def _check_application(self):
        for connection in self:
            if connection.company_id not in connection.sudo().application_id.company_ids:
                raise ValidationError(
                    self.env._(
                        "Application %(name)s is not for company %(company)s.",
                        name=connection.sudo().application_id.name,
                        company=connection.company_id.name,
                    )
                )

    @api.constrains("region", "marketplace_id")
    def _check_region(self):
        for connection in self:
            if connection.marketplace_id.region != connection.region:
                raise ValidationError(
                    self.env._(
                        "%(name)s is not in region %(region)s.",
                        name=connection.marketplace_id.name,
                        region=REGIONS[connection.region],
                    )
                )

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if (
            self.env["sp.settlement"]
            .sudo()
            .search_count([("connection_id", "in", self.ids)], limit=1)
        ):
            raise UserError(
                self.env._("A connection with settlements stays; disconnect and archive it.")
            )

    def write(self, vals):
        # What Amazon said is set by code alone, never by hand or by a remote call.
        if not self.env.su and (told := sorted(_TOLD_BY_AMAZON & vals.keys())):
            raise AccessError(
                self.env._("%(fields)s cannot be written by hand.", fields=", ".join(told))
            )
        return super().write(vals)

    def unlink(self):
        self.env["sp.secret"]._erase(self)
        return super().unlink()

    # === AUTHORISATION === #

    def action_connect(self):
        """Send the browser to Seller Central's consent page; also used to reconnect."""
        self.ensure_one()
        self.check_access("write")
        if self.parent_id:
            raise UserError(
                self.env._(
                    "This connection uses the authorisation of %(name)s: reconnect that one.",
                    name=self.sudo().parent_id.name,
                )
            )
        application = self.application_id.sudo()
        if not application.has_secret:
            raise UserError(self.env._("Enter the client secret of the application first."))
        url = oauth.consent_url(
            application._seller_central(self.marketplace_id),
            application.application_ref,
            self.env["sp.oauth.state"]._issue(self),
            application.redirect_uri,
            application.is_draft,
        )
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}

    def _check_seller(self, selling_partner_ref, region=None):
        """Return "" if this connection may take this seller's grant, else a reason.

        :param region: where the grant is for, if that is not the connection's region yet
        """
        self.ensure_one()
        if not oauth.is_seller_id(selling_partner_ref):
            return "bad_seller"
        if self.selling_partner_ref and self.selling_partner_ref != selling_partner_ref:
            return "wrong_seller"
        # The unique index counts archived connections, too.
        others = (
            self.sudo()
            .with_context(active_test=False)
            .search_count(
                [
                    ("application_id", "=", self.application_id.id),
                    ("region", "=", region or self.region),
                    ("selling_partner_ref", "=", selling_partner_ref),
                    ("parent_id", "=", False),
                    ("id", "!=", self.id),
                ],
                limit=1,
            )
        )
        return "already_connected" if others else ""

    def _accept_tokens(self, tokens, selling_partner_ref):
        """Store the tokens of a fresh grant and read what it covers; heals children too."""
        self.ensure_one()
        self.check_access("write")
        connection_sudo = self.sudo()
        connection_sudo._store_tokens(tokens)
        connection_sudo.write(
            {
                "selling_partner_ref": selling_partner_ref,
                "authorised_at": fields.Datetime.now(),
                "announced_days": 0,
                "next_sync_at": fields.Datetime.now(),
                "look_tries": 0,
            }
        )
        family = connection_sudo | connection_sudo.child_ids
        family._set_state("connected")
        connection_sudo.child_ids.authorised_at = connection_sudo.authorised_at
        connection_sudo.activity_unlink(["sp_connector.mail_activity_type_reconnect"])
        connection_sudo._read_participations(tokens.access_token)
        self.env["sp.connection"]._switch_on_crons()

    def _join_parent(self):
        """Take over seller, marketplaces and state from the connection this one is unified with."""
        self.ensure_one()
        parent = self.sudo().parent_id
        self.sudo().write(
            {
                "selling_partner_ref": parent.selling_partner_ref,
                "authorised_at": parent.authorised_at,
                "participation_ids": [
                    Command.create(
                        {
                            "marketplace_ref": line.marketplace_ref,
                            "marketplace_id": line.marketplace_id.id,
                            "name": line.name,
                            "country_code": line.country_code,
                            "is_participating": line.is_participating,
                            "has_suspended_listings": line.has_suspended_listings,
                        }
                    )
                    for line in parent.participation_ids
                ],
            }
        )
        self._set_state(parent.state, parent.state_reason)

    def _set_state(self, state, reason=False, request_id=""):
        changed = self.filtered(
            lambda connection: (
                (connection.state, connection.state_reason or False) != (state, reason or False)
            )
        )
        changed.sudo().write(
            {"state": state, "state_reason": reason, "request_ref": request_id or False}
        )

    def _read_participations(self, access_token):
        """Ask Amazon for the marketplaces and, in Europe, the selling plan.

        A refusal leaves them unknown and the connection connected: the Sellers API needs a role
        of its own (SP-API facts 5.1).
        """
        self.ensure_one()
        partner = self._partner(access_token)
        try:
            self._store_participations(partner.participations())
            if self.region == "eu":
                self.plan = partner.selling_plan()
        except AmazonError as error:
            self.message_post(
                body=self.env._(
                    "The marketplaces could not be read: %(error)s Test the connection later.",
                    error=error.text,
                )
            )
            try:  # reports refused as well: the grant is of no use here, and that is said
                partner.newest_reports()
            except AmazonError as refused:
                self._note_error(refused)

    def _store_participations(self, found):
        """Update the marketplaces: new ones are added, what people chose stays."""
        for connection in self | self.child_ids:
            catalogue = {
                marketplace.marketplace_ref: marketplace
                for marketplace in self.env["sp.marketplace"].search([])
            }
            known = {line.marketplace_ref: line for line in connection.participation_ids}
            commands = []
            for item in found:
                vals = {
                    "name": item.name,
                    "country_code": item.country,
                    "is_participating": item.is_participating,
                    "has_suspended_listings": item.has_suspended_listings,
                }
                line = known.get(item.marketplace_ref)
                if line:
                    commands.append(Command.update(line.id, vals))
                else:
                    marketplace = catalogue.get(item.marketplace_ref)
                    commands.append(
                        Command.create(
                            {
                                **vals,
                                "marketplace_ref": item.marketplace_ref,
                                "marketplace_id": marketplace.id if marketplace else False,
                                # Shadow marketplaces exist (SP-API facts 1.2): shown, not active.
                                "is_active": bool(marketplace) and item.is_participating,
                            }
                        )
                    )
            gone = set(known) - {item.marketplace_ref for item in found}
            commands += [
                Command.update(known[reference].id, {"is_participating": False})
                for reference in gone
            ]
            connection.participation_ids = commands

    def action_view_settlements(self):
        """Open the settlements of this connection."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sp_connector.sp_settlement_action")
        action["domain"] = [("connection_id", "=", self.id)]
        return action
