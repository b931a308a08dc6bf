from odoo import SUPERUSER_ID, api, fields, models

from ..common.left_out import LeftOut


class SpApprovalMixin(models.AbstractModel):
    """Records whose bookings may need a second person, or one of a higher role.

    Whoever asks first for something proposes it; it is done when another person asks for the same.
    """

    _name = "sp.approval.mixin"
    _description = "Amazon Records With Approvals"

    approval_ids = fields.One2many(
        "sp.approval",
        "res_id",
        "Approvals",
        domain=lambda self: [("res_model", "=", self._name)],
        readonly=True,
    )
    approval_id = fields.Many2one(
        "sp.approval",
        "Waits for Approval",
        compute="_compute_approval_id",
        compute_sudo=True,
        store=True,
        index="btree_not_null",
        copy=False,
    )
    approval_operation = fields.Selection(
        related="approval_id.operation", string="What Waits for Approval"
    )
    has_four_eyes = fields.Boolean(compute="_compute_has_four_eyes", compute_sudo=True)
    can_approve = fields.Boolean(compute="_compute_can_approve")
    approval_text = fields.Text("Approval", compute="_compute_approval_text")

    # === COMPUTE METHODS === #

    @api.depends("approval_ids.state")
    def _compute_approval_id(self):
        for record in self:
            waiting = record.approval_ids.filtered(lambda one: one.state == "open")
            record.approval_id = waiting[:1]

    @api.depends("company_id")
    def _compute_has_four_eyes(self):
        for record in self:
            record.has_four_eyes = self.env["sp.approval.gate"]._has_four_eyes(record)

    @api.depends("approval_id")
    @api.depends_context("uid")
    def _compute_can_approve(self):
        gate = self.env["sp.approval.gate"]
        for record in self:
            proposal = record.approval_id
            problem = proposal and (gate._find_person(proposal) or gate._find_limit(record))
            record.can_approve = bool(proposal) and not problem

    @api.depends("approval_ids.state")
    @api.depends_context("uid", "lang")
    def _compute_approval_text(self):
        gate = self.env["sp.approval.gate"]
        for record in self:
            proposal, texts = record.approval_id, []
            if record.approval_ids:
                texts.append(record.approval_ids[0]._said())
            if proposal:
                texts.append(gate._find_person(proposal) or gate._find_limit(record))
                if record._is_stale(proposal):
                    texts.append(self._describe_stale(proposal))
            elif record._awaits_posting():
                texts.append(gate._find_limit(record))
            record.approval_text = "\n".join(filter(None, texts)) or False

    # === WHAT IT IS ABOUT === #
    # Each kind of record says this of itself: any default here would let something pass unseen.

    def _approval_amount(self):
        """Return what limits are about, positive, in the company's currency."""
        raise NotImplementedError

    def _approval_digest(self):
        """Return the fingerprint of what is booked, or would be."""
        raise NotImplementedError

    def _booking_operations(self):
        """Return the operations that post entries."""
        raise NotImplementedError

    def _take_back_operations(self):
        """Return the operations that take posted entries back."""
        raise NotImplementedError

    def _taking_back(self, moves):
        """Return which of these entries take others back."""
        raise NotImplementedError

    def _awaits_posting(self):
        """Tell whether there is something that a person could post now."""
        raise NotImplementedError

    def _is_stale(self, proposal):
        """Tell whether something else would be booked now than was proposed."""
        raise NotImplementedError

    @api.model
    def _describe_stale(self, proposal):
        return self.env._(
            "It would be booked otherwise now than %(proposer)s proposed: it is to be proposed "
            "again.",
            proposer=proposal._proposer(),
        )

    def _open_proposal(self):
        """Return what waits for approval: as the facts say, whatever is written on the record."""
        facts = self.sudo().approval_ids
        return facts.filtered(lambda one: one.state == "open")[:1].sudo(False)

    # === STEPS === #

    def _ask(self, operation, digest=None):
        """Return ``None`` if this user may do something now, else propose it or say why not.

        :param digest: the fingerprint of what would be done, where the caller has it
        :return: a ``LeftOut``
        """
        self.ensure_one()
        gate = self.env["sp.approval.gate"]
        if not gate._has_four_eyes(self):
            return self._over_limit()
        digest = digest or self._approval_digest()
        if operation not in self._take_back_operations() and self._was_approved(digest):
            return self._over_limit()
        proposal = self._open_proposal()
        if proposal.operation == operation and proposal.digest == digest:
            if problem := gate._find_person(proposal):
                return LeftOut("own_proposal", problem)
            return self._over_limit()
        # To propose is all that one person can do.
        return LeftOut("proposed", self._propose(operation, digest), is_done=True)

    def _over_limit(self):
        """Return a ``LeftOut`` where this user's role may not approve that much."""
        problem = self.env["sp.approval.gate"]._find_limit(self)
        return LeftOut("limit", problem) if problem else None

    def _was_approved(self, digest):
        last = self.sudo().approval_ids[:1]
        return (
            last.state == "approved"
            and last.operation in self._booking_operations()
            and digest == self._approval_digest() == last.digest
        )

    def _propose(self, operation, digest=None, by_itself=False):
        """Note that something is proposed, and return what the proposer is told.

        :param by_itself: nobody proposes it, as where the scheduler does: any person may approve
        """
        self.ensure_one()
        digest = digest or self._approval_digest()
        before, texts = self._open_proposal(), []
        if before.operation == operation and before.digest != digest:
            texts.append(self._describe_stale(before))
        before._decide("closed", self.env._("something else was proposed"))
        proposal = (
            self.env["sp.approval"]
            .sudo()
            .create(
                {
                    "name": self.display_name,
                    "res_model": self._name,
                    "res_id": self.id,
                    "company_id": self.company_id.id,
                    "operation": operation,
                    "user_id": False if by_itself or self.env.uid == SUPERUSER_ID else self.env.uid,
                    "amount": self._approval_amount(),
                    "digest": digest,
                }
            )
        )
        self.invalidate_recordset(["approval_ids", "approval_id"])
        self._tell_of(proposal.sudo(False))
        texts.append(self.env._("%(what)s: another person approves it.", what=proposal._label()))
        return "\n".join(texts)

    def _send_back(self, reason):
        """Decide that what waits is not to be booked so, and tell its proposer why."""
        self.ensure_one()
        proposal = self._open_proposal()
        proposal._decide("sent_back", reason)
        self._log_decision(proposal)
        proposer = proposal.sudo().user_id
        if proposer and proposer != self.env.user:
            self._plan_activity(
                "sp_connector.mail_activity_type_sent_back",
                proposer,
                self.env._("Sent back: %(reason)s", reason=reason),
            )

    def _conclude(self, *operations):
        """Note what became of what waited: this user did it, or something else was done."""
        for record in self.sudo():
            proposal = record._open_proposal()
            if not proposal:
                continue
            is_wanted = proposal.operation in operations
            if is_wanted and not self.env["sp.approval.gate"]._find_person(proposal):
                proposal._decide("approved")
                record._log_decision(proposal)
            elif is_wanted:
                proposal._decide("closed", self.env._("it was done without four eyes"))
            else:
                proposal._decide("closed", self.env._("its entries were taken back"))

    # === WHO IS TOLD === #

    def _log_decision(self, proposal):
        self.invalidate_recordset(["approval_ids", "approval_id"])
        self.sudo()._message_log(body=proposal._said())
        self.sudo().activity_unlink(
            [
                "sp_connector.mail_activity_type_approve",
                "sp_connector.mail_activity_type_sent_back",
            ]
        )

    def _tell_of(self, proposal):
        """Note a proposal, and ask the responsible user if that is another who may approve it.

        Nobody else gets an activity: Home and the list show what waits.
        """
        self._log_decision(proposal)
        user = self.sudo().connection_id.user_id
        if not user.active or self.company_id not in user.company_ids:
            return
        theirs = self.with_user(user).with_context(allowed_company_ids=self.company_id.ids)
        if theirs.has_access("read") and theirs.can_approve:
            self._plan_activity("sp_connector.mail_activity_type_approve", user, proposal._said())

    def _plan_activity(self, kind, user, summary):
        self.sudo().activity_schedule(kind, summary=summary, user_id=user.id)
