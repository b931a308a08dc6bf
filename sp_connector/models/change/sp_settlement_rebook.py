"""Undo and book anew in one step, with the bank match that the payout had."""

from odoo import api, models
from odoo.exceptions import UserError

from ..approval.sp_approval_gate import TRIAL
from ..settlement.states import BOOKED


class SpSettlementRebook(models.AbstractModel):
    """Books settlements anew as rules, accounts and taxes are now."""

    _name = "sp.settlement.rebook"
    _description = "Amazon Settlement, Booked Anew"

    @api.model
    def _rebook_if_allowed(self, settlement):
        """Book anew, or propose that to another person where the company asks for two.

        What is only a draft is nobody's second look yet.

        :return: a ``LeftOut`` where nothing was booked
        """
        self._check_state(settlement)
        if settlement._has_posted():
            digest = self._try(settlement) if settlement.has_four_eyes else None
            if told := settlement._ask("rebook", digest):
                return told
        self._rebook(settlement)
        return None

    def _try(self, settlement):
        """Return the fingerprint of what booking anew would book; nothing of it stays."""
        with self.env.cr.savepoint() as savepoint:
            trial = settlement.with_context(sp_connector_trial=TRIAL)
            trial.env["sp.settlement.undo"]._take_back(trial)
            self._book_draft(trial)
            digest = trial._approval_digest()
            savepoint.rollback()
        return digest

    def _check_state(self, settlement):
        settlement.ensure_one()
        settlement.check_access("read")
        if settlement.state not in BOOKED:
            raise UserError(self.env._("It is not booked, so it is booked as things are now."))
        self.env["sp.settlement.booking"]._lock(settlement)

    def _book_draft(self, settlement):
        settlement.sudo()._check()
        if settlement.state != "review":
            raise UserError(settlement._first_reason() or settlement.booking_note)
        settlement.env["sp.settlement.booking"]._book(settlement)

    @api.model
    def _rebook(self, settlement):
        """Take the entries back and make and post them anew: all of it, or an error.

        The undo is the usual one, so numbers stay and what is sealed is reversed. A match of the
        payout is made again where the payout is the same item on the same account; else its bank
        line is open again.

        :raises UserError: it cannot be undone, or would be held
        """
        self._check_state(settlement)
        was_posted = settlement._has_posted()
        payout, counterparts = self._find_match(settlement)
        self.env["sp.settlement.undo"]._take_back(settlement, keep=counterparts.move_id)
        later = settlement.with_context(sp_connector_match_later=bool(counterparts))
        self._book_draft(later)
        if was_posted:
            self.env["sp.settlement.booking"]._post_drafts(later)
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
