"""What in a roll-forward does not fit: reserves, open items, missing entries, the ledger."""

from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ...engine.books.chain import find_chains
from ...engine.words.categories import DEPOSIT
from ...models.bank.sp_settlement_payment import OPEN


class SpRollForward(models.TransientModel):
    _inherit = "sp.roll.forward"

    def _prepare_breaks(self):
        """Return the values of everything in the period that a person should look at."""
        self.ensure_one()
        settlements = self.env["sp.settlement"].search(
            [("company_id", "=", self.company_id.id)], order="date_end, id"
        )
        inside = settlements.filtered(self._is_inside)
        return [
            *self._find_ledger(),
            *self._find_unposted(inside),
            *self._find_untrue(inside),
            *self._find_reserves(inside, settlements),
            *self._find_openings(inside),
            *self._find_other(),
            *self._find_open(),
            *self._find_unpaid(settlements),
        ]

    def _is_inside(self, settlement):
        """Tell whether a part of a settlement is, or would be, booked in the period."""
        if not settlement.date:
            return True  # held for want of any date: nobody knows
        start = settlement.date_start.date() if settlement.date_start else settlement.date
        return start <= self.date_to and settlement.date >= self.date_from

    # === THE LEDGER === #

    def _find_ledger(self):
        """Compare the sum of the lines with the balance of the account, read by itself."""
        shown = {}
        for line in self.line_ids:
            key = (line.account_id, line.currency_id)
            amount, balance = shown.get(key, (0.0, 0.0))
            shown[key] = (amount + line.amount_closing, balance + line.balance_closing)
        ledger = self._sums(self._domain() & Domain("date", "<=", self.date_to))
        home = self.company_id.currency_id
        for key in shown | ledger:
            account, currency = key
            amount, balance = shown.get(key, (0.0, 0.0))
            found, found_balance, _count = ledger.get(key, (0.0, 0.0, 0))
            if currency.compare_amounts(found, amount) or home.compare_amounts(
                found_balance, balance
            ):
                yield {
                    "kind": "ledger",
                    "name": self.env._(
                        "The ledger says %(ledger)s, this report %(report)s.",
                        ledger=currency.format(found),
                        report=currency.format(amount),
                    ),
                    "account_id": account.id,
                    "currency_id": currency.id,
                    "amount": found - amount,
                }

    def _find_other(self):
        for line in self.line_ids:
            no_amount = line.currency_id.is_zero(line.amount_other)
            if no_amount and line.company_currency_id.is_zero(line.balance_other):
                continue
            yield {
                "kind": "other",
                "name": self.env._(
                    "Neither from a settlement nor matched with one: match it, or move it."
                ),
                "account_id": line.account_id.id,
                "currency_id": line.currency_id.id,
                "amount": line.amount_other,
            }

    def _open_domain(self):
        mappings = self.env["sp.account.mapping"].sudo()  # a branch inherits from its parents
        accounts = mappings.search(
            [
                ("company_id", "in", self.company_id.sudo().parent_ids.ids),
                ("category", "=", DEPOSIT),
                ("account_id.reconcile", "=", True),
            ]
        ).account_id
        return (
            self._domain()
            & Domain("account_id", "in", accounts.ids)
            & Domain("reconciled", "=", False)
            & Domain("date", "<", self.date_to - timedelta(days=self.open_days))
        )

    def _find_open(self):
        groups = self.env["account.move.line"]._read_group(
            self._open_domain(),
            ["account_id", "currency_id"],
            ["amount_residual_currency:sum", "date:min", "__count"],
        )
        for account, currency, amount, oldest, count in groups:
            yield {
                "kind": "open",
                "name": self.env._(
                    "Items of the clearing account that are not matched: %(count)s, the oldest of "
                    "%(date)s.",
                    count=count,
                    date=format_date(self.env, oldest),
                ),
                "account_id": account.id,
                "currency_id": currency.id,
                "amount": amount,
            }

    # === SETTLEMENTS === #

    def _prepare_settlement_break(self, kind, settlement, name, amount):
        return {
            "kind": kind,
            "name": name,
            "settlement_id": settlement.id,
            "currency_id": settlement.currency_id.id,
            "amount": amount,
        }

    def _find_unposted(self, settlements):
        states = dict(settlements._fields["state"]._description_selection(self.env))
        unposted = settlements.filtered(
            lambda item: item.state not in ("posted", "partly", "changed", "empty", "elsewhere")
        )
        for settlement in unposted:
            name = self.env._(
                "%(state)s: not posted, so it is in none of these numbers.",
                state=states[settlement.state],
            )
            yield self._prepare_settlement_break(
                "unposted", settlement, name, settlement.amount_total
            )

    def _find_untrue(self, settlements):
        untrue = settlements.filtered(lambda item: item.state in ("partly", "changed"))
        for settlement in untrue:
            name = self.env._(
                "The ledger is not as it was planned: %(first)s",
                first=(settlement.ledger_note or "").partition("\n")[0],
            )
            yield self._prepare_settlement_break("entry", settlement, name, settlement.amount_total)

    def _find_unpaid(self, settlements):
        """Name the payouts that were due long before the period's end and are not paid today."""
        last = self.date_to - timedelta(days=self.open_days)
        for settlement in settlements:
            due = settlement.date_deposit and settlement.date_deposit.date()
            if due and due < last and settlement.payment_state in OPEN:
                name = self.env._(
                    "The bank should have seen the payout on %(date)s.",
                    date=format_date(self.env, due),
                )
                yield self._prepare_settlement_break(
                    "unpaid", settlement, name, settlement.amount_open
                )

    def _find_reserves(self, inside, settlements):
        """Compare each released reserve with what the settlement before held."""
        reserves = self.env["sp.settlement.gap"]._reserves(settlements)
        before = self._chain(settlements)
        for settlement in inside:
            currency = settlement.currency_id
            previous = before.get(settlement)
            if not previous:
                continue  # what it releases is an opening balance
            (found, _holds), (_released, expected) = reserves[settlement.id], reserves[previous.id]
            if None in (found, expected) or found == expected:
                continue  # equal, or its own file is not proved, which holds it
            name = self.env._(
                "It releases a reserve of %(found)s, but %(ref)s held %(expected)s.",
                found=currency.format(float(found)),
                ref=previous.settlement_ref,
                expected=currency.format(float(expected)),
            )
            yield self._prepare_settlement_break(
                "reserve", settlement, name, float(found - expected)
            ) | {"previous_id": previous.id}

    def _find_openings(self, inside):
        """Name the first settlements whose opening balances are missing or do not fit."""
        service = self.env["sp.opening"]
        first = service._first(inside)
        for settlement in inside:
            status = service._status(settlement, settlement in first)
            if name := service._describe(settlement, status):
                due = [one for one in service._carried(settlement) if one.is_due]
                amount = float(sum(one.amount for one in due))
                yield self._prepare_settlement_break("opening", settlement, name, amount)

    def _chain(self, settlements):
        """Return {settlement: the one before it}, without the first of each chain."""
        before = {}
        for _currency, group in settlements.grouped("currency_id").items():
            known = {settlement.settlement_ref: settlement for settlement in group}
            for chain in find_chains(self.env["sp.settlement.gap"]._periods(known)).chains:
                refs = [period.key for period in chain]
                before |= {
                    known[ref]: known[previous]
                    for previous, ref in zip(refs, refs[1:], strict=False)
                }
        return before

    # === DRILL-DOWN === #

    def _items_action(self, domain, name):
        """Return the action that lists journal items."""
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "account.move.line",
            "views": [
                (self.env.ref("sp_connector.account_move_line_view_list_amazon").id, "list"),
                (False, "form"),
            ],
            "search_view_id": [self.env.ref("account.view_account_move_line_filter").id],
            "domain": list(domain),
            "context": {"create": False},
        }


class SpRollForwardBreak(models.TransientModel):
    """One thing that does not fit."""

    _name = "sp.roll.forward.break"
    _description = "Amazon Roll-Forward Break"
    _order = "id"

    roll_id = fields.Many2one("sp.roll.forward", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="roll_id.company_id", store=True)
    kind = fields.Selection(
        [
            ("ledger", "Differs from the ledger"),
            ("unposted", "Settlement not posted"),
            ("entry", "Entry changed"),
            ("reserve", "Reserve does not continue"),
            ("opening", "Opening balance"),
            ("other", "Not from settlements"),
            ("open", "Open for long"),
            ("unpaid", "Not paid for long"),
        ],
        "What",
        readonly=True,
    )
    name = fields.Char("Why", readonly=True)
    account_id = fields.Many2one("account.account", readonly=True)
    settlement_id = fields.Many2one("sp.settlement", readonly=True, ondelete="cascade")
    previous_id = fields.Many2one(
        "sp.settlement", "Settlement Before", readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(readonly=True)

    def _open_domain(self):
        mine = Domain("account_id", "=", self.account_id.id) & Domain(
            "currency_id", "=", self.currency_id.id
        )
        return self.roll_id._open_domain() & mine

    def _open_items(self):
        """Return the journal items that have been open for long."""
        items = self.env["account.move.line"]
        return items.search(self._open_domain(), order="date, id") if self.kind == "open" else items

    def action_settle(self):
        """Ask how to settle what is too small to wait for."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Settle Small Items"),
            "res_model": "sp.settle.small",
            "view_mode": "form",
            "target": "new",
            "context": {"default_break_id": self.id},
        }

    def action_view(self):
        """Open what is behind it: journal items, the settlement, or both settlements' reserves."""
        self.ensure_one()
        roll = self.roll_id
        if self.kind == "reserve":
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "sp_connector.sp_settlement_line_action"
            )
            both = self.settlement_id | self.previous_id
            domain = [("settlement_id", "in", both.ids), ("category", "=", "reserve")]
            return action | {"domain": domain, "context": {}}
        if self.settlement_id:
            return self.settlement_id._get_records_action()
        if self.kind == "open":
            domain = self._open_domain()
        else:
            step = "other" if self.kind == "other" else "closing"
            domain = roll._items_domain(step, self.account_id, self.currency_id)
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return roll._items_action(domain, kinds[self.kind])
