"""What Amazon carried before the first settlement that is booked here, and what is to be done."""

from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date, format_list

from ...engine.books.chain import find_chains
from ...engine.lines.summary import Grouping
from ..meaning.category_labels import category_label

#: What a settlement takes up from the one before it; a debt perhaps from one beside it.
CARRIED = ("reserve", "carried_balance", "failed_transfer", "debt_adjustment")
_UNSURE = "debt_adjustment"
#: Such are nobody's first: they are in no books of ours.
_UNBOOKABLE = ("elsewhere", "empty")


class Carried(NamedTuple):
    """Something that a first settlement takes up.

    :param line: the summary line that takes it up
    :param account: where it is booked, empty while nobody has said so
    :param amount: what the account must carry before, ``Decimal``; debit positive
    :param standing: how others gave it to that account already, in words; ``""`` if they did not
    """

    line: object
    account: object
    amount: Decimal
    standing: str

    @property
    def is_due(self):
        """It is from before, for sure, and missing."""
        return not self.standing and self.line.category != _UNSURE


class SpOpening(models.AbstractModel):
    """Finds what is missing of opening balances. Nothing of it is kept beside the ledger.

    An opening entry is one that says so (``sp_opening_id``), and a first settlement one before
    which nothing of its chain is booked here.
    """

    _name = "sp.opening"
    _description = "Opening Balances of Amazon Accounts"

    # === WHICH SETTLEMENTS === #

    @api.model
    def _before(self, settlements):
        """Return {settlement: the one before it, or none}; of undated ones nothing is known."""
        gaps, found = self.env["sp.settlement.gap"], {}
        for (company, currency), group in settlements.grouped(
            lambda one: (one.company_id, one.currency_id)
        ).items():
            known = gaps._read_settlements(company, currency)
            for chain in find_chains(gaps._periods(known)).chains:
                before = group.browse()
                for period in chain:
                    settlement = known[period.key].with_env(group.env)
                    if settlement in group:
                        found[settlement] = before
                    before = settlement
        return found

    @api.model
    def _first(self, settlements):
        """Return those of settlements before which nothing of their chain is booked here.

        Also where the one before is here and booked elsewhere: what it held is on others' accounts.
        """
        settlements = settlements.sudo().filtered(lambda one: one.state not in _UNBOOKABLE)
        before = self._before(settlements)
        return settlements.filtered(
            lambda one: one in before and (not before[one] or before[one].state == "elsewhere")
        )

    @api.model
    def _is_first(self, settlement):
        """As ``_first``, for one that somebody looks at: most have a neighbour, which is cheap."""
        before, _after = settlement.sudo()._find_neighbours()
        if before and before.state != "elsewhere":
            return False
        return bool(self._first(settlement))

    @api.model
    def _active(self, settlement):
        """Return the opening entry that counts: neither cancelled nor reversed."""
        return settlement.sudo().opening_ids.filtered(
            lambda move: (
                move.state != "cancel"
                and not move.reversed_entry_id
                and "posted" not in move.reversal_move_ids.mapped("state")
            )
        )[:1]

    @api.model
    def _status(self, settlement, is_first=None):
        """Say how it stands.

        ``due``, ``declined`` (due, but a person says that none is needed), ``draft``, ``differs``,
        ``stale``, ``done`` or ``""``.
        """
        opening = self._active(settlement)
        if not (self._is_first(settlement) if is_first is None else is_first):
            return "stale" if opening else ""
        if opening.state == "draft":
            return "draft"
        if opening:
            return "differs" if self._differences(settlement) else "done"
        if not any(one.is_due for one in self._carried(settlement)):
            return ""
        return "declined" if settlement.opening_declined_user_id else "due"

    @api.model
    def _find_due(self, companies):
        """Return the settlements of companies whose opening balances a person must look at.

        Asked are those that take up something that is not matched: few, once the books run.
        """
        settlements = self.env["sp.settlement"].sudo()
        mine = Domain("company_id", "in", companies.ids)
        taken_up = Domain(
            [
                ("category", "in", CARRIED),
                ("amount", "!=", 0),
                "|",
                ("move_line_id", "=", False),
                ("move_line_id.reconciled", "=", False),
            ]
        )
        asked = Domain("opening_state", "!=", False) | Domain("line_ids", "any", taken_up)
        candidates = settlements.search(mine & asked)
        first = self._first(candidates)
        return candidates.filtered(
            lambda one: self._status(one, one in first) not in ("", "declined", "done")
        ).sudo(False)

    # === WHAT IS CARRIED === #

    @api.model
    def _lines(self, settlement):
        """Return the lines by which a settlement takes up what was before it."""
        return settlement.line_ids.filtered(
            lambda line: (
                line.category in CARRIED
                and not line.currency_id.is_zero(line.amount)
                and (line.category != "reserve" or "previous" in " ".join(line._triple()).lower())
                and (line.category != _UNSURE or not self._has_other_side(line))
            )
        )

    def _has_other_side(self, line):
        """Tell whether another settlement here has a debt's other side."""
        settlement = line.settlement_id
        other = [
            ("category", "=", _UNSURE),
            ("amount", "=", -line.amount),
            ("settlement_id", "!=", settlement.id),
            ("settlement_id.company_id", "=", settlement.company_id.id),
            ("settlement_id.currency_id", "=", settlement.currency_id.id),
        ]
        return bool(line.search_count(other, limit=1))

    @api.model
    def _carried(self, settlement):
        """Return what a settlement takes up, as ``Carried``, unless something else closed it."""
        settlement = settlement.sudo()
        lines = self._lines(settlement).filtered(lambda line: not self._is_closed(line))
        if not lines:
            return []
        is_booked = all(line.move_line_id for line in lines)
        planned = {} if is_booked else settlement._decide().choices
        carried = []
        for line in lines:
            account = line.move_line_id.account_id
            if not account and line.id in planned:
                account = account.browse(planned[line.id].rule.account)
            amount = settlement._decimal(line.amount)
            standing = self._find_standing(settlement, account, amount) if account else ""
            carried.append(Carried(line, account, amount, standing))
        return carried

    def _is_closed(self, line):
        """Tell whether its journal item is matched, with something else than an opening entry."""
        item = line.move_line_id
        partners = item.matched_debit_ids.debit_move_id | item.matched_credit_ids.credit_move_id
        return item.reconciled and not partners.move_id.sp_opening_id

    @api.model
    def _start(self, settlement):
        """Return the day on which it starts; the last entry before is of that day, too."""
        return Grouping(settlement.company_id._sp_zone()).day(settlement.date_start)

    def _others(self, settlement):
        """Return the domain of posted items of others until the day on which it starts."""
        return Domain(
            [
                ("company_id", "=", settlement.company_id.id),
                ("parent_state", "=", "posted"),
                ("currency_id", "=", settlement.currency_id.id),
                ("date", "<=", self._start(settlement)),
                ("move_id.sp_settlement_id", "=", False),
                ("move_id.sp_opening_id", "=", False),
            ]
        )

    def _find_standing(self, settlement, account, amount):
        """Say how others gave an account exactly what it must carry, ``""`` if they did not."""
        items = self.env["account.move.line"].sudo()
        others = self._others(settlement) & Domain("account_id", "=", account.id)
        if account.reconcile and (
            item := items.search(
                others & Domain("amount_residual_currency", "=", float(amount)), limit=1
            )
        ):
            return self.env._("Stands there already, as %(entry)s.", entry=item.move_id.name)
        ((balance,),) = items._read_group(others, [], ["amount_currency:sum"])
        if balance and settlement._decimal(balance) == amount:
            return self.env._("Is the balance there already.")
        return ""

    @api.model
    def _differences(self, settlement):
        """Return {account: (what the opening entry says, what is taken up)} where they differ."""
        wanted, given = {}, {}
        for item in self._active(settlement).line_ids:
            amount = settlement._decimal(item.amount_currency)
            given[item.account_id] = given.get(item.account_id, 0) + amount
        for one in self._carried(settlement):
            if one.is_due or one.account in given and not one.standing:
                wanted[one.account] = wanted.get(one.account, 0) + one.amount
        return {
            account: (given.get(account, 0), amount)
            for account, amount in wanted.items()
            if given.get(account, 0) != amount
        }

    # === WHERE OTHERS CARRIED IT === #

    @api.model
    def _find_counter(self, settlement, carried):
        """Return [(account or none, why)] for each ``Carried``: where others carried it.

        On the one account whose balance is exactly that, else on the one that has it as its only
        open item of that amount. What is not that clear is a person's to say.
        """
        settlement, items = settlement.sudo(), self.env["account.move.line"].sudo()
        ours = [one.account.id for one in carried]
        others = self._others(settlement) & Domain(
            [
                ("account_id.internal_group", "in", ("asset", "liability", "equity")),
                ("account_id.account_type", "!=", "asset_cash"),
                ("account_id", "not in", ours),
            ]
        )
        balances = items._read_group(others, ["account_id"], ["amount_currency:sum"])
        amounts = [float(one.amount) for one in carried]
        open_items = items.search(
            others
            & Domain("account_id.reconcile", "=", True)
            & Domain("amount_residual_currency", "in", amounts)
        )
        found = []
        for one in carried:
            exact = [
                account for account, sum_ in balances if settlement._decimal(sum_) == one.amount
            ]
            open_ones = [
                item
                for item in open_items
                if settlement._decimal(item.amount_residual_currency) == one.amount
            ]
            found.append(self._choose(settlement, exact, open_ones))
        return found

    def _choose(self, settlement, exact, open_items):
        nobody = self.env["account.account"]
        day = format_date(self.env, self._start(settlement))
        if len(exact) == 1:
            return exact[0], self.env._("Its balance on %(day)s is exactly this.", day=day)
        if not exact and len(open_items) == 1:
            return open_items[0].account_id, self.env._(
                "%(entry)s is open there, of exactly this amount.", entry=open_items[0].move_id.name
            )
        if fitting := nobody.union(*exact, *(item.account_id for item in open_items)):
            names = format_list(self.env, fitting.mapped("display_name"))
            return nobody, self.env._("Several fit, choose: %(accounts)s.", accounts=names)
        return nobody, self.env._("No account carried exactly this on %(day)s: choose.", day=day)

    # === IN WORDS === #

    @api.model
    def _describe(self, settlement, status):
        """Say on a settlement what is to be known or done, ``""`` for nothing."""
        if status == "due":
            return self._describe_due(settlement)
        if status == "draft":
            return self.env._(
                "The opening entry of what Amazon carried before this settlement is a draft."
            )
        if status == "differs":
            return "\n".join(
                self.env._(
                    "%(account)s: the opening entry says %(given)s, this settlement takes up "
                    "%(wanted)s.",
                    account=account.sudo().display_name,
                    given=settlement._money(given),
                    wanted=settlement._money(wanted),
                )
                for account, (given, wanted) in self._differences(settlement).items()
            )
        return self._describe_stale(settlement) if status == "stale" else ""

    def _describe_due(self, settlement):
        parts = [
            f"{category_label(self.env, one.line.category)} {settlement._money(one.amount)}"
            for one in self._carried(settlement)
            if one.is_due
        ]
        return self.env._(
            "Nothing that is booked here comes before this settlement, and it takes up what was "
            "before: %(parts)s. Without an opening entry its accounts are off by that for ever.",
            parts=format_list(self.env, parts),
        )

    @api.model
    def _describe_stale(self, settlement):
        """Say why an opening entry no longer fits."""
        before = self._before(settlement.sudo()).get(settlement.sudo())
        if not before:
            return self.env._(
                "The opening entry no longer fits: the settlement is not booked here."
            )
        return self.env._(
            "The opening entry no longer fits: settlement %(ref)s, which came since, is the one "
            "before. Take the entry back; the first settlement then asks for its own.",
            ref=before.settlement_ref,
        )

    @api.model
    def _log(self, settlements):
        """Note on settlements that arrive that they are the first and take something up."""
        if not {line.category for line in settlements.line_ids} & set(CARRIED):
            return
        bodies = {
            one.id: self._describe_due(one)
            for one in self._first(settlements)
            if self._status(one, True) == "due"
        }
        if bodies:
            settlements.browse(bodies)._message_log_batch(bodies=bodies)
