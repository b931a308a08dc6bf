from odoo import fields, models

from ...engine.books.compare import fingerprint


class SpSettlementApproval(models.AbstractModel):
    """What is proposed and approved of a settlement: its entries, exactly as they are planned."""

    _name = "sp.settlement.approval"
    _inherit = ["sp.approval.mixin"]
    _description = "Approval of Amazon Settlements"

    def _approval_amount(self):
        """Return the payout, or what is owed: what Amazon says, which nobody here can change."""
        self.ensure_one()
        day = self.date or fields.Date.context_today(self)
        rate = self.env["sp.settlement.facts"]._conversion_rate(self, day)
        return abs(self.amount_total) / rate

    def _approval_digest(self):
        """Return the fingerprint of the planned items, with their days and journals."""
        items = self.sudo().item_ids
        planned = []
        for own in items.grouped("date_part").values():
            (entry,) = own._planned_entries()
            journal = own.move_id[:1].journal_id or self.env["sp.settlement.facts"]._journal(self)
            planned.append(entry._replace(key=journal.id))
        return fingerprint(planned)

    def _booking_operations(self):
        return ("post", "rebook")

    def _take_back_operations(self):
        return ("undo", "rebook")

    def _taking_back(self, moves):
        return moves.filtered(lambda move: move.reversed_entry_id.sp_settlement_id)

    def _awaits_posting(self):
        return self.state in ("review", "booked", "partly")

    def _has_posted(self):
        """Tell whether taking its entries back changes what is in the books."""
        return any(move.state == "posted" for move in self.sudo()._active_moves())

    def _is_stale(self, proposal):
        if proposal.operation == "rebook":
            return False  # approving tries it out first
        if proposal.sudo().digest != self._approval_digest():
            return True
        ledger = self.env["sp.settlement.ledger"]
        return proposal.operation == "post" and bool(ledger._describe_newer_plan(self))

    def action_approve(self):
        """Do what is proposed of each of these settlements."""
        return self.env["sp.batch"]._press("approve", self)
