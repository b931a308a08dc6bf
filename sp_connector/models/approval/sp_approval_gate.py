"""Who may book what: every road to the ledger passes here, also those of Odoo's own screens."""

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import UserError

USER = "sp_connector.sp_connector_group_user"
MANAGER = "sp_connector.sp_connector_group_manager"
#: In the context while something is tried out that is taken back at once. Nobody outside has
#: this very object: contexts of remote calls are made of texts and numbers.
TRIAL = object()


class SpApprovalGate(models.AbstractModel):
    """Says why this user may not book or take back something of Amazon's; stores nothing.

    What it is about is a record of ``sp.approval.mixin``. The superuser is no person: it approves
    nothing, and has the rights of the smallest role.
    """

    _name = "sp.approval.gate"
    _description = "Gate of Amazon Approvals"

    @api.model
    def _rules(self, subject):
        """Return the company whose settings hold: branches have those of their root."""
        return subject.company_id.sudo().root_id

    @api.model
    def _has_four_eyes(self, subject):
        return self._rules(subject).sp_four_eyes

    # === HOW MUCH === #

    @api.model
    def _find_limit(self, subject):
        """Say that something is larger than what this user's role may approve, or ``""``."""
        return self._find_limit_of(self._rules(subject), subject._approval_amount())

    @api.model
    def _find_limit_of(self, company, amount):
        limit = company._sp_approval_limit(self._is_manager())
        if limit is None or company.currency_id.compare_amounts(amount, limit) <= 0:
            return ""
        values = {
            "amount": company.currency_id.format(amount),
            "limit": company.currency_id.format(limit),
        }
        if not limit:
            return self.env._(
                "Bookkeepers do not approve here: it waits for a manager of Amazon Settlements."
            )
        if self._is_manager():
            return self.env._(
                "%(amount)s is more than the %(limit)s that managers may approve: see "
                "Configuration, Approval.",
                **values,
            )
        manager = company._sp_approval_limit(True)
        if manager is not None and company.currency_id.compare_amounts(amount, manager) > 0:
            return self.env._(
                "%(amount)s is more than anybody may approve: see Configuration, Approval.",
                **values,
            )
        return self.env._(
            "%(amount)s is more than the %(limit)s that you may approve: it waits for a manager "
            "of Amazon Settlements.",
            **values,
        )

    @api.model
    def _is_manager(self):
        return self.env.uid != SUPERUSER_ID and self.env.user.has_group(MANAGER)

    # === WHO === #

    @api.model
    def _find_person(self, proposal):
        """Say why this user may not approve a proposal whatever its amount, or ``""``."""
        return self._find_role() or self._find_own(proposal.sudo().user_id)

    @api.model
    def _find_role(self):
        if self.env.uid == SUPERUSER_ID:
            return self.env._("Four eyes: a program approves nothing; a person does.")
        if not self.env.user.has_group(USER):
            return self.env._(
                "Four eyes: bookkeepers and managers of Amazon Settlements approve this."
            )
        return ""

    @api.model
    def _find_own(self, user):
        if user == self.env.user:
            return self.env._("Four eyes: you proposed this yourself; another person approves it.")
        return ""

    # === WHAT === #

    @api.model
    def _find_post(self, subject):
        """Say why this user may not post the entries that something has now, or ``""``."""
        if problem := self._find_limit(subject):
            return problem
        if not self._has_four_eyes(subject):
            return ""
        last = subject.sudo().approval_ids[:1]
        if last.operation not in subject._booking_operations() or last.state not in (
            "open",
            "approved",
        ):
            return self.env._(
                "Four eyes: it is not proposed. Press Propose on it; another person approves."
            )
        if last.digest != subject._approval_digest():
            return self.env._(
                "Four eyes: it is not what %(proposer)s proposed any more. Press Propose on it; "
                "another person approves.",
                proposer=last._proposer(),
            )
        # What was approved once may be posted again, as long as it is the same.
        return "" if last.state == "approved" else self._find_person(last)

    @api.model
    def _find_take_back(self, subject):
        """Say why this user may not take posted entries back, or ``""``."""
        if self.env.context.get("sp_connector_trial") is TRIAL:
            return ""
        if problem := self._find_limit(subject):
            return problem
        if not self._has_four_eyes(subject):
            return ""
        proposal = subject._open_proposal()
        if proposal.operation not in subject._take_back_operations():
            return self.env._(
                "Four eyes: what is posted is taken back by two persons. Propose it on «%(name)s»; "
                "another person approves.",
                name=subject.sudo().display_name,
            )
        return self._find_person(proposal)

    # === ENTRIES === #

    @api.model
    def _find_move_problem(self, subject, moves, state):
        """Say why entries of something may not get a state, or ``""``.

        To post the reversal of an entry takes that entry back.
        """
        if state != "posted":
            posted = moves.filtered(lambda move: move.state == "posted")
            return self._find_take_back(subject) if posted else ""
        reversals = subject._taking_back(moves)
        problem = self._find_take_back(subject) if reversals else ""
        return problem or (self._find_post(subject) if moves - reversals else "")

    @api.model
    def _guard(self, moves, state):
        """Refuse a state that this user may not give to entries, from wherever it is written.

        :raises UserError: with the reason
        """
        for subject, entries in self._by_subject(moves):
            others = entries.filtered(lambda move: move.state != state)
            if others and (problem := self._find_move_problem(subject, others, state)):
                name = subject.sudo().display_name
                raise UserError(self.env._("%(name)s: %(why)s", name=name, why=problem))
        for move in moves.sudo().filtered("sp_opening_id") if state == "posted" else ():
            if move.state != state and (problem := self._find_opening(move)):
                raise UserError(problem)

    @api.model
    def _find_opening(self, move):
        """Say why this user may not post an opening entry: a draft is proposed by its maker."""
        company = self._rules(move)
        if problem := self._find_limit_of(company, sum(move.line_ids.mapped("debit"))):
            return problem
        if not company.sp_four_eyes:
            return ""
        return self._find_role() or self._find_own(move.create_uid)

    @api.model
    def _by_subject(self, moves):
        """Return pairs of what is booked and its entries."""
        moves = moves.sudo()
        groups = moves.grouped("sp_settlement_id") | moves.grouped("sp_accrual_id")
        return [(one, own) for one, own in groups.items() if one]
