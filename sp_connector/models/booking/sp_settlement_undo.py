"""The way back: from journal entries, whatever became of them, to a settlement in review."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date


class SpSettlement(models.Model):
    _inherit = "sp.settlement"

    def action_ask_undo(self):
        """Say what undoing will do, before it is done."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Undo"),
            "res_model": "sp.undo",
            "view_mode": "form",
            "target": "new",
            "context": {"default_settlement_id": self.id},
        }

    def action_undo(self):
        """Take the entries back so that the settlement can be booked anew.

        A draft that never had a number is deleted. A posted entry is cancelled where its period
        is open and its journal not hashed, else reversed on the first open day: the trail of
        numbers stays. Whatever people did to the entries meanwhile is taken back too.
        """
        self.check_access("read")
        if busy := self - self._lock():
            raise UserError(busy._describe_busy())
        for settlement in self:
            settlement._take_back()
        self.sudo()._check()

    def _take_back(self):
        self.ensure_one()
        moves = self._moves_to_take_back()
        self._undo_transfers()
        self._release_bank_lines(moves)
        for move in moves:
            move._sp_take_back()
        self.sudo().line_ids.move_line_id = False
        self.sudo().item_ids.unlink()
        self.sudo().is_own_yardstick = False

    def _moves_to_take_back(self):
        """Return the entries that count, a reversal before what it reverses."""
        neutral = self._compare_ledger().neutral
        return self.move_ids.sorted("id", reverse=True).filtered(
            lambda move: move.state != "cancel" and move.id not in neutral
        )

    def _release_bank_lines(self, moves):
        """Undo the matching with bank lines, so that they are on the list of open ones again.

        To remove the match alone would leave them matched with an open item of the clearing
        account. In a closed period that is all one can do.
        """
        moves.check_access("write")
        for line in moves.sudo()._sp_bank_lines():
            self.sudo().message_post(body=self._describe_release(line))
            if not line.move_id._is_sealed():
                line.action_undo_reconciliation()

    # === IN WORDS === #

    def _describe_undo(self):
        """Say what undoing will do to each entry and bank line."""
        self.ensure_one()
        moves = self._moves_to_take_back()
        texts = [self._describe_take_back(move) for move in moves.sorted("id")]
        texts += [self._describe_release(line) for line in moves.sudo()._sp_bank_lines()]
        locked = moves.filtered(
            lambda move: move.state == "posted" and move._sp_reversal_date() != move.date
        )
        if locked and self.company_id.sudo().sp_lock_policy == "hold":
            texts.append(
                self.env._(
                    "The settlement is held then: a manager opens the period, or says under "
                    "Configuration, Booking, that it is booked on the next open day."
                )
            )
        return "\n".join(texts or [self.env._("There is no entry to take back.")])

    def _describe_take_back(self, move):
        entry = self._name_move(move)
        if move.state == "draft" and not move.posted_before:
            return self.env._("%(entry)s is a draft and is deleted.", entry=entry)
        if move._is_sealed():
            return self.env._(
                "%(entry)s can no longer be changed. It is reversed on %(day)s, and what replaces "
                "it is booked on that day too.",
                entry=entry,
                day=format_date(self.env, move._sp_reversal_date()),
            )
        return self.env._("%(entry)s is cancelled and keeps its number.", entry=entry)

    def _describe_release(self, line):
        values = {
            "label": line.payment_ref or line.name,
            "day": format_date(self.env, line.date),
            "amount": line.currency_id.format(line.amount),
        }
        if line.move_id._is_sealed():
            return self.env._(
                "The bank line %(label)s of %(day)s, %(amount)s, lies in a closed period: it keeps "
                "its item on the clearing account, which is to be matched again.",
                **values,
            )
        return self.env._(
            "The bank line %(label)s of %(day)s, %(amount)s, is open again and to be matched anew.",
            **values,
        )

    def _name_move(self, move):
        return self._name_entry(self.item_ids._ledger_entries(move)[0])
