from dataclasses import replace

from odoo import api, models
from odoo.api import NewId
from odoo.tools import format_date

from ...engine.books.decide import Decision
from ...engine.lines.summary import Grouping
from ...engine.words.categories import COST, DEPOSIT, INVENTORY, ROLLOVER

#: What Apply mends by itself.
_MENDED = ("no_journal", "archived_journal")


class SpSetupEntry(models.AbstractModel):
    """Shows the entry that a settlement would become with what is chosen; nothing is stored."""

    _name = "sp.setup.entry"
    _description = "Entry Shown by the Amazon Set-Up"

    @api.model
    def _entry(self, setup):
        """Return the entry of a set-up's settlement for the screen, amounts as people read them.

        :return: {title, parts: [{date, items, taxes, total}], holds, notes}, ``False`` without one
        """
        settlement = setup.settlement_id._origin
        if not settlement:
            return False
        accounts = {}

        def new_account(line):
            account = NewId(ref=f"{setup._name} {line.key}")
            accounts[account] = f"{line.code} {line.account_name}"
            return account

        decision = self._decide(setup, settlement, setup._choices(new_account))
        words = self.env["sp.decision.words"]
        return {
            "title": settlement._notice_title(),
            "parts": [
                self._part(settlement, decision, part, accounts)
                for part in (decision.plan.parts if decision.calendar else ())
            ],
            "holds": words._say(settlement, decision.holds),
            "notes": words._say(settlement, decision.notes),
        }

    def _decide(self, setup, settlement, choices):
        facts = self.env["sp.settlement.facts"]
        calendar = facts._calendar(settlement)
        places = setup.default_marketplace_ids._origin.filtered(
            lambda place: place.currency_id == settlement.currency_id
        )
        lines = []
        for line in settlement.line_ids:
            planned = line._plan_line()
            if not line.marketplace_name and not line.marketplace_id:
                planned = planned._replace(marketplace=places[:1].id or None)
            lines.append(planned)
        if calendar:
            last = calendar.date_end
            if setup.last_date == "deposit" and settlement.date_deposit:
                zone = Grouping(settlement.company_id._sp_zone())
                last = max(last, zone.day(settlement.date_deposit))
            calendar = calendar._replace(by_month=setup.split_months, date_last=last)
        known = facts._facts(settlement, lines, setup.invoiced_orders)
        known = replace(
            known,
            marketplace=(settlement.marketplace_id or places[:1]).id or None,
            is_registered=setup.registration in ("yes", "later"),
            lacks=tuple(code for code in known.lacks if code not in _MENDED),
            archived=lambda item, asked=known.archived: asked(item) if item.account else (),
        )
        return Decision(lines, choices.mapping, calendar, known)

    def _part(self, settlement, decision, part, accounts):
        """Return one entry: its items with net, tax and gross, and where the tax goes."""
        service, facts = self.env["sp.settlement.entry"], self.env["sp.settlement.facts"]
        partner = settlement.company_id.sudo()._sp_inherited("sp_partner_id")
        rate = facts._conversion_rate(settlement, part.date)
        pieces = service._prepare_pieces(settlement, part, partner, rate)
        items, taxes = [], []
        for piece in pieces:
            if piece.item is None:
                if piece.vals.get("amount_currency"):
                    taxes.append(self._tax(settlement, piece, accounts))
            else:
                items.append(self._item(settlement, piece, accounts))
        return {
            "date": format_date(self.env, decision.opening(part).day),
            "items": items,
            "taxes": taxes,
        }

    def _item(self, settlement, piece, accounts):
        item = piece.item
        net = -piece.vals["amount_currency"]
        gross = -float(item.balance + item.tax_balance)
        is_new = item.account in accounts
        # What goods cost is in the company's currency.
        money = self.env["res.currency"].browse(piece.vals["currency_id"]).format
        return {
            "account": self._account(item.account, settlement, accounts),
            "is_new": is_new,
            "is_balance": item.category in (DEPOSIT, ROLLOVER, COST, INVENTORY),
            "label": piece.vals["name"],
            "tax": ", ".join(self.env["account.tax"].browse(item.taxes).mapped("name")),
            "grid": self._grids(piece),
            "net": money(net),
            "vat": money(gross - net) if item.taxes else "",
            "gross": money(gross),
        }

    def _tax(self, settlement, piece, accounts):
        return {
            "account": self._account(piece.vals["account_id"], settlement, accounts),
            "label": piece.vals["name"],
            "grid": self._grids(piece),
            "amount": settlement._money(-piece.vals["amount_currency"]),
        }

    def _account(self, account, settlement, accounts):
        if not isinstance(account, int) or not account:
            return accounts.get(account) or self.env._("The account of the amount")
        records = self.env["account.account"].with_company(settlement.company_id)
        return records.browse(account).display_name

    def _grids(self, piece):
        tags = self.env["account.account.tag"]
        for command in piece.vals.get("tax_tag_ids") or ():
            tags |= tags.browse(command[2] if len(command) == 3 and command[2] else [])
        return ", ".join(tags.mapped("name"))
