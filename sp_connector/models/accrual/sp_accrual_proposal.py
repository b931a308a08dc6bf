"""What Amazon told → the lines of an accrual, with the accounts of the company's mapping."""

import json
from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import partial

from odoo import api, models

from ...engine.accrual.cutoff import COUNTED, sort_out
from ...engine.accrual.proposal import propose
from ...engine.accrual.rows import group
from ...engine.books.lines import plan_line


class SpAccrualProposal(models.AbstractModel):
    """Makes the proposal of an accrual."""

    _name = "sp.accrual.proposal"
    _description = "Amazon Accruals, Proposal"

    @api.model
    def _propose(self, accrual):
        """Make the lines anew; what a person decided of a line that is still there stays."""
        accrual = accrual.sudo()
        records = {one.ref: one for one in accrual.transaction_ids}
        told = {ref: one._told() for ref, one in records.items()}
        found = sort_out(told.values(), accrual._cut_off(), self._is_booked(accrual, told.values()))
        elsewhere = self._elsewhere(accrual)
        origins = defaultdict(list)
        counted = defaultdict(list)
        find_place = self._places(accrual)
        for one, origin in found:
            place = find_place(one)
            if origin in COUNTED and place in elsewhere:
                origin = "elsewhere"
            origins[origin].append(records[one.ref].id)
            if origin in COUNTED:
                counted[one.currency, place, origin].append(one)
        for origin, ids in origins.items():
            self.env["sp.accrual.transaction"].sudo().browse(ids).origin = origin
        decided = {line.key: line for line in accrual.line_ids}
        vals_list, misfits = [], 0
        rules = (
            self.env["sp.category.rule"]._classifier(accrual.company_id),
            self.env["sp.account.mapping"]._mapping(accrual.company_id),
        )
        for (_currency, place, origin), some in counted.items():
            lines, count = self._prepare_lines(
                accrual, place, origin, some, records, decided, rules
            )
            vals_list += lines
            misfits += count
        accrual.account_id = accrual.account_id or accrual._account_of_company()
        accrual.line_ids.unlink()
        self.env["sp.accrual.line"].sudo().create(vals_list)
        accrual.note = self._note(accrual, len(origins["elsewhere"]), misfits) or False

    @api.model
    def _note(self, accrual, elsewhere, misfits):
        notes = [accrual._early_note(), accrual._clipped_note()]
        if elsewhere:
            notes.append(
                self.env._(
                    "%(count)s transactions are of marketplaces with another company's books.",
                    count=elsewhere,
                )
            )
        if misfits:
            notes.append(self.env._("Some taxes of Amazon do not fit the mapped ones."))
        return "\n".join(filter(None, notes))

    # === WHERE === #

    @api.model
    def _places(self, accrual):
        """Return a function: transaction → its marketplace; the company's where it names none."""
        places = self.env["sp.marketplace"].search([("marketplace_ref", "!=", False)])
        by_ref = {place.marketplace_ref: place for place in places}
        defaults = {
            place.currency_id.name: place for place in accrual.company_id.sp_default_marketplace_ids
        }
        nowhere = places.browse()
        return lambda one: by_ref.get(one.marketplace_ref) or defaults.get(one.currency, nowhere)

    @api.model
    def _elsewhere(self, accrual):
        """Return the marketplaces of the connection that are in another company's books."""
        places = accrual.connection_id._token_owner().participation_ids
        return places.filtered(
            lambda place: place.is_participating and place._books_of() != accrual.company_id
        ).marketplace_id

    # === WHAT IS BOOKED === #

    @api.model
    def _booked_since(self, accrual):
        """Return what was accrued as open and is booked up to that day meanwhile."""
        records = accrual.sudo().transaction_ids.filtered(lambda one: one.origin == "open")
        told = {one.id: one._told() for one in records}
        is_booked = self._is_booked(accrual, told.values())
        return records.filtered(lambda one: is_booked(told[one.id]))

    @api.model
    def _is_booked(self, accrual, told, until=None):
        """Return a function: does a posted entry up to the cut-off book this released transaction?

        :param until: another day than the cut-off

        Amazon names the settlement where it can. Else it is the one of its time that has the order.
        """
        settlements = self._settlements(accrual, told)
        by_ref = {one.settlement_ref: one for one in settlements}
        groups = {one.group_ref: one.settlement_ref for one in told if one.settlement_ref}
        orders = set(
            self.env["sp.settlement.row"]
            .sudo()
            ._read_group(
                [
                    ("settlement_id", "in", settlements.ids),
                    ("order_ref", "in", list({one.order_ref for one in told if one.order_ref})),
                ],
                ["settlement_id", "order_ref"],
            )
        )
        days = {one: self._entry_days(one) for one in settlements}
        grouping = accrual.company_id._sp_grouping()

        def is_in(settlement, one):
            day = grouping.day(one.posted_at)
            calendar, booked = days[settlement]
            booked_on = calendar and booked.get(calendar.part_date(day.replace(day=1)))
            return bool(booked_on and booked_on <= (until or accrual.date))

        def is_booked(one):
            if ref := one.settlement_ref or groups.get(one.group_ref):
                return ref in by_ref and is_in(by_ref[ref], one)
            return any(
                is_in(settlement, one)
                for settlement in settlements
                if settlement.currency_id.name == one.currency
                and settlement.date_start
                and settlement.date_start <= one.posted_at <= settlement.date_end
                and (not one.order_ref or (settlement, one.order_ref) in orders)
            )

        return is_booked

    @api.model
    def _is_booked_any_day(self, accrual, records):
        """Return a function: does a posted entry of any day book this record?"""
        told = {one.id: one._told() for one in records}
        is_booked = self._is_booked(accrual, told.values(), date.max)
        return lambda record: is_booked(told[record.id])

    @api.model
    def _settlements(self, accrual, told):
        first = min((one.posted_at for one in told), default=None)
        return (
            self.env["sp.settlement"]
            .sudo()
            .search(
                [
                    ("company_id", "=", accrual.company_id.id),
                    ("connection_id", "in", [False, *accrual.connection_id._token_owner().ids]),
                    ("date_end", ">=", first),
                ]
            )
            if first
            else self.env["sp.settlement"]
        )

    @api.model
    def _entry_days(self, settlement):
        """Return (the engine's ``Calendar``, {date of a part: the day on which it is booked})."""
        calendar = self.env["sp.settlement.facts"]._calendar(settlement)
        moves = settlement._active_moves().filtered(lambda move: move.state == "posted")
        return calendar, {move.sp_date or move.date: move.date for move in moves}

    # === LINES === #

    @api.model
    def _prepare_lines(self, accrual, place, origin, told, records, decided, rules):
        """Return (values of the lines of one marketplace, currency and origin, misfits)."""
        company = accrual.company_id
        classifier, mapping = rules
        currency = records[told[0].ref].currency_id
        names = {one.marketplace_ref: place.name or "" for one in told}
        grouped = group(told, classifier, company._sp_grouping(), names)
        lines = [
            plan_line(one.line, number, place.id or None) for number, one in enumerate(grouped)
        ]
        found = propose(
            lines,
            mapping,
            accrual.date,
            tax_on=partial(self._tax, currency, "total_excluded"),
            tax_in=partial(self._tax, currency, "total_included"),
            is_registered=company._sp_is_registered(),
            unit=Decimal(1).scaleb(-currency.decimal_places),
        )
        vals_list = [
            self._prepare_line(accrual, place, origin, currency, one, grouped, records, decided)
            for one in found.lines
            if one.state != "tax" or accrual.tax_setting == "with_tax"
        ]
        return self._joined(vals_list), len(found.misfits)

    @api.model
    def _tax(self, currency, mode, taxes, amount):
        """Return what taxes are on a net amount, or in a gross one."""
        details = (
            self.env["account.tax"]
            .browse(taxes)
            ._get_tax_details(
                float(amount), 1.0, precision_rounding=currency.rounding, special_mode=mode
            )
        )
        tax = details["total_included"] - details["total_excluded"]
        return Decimal(f"{tax:.{currency.decimal_places}f}")

    @api.model
    def _prepare_line(self, accrual, place, origin, currency, one, grouped, records, decided):
        refs = dict.fromkeys(ref for key in one.keys for ref in grouped[key].refs)
        days = [records[ref].posted_at for ref in refs]
        words = ""
        if one.state == "unmapped":
            key = grouped[one.keys[0]].line.key
            words = " / ".join((key.transaction_type, key.amount_type, key.amount_description))
        key = "|".join(
            map(
                str,
                (origin, place.id or 0, currency.name, one.category, one.account or 0, words),
            )
        )
        if any(grouped[place].line.key.product_line for place in one.keys):
            key += f"|{one.analytic}"  # of another product line
        taxes = self.env["account.tax"].browse(one.taxes)
        before = decided.get(key)
        decision = {"accrued": "accrue", "tax": "accrue", "left_out": "leave"}.get(one.state)
        if origin == "unclear" and decision == "accrue":
            decision = False
        return {
            "accrual_id": accrual.id,
            "origin": origin,
            "marketplace_id": place.id,
            "currency_id": currency.id,
            "category": one.category,
            "words": words,
            "state": one.state,
            "decision": decision or (before and before.decision),
            "account_id": one.account or (before and before.account_id.id),
            "tax_account_id": one.account if one.state == "tax" else self._tax_account(taxes),
            "analytic_distribution": json.loads(one.analytic) if one.analytic else False,
            "amount": float(one.amount),
            "amount_tax": float(one.tax),
            "transaction_ids": [records[ref].id for ref in refs],
            "transaction_count": len(refs),
            "date_oldest": accrual.company_id._sp_grouping().day(min(days)) if days else False,
            "key": key,
        }

    @api.model
    def _tax_account(self, taxes):
        parts = (taxes | taxes.children_tax_ids).invoice_repartition_line_ids
        return parts.filtered(lambda part: part.repartition_type == "tax").account_id[:1].id

    @api.model
    def _joined(self, vals_list):
        """Add up lines with one key, such as those of several rates."""
        joined = {}
        for vals in vals_list:
            if not (known := joined.get(vals["key"])):
                joined[vals["key"]] = vals
                continue
            known["amount"] += vals["amount"]
            known["amount_tax"] += vals["amount_tax"]
            ids = dict.fromkeys([*known["transaction_ids"], *vals["transaction_ids"]])
            known.update(transaction_ids=list(ids), transaction_count=len(ids))
            known["date_oldest"] = min(known["date_oldest"], vals["date_oldest"])
        for vals in joined.values():
            vals["transaction_ids"] = [(6, 0, vals["transaction_ids"])]
        return list(joined.values())
