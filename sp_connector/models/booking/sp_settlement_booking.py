"""From a proved settlement to its journal entries: created, completed, proved, posted."""

from odoo import api, models
from odoo.exceptions import LockError, UserError
from odoo.tools import format_list

from ...engine.books.compare import POSTED, compare_entry


class SpSettlementBooking(models.AbstractModel):
    """Books settlements, with the rights of the user who presses the button."""

    _name = "sp.settlement.booking"
    _description = "Amazon Settlement, Booking"

    @api.model
    def _lock(self, settlements):
        """Lock settlements for this user and return those that nobody else works on.

        Two people press at once: the second waits for nothing and is told so.

        :raises LockError: somebody else works on all of them
        """
        free = settlements.sudo().try_lock_for_update().sudo(False)
        if settlements and not free:
            raise LockError(self._describe_busy())
        return free

    @api.model
    def _describe_busy(self):
        return self.env._("Somebody else is booking it right now. Try again in a moment.")

    # === ENTRIES === #

    def _book(self, settlement):
        """Create the draft entries of a settlement in review."""
        settlement.ensure_one()
        if settlement.state != "review":
            return
        decision = settlement._decide()
        if not decision.plan.proved:
            raise UserError(
                self.env._(
                    "Settlement %(ref)s: the planned entry does not equal Amazon's total; "
                    "nothing is booked.",
                    ref=settlement.settlement_ref,
                )
            )
        for part in decision.plan.parts:
            self.env["sp.settlement.entry"]._create(settlement, decision, part)
        if decision.plan.parts:
            self._check_entry(settlement)

    def _complete(self, settlement):
        """Book what is missing, make anew what would be booked otherwise now, and post it all.

        :return: a ``LeftOut`` where it is only proposed, or waits for another person
        """
        if not settlement.has_four_eyes and (told := settlement._over_limit()):
            return told  # nothing is left behind
        self._prepare(settlement)
        drafts = settlement._active_moves().filtered(lambda move: move.state == "draft")
        if drafts and (told := settlement._ask("post")):
            return told
        self._post_drafts(settlement)
        return None

    def _post_drafts(self, settlement):
        """Post what is a draft: the gate of Odoo's own posting says who may do that."""
        settlement._active_moves().filtered(lambda move: move.state == "draft").action_post()
        if settlement._compare_ledger().status == POSTED:
            self._finish_posting(settlement)

    def _propose_by_itself(self, settlement):
        """Prepare the entries of a settlement; any person may approve them."""
        self._prepare(settlement)
        settlement._propose("post", by_itself=True)

    def _prepare(self, settlement):
        """Make the entries that posting would post, as they would be booked now."""
        settlement.ensure_one()
        if settlement.state == "review":
            self._book(settlement)
        else:
            self._renew_drafts(settlement)
            self._book_missing(settlement)
        self._check_entry(settlement)

    def _renew_drafts(self, settlement):
        """Make untouched drafts anew if mapping, taxes or rates changed since they were made."""
        moves = settlement._active_moves()
        fresh = all(move.state == "draft" and not move.posted_before for move in moves)
        if not moves or not fresh or settlement._compare_ledger().differences:
            return
        reason = self._describe_newer_plan(settlement)
        if not reason:
            return
        self._book_anew(settlement)
        settlement.sudo().message_post(
            body=self.env._("The draft entry was made anew before posting. %(why)s", why=reason)
        )

    def _book_anew(self, settlement):
        self.env["sp.settlement.undo"]._take_back(settlement)
        settlement.sudo()._check()
        if settlement.state != "review":
            raise UserError(settlement._first_reason() or settlement.booking_note)
        self._book(settlement)

    def _book_missing(self, settlement):
        """Book the parts again whose entries were deleted, cancelled or reversed by hand."""
        comparison = settlement._compare_ledger()
        if not comparison.missing or comparison.edited:
            return
        if not settlement._active_moves():
            self._book_anew(settlement)
            return
        if reason := self._describe_newer_plan(settlement):
            raise UserError(
                self.env._(
                    "Settlement %(ref)s lacks an entry, and would be booked otherwise now: "
                    "%(why)s\nUndo it and create its entries again.",
                    ref=settlement.settlement_ref,
                    why=reason,
                )
            )
        missing = {entry.key for entry in comparison.missing}
        gone = settlement.sudo().item_ids.filtered(
            lambda item: (item.move_id.id or None) in missing
        )
        days = set(gone.mapped("date_part"))
        gone.unlink()
        decision = settlement._decide()
        for part in decision.plan.parts:
            if part.date not in days:
                continue
            if locked := decision.find_lock(part):
                raise UserError("\n".join(settlement._say([locked])))
            self.env["sp.settlement.entry"]._create(settlement, decision, part)

    def _describe_newer_plan(self, settlement):
        return self.env["sp.settlement.ledger"]._describe_newer_plan(settlement)

    # === PROOF === #

    def _check_entry(self, settlement):
        """Refuse entries that are not what was planned, or do not equal Amazon's total.

        :raises UserError: somebody changed them, or they were never right
        """
        comparison = settlement._compare_ledger()
        if comparison.edited or comparison.missing:
            raise UserError(self._describe_broken(settlement, comparison.differences))
        if settlement._active_moves() and not self._is_entry_true(settlement):
            raise UserError(self._describe_broken(settlement))

    @api.model
    def _find_post_problem(self, settlement, moves):
        """Say why some of a settlement's entries may not be posted, ``""`` if they may.

        A reversal is its maker's affair: once posted, the settlement says what it did.
        """
        settlement.ensure_one()
        gate = self.env["sp.approval.gate"]
        if problem := gate._find_move_problem(settlement, moves, "posted"):
            return f"{settlement.settlement_ref}: {problem}"
        entries = moves.filtered(lambda move: not move.reversed_entry_id.sp_settlement_id)
        planned = {entry.key: entry for entry in settlement.sudo().item_ids._planned_entries()}
        found = settlement.item_ids._ledger_entries(entries.sudo())
        differences = []
        for entry in found:
            if entry.key not in planned:
                text = self.env._(
                    "%(entry)s was taken back or never planned.",
                    entry=self.env["sp.settlement.ledger"]._name_entry(entry),
                )
                return f"{self._describe_broken(settlement)}\n{text}"
            differences += compare_entry(planned[entry.key], entry)
        if differences or (found and not self._is_entry_true(settlement)):
            return self._describe_broken(settlement, differences)
        ledger = self.env["sp.settlement.ledger"]
        if found and (problems := ledger._describe_other_journals(settlement, entries.sudo())):
            return "\n".join([self._describe_broken(settlement), *problems])
        for move in entries:
            if problem := move._sp_find_lock():
                return problem
        if found and not any(entries.mapped("posted_before")):
            if reason := self._describe_newer_plan(settlement):
                return self.env._(
                    "Settlement %(ref)s would be booked otherwise now: %(why)s\n"
                    "Undo the entry and create it again.",
                    ref=settlement.settlement_ref,
                    why=reason,
                )
        return ""

    def _describe_broken(self, settlement, differences=()):
        text = self.env._(
            "The entry of settlement %(ref)s is no longer made of its rows and of "
            "Amazon's total of %(total)s. Undo the entry and create it again.",
            ref=settlement.settlement_ref,
            total=settlement.currency_id.format(settlement.amount_total),
        )
        ledger = self.env["sp.settlement.ledger"]
        return "\n".join([text, *ledger._describe_differences(settlement, differences)])

    @api.model
    def _note_posted(self, moves):
        """Note on settlements which of their entries were posted, by whomever and wherever."""
        for settlement, posted in moves.sudo().grouped("sp_settlement_id").items():
            names = format_list(self.env, posted.mapped("name"))
            settlement._message_log(body=self.env._("Posted: %(entries)s.", entries=names))

    @api.model
    def _finish_posting(self, settlements):
        """Match and tell what follows from the posting; of entries that are posted as planned."""
        reconcile = self.env["sp.settlement.reconcile"]
        for settlement in settlements:
            if settlement._compare_ledger().status == POSTED:
                reconcile._reconcile_rollover(settlement)
                settlement._conclude("post", "rebook")
        reconcile._reconcile_posted(settlements)
        self.env["sp.bank.match"]._settlements_posted(settlements)
        # Nobody needs to review what is posted.
        posted = settlements.sudo().filtered(lambda settlement: settlement.state == "posted")
        posted.activity_feedback(["sp_connector.mail_activity_type_review"])

    @api.model
    def _is_entry_true(self, settlement):
        """Tell whether the items equal their lines, and what remains is the payout alone.

        An item without tax equals its lines; items with tax and their tax items do so together,
        entry by entry. What remains are the rollover items, which cancel each other, what goods
        cost, and the payout; of invoices, what Amazon owes on each. What pays customers' invoices
        equals what was kept of its orders.
        """
        settlement.ensure_one()
        currency = settlement.currency_id
        moves = settlement.sudo()._active_moves()
        explained = self.env["sp.invoiced"]._items(settlement) if moves else {}
        for line in settlement.sudo().line_ids:
            item = line.move_line_id
            own = line.amount - line.invoiced_amount
            explained[item] = explained.get(item, 0.0) + own
        rest, carried = [], []
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
        if any(move.is_invoice() for move in moves):
            expected = carried
        else:
            expected = [settlement.amount_total]
            for amount in carried[:-1]:
                expected += [amount, -amount]
        goods = settlement.sudo().item_ids.filtered("is_goods")
        expected = [*expected, *goods.mapped("amount_currency")]
        rest = sorted(amount for amount in rest if not currency.is_zero(amount))
        expected = sorted(amount for amount in expected if not currency.is_zero(amount))
        return (
            len(rest) == len(expected)
            and not any(map(currency.compare_amounts, rest, expected))
            and not currency.compare_amounts(sum(carried), settlement.amount_total)
        )
