from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    sp_settlement_id = fields.Many2one(
        "sp.settlement",
        "Amazon Settlement",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    sp_reversed = fields.Boolean(
        readonly=True, copy=False, help="Taken back: it and its reversal cancel each other."
    )

    def action_view_sp_settlement(self):
        """Open the Amazon settlement this entry books."""
        self.ensure_one()
        return self.sp_settlement_id._get_records_action()

    def _post(self, soft=True):
        # Also when somebody posts from the entry itself: it still must equal Amazon's total.
        entries = self.filtered(lambda move: move.sp_settlement_id and not move.sp_reversed)
        entries.sp_settlement_id._check_entry()
        return super()._post(soft)

    def _is_sealed(self):
        """Tell whether this entry can no longer be changed, only reversed."""
        self.ensure_one()
        return bool(
            self.inalterable_hash
            or (self.state == "posted" and self.restrict_mode_hash_table)
            or self._get_violated_lock_dates(self.date, False)
        )
