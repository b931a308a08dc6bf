"""Asks Amazon for its second statement of each settlement."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...engine.amazon import finances
from ...engine.errors import AmazonError, KeyLost, Misconfigured, Rejected, Retryable
from ..amazon.reasons import words_of

#: A settlement that ended no longer ago may still get its statement.
FRESH = timedelta(days=30)
#: What Amazon did not answer is asked again after this time.
AGAIN = timedelta(days=1)


class SpControlSync(models.AbstractModel):
    """The scheduled action that compares settlements with Amazon's own statements.

    It needs a role of its own at Amazon: whatever becomes of it, nothing else stops.
    """

    _name = "sp.control.sync"
    _description = "Amazon Control Totals, Asking"

    @api.model
    def _cron_ask(self):
        """Ask for what is due, connection by connection, as far as Amazon's limits allow."""
        connections = self.env["sp.connection"].search(
            [("compares_summaries", "=", True), ("state", "in", ("connected", "attention"))]
        )
        due = {one: self._due(one) for one in connections}
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=sum(map(len, due.values())))
        for connection, settlements in due.items():
            is_time_left = self._ask_each(connection, settlements)
            if settlements:
                self.env["sp.autopost.run"]._trigger(connection)
            if not is_time_left:
                return

    @api.model
    def _due(self, connection):
        """Return the settlements of a connection to be asked for, the newest first."""
        now = fields.Datetime.now()
        return self.env["sp.settlement"].search(
            [
                ("connection_id", "=", connection.id),
                "|",
                ("control_ids", "=", False),
                "&",
                ("control_ids.state", "=", "unavailable"),
                "&",
                ("control_ids.asked_at", "<=", now - AGAIN),
                "|",
                # Nothing that waits for its role, or for Amazon, is given up.
                ("control_ids.code", "not in", (False, "refused")),
                ("date_end", ">=", now - FRESH),
            ],
            order="date_end desc, id desc",
        )

    @api.model
    def _ask_each(self, connection, settlements):
        """Ask for settlements of a connection; tell whether there is time for another one."""
        cron = self.env["ir.cron"]
        for number, settlement in enumerate(settlements):
            answer = self._ask(settlement)
            if isinstance(answer, Retryable):
                again = fields.Datetime.now() + timedelta(seconds=max(answer.after, 60))
                self.env.ref("sp_connector.ir_cron_compare_summaries").sudo()._trigger(at=again)
                return bool(cron._commit_progress(len(settlements) - number))
            if answer is not None:  # the connection's trouble: that of all its settlements
                self._note(settlements - settlement, answer)
                return bool(cron._commit_progress(len(settlements) - number))
            if not cron._commit_progress(1):
                return False
        return True

    @api.model
    def _ask(self, settlement):
        """Ask for one settlement and keep the answer.

        :return: ``None``, or an error that is not of this settlement alone: ``Retryable`` to come
            back later, another one where the whole connection cannot ask
        """
        client = self.env["sp.client"].sudo()
        try:
            found = client._ask_quietly(
                settlement.connection_id,
                lambda partner: finances.summaries(partner, settlement.settlement_ref),
            )
        except Retryable as error:
            return error
        except Rejected as error:
            self._note(settlement, error, "refused")
            return None
        except (AmazonError, KeyLost) as error:
            self._note(settlement, error)
            return error
        self._keep(settlement, {"answer": self.env["sp.control"]._pack(found), "code": False})
        self._announce(settlement)
        return None

    @api.model
    def _ask_now(self, settlement):
        """Ask for one settlement because somebody wants to know.

        :raises UserError: Amazon cannot be asked now
        """
        error = self._ask(settlement)
        if isinstance(error, Retryable):
            raise UserError(words_of(self.env, error))

    @api.model
    def _note(self, settlements, error, code=""):
        """Keep why Amazon gave no answer."""
        if not code:
            code = error.code if isinstance(error, Misconfigured) else "no_connection"
        words = words_of(self.env, error)
        for settlement in settlements:
            self._keep(settlement, {"answer": False, "code": code, "said": words})

    @api.model
    def _keep(self, settlement, vals):
        control = settlement.sudo().control_ids
        vals = {**vals, "asked_at": fields.Datetime.now()}
        if control:
            control.write(vals)
        else:
            control.create({"settlement_id": settlement.id, **vals})

    @api.model
    def _announce(self, settlement):
        """Raise one activity where Amazon's statement differs, and clear it where it agrees."""
        kind = "sp_connector.mail_activity_type_control"
        settlement = settlement.sudo()
        control = settlement.control_ids
        if control.state != "differs":
            settlement.activity_unlink([kind])
            return
        if settlement.activity_search([kind]):
            return
        connection = settlement.connection_id
        for user in connection._alarm_receivers(settlement.company_id, connection.user_id):
            control = control.with_context(lang=user.lang)
            settlement.activity_schedule(
                kind,
                summary=control.env._("Amazon's second statement differs"),
                note=control.text,
                user_id=user.id,
            )

    @api.model
    def _trigger(self, connection):
        """Have Amazon asked soon about new settlements, where that is wanted."""
        if connection.sudo().compares_summaries:
            self.env.ref("sp_connector.ir_cron_compare_summaries").sudo()._trigger()

    @api.model
    def _switch_on(self):
        """Start the scheduled action, which is shipped inactive, for who wants it first."""
        cron = self.env.ref("sp_connector.ir_cron_compare_summaries").sudo()
        cron.active = True
        cron._trigger()
