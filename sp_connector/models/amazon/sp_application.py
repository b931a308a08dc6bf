from datetime import timedelta
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.http import db_list
from odoo.tools import format_date
from odoo.tools.urls import urljoin

from ...const import LOGIN_ROUTE, RETURN_ROUTE, SECRET_LIFE_DAYS, SECRET_WARNING_DAYS
from ...engine.amazon import regions, transport
from ...engine.amazon.connections import is_public_host
from ...engine.errors import KeyLost, Misconfigured
from .reasons import words_of

#: Where secrets are sent to: administrators of Odoo say so, and a change is followed.
_HOST_FIELDS = ("api_host_na", "api_host_eu", "api_host_fe", "lwa_host", "seller_central_host")


class SpApplication(models.Model):
    """The developer application that the company itself registered with Amazon."""

    _name = "sp.application"
    _description = "Amazon Application"
    _inherit = ["sp.secret.mixin", "sp.alarm.mixin", "mail.thread", "sp.audited"]
    _mail_post_access = "read"  # people write what they know of it, and change nothing
    _secret_fields = ("client_secret", "next_client_secret")
    _order = "name"

    name = fields.Char(required=True, copy=False)
    active = fields.Boolean(default=True)
    # Whoever creates one by code knows the consent only; the form proposes the private kind.
    kind = fields.Selection(
        [
            ("private", "Private: for the company's own seller accounts"),
            ("public", "Public: sellers consent in Seller Central"),
        ],
        "Kind at Amazon",
        required=True,
        default="public",
        tracking=True,
        help="For a private application Amazon has no consent page: its developer authorises up "
        "to ten accounts of the own organisation and pastes the refresh token of each.",
    )
    application_ref = fields.Char(
        "Application ID",
        required=True,
        copy=False,
        help="From Amazon's developer console: amzn1.sp.solution.… or amzn1.sellerapps.app.…",
    )
    client_id = fields.Char(
        "LWA Client ID", required=True, copy=False, help="amzn1.application-oa2-client.…"
    )
    client_secret = fields.Char(
        "LWA Client Secret", compute="_compute_blank", readonly=False, copy=False
    )
    next_client_secret = fields.Char(
        compute="_compute_blank",
        readonly=False,
        copy=False,
        help="During a rotation both secrets are tried.",
    )
    has_secret = fields.Boolean(compute="_compute_has_secret")
    has_next_secret = fields.Boolean(compute="_compute_has_secret")
    secret_date = fields.Date(
        "Secret Created On", default=fields.Date.context_today, copy=False, tracking=True
    )
    secret_expires_on = fields.Date(
        compute="_compute_secret_expires_on",
        store=True,
        help="Amazon's client secrets live 180 days; then every connection fails.",
    )
    is_draft = fields.Boolean(
        "Draft at Amazon", default=True, help="Not yet published: adds version=beta."
    )
    environment = fields.Selection(
        [("production", "Production"), ("sandbox", "Sandbox"), ("simulator", "Simulator")],
        required=True,
        default="production",
        tracking=True,
    )
    api_host_na = fields.Char("Endpoint North America", tracking=True)
    api_host_eu = fields.Char("Endpoint Europe", tracking=True)
    api_host_fe = fields.Char("Endpoint Far East", tracking=True)
    lwa_host = fields.Char("Login with Amazon", tracking=True)
    seller_central_host = fields.Char("Seller Central", tracking=True)
    revocation_url = fields.Char(
        "Revocation Endpoint",
        tracking=True,
        help="Called when a connection is disconnected. Amazon publishes none today.",
    )
    can_edit_hosts = fields.Boolean(compute="_compute_can_edit_hosts")
    is_sealed = fields.Boolean(
        readonly=True,
        copy=False,
        tracking=True,
        help="A host has changed: nothing is sent there until the client secret is typed again.",
    )
    secret_warning = fields.Char(compute="_compute_secret_warning")
    company_ids = fields.Many2many(
        "res.company", string="Companies", default=lambda self: self.env.company, required=True
    )
    connection_ids = fields.One2many("sp.connection", "application_id", "Connections")
    login_uri = fields.Char("OAuth Login URI", compute="_compute_uris")
    redirect_uri = fields.Char("OAuth Redirect URI", compute="_compute_uris")
    is_https = fields.Boolean(compute="_compute_uris")
    has_other_databases = fields.Boolean(compute="_compute_has_other_databases")
    user_id = fields.Many2one(
        "res.users", "Responsible", default=lambda self: self.env.user, tracking=True
    )
    announced_days = fields.Integer(
        readonly=True, copy=False, help="The span before the secret's end that was announced last."
    )

    # === COMPUTE METHODS === #

    def _compute_has_secret(self):
        secrets = self.env["sp.secret"]
        for application in self:
            application.has_secret = bool(secrets._find(application, "client_secret"))
            application.has_next_secret = bool(secrets._find(application, "next_client_secret"))

    @api.depends_context("uid")
    def _compute_can_edit_hosts(self):
        self.can_edit_hosts = self.env.user.has_group("base.group_system")

    @api.depends("secret_date")
    def _compute_secret_expires_on(self):
        for application in self:
            application.secret_expires_on = application.secret_date and (
                application.secret_date + timedelta(days=SECRET_LIFE_DAYS)
            )

    @api.depends("secret_expires_on")
    def _compute_secret_warning(self):
        """What to say in the last 30 days of a secret, when Amazon has announced its end."""
        today = fields.Date.context_today(self)
        for application in self:
            ends = application.secret_expires_on
            days = (ends - today).days if ends else None
            if days is None or days > SECRET_WARNING_DAYS[0]:
                application.secret_warning = False
            elif days < 0:
                application.secret_warning = self.env._("The client secret is over 180 days old.")
            elif days == 0:
                application.secret_warning = self.env._("The client secret ends today.")
            else:
                application.secret_warning = self.env._(
                    "The client secret ends on %(date)s: then every connection stops.",
                    date=format_date(self.env, ends),
                )

    @api.depends("name")
    def _compute_uris(self):
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url") or ""
        for application in self:
            application.redirect_uri = urljoin(base, RETURN_ROUTE)
            application.login_uri = application._origin.id and urljoin(
                base, f"{LOGIN_ROUTE}/{application._origin.id}"
            )
            application.is_https = base.startswith("https://")

    def _compute_has_other_databases(self):
        """Whether Odoo cannot tell, without a session, which database an address is for."""
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url") or ""
        self.has_other_databases = len(db_list(force=True, host=urlsplit(base).netloc)) > 1

    # === CONSTRAINTS === #

    @api.constrains("environment", *_HOST_FIELDS, "revocation_url")
    def _check_hosts(self):
        for application in self:
            hosts = [application[name] for name in _HOST_FIELDS]
            simulated = application.environment == "simulator"
            if simulated and not all(hosts):
                raise ValidationError(self.env._("A simulator needs all its hosts."))
            if simulated:
                continue
            for host in [*hosts, application.revocation_url]:
                if host and not host.startswith("https://"):
                    raise ValidationError(
                        self.env._("%(host)s: Amazon is spoken to over https only.", host=host)
                    )
                if host and not is_public_host(host):
                    raise ValidationError(
                        self.env._(
                            "%(host)s is a private address: only a simulator has one.", host=host
                        )
                    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_may_write(self.browse(), vals)
        applications = super().create(vals_list)
        self._check_may_write(applications, {})
        return applications

    def write(self, vals):
        self._check_may_write(self, vals)
        changed = self.filtered(lambda application: application._changes_hosts(vals))
        result = super().write(vals)
        self._check_may_write(self, {})  # the companies it has now
        if changed and not vals.get("client_secret"):
            changed._seal()
        return result

    def unlink(self):
        self._check_may_write(self, {})
        return super().unlink()

    def _check_may_write(self, applications, vals):
        """Refuse what would send the secrets of others elsewhere.

        :raises AccessError: a host is written by somebody who is no administrator of Odoo, or an
            application by somebody who does not have all of its companies
        """
        if self.env.su:
            return
        hosts = [name for name in ("environment", *_HOST_FIELDS, "revocation_url") if name in vals]
        is_change = (
            any(application._changes_hosts(vals) for application in applications)
            if applications
            else any(vals[name] not in (False, None, "", "production") for name in hosts)
        )
        if "is_sealed" in vals or (is_change and not self.env.user.has_group("base.group_system")):
            raise AccessError(
                self.env._(
                    "Secrets are sent to the hosts of an application: only an administrator of "
                    "Odoo (Settings) may change them or its environment."
                )
            )
        foreign = applications.sudo().company_ids - self.env.user.company_ids
        if foreign:
            raise AccessError(
                self.env._(
                    "This application is shared with %(companies)s: only who works for all of its "
                    "companies may change it.",
                    companies=", ".join(foreign.mapped("name")),
                )
            )

    def _changes_hosts(self, vals):
        """Tell whether values lead this application elsewhere than it goes now."""
        return any(
            (vals[name] or False) != (self.sudo()[name] or False)
            for name in ("environment", *_HOST_FIELDS, "revocation_url")
            if name in vals
        )

    def _seal(self):
        """Send nothing to the new hosts until somebody who knows the client secret types it."""
        sealed = self.filtered(lambda application: application.has_secret).sudo()
        if sealed:
            sealed.write({"is_sealed": True})
            sealed._forget_access_tokens()

    def _store_secrets(self, secrets):
        if "client_secret" in secrets and self.has_secret:
            self.secret_date = fields.Date.context_today(self)
        result = super()._store_secrets(secrets)
        if "client_secret" in secrets and self.is_sealed:
            self.sudo().write({"is_sealed": False})
        if secrets:
            self.invalidate_recordset(["has_secret", "has_next_secret"])  # looked at before
            self.announced_days = 0
            self._forget_access_tokens()
        return result

    def _forget_access_tokens(self):
        """A client secret or a host changed: what was fetched before is used no more."""
        connections = self.env["sp.connection"].sudo().with_context(active_test=False)
        mine = connections.search([("application_id", "in", self.ids)])
        self.env["sp.client"]._forget_access_tokens(mine)

    def _check_sealed(self):
        """Refuse to send a secret to a host that nobody has confirmed.

        :raises Misconfigured: hosts were changed since the client secret was typed
        """
        if self.sudo().is_sealed:
            raise Misconfigured("sealed", name=self.sudo().name)

    # === ACTION METHODS === #

    def action_finish_rotation(self):
        """Make the next secret the only one and start its 180 days."""
        self.ensure_one()
        self.check_access("write")
        secrets = self.env["sp.secret"]
        try:
            following = secrets._get(self, "next_client_secret")
        except KeyLost as error:
            raise UserError(words_of(self.env, error)) from None
        if following:
            secrets._set(self, "client_secret", following)
            secrets._set(self, "next_client_secret", "")
            self._forget_access_tokens()
            self.secret_date = fields.Date.context_today(self)
            # The next 180 days are announced anew, from their first span on.
            self.announced_days = 0
            self.activity_unlink(["sp_connector.mail_activity_type_rotate_secret"])

    def action_connect_account(self):
        """Go on to the seller account that is connected with this application."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sp_connector.sp_connect_action")
        return {**action, "context": {"default_application_id": self.id}}

    # === HOSTS AND CLIENTS === #

    def _hosts(self):
        """Return the engine's ``Hosts`` of this application."""
        self.ensure_one()
        hosts = regions.SANDBOX if self.environment == "sandbox" else regions.PRODUCTION
        api_hosts = {
            region: (self[f"api_host_{region}"] or hosts.api[region]).rstrip("/")
            for region in regions.REGIONS
        }
        return regions.Hosts(
            api_hosts,
            (self.lwa_host or hosts.lwa).rstrip("/"),
            (self.seller_central_host or "").rstrip("/"),
        )

    def _seller_central(self, marketplace):
        """Return the base URL of the Seller Central of a marketplace."""
        return self._hosts().seller_central or f"https://{marketplace.seller_central_host}"

    def _allowed_callbacks(self):
        """Return the base URLs that ``amazon_callback_uri`` may lead to."""
        override = self._hosts().seller_central
        if override:
            return {override}
        hosts = (
            self.env["sp.marketplace"]
            .sudo()
            ._read_group([("seller_central_host", "!=", False)], ["seller_central_host"])
        )
        return {"https://amazon.com", "https://sellercentral.amazon.com"} | {
            f"https://{host}" for (host,) in hosts
        }

    def _agent(self):
        version = self.env["ir.module.module"]._get("sp_connector").sudo().latest_version
        return transport.user_agent(version or "0")

    def _client_secrets(self):
        """Return the client secrets to try, the newest first.

        :raises KeyLost: none of them can be decrypted here
        """
        self.ensure_one()
        secrets, lost = [], None
        for name in reversed(self._secret_fields):
            try:
                secrets.append(self.env["sp.secret"]._get(self, name))
            except KeyLost as error:  # the other one may have been entered again
                lost = error
        if lost and not any(secrets):
            raise lost
        return secrets
