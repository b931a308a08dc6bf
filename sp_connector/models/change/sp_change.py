"""What would be booked otherwise: the books before a change, and after it."""

from typing import NamedTuple

from odoo import api, models

from ...engine.books.change import find_changes, is_other
from ..settlement.states import BOOKED

#: So many settlements are compared at once, the newest: each asks Odoo's tax engine.
LIMIT = 500


class Plan(NamedTuple):
    """What would be booked. ``parts`` are the engine's; ``problem``: what keeps it from that."""

    parts: tuple
    items: tuple
    problem: str


class Outcome(NamedTuple):
    """What changes of a settlement.

    :param changes: the engine's ``Change`` s, in the company's currency
    :param names: {(kind, key): what people call it}
    :param is_other: something differs that has no sum, such as the analytic distribution
    :param problem: why it would be held
    :param freed: it was held before, and is not any longer
    """

    settlement: object
    changes: list
    names: dict
    is_other: bool
    problem: str
    freed: bool = False


class SpChange(models.AbstractModel):
    """Compares settlements as they are booked with what would be booked; stores nothing."""

    _name = "sp.change"
    _description = "Comparison of Amazon Settlements Before and After a Change"

    @api.model
    def _compare_booked(self, settlements):
        """Return the ``Outcome`` of each booked settlement that would be booked otherwise now."""
        settlements = settlements.filtered(lambda settlement: settlement.state in BOOKED)
        plans = self._plan(settlements)
        found = []
        for settlement in settlements:
            plan = plans[settlement.id]
            outcome = self._outcome(settlement, self._ledger(settlement), plan)
            if plan.problem or outcome.is_other:
                found.append(outcome)
        return found

    @api.model
    def _compare_trial(self, settlements, apply, is_in_plan=True):
        """Return the ``Outcome`` of each settlement that a change would touch.

        The change is made, looked at and taken back: what is shown is what saving would do, also
        where it would be refused.

        :param apply: function that makes the change
        :param is_in_plan: where the engine's plan stays the same, so does the entry
        """
        before = self._plan(settlements)
        found = []
        with self.env.cr.savepoint() as savepoint:
            apply()
            after = self._plan(settlements, before if is_in_plan else None)
            for settlement in settlements:
                was, will = before[settlement.id], after[settlement.id]
                # Labels alone are no change: people may write others.
                if was.problem == will.problem and not is_other(was.items, will.items):
                    continue
                is_booked = settlement.state in BOOKED
                items = self._ledger(settlement) if is_booked else was.items
                outcome = self._outcome(settlement, items, will)
                freed = not is_booked and bool(was.problem) and not will.problem
                found.append(outcome._replace(freed=freed))
            savepoint.rollback()
        return found

    def _outcome(self, settlement, before, plan):
        """Compare items with a plan; one that would be held changes nothing."""
        if plan.problem:
            return Outcome(settlement, [], {}, False, plan.problem)
        changes = find_changes(before, plan.items)
        names = {change[:2]: self._name_of(settlement, *change[:2]) for change in changes}
        return Outcome(settlement, changes, names, is_other(before, plan.items), "")

    def _name_of(self, settlement, kind, key):
        model = {"account": "account.account", "grid": "account.account.tag", "tax": "account.tax"}
        record = self.env[model[kind]].sudo().with_company(settlement.company_id).browse(key)
        return record.display_name

    # === BEFORE AND AFTER === #

    def _ledger(self, settlement):
        """Return the journal items that a settlement has, as the engine's."""
        settlement = settlement.sudo()
        entries = settlement.item_ids._ledger_entries(settlement._active_moves())
        return tuple(item for entry in entries for item in entry.items)

    def _plan(self, settlements, known=None):
        """Return {id: ``Plan``} of settlements as they would be booked now.

        :param known: plans of before: the items of an equal one are not made again
        """
        plans = {}
        for company, group in settlements.sudo().grouped("company_id").items():
            classifier = self.env["sp.category.rule"]._classifier(company)
            mapping = self.env["sp.account.mapping"]._mapping(company)
            for settlement in group:
                lines = self.env["sp.settlement.reread"]._plan_lines(settlement)
                decision = self.env["sp.settlement.facts"]._decide(
                    settlement, mapping, classifier, lines
                )
                plans[settlement.id] = self._plan_one(
                    settlement, decision, (known or {}).get(settlement.id)
                )
        return plans

    def _plan_one(self, settlement, decision, known):
        if held := self._held(settlement, decision):
            return Plan((), (), "\n".join(settlement._say(held)))
        plan = decision.plan
        if not plan.proved and not decision.is_empty:
            return Plan((), (), self.env._("The plan does not equal its total."))
        if known and known.parts == plan.parts and not known.problem:
            return known
        entries, items = settlement.env["sp.settlement.entry"], ()
        for part in plan.parts:
            vals, _owners = entries._prepare_move_vals(settlement, decision, part)
            made = [item for *_command, item in vals["line_ids"]]
            items += tuple(settlement.item_ids._as_items(made, settlement.company_id))
        return Plan(plan.parts, items, "")

    def _held(self, settlement, decision):
        """Return what would hold it. What is booked no longer waits for a date or a rate."""
        if settlement.state in BOOKED:
            return decision.unmapped + decision.undecided + decision.uncosted
        return decision.holds
