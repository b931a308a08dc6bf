"""What the ledger says of a settlement, beside what was planned when it was booked."""

import json

from odoo import api, models
from odoo.tools import format_date, format_list

from ...engine.books.compare import POSTED, UNPOSTED, Difference, compare_entry

_SHOWN = 10
_SHOWN_TEXT = 80
#: What the comparison with the ledger says → the state.
_STATES = {"draft": "booked", "partly": "partly", "posted": "posted", "changed": "changed"}


class SpSettlementLedger(models.AbstractModel):
    """Compares what was planned with the ledger and with today's plan, and says what differs."""

    _name = "sp.settlement.ledger"
    _description = "Amazon Settlement, Compared with the Ledger"

    @api.model
    def _state(self, settlement):
        """Return the state that the ledger gives a settlement, ``None`` without any entry."""
        state = _STATES.get(settlement._compare_ledger().status)
        if state == "posted" and self._describe_loose_ends(settlement):
            return "changed"
        return state

    def _find_unmatched(self, settlement):
        """Return open rollover items that Odoo could match: posting matches them again."""
        groups = self.env["sp.settlement.reconcile"]._rollover_items(settlement.sudo())
        return self.env["account.move.line"].sudo().union(*groups)

    @api.model
    def _cron_compare(self):
        """Derive the states anew from the ledger, also where something changed it past Odoo."""
        cron, size = self.env["ir.cron"], 100
        settlements = self.env["sp.settlement"]
        ids = settlements.search(["|", ("move_ids", "!=", False), ("item_ids", "!=", False)]).ids
        cron._commit_progress(remaining=len(ids))
        for start in range(0, len(ids), size):
            batch = settlements.browse(ids[start : start + size])
            self._derive_states(batch)
            if not cron._commit_progress(len(batch)):
                break

    def _derive_states(self, settlements):
        for name in ("state", "payment_state", "paid_date", "amount_open"):
            self.env.add_to_compute(settlements._fields[name], settlements)
        self.env.flush_all()
        self.env.invalidate_all()  # memory does not grow with the number of settlements

    # === IN WORDS === #

    @api.model
    def _describe_ledger(self, settlement):
        """Say what in the ledger is not as planned, the first differences only."""
        comparison = settlement._compare_ledger()
        texts = self._describe_differences(settlement, comparison.differences)
        if comparison.status == POSTED:
            texts += self._describe_loose_ends(settlement)
        return texts

    def _describe_loose_ends(self, settlement):
        """Say what is wrong with entries whose items are all as planned."""
        texts = self._describe_other_journals(settlement, settlement.sudo()._active_moves())
        if not self.env["sp.settlement.booking"]._is_entry_true(settlement):
            texts.append(
                self.env._("The entries are not made of Amazon's rows, or do not equal its total.")
            )
        if items := self._find_unmatched(settlement):
            accounts = format_list(self.env, items.account_id.mapped("display_name"))
            texts.append(
                self.env._(
                    "What the months carried over on %(accounts)s is no longer matched; Post "
                    "matches it again.",
                    accounts=accounts,
                )
            )
        return texts

    def _describe_other_journals(self, settlement, moves):
        """Say which entries stand in another journal than planned: their numbers are others'."""
        planned = {item.move_id: item.journal_id for item in settlement.sudo().item_ids}
        return [
            self.env._(
                "%(entry)s is in the journal %(found)s, planned was %(planned)s.",
                entry=self._name_entry(*settlement.item_ids._ledger_entries(move)),
                found=move.journal_id.display_name,
                planned=planned[move].display_name,
            )
            for move in moves
            # Former releases did not keep it.
            if planned.get(move) and planned[move] != move.journal_id
        ]

    @api.model
    def _describe_differences(self, settlement, differences):
        """Say what differs, the first of many; an amount once where both currencies are one."""
        own = settlement.company_id.sudo().currency_id.id
        told = [
            one
            for one in differences
            if one.field != "balance" or one.found.currency != own or one.planned.currency != own
        ] or differences
        texts = [self._describe_difference_of(settlement, one) for one in told[:_SHOWN]]
        if (more := len(told) - _SHOWN) > 0:
            texts.append(self.env._("… and %(count)s differences more.", count=more))
        return texts

    def _describe_difference_of(self, settlement, difference: Difference):
        entry = self._name_entry(difference.entry)
        planned, found = difference.planned, difference.found
        match difference.kind:
            case "deleted":
                return self.env._("%(entry)s was deleted.", entry=entry)
            case "cancelled":
                return self.env._("%(entry)s was cancelled.", entry=entry)
            case "reversed":
                return self.env._(
                    "%(entry)s was reversed by %(reversal)s.",
                    entry=entry,
                    reversal=self._name_entry(found),
                )
            case kind if kind == UNPOSTED:
                return self.env._("%(entry)s is a draft.", entry=entry)
            case "date":
                return self.env._(
                    "%(entry)s has the date %(found)s, planned was %(planned)s.",
                    entry=entry,
                    found=format_date(self.env, found),
                    planned=format_date(self.env, planned),
                )
            case "lacks":
                item = self._name_item(settlement, planned)
                if self.env.context.get("sp_newer_plan"):
                    return self.env._(
                        "%(entry)s would lack the item %(item)s.", entry=entry, item=item
                    )
                return self.env._("%(entry)s lacks the item %(item)s.", entry=entry, item=item)
            case "more":
                item = self._name_item(settlement, found)
                if self.env.context.get("sp_newer_plan"):
                    return self.env._(
                        "%(entry)s would have the item %(item)s.", entry=entry, item=item
                    )
                return self.env._(
                    "%(entry)s has an item that was not planned: %(item)s.", entry=entry, item=item
                )
            case "other":
                return self.env._(
                    "%(entry)s is posted and was not planned: it reverses a part only, or was "
                    "taken back before.",
                    entry=entry,
                )
        values = {
            "entry": entry,
            "item": planned.label[:_SHOWN_TEXT] or self.env._("an item"),
            "field": self._field_label(difference.field),
            "found": self._describe_value(settlement, difference.field, found),
            "planned": self._describe_value(settlement, difference.field, planned),
        }
        if self.env.context.get("sp_newer_plan"):
            return self.env._(
                "%(entry)s, %(item)s: %(field)s would be %(found)s, is %(planned)s.", **values
            )
        return self.env._(
            "%(entry)s, %(item)s: %(field)s is %(found)s, planned was %(planned)s.", **values
        )

    @api.model
    def _name_entry(self, entry):
        move = self.env["account.move"].sudo().browse(entry.key or [])
        day = format_date(self.env, entry.day)
        if move and move.name and move.name != "/":
            return self.env._("%(number)s of %(day)s", number=move.name, day=day)
        return self.env._("The entry of %(day)s", day=day)

    def _name_item(self, settlement, item):
        account = self._describe_value(settlement, "account", item)
        amount = self._describe_value(settlement, "amount", item)
        return f"{item.label[:_SHOWN_TEXT]} ({account}, {amount})"

    def _field_label(self, field):
        labels = {
            "account": self.env._("the account"),
            "amount": self.env._("the amount"),
            "balance": self.env._("the amount in the company's currency"),
            "currency": self.env._("the currency"),
            "taxes": self.env._("the tax"),
            "tags": self.env._("the tax grid"),
            "repartition": self.env._("the tax it is a part of"),
            "partner": self.env._("the partner"),
            "analytic": self.env._("the analytic distribution"),
        }
        return labels[field]

    def _describe_value(self, settlement, field, item):
        value = getattr(item, field)
        if field == "amount":
            return self.env["res.currency"].browse(item.currency).format(float(value))
        if field == "balance":
            return settlement.company_id.sudo().currency_id.format(float(value))
        if not value:
            return self.env._("none")
        if field == "analytic":
            shares = self.env["sp.settlement.preview"]._name_analytic(json.loads(value))
            return shares[:_SHOWN_TEXT] or self.env._("none")
        model = {
            "account": "account.account",
            "currency": "res.currency",
            "taxes": "account.tax",
            "tags": "account.account.tag",
            "repartition": "account.tax.repartition.line",
            "partner": "res.partner",
        }[field]
        ids = sorted(value) if isinstance(value, frozenset) else value
        names = self.env[model].sudo().browse(ids).exists().mapped("display_name")
        return format_list(self.env, names)[:_SHOWN_TEXT] or self.env._("none")

    # === A NEWER PLAN === #

    @api.model
    def _describe_newer_plan(self, settlement):
        """Say what would be booked otherwise now, as mapping, taxes or rates changed since."""
        differences, problem = self._compare_plans(settlement)
        if problem:
            return problem
        texts = []
        if differences and settlement.is_own_yardstick:
            texts.append(
                self.env._(
                    "Booked by an earlier release: compare by hand whether the mapping was "
                    "changed since, or the entry."
                )
            )
        texts += self.with_context(sp_newer_plan=True)._describe_differences(
            settlement, differences
        )
        return "\n".join(texts)

    def _compare_plans(self, settlement):
        """Compare what was planned when it was booked with what would be planned now.

        Not the dates: a period that was closed since does not make an entry another one.

        :return: (list of ``Difference``, what keeps it from being planned or ``""``)
        """
        settlement = settlement.sudo()
        # What is posted is not asked anew: a tax may be archived once it is no longer used.
        is_draft = any(move.state == "draft" for move in settlement._active_moves())
        rules, facts = self.env["sp.category.rule"], self.env["sp.settlement.facts"]
        # The lines of what is booked say what their words meant then.
        classifier = rules._classifier(settlement.company_id)
        decision = facts.sudo()._decide(settlement, classifier=classifier)
        plan = decision.plan
        held = decision.unmapped + decision.undecided if is_draft or not plan.proved else ()
        if is_draft:
            held += decision.inactive
        held += decision.uncosted
        if held or not plan.proved:
            why = "\n".join(settlement._say(held)) or self.env._(
                "the plan does not equal its total."
            )
            return [], self.env._("It would be held now: %(why)s", why=why)
        booked = {
            items[:1].date_part: items._planned_entries()[0]
            for items in settlement.item_ids.grouped("date_part").values()
        }
        if set(booked) != {part.date for part in plan.parts}:
            return [], self.env._("It would be split into other months now.")
        differences = []
        for part in plan.parts:
            entries = settlement.env["sp.settlement.entry"]  # with all rights
            vals, _owners = entries._prepare_move_vals(settlement, decision, part)
            now = settlement.item_ids._as_items(
                [item for *_command, item in vals["line_ids"]], settlement.company_id
            )
            before = booked[part.date]
            differences += compare_entry(before, before._replace(items=tuple(now)))
        # Entries of former releases name no partner; that alone makes none another one.
        return [one for one in differences if one.field != "partner" or one.planned.partner], ""
