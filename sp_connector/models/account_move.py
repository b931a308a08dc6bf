from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class AccountMove(models.Model):
    _inherit = "account.move"

    sp_settlement_id = fields.Many2one(
        "sp.settlement",
        "Amazon Settlement",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",  # of taken-back entries only: others keep it from being deleted
        check_company=True,
    )
    sp_reversed = fields.Boolean(
        readonly=True, copy=False, help="Taken back: it and its reversal cancel each other."
    )

    sp_transfer_id = fields.Many2one(
        "sp.settlement",
        "Amazon Settlement That Takes Up a Payout",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        help="This entry brings the payout of an invoice to the account on which a later "
        "settlement takes it up.",
    )

    def action_view_sp_settlement(self):
        """Open the Amazon settlement this entry books."""
        self.ensure_one()
        return self.sp_settlement_id._get_records_action()

    def _post(self, soft=True):
        # Also when somebody posts from the entry itself: it still must equal Amazon's total.
        entries = self.filtered(lambda move: move.sp_settlement_id and not move.sp_reversed)
        entries.sp_settlement_id._check_entry()
        for move in entries:
            # Odoo would post it on the next open day without a word.
            if locks := move._get_violated_lock_dates(move.date, move._sp_has_tax()):
                raise UserError(
                    self.env._(
                        "%(date)s lies in a locked period: %(locks)s. The entry of settlement "
                        "%(ref)s keeps its date: open the period, or undo the entry.",
                        date=format_date(self.env, move.date),
                        locks=self.env["res.company"]._format_lock_dates(locks),
                        ref=move.sp_settlement_id.settlement_ref,
                    )
                )
        posted = super()._post(soft)
        entries.sp_settlement_id._reconcile_own()
        entries.sp_settlement_id._finish_review()
        return posted

    def _sp_has_tax(self):
        return any(line.tax_ids or line.tax_repartition_line_id for line in self.line_ids)

    def _is_sealed(self):
        """Tell whether this entry can no longer be changed, only reversed."""
        self.ensure_one()
        return self.state == "posted" and bool(
            self.inalterable_hash
            or self.restrict_mode_hash_table
            or self._get_violated_lock_dates(self.date, self._sp_has_tax())
        )
