"""What holds each settlement and what people should know, written down where they see it."""

from odoo import api, models
from odoo.fields import Command

from ..settlement.states import UNBOOKED


class SpSettlementCheck(models.AbstractModel):
    """Has the engine decide of settlements that are not booked, and notes it in words."""

    _name = "sp.settlement.check"
    _description = "Check of Amazon Settlements"

    @api.model
    def _recheck(self, companies):
        """Look again at every settlement of these companies that has no entry yet."""
        if companies:
            # A branch inherits from its parents.
            unbooked = [("company_id", "child_of", companies.ids), ("state", "in", UNBOOKED)]
            self._check(self.env["sp.settlement"].sudo().search(unbooked))

    @api.model
    def _check(self, settlements):
        """Classify the lines anew and note what holds each settlement, if anything."""
        unbooked = settlements.filtered(lambda settlement: settlement.state in (*UNBOOKED, False))
        unbooked.filtered("lines_outdated")._regroup()
        for company, group in unbooked.grouped("company_id").items():
            classifier = self.env["sp.category.rule"]._classifier(company)
            mapping = self.env["sp.account.mapping"]._mapping(company)
            group.line_ids._classify(classifier)
            for settlement in group:
                self._note(settlement, settlement._decide(mapping))

    @api.model
    def _preview(self, summary, company):
        """Return a settlement as it would be imported now: checked, and not stored.

        :param summary: an engine ``summary.Settlement`` whose currency Odoo knows
        """
        settlements, lines = self.env["sp.settlement"].sudo(), self.env["sp.settlement.line"]
        places = self.env["sp.marketplace"]._by_name()
        vals_list = [
            lines._prepare_line_vals(settlements, line, summary, places)
            for line in summary.lines.values()
        ]
        settlement = settlements.new(
            {
                **settlements._prepare_settlement_vals(summary, company, places),
                "line_ids": [Command.create(vals) for vals in vals_list],
            }
        )
        self._check(settlement)
        return settlement

    def _note(self, settlement, decision):
        codes = {finding.code for finding in decision.holds}
        settlement.line_ids._note_choices(decision.choices)
        self._write_changes(
            settlement,
            {
                "date": decision.calendar and decision.calendar.date_last,
                "hold_reason": "\n".join(settlement._say(decision.holds)) or False,
                "needs_mapping": bool(decision.unmapped),
                "needs_tax": bool(decision.undecided),
                "lacks_rate": "no_rate" in codes,
                "is_empty": decision.is_empty,
                "booking_note": "\n".join(settlement._say(decision.notes)) or False,
            },
        )

    def _write_changes(self, settlement, vals):
        changed = {name: value for name, value in vals.items() if settlement[name] != value}
        if changed:
            settlement.update(changed)
