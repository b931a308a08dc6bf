from odoo import api, fields, models

from ...engine.books.findings import load
from .states import HOLD_LABELS

#: Reason → the action that opens what clears it away.
_MENDS = {
    "unknown_words": "action_map_words",
    "no_account": "action_setup",
    "no_journal": "action_setup",
    "no_customer": "action_setup",
    "undecided": "action_setup",
    "no_cost_account": "action_cost_settings",
    "cost_by_odoo": "action_cost_settings",
    "no_cost": "action_enter_costs",
    "no_rate": "action_view_rates",
    "inactive_currency": "action_view_rates",
}


class SpSettlementHold(models.AbstractModel):
    """What keeps a settlement from being booked, and the ways to clear it away."""

    _name = "sp.settlement.hold"
    _description = "Why an Amazon Settlement Is Held"

    hold_code = fields.Selection(
        HOLD_LABELS,
        "Reason",
        readonly=True,
        index="btree_not_null",
        help="The first of what keeps it from being booked.",
    )
    hold_findings = fields.Json(readonly=True, prefetch=False)
    note_findings = fields.Json(readonly=True, prefetch=False)
    hold_reason = fields.Text("Why It Is Held", compute="_compute_hold_reason", compute_sudo=True)
    booking_note = fields.Text("Booking Notes", compute="_compute_booking_note", compute_sudo=True)
    needs_mapping = fields.Boolean(readonly=True)
    is_check_due = fields.Boolean("To Be Looked At Again", readonly=True, copy=False)
    is_empty = fields.Boolean(
        "Nothing to Book", readonly=True, help="None of its rows carries money to book."
    )
    has_unknown = fields.Boolean(
        readonly=True, help="Some of its money stands beside unknown words."
    )
    needs_tax = fields.Boolean(
        "Needs a Tax Decision", readonly=True, help="Some of its money has an undecided tax."
    )
    lacks_rate = fields.Boolean("Needs an Exchange Rate", readonly=True)
    lacks_currency = fields.Boolean("Needs an Active Currency", readonly=True)

    @api.depends("hold_findings")
    @api.depends_context("lang")
    def _compute_hold_reason(self):
        for settlement in self:
            settlement.hold_reason = settlement._say_stored(settlement.hold_findings)

    @api.depends("note_findings")
    @api.depends_context("lang")
    def _compute_booking_note(self):
        for settlement in self:
            settlement.booking_note = settlement._say_stored(settlement.note_findings)

    def _say_stored(self, findings):
        return "\n".join(self._say(load(findings))) or False

    def _first_reason(self):
        """The first line of what holds it."""
        return (self.hold_reason or "").partition("\n")[0]

    # === ACTION METHODS === #

    def action_map_words(self):
        """Ask for the meaning of the first unknown words; press again for the next ones."""
        self.ensure_one()
        unknown = self.line_ids.filtered(lambda line: line.category == "unknown")
        return unknown.filtered("has_amount")[:1].action_map_words()

    def action_activate_currency(self):
        """Activate the currency, for all of Odoo: who may do that is Odoo's to say."""
        self.currency_id.active = True

    def action_view_rates(self):
        """Open the currency, whose rate is missing."""
        self.ensure_one()
        return self.currency_id._get_records_action()

    def action_check(self):
        """Look again at what holds these settlements, e.g. after a rate was entered."""
        return self.env["sp.batch"]._press("check", self)

    def _mend_action(self, code):
        """Open what clears away a reason to hold, or the settlement, which says what to do."""
        self.ensure_one()
        action = _MENDS.get(code)
        return getattr(self, action)() if action else self._get_records_action()
