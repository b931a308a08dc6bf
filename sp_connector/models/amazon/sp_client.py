"""The one way to Amazon: tokens refreshed once for all workers, calls counted, sessions closed."""

from contextlib import contextmanager
from datetime import timedelta

import psycopg2.errors
import requests

from odoo import SUPERUSER_ID, api, fields, models

from ...engine.amazon import reports, transport
from ...engine.amazon.oauth import EXPIRY_MARGIN, Lwa
from ...engine.amazon.selling_partner import SellingPartner
from ...engine.errors import (
    AmazonError,
    KeyLost,
    Misconfigured,
    NotConnected,
    Retryable,
    Revoked,
    TokenExpired,
)
from .reasons import CLOSER, REASONS, words_of
from .sp_rate_limit import Meter

#: How long one worker waits for another one's refresh.
LOCK_SECONDS = 60


class SpClient(models.AbstractModel):
    """Asks Amazon in the name of a connection or of an application."""

    _name = "sp.client"
    _description = "Amazon Client"

    # === QUESTIONS === #

    @api.model
    def _ask(self, connection, question, optional=False):
        """Ask Amazon with a valid token; an access token it refuses is renewed once.

        The state of the connection follows the answer: ``reconnect_required`` from
        ``invalid_grant`` only; what is not the seller's fault is ``attention``.

        :param question: function ``SellingPartner`` → result
        :param optional: a refusal of this one operation is answered with ``None``
        :raises AmazonError, KeyLost: after the state was set
        """
        try:
            result = self._ask_quietly(connection, question)
        except AmazonError as error:
            needs_no_grant = not isinstance(error, Revoked | NotConnected)
            if optional and needs_no_grant and error.code != "invalid_client":
                return None
            self._note_error(connection, error)
            raise
        except KeyLost:
            connection._set_state("attention", "key_lost")
            raise
        if connection.state == "attention":
            connection._set_state("connected")
        return result

    @api.model
    def _ask_quietly(self, connection, question):
        """Ask as ``_ask`` does, and leave the state of the connection alone.

        An access token whose client secret has ended is renewed, too: the secret that counts is
        the one it was fetched with (amzn/selling-partner-api-models#4489), and a newer one may
        be here.
        """
        token = self._usable_token(connection)
        try:
            return self._answer(connection, token, question)
        except TokenExpired:
            token = self._usable_token(connection, refused=token)
        except Misconfigured as ended:
            if ended.code != "secret_expired":
                raise
            try:
                token = self._usable_token(connection, refused=token)
            except Misconfigured:
                raise ended from None
        return self._answer(connection, token, question)

    @api.model
    def _answer(self, connection, token, question):
        with self._partner(connection, token) as partner:
            return question(partner)

    @api.model
    def _usable_token(self, connection, refused=""):
        """Return an access token; an error tells that it came on the way to one."""
        try:
            return self._access_token(connection, refused)
        except AmazonError as error:
            error.operation = "token"
            raise

    @api.model
    def _note_error(self, connection, error):
        """Let the state follow an error of Amazon; transient ones are noted, not alarming."""
        family = connection._token_owner()._family()
        if isinstance(error, NotConnected):
            return
        if isinstance(error, Revoked):
            family._set_state("reconnect_required", error.code, error.request_id)
        elif connection.state == "reconnect_required":
            return  # A passing trouble does not give the grant back.
        elif isinstance(error, Misconfigured):
            if error.code == "no_access" and connection.state_reason in CLOSER:
                return  # known better already
            family._set_state("attention", error.code, error.request_id)
        elif isinstance(error, TokenExpired):
            connection._set_state("attention", error.code, error.request_id)
        elif isinstance(error, Retryable):
            # Waiting one's turn is no trouble.
            if error.code not in ("limit", "throttled", "busy"):
                connection._set_state("attention", "out_of_reach", error.request_id)
        elif error.operation not in ("getReport", "getReportDocument"):
            # A refusal of one report is that report's own trouble.
            code = error.code if error.code in REASONS else words_of(self.env, error)
            connection._set_state("attention", code, error.request_id)

    # === TO AMAZON === #

    @api.model
    @contextmanager
    def _partner(self, connection, token, seller="", region=None):
        """Yield the engine's ``SellingPartner``, whose calls are counted.

        :param seller: whose account it is, while the connection does not know it yet
        :param region: where to ask, if not in the connection's region
        """
        application = connection.sudo().application_id
        with requests.Session() as session:
            yield SellingPartner(
                session,
                application._hosts().api[region or connection.region],
                token,
                application._agent(),
                Meter(connection, seller),
                only_amazon=application.environment != "simulator",
            )

    @api.model
    @contextmanager
    def _lwa(self, application):
        """Yield the engine's ``Lwa`` with an application's secrets, the newest first.

        :raises KeyLost: none of the secrets can be decrypted here
        :raises Misconfigured: its hosts were changed since the secret was typed
        """
        application._check_sealed()
        with requests.Session() as session:
            yield Lwa(
                session,
                application._hosts().token_url,
                application.sudo().client_id,
                application._client_secrets(),
                application._agent(),
            )

    @api.model
    def _download(self, connection, link):
        """Fetch the document behind a ``DocumentLink``; see ``reports.download``."""
        with requests.Session() as session:
            return reports.download(session, link, connection.sudo().application_id._agent())

    @api.model
    def _revoke(self, connection):
        """Call the application's revocation endpoint (RFC 7009), where it has one.

        :raises AmazonError, KeyLost: it did not answer, or was not asked
        """
        application = connection.application_id
        if not application.revocation_url:
            return
        application._check_sealed()
        secrets = self.env["sp.secret"]
        form = {
            "token": secrets._get(connection, "refresh_token"),
            "token_type_hint": "refresh_token",
            "client_id": application.client_id,
            "client_secret": secrets._get(application, "client_secret"),
        }
        with requests.Session() as session:
            transport.call(
                session,
                "POST",
                application.revocation_url,
                headers={"User-Agent": application._agent()},
                form=form,
            )

    # === TOKENS === #

    @api.model
    def _access_token(self, connection, refused=""):
        """Return an access token, refreshed where needed, once for all workers.

        :param refused: a token that Amazon refused although its hour is not over
        :raises NotConnected: there is no token
        :raises Revoked, Misconfigured, Retryable, Rejected: see ``oauth.Lwa.refresh``
        :raises KeyLost: the stored tokens cannot be decrypted here
        """
        owner = connection._token_owner()
        if token := self._valid_access_token(owner, refused):
            return token
        if not self.env["sp.secret"]._find(owner, "refresh_token"):
            raise NotConnected("no_token")
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
                env = api.Environment(cr, SUPERUSER_ID, {})
                client, owner = env["sp.client"], env["sp.connection"].browse(owner.id)
                token = client._valid_access_token(owner, refused) or client._refresh(owner)
        except (
            psycopg2.errors.LockNotAvailable,
            # Meanwhile somebody reconnected or disconnected.
            psycopg2.errors.SerializationFailure,
        ):
            raise Retryable("busy") from None
        self.env["sp.secret"].invalidate_model()
        connection.invalidate_model(["access_token_until", "access_token_text"])
        return token

    @api.model
    def _valid_access_token(self, owner, refused):
        """Return the stored access token if it is still good, else ``""``."""
        secrets = self.env["sp.secret"]
        found = secrets._find(owner, "access_token")
        if not found.expires_at or found.expires_at <= fields.Datetime.now():
            return ""
        token = secrets._get(owner, "access_token")
        return "" if token == refused else token

    @api.model
    def _refresh(self, owner):
        """Fetch, keep and return a new access token; the caller holds the lock."""
        refresh_token = self.env["sp.secret"]._get(owner, "refresh_token")
        if not refresh_token:
            raise NotConnected("no_token")
        with self._lwa(owner.application_id) as lwa:
            tokens = lwa.refresh(refresh_token)
        self._store_tokens(owner, tokens, known=refresh_token)
        return tokens.access_token

    @api.model
    def _store_tokens(self, connection, tokens, known=""):
        """Keep tokens of Login with Amazon, encrypted, with the end of the access token's life.

        :param known: the refresh token that is stored already; Amazon does not change it at a
            refresh, but may one day
        """
        secrets = self.env["sp.secret"]
        life = max(tokens.expires_in - EXPIRY_MARGIN, 1)
        until = fields.Datetime.now() + timedelta(seconds=life)
        if tokens.refresh_token != known:
            secrets._set(connection, "refresh_token", tokens.refresh_token)
        secrets._set(connection, "access_token", tokens.access_token, until)

    @api.model
    def _forget_access_tokens(self, connections):
        """Erase the access tokens alone: the next question fetches them anew."""
        self.env["sp.secret"].sudo().search(
            [
                ("res_model", "=", connections._name),
                ("res_id", "in", connections.ids),
                ("name", "=", "access_token"),
            ]
        ).unlink()
