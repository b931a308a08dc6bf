"""What a settlement knows of its neighbours (see ``sp.settlement.gap``) and how it is announced."""

from odoo import api, fields, models
from odoo.tools import format_date


class SpSettlement(models.Model):
    _inherit = "sp.settlement"

    gap_before_ids = fields.One2many("sp.settlement.gap", "after_id", "Breaks Before")
    gap_after_ids = fields.One2many("sp.settlement.gap", "before_id", "Breaks After")
    chain_problem = fields.Text(compute="_compute_chain_problem")

    @api.depends("gap_before_ids.state", "gap_after_ids.state")
    @api.depends_context("lang", "tz")
    def _compute_chain_problem(self):
        for settlement in self:
            gaps = settlement._open_gaps()
            settlement.chain_problem = "\n".join(gaps.mapped("display_name")) or False

    def _open_gaps(self):
        gaps = self.gap_before_ids | self.gap_after_ids
        return gaps.filtered(lambda gap: gap.state == "open")

    def action_view_gaps(self):
        """Open what is missing beside this settlement, with the way to get it."""
        self.ensure_one()
        return self._open_gaps()._get_records_action(name=self.env._("Missing Settlements"))

    def _recheck_chain(self):
        """Look for breaks among the neighbours of these settlements."""
        pools = {(item.company_id, item.currency_id) for item in self.sudo()}
        self.env["sp.settlement.gap"]._recheck(pools)

    def unlink(self):
        pools = {(item.company_id, item.currency_id) for item in self.sudo()}
        answer = super().unlink()
        self.env["sp.settlement.gap"]._recheck(pools)
        return answer

    # === NOTICES === #

    def _notice_title(self):
        """Name the settlement for somebody who does not look at it, in the user's language."""
        self.ensure_one()
        days = [format_date(self.env, day) for day in (self.date_start, self.date_end) if day]
        parts = [self.settlement_ref, self.currency_id.format(self.amount_total), " – ".join(days)]
        return ", ".join(filter(None, parts))

    def _first_reason(self):
        """The first line of what holds it."""
        return (self.hold_reason or "").partition("\n")[0]

    def _finish_review(self):
        """End the activities that ask for a review of what is posted now."""
        posted = self.sudo().filtered(lambda settlement: settlement.state == "posted")
        posted.activity_feedback(["sp_connector.mail_activity_type_review"])
