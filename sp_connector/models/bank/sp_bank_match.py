"""Which bank line is which payout: found, matched by itself where it is sure, undone."""

import logging

import psycopg2

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.misc import clean_context

from ...engine.bank.naming import find_names
from ...engine.bank.pairing import find_candidates
from ...engine.bank.parts import RETURNED

_logger = logging.getLogger(__name__)

#: So many bank lines are looked at where they arrive; more by the scheduler.
AT_ONCE = 20


class SpBankMatch(models.AbstractModel):
    """Finds what belongs together and matches it. Nothing of it is stored: the ledger tells."""

    _name = "sp.bank.match"
    _description = "Amazon Bank Matching"

    # === FINDING === #

    @api.model
    def _find(self, root, settlements=None, lines=None):
        """Return what could belong together, the best first: the engine's ``Candidate``s.

        Their keys are the ids of bank lines and settlements.

        :param root: a company that is no branch
        :param settlements, lines: only what concerns these; all of the company without any
        """
        pool = self.env["sp.bank.pool"]._read(root, settlements, lines)
        found = find_candidates(pool.deposits, pool.lines, pool.rules)
        if settlements is None and lines is None:
            return found
        wanted_lines = set(lines.ids if lines else ())
        wanted = set(settlements.ids if settlements else ())
        return [
            one
            for one in found
            if not wanted_lines.isdisjoint(one.lines) or not wanted.isdisjoint(one.deposits)
        ]

    @api.model
    def _records(self, candidate):
        """Return a candidate's bank lines and settlements."""
        lines = self.env["account.bank.statement.line"].browse(candidate.lines)
        return lines, self.env["sp.settlement"].browse(candidate.deposits)

    # === MATCHING === #

    @api.model
    def _match(self, kind, lines, settlements):
        """Match what a person chose.

        :raises UserError: it is no longer what was proposed, or the ledger does not allow it
        """
        (error,) = self._match_each([(kind, lines, settlements)])
        if error:
            raise error

    @api.model
    def _match_each(self, chosen):
        """Match what a person chose; one that fails stops itself only.

        :param chosen: list of (kind, bank lines, settlements)
        :return: for each the ``UserError`` that it failed with, or ``None``
        """
        found = {}
        all_lines = self.env["account.bank.statement.line"].union(*(one[1] for one in chosen))
        all_lines.check_access("write")
        self.env["sp.settlement"].union(*(one[2] for one in chosen)).check_access("read")
        for root, lines in all_lines.sudo().grouped(lambda line: line.company_id.root_id).items():
            for candidate in self.sudo()._find(root, lines=lines):
                found[_identity(candidate.kind, candidate.lines, candidate.deposits)] = candidate
        errors = []
        for kind, lines, settlements in chosen:
            candidate = found.get(_identity(kind, lines.ids, settlements.ids))
            try:
                with self.env.cr.savepoint():
                    if not candidate:
                        raise UserError(self._describe_stale(lines))
                    self._apply(candidate)
                errors.append(None)
            except UserError as error:
                errors.append(error)
        return errors

    def _describe_stale(self, lines):
        return self.env._(
            "«%(line)s» is no longer open for this: somebody matched it meanwhile, or the "
            "settlement changed. Look at the proposals again.",
            line=lines[:1].payment_ref or lines[:1].move_id.name,
        )

    @api.model
    def _apply(self, candidate):
        """Match a candidate, and say so on its settlements."""
        # Defaults of the screen that brought a bank line are none of what is written here.
        context = clean_context(self.env.context)
        self = self.with_context(context)  # pylint: disable=context-overridden
        lines, settlements = (records.sudo() for records in self._records(candidate))
        # Somebody else may match or undo one of them right now.
        if lines - lines.try_lock_for_update(allow_referencing=True) or (
            settlements - settlements.try_lock_for_update(allow_referencing=True)
        ):
            raise UserError(self.env["sp.settlement.booking"]._describe_busy())
        entry = self.env["sp.bank.entry"]
        if candidate.kind == RETURNED:
            settlements = self._settlements_of(lines)
            self._release(lines)
            entry._cancel_out(lines)
        else:
            entry._match(candidate, lines, settlements)
        text = self.env["sp.bank.words"]._describe_match(candidate, lines)
        for settlement in settlements:
            settlement._message_log(body=text)

    @api.model
    def _match_sure(self, root, settlements=None, lines=None):
        """Match what is sure about these records, where the company allows it.

        What fails stays a proposal: neither an import nor a posting fails with it.
        """
        if not root.sudo().sp_bank_auto:
            return
        service = self.sudo()
        try:
            with self.env.cr.savepoint():
                found = service._find(root, settlements, lines)
            for candidate in found:
                if candidate.is_sure:
                    service._try(candidate)
        except psycopg2.OperationalError:
            raise  # the transaction is to be run again as a whole
        except Exception:
            _logger.exception("The bank lines of company %s cannot be matched", root.id)

    def _try(self, candidate):
        """Match a candidate; where Odoo does not allow it, it stays a proposal."""
        try:
            with self.env.cr.savepoint():
                self._apply(candidate)
        except UserError as error:
            _logger.info("Bank lines %s stay a proposal: %s", candidate.lines, error)

    # === WHAT STARTS IT === #

    @api.model
    def _lines_arrived(self, lines):
        """Match new bank lines: the few of a typed statement at once, more by the scheduler."""
        lines = lines.sudo().filtered(lambda line: line.state == "posted")
        settled = self._settled_roots(lines.company_id.root_id)
        lines = lines.filtered(lambda line: line.company_id.root_id in settled)
        for root, group in lines.grouped(lambda line: line.company_id.root_id).items():
            group = self._name_something(root, group)
            if len(group) <= AT_ONCE:
                if group:
                    self._match_sure(root, lines=group)
                continue
            group.sp_match_due = True
            self.env.ref("sp_connector.ir_cron_match_bank").sudo()._trigger()

    @api.model
    def _settled_roots(self, roots):
        """Return those of these companies that have settlements and match by themselves."""
        roots = roots.sudo().filtered("sp_bank_auto")
        if not roots:
            return roots
        groups = (
            self.env["sp.settlement"]
            .sudo()
            ._read_group(
                [("company_id", "child_of", roots.ids), ("state", "=", "posted")], ["company_id"]
            )
        )
        return roots & self.env["res.company"].union(*(company.root_id for (company,) in groups))

    def _name_something(self, root, lines):
        """Return the lines that name Amazon or have a number: no other pair is ever sure."""
        partners = root.search([("id", "child_of", root.id)])._sp_bank_partners()
        words = [word.casefold() for word in root._sp_bank_word_list()]

        def names_something(line):
            text = self.env["sp.bank.pool"]._line_text(line).casefold()
            return (
                line.partner_id in partners
                or any(word in text for word in words)
                or any(name.isdigit() for name in find_names(text))
            )

        return lines.filtered(names_something)

    @api.model
    def _settlements_posted(self, settlements):
        """Match what was posted with the bank lines that are there already."""
        if self.env.context.get("sp_connector_match_later"):
            return  # it has a bank line already: somebody matches them again
        settlements = settlements.sudo().filtered(lambda one: one.state == "posted")
        for root, group in settlements.grouped(lambda one: one.company_id.root_id).items():
            self._match_sure(root, settlements=group)

    @api.model
    def _cron_match(self):
        """Match the bank lines that were too many to be looked at where they arrived."""
        cron, all_lines = self.env["ir.cron"], self.env["account.bank.statement.line"]
        due = all_lines.search([("sp_match_due", "=", True)], order="date, id")
        cron._commit_progress(remaining=len(due))
        for root, group in due.grouped(lambda line: line.company_id.root_id).items():
            for start in range(0, len(group), AT_ONCE):
                batch = group[start : start + AT_ONCE]
                self._match_sure(root, lines=batch)
                batch.sp_match_due = False
                if not cron._commit_progress(len(batch)):
                    return

    # === THE WAY BACK === #

    @api.model
    def _unmatch(self, lines):
        """Take the matching of bank lines back, and say so on their settlements."""
        lines.check_access("write")
        lines = lines.sudo()
        settlements = self._settlements_of(lines)
        self._release(lines)
        for settlement in settlements:
            settlement._message_log(
                body=self.env._(
                    "The match with the bank line was undone: %(lines)s.",
                    lines=self.env["sp.bank.words"]._name_lines(lines),
                )
            )

    @api.model
    def _release(self, lines):
        """Open bank lines again, and with one that was sent back the one it came with."""
        items = lines.move_id.line_ids
        partners = items.matched_debit_ids.debit_move_id | items.matched_credit_ids.credit_move_id
        matched = (lines | partners.move_id.statement_line_id).filtered("is_reconciled")
        if matched:
            matched.action_undo_reconciliation()

    @api.model
    def _settlements_of(self, lines):
        """Return the settlements with which bank lines are matched."""
        items = lines.sudo().move_id.line_ids
        partners = items.matched_debit_ids.debit_move_id | items.matched_credit_ids.credit_move_id
        return partners.move_id.sp_settlement_id


def _identity(kind, line_ids, settlement_ids):
    return kind, frozenset(line_ids), frozenset(settlement_ids)
