"""A part of the plan → a journal entry or an invoice, its taxes computed by Odoo's tax engine."""

import json

from odoo import models
from odoo.fields import Command
from odoo.tools import format_date

from ...engine.books.entry import CHAINED
from ...engine.words.categories import DEPOSIT, ROLLOVER
from ..meaning.category_labels import category_label


class SpSettlement(models.Model):
    _inherit = "sp.settlement"

    def _book_part(self, decision, part):
        """Create the draft entry of a part and tell each line its journal item."""
        self.ensure_one()
        vals, owners = self._prepare_move_vals(decision, part)
        # Base, tax and balancing items are given: Odoo must not compute them a second time.
        move = self.env["account.move"].with_context(skip_invoice_sync=True).create(vals)
        self._claim_move(move, part, vals)
        # Order of creation is the order of the values.
        for item, keys in zip(move.line_ids.sorted("id"), owners, strict=True):
            self.env["sp.settlement.line"].sudo().browse(keys).move_line_id = item

    def _prepare_move_vals(self, decision, part):
        """Return the values of an entry, and for each of its items the keys of its lines.

        :param decision: the engine's ``Decision``; ``part``: one of its plan's
        """
        self.ensure_one()
        company = self.company_id.sudo()
        date = decision.opening(part).day
        rate = self.env["sp.settlement.facts"]._conversion_rate(self, part.date)
        partner = company._sp_inherited("sp_partner_id")
        vals_list, owners = [], []
        plain = [self._prepare_item_vals(item, partner, rate) for item in part.items]
        base_lines = [
            self._prepare_base_line(item, vals, partner, rate) if item.taxes else None
            for item, vals in zip(part.items, plain, strict=True)
        ]
        tax_vals, tax_keys = self._prepare_tax_items(part, plain, base_lines)
        items = list(zip(part.items, plain, strict=True))
        for item, vals in items:
            if item.category not in (DEPOSIT, ROLLOVER):
                vals_list.append(vals)
                owners.append(item.line_keys + tax_keys.pop(id(vals), ()))
        for vals in tax_vals:
            vals_list.append(vals)
            owners.append(tax_keys.pop(id(vals), ()))
        for item, vals in items:
            if item.category in (DEPOSIT, ROLLOVER):
                vals_list.append(vals)
                owners.append(())
        residue = self._prepare_residue(vals_list, part)
        if residue:
            vals_list.append(residue)
            owners.append(())
        for item_vals in vals_list:  # nothing is left for Odoo to fill in
            item_vals.setdefault("partner_id", partner.id)
            item_vals.setdefault("analytic_distribution", False)
        shifted = date != part.date
        ref = self.env._("Amazon settlement %(ref)s", ref=self.settlement_ref)
        if part is not decision.plan.parts[-1]:
            month = format_date(self.env, part.date, date_format="MMMM y")
            ref = self.env._("%(ref)s, %(month)s", ref=ref, month=month)
        if shifted:
            ref = self.env._(
                "%(ref)s (of %(date)s)", ref=ref, date=format_date(self.env, part.date)
            )
        vals = {
            "move_type": "entry",
            "journal_id": self.env["sp.settlement.facts"]._journal(self).id,
            "company_id": company.id,
            "currency_id": self.currency_id.id,
            "date": date,
            "ref": ref,
            "line_ids": [Command.create(vals) for vals in vals_list],
        }
        if self._as_invoice():
            vals |= {
                "move_type": "out_invoice" if part.amount >= 0 else "out_refund",
                "partner_id": partner.id,
                "invoice_date": date,
                "invoice_date_due": self.date_deposit or date,
                "invoice_currency_rate": rate,
                "invoice_payment_term_id": False,
                "payment_reference": self.settlement_ref,
            }
        return vals, owners

    def _prepare_item_vals(self, item, partner, rate):
        amount = float(item.balance)
        vals = {
            "name": self._item_label(item),
            "account_id": item.account,
            "currency_id": self.currency_id.id,
            "amount_currency": amount,
            "balance": self.company_id.currency_id.round(amount / rate),
            "analytic_distribution": json.loads(item.analytic) if item.analytic else False,
            # An account's default tax must not add to what the mapping says.
            "tax_ids": [Command.set(item.taxes)],
            "partner_id": partner.id,
        }
        if item.category == DEPOSIT:
            # The day on which the bank may expect it.
            vals["date_maturity"] = self.date_deposit or self.date
        if not self._as_invoice():
            return vals
        if item.category == DEPOSIT:
            receivable = partner.with_company(self.company_id).property_account_receivable_id
            vals |= {"display_type": "payment_term", "account_id": receivable.id}
        else:
            vals |= {"display_type": "product", "quantity": 1.0}
        return vals

    def _item_label(self, item):
        if item.label:
            return item.label
        if item.category == DEPOSIT:
            return self.env._("Payout %(ref)s", ref=self.settlement_ref)
        if item.category == ROLLOVER:
            return self.env._("Unsettled at the month's end, %(ref)s", ref=self.settlement_ref)
        label = category_label(self.env, item.category)
        if item.category in CHAINED:
            # As another settlement calls it by which it is matched.
            line = self.env["sp.settlement.line"].browse(item.line_keys[:1])
            # V1 names the money in the type, V2 in the description.
            words = line.amount_description or line.transaction_type
            return f"{label}: {words}" if words else label
        place = self.env["sp.marketplace"].browse(item.marketplace or [])
        return f"{label}, {place.name}" if place else label

    # === TAX === #

    def _prepare_base_line(self, item, vals, partner, rate):
        """Let Odoo's engine compute the tax of an item; rounded by itself, net = gross − tax."""
        AccountTax = self.env["account.tax"]
        company, currency = self.company_id, self.currency_id
        taxes = AccountTax.browse(item.taxes)
        amount = float(item.balance)
        base_line = AccountTax._prepare_base_line_for_taxes_computation(
            None,
            currency_id=currency,
            partner_id=partner,
            tax_ids=taxes,
            account_id=self.env["account.account"].browse(item.account),
            analytic_distribution=vals["analytic_distribution"],
            price_unit=amount,
            quantity=1.0,
            rate=rate,
            # Not by the side: a discount at the sale is no credit note.
            is_refund=item.is_refund,
            special_mode="total_included" if item.tax == "included" else "total_excluded",
        )
        AccountTax._add_tax_details_in_base_line(base_line, company, "round_per_line")
        details = base_line["tax_details"]
        if item.tax == "beside":
            base_line["manual_tax_amounts"] = self._share_tax(details, item)
        AccountTax._round_base_lines_tax_details([base_line], company)
        tax_amount = sum(data["tax_amount_currency"] for data in details["taxes_data"])
        tax_balance = sum(data["tax_amount"] for data in details["taxes_data"])
        if item.tax != "included":
            tax_amount = tax_balance = 0.0
        details.update(
            total_excluded_currency=currency.round(amount - tax_amount),
            total_excluded=company.currency_id.round(vals["balance"] - tax_balance),
            delta_total_excluded_currency=0.0,
            delta_total_excluded=0.0,
        )
        return base_line

    def _share_tax(self, details, item):
        """Give Amazon's tax to the taxes of an item, as Odoo's engine weighs them."""
        currency, given = self.currency_id, float(item.tax_balance)
        taxes_data = details["taxes_data"]
        whole = sum(data["raw_tax_amount_currency"] for data in taxes_data)
        amounts, left = {}, given
        for data in taxes_data[1:]:
            share = given * data["raw_tax_amount_currency"] / whole if whole else 0.0
            share = currency.round(share)
            left -= share
            amounts[str(data["tax"].id)] = {"tax_amount_currency": share}
        for data in taxes_data[:1]:
            amounts[str(data["tax"].id)] = {"tax_amount_currency": currency.round(left)}
        return amounts

    def _prepare_tax_items(self, part, plain, base_lines):
        """Write net amounts and tags into the items' values; return the tax items' values.

        :return: values, and {id of an item's values: keys of Amazon's tax rows it holds}
        """
        AccountTax, company = self.env["account.tax"], self.company_id
        taxed = [base_line for base_line in base_lines if base_line]
        AccountTax._add_accounting_data_in_base_lines_tax_details(
            taxed, company, include_caba_tags=self._is_always_exigible(part)
        )
        result = AccountTax._prepare_tax_lines(taxed, company)
        updates = iter(amounts for _base_line, amounts in result["base_lines_to_update"])
        tax_vals = [{**vals, "display_type": "tax"} for vals in result["tax_lines_to_add"]]
        keys = {}
        for item, vals, base_line in zip(part.items, plain, base_lines, strict=True):
            if base_line:
                vals.update(next(updates))
                if item.tax_keys:
                    holder = self._find_tax_item(base_line, tax_vals) or vals
                    keys[id(holder)] = keys.get(id(holder), ()) + item.tax_keys
            if vals.get("display_type") == "product":
                vals["price_unit"] = self._price_unit(part, item, vals)
        return tax_vals, keys

    def _find_tax_item(self, base_line, tax_vals):
        """Return the values of the first tax item made from a base line, ``None`` without any."""
        repartition = {
            rep["tax_rep"].id
            for data in base_line["tax_details"]["taxes_data"]
            for rep in data["tax_reps_data"]
        }
        found = (vals for vals in tax_vals if vals["tax_repartition_line_id"] in repartition)
        return next(found, None)

    def _price_unit(self, part, item, vals):
        """Return the price of an invoice line: what its journal item stands for."""
        taxes = self.env["account.tax"].browse(item.taxes)
        amount = vals["amount_currency"]
        if taxes and all(taxes.mapped("price_include")):
            amount = float(item.balance + item.tax_balance)
        return -amount if part.amount >= 0 else amount

    def _is_always_exigible(self, part):
        """As ``account.move.always_tax_exigible``: nothing in the entry waits for a payment."""
        if self._as_invoice():
            return False
        accounts = self.env["account.account"].browse(item.account for item in part.items)
        return not {"asset_receivable", "liability_payable"} & set(accounts.mapped("account_type"))

    # === ROUNDING === #

    def _prepare_residue(self, vals_list, part):
        """Give the rounding of the conversion to the last item, which is the clearing account's.

        :return: values of an item of its own, where the last one's sign would then contradict its
            amount in currency, which Odoo refuses; else ``None``
        """
        currency = self.company_id.currency_id
        residue = currency.round(-sum(vals["balance"] for vals in vals_list))
        if not residue:
            return None
        last = vals_list[-1]
        is_balancing = part.items[-1].category in (DEPOSIT, ROLLOVER)
        if is_balancing and last["balance"] * (last["balance"] + residue) > 0:
            last["balance"] = currency.round(last["balance"] + residue)
            return None
        return {
            "name": self.env._("Rounding of the conversion"),
            "account_id": part.clearing,
            "currency_id": self.currency_id.id,
            "amount_currency": 0.0,
            "balance": residue,
            "tax_ids": [Command.clear()],
        }
