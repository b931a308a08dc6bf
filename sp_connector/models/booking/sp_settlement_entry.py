"""A part of the plan → a journal entry or an invoice, its taxes computed by Odoo's tax engine."""

import json
from dataclasses import dataclass

from odoo import api, models
from odoo.fields import Command
from odoo.tools import format_date

from ...engine.books.entry import CHAINED, Item
from ...engine.words.categories import DEPOSIT, INVOICED, ROLLOVER
from ..meaning.category_labels import category_label


@dataclass
class _Piece:
    """A journal item in the making.

    :param vals: its values; ``keys``: the summary lines that it stands for
    :param item: the planned item, ``None`` for what Odoo adds: taxes and rounding
    :param base_line: as Odoo's tax engine calls an item with taxes
    """

    vals: dict
    keys: tuple = ()
    item: Item | None = None
    base_line: dict | None = None

    @property
    def is_balancing(self):
        return self.item is not None and self.item.category in (DEPOSIT, ROLLOVER)


class SpSettlementEntry(models.AbstractModel):
    """Writes the entries that were planned for a settlement."""

    _name = "sp.settlement.entry"
    _description = "Amazon Settlement, Writing of Entries"

    @api.model
    def _create(self, settlement, decision, part):
        """Create the draft entry of a part and tell each line its journal item.

        :param decision: the engine's ``Decision``; ``part``: one of its plan's
        """
        vals, pieces = self._prepare_move_vals(settlement, decision, part)
        # Base, tax and balancing items are given: Odoo must not compute them a second time.
        move = self.env["account.move"].with_context(skip_invoice_sync=True).create(vals)
        # With all rights: nobody may say by hand whose an entry is.
        move.sudo().write(
            {
                "sp_settlement_id": settlement.id,
                "sp_settlement_ref": settlement.settlement_ref,
                "sp_date": part.date,
            }
        )
        self.env["sp.settlement.item"]._record(move, part.date, vals, len(part.goods))
        # Order of creation is the order of the values.
        owed = {}
        for item, piece in zip(move.line_ids.sorted("id"), pieces, strict=True):
            self.env["sp.settlement.line"].sudo().browse(piece.keys).move_line_id = item
            if piece.item and piece.item.target:
                owed[piece.item] = item
        if owed:
            self.env["sp.invoiced"]._record(settlement, decision.to_invoices.pieces, owed)

    @api.model
    def _prepare_move_vals(self, settlement, decision, part):
        """Return the values of an entry, and for each of its items the ``_Piece`` behind it."""
        settlement.ensure_one()
        date = decision.opening(part).day
        facts = self.env["sp.settlement.facts"]
        rate = facts._conversion_rate(settlement, part.date)
        partner = settlement.company_id.sudo()._sp_inherited("sp_partner_id")
        pieces = self._prepare_pieces(settlement, part, partner, rate)
        for piece in pieces:  # nothing is left for Odoo to fill in
            piece.vals.setdefault("partner_id", partner.id)
            piece.vals.setdefault("analytic_distribution", False)
        vals = {
            "move_type": "entry",
            "journal_id": facts._journal(settlement).id,
            "company_id": settlement.company_id.id,
            "currency_id": settlement.currency_id.id,
            "date": date,
            "ref": self._reference(settlement, decision, part, date),
            "line_ids": [Command.create(piece.vals) for piece in pieces],
        }
        if settlement._as_invoice():
            vals |= {
                "move_type": "out_invoice" if part.amount >= 0 else "out_refund",
                "partner_id": partner.id,
                "invoice_date": date,
                "invoice_date_due": settlement.date_deposit or date,
                "invoice_currency_rate": rate,
                "invoice_payment_term_id": False,
                "payment_reference": settlement.settlement_ref,
            }
        return vals, pieces

    def _prepare_pieces(self, settlement, part, partner, rate):
        """Return the items of an entry: the planned ones, their taxes, then what balances them."""
        planned = []
        for item in part.items:
            vals = self._prepare_item_vals(settlement, item, partner, rate)
            piece = _Piece(vals, () if item.target else item.line_keys, item)
            if item.taxes:
                piece.base_line = self._prepare_base_line(settlement, item, vals, partner, rate)
            planned.append(piece)
        taxes = self._prepare_taxes(settlement, part, planned)
        own = [piece for piece in planned if not piece.is_balancing]
        balancing = [piece for piece in planned if piece.is_balancing]
        pieces = [*own, *taxes, *balancing]
        pieces += self._prepare_residue(settlement, part, pieces)
        return [*pieces, *(self._prepare_goods(settlement, item) for item in part.goods)]

    def _reference(self, settlement, decision, part, date):
        ref = self.env._("Amazon settlement %(ref)s", ref=settlement.settlement_ref)
        if part is not decision.plan.parts[-1]:
            month = format_date(self.env, part.date, date_format="MMMM y")
            ref = self.env._("%(ref)s, %(month)s", ref=ref, month=month)
        if date != part.date:
            ref = self.env._(
                "%(ref)s (of %(date)s)", ref=ref, date=format_date(self.env, part.date)
            )
        return ref

    def _prepare_item_vals(self, settlement, item, partner, rate):
        amount = float(item.balance)
        vals = {
            "name": self._item_label(settlement, item),
            "account_id": item.account,
            "currency_id": settlement.currency_id.id,
            "amount_currency": amount,
            "balance": settlement.company_id.currency_id.round(amount / rate),
            "analytic_distribution": json.loads(item.analytic) if item.analytic else False,
            # An account's default tax must not add to what the mapping says.
            "tax_ids": [Command.set(item.taxes)],
            "partner_id": item.target.partner if item.target else partner.id,
        }
        if item.category == DEPOSIT:
            # The day on which the bank may expect it.
            vals["date_maturity"] = settlement.date_deposit or settlement.date
        if not settlement._as_invoice():
            return vals
        if item.category == DEPOSIT:
            customer = self.env["sp.settlement.facts"]._customer(settlement)
            receivable = customer.property_account_receivable_id
            vals |= {"display_type": "payment_term", "account_id": receivable.id}
        else:
            vals |= {"display_type": "product", "quantity": 1.0}
        return vals

    def _prepare_goods(self, settlement, item):
        """Return an item of what goods cost: in the company's currency, whatever Amazon pays in."""
        vals = {
            "name": self._item_label(settlement, item),
            "account_id": item.account,
            "currency_id": settlement.company_id.currency_id.id,
            "amount_currency": float(item.balance),
            "balance": float(item.balance),
            "analytic_distribution": json.loads(item.analytic) if item.analytic else False,
            "tax_ids": [Command.clear()],
        }
        # On an invoice it would be sold otherwise; Odoo's own cost of goods stands there like this.
        if settlement._as_invoice():
            vals["display_type"] = "cogs"
        return _Piece(vals, item=item)

    def _item_label(self, settlement, item):
        if item.label:
            return item.label
        if item.category == DEPOSIT:
            return self.env._("Payout %(ref)s", ref=settlement.settlement_ref)
        if item.category == ROLLOVER:
            return self.env._(
                "Unsettled at the month's end, %(ref)s", ref=settlement.settlement_ref
            )
        if item.category == INVOICED:
            return self.env["sp.invoiced.words"]._item_label(item.target)
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

    def _prepare_base_line(self, settlement, item, vals, partner, rate):
        """Let Odoo's engine compute the tax of an item; rounded by itself, net = gross − tax."""
        AccountTax = self.env["account.tax"]
        company, currency = settlement.company_id, settlement.currency_id
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
            base_line["manual_tax_amounts"] = self._share_tax(settlement, details, item)
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

    def _share_tax(self, settlement, details, item):
        """Give Amazon's tax to the taxes of an item, as Odoo's engine weighs them."""
        currency, given = settlement.currency_id, float(item.tax_balance)
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

    def _prepare_taxes(self, settlement, part, planned):
        """Write net amounts and tags into the planned pieces and return those of their taxes.

        Each tells the lines of Amazon's tax rows that it holds.
        """
        AccountTax, company = self.env["account.tax"], settlement.company_id
        taxed = [piece for piece in planned if piece.base_line]
        base_lines = [piece.base_line for piece in taxed]
        AccountTax._add_accounting_data_in_base_lines_tax_details(
            base_lines, company, include_caba_tags=self._is_always_exigible(settlement, part)
        )
        result = AccountTax._prepare_tax_lines(base_lines, company)
        taxes = [_Piece({**vals, "display_type": "tax"}) for vals in result["tax_lines_to_add"]]
        updates = result["base_lines_to_update"]
        for piece, (_base_line, amounts) in zip(taxed, updates, strict=True):
            piece.vals.update(amounts)
            if piece.item.tax_keys:
                holder = self._find_tax(piece, taxes) or piece
                holder.keys += piece.item.tax_keys
        for piece in planned:
            if piece.vals.get("display_type") == "product":
                piece.vals["price_unit"] = self._price_unit(part, piece)
        return taxes

    def _find_tax(self, piece, taxes):
        """Return the first piece of tax that a piece bears, ``None`` without any."""
        repartition = {
            rep["tax_rep"].id
            for data in piece.base_line["tax_details"]["taxes_data"]
            for rep in data["tax_reps_data"]
        }
        found = (tax for tax in taxes if tax.vals["tax_repartition_line_id"] in repartition)
        return next(found, None)

    def _price_unit(self, part, piece):
        """Return the price of an invoice line: what its journal item stands for."""
        item = piece.item
        taxes = self.env["account.tax"].browse(item.taxes)
        amount = piece.vals["amount_currency"]
        if taxes and all(taxes.mapped("price_include")):
            amount = float(item.balance + item.tax_balance)
        return -amount if part.amount >= 0 else amount

    def _is_always_exigible(self, settlement, part):
        """As ``account.move.always_tax_exigible``: nothing in the entry waits for a payment."""
        if settlement._as_invoice():
            return False
        accounts = self.env["account.account"].browse(item.account for item in part.items)
        return not {"asset_receivable", "liability_payable"} & set(accounts.mapped("account_type"))

    # === ROUNDING === #

    def _prepare_residue(self, settlement, part, pieces):
        """Give the rounding of the conversion to the last item, which is the clearing account's.

        :return: a piece of its own where the last one's sign would then contradict its amount in
            currency, which Odoo refuses; else nothing
        """
        currency = settlement.company_id.currency_id
        residue = currency.round(-sum(piece.vals["balance"] for piece in pieces))
        if not residue:
            return []
        last = pieces[-1]
        balance = currency.round(last.vals["balance"] + residue)
        if last.is_balancing and last.vals["balance"] * balance > 0:
            last.vals["balance"] = balance
            return []
        vals = {
            "name": self.env._("Rounding of the conversion"),
            "account_id": part.clearing,
            "currency_id": settlement.currency_id.id,
            "amount_currency": 0.0,
            "balance": residue,
            "tax_ids": [Command.clear()],
        }
        return [_Piece(vals)]
