"""What holds each settlement and what people should know, written down where they see it."""

import logging

from odoo import api, models
from odoo.fields import Command

from ...engine.books.findings import dump
from ..settlement.states import UNBOOKED

_logger = logging.getLogger(__name__)

#: So many are looked at again while their user waits, the others soon after.
AT_ONCE = 100


class SpSettlementCheck(models.AbstractModel):
    """Has the engine decide of settlements that are not booked, and notes it in words."""

    _name = "sp.settlement.check"
    _description = "Check of Amazon Settlements"

    @api.model
    def _recheck(self, companies):
        """Look again at every settlement of these companies that has no entry yet.

        Of many only the newest at once. Booking looks at each again before it does anything.
        """
        if not companies:
            return
        # A branch inherits from its parents.
        self._recheck_where([("company_id", "child_of", companies.ids)])

    @api.model
    def _recheck_where(self, domain):
        """Look again at the settlements of a domain that have no entry yet, in any company."""
        settlements = self.env["sp.settlement"].sudo().search([*domain, ("state", "in", UNBOOKED)])
        self._check(settlements[:AT_ONCE])
        if later := settlements[AT_ONCE:]:
            later.is_check_due = True
            self.env.ref("sp_connector.ir_cron_check_settlements")._trigger()
            self.env.user._bus_send(
                "simple_notification",
                {
                    "type": "info",
                    "message": self.env._(
                        "%(count)s settlements more are looked at again in the background.",
                        count=len(later),
                    ),
                },
            )

    @api.model
    def _cron_check_due(self):
        """Look at the settlements that were too many to look at at once."""
        cron = self.env["ir.cron"]
        due = self.env["sp.settlement"].search([("is_check_due", "=", True)])
        cron._commit_progress(remaining=len(due))
        for start in range(0, len(due), AT_ONCE):
            batch = due[start : start + AT_ONCE]
            self._check_each(batch)
            if not cron._commit_progress(len(batch)):
                break

    def _check_each(self, settlements):
        """Check settlements; one that fails stays due and does not keep the others waiting."""
        try:
            with self.env.cr.savepoint():
                self._check(settlements)
                settlements.is_check_due = False  # also of what was booked meanwhile
        except Exception:
            if len(settlements) > 1:
                for settlement in settlements:
                    self._check_each(settlement)
                return
            _logger.exception("Settlement %s cannot be checked", settlements.settlement_ref)

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
        settlement._check()  # with all rights, as the import does
        return settlement

    def _note(self, settlement, decision):
        codes = [finding.code for finding in decision.holds]
        self.env["sp.cost"]._keep(settlement, decision.stock)
        settlement.line_ids._note_choices(decision.choices)
        self._write_changes(
            settlement,
            {
                "date": decision.calendar and decision.calendar.date_last,
                "hold_code": codes[0] if codes else False,
                "hold_findings": dump(decision.holds) or False,
                "needs_mapping": bool(decision.unmapped),
                "has_unknown": "unknown_words" in codes,
                "needs_tax": bool(decision.undecided),
                "needs_costs": bool(decision.uncosted),
                "lacks_rate": "no_rate" in codes,
                "lacks_currency": "inactive_currency" in codes,
                "is_empty": decision.is_empty,
                "is_check_due": False,
                "note_findings": dump(decision.notes) or False,
            },
        )

    def _write_changes(self, settlement, vals):
        changed = {name: value for name, value in vals.items() if settlement[name] != value}
        if changed:
            settlement.update(changed)
        if changed.get("hold_code") and not self._is_silent(settlement):
            self._log_hold(settlement)
        if changed.get("hold_code") is False and settlement._origin.connection_id:
            # What a person freed goes on without waiting for the next round.
            self.env["sp.autopost.run"]._trigger(settlement.connection_id)

    def _is_silent(self, settlement):
        return not settlement._origin or settlement.env.context.get("tracking_disable")

    def _log_hold(self, settlement):
        """Note a new reason in the chatter: a line, in the language of who is responsible."""
        lang = settlement.connection_id.user_id.lang or self.env.lang
        told = settlement.with_context(lang=lang)
        labels = dict(told._fields["hold_code"]._description_selection(told.env))
        body = told.env._("Held: %(reason)s", reason=labels[settlement.hold_code])
        told._message_log(body=body)
