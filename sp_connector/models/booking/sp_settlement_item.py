import json
from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Command

from ...engine.books.compare import Entry, Item

#: Lines of an entry that are no journal items.
_TEXTS = ("line_section", "line_subsection", "line_note")


class SpSettlementItem(models.Model):
    """A journal item as it was planned when its settlement was booked: the yardstick of the ledger.

    Written once, with the entry, and removed when the booking is undone; nobody may change it.
    Accounts and partners are references, so that it follows when Odoo merges them.
    """

    _name = "sp.settlement.item"
    _description = "Planned Journal Item of an Amazon Settlement"
    _order = "settlement_id, date_part, id"

    settlement_id = fields.Many2one(
        "sp.settlement", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="settlement_id.company_id", store=True, index=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of the Company"
    )
    move_id = fields.Many2one(
        "account.move", "Journal Entry", readonly=True, ondelete="set null", index=True
    )
    journal_id = fields.Many2one("account.journal", readonly=True, ondelete="set null")
    date_part = fields.Date("Part", readonly=True, help="Accounting date of its part.")
    date = fields.Date(
        readonly=True, help="Of the entry: later than its part's if that was locked."
    )
    name = fields.Char("Label", readonly=True)
    account_id = fields.Many2one("account.account", readonly=True, ondelete="restrict", index=True)
    partner_id = fields.Many2one("res.partner", readonly=True, ondelete="restrict")
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount_currency = fields.Monetary("Amount", readonly=True)
    balance = fields.Monetary(readonly=True, currency_field="company_currency_id")
    tax_ids = fields.Many2many(
        "account.tax", string="Taxes", readonly=True, context={"active_test": False}
    )
    tax_tag_ids = fields.Many2many(
        "account.account.tag", string="Tax Grids", readonly=True, context={"active_test": False}
    )
    tax_repartition_line_id = fields.Many2one("account.tax.repartition.line", readonly=True)
    analytic_distribution = fields.Json(readonly=True)
    is_goods = fields.Boolean("Cost of Goods", readonly=True)

    @api.model
    def _record(self, move, date_part, vals, goods=0):
        """Keep what an entry was created from.

        :param vals: the values of the entry, its items among them
        :param goods: how many of them, the last ones, are what goods cost
        """
        settlement = move.sudo().sp_settlement_id
        others = len(vals["line_ids"]) - goods
        self.sudo().create(
            [
                {
                    **self._prepare_item_vals(item),
                    "settlement_id": settlement.id,
                    "move_id": move.id,
                    "date_part": date_part,
                    "date": vals["date"],
                    "journal_id": vals["journal_id"],
                    "is_goods": position >= others,
                }
                for position, (_command, _id, item) in enumerate(vals["line_ids"])
            ]
        )

    @api.model
    def _prepare_item_vals(self, vals):
        """Return what is compared of the values of a journal item."""
        return {
            "name": vals.get("name"),
            "account_id": vals["account_id"],
            "partner_id": vals.get("partner_id") or False,
            "currency_id": vals["currency_id"],
            "amount_currency": vals["amount_currency"],
            "balance": vals["balance"],
            "tax_ids": [Command.set(ids_of(vals.get("tax_ids")))],
            "tax_tag_ids": [Command.set(ids_of(vals.get("tax_tag_ids")))],
            "tax_repartition_line_id": vals.get("tax_repartition_line_id") or False,
            "analytic_distribution": vals.get("analytic_distribution") or False,
        }

    @api.model
    def _copy_item_vals(self, item):
        """Return what is compared of a journal item that exists."""
        return {
            "name": item.name,
            "account_id": item.account_id.id,
            "partner_id": item.partner_id.id,
            "currency_id": item.currency_id.id,
            "amount_currency": item.amount_currency,
            "balance": item.balance,
            "tax_ids": [Command.set(item.tax_ids.ids)],
            "tax_tag_ids": [Command.set(item.tax_tag_ids.ids)],
            "tax_repartition_line_id": item.tax_repartition_line_id.id,
            "analytic_distribution": item.analytic_distribution or False,
        }

    # === FOR THE ENGINE === #

    def _planned_entries(self):
        """Return these items as the engine's planned ``Entry``s, in the order of their parts."""
        return [
            Entry(items.move_id.id or None, items[:1].date, tuple(map(as_item, items)))
            for _part, items in sorted(
                self.sorted("id").grouped("date_part").items(), key=lambda pair: str(pair[0])
            )
        ]

    @api.model
    def _ledger_entries(self, moves):
        """Return journal entries as the engine's ``Entry``s."""
        return [
            Entry(
                move.id,
                move.date,
                tuple(
                    as_item(item)
                    for item in move.line_ids.sorted("id")
                    if item.display_type not in _TEXTS
                ),
                move.state,
                move.reversed_entry_id.id or None,
            )
            for move in moves
        ]

    @api.model
    def _as_items(self, vals_list, company):
        """Return the values of journal items as the engine's ``Item``s."""
        found = []
        for vals in map(self._prepare_item_vals, vals_list):
            currency = self.env["res.currency"].browse(vals["currency_id"])
            found.append(
                Item(
                    vals["name"] or "",
                    vals["account_id"],
                    _exact(vals["amount_currency"], currency),
                    _exact(vals["balance"], company.currency_id),
                    currency.id,
                    frozenset(ids_of(vals["tax_ids"])),
                    frozenset(ids_of(vals["tax_tag_ids"])),
                    vals["tax_repartition_line_id"] or None,
                    vals["partner_id"] or None,
                    _distribution(vals["analytic_distribution"]),
                )
            )
        return found


def as_item(item):
    """Return a planned or a real journal item, which have the same fields, as an ``Item``."""
    return Item(
        item.name or "",
        item.account_id.id,
        _exact(item.amount_currency, item.currency_id),
        _exact(item.balance, item.company_currency_id),
        item.currency_id.id,
        frozenset(item.tax_ids.ids),
        frozenset(item.tax_tag_ids.ids),
        item.tax_repartition_line_id.id or None,
        item.partner_id.id or None,
        _distribution(item.analytic_distribution),
    )


def _exact(amount, currency):
    return Decimal(f"{amount:.{currency.decimal_places}f}")


def _distribution(shares):
    """Return an analytic distribution as text: equal shares are equal texts."""
    if not shares:
        return None
    return json.dumps({key: float(share) for key, share in shares.items()}, sort_keys=True)


def ids_of(commands):
    """Return the ids that commands on an empty field leave in it."""
    ids = []
    for command in commands or ():
        operation, key, value = command
        if operation == Command.SET:
            ids = list(value)
        elif operation == Command.LINK:
            ids.append(key)
        elif operation == Command.CLEAR:
            ids = []
    return ids
