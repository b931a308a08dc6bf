"""What Amazon holds on a day, by reason: opening, movements, closing, tied to the ledger."""

from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ...engine.amazon import finances
from ...models.held.sp_held_sources import ORIGINS

#: Amazon's balances as they are compared, the sum of the others last.
_SHOWN = (
    finances.ACCOUNT_LEVEL_RESERVE,
    finances.DEFERRED,
    finances.AVAILABLE,
    finances.TOTAL,
)


class SpHeld(models.TransientModel):
    """What one company's books say that Amazon holds, beside what others say of it.

    Amounts are the ledger's: debit positive, which is money that Amazon owes.
    """

    _name = "sp.held"
    _description = "What Amazon Holds"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    connection_id = fields.Many2one(
        "sp.connection",
        domain="[('company_id', '=', company_id)]",
        help="Leave empty for all. What is booked by hand belongs to none and is shown with each.",
    )
    currency_id = fields.Many2one("res.currency", help="Leave empty for all.")
    date_from = fields.Date(
        "From",
        required=True,
        compute="_compute_date_from",
        store=True,
        readonly=False,
        precompute=True,
    )
    date = fields.Date(
        "Held On",
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1) - timedelta(days=1),
        help="At the end of this day.",
    )
    is_shown = fields.Boolean(readonly=True)
    problem = fields.Text("What Amazon Did Not Answer", readonly=True)
    line_ids = fields.One2many("sp.held.line", "held_id", readonly=True)
    witness_ids = fields.One2many("sp.held.witness", "held_id", readonly=True)
    account_ids = fields.One2many("sp.held.account", "held_id", readonly=True)

    @api.depends("date")
    def _compute_date_from(self):
        for held in self:
            held.date_from = held.date and held.date.replace(day=1)

    @api.depends("company_id", "date")
    def _compute_display_name(self):
        for held in self:
            held.display_name = self.env._("What Amazon Holds")

    @api.onchange("company_id", "connection_id", "currency_id", "date_from", "date")
    def _onchange_day(self):
        """Never show numbers of another day than the one that is typed."""
        self.update(
            {
                "is_shown": False,
                "problem": False,
                "line_ids": [Command.clear()],
                "witness_ids": [Command.clear()],
                "account_ids": [Command.clear()],
            }
        )

    @api.onchange("company_id")
    def _onchange_company_id(self):
        self.connection_id = False

    # === ACTION METHODS === #

    def action_show(self):
        """Read the ledger, what settlements and transactions say, and what Amazon said.

        :raises UserError: the period ends before it starts
        """
        self.ensure_one()
        self._check_may_read()
        if self.date < self.date_from:
            raise UserError(self.env._("The period ends before it starts."))
        lines = self._prepare_lines()
        self.write(
            {
                "is_shown": True,
                "line_ids": [Command.clear(), *map(Command.create, lines)],
                "account_ids": [
                    Command.clear(),
                    *map(Command.create, self._prepare_accounts(lines)),
                ],
                "witness_ids": [
                    Command.clear(),
                    *map(Command.create, self._prepare_witnesses(lines)),
                ],
            }
        )

    def action_ask(self):
        """Ask Amazon what it held at the end of the day, and show it beside the books."""
        self.ensure_one()
        self._check_may_read()
        problems = []
        for connection in self._asked_connections():
            if problem := self.env["sp.balance.sync"]._ask(connection, self.date):
                problems.append(f"{connection.name}: {problem}")
        self.problem = "\n".join(problems) or False
        self.action_show()

    def action_view_lines(self):
        """Open the reasons as a list: to group them otherwise, or to export them."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sp_connector.sp_held_line_action")
        return action | {"domain": [("held_id", "=", self.id)]}

    def _check_may_read(self):
        self.company_id.check_access("read")  # one of this user's companies
        self.connection_id.check_access("read")

    def _owner(self):
        """Return whose settlements and balances are looked at, empty for all."""
        return self.connection_id and self.connection_id._token_owner()

    def _asked_connections(self):
        """Return the connections that can ask Amazon for this company's books."""
        if self.connection_id:
            return self.connection_id
        connections = self.env["sp.connection"].search(
            [("state", "in", ("connected", "attention")), ("parent_id", "=", False)]
        )
        company = self.company_id
        return connections.filtered(
            lambda one: company in one.company_id | one.sudo().participation_ids._books_of()
        )

    # === THE LEDGER === #

    def _prepare_accounts(self, lines):
        """Return the values of each account and currency: the ledger beside the lines' sum."""
        sums = defaultdict(lambda: [0.0, 0.0])
        for vals in lines:
            found = sums[vals["account_id"], vals["currency_id"]]
            found[0] += vals["amount_closing"]
            found[1] += vals["balance_closing"]
        ledger = {
            (account.id, currency.id): found
            for (account, currency), found in self._ledger(self.date, self._places()).items()
        }
        currency = self.currency_id
        return [
            {
                "account_id": account,
                "currency_id": its,
                "amount_ledger": ledger.get((account, its), (0.0, 0.0))[0],
                "balance_ledger": ledger.get((account, its), (0.0, 0.0))[1],
                "amount_explained": sums[account, its][0],
                "balance_explained": sums[account, its][1],
            }
            for account, its in dict.fromkeys([*sums, *ledger])
            if account and (not currency or its == currency.id)
        ]

    # === WHAT OTHERS SAY === #

    def _prepare_witnesses(self, lines):
        """Return the values of each of Amazon's kinds of balance, by currency."""
        sources, company, owner = self.env["sp.held.sources"], self.company_id, self._owner()
        ledger = defaultdict(float)
        for vals in lines:
            if vals["kind"]:
                ledger[vals["currency_id"], vals["kind"]] += vals["amount_closing"]
                ledger[vals["currency_id"], finances.TOTAL] += vals["amount_closing"]
        balances = sources._balances(company, owner, self.date)
        told = sources._told(balances, _SHOWN)
        reserves = sources._reserves(company, owner, self.date)
        accruals = self._accruals(self.date).filtered("asked_at")
        deferred = sources._transactions(accruals, ORIGINS["deferred"])
        known = [currency for currency, _kind in (*ledger, *told)]
        currencies = self.env["res.currency"].browse(dict.fromkeys([*known, *reserves, *deferred]))
        for currency in currencies.sorted("name"):
            if self.currency_id and currency != self.currency_id:
                continue
            reserve, note = reserves.get(currency.id, (None, ""))
            stated = {
                finances.ACCOUNT_LEVEL_RESERVE: reserve,
                finances.DEFERRED: deferred.get(currency.id, 0) if accruals else None,
            }
            held = ledger[currency.id, finances.ACCOUNT_LEVEL_RESERVE]
            if reserve is not None and not currency.compare_amounts(float(reserve), held):
                note = ""
            amounts = [ledger[currency.id, kind] for kind in _SHOWN]
            amounts += [stated.get(kind) or told.get((currency.id, kind)) or 0 for kind in _SHOWN]
            if all(currency.is_zero(float(amount)) for amount in amounts):
                continue
            unposted = sources._unposted(company, owner, currency, self.date)
            words = self.env._("Settlements that are not posted as planned: %s.", unposted)
            notes = {
                finances.ACCOUNT_LEVEL_RESERVE: " ".join(filter(None, [note, unposted and words])),
                finances.DEFERRED: sources._accrual_note(accruals, currency)
                if accruals
                else self.env._("No accrual has this day: nobody here knows what is deferred."),
                finances.TOTAL: self._amazon_note(balances, currency),
            }
            for kind in _SHOWN:
                amount, amazon = stated.get(kind), told.get((currency.id, kind))
                yield {
                    "kind": kind,
                    "currency_id": currency.id,
                    "amount_ledger": ledger[currency.id, kind],
                    "is_stated": amount is not None,
                    "amount_stated": float(amount or 0),
                    "is_told": amazon is not None,
                    "amount_amazon": float(amazon or 0),
                    "note": notes.get(kind) or False,
                }

    def _amazon_note(self, balances, currency):
        """Say when Amazon was asked, and what of its answer is missing."""
        if not balances:
            return (
                self.env._("Not available, see above.")
                if self.problem
                else self.env._("Amazon was not asked.")
            )
        if currency not in balances.currency_id:
            return self.env._("Amazon names no balance in this currency.")
        missing = self._asked_connections().filtered(
            lambda one: one._token_owner() not in balances.connection_id.sudo()
        )
        if missing:
            return self.env._("Not asked: %s.", ", ".join(missing.mapped("name")))
        asked_on = format_date(self.env, max(balances.mapped("asked_at")))
        return self.env._("Asked on %(date)s.", date=asked_on)


class SpHeldAccount(models.TransientModel):
    """One account and currency: what the ledger says, and what the reasons say."""

    _name = "sp.held.account"
    _description = "What Amazon Holds, Account"
    _order = "id"

    held_id = fields.Many2one("sp.held", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="held_id.company_id", store=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    account_id = fields.Many2one("account.account", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount_ledger = fields.Monetary("Ledger", readonly=True)
    amount_explained = fields.Monetary("Explained", readonly=True)
    amount_difference = fields.Monetary("Difference", compute="_compute_difference")
    balance_ledger = fields.Monetary(
        "Ledger (Company)", readonly=True, currency_field="company_currency_id"
    )
    balance_explained = fields.Monetary(
        "Explained (Company)", readonly=True, currency_field="company_currency_id"
    )
    balance_difference = fields.Monetary(
        "Difference (Company)", compute="_compute_difference", currency_field="company_currency_id"
    )

    @api.depends("amount_ledger", "amount_explained", "balance_ledger", "balance_explained")
    def _compute_difference(self):
        for line in self:
            line.amount_difference = line.currency_id.round(
                line.amount_ledger - line.amount_explained
            )
            line.balance_difference = line.company_currency_id.round(
                line.balance_ledger - line.balance_explained
            )

    def action_view_items(self):
        """Open all journal items of the account until the day."""
        self.ensure_one()
        held = self.held_id
        domain = held._domain(held.date, self.account_id, self.currency_id)
        return self.env["sp.roll.forward"]._items_action(domain, self.account_id.display_name)
