"""A clearing account's balance on any day, item by item, tied to the ledger."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Command, Domain

from ...engine.words.categories import DEPOSIT, ROLLOVER
from ...models.bank.ages import age_selection, find_age

_TRADE = ("asset_receivable", "liability_payable")


class SpClearing(models.TransientModel):
    """What is open on a company's clearing accounts on a day: the ledger's balance, explained.

    Open on a day is what was not matched by then, whatever was matched since. Every match is of two
    items of one account and takes as much off either, so all that is open makes up the balance.
    """

    _name = "sp.clearing"
    _description = "Amazon Clearing Account, Explained"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date = fields.Date("On", required=True, default=fields.Date.context_today)
    is_shown = fields.Boolean(readonly=True)
    account_ids = fields.One2many("sp.clearing.account", "clearing_id", readonly=True)
    item_ids = fields.One2many("sp.clearing.item", "clearing_id", readonly=True)

    @api.depends("company_id", "date")
    def _compute_display_name(self):
        for clearing in self:
            clearing.display_name = self.env._("Clearing Accounts Explained")

    @api.onchange("company_id", "date")
    def _onchange_date(self):
        """Never show numbers of another day than the one that is typed."""
        self.is_shown = False
        self.account_ids = [Command.clear()]
        self.item_ids = [Command.clear()]

    # === ACTION METHODS === #

    def action_show(self):
        """Read the ledger and list what was open on the day."""
        self.ensure_one()
        self.company_id.check_access("read")  # one of this user's companies
        items = [vals for item in self._find_open() for vals in self._prepare_item(*item)]
        self.write(
            {
                "is_shown": True,
                "item_ids": [Command.clear(), *map(Command.create, items)],
                "account_ids": [
                    Command.clear(),
                    *map(Command.create, self._prepare_accounts(items)),
                ],
            }
        )

    def action_view_items(self):
        """Open the items as a list by account: to group them otherwise, or to export them."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_clearing_item_action"
        )
        return action | {"domain": [("clearing_id", "=", self.id)]}

    # === THE LEDGER === #

    def _accounts(self):
        """Return the accounts on which payouts stand: mapped ones, and where they were booked."""
        company = self.company_id.sudo()
        mappings = self.env["sp.account.mapping"].sudo()  # a branch inherits from its parents
        mappings = mappings.search([("company_id", "in", company.parent_ids.ids)])
        rollover = mappings.filtered(lambda line: line.category == ROLLOVER).account_id
        booked = self.env["account.move.line"]._read_group(
            Domain(
                [
                    ("company_id", "=", company.id),
                    ("parent_state", "=", "posted"),
                    ("move_id.sp_settlement_id", "!=", False),
                    ("sp_line_ids", "=", False),
                    ("sp_invoiced_ids", "=", False),
                    ("tax_repartition_line_id", "=", False),
                    ("account_id.reconcile", "=", True),
                    ("account_id", "not in", rollover.ids),
                ]
            ),
            ["account_id"],
        )
        mapped = mappings.filtered(lambda line: line.category == DEPOSIT).account_id
        return mapped | self.env["account.account"].sudo().union(*(one for (one,) in booked))

    def _domain(self, accounts):
        """Return the domain of the posted items on these accounts until the day."""
        company = self.company_id.sudo()
        # Customers share the receivable account: of them, only Amazon belongs here.
        settled = Domain("move_id.sp_settlement_id", "!=", False)
        partials = Domain("debit_move_id", "any", settled) | Domain(
            "credit_move_id", "any", settled
        )
        amazons = (
            settled
            | Domain("partner_id", "in", company.parent_ids.sp_partner_id.ids)
            | Domain("matched_debit_ids", "any", partials)
            | Domain("matched_credit_ids", "any", partials)
            | Domain("move_id.exchange_diff_partial_ids", "any", partials)
        )
        return (
            Domain("company_id", "=", company.id)
            & Domain("parent_state", "=", "posted")
            & Domain("date", "<=", self.date)
            & Domain("account_id", "in", accounts.ids)
            & (Domain("account_id.account_type", "not in", _TRADE) | amazons)
        )

    def _find_open(self):
        """Yield (journal item, open in its currency, open in the company's, closed since when)."""
        accounts = self._accounts().filtered("reconcile")
        company = self.company_id.sudo()
        other = Domain("max_date", ">", self.date)
        if company.root_id.child_ids:
            # A branch's payout may be matched with its head office's bank line.
            sides = ("debit_move_id.company_id", "credit_move_id.company_id")
            other |= Domain.OR([Domain(side, "!=", company.id) for side in sides])
        candidates = self.env["account.move.line"].search(
            self._domain(accounts)
            & (
                Domain("reconciled", "=", False)
                | Domain("matched_debit_ids", "any", other)
                | Domain("matched_credit_ids", "any", other)
            ),
            order="account_id, date, id",
        )
        # A match may be of an item that the user does not see; its amount is known all the same.
        for item in candidates.sudo():
            amount, balance, closed = item.amount_currency, item.balance, False
            for partials, sign, name, theirs in (
                (item.matched_credit_ids, -1, "debit_amount_currency", "credit_move_id"),
                (item.matched_debit_ids, 1, "credit_amount_currency", "debit_move_id"),
            ):
                for partial in partials:
                    if partial[theirs].company_id != company:
                        continue
                    if partial.max_date > self.date:
                        if partial[name]:  # else an exchange difference, which comes later
                            closed = max(closed or partial.max_date, partial.max_date)
                        continue
                    amount += sign * partial[name]
                    balance += sign * partial.amount
            yield item, amount, balance, closed if item.reconciled else False

    def _prepare_item(self, item, amount, balance, closed):
        """Yield the values of an open item, nothing for one that is closed."""
        if item.currency_id.is_zero(amount) and item.company_currency_id.is_zero(balance):
            return
        move = item.move_id
        due = item.date_maturity or item.date
        days = max((self.date - due).days, 0)
        yield {
            "kind": self._find_kind(item, amount),
            "move_line_id": item.id,
            "account_id": item.account_id.id,
            "settlement_id": (
                move.sp_settlement_id or move.sp_transfer_id or move.sp_opening_id
            ).id,
            "currency_id": item.currency_id.id,
            "amount": amount,
            "balance": balance,
            "days": days,
            "age": find_age(days),
            "date_closed": closed,
        }

    def _find_kind(self, item, amount):
        """Say what an open item is."""
        move = item.move_id
        if item.currency_id.compare_amounts(amount, item.amount_residual_currency) and (
            self._partners(item).company_id - item.company_id
        ):
            return "elsewhere"
        if item.currency_id.is_zero(amount) and item.amount_currency:
            return "exchange"  # matched by then; Odoo books the rest at the month's end
        if move.sp_settlement_id:
            if move.reversed_entry_id or move.sp_reversed:
                return "reversed"
            if item.sp_line_ids:
                return "handed"
            if item.currency_id.is_zero(item.amount_currency):
                return "rounding"
            return (
                "partly"
                if item.currency_id.compare_amounts(amount, item.amount_currency)
                else "waiting"
            )
        if move.sp_transfer_id:
            return "handed"
        if move.sp_opening_id:
            return "opening"
        if move.statement_line_id or move.origin_payment_id:
            return "bank"
        return "exchange" if move.exchange_diff_partial_ids else "manual"

    def _partners(self, item):
        """Return the items that an item is matched with, whenever."""
        return item.matched_debit_ids.debit_move_id | item.matched_credit_ids.credit_move_id

    def _prepare_accounts(self, items):
        """Return the values of each account: the ledger's balance beside the sum of its items."""
        sums, counts = defaultdict(float), defaultdict(int)
        for vals in items:
            sums[vals["account_id"]] += vals["balance"]
            counts[vals["account_id"]] += 1
        accounts = self._accounts()
        ledger = dict(
            self.env["account.move.line"]._read_group(
                self._domain(accounts), ["account_id"], ["balance:sum"]
            )
        )
        return [
            {
                "account_id": account.id,
                "balance_ledger": ledger.get(account, 0.0),
                "balance_items": sums[account.id],
                "item_count": counts[account.id],
                "is_matchable": account.reconcile,
            }
            for account in accounts.sorted(lambda one: (one.code or "", one.id))
        ]


class SpClearingAccount(models.TransientModel):
    """One account: what the ledger says, and what the items say."""

    _name = "sp.clearing.account"
    _description = "Amazon Clearing Account"
    _order = "id"

    clearing_id = fields.Many2one("sp.clearing", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="clearing_id.company_id", store=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    account_id = fields.Many2one("account.account", readonly=True)
    is_matchable = fields.Boolean(readonly=True)
    item_count = fields.Integer("Open Items", readonly=True)
    balance_ledger = fields.Monetary(
        "Ledger",
        readonly=True,
        currency_field="company_currency_id",
        help="The balance on the day.",
    )
    balance_items = fields.Monetary(
        "Explained", readonly=True, currency_field="company_currency_id"
    )
    balance_difference = fields.Monetary(
        "Difference", compute="_compute_difference", currency_field="company_currency_id"
    )
    note = fields.Char(compute="_compute_difference")

    @api.depends("balance_ledger", "balance_items", "is_matchable")
    def _compute_difference(self):
        for line in self:
            left = line.company_currency_id.round(line.balance_ledger - line.balance_items)
            line.balance_difference = left
            line.note = False
            if not line.is_matchable:
                line.note = self.env._(
                    "This account does not allow reconciliation, so nobody can tell what is open."
                )
            elif not line.company_currency_id.is_zero(left):
                line.note = self.env._("Not explained: look at the journal items.")

    def action_view_items(self):
        """Open all journal items until the day, matched or not."""
        self.ensure_one()
        roll = self.env["sp.roll.forward"]
        domain = self.clearing_id._domain(self.account_id)
        return roll._items_action(domain, self.account_id.display_name)


class SpClearingItem(models.TransientModel):
    """A journal item that was open on the day."""

    _name = "sp.clearing.item"
    _description = "Amazon Clearing Account, Open Item"
    _order = "id"

    clearing_id = fields.Many2one("sp.clearing", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="clearing_id.company_id", store=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    kind = fields.Selection(
        [
            ("waiting", "Waiting payout"),
            ("partly", "Partly paid payout"),
            ("handed", "Between settlements"),
            ("opening", "Opening balance"),
            ("bank", "Unmatched bank line"),
            ("manual", "Booked by hand"),
            ("exchange", "Exchange difference"),
            ("rounding", "Rounding of conversion"),
            ("reversed", "Taken back"),
            ("elsewhere", "Matched in another company"),
        ],
        "What",
        readonly=True,
    )
    move_line_id = fields.Many2one("account.move.line", "Journal Item", readonly=True)
    account_id = fields.Many2one("account.account", readonly=True)
    settlement_id = fields.Many2one("sp.settlement", readonly=True)
    date = fields.Date(related="move_line_id.date", store=True)
    name = fields.Char("Label", related="move_line_id.name")
    move_name = fields.Char("Journal Entry", related="move_line_id.move_name")
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary("Open", readonly=True)
    balance = fields.Monetary("Open (Company)", readonly=True, currency_field="company_currency_id")
    days = fields.Integer(readonly=True, aggregator=None, help="Since it was due, to the day.")
    age = fields.Selection(age_selection, readonly=True)
    date_closed = fields.Date("Matched On", readonly=True, help="After the day.")

    @api.depends("move_line_id")
    def _compute_display_name(self):
        for item in self:
            item.display_name = item.move_line_id.display_name

    def action_view(self):
        """Open what it comes from: the settlement, the bank line or the journal entry."""
        self.ensure_one()
        move = self.move_line_id.move_id
        if self.kind in ("waiting", "partly") and self.settlement_id:
            return self.settlement_id._get_records_action()
        if move.statement_line_id:
            return move.statement_line_id._get_records_action()
        return move._get_records_action()
