"""What Amazon told → the lines of an accrual, with the accounts of the company's mapping."""

import json
from collections import defaultdict
from decimal import Decimal
from functools import partial

from odoo import api, models

from ...engine.accrual.cutoff import COUNTED, Releases, origin_of
from ...engine.accrual.proposal import propose
from ...engine.accrual.rows import Rows, Unproved
from ...engine.books.lines import plan_line
from ...engine.invoices.orders import is_on
from .booked import Booked

#: What is said of a line; of all others, a person says it.
_DECISIONS = {"accrued": "accrue", "tax": "accrue", "left_out": "leave", "invoiced": "leave"}


class SpAccrualProposal(models.AbstractModel):
    """Makes the proposal of an accrual."""

    _name = "sp.accrual.proposal"
    _description = "Amazon Accruals, Proposal"

    @api.model
    def _propose(self, accrual):
        """Make the lines anew; what a person decided of a line that is still there stays."""
        accrual = accrual.sudo()
        groups, elsewhere, doubles = self._sort_out(accrual)
        decided = {line.key: line for line in accrual.line_ids}
        rules = (
            self.env["sp.category.rule"]._classifier(accrual.company_id),
            self.env["sp.account.mapping"]._mapping(accrual.company_id),
        )
        vals_list, misfits = [], 0
        try:
            for group, rows in groups.items():
                lines, count = self._prepare_lines(accrual, group, rows, decided, rules)
                vals_list += lines
                misfits += count
        except Unproved as error:
            problem = self.env._(
                "What Amazon told does not add up, so nothing is accrued: %(what)s", what=error
            )
            accrual.write({"problem": problem, "asked_at": False})
            vals_list = []
        accrual.account_id = accrual.account_id or accrual._account_of_company()
        accrual.line_ids.unlink()
        self.env["sp.accrual.line"].sudo().create(self._joined(vals_list))
        accrual.note = self._note(accrual, elsewhere, misfits, doubles) or False

    @api.model
    def _sort_out(self, accrual):
        """Say of each transaction why it counts or does not, page by page.

        :return: ({(currency, marketplace, why, what is on invoices): the engine's ``Rows``}, how
            many are elsewhere, the invoices whose sales are accrued, too)
        """
        invoices = self.env["sp.accrual.invoiced"]
        invoiced, doubles = invoices._find(accrual)
        elsewhere, find_place = self._elsewhere(accrual), self._places(accrual)
        cut_off, releases = accrual._cut_off(), self._releases(accrual)
        booked = Booked(accrual, accrual.date, accrual._first())
        groups, count, twice = {}, 0, {}
        for page in accrual._pages():
            told = {one: one._told() for one in page}
            is_booked = booked.of(told.values())
            origins = defaultdict(list)
            for record, one in told.items():
                origin, place = origin_of(one, releases, cut_off, is_booked), find_place(one)
                if origin in COUNTED and place in elsewhere:
                    origin = "elsewhere"
                    count += 1
                elif origin in COUNTED:
                    group = record.currency_id, place, origin, invoiced.get(one.order_ref, ())
                    twice.update(dict.fromkeys(invoices._doubles_of(one, doubles)))
                    if group not in groups:
                        groups[group] = Rows(one.currency, place.name or "")
                    groups[group].add(record.id, one)
                origins[origin].append(record.id)
            for origin, ids in origins.items():
                page.browse(ids)._set_origin(origin)
        return groups, count, list(twice)

    @api.model
    def _releases(self, accrual):
        """Return the engine's ``Releases``: of what is a release, or is said to be one."""
        records, mine = self.env["sp.accrual.transaction"].sudo(), ("accrual_id", "=", accrual.id)
        named = records._read_group([mine, ("release_ref", "not in", (False, ""))], ["release_ref"])
        found = records.search_fetch(
            [
                mine,
                "|",
                ("deferred_ref", "not in", (False, "")),
                ("ref", "in", [ref for (ref,) in named]),
            ],
            ["ref", "deferred_ref", "posted_at"],
        )
        releases = Releases()
        for one in found:
            releases.add(one.ref, one.deferred_ref or "", one.posted_at)
        found.invalidate_recordset()
        return releases

    @api.model
    def _note(self, accrual, elsewhere, misfits, doubles):
        notes = [
            accrual._early_note(),
            accrual._clipped_note(),
            self.env["sp.accrual.invoiced"]._note(accrual, doubles),
        ]
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

    @api.model
    def _booked_since(self, accrual):
        """Return how many were accrued as open and are booked up to that day meanwhile."""
        booked = Booked(accrual.sudo(), accrual.date, accrual._first("open"))
        if not booked.days:
            return 0
        count = 0
        for page in accrual._pages("open"):
            told = [one._told(leaves=False) for one in page]
            count += sum(map(booked.of(told), told))
        return count

    # === LINES === #

    @api.model
    def _prepare_lines(self, accrual, group, rows, decided, rules):
        """Return (values of the lines of a group of ``_sort_out``, misfits)."""
        currency, place, origin, on_invoices = group
        company = accrual.company_id
        classifier, mapping = rules
        grouped = rows.lines(classifier, company._sp_grouping())
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
            is_invoiced=partial(is_on, dict(on_invoices)),
            unit=Decimal(1).scaleb(-currency.decimal_places),
        )
        vals_list = [
            self._prepare_line(accrual, place, origin, currency, one, grouped, decided)
            for one in found.lines
            if one.state != "tax" or accrual.tax_setting == "with_tax"
        ]
        return vals_list, len(found.misfits)

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
    def _prepare_line(self, accrual, place, origin, currency, one, grouped, decided):
        records = self.env["sp.accrual.transaction"].sudo()
        parts = [grouped[key].keys for key in one.keys]
        ids = parts[0].tolist() if len(parts) == 1 else sorted(set().union(*parts))
        # Each part begins with its oldest.
        days = [records.browse(part[0]).posted_at for part in parts]
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
        if one.state == "invoiced":
            key += "|invoiced"
        elif any(grouped[place].line.key.product_line for place in one.keys):
            key += f"|{one.analytic}"  # of another product line
        taxes = self.env["account.tax"].browse(one.taxes)
        before = decided.get(key)
        decision = _DECISIONS.get(one.state)
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
            "transaction_ids": ids,
            "transaction_count": len(ids),
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
            ids = sorted({*known["transaction_ids"], *vals["transaction_ids"]})
            known.update(transaction_ids=ids, transaction_count=len(ids))
            known["date_oldest"] = min(known["date_oldest"], vals["date_oldest"])
        for vals in joined.values():
            vals["transaction_ids"] = [(6, 0, vals["transaction_ids"])]
        return list(joined.values())
