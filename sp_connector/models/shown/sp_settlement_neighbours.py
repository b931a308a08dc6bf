from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ...engine.books.chain import GAP, OVERLAP, RECENT, find_chains
from ..bank.sp_settlement_payment import OPEN, UNPAID


class SpSettlementNeighbours(models.AbstractModel):
    """The settlements before and after one, and what between them does not fit."""

    _name = "sp.settlement.neighbours"
    _description = "Neighbours of an Amazon Settlement"

    previous_id = fields.Many2one(
        "sp.settlement",
        "Settlement Before",
        compute="_compute_neighbours",
        help="Of the same seller and currency: it ends where this one starts.",
    )
    next_id = fields.Many2one("sp.settlement", "Settlement After", compute="_compute_neighbours")
    gap_before_ids = fields.One2many("sp.settlement.gap", "after_id", "Breaks Before")
    gap_after_ids = fields.One2many("sp.settlement.gap", "before_id", "Breaks After")
    chain_problem = fields.Text(compute="_compute_chain_problem")

    def _compute_neighbours(self):
        for settlement in self:
            before, after = settlement._find_neighbours()
            settlement.previous_id, settlement.next_id = before, after

    def _find_neighbours(self):
        """Return the settlements before and after this one, as far as they are here."""
        nobody = self.browse()
        if not self.date_start or not self.date_end:
            return nobody, nobody
        # Who is farther away is no neighbour, and of years there are thousands.
        near = Domain("date_end", ">=", self.date_start - RECENT) & Domain(
            "date_start", "<=", self.date_end + RECENT
        )
        gaps = self.env["sp.settlement.gap"]
        known = gaps._read_settlements(self.company_id, self.currency_id, near)
        for chain in find_chains(gaps._periods(known)).chains:
            refs = [period.key for period in chain]
            if self.settlement_ref in refs:
                place = refs.index(self.settlement_ref)
                around = [nobody, *(known[ref] for ref in refs), nobody]
                # What the user may read: the chain is found with all rights.
                return (self.browse(around[step].ids) for step in (place, place + 2))
        return nobody, nobody

    @api.depends("gap_before_ids.state", "gap_after_ids.state", "payment_state")
    @api.depends_context("lang", "tz")
    def _compute_chain_problem(self):
        for settlement in self:
            texts = [
                settlement._describe_gap(gap, gap in settlement.gap_before_ids)
                for gap in settlement._open_gaps()
            ]
            settlement.chain_problem = "\n".join(texts) or False

    def _open_gaps(self):
        # A payout that came since is known at once, its break when chains are looked at next.
        is_paid = self.payment_state not in OPEN
        return (self.gap_before_ids | self.gap_after_ids).filtered(
            lambda gap: gap.state == "open" and not (is_paid and gap.kind == UNPAID)
        )

    def _describe_gap(self, gap, is_before):
        """Say what is wrong on one side, as one speaks of it where this settlement is shown."""
        if gap.kind == UNPAID:
            text = self.env._("%(held)s of its payout did not reach the bank, a later one did.")
        elif gap.kind == GAP:
            text = (
                self.env._("The settlement before this one is missing: %(start)s – %(end)s.")
                if is_before
                else self.env._("The settlement after this one is missing: %(start)s – %(end)s.")
            )
        elif gap.kind == OVERLAP:
            text = (
                self.env._("The settlement before, %(before)s, ends after this one starts.")
                if is_before
                else self.env._("The settlement after, %(after)s, starts before this one ends.")
            )
        elif is_before:
            text = self.env._(
                "The settlement before, %(before)s, held a reserve of %(held)s, and this one "
                "brings back %(back)s."
            )
        else:
            text = self.env._(
                "This settlement held a reserve of %(held)s, and the one after, %(after)s, "
                "brings back %(back)s."
            )
        return text % {
            "start": format_date(self.env, gap.date_from),
            "end": format_date(self.env, gap.date_to),
            "before": gap.before_ref,
            "after": gap.after_ref,
            "held": gap.currency_id.format(gap.amount_before),
            "back": gap.currency_id.format(gap.amount_after),
        }

    def action_view_gaps(self):
        """Open what is missing beside this settlement, with the way to get it."""
        self.ensure_one()
        return self._open_gaps()._get_records_action(name=self.env._("Missing Settlements"))
