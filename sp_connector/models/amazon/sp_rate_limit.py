from datetime import datetime, timezone

import psycopg2.errors

from odoo import api, fields, models

from ...engine.amazon.limits import drained, last_call_at, take
from ...engine.amazon.selling_partner import LIMITS
from ...engine.errors import Retryable


class Meter:
    """Counts the calls of a connection: the engine asks it before each, see ``SellingPartner``.

    :param seller: whose calls they are, while the connection does not know its seller
    """

    def __init__(self, connection, seller=""):
        self._connection = connection
        self._seller = seller
        self._limits = connection.env["sp.rate.limit"]

    def take(self, operation):
        """Take one call, or raise ``Retryable`` (``limit``)."""
        self._limits._take(self._connection, operation, self._seller)

    def drain(self, operation):
        """Note that Amazon saw too many calls."""
        self._limits._drain(self._connection, operation, self._seller)


class SpRateLimit(models.Model):
    """How many calls Amazon still allows, per application, seller and operation.

    Shared by all workers and servers, and kept over restarts: Amazon's counters are, too.
    """

    _name = "sp.rate.limit"
    _description = "Amazon Rate Limit"
    _log_access = False

    application_id = fields.Many2one("sp.application", required=True, ondelete="cascade")
    selling_partner_ref = fields.Char(required=True)
    operation = fields.Char(required=True)
    full_at = fields.Datetime(help="When the full burst is available again.")

    _bucket_unique = models.Constraint(
        "UNIQUE(application_id, selling_partner_ref, operation)", "One bucket per operation."
    )

    @api.model
    def _take(self, connection, operation, seller=""):
        """Take one call, or say when one will be allowed.

        :param seller: see ``Meter``
        :raises Retryable: ``limit``, with the seconds to wait; nothing was taken
        """
        cost, burst = LIMITS[operation]
        wait = self._change(
            self._bucket(connection, seller),
            operation,
            lambda full_at, now: take(full_at, now, cost, burst),
        )
        if wait:
            raise Retryable("limit", operation=operation, after=int(wait.total_seconds()) + 1)

    @api.model
    def _drain(self, connection, operation, seller=""):
        """Amazon said 429 although we had counted on more: believe Amazon."""
        cost, burst = LIMITS[operation]
        self._change(
            self._bucket(connection, seller),
            operation,
            lambda _full_at, now: (drained(now, cost, burst), None),
        )

    @api.model
    def _last_calls_at(self, operation, calls):
        """Say when the last of some calls may be made.

        :param calls: {connection: number of calls}
        :return: {connection: time (naive UTC)}, now where no call is needed
        """
        keys = {connection: self._bucket(connection) for connection in calls}
        buckets = {
            (bucket.application_id.id, bucket.selling_partner_ref): bucket.full_at
            for bucket in self.sudo().search(
                [
                    ("operation", "=", operation),
                    (
                        "selling_partner_ref",
                        "in",
                        [seller for _application, seller in keys.values()],
                    ),
                ]
            )
        }
        cost, burst = LIMITS[operation]
        now = fields.Datetime.now()
        return {
            connection: last_call_at(buckets.get(keys[connection]), now, cost, burst, count)
            if count
            else now
            for connection, count in calls.items()
        }

    @api.model
    def _bucket(self, connection, seller=""):
        """Return (application id, seller) whose calls Amazon counts together."""
        owner = connection._token_owner()
        return owner.application_id.id, owner.selling_partner_ref or seller or str(owner.id)

    @api.model
    def _change(self, bucket, operation, change):
        """Let a function (full_at, now) → (full_at, result) change a bucket; return its result."""
        key = (*bucket, operation)
        now = datetime.now(timezone.utc).replace(tzinfo=None)  # to the microsecond, as Amazon's
        # An own cursor: the call counts at Amazon whatever becomes of this transaction, and
        # the other workers must see it at once. SQL, because one statement must make the row,
        # or lock it and wait for those who hold it: the ORM can do neither.
        try:
            with self.env.registry.cursor() as cr:
                return self._change_in(cr, key, change, now)
        except psycopg2.errors.ForeignKeyViolation:
            # Nobody else can know an application of this very transaction, or use its calls.
            return change(None, now)[1]

    @api.model
    def _change_in(self, cr, key, change, now):
        # A table lock alone waits before PostgreSQL fixes what this transaction sees:
        # waiting for the row itself would end in a serialization failure.
        cr.execute("LOCK TABLE sp_rate_limit IN SHARE ROW EXCLUSIVE MODE")
        cr.execute(
            "INSERT INTO sp_rate_limit (application_id, selling_partner_ref, operation)"
            " VALUES (%s, %s, %s)"
            " ON CONFLICT (application_id, selling_partner_ref, operation)"
            " DO UPDATE SET operation = EXCLUDED.operation RETURNING id, full_at",
            key,
            # An application of a transaction that is under way is not seen here, as expected.
            log_exceptions=False,
        )
        limit_id, full_at = cr.fetchone()
        full_at, result = change(full_at, now)
        cr.execute("UPDATE sp_rate_limit SET full_at = %s WHERE id = %s", (full_at, limit_id))
        return result
