"""A consent in Seller Central: leaving for it, coming back, and where Amazon starts one.

Every ending has its own words.
"""

from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate

from ...engine.amazon import oauth
from ...engine.errors import AmazonError, KeyLost, Rejected

_lt = LazyTranslate(__name__)

#: A connection that somebody began and never finished is kept so long.
TRY_LIFE = timedelta(days=1)
#: Ending → (title, what happened and what to do). Amazon's own codes are in the engine.
OUTCOMES = {
    "missing_state": (
        _lt("Nothing to confirm"),
        _lt(
            "This page is opened by Amazon after a consent. Open the connection in Odoo and press "
            "Connect."
        ),
    ),
    "unknown_state": (
        _lt("This consent did not start here"),
        _lt(
            "Amazon returned with a request that this Odoo did not make, or made too long ago. "
            "Nothing was stored. Start again from the connection, with one Seller Central tab open."
        ),
    ),
    "expired": (
        _lt("Too late"),
        _lt("A consent must be finished within ten minutes. Nothing was stored; start again."),
    ),
    "used": (
        _lt("Already used"),
        _lt(
            "This consent was used before, perhaps by a second tab or by pressing Back. Look at "
            "the connection: it may already be connected."
        ),
    ),
    "wrong_user": (
        _lt("Another user"),
        _lt(
            "The consent was started by another user of this Odoo. Sign in as that user, or start "
            "again as yourself."
        ),
    ),
    "signed_out": (
        _lt("You are signed out"),
        _lt("Sign in to Odoo in this browser, open the connection and press Connect again."),
    ),
    "no_access": (
        _lt("No access"),
        _lt("You may no longer change this connection. Ask a manager of its company."),
    ),
    "wrong_seller": (
        _lt("Another seller account"),
        _lt(
            "The consent came from another seller account than this connection's, and nothing was "
            "stored here. At Amazon that account has now given the application access: take it "
            "back there, in Seller Central under Manage Your Apps, or make a connection for the "
            "account. For this one use a private window, sign in to the right account as its "
            "primary user, and try again."
        ),
    ),
    "bad_seller": (
        _lt("No seller account"),
        _lt("Amazon sent no valid seller id. Nothing was stored; start again."),
    ),
    "already_connected": (
        _lt("Already connected"),
        _lt(
            "This seller account has a connection in this region, perhaps an archived one. Press "
            "Reconnect or Replace Token there; for another company make a unified connection."
        ),
    ),
    "strange_reports": (
        _lt("Another seller account"),
        _lt(
            "Amazon lists reports for this token, but none of those that this connection knows: it "
            "is the token of another account. Connect that one by itself."
        ),
    ),
    "repeated_parameters": (
        _lt("Not Amazon's answer"),
        _lt("The address holds a parameter twice, which Amazon never does. Nothing was stored."),
    ),
    "cancelled": (
        _lt("Cancelled"),
        _lt("Amazon sent no consent. Nothing was changed; start again when you are ready."),
    ),
    "code_refused": (
        _lt("Amazon no longer accepts this consent"),
        _lt("It is older than five minutes or was used before. Nothing was stored; start again."),
    ),
    "bad_callback": (
        _lt("Not an address of Amazon"),
        _lt(
            "The link asks to return to an address that is not Amazon's, so it was not followed. "
            "Open Manage Your Apps in Seller Central and start from there."
        ),
    ),
    "key_lost": (
        _lt("The key is missing"),
        _lt(
            "The secrets of the application cannot be decrypted here. Enter the client secret "
            "again, then connect."
        ),
    ),
    "amazon": (
        _lt("Amazon reported a problem"),
        _lt("Try again; ask the primary user to consent, in a private window, with one tab open."),
    ),
}


class Login(NamedTuple):
    """What Amazon, or somebody else, sent to the Login URI.

    :param ending: why it is not followed, "" where it is; then all else is blank
    :param callback: the address to return to
    :param seller: the seller whom Amazon names
    :param amazon_state: what Amazon wants back
    """

    ending: str
    callback: str = ""
    seller: str = ""
    amazon_state: str = ""


class SpConsent(models.AbstractModel):
    """Sends browsers to Amazon's consent page and takes what they bring back."""

    _name = "sp.consent"
    _description = "Amazon Consent"

    # === LEAVING === #

    @api.model
    def _leave(self, connection):
        """Return the action that sends the browser to Seller Central's consent page.

        Amazon has no consent for private applications: there a refresh token is pasted instead.
        A child has no grant of its own: it comes back to its parent's, or leads there.
        """
        if parent := connection.sudo().parent_id:
            if connection.state == "disconnected" and parent.state in ("connected", "attention"):
                self.env["sp.grant"]._join_parent(connection)
                return connection._get_records_action()
            connection._check_is_parent(
                self.env._(
                    "This connection uses the authorisation of %(name)s: reconnect that one."
                )
            )
        application = connection.application_id.sudo()
        if application.kind == "private":
            return connection.action_replace_token()
        if not application.has_secret:
            raise UserError(self.env._("Enter the client secret of the application first."))
        url = oauth.consent_url(
            application._seller_central(connection.marketplace_id),
            application.application_ref,
            self.env["sp.oauth.state"]._issue(connection),
            application.redirect_uri,
            application.is_draft,
        )
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}

    @api.model
    def _begin(self, vals):
        """Return a draft to leave for Amazon with: the one of an earlier try, or a new one."""
        connections = self.env["sp.connection"]
        domain = [(name, "=", vals[name]) for name in vals]
        mine = [("is_try", "=", True), ("state", "=", "draft"), ("create_uid", "=", self.env.uid)]
        return connections.search(domain + mine, limit=1) or connections.create(
            {**vals, "is_try": True}
        )

    @api.autovacuum
    def _gc_tries(self):
        """Delete what was begun more than a day ago and never connected."""
        old = fields.Datetime.now() - TRY_LIFE
        self.env["sp.connection"].with_context(active_test=False).search(
            [("is_try", "=", True), ("state", "=", "draft"), ("write_date", "<", old)], limit=1000
        ).unlink()

    # === COMING BACK === #

    @api.model
    def _complete(self, params):
        """Finish a consent: verify, exchange the code, store the tokens.

        :param params: {name: list of values} of the address Amazon returned to
        :return: (connection or none, ending, Amazon's code or request id)
        """
        grant, nothing = self.env["sp.grant"], self.env["sp.connection"]
        if any(len(values) > 1 for values in params.values()):
            return nothing, "repeated_parameters", ""
        values = {name: values[0] for name, values in params.items()}
        seller = values.get("selling_partner_id")
        connection, reason = self.env["sp.oauth.state"]._redeem(values.get("state"), seller)
        if reason:
            return connection, reason, ""
        code = values.get("spapi_oauth_code")
        if not code:
            # Cancel is no error, whatever Amazon calls it (OAuth: access_denied).
            amazon = oauth.clean_error_code(values.get("error"))
            known = amazon in oauth.CONSENT_ERRORS and amazon != "access_denied"
            return connection, "amazon" if known else "cancelled", amazon if known else ""
        if reason := grant._check_seller(connection, seller):
            return connection, reason, ""
        application = connection.sudo().application_id
        try:
            with self.env["sp.client"]._lwa(application) as lwa:
                tokens = lwa.exchange(code, application.redirect_uri)
            region, marketplace = self._find_region(connection, tokens.access_token, seller)
            # In the region that was found, the seller may have a connection already.
            if reason := grant._check_seller(connection, seller, region):
                return connection, reason, ""
            connection.sudo().write({"region": region, "marketplace_id": marketplace.id})
            grant._accept(connection, tokens, seller)
        except KeyLost:
            return connection, "key_lost", ""
        except AmazonError as error:
            ending = error.code if error.code in OUTCOMES else "amazon"
            return connection, ending, error.request_id or error.code
        return connection, "success", ""

    @api.model
    def _words_of(self, ending):
        """Return (title, text) for an ending, in the user's language."""
        return tuple(self.env._(word) for word in OUTCOMES.get(ending, OUTCOMES["amazon"]))

    @api.model
    def _find_region(self, connection, access_token, seller):
        """Return (region, marketplace): Amazon names none where it started.

        The region of the callback's host is tried first; it stays where none answers.
        """
        if connection.selling_partner_ref or not connection.is_started_by_amazon:
            return connection.region, connection.marketplace_id
        client = self.env["sp.client"]
        for region in sorted(("na", "eu", "fe"), key=lambda name: name != connection.region):
            try:
                with client._partner(connection, access_token, seller, region) as partner:
                    places = {item.marketplace_ref for item in partner.participations()}
            except AmazonError:
                continue
            marketplace = self.env["sp.marketplace"].search(
                [("region", "=", region), ("marketplace_ref", "in", list(places))], limit=1
            )
            if marketplace:
                return region, marketplace
        return connection.region, connection.marketplace_id

    # === AMAZON STARTS (LOGIN URI) === #

    @api.model
    def _check_login(self, application, params):
        """Verify what Amazon, or somebody else, sent to the Login URI; return a ``Login``."""
        if any(len(values) > 1 for values in params.values()):
            return Login("repeated_parameters")
        values = {name: values[0] for name, values in params.items()}
        hosts = application._allowed_callbacks()
        override = application._hosts().seller_central
        try:
            callback = oauth.check_callback(
                values.get("amazon_callback_uri"),
                hosts,
                override or "https://sellercentral.amazon.com",
            )
        except Rejected:
            return Login("bad_callback")
        amazon_state = values.get("amazon_state") or ""
        if not amazon_state or len(amazon_state) > 2000:
            return Login("bad_callback")
        seller = values.get("selling_partner_id")
        if not oauth.is_seller_id(seller):
            return Login("bad_seller")
        return Login("", callback, seller, amazon_state)

    @api.model
    def _connection_for_login(self, application, seller, callback):
        """Return the connection of a known seller, or a new draft for an unknown one."""
        domain = [
            ("application_id", "=", application.id),
            ("selling_partner_ref", "=", seller),
            ("parent_id", "=", False),
        ]
        # An archived one, too: renewing brings it back.
        connections = self.env["sp.connection"]
        known = connections.with_context(active_test=False).search(domain, limit=1)
        known = known.with_env(self.env)
        known = known or self._begun_for(application, seller)
        if known:
            known.check_access("write")
            return known
        host = callback.split("//", 1)[1].split("/", 1)[0]
        marketplaces = self.env["sp.marketplace"]
        here = marketplaces.search([("seller_central_host", "=", host)], limit=1)
        here = here or self.env.ref("sp_connector.sp_marketplace_us")
        # sudo: some of them may be companies that this user must not read.
        companies = application.sudo().company_ids & self.env.user.company_ids
        company = self.env.company if self.env.company in companies else companies[:1]
        return connections.create(
            {
                "name": self.env._("Seller %(seller)s", seller=seller),
                "application_id": application.id,
                "company_id": company.id,
                "region": here.region,
                "marketplace_id": here.id,
                "is_started_by_amazon": True,
                "is_try": True,
            }
        )

    @api.model
    def _begun_for(self, application, seller):
        """Return the draft with which this user began to connect this very seller before."""
        states = self.env["sp.oauth.state"].sudo()
        begun = states.search(
            [
                ("user_id", "=", self.env.uid),
                ("selling_partner_ref", "=", seller),
                ("connection_id.application_id", "=", application.id),
                ("connection_id.state", "=", "draft"),
                ("connection_id.is_try", "=", True),
            ],
            limit=1,
        ).connection_id
        return self.env["sp.connection"].browse(begun.ids)

    @api.model
    def _confirm_login(self, connection, callback, amazon_state, seller):
        """Return the address at Amazon that continues a workflow Amazon started for a seller."""
        connection.check_access("write")
        application = connection.sudo().application_id
        state = self.env["sp.oauth.state"]._issue(connection, seller)
        return oauth.confirm_url(
            callback, amazon_state, state, application.redirect_uri, application.is_draft
        )
