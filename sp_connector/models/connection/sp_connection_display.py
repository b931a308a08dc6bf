"""What the screens say about a connection: a status that never misleads, and what to do."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_datetime

from ...const import BY_PARENT, DEVELOPER_CONSOLE
from ...engine.errors import KeyLost
from ..amazon.reasons import consent_errors, explain
from ..common.texts import time_text

#: Reasons of the state that a new consent heals; the others want something else, or patience.
_HEALED_BY_CONSENT = (
    "invalid_grant",
    "key_lost",
    "no_access",
    "no_role",
    "token_refused",
    "unauthorized_client",
)
_FLAGS = "/base/static/img/country_flags"


class SpConnectionDisplay(models.AbstractModel):
    """Computed fields of a connection that are only shown: nothing here is stored or decides."""

    _name = "sp.connection.display"
    _description = "Amazon Connection on Screens"

    status = fields.Selection("_selection_status", compute="_compute_status")
    problem = fields.Char("What Is Wrong", compute="_compute_status")
    remedy = fields.Char("What to Do", compute="_compute_status")
    needs_reconnect = fields.Boolean(compute="_compute_status")
    manage_url = fields.Char("Grants at Amazon", compute="_compute_manage_url")
    flag_url = fields.Char(compute="_compute_flag_url")
    problem_count = fields.Integer(compute="_compute_problem_count")
    access_token_text = fields.Char("Access Token", compute="_compute_access_token_text")
    codes_html = fields.Html("Codes of Amazon", compute="_compute_codes_html", sanitize=False)
    is_key_lost = fields.Boolean(compute="_compute_is_key_lost")
    access_token_until = fields.Datetime(compute="_compute_access_token")
    expires_in = fields.Char(compute="_compute_expires_in")
    just_connected = fields.Boolean(compute="_compute_just_connected")
    active_names = fields.Char("Active Marketplaces", compute="_compute_names")
    other_names = fields.Char("Not Active", compute="_compute_names")
    books_text = fields.Char("Settlements of", compute="_compute_books_text")
    settlement_count = fields.Integer(compute="_compute_settlement_count")
    report_count = fields.Integer("Number of Reports", compute="_compute_report_counts")
    waiting_count = fields.Integer("Reports Waiting", compute="_compute_report_counts")
    failed_count = fields.Integer("Reports Failed", compute="_compute_report_counts")
    unfinished_count = fields.Integer(
        "Unfinished at Amazon",
        compute="_compute_report_counts",
        help="Reports that Amazon is still making. They are asked for until they end.",
    )
    last_result = fields.Selection("_selection_last_result", compute="_compute_last_run")
    last_run_text = fields.Char("Last Run", compute="_compute_last_run")
    is_backfilling = fields.Boolean(compute="_compute_backfill")
    backfill_progress = fields.Integer("Backfill (%)", compute="_compute_backfill")
    backfill_text = fields.Char("Backfill", compute="_compute_backfill")

    # === STATUS === #

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

    def _words_of_child(self):
        """Return what is wrong with a child, and what to do, or nothing."""
        name = self.sudo().parent_id.name
        places = self.books_text
        if self.state == "disconnected":
            if self.state_reason == BY_PARENT:
                return (
                    self.env._("%(name)s, whose grant it uses, is disconnected.", name=name),
                    self.env._("Connect that one again; this one follows."),
                )
            where = self.env._("The authorisation belongs to %(name)s.", name=name)
            if places:
                where = self.env._(
                    "Settlements of %(places)s still go to this company's books: change Books Of "
                    "on %(name)s.",
                    places=places,
                    name=name,
                )
            return self.env._("This company no longer uses the account."), where
        if not places:
            return (
                self.env._("No settlement comes to this company."),
                self.env._(
                    "Choose %(company)s under Books Of on the marketplaces of %(name)s.",
                    company=self.company_id.name,
                    name=name,
                ),
            )
        return None

    # === AUTHORISATION === #

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

    def _compute_is_key_lost(self):
        """A restored database without its key says so before anybody waits for Amazon."""
        for connection in self:
            try:
                self.env["sp.secret"]._get(connection._token_owner(), "refresh_token")
                connection.is_key_lost = False
            except KeyLost:
                connection.is_key_lost = True

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
            "sp_connector.oauth_codes", {"explained": consent_errors(self.env)}
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

    # === WHAT CAME === #

    @api.depends("participation_ids.is_active", "participation_ids.is_participating")
    def _compute_names(self):
        for connection in self:
            lines = connection.participation_ids
            active = lines.filtered(lambda line: line.is_active and line.is_participating)
            connection.active_names = ", ".join(active.mapped("name"))
            connection.other_names = ", ".join((lines - active).mapped("name"))

    def _compute_books_text(self):
        for connection in self:
            connection.books_text = ", ".join(connection._booked_here().mapped("name"))

    def _compute_settlement_count(self):
        children = self.filtered("parent_id")
        settlements = self.env["sp.settlement"]
        own = [("connection_id", "in", (self - children).ids)]
        counts = dict(settlements._read_group(own, ["connection_id"], ["__count"]))
        for child in children:
            counts[child] = settlements.search_count(child._settlement_domain())
        for connection in self:
            connection.settlement_count = counts.get(connection, 0)

    def _compute_report_counts(self):
        counts = {
            (connection, state): count
            for connection, state, count in self.env["sp.report"]._read_group(
                [("connection_id", "in", self.ids)], ["connection_id", "state"], ["__count"]
            )
        }
        totals = {}
        for (connection, _state), count in counts.items():
            totals[connection] = totals.get(connection, 0) + count
        for connection in self:
            connection.report_count = totals.get(connection, 0)
            connection.waiting_count = counts.get((connection, "found"), 0) + counts.get(
                (connection, "fetched"), 0
            )
            connection.failed_count = counts.get((connection, "failed"), 0)
            connection.unfinished_count = counts.get((connection, "unfinished"), 0)

    @api.model
    def _selection_last_result(self):
        return self.env["sp.sync.log"]._fields["result"]._description_selection(self.env)

    def _compute_last_run(self):
        log = self.env["sp.sync.log"]
        newest = dict(
            log._read_group([("connection_id", "in", self.ids)], ["connection_id"], ["id:max"])
        )
        for connection in self:
            line = log.browse(newest.get(connection))
            connection.last_result = line.result
            connection.last_run_text = line and self.env._(
                "%(time)s: %(what)s",
                time=time_text(self, line.started_at),
                what=line.summary,
            )

    def _compute_backfill(self):
        progress = self.env["sp.connection.backfill"]._progress(self)
        for connection in self:
            percent, text = progress.get(connection, (0, False))
            connection.is_backfilling = connection in progress
            connection.backfill_progress, connection.backfill_text = percent, text
