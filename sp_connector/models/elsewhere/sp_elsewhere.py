"""Settlements that another program, or a person, booked already: found by total and date."""

import re
from datetime import timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..settlement.states import UNBOOKED

#: An entry of the payout stands between the end of the period and some weeks after the deposit.
_BEFORE, _AFTER = timedelta(days=5), timedelta(days=45)
#: Where an entry of others would count twice: a draft of ours says nothing yet.
_ASKED = (*UNBOOKED, "booked")
_WORDS = re.compile(r"amazon|amzn|settlement|a2x|link my books|taxomate|truebooks", re.IGNORECASE)


class Found(NamedTuple):
    """An entry that may book a settlement.

    :param reasons: ``ref`` it names the settlement, ``words`` it speaks of Amazon, ``only`` no
        other entry and no other settlement fits; ``denied`` a person said that it is not
    """

    settlement: object
    move: object
    reasons: tuple

    @property
    def is_sure(self):
        return "denied" not in self.reasons and self._fits_well

    @property
    def _fits_well(self):
        return "ref" in self.reasons or {"words", "only"} <= set(self.reasons)


class SpElsewhere(models.AbstractModel):
    """Looks among a company's posted entries for what settlements would book a second time."""

    _name = "sp.elsewhere"
    _description = "Amazon Settlements Booked Elsewhere"

    @api.model
    def _waiting(self):
        """Return the settlements that have no entry, of the companies that are switched on."""
        return self.env["sp.settlement"].search(
            [("company_id", "in", self.env.companies.ids), ("state", "in", UNBOOKED)]
        )

    @api.model
    def _find(self, settlements, with_denied=False):
        """Return a ``Found`` for each settlement and entry that fit, in one search for all.

        Not among bank entries, which have the same amounts and book nothing of a settlement, nor
        among entries of other settlements.

        :param with_denied: also those of which a person said that they are something else
        """
        asked = settlements.sudo().filtered(self._is_asked)
        if not asked:
            return []
        # Whoever else waits with the same total may be what an entry books.
        fitting = self._fitting(asked | self._rivals(asked).filtered(self._is_asked))
        entries = [move for moves in fitting.values() for move in moves]
        found = [
            Found(settlement, move, self._reasons(settlement, move, moves, entries))
            for settlement, moves in fitting.items()
            if settlement in asked
            for move in moves
        ]
        return [one for one in found if with_denied or "denied" not in one.reasons]

    def _is_asked(self, settlement):
        return bool(
            settlement.state in _ASKED
            and not settlement.currency_id.is_zero(settlement.amount_total)
            and self._span(settlement)
        )

    def _rivals(self, settlements):
        return settlements.search(
            [
                ("company_id", "child_of", settlements.company_id.root_id.ids),
                ("currency_id", "in", settlements.currency_id.ids),
                ("amount_total", "in", list(set(settlements.mapped("amount_total")))),
                ("state", "in", _ASKED),
            ]
        )

    def _fitting(self, settlements):
        """Return {settlement: the entries with an item of its total near its days}."""
        spans = [self._span(one) for one in settlements]
        totals = {abs(total) for total in settlements.mapped("amount_total")}
        domain = Domain(
            [
                ("company_id", "child_of", settlements.company_id.root_id.ids),
                ("parent_state", "=", "posted"),
                ("currency_id", "in", settlements.currency_id.ids),
                ("amount_currency", "in", [sign * total for total in totals for sign in (1, -1)]),
                ("account_id.internal_group", "in", ("asset", "liability")),
                ("date", ">=", min(first for first, _last in spans)),
                ("date", "<=", max(last for _first, last in spans)),
                ("journal_id.type", "not in", ("bank", "cash", "credit")),
                ("move_id.sp_settlement_id", "=", False),
                ("move_id.sp_transfer_id", "=", False),
                ("move_id.sp_accrual_id", "=", False),
                ("move_id.sp_opening_id", "=", False),
                ("move_id.reversed_entry_id", "=", False),
                "!",
                ("move_id.reversal_move_ids.state", "=", "posted"),
            ]
        )
        by_amount = {}
        items = self.env["account.move.line"].sudo().search(domain, order="date, id")
        taken = settlements.search([("elsewhere_move_id", "in", items.move_id.ids)])
        for item in items.filtered(lambda item: item.move_id not in taken.elsewhere_move_id):
            key = item.company_id.root_id, item.currency_id, _cents(item.amount_currency, item)
            by_amount.setdefault(key, []).append(item.move_id)
        found = {}
        for settlement in settlements:
            first, last = self._span(settlement)
            cents = _cents(settlement.amount_total, settlement)
            root, moves = settlement.company_id.root_id, {}
            # An entry of the payout debits the clearing account; an invoice too.
            for move in by_amount.get((root, settlement.currency_id, cents), ()):
                if first <= move.date <= last:
                    moves[move] = True
            if moves:
                found[settlement] = list(moves)
        return found

    def _span(self, settlement):
        days = [one.date() for one in (settlement.date_end, settlement.date_deposit) if one]
        return (min(days) - _BEFORE, max(days) + _AFTER) if days else None

    def _reasons(self, settlement, move, moves, entries):
        # Not the journal, which may be the one of Amazon's settlements here.
        labels = [move.ref, move.narration, *move.line_ids.mapped("name")]
        texts = " ".join(str(text) for text in labels if text)
        word = re.compile(rf"(?<!\w){re.escape(settlement.settlement_ref)}(?!\w)")
        checks = {
            "ref": word.search(texts),
            "words": _WORDS.search(texts) or _WORDS.search(move.partner_id.name or ""),
            "only": len(moves) == 1 and entries.count(move) == 1,
            "denied": move in settlement.elsewhere_denied_ids,
        }
        return tuple(reason for reason, holds in checks.items() if holds)

    @api.model
    def _say_reasons(self, found):
        """Say why an entry may book a settlement already."""
        labels = {
            "ref": self.env._("it names the settlement"),
            "words": self.env._("it speaks of Amazon"),
            "only": self.env._("no other fits"),
            "denied": self.env._("but a person said that it is not"),
        }
        return ", ".join(
            [
                self.env._("the same total in these weeks"),
                *(labels[reason] for reason in found.reasons),
            ]
        )

    # === IN WORDS === #

    @api.model
    def _describe(self, found):
        """Name the entries of ``found``, one to a line, with the reasons."""
        return "\n".join(
            f"• {self._name_entry(one.move)}: {self._say_reasons(one)}." for one in found
        )

    def _name_entry(self, move):
        if not move.sudo(False).has_access("read"):
            return self.env._("an entry that you may not read")
        day = format_date(self.env, move.date)
        number = self.env._("%(number)s of %(day)s", number=move.name, day=day)
        return f"{number} ({move.ref})" if move.ref else number

    @api.model
    def _warn(self, found):
        """Say that these entries may book a settlement already."""
        if any(one.is_sure for one in found):
            text = self.env._("Booked by somebody else already, as it seems:")
        else:
            text = self.env._("Somebody else may have booked it already:")
        return f"{text}\n{self._describe(found)}"

    @api.model
    def _log(self, settlements):
        """Note on settlements that arrive what fits them already; one search for all."""
        found = {}
        for one in self._find(settlements):
            found.setdefault(one.settlement.id, []).append(one)
        if found:
            bodies = {key: self._warn(entries) for key, entries in found.items()}
            settlements.browse(found)._message_log_batch(bodies=bodies)


def _cents(amount, record):
    return round(amount / record.currency_id.rounding)
