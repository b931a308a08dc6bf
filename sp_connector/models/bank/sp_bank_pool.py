"""What settlements leave open for the bank, and the bank lines that may be it."""

import re
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from odoo import api, models
from odoo.fields import Domain

from ...engine.bank.parts import BankLine, Deposit, Rules
from ...engine.words.categories import ROLLOVER
from .sp_settlement_payment import OPEN

_BANKS = ("bank", "cash", "credit")
_TAGS = re.compile(r"<[^>]*>")
#: Further than the window: what contests a pair lies beside it.
_PAD = timedelta(days=5)
#: Days in which a transfer comes back.
_RETURN = timedelta(days=31)


class Pool(NamedTuple):
    """What is open, for the engine.

    :param items: settlement → its open journal items
    """

    deposits: list[Deposit]
    lines: list[BankLine]
    rules: Rules
    items: dict[Any, Any]


class SpBankPool(models.AbstractModel):
    """Reads deposits and bank lines of a company and its branches, in few queries."""

    _name = "sp.bank.pool"
    _description = "Amazon Bank Matching, What Is Open"

    @api.model
    def _read(self, root, settlements=None, lines=None):
        """Return the ``Pool`` of a company, or of what lies around some records of it.

        :param root: a company that is no branch
        :param settlements, lines: those whose surroundings are enough; all without any
        """
        root = root.sudo()
        rules = root._sp_bank_rules()
        first, last = self._span(rules, settlements, lines)
        items = self._find_items(root, first, last)
        pending = self._find_pending(root, first, last)
        found = self._find_lines(root, [*items, *pending], first, last)
        places = {(line.journal_id, line.company_id) for line in found}
        deposits = self._deposits(root, items, pending, places)
        return Pool(deposits, self._bank_lines(root, found), rules, items)

    @api.model
    def _span(self, rules, settlements, lines):
        """Return the first and the last deposit day of what can concern these records."""
        before, after = timedelta(days=rules.before), timedelta(days=rules.after)
        days = [day for day in map(deposit_day, settlements or ()) if day]
        first = [day - before - after - _PAD for day in days]
        last = [day + before + after + _PAD for day in days]
        for line in lines or ():
            first.append(line.date - after - _PAD)
            last.append(line.date + before + _PAD)
        return (min(first), max(last)) if first else (None, None)

    # === DEPOSITS === #

    @api.model
    def _open_items(self, settlements):
        """Return what settlements leave open for the bank: posted items that no line explains."""
        settlements = settlements.sudo()
        rollover = (
            self.env["sp.account.mapping"]
            .sudo()
            .search(
                [
                    ("company_id", "in", settlements.company_id.parent_ids.ids),
                    ("category", "=", ROLLOVER),
                ]
            )
        )
        items = self.env["account.move.line"].sudo()
        found = items.search(
            [
                ("move_id", "in", settlements.move_ids.ids),
                ("account_id.reconcile", "=", True),
                ("account_id", "not in", rollover.account_id.ids),
                ("reconciled", "=", False),
                ("parent_state", "=", "posted"),
                ("tax_repartition_line_id", "=", False),
                ("sp_line_ids", "=", False),
                ("sp_invoiced_ids", "=", False),
            ],
            order="date, id",
        )
        return found.filtered(
            lambda item: (
                not item.move_id.sp_reversed
                # What is closed in its own currency waits for a rate, not for the bank.
                and not item.currency_id.is_zero(item.amount_residual_currency)
            )
        )

    def _find_items(self, root, first, last):
        """Return {settlement: its open items} of those whose deposit lies between two days."""
        domain = Domain("company_id", "child_of", root.id) & Domain("payment_state", "in", OPEN)
        if first:
            domain &= self._day_domain(first, last)
        settlements = self.env["sp.settlement"].sudo().search(domain).filtered(deposit_day)
        return self._open_items(settlements).grouped(lambda item: item.move_id.sp_settlement_id)

    def _find_pending(self, root, first, last):
        """Return the settlements that are not posted, or not as planned: the bank may have paid."""
        domain = Domain(
            [
                ("company_id", "child_of", root.id),
                ("payment_state", "=", "none"),
                ("state", "!=", "posted"),
                ("amount_total", "!=", 0),
            ]
        )
        if first:
            domain &= self._day_domain(first, last)
        return self.env["sp.settlement"].sudo().search(domain).filtered(deposit_day)

    @api.model
    def _day_domain(self, first, last):
        """Return the domain of settlements whose deposit lies between two days."""
        end = last + timedelta(days=1)
        deposit = Domain("date_deposit", ">=", first) & Domain("date_deposit", "<", end)
        period = Domain("date_end", ">=", first) & Domain("date_end", "<", end)
        return deposit | Domain("date_deposit", "=", False) & period

    def _deposits(self, root, items, pending, places):
        """Return the engine's ``Deposit`` of each settlement."""
        chosen = defaultdict(set)
        for line in root.sp_bank_journal_ids:
            chosen[line.marketplace_id].add(line.journal_id)
        fits = {}
        deposits = []
        for settlement in [*items, *(one for one in pending if one not in items)]:
            open_items = items.get(settlement)
            amount, value = self._amounts(settlement, open_items)
            if not amount:
                continue  # its months cancel each other
            # A debt is taken from a card, wherever it is.
            journals = chosen.get(settlement._place(), set()) if amount > 0 else set()
            key = (settlement.company_id, frozenset(journals))
            if key not in fits:
                lineage = settlement.company_id.parent_ids
                fits[key] = frozenset(
                    (journal.id, company.id)
                    for journal, company in places
                    if company in lineage and (not journals or journal in journals)
                )
            limit = Decimal(str(root.sp_bank_fee_limit)) if root.sp_bank_fee_account_id else 0
            deposits.append(
                Deposit(
                    settlement.id,
                    amount,
                    settlement.currency_id.id,
                    value,
                    deposit_day(settlement),
                    fits[key],
                    references=(settlement.settlement_ref,),
                    is_chosen=bool(journals),
                    fee_limit=limit * abs(amount / value) if value else Decimal(0),
                    is_pending=open_items is None,
                )
            )
        return deposits

    def _amounts(self, settlement, items):
        """Return what is open of a settlement in its currency and in the company's."""
        if items is not None:
            amount = sum(items.mapped("amount_residual_currency"))
            value = sum(items.mapped("amount_residual"))
        else:
            amount = value = settlement.amount_total
            if settlement.currency_id != settlement.company_currency_id:
                value = settlement.currency_id._convert(
                    amount,
                    settlement.company_currency_id,
                    settlement.company_id,
                    deposit_day(settlement),
                )
        return settlement._decimal(amount), exact(value, settlement.company_currency_id)

    # === BANK LINES === #

    def _find_lines(self, root, settlements, first, last):
        """Return the open lines that may be Amazon's, and matched ones that may be taken back."""
        rules = root._sp_bank_rules()
        before, after = timedelta(days=rules.before), timedelta(days=rules.after)
        common = Domain([("company_id", "child_of", root.id), ("state", "=", "posted")])
        open_lines = common & Domain(
            [("journal_id.type", "in", _BANKS), ("is_reconciled", "=", False)]
        )
        if first:
            open_lines &= Domain("date", ">=", first - before) & Domain("date", "<=", last + after)
        amazon = wanted = self._amazon_domain(root)
        if settlements:
            amounts = {one.amount_open or one.amount_total for one in settlements}
            same = Domain("amount", "in", amounts) | Domain("amount_currency", "in", amounts)
            since = min(map(deposit_day, settlements)) - before
            wanted = amazon | same & Domain("date", ">=", since)
        lines = self.env["account.bank.statement.line"].sudo()
        found = lines.search(open_lines & wanted)
        if taken := {-line.amount for line in found if line.amount < 0}:
            since = min(line.date for line in found) - _RETURN
            earlier = [
                ("is_reconciled", "=", True),
                ("date", ">=", since),
                ("amount", "in", taken),
            ]
            found |= lines.search(common & amazon & Domain(earlier))
        return found

    @api.model
    def _amazon_domain(self, root):
        """Return the domain of bank lines that name Amazon."""
        partners = root.search([("id", "child_of", root.id)])._sp_bank_partners()
        words = [
            Domain(field, "ilike", word)
            for word in root._sp_bank_word_list()
            for field in ("payment_ref", "partner_name", "ref")
        ]
        return Domain.OR([Domain("partner_id", "in", partners.ids), *words])

    def _bank_lines(self, root, lines):
        """Return the engine's ``BankLine`` of each line: what is open of it."""
        partners = root.search([("id", "child_of", root.id)])._sp_bank_partners()
        found = []
        for line in lines:
            suspense = line._seek_for_lines()[1]
            company_currency = line.company_id.currency_id
            if line.is_reconciled:
                amount, value, foreign = line.amount, 0.0, None
            elif len(suspense) == 1:
                amount, foreign = self._open_amounts(line, suspense)
                value = -suspense.balance
            else:
                continue
            found.append(
                BankLine(
                    line.id,
                    exact(amount, line.currency_id),
                    line.currency_id.id,
                    exact(value, company_currency),
                    line.date,
                    (line.journal_id.id, line.company_id.id),
                    text=self._line_text(line),
                    foreign=foreign,
                    is_amazon=bool(line.partner_id & partners),
                    is_matched=line.is_reconciled,
                )
            )
        return found

    @api.model
    def _open_amounts(self, line, suspense):
        """Return what is open as the bank booked it, and as it came if that is foreign."""
        currency = suspense.currency_id
        if currency == line.currency_id:
            return -suspense.amount_currency, None
        whole = line.amount_currency
        share = -suspense.amount_currency / whole if whole else 1.0
        amount = line.currency_id.round(line.amount * share)
        return amount, (exact(-suspense.amount_currency, currency), currency.id)

    @api.model
    def _line_text(self, line):
        """Return all that a bank line says."""
        details = line.transaction_details
        parts = [
            line.payment_ref,
            line.ref,
            line.partner_name,
            line.partner_id.name,
            _TAGS.sub(" ", line.narration or ""),
            str(details) if details else "",
        ]
        return " ".join(filter(None, parts))


def deposit_day(settlement):
    """Return the day on which the bank may have a settlement's payout, ``None`` if unknown."""
    day = settlement.date_deposit or settlement.date_end
    return day.date() if day else None


def exact(amount, currency):
    """Leave the ORM's floats: exact at the currency's precision."""
    return Decimal(f"{amount:.{currency.decimal_places}f}")
