"""From a proved settlement to a journal entry, and back."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..engine.categories import DEPOSIT
from ..engine.entry import plan_entry
from .category_labels import category_label


class SpSettlement(models.Model):
    _inherit = "sp.settlement"

    # === WHAT HOLDS A SETTLEMENT === #

    @api.model
    def _recheck(self, companies):
        """Look again at every settlement of these companies that has no entry yet."""
        if companies:
            self.sudo().search(
                [("company_id", "in", companies.ids), ("state", "in", ("held", "review"))]
            )._check()

    def _check(self):
        """Classify the lines anew and write down what holds each settlement, if anything."""
        unbooked = self.filtered(lambda settlement: settlement.state in ("held", "review", False))
        for company, settlements in unbooked.grouped("company_id").items():
            classifier = self.env["sp.category.rule"]._classifier(company)
            accounts = self.env["sp.account.mapping"]._accounts(company)
            settlements.line_ids._classify(classifier)
            for settlement in settlements:
                mapping = settlement._find_unmapped(accounts)
                reasons = settlement._find_unproved() + mapping + settlement._find_blockers()
                settlement._write_changes(
                    {
                        "hold_reason": "\n".join(reasons) or False,
                        "needs_mapping": bool(mapping),
                    }
                )

    def _write_changes(self, vals):
        changed = {name: value for name, value in vals.items() if self[name] != value}
        if changed:
            self.write(changed)

    def _find_unproved(self):
        """Say why the file does not prove the settlement: problems, bad rows, a difference."""
        self.ensure_one()
        currency = self.currency_id
        reasons = []
        if self.file_problem:
            reasons.append(
                self.env._("The file cannot be trusted:\n%(problems)s", problems=self.file_problem)
            )
        if self.has_total and currency.compare_amounts(self.amount_total, self.amount_rows):
            reasons.append(
                self.env._(
                    "Amazon's total is %(total)s, its rows add up to %(rows)s: a difference of "
                    "%(difference)s. Reports that lack a Current Reserve Amount or a loan "
                    "repayment are known; Amazon reissues them. Download the file again, delete "
                    "this settlement and import the new file.",
                    total=currency.format(self.amount_total),
                    rows=currency.format(self.amount_rows),
                    difference=currency.format(self.amount_total - self.amount_rows),
                )
            )
        if currency.compare_amounts(self.amount_rows, self.amount_lines):
            reasons.append(
                self.env._(
                    "The lines add up to %(lines)s, the rows to %(rows)s. Delete the settlement "
                    "and import it again.",
                    lines=currency.format(self.amount_lines),
                    rows=currency.format(self.amount_rows),
                )
            )
        return reasons

    def _find_unmapped(self, accounts):
        """Name the words nobody knows and the categories without an account."""
        self.ensure_one()
        reasons = []
        unknown = self.line_ids.filtered(lambda line: line.category == "unknown")
        unknown = unknown.filtered("has_amount")
        if unknown:
            words = "\n".join(
                f"• {line.words} ({self.currency_id.format(line.amount)})" for line in unknown
            )
            reasons.append(
                self.env._(
                    "Needs mapping: nobody has said yet what these words of Amazon mean.\n"
                    "%(words)s",
                    words=words,
                )
            )
        missing = [m for m in self._plan(accounts).missing if m.category != "unknown"]
        if missing:
            names = dict.fromkeys(category_label(self.env, item.category) for item in missing)
            reasons.append(
                self.env._(
                    "Needs mapping: no account for %(categories)s. A manager sets accounts up "
                    "under Configuration.",
                    categories=", ".join(names),
                )
            )
        if not self.company_id.sp_journal_id:
            reasons.append(
                self.env._(
                    "No journal for Amazon settlements. A manager sets it up under Configuration."
                )
            )
        return reasons

    def _find_blockers(self):
        """Name what Odoo lacks to book it: a date, an exchange rate, an open period."""
        self.ensure_one()
        company = self.company_id
        if not self.date:
            return [self.env._("The file has no date at all. Download Flat File V2.")]
        reasons = []
        if self._lacks_rate():
            # Odoo would take 1.0, or a later rate, without a word (res.currency._get_rates).
            reasons.append(
                self.env._(
                    "No exchange rate: enter the rate of %(currency)s for %(date)s or earlier "
                    "(Accounting, Configuration, Currencies), then check again.",
                    currency=self.currency_id.name,
                    date=format_date(self.env, self.date),
                )
            )
        # Odoo would move the date of the entry without a word (account.move._post).
        locks = company._get_violated_lock_dates(self.date, False, company.sp_journal_id)
        if locks:
            reasons.append(
                self.env._(
                    "%(date)s lies in a locked period: %(locks)s.",
                    date=format_date(self.env, self.date),
                    locks=self.env["res.company"]._format_lock_dates(locks),
                )
            )
        return reasons

    def _lacks_rate(self):
        """Tell whether Odoo has no rate on or before the entry's date."""
        company = self.company_id
        if self.currency_id == company.currency_id:
            return False
        return (
            not self.env["res.currency.rate"]
            .sudo()
            .search_count(
                [
                    ("currency_id", "=", self.currency_id.id),
                    ("company_id", "in", (False, company.root_id.id)),
                    ("name", "<=", self.date),
                ],
                limit=1,
            )
        )

    # === THE ENTRY === #

    def _plan(self, accounts=None):
        """Return the engine's ``Plan`` of this settlement's entry, in its own currency."""
        self.ensure_one()
        accounts = accounts or self.env["sp.account.mapping"]._accounts(self.company_id)
        return plan_entry(
            self._decimal(self.amount_total),
            [line._prepare_plan_line() for line in self.line_ids],
            accounts,
            self.marketplace_id.id or None,
        )

    def _decimal(self, amount):
        """Leave the ORM's floats: exact at the currency's precision."""
        return Decimal(f"{amount:.{self.currency_id.decimal_places}f}")

    def action_book(self):
        """Create the draft entry of each settlement that nothing holds; name the others."""
        return self._run_on_free(lambda settlements: settlements._book())

    def action_post(self):
        """Post the entry of each settlement, creating it first where there is none."""

        def post(settlements):
            settlements._book()
            settlements._active_moves().filtered(lambda move: move.state == "draft").action_post()

        return self._run_on_free(post)

    def _run_on_free(self, step):
        self.check_access("read")
        # Two people press at once: the second waits for nothing and is told so.
        self.sudo().lock_for_update()
        self.sudo()._check()
        held = self.filtered(lambda settlement: settlement.state == "held")
        step(self - held)
        if not held:
            return None
        message = "; ".join(
            f"{item.settlement_ref}: {item.hold_reason.splitlines()[0]}" for item in held
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Held, not booked"),
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _book(self):
        """Create the draft entry of settlements in review, with the user's own rights."""
        for settlement in self.filtered(lambda settlement: settlement.state == "review"):
            plan = settlement._plan()
            if not plan.proved:
                raise UserError(
                    self.env._(
                        "Settlement %(ref)s: the planned entry does not equal Amazon's total; "
                        "nothing is booked.",
                        ref=settlement.settlement_ref,
                    )
                )
            if not plan.items:
                continue
            move = settlement.env["account.move"].create(settlement._prepare_move_vals(plan))
            # Order of creation is the order of the plan; a residue line comes last of all.
            by_item = dict(zip(plan.items, move.line_ids.sorted("id"), strict=False))
            lines = {line.id: line for line in settlement.sudo().line_ids}
            for item, journal_item in by_item.items():
                for key in item.line_keys:
                    lines[key].move_line_id = journal_item
            settlement._check_entry()

    def _prepare_move_vals(self, plan):
        self.ensure_one()
        company = self.company_id
        converted = [
            self.currency_id._convert(float(item.balance), company.currency_id, company, self.date)
            for item in plan.items
        ]
        residue = company.currency_id.round(-sum(converted))
        items = [
            self._prepare_item_vals(item, balance)
            for item, balance in zip(plan.items, converted, strict=True)
        ]
        if residue:
            deposit = items[-1] if plan.items[-1].category == DEPOSIT else None
            # The rounding residue goes to the clearing line, unless its sign would then
            # contradict its amount in currency, which Odoo refuses.
            if deposit and deposit["balance"] * (deposit["balance"] + residue) > 0:
                deposit["balance"] = company.currency_id.round(deposit["balance"] + residue)
            else:
                accounts = self.env["sp.account.mapping"]._accounts(company)
                items.append(
                    {
                        "name": self.env._("Rounding of the conversion"),
                        "account_id": accounts.find(DEPOSIT, self.marketplace_id.id or None),
                        "currency_id": self.currency_id.id,
                        "amount_currency": 0.0,
                        "balance": residue,
                        "tax_ids": [fields.Command.clear()],
                    }
                )
        return {
            "move_type": "entry",
            "journal_id": company.sp_journal_id.id,
            "company_id": company.id,
            "currency_id": self.currency_id.id,
            "date": self.date,
            "ref": self.env._("Amazon settlement %(ref)s", ref=self.settlement_ref),
            "sp_settlement_id": self.id,
            "line_ids": [fields.Command.create(vals) for vals in items],
        }

    def _prepare_item_vals(self, item, balance):
        if item.category == DEPOSIT:
            name = self.env._("Payout %(ref)s", ref=self.settlement_ref)
        else:
            label = category_label(self.env, item.category)
            place = self.env["sp.marketplace"].browse(item.marketplace or [])
            name = f"{label}, {place.name}" if place else label
        return {
            "name": name,
            "account_id": item.account,
            "currency_id": self.currency_id.id,
            "amount_currency": float(item.balance),
            "balance": balance,
            # Tax is in the rows; an account's default tax must not add to it.
            "tax_ids": [fields.Command.clear()],
        }

    def _check_entry(self):
        """Refuse an entry that does not equal Amazon's total, item by item.

        :raises UserError: somebody changed it, or it was never right
        """
        for settlement in self:
            if not settlement._is_entry_true():
                raise UserError(
                    self.env._(
                        "The entry of settlement %(ref)s is no longer made of its rows and of "
                        "Amazon's total of %(total)s. Undo the entry and create it again.",
                        ref=settlement.settlement_ref,
                        total=settlement.currency_id.format(settlement.amount_total),
                    )
                )

    def _is_entry_true(self):
        """Tell whether each item equals its lines, and what remains is the payout alone."""
        self.ensure_one()
        currency = self.currency_id
        explained = {}
        for line in self.sudo().line_ids:
            item = line.move_line_id
            explained[item] = explained.get(item, 0.0) + line.amount
        items = self.sudo()._active_moves().line_ids
        rest = [item.amount_currency + explained.pop(item, 0.0) for item in items]
        # Lines without an item cancel each other: the plan makes no item of zero.
        rest += [-amount for amount in explained.values()]
        rest = [amount for amount in rest if not currency.is_zero(amount)]
        payout = [] if currency.is_zero(self.amount_total) else [self.amount_total]
        return len(rest) == len(payout) and not any(map(currency.compare_amounts, rest, payout))

    def action_undo(self):
        """Take the entry back so that the settlement can be booked anew.

        A draft that never had a number is deleted. A posted entry is cancelled where its period
        is open and its journal not hashed, else reversed: the trail of numbers stays.
        """
        self.check_access("read")
        self.sudo().lock_for_update()
        for settlement in self:
            for move in settlement._active_moves():
                move.line_ids.remove_move_reconcile()
                if move.state == "draft" and not move.posted_before:
                    move.unlink()
                elif move._is_sealed():
                    reversal = move._reverse_moves(
                        [{"date": fields.Date.context_today(self), "ref": move.ref}], cancel=True
                    )
                    reversal.sp_settlement_id = settlement
                    (move | reversal).sp_reversed = True
                else:
                    move.button_cancel()
            settlement.sudo().line_ids.move_line_id = False
        self.sudo()._check()
