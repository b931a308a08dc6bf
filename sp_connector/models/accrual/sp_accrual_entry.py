"""The entry of an accrual, its reversal on the next day, and what a second run changes."""

from collections import defaultdict
from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import float_is_zero, format_date


class SpAccrualEntry(models.AbstractModel):
    """Books accruals. What is booked of a line is what the ledger says, by the line's key."""

    _name = "sp.accrual.entry"
    _description = "Amazon Accruals, Entries"

    @api.model
    def _wanted(self, accrual):
        """Return {(key, account, currency): (amount from the seller's side, label, analytic)}."""
        wanted = {}
        for line in accrual.line_ids.filtered(lambda line: line.decision == "accrue"):
            parts = [(line.key, line.account_id, line.amount)]
            if accrual.tax_setting == "with_tax":
                account = line.tax_account_id or line.account_id
                parts.append((f"{line.key}|tax", account, line.amount_tax))
            for key, account, amount in parts:
                if amount:
                    wanted[key, account, line.currency_id] = (
                        amount,
                        line._label(),
                        line.analytic_distribution if key == line.key else False,
                    )
        return wanted

    @api.model
    def _booked(self, accrual):
        """Return what is booked: {(key, account, currency): (amount, balance, label, analytic)}."""
        booked = defaultdict(lambda: (0.0, 0.0, "", False))
        for item in accrual._booked_moves().line_ids.filtered("sp_accrual_key"):
            key = item.sp_accrual_key, item.account_id.sudo(False), item.currency_id
            amount, balance, label, analytic = booked[key]
            booked[key] = (
                amount - item.amount_currency,
                balance - item.balance,
                label or item.name,
                analytic or item.analytic_distribution,
            )
        return booked

    @api.model
    def _differences(self, accrual, wanted=None):
        """Return {(key, account, currency): amount from the seller's side that is not booked}."""
        booked = self._booked(accrual)
        wanted = self._wanted(accrual) if wanted is None else wanted
        found = {}
        for place in dict.fromkeys([*wanted, *booked]):
            amount = wanted.get(place, (0.0,))[0] - booked[place][0]
            rounding = place[2].rounding
            if not float_is_zero(amount, precision_rounding=rounding):
                found[place] = place[2].round(amount)
        return found

    @api.model
    def _book(self, accrual):
        """Book what the ledger does not say yet.

        :return: a ``LeftOut`` where it is only proposed, or waits for another person
        :raises UserError: something is undecided, or the period is locked
        """
        accrual.ensure_one()
        self._check(accrual)
        if self._differences(accrual) and (told := accrual._ask("accrue")):
            return told
        self._write_entries(accrual)
        return None

    @api.model
    def _write_entries(self, accrual):
        wanted = self._wanted(accrual)
        differences = self._differences(accrual, wanted)
        if not differences:
            raise UserError(self.env._("There is nothing to book: the ledger says all of it."))
        self._post(accrual, wanted, differences)
        accrual.sudo().activity_unlink(["sp_connector.mail_activity_type_accrual"])
        accrual._conclude("accrue", "replace")

    @api.model
    def _post(self, accrual, wanted, differences):
        """Post an entry on the cut-off and Odoo's reversal of it on the next day."""
        move = self.env["account.move"].create(self._prepare_move(accrual, wanted, differences))
        move.sudo().sp_accrual_id = accrual
        move.action_post()
        next_day = accrual.date + timedelta(days=1)
        ref = self.env._("Reversal of: %(ref)s", ref=move.ref)
        # As Odoo does it: with the rate of the entry, and matched with it, so that nothing remains.
        reversal = move._reverse_moves([{"date": next_day, "ref": ref}], cancel=True)
        reversal.sudo().sp_accrual_id = accrual

    @api.model
    def _replace(self, accrual):
        """Cancel what was booked, with its reversals, and book all of it anew.

        :return: a ``LeftOut`` where it is only proposed, or waits for another person
        """
        self._check(accrual)
        moves = accrual.move_ids.filtered(lambda move: move.state == "posted")
        if self._is_sealed(moves):
            raise UserError(
                self.env._("The journal is sealed, its entries stay: book the difference.")
            )
        if told := accrual._ask("replace"):
            return told
        self._cancel(accrual, moves)
        self._write_entries(accrual)
        return None

    @api.model
    def _undo(self, accrual):
        """Take back what was booked: cancel it, or book the opposite where the journal is sealed.

        :return: a ``LeftOut`` where it is only proposed, or waits for another person
        :raises UserError: there is nothing to take back, or the period is locked
        """
        accrual.ensure_one()
        moves = accrual.move_ids.filtered(lambda move: move.state == "posted")
        differences = self._differences(accrual, {})
        if not moves or (self._is_sealed(moves) and not differences):
            raise UserError(self.env._("There is no entry to take back."))
        self._check_open_days(accrual)
        if told := accrual._ask("undo"):
            return told
        if self._is_sealed(moves):
            self._post(accrual, {}, differences)
        else:
            self._cancel(accrual, moves)
        accrual._conclude("undo")
        return None

    @api.model
    def _is_sealed(self, moves):
        return any(moves.mapped("inalterable_hash"))

    @api.model
    def _cancel(self, accrual, moves):
        moves.button_draft()
        moves.button_cancel()
        accrual.invalidate_recordset()

    @api.model
    def _check(self, accrual):
        if accrual.search_progress or not accrual.asked_at:
            raise UserError(self.env._("Amazon has not told all transactions yet."))
        if undecided := accrual._undecided():
            raise UserError(
                self.env._(
                    "Choose an account, or leave out: %(lines)s.",
                    lines="; ".join(line.words or line._label() for line in undecided),
                )
            )
        if not accrual.account_id:
            raise UserError(
                self.env._("Choose the account of the accrued income, here or for all in Set Up.")
            )
        if missing := self._without_rate(accrual):
            raise UserError(
                self.env._(
                    "There is no exchange rate of %(currencies)s on or before %(date)s.",
                    currencies=", ".join(missing.mapped("name")),
                    date=format_date(self.env, accrual.date),
                )
            )
        self._check_open_days(accrual)

    @api.model
    def _check_open_days(self, accrual):
        company, journal = accrual.company_id, accrual.journal_id
        for day in (accrual.date, accrual.date + timedelta(days=1)):
            if locks := company._get_violated_lock_dates(day, False, journal):
                raise UserError(
                    self.env._(
                        "%(date)s lies in a locked period: %(locks)s.",
                        date=format_date(self.env, day),
                        locks=self.env["res.company"]._format_lock_dates(locks),
                    )
                )

    @api.model
    def _without_rate(self, accrual):
        """Return the currencies for which Odoo would take 1.0, or a later rate, without a word."""
        company = accrual.company_id
        foreign = accrual.line_ids.currency_id - company.currency_id
        rates = (
            self.env["res.currency.rate"]
            .sudo()
            ._read_group(
                [
                    ("currency_id", "in", foreign.ids),
                    ("company_id", "in", (False, company.root_id.id)),
                    ("name", "<=", accrual.date),
                ],
                ["currency_id"],
            )
        )
        return foreign - self.env["res.currency"].union(*(currency for (currency,) in rates))

    @api.model
    def _prepare_move(self, accrual, wanted, differences):
        company = accrual.company_id
        partner = company.sudo()._sp_inherited("sp_partner_id")
        booked = self._booked(accrual)
        items, accrued = [], defaultdict(lambda: [0.0, 0.0])
        for (key, account, currency), amount in differences.items():
            if (key, account, currency) in wanted:
                _amount, label, analytic = wanted[key, account, currency]
                balance = currency._convert(-amount, company.currency_id, company, accrual.date)
            else:  # all of it goes, at the rate at which it came
                _amount, balance, label, analytic = booked[key, account, currency]
                label = self.env._("No longer accrued: %(label)s", label=label)
            items.append(
                self._prepare_item(
                    partner,
                    account,
                    currency,
                    -amount,
                    balance,
                    name=label,
                    sp_accrual_key=key,
                    analytic_distribution=analytic,
                )
            )
            place = currency, key.split("|")[1]
            accrued[place][0] += amount
            accrued[place][1] -= balance
        for (currency, place), (amount, balance) in accrued.items():
            marketplace = self.env["sp.marketplace"].browse(int(place))
            label = self.env._("Accrued income")
            name = ", ".join(filter(None, [label, marketplace.name]))
            items.append(
                self._prepare_item(
                    partner,
                    accrual.account_id,
                    currency,
                    currency.round(amount),
                    company.currency_id.round(balance),
                    name=name,
                )
            )
        return {
            "move_type": "entry",
            "journal_id": accrual.journal_id.id,
            "company_id": company.id,
            "date": accrual.date,
            "ref": self.env._(
                "Amazon, earned and not settled: %(name)s", name=accrual.display_name
            ),
            "line_ids": [Command.create(vals) for vals in items],
        }

    @api.model
    def _prepare_item(self, partner, account, currency, amount, balance, **vals):
        return {
            "account_id": account.id,
            "partner_id": partner.id,
            "currency_id": currency.id,
            "amount_currency": amount,
            "balance": balance,
            # An accrual is no supply: no tax is reported by it.
            "tax_ids": [Command.clear()],
            **vals,
        }
