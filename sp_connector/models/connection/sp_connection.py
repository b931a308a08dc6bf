from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import LazyTranslate

from ...const import AUTHORISATION_LIFE_DAYS
from ...engine.amazon.regions import REGIONS

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
        _lt(
            "Amazon refuses access: a role is missing, the account is in another region, or the "
            "seller account is deactivated."
        ),
        _lt(
            "Look in Seller Central whether the account is active. Give the application the roles "
            "Finance and Accounting and Selling Partner Insights at Amazon, then reconnect: a "
            "grant keeps the roles it was given with. An account of another region needs a "
            "connection there."
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

#: The same where the grant is a refresh token that was pasted: there is no consent to renew, the
#: developer revokes it, and nobody says that it ends after a year.
_REPLACE = _lt(
    "Press Authorize app in Amazon's developer console once more, then Replace Token here."
)
_REASONS_BY_TOKEN = {
    "invalid_grant": (
        _lt(
            "Amazon no longer accepts the refresh token: it was revoked in the developer console "
            "(Manage Authorizations)."
        ),
        _REPLACE,
    ),
    "key_lost": (
        REASONS["key_lost"][0],
        _lt("Restore the key, or enter the client secret again and press Replace Token."),
    ),
    "unauthorized_client": (
        REASONS["unauthorized_client"][0],
        _lt("Check the client id of the application, then press Replace Token."),
    ),
    "no_access": (
        REASONS["no_access"][0],
        _lt(
            "Look in Seller Central whether the account is active. Give the application the roles "
            "Finance and Accounting and Selling Partner Insights at Amazon, press Authorize app "
            "there once more, then Replace Token here: a token keeps the roles it was given with. "
            "An account of another region needs a connection there."
        ),
    ),
    "token_refused": (
        REASONS["token_refused"][0],
        _lt("It is tried again by itself. If it stays so, press Replace Token."),
    ),
}

_TOLD_BY_AMAZON = {
    "state",
    "state_reason",
    "selling_partner_ref",
    "authorised_at",
    "is_self_authorised",
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


def explain(env, code, by_token=False):
    """Return (what is wrong, what to do) for a reason, in the user's language, or ``None``.

    :param by_token: the grant is, or will be, a refresh token that is pasted
    """
    words = by_token and _REASONS_BY_TOKEN.get(code) or REASONS.get(code)
    return words and tuple(env._(word) for word in words)


class SpConnection(models.Model):
    """One authorised seller account, in one region. Tokens are in ``sp_connection_tokens``."""

    _name = "sp.connection"
    _description = "Amazon Connection"
    _inherit = ["sp.alarm.mixin", "mail.thread"]
    _mail_post_access = "read"  # people write what they know of it, and change nothing
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
    is_self_authorised = fields.Boolean(
        "By Refresh Token",
        readonly=True,
        copy=False,
        help="The developer authorised the account and pasted its refresh token here; nobody "
        "consented in Seller Central.",
    )
    application_kind = fields.Selection(related="application_id.kind", related_sudo=True)
    by_token = fields.Boolean(compute="_compute_by_token")
    is_try = fields.Boolean("Not Finished", readonly=True, copy=False)
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

    @api.depends("is_self_authorised", "application_id.kind")
    def _compute_by_token(self):
        for connection in self:
            connection.by_token = (
                connection.is_self_authorised or connection.sudo().application_id.kind == "private"
            )

    @api.depends("authorised_at", "is_self_authorised", "application_id.kind")
    def _compute_expires_at(self):
        """A consent to a public application lasts a year; of others Amazon says no such thing.

        (Amazon's page "Renew authorizations" speaks of public applications only.)
        """
        for connection in self:
            connection.expires_at = (
                not connection.by_token
                and connection.authorised_at
                and connection.authorised_at + timedelta(days=AUTHORISATION_LIFE_DAYS)
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

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_told(
                {name for name, value in vals.items() if value not in (False, "draft")}
            )
        return super().create(vals_list)

    def write(self, vals):
        self._check_told(vals)
        # Tokens were given for this application and region; elsewhere they would be given away.
        moves = {"application_id", "region"} & vals.keys()
        if moves and not self.env.su and self.filtered(lambda one: one.state != "draft"):
            raise AccessError(
                self.env._(
                    "A connection stays with its application and region: disconnect it and make "
                    "another one."
                )
            )
        return super().write(vals)

    def _check_told(self, names):
        """Refuse what Amazon said to be set by hand or by a remote call."""
        if not self.env.su and (told := sorted(_TOLD_BY_AMAZON & set(names))):
            raise AccessError(
                self.env._("%(fields)s cannot be written by hand.", fields=", ".join(told))
            )

    def unlink(self):
        self.env["sp.secret"]._erase(self)
        return super().unlink()

    def _set_state(self, state, reason=False, request_id=""):
        changed = self.filtered(
            lambda connection: (
                (connection.state, connection.state_reason or False) != (state, reason or False)
            )
        )
        changed.sudo().write(
            {"state": state, "state_reason": reason, "request_ref": request_id or False}
        )

    def action_view_settlements(self):
        """Open the settlements of this connection."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sp_connector.sp_settlement_action")
        action["domain"] = [("connection_id", "=", self.id)]
        return action
