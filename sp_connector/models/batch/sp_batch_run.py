"""Doing one thing with each settlement of many: each by itself, whatever becomes of the others."""

import logging

import psycopg2

from odoo import api, models
from odoo.exceptions import LockError, RedirectWarning, UserError

from ..common.left_out import LeftOut

_logger = logging.getLogger(__name__)
#: So often a worker may die with a settlement, or somebody change what it needs, before it is
#: left out.
MAX_TRIES = 3


class SpBatchRun(models.AbstractModel):
    """Takes a step with settlements, with the rights of the user of its environment."""

    _name = "sp.batch.run"
    _description = "Amazon Batch, Run"

    # === ONE === #

    @api.model
    def _do(self, operation, settlement, may_raise=False):
        """Take a step with one settlement; what fails leaves nothing behind.

        :param operation: one of ``sp.batch``
        :param may_raise: what is refused is raised and not returned
        :return: a ``LeftOut``, ``None`` where it was done
        """
        settlement.ensure_one()
        try:
            with self.env.cr.savepoint():
                settlement.check_access("read")
                return getattr(self, f"_do_{operation}")(settlement)
        except (UserError, RedirectWarning) as error:
            if may_raise:
                raise
            code = "busy" if isinstance(error, LockError) else "refused"
            return LeftOut(code, str(error.args[0]))

    def _do_book(self, settlement):
        return self._do_if_free(settlement, self.env["sp.settlement.booking"]._book)

    def _do_post(self, settlement):
        return self._do_if_free(settlement, self.env["sp.settlement.booking"]._complete)

    def _do_undo(self, settlement):
        has_entry = settlement.move_ids or settlement.sudo().item_ids
        self.env["sp.settlement.booking"]._lock(settlement)
        if settlement._has_posted() and (told := settlement._ask("undo")):
            return told
        self.env["sp.settlement.undo"]._undo(settlement)
        if not has_entry:
            return LeftOut("no_entry", self.env._("There is no entry to take back."))
        return None

    def _do_rebook(self, settlement):
        return self.env["sp.settlement.rebook"]._rebook_if_allowed(settlement)

    def _do_approve(self, settlement):
        operation = settlement.approval_id.operation
        if not operation:
            return LeftOut("not_proposed", self.env._("Nothing is proposed of it."))
        return getattr(self, f"_do_{operation}")(settlement)

    def _do_propose_by_itself(self, settlement):
        """As automatic posting does under four eyes; no batch of a person is such."""
        booking = self.env["sp.settlement.booking"]
        return self._do_if_free(settlement, booking._propose_by_itself)

    def _do_check(self, settlement):
        settlement.sudo()._check()
        return self._held(settlement)

    def _do_if_free(self, settlement, step):
        self.env["sp.settlement.booking"]._lock(settlement)
        settlement.sudo()._check()
        if settlement.state == "empty":
            return LeftOut("empty", settlement.booking_note)
        if settlement.state == "elsewhere":
            name = settlement.elsewhere_move_id.sudo().name
            text = self.env._("It is booked elsewhere, as %(entry)s.", entry=name)
            return LeftOut("elsewhere", text)
        return self._held(settlement) or self._do_once(settlement, step)

    def _do_once(self, settlement, step):
        """Take a step unless somebody else booked it, for sure; say it where that may be."""
        service = self.env["sp.elsewhere"]
        others = service._find(settlement)
        warning = service._warn(others) if others else ""
        if any(one.is_sure for one in others):
            text = self.env._("Say first whether it is: «Booked Elsewhere?» among the actions.")
            return LeftOut("elsewhere", f"{warning}\n{text}")
        if (left_out := step(settlement)) or not others:
            return left_out
        settlement.sudo().message_post(body=warning)
        return LeftOut("elsewhere", warning, is_done=True)

    def _held(self, settlement):
        if settlement.state != "held":
            return None
        return LeftOut(settlement.hold_code, settlement.hold_reason)

    @api.model
    def _prepare_notice(self, settlement, left_out):
        """Return the notice about the one settlement that was left out, or only proposed."""
        is_proposed = left_out.code == "proposed"
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info" if is_proposed else "warning",
                "sticky": not is_proposed,
                "title": self.env._("Proposed")
                if is_proposed
                else self.env._("Done, and to be known")
                if left_out.is_done
                else self.env._("Nothing was done"),
                "message": f"{settlement.settlement_ref}: {left_out.reason}",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # === MANY === #

    @api.model
    def _cron_run(self):
        """Go on with what waits, one settlement after the other, each in its own transaction.

        What a killed worker had begun was not committed, so it waits again.
        """
        cron = self.env["ir.cron"]
        lines = self.env["sp.batch.line"].search([("state", "=", "waiting")], order="id")
        cron._commit_progress(remaining=len(lines))
        for line in lines:
            done = 1
            try:
                with self.env.cr.savepoint():
                    is_waiting = self._begin(line)
                if is_waiting:
                    # Noted before: of a worker that dies nothing else remains.
                    cron._commit_progress()
                    with self.env.cr.savepoint():
                        self._run_line(line)
            except psycopg2.extensions.TransactionRollbackError:
                done = 0  # somebody else changed what it needed, or cancelled it
            if not cron._commit_progress(done):
                break

    def _begin(self, line):
        """Count that a worker begins with a settlement; tell whether that still waits."""
        line = line.exists()
        if line.state != "waiting":
            return False
        line.tries += 1
        return True

    def _run_line(self, line):
        """Take the step of a line's batch as its user would, in that one company."""
        batch = line.batch_id
        user, company = batch.user_id, batch.company_id
        context = {"allowed_company_ids": company.ids, "lang": user.lang, "tz": user.tz}
        mine = self.with_env(self.env(user=user.id, su=False, context=context))
        if line.tries > MAX_TRIES:
            text = mine.env._(
                "%(count)s workers died with this settlement, or it was changed by others each "
                "time. Try it by itself.",
                count=MAX_TRIES,
            )
            line._note(LeftOut("unexpected", text))
            return
        try:
            with self.env.cr.savepoint():
                left_out = mine._do(batch.operation, line.settlement_id.with_env(mine.env))
        except psycopg2.OperationalError:
            raise  # the transaction is to be run again as a whole
        except Exception as error:
            _logger.exception("Settlement %s: %s", line.settlement_id.id, batch.operation)
            left_out = LeftOut("unexpected", mine.env._("Unexpected: %(error)s", error=error))
        line._note(left_out)
