"""The way back: from journal entries, whatever became of them, to a settlement in review."""

from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import LockError
from odoo.tools import format_date


class SpSettlementUndo(models.AbstractModel):
    """Takes the entries of settlements back, and says beforehand what that will do."""

    _name = "sp.settlement.undo"
    _description = "Amazon Settlement, Way Back"

    @api.model
    def _undo(self, settlements):
        """Take the entries back so that the settlements can be booked anew.

        A draft that never had a number is deleted. A posted entry is cancelled where its period
        is open and its journal not hashed, else reversed on the first open day: the trail of
        numbers stays. Whatever people did to the entries meanwhile is taken back too.
        """
        booking = self.env["sp.settlement.booking"]
        if settlements - booking._lock(settlements):
            raise LockError(booking._describe_busy())
        for settlement in settlements:
            self._take_back(settlement)
            settlement._conclude("undo")
        settlements.sudo()._check()

    @api.model
    def _take_back(self, settlement, keep=None):
        """Take the entries of a settlement back.

        :param keep: bank entries (``account.move``) whose match somebody makes again
        """
        settlement.ensure_one()
        moves = self._moves_to_take_back(settlement)
        self.env["sp.settlement.reconcile"]._undo_transfers(settlement)
        self._release_bank_lines(settlement, moves, keep)
        told = []
        for move in moves:
            name = self._name_entry(settlement, move)
            move._sp_take_back()
            told.append(self._describe_taken_back(name, move))
        if told:
            settlement.sudo()._message_log(body=Markup("<br/>").join(told))
        settlement.sudo().line_ids.move_line_id = False
        self.env["sp.invoiced"]._forget(settlement.sudo().line_ids)
        settlement.sudo().item_ids.unlink()
        settlement.sudo().is_own_yardstick = False

    @api.model
    def _moves_to_take_back(self, settlement):
        """Return the entries that count, a reversal before what it reverses."""
        neutral = settlement._compare_ledger().neutral
        return settlement.move_ids.sorted("id", reverse=True).filtered(
            lambda move: move.state != "cancel" and move.id not in neutral
        )

    @api.model
    def _release_bank_lines(self, settlement, moves, keep=None):
        """Undo the matching with bank lines, so that they are on the list of open ones again.

        To remove the match alone would leave them matched with an open item of the clearing
        account. In a closed period that is all one can do.
        """
        moves.check_access("write")
        kept = keep.statement_line_id if keep else ()
        for line in moves.sudo()._sp_bank_lines():
            if line in kept:
                continue
            settlement.sudo().message_post(body=self._describe_release(line))
            if not line.move_id._sp_is_sealed():
                line.action_undo_reconciliation()

    # === IN WORDS === #

    @api.model
    def _describe(self, settlement):
        """Say what undoing will do to each entry and bank line."""
        settlement.ensure_one()
        moves = self._moves_to_take_back(settlement)
        texts = [self._describe_take_back(settlement, move) for move in moves.sorted("id")]
        texts += [self._describe_release(line) for line in moves.sudo()._sp_bank_lines()]
        locked = moves.filtered(
            lambda move: move.state == "posted" and move._sp_reversal_date() != move.date
        )
        if locked and settlement.company_id.sudo().sp_lock_policy == "hold":
            texts.append(
                self.env._(
                    "The settlement is held then: a manager opens the period, or says under "
                    "Configuration, Set Up, that it is booked on the next open day."
                )
            )
        if settlement.has_four_eyes and settlement._has_posted():
            texts.append(
                self.env._(
                    "Four eyes: this proposes it, and the books stay as they are until another "
                    "person undoes it too, or approves."
                )
            )
        return "\n".join(texts or [self.env._("There is no entry to take back.")])

    def _name_entry(self, settlement, move):
        (found,) = settlement.item_ids._ledger_entries(move)
        return self.env["sp.settlement.ledger"]._name_entry(found)

    def _describe_taken_back(self, name, move):
        """Say what became of an entry that had this name."""
        if not move.exists():
            return self.env._("%(entry)s was deleted.", entry=name)
        if move.state == "cancel":
            return self.env._("%(entry)s was cancelled.", entry=name)
        reversal = move.sudo().reversal_move_ids.sorted("id")[-1:]
        return self.env._(
            "%(entry)s was reversed by %(reversal)s.", entry=name, reversal=reversal.name
        )

    @api.model
    def _describe_take_back(self, settlement, move):
        entry = self._name_entry(settlement, move)
        if move.state == "draft" and not move.posted_before:
            return self.env._("%(entry)s is a draft and is deleted.", entry=entry)
        if move._sp_is_sealed():
            return self.env._(
                "%(entry)s can no longer be changed. It is reversed on %(day)s, and what replaces "
                "it is booked on that day too.",
                entry=entry,
                day=format_date(self.env, move._sp_reversal_date()),
            )
        return self.env._("%(entry)s is cancelled and keeps its number.", entry=entry)

    @api.model
    def _describe_release(self, line):
        values = {
            "label": line.payment_ref or line.name,
            "day": format_date(self.env, line.date),
            "amount": line.currency_id.format(line.amount),
        }
        if line.move_id._sp_is_sealed():
            return self.env._(
                "The bank line %(label)s of %(day)s, %(amount)s, lies in a closed period: it keeps "
                "its item on the clearing account, which is to be matched again.",
                **values,
            )
        return self.env._(
            "The bank line %(label)s of %(day)s, %(amount)s, is open again and to be matched anew.",
            **values,
        )
