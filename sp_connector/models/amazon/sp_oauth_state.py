import hashlib
import secrets
from datetime import timedelta

from odoo import api, fields, models

from ...const import STATE_LIFE_MINUTES


class SpOauthState(models.Model):
    """A consent that is on its way: random, single use, ten minutes, bound to who left.

    Only the hash is stored, so reading the database is not enough to return in someone's name.
    """

    _name = "sp.oauth.state"
    _description = "Amazon Consent under Way"

    token_hash = fields.Char(required=True)
    connection_id = fields.Many2one("sp.connection", required=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    # Where Amazon started: the seller it named must be the one who returns.
    selling_partner_ref = fields.Char()
    expires_at = fields.Datetime(required=True)
    used = fields.Boolean()

    _token_hash_unique = models.Constraint("UNIQUE(token_hash)", "A state is unique.")

    @api.model
    def _issue(self, connection, selling_partner_ref=False):
        """Return a new state for this user, bound to a connection and its company.

        :param selling_partner_ref: the only seller who may return with it, where one is known
        """
        token = secrets.token_urlsafe(32)
        self.sudo().create(
            {
                "token_hash": self._hash(token),
                "connection_id": connection.id,
                "user_id": self.env.uid,
                "company_id": connection.company_id.id,
                "selling_partner_ref": selling_partner_ref,
                "expires_at": fields.Datetime.now() + timedelta(minutes=STATE_LIFE_MINUTES),
            }
        )
        return token

    @api.model
    def _redeem(self, token, selling_partner_ref=None):
        """Burn a state and return (connection, "") or (connection or none, reason).

        Reasons: ``missing_state``, ``unknown_state``, ``expired``, ``used``, ``wrong_user``,
        ``no_access``, ``wrong_seller``. A state of another user is not burned: it is not theirs
        to spoil. With a reason, the connection is only there for *Try again*.

        :param selling_partner_ref: the seller who returned, if Amazon told
        """
        nothing = self.env["sp.connection"]
        if not token:
            return nothing, "missing_state"
        state = self.sudo().search([("token_hash", "=", self._hash(token))])
        if not state:
            return nothing, "unknown_state"
        if state.user_id != self.env.user:
            return nothing, "wrong_user"
        connection = state.connection_id.with_user(self.env.user).sudo(False)
        connection = connection.with_context(allowed_company_ids=self.env.user.company_ids.ids)
        if not (
            connection.sudo().company_id in self.env.user.company_ids
            and state.company_id == connection.sudo().company_id
            and connection.has_access("write")
        ):
            state.used = True
            return nothing, "no_access"
        if state.used:
            return connection, "used"
        # Two returns at once: the second waits here, then fails to serialise, is run again by
        # Odoo and finds the state used.
        state.used = True
        state.flush_recordset()
        if state.expires_at < fields.Datetime.now():
            return connection, "expired"
        if selling_partner_ref and state.selling_partner_ref not in (False, selling_partner_ref):
            return connection, "wrong_seller"
        return connection, ""

    @api.model
    def _hash(self, token):
        return hashlib.sha256(token.encode()).hexdigest()

    @api.autovacuum
    def _gc_states(self):
        """Delete states that expired a day ago."""
        limit = fields.Datetime.now() - timedelta(days=1)
        self.sudo().search([("expires_at", "<", limit)], limit=10_000).unlink()
