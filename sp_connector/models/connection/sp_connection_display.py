"""What the screens say about a connection: a status that never misleads, and what to do."""

from odoo import api, fields, models
from odoo.tools import format_datetime

from ...const import DEVELOPER_CONSOLE
from ...engine.amazon.oauth import EXPLAINED_ERRORS
from .sp_connection import explain

#: Reasons of the state that a new consent heals; the others want something else, or patience.
_HEALED_BY_CONSENT = (
    "invalid_grant",
    "key_lost",
    "no_access",
    "token_refused",
    "unauthorized_client",
)
_FLAGS = "/base/static/img/country_flags"


class SpConnection(models.Model):
    _inherit = "sp.connection"

    status = fields.Selection("_selection_status", compute="_compute_status")
    problem = fields.Char("What Is Wrong", compute="_compute_status")
    remedy = fields.Char("What to Do", compute="_compute_status")
    needs_reconnect = fields.Boolean(compute="_compute_status")
    amazon_grant = fields.Selection(
        [("gone", "Gone"), ("held", "Still held"), ("unknown", "Not known")],
        "Grant at Amazon",
        readonly=True,
        copy=False,
        help="When it was disconnected: whether Amazon still held the authorisation.",
    )
    manage_url = fields.Char("Grants at Amazon", compute="_compute_manage_url")
    flag_url = fields.Char(compute="_compute_flag_url")
    problem_count = fields.Integer(compute="_compute_problem_count")
    access_token_text = fields.Char("Access Token", compute="_compute_access_token_text")
    codes_html = fields.Html("Codes of Amazon", compute="_compute_codes_html", sanitize=False)

    @api.model
    def _selection_status(self):
        return self._fields["state"]._description_selection(self.env)

    @api.depends("state", "state_reason", "expires_at", "amazon_grant", "parent_id", "by_token")
    def _compute_status(self):
        """The state, unless something is known here that Amazon has not told yet."""
        for connection in self:
            status, words = connection.state, None
            if status in ("attention", "reconnect_required"):
                words = explain(self.env, connection.state_reason, connection.by_token) or (
                    connection.state_reason or "",
                    "",
                )
            if status == "draft":
                words = connection._words_of_draft()
            elif status == "disconnected":
                words = connection._words_of_grant()
            elif connection.is_key_lost:
                status, words = "attention", explain(self.env, "key_lost", connection.by_token)
            elif connection.expires_in and status == "connected":
                status, words = connection._words_of_expiry()
            elif connection.parent_id and status == "connected":
                words = connection._words_of_child()
            problem, remedy = words or ("", "")
            if connection.parent_id and status in ("attention", "reconnect_required"):
                remedy = self.env._(
                    "This connection uses the authorisation of %(name)s: look there.",
                    name=connection.sudo().parent_id.name,
                )
            connection.status, connection.problem, connection.remedy = status, problem, remedy
            connection.needs_reconnect = (
                bool(problem)
                and connection.state not in ("draft", "disconnected")
                and not connection.parent_id
                and (
                    (connection.state == "connected" and bool(connection.expires_in))
                    or connection.is_key_lost
                    or connection.state_reason in _HEALED_BY_CONSENT
                )
            )

    def _words_of_expiry(self):
        """Return the status and the words of a connection in its last 30 days, or after them."""
        if self.expires_at <= fields.Datetime.now():
            return "attention", (
                self.env._("The authorisation is older than a year: Amazon ends it."),
                self.env._("Press Reconnect and consent once more; settlements and entries stay."),
            )
        return "connected", (
            self.env._("The authorisation ends in %(span)s.", span=self.expires_in),
            self.env._("Press Reconnect; Amazon asks once a year. Settlements and entries stay."),
        )

    def _words_of_draft(self):
        words = self.env._("Press Connect and confirm in Seller Central.")
        if self.application_kind == "private":
            words = self.env._(
                "Press Authorize app in Amazon's developer console, then Replace Token here."
            )
        if self.is_try:
            words += " " + self.env._("What is not connected within a day is removed.")
        return self.env._("Not connected yet."), words

    def _words_of_grant(self):
        if self.parent_id:
            return self._words_of_child()
        if self.amazon_grant == "gone":
            back = self.env._("Nothing to do. Press Connect to bring the account back.")
            if self.by_token:
                back = self.env._("Nothing to do. Replace Token brings the account back.")
            return (
                self.env._("The tokens are erased, and Amazon no longer holds the authorisation."),
                back,
            )
        if self.amazon_grant == "held":
            what = self.env._("The tokens are erased, but Amazon still holds the authorisation.")
            if self.by_token:
                return what, self.env._(
                    "The developer revokes it: Edit app, Authorize, Manage Authorizations."
                )
            return what, self.env._("Open Manage Your Apps and press Disable authorization.")
        what = self.env._(
            "The tokens are erased. Whether Amazon still holds the grant is not known."
        )
        if self.by_token:
            return what, self.env._("Look in the developer console, Manage Authorizations.")
        return what, self.env._("Open Manage Your Apps and look there.")

    @api.depends("marketplace_id", "application_id", "by_token")
    def _compute_manage_url(self):
        """Where a grant is taken back: the seller's own page, or the developer's."""
        for connection in self.sudo():
            place = connection.marketplace_id
            application = connection.application_id
            path = DEVELOPER_CONSOLE if connection.by_token else "/apps/manage"
            connection.manage_url = (
                place and application and application._seller_central(place) + path
            )

    def _compute_codes_html(self):
        """Amazon's codes with their meaning: nobody comes back from the page that shows them."""
        self.codes_html = self.env["ir.qweb"]._render(
            "sp_connector.oauth_codes", {"explained": EXPLAINED_ERRORS}
        )

    @api.depends("region", "marketplace_id")
    def _compute_flag_url(self):
        """A country's flag where a connection is one country's; a globe stands for a region."""
        for connection in self:
            code = connection.marketplace_id.country_id.code
            is_country = connection.region == "fe" and code
            connection.flag_url = is_country and f"{_FLAGS}/{code.lower()}.png"

    @api.depends("state")
    def _compute_access_token_text(self):
        """It lives an hour; nobody needs to worry about the hour."""
        now = fields.Datetime.now()
        for connection in self:
            until = connection.access_token_until
            if until and until > now:
                text = self.env._(
                    "Valid until %(until)s; renewed by itself when it is needed.",
                    until=format_datetime(self.env, until, dt_format="short"),
                )
            else:
                text = self.env._("Fetched by itself when it is needed, for an hour each.")
            connection.access_token_text = text

    @api.depends("check_ids.result")
    def _compute_problem_count(self):
        for connection in self:
            bad = connection.check_ids.filtered(lambda line: line.result in ("failed", "warning"))
            connection.problem_count = len(bad)
