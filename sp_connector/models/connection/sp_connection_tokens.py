"""The tokens of a connection: kept, refreshed once for all workers, used, erased."""

from datetime import timedelta

import psycopg2.errors
import requests

from odoo import SUPERUSER_ID, api, fields, models

from ...engine.amazon.oauth import EXPIRY_MARGIN
from ...engine.amazon.selling_partner import SellingPartner
from ...engine.errors import AmazonError, KeyLost, Misconfigured, Retryable, Revoked, TokenExpired
from ..amazon.sp_rate_limit import Meter
from .sp_connection import REASONS

#: How long one worker waits for another one's refresh.
LOCK_SECONDS = 60


class SpConnection(models.Model):
    _inherit = "sp.connection"

    is_key_lost = fields.Boolean(compute="_compute_is_key_lost")

    def _compute_is_key_lost(self):
        """A restored database without its key says so before anybody waits for Amazon."""
        for connection in self:
            try:
                self.env["sp.secret"]._get(connection._token_owner(), "refresh_token")
                connection.is_key_lost = False
            except KeyLost:
                connection.is_key_lost = True

    def _token_owner(self):
        """The connection whose authorisation is used: the parent of a unified one."""
        self.ensure_one()
        return self.sudo().parent_id or self.sudo()

    def _store_tokens(self, tokens, known=""):
        """Keep tokens of Login with Amazon, encrypted, with the end of the access token's life.

        :param known: the refresh token that is stored already; Amazon does not change it at a
            refresh, but may one day
        """
        self.ensure_one()
        secrets = self.env["sp.secret"]
        life = max(tokens.expires_in - EXPIRY_MARGIN, 1)
        until = fields.Datetime.now() + timedelta(seconds=life)
        if tokens.refresh_token != known:
            secrets._set(self, "refresh_token", tokens.refresh_token)
        secrets._set(self, "access_token", tokens.access_token, until)

    def _valid_access_token(self, refused):
        """Return the stored access token if it is still good, else ``""``."""
        secrets = self.env["sp.secret"]
        found = secrets._find(self, "access_token")
        if not found.expires_at or found.expires_at <= fields.Datetime.now():
            return ""
        token = secrets._get(self, "access_token")
        return "" if token == refused else token

    def _access_token(self, refused=""):
        """Return an access token, refreshed where needed, once for all workers.

        :param refused: a token that Amazon refused although its hour is not over
        :raises Revoked, Misconfigured, Retryable, Rejected: see ``oauth.Lwa.refresh``
        :raises KeyLost: the stored tokens cannot be decrypted here
        """
        owner = self._token_owner()
        if token := owner._valid_access_token(refused):
            return token
        if not self.env["sp.secret"]._find(owner, "refresh_token"):
            raise Revoked("no_token", self.env._("This connection has no token."))
        # Own cursors: the new token must be kept whatever becomes of this transaction, and
        # must be seen by all workers at once. The first only holds a lock (ORM locks do not
        # wait, hence the SQL); the second begins after it, so it sees what others committed.
        # An advisory lock: a row that the first one locked, the second could never write.
        registry = self.env.registry
        try:
            with registry.cursor() as waiting, registry.cursor() as cr:
                waiting.execute("SET LOCAL lock_timeout = %s", (f"{LOCK_SECONDS}s",))
                waiting.execute(
                    "SELECT pg_advisory_xact_lock(hashtext('sp_connection.token'), %s)",
                    (owner.id,),
                )
                owner = api.Environment(cr, SUPERUSER_ID, {})["sp.connection"].browse(owner.id)
                token = owner._valid_access_token(refused) or owner._refresh_access_token()
        except (
            psycopg2.errors.LockNotAvailable,
            # Meanwhile somebody reconnected or disconnected.
            psycopg2.errors.SerializationFailure,
        ):
            raise Retryable("busy", self.env._("The token is being refreshed.")) from None
        self.env["sp.secret"].invalidate_model()
        self.invalidate_model(["access_token_until", "access_token_text"])
        return token

    def _refresh_access_token(self):
        """Fetch, keep and return a new access token; the caller holds the lock."""
        self.ensure_one()
        refresh_token = self.env["sp.secret"]._get(self, "refresh_token")
        if not refresh_token:
            raise Revoked("no_token", self.env._("This connection has no token."))
        tokens = self.application_id._lwa().refresh(refresh_token)
        self._store_tokens(tokens, known=refresh_token)
        return tokens.access_token

    def _partner(self, token, seller=""):
        """Return the engine's ``SellingPartner`` of this connection's region."""
        return self._partner_in(self.region, token, seller)

    def _partner_in(self, region, token, seller=""):
        """Return the engine's ``SellingPartner``: the one way to Amazon, whose calls are counted.

        :param seller: whose account it is, while the connection does not know it yet
        """
        application = self.sudo().application_id
        return SellingPartner(
            requests.Session(),
            application._hosts().api[region],
            token,
            application._agent(),
            Meter(self, seller),
            only_amazon=application.environment != "simulator",
        )

    def _ask(self, question, optional=False):
        """Ask Amazon with a valid token; an access token it refuses is renewed once.

        The state of the connection follows the answer: ``reconnect_required`` from
        ``invalid_grant`` only; what is not the seller's fault is ``attention``.

        :param question: function ``SellingPartner`` → result
        :param optional: a refusal of this one operation is answered with ``None``
        :raises AmazonError, KeyLost: after the state was set
        """
        self.ensure_one()
        try:
            result = self._ask_quietly(question)
        except AmazonError as error:
            if optional and not isinstance(error, Revoked) and error.code != "invalid_client":
                return None
            self._note_error(error)
            raise
        except KeyLost:
            self._set_state("attention", "key_lost")
            raise
        if self.state == "attention":
            self._set_state("connected")
        return result

    def _ask_quietly(self, question):
        """Ask as ``_ask`` does, and leave the state of the connection alone.

        An access token whose client secret has ended is renewed, too: the secret that counts is
        the one it was fetched with (amzn/selling-partner-api-models#4489), and a newer one may
        be here.
        """
        token = self._usable_token()
        try:
            return question(self._partner(token))
        except TokenExpired:
            token = self._usable_token(refused=token)
        except Misconfigured as ended:
            if ended.code != "secret_expired":
                raise
            try:
                token = self._usable_token(refused=token)
            except Misconfigured:
                raise ended from None
        return question(self._partner(token))

    def _usable_token(self, refused=""):
        """Return an access token; an error tells that it came on the way to one."""
        try:
            return self._access_token(refused)
        except AmazonError as error:
            error.operation = "token"
            raise

    def _note_error(self, error):
        """Let the state follow an error of Amazon; transient ones are noted, not alarming."""
        owner = self._token_owner()
        family = owner._family()
        if isinstance(error, Revoked):
            if error.code == "invalid_grant":
                family._set_state("reconnect_required", error.code, error.request_id)
        elif self.state == "reconnect_required":
            return  # A passing trouble does not give the grant back.
        elif isinstance(error, Misconfigured):
            family._set_state("attention", error.code, error.request_id)
        elif isinstance(error, TokenExpired):
            self._set_state("attention", error.code, error.request_id)
        elif isinstance(error, Retryable):
            # Waiting one's turn is no trouble.
            if error.code not in ("limit", "throttled", "busy"):
                self._set_state("attention", "out_of_reach", error.request_id)
        elif error.operation not in ("getReport", "getReportDocument"):
            # A refusal of one report is that report's own trouble.
            code = error.code if error.code in REASONS else error.text
            self._set_state("attention", code, error.request_id)

    def _forget_access_tokens(self):
        """Erase the access tokens alone: the next question fetches them anew."""
        self.env["sp.secret"].sudo().search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("name", "=", "access_token"),
            ]
        ).unlink()

    def _erase_tokens(self):
        """Forget all tokens of these connections."""
        self.env["sp.secret"]._erase(self)
        self.env["sp.oauth.state"].sudo().search([("connection_id", "in", self.ids)]).unlink()
