from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ...const import AUTHORISATION_LIFE_DAYS, BY_PARENT
from ...engine.amazon.regions import REGIONS

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
#: What has a scheduled action of its own.
_OPTIONS = {"compares_summaries"}


class SpConnection(models.Model):
    """One authorised seller account, in one region.

    What is done with it is done by services, which get it as an argument: ``sp.consent``,
    ``sp.grant``, ``sp.client``, ``sp.connection.sync``, ``sp.connection.backfill``,
    ``sp.connection.doctor``, ``sp.notice``. What screens say of it: ``sp.connection.display``.
    """

    _name = "sp.connection"
    _description = "Amazon Connection"
    _inherit = [
        "sp.connection.display",
        "sp.chatter.mixin",
        "sp.alarm.mixin",
        "mail.thread",
        "sp.audited",
    ]
    _mail_post_access = "read"  # people write what they know of it, and change nothing
    _order = "company_id, name"
    _audited = (
        "name",
        "active",
        "company_id",
        "application_id",
        "marketplace_id",
        "parent_id",
        "selling_partner_ref",
        "user_id",
        "state",
        "authorised_at",
    )

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
    is_started_by_amazon = fields.Boolean(readonly=True, copy=False)
    announced_days = fields.Integer(
        readonly=True, copy=False, help="The span before its end that was announced last."
    )
    check_ids = fields.One2many("sp.connection.check", "connection_id", "Checks", readonly=True)
    connect_note = fields.Char(
        "To Note", readonly=True, copy=False, help="What was unexpected when it was connected."
    )
    amazon_grant = fields.Selection(
        [("gone", "Gone"), ("held", "Still held"), ("unknown", "Not known")],
        "Grant at Amazon",
        readonly=True,
        copy=False,
        help="When it was disconnected: whether Amazon still held the authorisation.",
    )

    # Who is told, and how often: see ``sp.notice``.
    notice = fields.Selection(
        [
            ("each", "At once, an activity each"),
            ("daily", "Daily by e-mail"),
            ("weekly", "On Mondays by e-mail"),
            ("off", "Never"),
        ],
        "Notices",
        default="daily",
        required=True,
        help="How the responsible user is told of settlements to review, held and missing ones. "
        "That an account must be reconnected is always told, by an activity.",
    )
    user_email = fields.Char("Email of the Responsible", related="user_id.email")
    last_notice_at = fields.Datetime(
        "Last Digest", readonly=True, copy=False, help="What is newer belongs to the next digest."
    )

    compares_summaries = fields.Boolean(
        "Compare With Amazon's Second Statement",
        help="Ask Amazon's Finances API what each settlement totals, and say where it differs.",
    )

    # What is asked of Amazon, and when: see ``sp.connection.sync`` and ``sp.connection.backfill``.
    sync_hours = fields.Integer(
        "Look Every (Hours)", default=4, help="How often Amazon is asked for new settlements."
    )
    next_sync_at = fields.Datetime("Next Sync", readonly=True, copy=False, index=True)
    last_sync_at = fields.Datetime("Last Successful Sync", readonly=True, copy=False)
    proven_until = fields.Datetime(
        "Complete Until",
        readonly=True,
        copy=False,
        help="All reports that Amazon made up to here are known and finished at Amazon.",
    )
    looked_at = fields.Datetime("Last Look", readonly=True, copy=False)
    look_tries = fields.Integer(
        readonly=True, copy=False, help="Looks in a row that ended early by a trouble at Amazon."
    )
    listing_progress = fields.Json(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="How far Amazon was asked, while a listing is under way.",
    )
    clock_offset = fields.Integer(
        readonly=True,
        copy=False,
        help="Seconds that are added to the server's clock to get the time Amazon is asked by.",
    )
    report_ids = fields.One2many("sp.report", "connection_id", "Reports", readonly=True)
    log_ids = fields.One2many("sp.sync.log", "connection_id", "Sync Log", readonly=True)
    backfill_since = fields.Datetime(
        readonly=True, copy=False, help="Start of the range that is brought in, if any is."
    )
    backfill_until = fields.Datetime(
        readonly=True, copy=False, help="Its end; empty until Amazon was asked up to that moment."
    )
    is_backfill_listed = fields.Boolean(
        readonly=True, copy=False, help="Amazon has told all reports of the range."
    )

    _seller_unique = models.UniqueIndex(
        "(application_id, region, selling_partner_ref)"
        " WHERE parent_id IS NULL AND selling_partner_ref IS NOT NULL",
        "This seller account is already connected. For another company, connect it as unified.",
    )

    # === COMPUTE METHODS === #

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
        connections = super().create(vals_list)
        self._switch_on_others(connections)
        return connections

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
        result = super().write(vals)
        self._switch_on_others(self.filtered(lambda one: vals.keys() & _OPTIONS))
        return result

    @api.model
    def _switch_on_others(self, connections):
        """Start the scheduled actions that only some connections want."""
        if any(connections.mapped("compares_summaries")):
            self.env["sp.control.sync"]._switch_on()

    def _check_told(self, names):
        """Refuse what Amazon said to be set by hand or by a remote call."""
        if not self.env.su and (told := sorted(_TOLD_BY_AMAZON & set(names))):
            raise AccessError(
                self.env._("%(fields)s cannot be written by hand.", fields=", ".join(told))
            )

    def unlink(self):
        self.env["sp.secret"]._erase(self)
        return super().unlink()

    # === ACTION METHODS === #

    def action_connect(self):
        """Send the browser to Seller Central's consent page; also used to reconnect."""
        self.ensure_one()
        self.check_access("write")
        return self.env["sp.consent"]._leave(self)

    def action_replace_token(self):
        """Ask for a refresh token of this account, whatever became of the one before."""
        self.ensure_one()
        self._check_is_parent(
            self.env._("This connection uses the token of %(name)s: replace it there.")
        )
        self.check_access("write")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_connect_action_token"
        )
        return {**action, "context": {"default_connection_id": self.id}}

    def action_disconnect(self):
        """Open the guided way out."""
        self.ensure_one()
        self.check_access("write")
        return self.env["sp.disconnect"].create({"connection_id": self.id})._reopen()

    def action_test(self):
        """Test these connections and show the lines of their checks."""
        self.check_access("read")
        return self.env["sp.connection.doctor"]._show(self)

    def action_sync_now(self):
        """Look for new reports at once, then let the scheduler fetch and import them."""
        self.ensure_one()
        self.check_access("read")
        return self.env["sp.connection.sync"]._look_now(self)

    def action_view_settlements(self):
        """Open the settlements of this connection; of a child, what came to its company."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sp_connector.sp_settlement_action")
        action["domain"] = self._settlement_domain()
        action["context"] = {}  # all, not only what waits
        return action

    def action_view_reports(self):
        """Open the reports of this connection; those that failed where the context says so."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sp_connector.sp_report_action")
        action["domain"] = [("connection_id", "=", self.id)]
        failed_only = self.env.context.get("sp_connector_failed")
        action["context"] = {"search_default_failed": 1} if failed_only else {}
        return action

    # === UNITS OF THE SCHEDULER === #

    @api.model
    def _cron_find_reports(self):
        """Look for the reports of every connection that is due."""
        self.env["sp.connection.sync"]._look_at_all()

    def _look(self):
        """Look for reports where it is due and nobody else does; return whether any are new."""
        return self.env["sp.connection.sync"]._look(self)

    # === STATE === #

    def _set_state(self, state, reason=False, request_id=""):
        """Note what was found of these connections; a lost grant is told to who is responsible."""
        changed = self.filtered(
            lambda connection: (
                (connection.state, connection.state_reason or False) != (state, reason or False)
            )
        ).sudo()
        lost = changed.filtered(
            lambda connection: (
                connection.state != state == "reconnect_required" and not connection.parent_id
            )
        )
        changed.write({"state": state, "state_reason": reason, "request_ref": request_id or False})
        for connection in lost:
            self.env["sp.notice"]._announce_reconnect(connection)
        if state == "disconnected":
            self.sudo().activity_unlink(["sp_connector.mail_activity_type_reconnect"])

    # === UNIFIED CONNECTIONS === #

    # Amazon makes one list of reports for a seller account, so the parent alone asks for them.
    # What belongs to another company is said by Books Of on the parent's marketplaces.

    def _token_owner(self):
        """The connection whose authorisation is used: the parent of a unified one."""
        self.ensure_one()
        return self.sudo().parent_id or self.sudo()

    def _family(self, returning=False):
        """Return this connection and its children, but those that took leave themselves.

        :param returning: also those that only stand still with their parent
        """
        self.ensure_one()
        kept = self.child_ids.filtered(
            lambda child: (
                child.state != "disconnected" or (returning and child.state_reason == BY_PARENT)
            )
        )
        return self | kept

    def _check_is_parent(self, words):
        """Refuse what a child leaves to its parent.

        :param words: why, with ``%(name)s`` of the parent
        """
        if self.parent_id:
            raise UserError(words % {"name": self.sudo().parent_id.name})

    def _booked_here(self):
        """Return the parent's marketplaces whose settlements belong in this child's company."""
        return self.sudo().parent_id.participation_ids.filtered(
            lambda place: place.booking_company_id == self.company_id
        )

    def _settlement_domain(self):
        self.ensure_one()
        if not self.parent_id:
            return [("connection_id", "=", self.id)]
        return [
            ("connection_id", "=", self.sudo().parent_id.id),
            ("company_id", "=", self.company_id.id),
        ]

    # === MARKETPLACES === #

    def _participation(self, marketplace):
        """Return this seller's participation in a marketplace, empty where it has none."""
        return self.sudo().participation_ids.filtered(
            lambda place: marketplace and place.marketplace_id == marketplace
        )[:1]

    @api.model
    def _default_name(self, marketplace):
        """Return the name that is proposed for a connection: of its region, or its country."""
        regions = dict(self._fields["region"].selection)
        region = marketplace.region
        place = marketplace.country_id.name if region == "fe" else regions.get(region, "")
        return f"Amazon {place}"
