from decimal import Decimal

from odoo import models

from ...engine.books.compare import Entry, Item, fingerprint


class SpAccrualApproval(models.AbstractModel):
    """What is proposed and approved of an accrual: what it is worth, line by line."""

    _name = "sp.accrual.approval"
    _inherit = ["sp.approval.mixin"]
    _description = "Approval of Amazon Accruals"

    def _approval_amount(self):
        """Return what it accrues, or takes back."""
        self.ensure_one()
        return max(abs(self.amount_accrued), abs(self.amount_booked))

    def _approval_digest(self):
        """Return the fingerprint of what is wanted, whatever of it is booked already."""
        items = tuple(
            Item(
                label,
                account.id,
                Decimal(f"{amount:.{currency.decimal_places}f}"),
                Decimal(),
                currency.id,
                repartition=key,
                analytic=repr(sorted((analytic or {}).items())),
            )
            for (key, account, currency), (amount, label, analytic) in self.env["sp.accrual.entry"]
            ._wanted(self)
            .items()
        )
        return fingerprint([Entry((self.journal_id.id, self.account_id.id), self.date, items)])

    def _booking_operations(self):
        return ("accrue", "replace")

    def _take_back_operations(self):
        return ("replace", "undo")

    def _taking_back(self, moves):
        # Its reversals are part of it; what is posted to undo it is not.
        return moves if self._open_proposal().operation == "undo" else moves.browse()

    def _awaits_posting(self):
        return self.state in ("proposal", "adjust")

    def _is_stale(self, proposal):
        return proposal.sudo().digest != self._approval_digest()

    def action_approve(self):
        """Do what is proposed of this accrual."""
        self.ensure_one()
        actions = {"replace": self.action_replace, "undo": self.action_undo}
        action = actions.get(self.approval_id.operation, self.action_book)
        return action() if self.approval_id else None

    def _press(self, step):
        """Take a step with each of these, and return a notice of what was not done, or proposed."""
        told = []
        for accrual in self:
            accrual.check_access("write")
            if found := step(accrual):
                told.append(found)
        if not told:
            return None
        is_proposed = all(one.is_done for one in told)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info" if is_proposed else "warning",
                "sticky": not is_proposed,
                "title": self.env._("Proposed") if is_proposed else self.env._("Nothing was done"),
                "message": "\n".join(one.reason for one in told),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
