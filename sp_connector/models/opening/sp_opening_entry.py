"""The opening entry: made as a draft, refused where it does not fit, matched, taken back."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ..meaning.category_labels import category_label


class SpOpeningEntry(models.AbstractModel):
    """Writes opening entries, with the rights of the user who asks for one."""

    _name = "sp.opening.entry"
    _description = "Opening Entries of Amazon Accounts"

    @api.model
    def _journal(self, settlement):
        company = settlement.company_id
        return company._sp_inherited("sp_journal_id") or self.env["account.journal"].search(
            [("company_id", "parent_of", company.id), ("type", "=", "general")], limit=1
        )

    @api.model
    def _create(self, settlement, day, chosen):
        """Create the draft of an opening entry.

        :param chosen: [(``Carried``, the account that carried it before)]
        :raises LockError: somebody else works on the settlement
        :raises UserError: there is one already, or it cannot be booked so
        """
        settlement.ensure_one()
        opening = self.env["sp.opening"]
        # Each entry changes its settlement's row: of two at once the second begins again.
        self.env["sp.settlement.booking"]._lock(settlement)
        if move := opening._active(settlement):
            raise UserError(
                self.env._(
                    "The opening entry is there already: %(entry)s. Take it back first.",
                    entry=move.display_name,
                )
            )
        if not opening._first(settlement):
            raise UserError(self.env._("Another settlement that is booked here comes before it."))
        if problem := self._find_day_problem(settlement, day):
            raise UserError(problem)
        move = self.env["account.move"].create(self._prepare_move_vals(settlement, day, chosen))
        # With all rights: nobody may say by hand which entry is one.
        move.sudo().sp_opening_id = settlement
        self._tell(
            settlement,
            self.env._(
                "%(user)s: opening entry of %(day)s created as a draft.",
                user=self.env.user.name,
                day=format_date(self.env, day),
            ),
        )
        return move

    def _tell(self, settlement, body):
        settlement.sudo().message_post(body=body)

    @api.model
    def _open_day(self, settlement, day):
        """Return the first open day from a day on, and the locks in which that day lies."""
        return settlement.company_id._sp_open_day(day, False, self._journal(settlement))

    @api.model
    def _find_day_problem(self, settlement, day):
        """Say why an opening entry cannot be of a day, ``""`` if it can."""
        if not self._journal(settlement):
            return self.env._("Choose the journal of Amazon settlements first.")
        if not self.env["sp.settlement.facts"]._rate(settlement, day):
            return self.env._(
                "There is no exchange rate of %(currencies)s on or before %(date)s.",
                currencies=settlement.currency_id.name,
                date=format_date(self.env, day),
            )
        opened, locks = self._open_day(settlement, day)
        if not locks:
            return ""
        return self.env._(
            "%(date)s lies in a locked period: %(locks)s. The next open day is %(open)s.",
            date=format_date(self.env, day),
            locks=self.env["res.company"]._format_lock_dates(locks),
            open=format_date(self.env, opened),
        )

    def _prepare_move_vals(self, settlement, day, chosen):
        company = settlement.company_id
        partner = company.sudo()._sp_inherited("sp_partner_id")
        rate = self.env["sp.settlement.facts"]._conversion_rate(settlement, day)
        items = []
        for one, counter in chosen:
            amount = float(one.amount)
            words = one.line.amount_description or one.line.transaction_type
            label = f"{category_label(self.env, one.line.category)}: {words}"
            items += [
                {
                    "name": label,
                    "account_id": account.id,
                    "partner_id": partner.id,
                    "currency_id": settlement.currency_id.id,
                    "amount_currency": sign * amount,
                    "balance": sign * company.currency_id.round(amount / rate),
                    # What was earned before was taxed before.
                    "tax_ids": [Command.clear()],
                }
                for account, sign in ((one.account, 1), (counter, -1))
            ]
        return {
            "move_type": "entry",
            "journal_id": self._journal(settlement).id,
            "company_id": company.id,
            "currency_id": settlement.currency_id.id,
            "date": day,
            "ref": self.env._(
                "Opening balances of Amazon, before settlement %(ref)s",
                ref=settlement.settlement_ref,
            ),
            "line_ids": [Command.create(vals) for vals in items],
        }

    # === POSTED === #

    @api.model
    def _find_post_problem(self, move):
        """Say why an opening entry may not be posted, ``""`` if it may."""
        opening = self.env["sp.opening"]
        if opening._status(move.sp_opening_id) == "stale":
            return opening._describe_stale(move.sp_opening_id)
        return move._sp_find_lock()

    @api.model
    def _reconcile(self, settlements):
        """Match posted opening entries with what their settlements take up."""
        opening, reconcile = self.env["sp.opening"], self.env["sp.settlement.reconcile"]
        for settlement in settlements.sudo().filtered(lambda one: one.opening_state == "posted"):
            if not opening._is_first(settlement):
                continue
            ours = opening._active(settlement).line_ids.filtered(_is_open)
            for item in opening._lines(settlement).move_line_id.filtered(_is_open):
                fits = ours.filtered(
                    lambda own, item=item: (
                        own.account_id == item.account_id
                        and own.currency_id.is_zero(
                            own.amount_residual_currency + item.amount_residual_currency
                        )
                    )
                )[:1]
                reconcile._reconcile(item | fits)
                ours -= fits

    # === TAKEN BACK === #

    @api.model
    def _take_back(self, settlement):
        """Take an opening entry back: deleted, cancelled, or reversed where that is closed.

        :raises LockError: somebody else works on the settlement
        :raises UserError: there is none
        """
        settlement.ensure_one()
        settlement.check_access("read")
        self.env["sp.settlement.booking"]._lock(settlement)
        move = self.env["sp.opening"]._active(settlement).sudo(False)
        if not move:
            raise UserError(self.env._("There is no opening entry to take back."))
        name = move.display_name
        move._sp_take_back()
        self._tell(
            settlement,
            self.env._(
                "%(user)s: opening entry %(entry)s taken back.",
                user=self.env.user.name,
                entry=name,
            ),
        )
        # What it was matched with may belong to what was imported since.
        self.env["sp.settlement.reconcile"]._reconcile_posted(settlement)


def _is_open(item):
    return item.parent_state == "posted" and item.account_id.reconcile and not item.reconciled
