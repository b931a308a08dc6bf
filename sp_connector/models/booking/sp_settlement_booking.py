"""From a proved settlement to its journal entries, and back."""

from odoo import models
from odoo.exceptions import RedirectWarning, UserError

from ...engine.books.compare import POSTED, compare_entry

#: Of differences, or of settlements that are left out.
_SHOWN = 10


class SpSettlement(models.Model):
    _inherit = "sp.settlement"

    # === BOOKING === #

    def action_book(self):
        """Create the draft entries of each settlement that nothing holds; name the others."""
        return self._run_on_free(lambda settlement: settlement._book())

    def action_post(self):
        """Post the entries of each settlement, creating first what is missing of them."""
        return self._run_on_free(lambda settlement: settlement._complete())

    def _run_on_free(self, step):
        """Take a step with each settlement that nothing holds; one that fails stops itself only.

        :return: a notice that names those that were left out and why, ``None`` without any
        :raises UserError: the only one failed
        """
        self.check_access("read")
        free = self._lock()
        left_out = {settlement: self._describe_busy() for settlement in self - free}
        free.sudo()._check()
        for settlement in free:
            if settlement.state in ("held", "empty"):
                reason = settlement._first_reason() or settlement.booking_note
                left_out[settlement] = reason
                continue
            try:
                with self.env.cr.savepoint():
                    step(settlement)
            except (UserError, RedirectWarning) as error:
                if len(self) == 1:
                    raise
                left_out[settlement] = str(error.args[0])
        return self._prepare_notice(left_out) if left_out else None

    def _lock(self):
        """Lock these settlements for this user and return those that nobody else works on.

        Two people press at once: the second waits for nothing and is told so.

        :raises UserError: somebody else works on all of them
        """
        free = self.sudo().try_lock_for_update().sudo(False)
        if self and not free:
            raise UserError(self._describe_busy())
        return free

    def _describe_busy(self):
        return self.env._("Somebody else is booking it right now. Try again in a moment.")

    def _prepare_notice(self, left_out):
        lines = [
            f"{settlement.settlement_ref}: {reason}"
            for settlement, reason in list(left_out.items())[:_SHOWN]
        ]
        if (more := len(left_out) - _SHOWN) > 0:
            lines.append(self.env._("… and %(count)s more", count=more))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Not booked"),
                "message": "; ".join(lines),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _book(self):
        """Create the draft entries of a settlement in review, with the user's own rights."""
        self.ensure_one()
        if self.state != "review":
            return
        decision = self._decide()
        if not decision.plan.proved:
            raise UserError(
                self.env._(
                    "Settlement %(ref)s: the planned entry does not equal Amazon's total; "
                    "nothing is booked.",
                    ref=self.settlement_ref,
                )
            )
        for part in decision.plan.parts:
            self._book_part(decision, part)
        if decision.plan.parts:
            self._check_entry()

    def _complete(self):
        """Book what is missing, make anew what would be booked otherwise now, and post it all."""
        self.ensure_one()
        if self.state == "review":
            self._book()
        else:
            self._renew_drafts()
            self._book_missing()
        self._check_entry()
        self._active_moves().filtered(lambda move: move.state == "draft").action_post()
        if self._compare_ledger().status == POSTED:
            self._finish_posting()

    def _renew_drafts(self):
        """Make untouched drafts anew if mapping, taxes or rates changed since they were made."""
        moves = self._active_moves()
        fresh = all(move.state == "draft" and not move.posted_before for move in moves)
        if not moves or not fresh or self._compare_ledger().differences:
            return
        reason = self._describe_newer_plan()
        if not reason:
            return
        self._book_anew()
        self.sudo().message_post(
            body=self.env._("The draft entry was made anew before posting. %(why)s", why=reason)
        )

    def _book_anew(self):
        self.env["sp.settlement.undo"]._take_back(self)
        self.sudo()._check()
        if self.state != "review":
            raise UserError(self._first_reason() or self.booking_note)
        self._book()

    def _book_missing(self):
        """Book the parts again whose entries were deleted, cancelled or reversed by hand."""
        comparison = self._compare_ledger()
        if not comparison.missing or comparison.edited:
            return
        if not self._active_moves():
            self._book_anew()
            return
        if reason := self._describe_newer_plan():
            raise UserError(
                self.env._(
                    "Settlement %(ref)s lacks an entry, and would be booked otherwise now: "
                    "%(why)s\nUndo it and create its entries again.",
                    ref=self.settlement_ref,
                    why=reason,
                )
            )
        missing = {entry.key for entry in comparison.missing}
        gone = self.sudo().item_ids.filtered(lambda item: (item.move_id.id or None) in missing)
        days = set(gone.mapped("date_part"))
        gone.unlink()
        decision = self._decide()
        for part in decision.plan.parts:
            if part.date not in days:
                continue
            if locked := decision.find_lock(part):
                raise UserError("\n".join(self._say([locked])))
            self._book_part(decision, part)

    def _claim_move(self, move, part, vals):
        """Say that an entry is this settlement's, and keep what it was created from.

        With all rights: nobody may say so by hand.
        """
        move.sudo().write(
            {
                "sp_settlement_id": self.id,
                "sp_settlement_ref": self.settlement_ref,
                "sp_date": part.date,
            }
        )
        self.env["sp.settlement.item"]._record(move, part.date, vals)

    # === PROOF === #

    def _check_entry(self):
        """Refuse entries that are not what was planned, or do not equal Amazon's total.

        :raises UserError: somebody changed them, or they were never right
        """
        for settlement in self:
            comparison = settlement._compare_ledger()
            if comparison.edited or comparison.missing:
                raise UserError(settlement._describe_broken(comparison.differences))
            if settlement._active_moves() and not settlement._is_entry_true():
                raise UserError(settlement._describe_broken())

    def _find_post_problem(self, moves):
        """Say why some of this settlement's entries may not be posted, ``""`` if they may.

        A reversal is its maker's affair: once posted, the settlement says what it did.
        """
        self.ensure_one()
        entries = moves.filtered(lambda move: not move.reversed_entry_id.sp_settlement_id)
        planned = {entry.key: entry for entry in self.sudo().item_ids._planned_entries()}
        found = self.item_ids._ledger_entries(entries.sudo())
        differences = []
        for entry in found:
            if entry.key not in planned:
                text = self.env._(
                    "%(entry)s was taken back or never planned.", entry=self._name_entry(entry)
                )
                return f"{self._describe_broken()}\n{text}"
            differences += compare_entry(planned[entry.key], entry)
        if differences or (found and not self._is_entry_true()):
            return self._describe_broken(differences)
        for move in entries:
            if problem := move._sp_find_lock():
                return problem
        if found and not any(entries.mapped("posted_before")):
            if reason := self._describe_newer_plan():
                return self.env._(
                    "Settlement %(ref)s would be booked otherwise now: %(why)s\n"
                    "Undo the entry and create it again.",
                    ref=self.settlement_ref,
                    why=reason,
                )
        return ""

    def _describe_broken(self, differences=()):
        text = self.env._(
            "The entry of settlement %(ref)s is no longer made of its rows and of "
            "Amazon's total of %(total)s. Undo the entry and create it again.",
            ref=self.settlement_ref,
            total=self.currency_id.format(self.amount_total),
        )
        return "\n".join([text, *self._describe_differences(differences)])

    def _finish_posting(self):
        """Match and tell what follows from the posting; of entries that are posted as planned."""
        reconcile = self.env["sp.settlement.reconcile"]
        for settlement in self:
            if settlement._compare_ledger().status == POSTED:
                reconcile._reconcile_rollover(settlement)
        reconcile._reconcile_posted(self)
        self._finish_review()

    def _is_entry_true(self):
        """Tell whether the items equal their lines, and what remains is the payout alone.

        An item without tax equals its lines; items with tax and their tax items do so together,
        entry by entry. What remains are the rollover items, which cancel each other, and the
        payout; of invoices, what Amazon owes on each.
        """
        self.ensure_one()
        currency = self.currency_id
        explained = {}
        for line in self.sudo().line_ids:
            item = line.move_line_id
            explained[item] = explained.get(item, 0.0) + line.amount
        rest, carried = [], []
        moves = self.sudo()._active_moves()
        for move in moves:
            part, taxed, alone = 0.0, 0.0, []
            for item in move.line_ids:
                own = explained.pop(item, 0.0)
                part += own
                if item.tax_ids or item.tax_repartition_line_id:
                    taxed += item.amount_currency + own
                else:
                    alone.append(item.amount_currency + own)
            rest += [amount for amount in [taxed, *alone] if not currency.is_zero(amount)]
            carried.append(part)
        # Lines without an item cancel each other: the plan makes no item of zero.
        rest += [-amount for amount in explained.values()]
        if self._booked_as_invoice():
            expected = carried
        else:
            expected = [self.amount_total]
            for amount in carried[:-1]:
                expected += [amount, -amount]
        rest = sorted(amount for amount in rest if not currency.is_zero(amount))
        expected = sorted(amount for amount in expected if not currency.is_zero(amount))
        return (
            len(rest) == len(expected)
            and not any(map(currency.compare_amounts, rest, expected))
            and not currency.compare_amounts(sum(carried), self.amount_total)
        )

    def _booked_as_invoice(self):
        return bool(self.sudo()._active_moves().filtered(lambda move: move.is_invoice()))
