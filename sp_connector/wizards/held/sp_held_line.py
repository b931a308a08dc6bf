"""Why Amazon holds it: each reason's opening, movements and closing, from the ledger."""

from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...engine.amazon import finances
from ...engine.words.categories import ROLLOVER
from ...models.held.sp_held_sources import ORIGINS

#: Reason → Amazon's name of such a balance, ``None`` for what Amazon does not hold any more.
KINDS = {
    "reserve": finances.ACCOUNT_LEVEL_RESERVE,
    "deferred": finances.DEFERRED,
    "released": finances.AVAILABLE,
    "rollover": finances.AVAILABLE,
    "failed": finances.AVAILABLE,
    "carried": finances.AVAILABLE,
    "debt": finances.AVAILABLE,
    "transit": None,
}
#: What stands on an account of its own: category → reason.
_CATEGORIES = {
    "reserve": "reserve",
    ROLLOVER: "rollover",
    "failed_transfer": "failed",
    "carried_balance": "carried",
    "debt_adjustment": "debt",
}
_STEPS = ("opening", "in", "out")


class SpHeld(models.TransientModel):
    _inherit = "sp.held"

    def _prepare_lines(self):
        """Return the values of all reasons, those of one account beside each other."""
        self.ensure_one()
        places = self._places()
        lines = [
            vals
            for vals in (
                *self._on_own(places),
                *self._accrued(places),
                *self._on_invoices(),
                *self._on_clearing(places),
            )
            if not self.currency_id or vals["currency_id"] == self.currency_id.id
        ]
        order = [*KINDS, "invoiced", "opening", "exchange", "elsewhere", "other", "unexplained"]
        return sorted(
            filter(self._is_anything, lines),
            key=lambda vals: (order.index(vals["reason"]), vals["currency_id"]),
        )

    def _is_anything(self, vals):
        currency = self.env["res.currency"].browse(vals["currency_id"])
        home = self.company_id.currency_id
        return any(
            not currency.is_zero(vals[f"amount_{step}"])
            or not home.is_zero(vals[f"balance_{step}"])
            for step in _STEPS
        )

    def _prepare_line(self, reason, account, currency, steps, **more):
        """Return the values of a line.

        :param steps: {step: (amount, balance)}
        """
        vals = {"reason": reason, "account_id": account.id, "currency_id": currency.id, **more}
        vals.setdefault("kind", KINDS.get(reason))
        for index, name in enumerate(("amount", "balance")):
            for step in _STEPS:
                vals[f"{name}_{step}"] = steps.get(step, (0.0, 0.0))[index]
            # As the records say, which are not there yet.
            vals[f"{name}_closing"] = sum(vals[f"{name}_{step}"] for step in _STEPS)
        return vals

    # === WHICH ITEMS === #

    def _clearing(self, day):
        return self.env["sp.clearing"].new({"company_id": self.company_id.id, "date": day})

    def _accruals(self, *days):
        """Return the accruals of these cut-offs; of all without any."""
        domain = Domain("company_id", "=", self.company_id.id)
        if self.connection_id:
            domain &= Domain("connection_id", "=", self.connection_id.id)
        if days:
            domain &= Domain("date", "in", days)
        return self.env["sp.accrual"].search(domain)

    def _places(self):
        """Return {account: what stands on it}; ``clearing`` and ``accrued`` hold several."""
        company = self.company_id.sudo()
        found = dict.fromkeys(self._clearing(self.date)._accounts(), "clearing")
        for account in self.env["sp.accrual"].search([("company_id", "=", company.id)]).account_id:
            found.setdefault(account.sudo(), "accrued")
        mappings = self.env["sp.account.mapping"].sudo()  # a branch inherits from its parents
        mappings = mappings.search([("company_id", "in", company.parent_ids.ids)])
        for category, reason in _CATEGORIES.items():
            # Also what was booked before somebody mapped another account.
            booked = self.env["account.move.line"]._read_group(
                [
                    ("company_id", "=", company.id),
                    ("parent_state", "=", "posted"),
                    ("sp_line_ids.category", "=", category),
                ],
                ["account_id"],
            )
            accounts = mappings.filtered(lambda line: line.category == category).account_id  # noqa: B023
            for account in accounts.union(*(one.sudo() for (one,) in booked)):
                found.setdefault(account, reason)
        return found

    def _domain(self, day, accounts, currency=None):
        """Return the domain of the posted items of accounts until a day."""
        domain = self._clearing(day)._domain(accounts)
        return domain & Domain("currency_id", "=", currency.id) if currency else domain

    def _ledger(self, day, places):
        """Return {(account, currency): (amount, balance)} of all accounts at the end of a day."""
        accounts = self.env["account.account"].sudo().union(*places)
        groups = self.env["account.move.line"]._read_group(
            self._domain(day, accounts),
            ["account_id", "currency_id"],
            ["amount_currency:sum", "balance:sum"],
        )
        return {(account.sudo(), currency): tuple(sums) for account, currency, *sums in groups}

    # === ACCOUNTS OF THEIR OWN === #

    def _shares(self):
        """Return {whose: its domain}: of the chosen connection, of others, Odoo's own, the rest."""
        settled = Domain("move_id.sp_settlement_id", "!=", False)
        mine = settled
        if self.connection_id:
            mine &= Domain("move_id.sp_settlement_id.connection_id", "=", self._owner().id)
        opening = ~settled & Domain("move_id.sp_opening_id", "!=", False)
        exchange = ~settled & Domain("move_id.exchange_diff_partial_ids", "!=", False)
        return {
            "mine": mine,
            "elsewhere": settled & ~mine,
            "opening": opening,
            "exchange": exchange,
            "other": ~settled & ~opening & ~exchange,
        }

    def _on_own(self, places):
        """Yield what settlements, and others, left on the accounts that hold one reason each."""
        reasons = {account: reason for account, reason in places.items() if reason in KINDS}
        accounts = self.env["account.account"].sudo().union(*reasons)
        base = self._domain(self.date, accounts)
        before = Domain("date", "<", self.date_from)
        steps = {
            "opening": before,
            "in": ~before & Domain("amount_currency", ">=", 0),
            "out": ~before & Domain("amount_currency", "<", 0),
        }
        for whose, share in self._shares().items():
            sums = defaultdict(dict)
            for step, domain in steps.items():
                for account, currency, *found in self.env["account.move.line"]._read_group(
                    base & share & domain,
                    ["account_id", "currency_id"],
                    ["amount_currency:sum", "balance:sum"],
                ):
                    sums[account.sudo(), currency][step] = tuple(found)
            for (account, currency), found in sums.items():
                reason = reasons[account]
                kind = None if whose == "elsewhere" else KINDS[reason]
                yield self._prepare_line(
                    reason if whose == "mine" else whose, account, currency, found, kind=kind
                )

    # === ACCRUALS === #

    def _accrued(self, places):
        """Yield what the accruals of both days booked as deferred, and as released.

        An accrual is taken back on the next day, so each is new; the rest of the account is other.
        """
        before = self.date_from - timedelta(days=1)
        booked = {day: self._accrued_on(day) for day in (before, self.date)}
        for key in dict.fromkeys([*booked[before], *booked[self.date]]):
            opening, closing = (booked[day].get(key, (0.0, 0.0)) for day in (before, self.date))
            account, currency, reason = key
            back = tuple(-amount for amount in opening)
            steps = {"opening": opening, "in": closing, "out": back}
            yield self._prepare_line(reason, account, currency, steps)
        rest = {}
        for day, found in booked.items():
            rest[day] = {
                key: list(sums)
                for key, sums in self._ledger(day, places).items()
                if places.get(key[0]) == "accrued"
            }
            for (account, currency, _reason), amounts in found.items():
                sums = rest[day].setdefault((account, currency), [0.0, 0.0])
                for index, amount in enumerate(amounts):
                    sums[index] -= amount
        for account, currency in dict.fromkeys([*rest[before], *rest[self.date]]):
            opening, closing = (
                rest[day].get((account, currency), (0.0, 0.0)) for day in (before, self.date)
            )
            change = tuple(new - old for new, old in zip(closing, opening, strict=True))
            steps = {"opening": tuple(opening), "in" if change[0] >= 0 else "out": change}
            kind = finances.AVAILABLE
            yield self._prepare_line("other", account, currency, steps, kind=kind)

    def _accrued_on(self, day):
        """Return {(account, currency, reason): (amount, balance)} booked at a cut-off."""
        reasons = {origin: reason for reason, origins in ORIGINS.items() for origin in origins}
        found = defaultdict(lambda: (0.0, 0.0))
        for accrual in self._accruals(day):
            for item in accrual._booked_moves().line_ids.filtered("sp_accrual_key"):
                reason = reasons[item.sp_accrual_key.partition("|")[0]]
                key = accrual.account_id.sudo(), item.currency_id, reason
                amount, balance = found[key]
                found[key] = amount - item.amount_currency, balance - item.balance
        return found

    def _on_invoices(self):
        """Yield what Amazon holds of sales that accruals left to invoices: buyers owe it there."""
        before = self.date_from - timedelta(days=1)
        owed = {day: self._left_on(day) for day in (before, self.date)}
        for kind, currency in dict.fromkeys([*owed[before], *owed[self.date]]):
            opening, closing = (owed[day].get((kind, currency), (0.0, 0.0)) for day in owed)
            back = tuple(-amount for amount in opening)
            steps = {"opening": opening, "in": closing, "out": back}
            nowhere = self.env["account.account"]
            yield self._prepare_line("invoiced", nowhere, currency, steps, kind=kind)

    def _left_on(self, day):
        """Return {(kind, currency): (amount, balance)} that accruals of a cut-off left."""
        home, found = self.company_id.currency_id, defaultdict(lambda: (0.0, 0.0))
        for line in self._accruals(day)._left_to_invoices():
            currency, key = line.currency_id, (self._kind_of(line), line.currency_id)
            balance = currency._convert(line.amount, home, self.company_id, day)
            found[key] = _add([found[key], (line.amount, balance)])
        return found

    def _kind_of(self, line):
        """Return Amazon's name of the balance that holds what is behind an accrual's line."""
        return next(KINDS[reason] for reason, names in ORIGINS.items() if line.origin in names)

    # === CLEARING ACCOUNTS === #

    def _on_clearing(self, places):
        """Yield what is open on the clearing accounts by reason, and what is not open items."""
        before = self.date_from - timedelta(days=1)
        opened, closed = self._open_on(before), self._open_on(self.date)
        left = {
            day: self._left_over(day, found, places)
            for day, found in ((before, opened), (self.date, closed))
        }
        for key in dict.fromkeys([*opened, *closed]):
            reason, account, currency = key
            old, new = opened.get(key, {}), closed.get(key, {})
            steps = {"opening": _add(old.values())}
            steps["in"] = _add(amounts for item, amounts in new.items() if item not in old)
            changes = [
                tuple(now - then for now, then in zip(new.get(item, (0, 0)), was, strict=True))
                for item, was in old.items()
            ]
            steps["out"] = _add(changes)
            yield self._prepare_line(reason, account, currency, steps, item_ids=list(new))
        for key in dict.fromkeys([*left[before], *left[self.date]]):
            old, new = (left[day].get(key, (0.0, 0.0)) for day in (before, self.date))
            change = tuple(now - then for now, then in zip(new, old, strict=True))
            steps = {"opening": old, "in": change}
            yield self._prepare_line("unexplained", *key, steps)

    def _open_on(self, day):
        """Return {(reason, account, currency): {item: (open amount, open balance)}}."""
        clearing, found = self._clearing(day), defaultdict(dict)
        owner = self._owner()
        for one in clearing._find_open():
            for vals in clearing._prepare_item(*one):
                item = one[0]
                reason = self._reason_of(vals["kind"], item, vals["amount"], day)
                settlement = self.env["sp.settlement"].sudo().browse(vals["settlement_id"])
                if owner and settlement and settlement.connection_id != owner:
                    reason = "elsewhere"
                key = reason, item.account_id, item.currency_id
                found[key][item.id] = vals["amount"], vals["balance"]
        return found

    def _left_over(self, day, found, places):
        """Return {(account, currency): (amount, balance)} that is no open item: none, mostly."""
        sums = {
            key: list(amounts)
            for key, amounts in self._ledger(day, places).items()
            if places[key[0]] == "clearing"
        }
        for (_reason, account, currency), items in found.items():
            total = sums.setdefault((account, currency), [0.0, 0.0])
            for index, amount in enumerate(_add(items.values())):
                total[index] -= amount
        return {key: tuple(amounts) for key, amounts in sums.items()}

    def _reason_of(self, kind, item, amount, day):
        """Say why an item was open on the day, by what it is and what took it up since."""
        if kind in ("waiting", "partly"):
            if amount < 0:
                return "carried"  # a debt, which the next settlement takes up
            since = (item.matched_debit_ids | item.matched_credit_ids).filtered(
                lambda partial: partial.max_date > day
            )
            takers = since.debit_move_id | since.credit_move_id
            failed = "failed_transfer" in takers.sp_line_ids.mapped("category")
            return "failed" if failed else "transit"
        if kind == "handed":
            categories = set(item.sp_line_ids.mapped("category")) or {"carried_balance"}
            if len(categories) > 1:
                return "carried"
            # The deposit that verifies a bank account has left Amazon.
            return {**_CATEGORIES, "bank_verification": "transit"}.get(categories.pop(), "other")
        if kind == "opening":
            return "opening"
        return "exchange" if kind in ("exchange", "rounding") else "other"


def _add(amounts):
    """Add up pairs of amount and balance."""
    total = (0.0, 0.0)
    for amount, balance in amounts:
        total = total[0] + amount, total[1] + balance
    return total


class SpHeldLine(models.TransientModel):
    """One reason on one account, in one currency."""

    _name = "sp.held.line"
    _description = "What Amazon Holds, Reason"
    _order = "id"

    held_id = fields.Many2one("sp.held", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="held_id.company_id", store=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    reason = fields.Selection(
        [
            ("reserve", "Account reserve"),
            ("deferred", "Deferred"),
            ("released", "Earned, not settled"),
            ("invoiced", "Owed on invoices"),
            ("rollover", "Settled after the month's end"),
            ("failed", "Failed transfer"),
            ("carried", "Carried balance"),
            ("debt", "Debt between marketplaces"),
            ("transit", "Payout under way"),
            ("opening", "Opening balance"),
            ("exchange", "Exchange difference"),
            ("elsewhere", "Other connections and uploads"),
            ("other", "Not from settlements"),
            ("unexplained", "Cannot be matched"),
        ],
        readonly=True,
    )
    kind = fields.Char(readonly=True, help="Amazon's name of such a balance.")
    account_id = fields.Many2one("account.account", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    item_ids = fields.Json(readonly=True, help="The open items, where it is made of those.")
    amount_opening = fields.Monetary("Opening", readonly=True)
    amount_in = fields.Monetary("In", readonly=True)
    amount_out = fields.Monetary("Out", readonly=True)
    amount_closing = fields.Monetary("Closing", readonly=True)
    balance_opening = fields.Monetary(
        "Opening (Company)", readonly=True, currency_field="company_currency_id"
    )
    balance_in = fields.Monetary(
        "In (Company)", readonly=True, currency_field="company_currency_id"
    )
    balance_out = fields.Monetary(
        "Out (Company)", readonly=True, currency_field="company_currency_id"
    )
    balance_closing = fields.Monetary(
        "Closing (Company)", readonly=True, currency_field="company_currency_id"
    )

    @api.depends("reason", "account_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        reasons = dict(self._fields["reason"]._description_selection(self.env))
        for line in self:
            line.display_name = reasons.get(line.reason)

    def action_view(self):
        """Open what it is made of: transactions of the accrual, or journal items."""
        self.ensure_one()
        held = self.held_id
        if self.reason in (*ORIGINS, "invoiced"):
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "sp_connector.sp_accrual_transaction_action"
            )
            domain = Domain("accrual_id", "in", held._accruals(held.date).ids)
            if self.reason == "invoiced":
                lines = held._accruals(held.date)._left_to_invoices()
                lines = lines.filtered(lambda line: held._kind_of(line) == self.kind)
                domain &= Domain("line_ids", "in", lines.ids)
            else:
                domain &= Domain("origin", "in", ORIGINS[self.reason])
            return action | {
                "domain": list(domain & Domain("currency_id", "=", self.currency_id.id))
            }
        domain = held._domain(held.date, self.account_id, self.currency_id)
        place = held._places().get(self.account_id.sudo())
        if place == "clearing" and self.reason != "unexplained":
            domain = Domain("id", "in", self.item_ids or [])
        elif place in KINDS:
            domain &= held._shares().get(self.reason) or held._shares()["mine"]
        elif place == "accrued":
            domain &= Domain("move_id.sp_accrual_id", "not in", held._accruals(held.date).ids)
        return self.env["sp.roll.forward"]._items_action(domain, self.display_name)
