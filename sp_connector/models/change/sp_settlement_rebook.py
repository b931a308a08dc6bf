"""Undo and book anew in one step, with the bank match that the payout had."""

from odoo import api, models
from odoo.exceptions import UserError

from ..settlement.states import BOOKED


class SpSettlementRebook(models.AbstractModel):
    """Books settlements anew as rules, accounts and taxes are now."""

    _name = "sp.settlement.rebook"
    _description = "Amazon Settlement, Booked Anew"

    @api.model
    def _rebook(self, settlement):
        """Take the entries back and make and post them anew: all of it, or an error.

        The undo is the usual one, so numbers stay and what is sealed is reversed. A match of the
        payout is made again where the payout is the same item on the same account; else its bank
        line is open again.

        :raises UserError: it cannot be undone, or would be held
        """
        settlement.ensure_one()
        settlement.check_access("read")
        if settlement.state not in BOOKED:
            raise UserError(self.env._("It is not booked, so it is booked as things are now."))
        self.env["sp.settlement.booking"]._lock(settlement)
        was_posted = any(move.state == "posted" for move in settlement._active_moves())
        payout, counterparts = self._find_match(settlement)
        self.env["sp.settlement.undo"]._take_back(settlement, keep=counterparts.move_id)
        settlement.sudo()._check()
        if settlement.state != "review":
            raise UserError(settlement._first_reason() or settlement.booking_note)
        booking = self.env["sp.settlement.booking"]
        step = booking._complete if was_posted else booking._book
        step(settlement.with_context(sp_connector_match_later=bool(counterparts)))
        if counterparts:
            self._restore_match(settlement, payout, counterparts)
            self.env["sp.bank.match"]._settlements_posted(settlement)
        settlement.sudo().message_post(
            body=self.env._(
                "%(user)s booked it anew: %(entries)s.",
                user=self.env.user.name,
                entries=settlement.move_name or self.env._("draft entry"),
            )
        )

    def _find_match(self, settlement):
        """Return {(account, amount)} of the payout, and the items that it is matched with."""
        payout = settlement.sudo()._payout_items()
        matched = [item for _partial, item in settlement._counterparts(payout)]
        found = payout.browse().union(*matched)
        bank = found.filtered(
            lambda item: (
                item.move_id.statement_line_id and not item.move_id.exchange_diff_partial_ids
            )
        )
        return self._as_keys(payout), bank

    def _as_keys(self, items):
        return sorted((item.account_id.id, item.amount_currency) for item in items)

    def _restore_match(self, settlement, before, counterparts):
        """Match the new payout with what the former one was matched with, or open the bank line."""
        payout = settlement.sudo()._payout_items()
        if payout and self._as_keys(payout) == before:
            (payout.filtered(lambda item: not item.reconciled) | counterparts).reconcile()
            return
        for line in counterparts.move_id.statement_line_id:
            body = self.env["sp.settlement.undo"]._describe_release(line)
            settlement.sudo().message_post(body=body)
            if not line.move_id._sp_is_sealed():
                line.action_undo_reconciliation()
