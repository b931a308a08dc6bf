"""Opening, in, out, closing of the accounts between Amazon and the bank, tied to the ledger."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import date_utils

#: What Amazon's settlements say of an account, and what it carried before the first of them.
_SETTLED = Domain("move_id.sp_settlement_id", "!=", False) | Domain(
    "move_id.sp_opening_id", "!=", False
)
#: What makes up a balance, in the order of the columns; they add up to the closing balance.
STEPS = ("opening", "in", "out", "matched", "other")
_BALANCE_SHEET = ("asset", "liability", "equity")


class SpRollForward(models.TransientModel):
    """The roll-forward of one company and period; amounts are the ledger's: debit positive."""

    _name = "sp.roll.forward"
    _description = "Amazon Roll-Forward"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        "From", required=True, default=lambda self: self._last_month("start_of")
    )
    date_to = fields.Date("To", required=True, default=lambda self: self._last_month("end_of"))
    open_days = fields.Integer(
        "Open Longer Than (Days)",
        default=14,
        required=True,
        help="Items on the clearing account that are this old at the end of the period and still "
        "not matched today are listed as breaks.",
    )
    is_shown = fields.Boolean(readonly=True)
    line_ids = fields.One2many("sp.roll.forward.line", "roll_id", readonly=True)
    break_ids = fields.One2many("sp.roll.forward.break", "roll_id", readonly=True)
    break_count = fields.Integer(compute="_compute_break_count")

    @api.model
    def _last_month(self, edge):
        day = fields.Date.context_today(self) - timedelta(days=31)
        return getattr(date_utils, edge)(day, "month")

    @api.depends("company_id", "date_from", "date_to")
    def _compute_display_name(self):
        for roll in self:
            roll.display_name = self.env._("Roll-Forward")

    @api.depends("break_ids")
    def _compute_break_count(self):
        for roll in self:
            roll.break_count = len(roll.break_ids)

    @api.onchange("company_id", "date_from", "date_to", "open_days")
    def _onchange_period(self):
        """Never show numbers of another period than the one that is typed."""
        self.is_shown = False
        self.line_ids = [Command.clear()]
        self.break_ids = [Command.clear()]

    # === ACTION METHODS === #

    def action_show(self):
        """Read the ledger and list the roll-forward and its breaks.

        :raises UserError: the period ends before it starts
        """
        self.ensure_one()
        self.company_id.check_access("read")  # one of this user's companies
        if self.date_to < self.date_from:
            raise UserError(self.env._("The period ends before it starts."))
        lines = self._prepare_lines()
        self.write(
            {
                "is_shown": True,
                "line_ids": [Command.clear(), *map(Command.create, lines)],
                "break_ids": [Command.clear()],
            }
        )
        self.break_ids = [Command.create(vals) for vals in self._prepare_breaks()]

    def action_view_lines(self):
        """Open the lines as a list by account: to group them otherwise, or to export them."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_roll_forward_line_action"
        )
        return action | {"domain": [("roll_id", "=", self.id)]}

    # === WHICH ITEMS === #

    def _domain(self):
        """Return the domain of the posted items on the accounts of this report, at any date."""
        self.ensure_one()
        company = self.company_id.sudo()
        mappings = self.env["sp.account.mapping"].sudo()  # a branch inherits from its parents
        mapped = mappings.search([("company_id", "in", company.parent_ids.ids)]).account_id
        posted = Domain("company_id", "=", company.id) & Domain("parent_state", "=", "posted")
        settled = Domain("move_id.sp_settlement_id", "!=", False)
        balance_sheet = Domain("account_id.internal_group", "in", _BALANCE_SHEET)
        # Also what was booked before somebody mapped another account; taxes have their own report.
        booked = self.env["account.move.line"]._read_group(
            posted & settled & balance_sheet & Domain("tax_repartition_line_id", "=", False),
            ["account_id"],
        )
        accounts = mapped.ids + [account.id for (account,) in booked]
        # Customers share the receivable account: of them, only Amazon belongs here.
        amazons = _SETTLED | Domain("partner_id", "in", company.sp_partner_id.ids)
        trade = ("asset_receivable", "liability_payable")
        return (
            posted
            & Domain("account_id", "in", accounts)
            & balance_sheet
            & (Domain("account_id.account_type", "not in", trade) | amazons)
        )

    def _matched(self, domain):
        """Return the items that are no settlement's but matched with one's: bank lines mostly."""
        partials = Domain("debit_move_id.move_id.sp_settlement_id", "!=", False) | Domain(
            "credit_move_id.move_id.sp_settlement_id", "!=", False
        )
        return self.env["account.move.line"].search(
            domain
            & ~_SETTLED
            & (
                Domain("matched_debit_ids", "any", partials)
                | Domain("matched_credit_ids", "any", partials)
                # The exchange difference of such a match is matched with the bank line only.
                | Domain("move_id.exchange_diff_partial_ids", "any", partials)
            )
        )

    def _partners(self, item):
        """Return the settlements' items that an item is matched with."""
        partials = (
            item.matched_debit_ids
            | item.matched_credit_ids
            | item.move_id.exchange_diff_partial_ids
        )
        both = partials.debit_move_id | partials.credit_move_id
        return both.filtered("move_id.sp_settlement_id")

    def _places(self, matched):
        """Return {marketplace: domain of its items}; the rest is under the empty marketplace."""
        settlements = self.env["sp.settlement"].search([("company_id", "=", self.company_id.id)])
        place_of = {settlement: settlement._place() for settlement in settlements}
        settled, paid = {}, {}
        for settlement, place in place_of.items():
            settled.setdefault(place, []).append(settlement.id)
        for item in matched:
            place = place_of.get(self._partners(item).move_id.sp_settlement_id[:1])
            if place:
                paid.setdefault(place, []).append(item.id)
        domains = {
            place: Domain("move_id.sp_settlement_id", "in", ids)
            | Domain("move_id.sp_opening_id", "in", ids)
            | Domain("id", "in", paid.get(place, []))
            for place, ids in settled.items()
            if place
        }
        return {self.env["sp.marketplace"]: ~Domain.OR(domains.values())} | domains

    def _steps(self, matched):
        """Return {step: its domain}; each item up to the end of the period is in one of them."""
        period = Domain("date", ">=", self.date_from) & Domain("date", "<=", self.date_to)
        paid = Domain("id", "in", matched.ids)
        return {
            "opening": Domain("date", "<", self.date_from),
            "in": period & _SETTLED & Domain("amount_currency", ">=", 0),
            "out": period & _SETTLED & Domain("amount_currency", "<", 0),
            "matched": period & ~_SETTLED & paid,
            "other": period & ~_SETTLED & ~paid,
            "closing": Domain("date", "<=", self.date_to),
        }

    def _items_domain(self, step, account, currency, place=None):
        """Return the domain of the journal items behind one number.

        :param place: a marketplace, empty for the items of none; ``None`` for all
        """
        base = self._domain()
        matched = self._matched(base)
        domain = base & self._steps(matched)[step]
        if place is not None:
            domain &= self._places(matched)[place]
        return (
            domain & Domain("account_id", "=", account.id) & Domain("currency_id", "=", currency.id)
        )

    # === SUMS === #

    def _sums(self, domain):
        """Return {(account, currency): (sum in currency, sum in company currency, count)}."""
        groups = self.env["account.move.line"]._read_group(
            domain,
            ["account_id", "currency_id"],
            ["amount_currency:sum", "balance:sum", "__count"],
        )
        return {(account, currency): tuple(sums) for account, currency, *sums in groups}

    def _prepare_lines(self):
        base = self._domain()
        matched = self._matched(base)
        steps = self._steps(matched)
        lines = {}
        for place, here in self._places(matched).items():
            for step in STEPS:
                for (account, currency), sums in self._sums(base & here & steps[step]).items():
                    key = (account, place, currency)
                    vals = lines.setdefault(
                        key,
                        {
                            "account_id": account.id,
                            "marketplace_id": place.id,
                            "currency_id": currency.id,
                        },
                    )
                    vals |= {f"amount_{step}": sums[0], f"balance_{step}": sums[1]}
        return [
            lines[key]
            for key in sorted(
                lines, key=lambda key: (key[0].code or "", key[1].name or "", key[2].name)
            )
        ]


class SpRollForwardLine(models.TransientModel):
    """One account, marketplace and currency."""

    _name = "sp.roll.forward.line"
    _description = "Amazon Roll-Forward Line"
    _order = "id"

    roll_id = fields.Many2one("sp.roll.forward", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="roll_id.company_id", store=True)
    account_id = fields.Many2one("account.account", readonly=True)
    marketplace_id = fields.Many2one(
        "sp.marketplace",
        readonly=True,
        help="Of the settlement, or of the settlement that a bank line is matched with. Empty: "
        "neither from a settlement nor matched with one.",
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    amount_opening = fields.Monetary("Opening", readonly=True)
    amount_in = fields.Monetary(
        "In", readonly=True, help="Debits of posted settlements and opening entries."
    )
    amount_out = fields.Monetary(
        "Out", readonly=True, help="Credits of posted settlements and opening entries."
    )
    amount_matched = fields.Monetary(
        "Matched",
        readonly=True,
        help="Bank lines and other items that are matched with a settlement's.",
    )
    amount_other = fields.Monetary(
        "Other",
        readonly=True,
        help="Items that neither come from a settlement nor are matched with one.",
    )
    amount_closing = fields.Monetary("Closing", compute="_compute_closing", store=True)
    balance_opening = fields.Monetary(
        "Opening (Company)", readonly=True, currency_field="company_currency_id"
    )
    balance_in = fields.Monetary(
        "In (Company)", readonly=True, currency_field="company_currency_id"
    )
    balance_out = fields.Monetary(
        "Out (Company)", readonly=True, currency_field="company_currency_id"
    )
    balance_matched = fields.Monetary(
        "Matched (Company)", readonly=True, currency_field="company_currency_id"
    )
    balance_other = fields.Monetary(
        "Other (Company)", readonly=True, currency_field="company_currency_id"
    )
    balance_closing = fields.Monetary(
        "Closing (Company)",
        compute="_compute_closing",
        store=True,
        currency_field="company_currency_id",
    )

    @api.depends(*(f"{kind}_{step}" for kind in ("amount", "balance") for step in STEPS))
    def _compute_closing(self):
        for line in self:
            line.amount_closing = sum(line[f"amount_{step}"] for step in STEPS)
            line.balance_closing = sum(line[f"balance_{step}"] for step in STEPS)

    @api.depends("account_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.account_id.display_name

    def action_view_items(self):
        """Open the journal items behind a number: ``sp_step`` in the context names the column."""
        self.ensure_one()
        step = self.env.context.get("sp_step")
        step = step if step in STEPS else "closing"
        domain = self.roll_id._items_domain(
            step, self.account_id, self.currency_id, self.marketplace_id
        )
        return self.roll_id._items_action(domain, self._fields[f"amount_{step}"].string)
