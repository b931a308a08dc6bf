"""Whether Amazon's money came: what the ledger says of a settlement's payout."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date, format_list

from .ages import age_selection, age_sql, find_age, search_age

#: What it is derived from: a match that is made or removed, wherever, changes it.
_LEDGER = (
    "amount_total",
    "line_ids.move_line_id",
    "line_ids.invoiced_amount",
    "move_ids.state",
    "move_ids.sp_reversed",
    *(
        f"move_ids.line_ids.{name}"
        for name in (
            "account_id",
            "amount_currency",
            "amount_residual_currency",
            "matched_debit_ids.max_date",
            "matched_credit_ids.max_date",
        )
    ),
)
#: States in which something is still to come.
OPEN = ("waiting", "partly")
#: The break of a payout that the bank has not seen although it saw a later one.
UNPAID = "unpaid"


class SpSettlementPayment(models.AbstractModel):
    """What of a settlement's payout is paid and by what; nothing here is ever written.

    The payout is what the posted entries leave for the bank: the items that no line explains. Of
    an entry by months the rollover items are among them; they cancel each other, matched or not.
    """

    _name = "sp.settlement.payment"
    _description = "Amazon Settlement, Payment"

    currency_id = fields.Many2one("res.currency")
    company_currency_id = fields.Many2one("res.currency")
    payment_state = fields.Selection(
        [
            ("none", "No Payout"),
            ("waiting", "Waiting"),
            ("partly", "Partly Paid"),
            ("paid", "Paid"),
            ("carried", "Carried Over"),
        ],
        "Payment",
        compute="_compute_payment",
        store=True,
        index=True,
        tracking=True,
        help="Waiting: posted, and not matched with a bank line. Carried Over: a later settlement "
        "takes the payout up. No Payout: nothing is paid out, or it is not posted yet.",
    )
    paid_date = fields.Date(
        "Paid On", compute="_compute_payment", store=True, help="Of the last payment."
    )
    amount_open = fields.Monetary(
        "Not Yet Paid", compute="_compute_payment", store=True, aggregator=None
    )
    payment_days = fields.Integer(
        "Days Waiting",
        compute="_compute_payment_age",
        aggregator=None,
        help="Since the deposit date, while something is still to come.",
    )
    payment_age = fields.Selection(
        age_selection, "Waiting For", compute="_compute_payment_age", search="_search_payment_age"
    )
    payment_text = fields.Char("How It Was Paid", compute="_compute_payment_text")
    payment_gain = fields.Monetary(
        "Exchange Gain",
        compute="_compute_payment_amounts",
        compute_sudo=True,
        currency_field="company_currency_id",
        help="What Odoo booked as exchange difference when the payout was matched; a loss is "
        "negative.",
    )
    payment_difference = fields.Monetary(
        "Fees and Differences",
        compute="_compute_payment_amounts",
        compute_sudo=True,
        currency_field="company_currency_id",
        help="What was booked as cost or income beside the payout: bank fees, conversion cost. "
        "What reached the bank is the payout and this.",
    )
    bank_line_ids = fields.Many2many(
        "account.bank.statement.line", string="Bank Lines", compute="_compute_bank_line_ids"
    )
    bank_line_count = fields.Integer("Number of Bank Lines", compute="_compute_bank_line_ids")

    # === COMPUTE METHODS === #

    @api.depends(*_LEDGER)
    def _compute_payment(self):
        for settlement in self.sudo():
            items = settlement._payout_items()
            currency = settlement.currency_id
            total, rest = settlement.amount_total, sum(items.mapped("amount_residual_currency"))
            paid, _carried = settlement._payments(items)
            if not items or currency.is_zero(total):
                state, rest = "none", 0.0
            elif currency.is_zero(rest):
                state = "paid" if paid else "carried"
            else:
                state = "partly" if currency.compare_amounts(rest, total) else "waiting"
            settlement.payment_state = state
            settlement.amount_open = rest
            settlement.paid_date = max(paid.mapped("date"), default=False)

    @api.depends("payment_state", "date_deposit")
    @api.depends_context("tz")
    def _compute_payment_age(self):
        today = fields.Date.context_today(self)
        for settlement in self:
            is_open = settlement.date_deposit and settlement.payment_state in OPEN
            days = max((today - settlement.date_deposit.date()).days, 0) if is_open else 0
            settlement.payment_days = days
            settlement.payment_age = find_age(days) if is_open else False

    @api.model
    def _search_payment_age(self, operator, value):
        if operator != "in":
            return NotImplemented
        today, is_open = fields.Date.context_today(self), Domain("payment_state", "in", OPEN)
        return search_age("date_deposit", is_open, value, today)

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "payment_age":
            day = super()._field_to_sql(alias, "date_deposit", query)
            state = super()._field_to_sql(alias, "payment_state", query)
            age = age_sql(day, fields.Date.context_today(self))
            return SQL("CASE WHEN %s IN %s THEN %s END", state, OPEN, age)
        return super()._field_to_sql(alias, field_expr, query)

    @api.depends("payment_state", "paid_date")
    def _compute_payment_amounts(self):
        for settlement in self:
            items = settlement._payout_items()
            settlement.payment_gain = settlement._find_gain(items)
            settlement.payment_difference = settlement._find_difference(items)

    @api.depends("payment_state", "paid_date")
    @api.depends_context("uid")
    def _compute_bank_line_ids(self):
        """Only lines that the user may read: whoever may not see the bank sees the state alone."""
        for settlement in self:
            lines = settlement.sudo()._find_bank_lines().sudo(False)._filtered_access("read")
            settlement.bank_line_ids = lines
            settlement.bank_line_count = len(lines)

    @api.depends("payment_state", "paid_date", "amount_open")
    @api.depends_context("uid", "lang", "tz")
    def _compute_payment_text(self):
        for settlement in self:
            settlement.payment_text = settlement._describe_payment()

    # === WHAT THE LEDGER SAYS === #

    def _payout_items(self):
        """Return the posted items that are not made of Amazon's rows: the payout.

        Nothing while a part is not posted, nor where they are not Amazon's total: then the
        settlement's state says what is wrong, or its account cannot be matched.
        """
        self.ensure_one()
        moves = self._active_moves()
        if any(move.state != "posted" for move in moves):
            return moves.line_ids.browse()
        explained = self._explained_items()
        items = moves.line_ids.filtered(
            lambda item: (
                item.account_id.reconcile
                and not item.tax_repartition_line_id
                and item not in explained
            )
        )
        found = sum(items.mapped("amount_currency"))
        return (
            items.browse() if self.currency_id.compare_amounts(found, self.amount_total) else items
        )

    @api.model
    def _counterparts(self, items):
        """Yield (partial reconciliation, the item it closes ours with)."""
        for partial in items.matched_debit_ids:
            yield partial, partial.debit_move_id
        for partial in items.matched_credit_ids:
            yield partial, partial.credit_move_id

    def _payments(self, items):
        """Return the entries that paid a payout, and those of settlements that took it up.

        :param items: the payout, see ``_payout_items``
        """
        paid = carried = self.env["account.move"].sudo()
        for _partial, item in self._counterparts(items):
            move = item.move_id
            own = move.sp_settlement_id & items.move_id.sp_settlement_id
            if own or move.exchange_diff_partial_ids:
                continue
            if move.sp_settlement_id or move.sp_transfer_id:
                carried |= move
            else:
                paid |= move
        return paid, carried

    def _find_bank_lines(self):
        """Return the bank lines that paid, also by a payment or an entry between the two."""
        paid, _carried = self._payments(self._payout_items())
        near = [item.move_id for _partial, item in self._counterparts(paid.line_ids)]
        return paid.union(*near).statement_line_id

    def _find_gain(self, items):
        """Return the exchange difference of a payout's matches, a gain positive."""
        moves = self.env["account.move"]
        for partial, item in self._counterparts(items):
            moves |= partial.exchange_move_id
            moves |= item.move_id.filtered("exchange_diff_partial_ids")
        return -sum(_profit_items(moves).mapped("balance"))

    def _find_difference(self, items):
        """Return the costs (negative) and income that the paying entries book beside the payout.

        Of an entry that pays several settlements, each has its share.
        """
        shares = {}
        for partial, item in self._counterparts(items):
            shares[item] = shares.get(item, 0.0) + partial.amount
        found = 0.0
        paid, _carried = self._payments(items)
        for move in paid:
            beside = -sum(_profit_items(move).mapped("balance"))
            if self.company_currency_id.is_zero(beside):
                continue
            own = sum(amount for item, amount in shares.items() if item.move_id == move)
            others = move.line_ids.filtered(
                lambda item: item.matched_debit_ids or item.matched_credit_ids
            )
            whole = sum(
                partial.amount
                for partial, item in self._counterparts(others)
                if not item.move_id.exchange_diff_partial_ids
            )
            found += beside * own / whole
        return self.company_currency_id.round(found)

    # === ACTION METHODS === #

    def action_view_bank_lines(self):
        """Open the bank lines that paid these settlements."""
        return self.bank_line_ids._get_records_action(name=self.env._("Bank Lines"))

    # === IN WORDS === #

    def _describe_payment(self):
        """Say in one line how a payout was paid, or since when it is waited for."""
        self.ensure_one()
        day = format_date(self.env, self.paid_date) if self.paid_date else ""
        values = {
            "day": day,
            "days": self.payment_days,
            "open": self.currency_id.format(self.amount_open),
        }
        if self.payment_state == "waiting":
            return self.env._("%(days)s days since the deposit date", **values)
        if self.payment_state == "partly":
            return self.env._(
                "%(open)s are missing, %(days)s days since the deposit date", **values
            )
        settlement = self.sudo()
        paid, carried = settlement._payments(settlement._payout_items())
        if self.payment_state == "carried":
            refs = {ref or move.name for move in carried for ref in [_settlement(move)]}
            return self.env._(
                "taken up by settlement %(refs)s", refs=format_list(self.env, sorted(refs))
            )
        if self.payment_state != "paid":
            return False
        # Whoever may not see the bank sees the state alone.
        entries = paid.sudo(False)._filtered_access("read")
        if paid.statement_line_id and not self.bank_line_ids:
            entries = entries.browse()
        names = entries.mapped("name")
        if not names:
            return self.env._("on %(day)s", **values)
        return self.env._("on %(day)s by %(names)s", names=format_list(self.env, names), **values)


def _profit_items(moves):
    return moves.line_ids.filtered(
        lambda item: item.account_id.internal_group in ("income", "expense")
    )


def _settlement(move):
    return (move.sp_settlement_id or move.sp_transfer_id).settlement_ref
