"""What settlements leave on the accounts between Amazon and the bank and close themselves."""

from datetime import timedelta

from odoo import api, models
from odoo.fields import Command, Domain

from ...engine.books.chain import RECENT, find_chains
from ...engine.books.match import DEBT, HELD, PAYOUT, RELEASED, TAKEN_UP, OpenItem, find_matches
from ...engine.words.categories import ROLLOVER

_TRADE = ("asset_receivable", "liability_payable")
_ROLES = {"carried_balance": TAKEN_UP, "failed_transfer": TAKEN_UP, "debt_adjustment": DEBT}


class SpSettlementReconcile(models.AbstractModel):
    """Matches what settlements leave open for their own months and for each other."""

    _name = "sp.settlement.reconcile"
    _description = "Amazon Settlement, Matching of Items"

    @api.model
    def _reconcile_posted(self, settlements):
        """Match what needs no bank line; called when entries are posted."""
        posted = settlements.sudo().filtered(lambda settlement: settlement.state == "posted")
        for settlement in posted:
            self._reconcile_rollover(settlement)
            self.env["sp.invoiced.match"]._reconcile(settlement)
        self.env["sp.opening.entry"]._reconcile(posted)
        for (_company, _currency), settlements in posted.grouped(
            lambda settlement: (settlement.company_id, settlement.currency_id)
        ).items():
            self._reconcile_chain(settlements)

    @api.model
    def _balancing_items(self, settlement):
        """Return the open items that no line explains: payout and rollover."""
        explained = settlement._explained_items()
        return settlement._active_moves().line_ids.filtered(
            lambda item: (
                item.account_id.reconcile
                and not item.reconciled
                and not item.tax_repartition_line_id
                and item not in explained
            )
        )

    @api.model
    def _reconcile_rollover(self, settlement):
        """Close the rollover account: what the months carried, the last part takes back."""
        for items in self._rollover_items(settlement):
            items.reconcile()

    @api.model
    def _rollover_items(self, settlement):
        """Return the open items of each rollover account that cancel each other."""
        groups = self._balancing_items(settlement).grouped("account_id")
        return [
            items
            for account, items in groups.items()
            # The payout waits for the bank.
            if len(items.move_id) > 1 and account.account_type not in _TRADE and self._cancel(items)
        ]

    # === CHAINS === #

    @api.model
    def _reconcile_chain(self, settlements):
        """Match what one settlement hands on to another; either may be posted first.

        These settlements share company and currency. Only matches in which one of them takes part
        are made: what a person has taken apart elsewhere stays so.
        """
        AccountMoveLine = self.env["account.move.line"]
        items = self._open_items(settlements)
        if not items:
            return
        for keys in find_matches(items, self._before(settlements), self._pending(settlements)):
            items = AccountMoveLine.browse(keys)
            if not items.move_id.sp_settlement_id & settlements:
                continue
            if len(items.account_id) > 1:
                items = self._transfer(items)
            self._reconcile(items)

    @api.model
    def _open_items(self, settlements):
        """Return the engine's view of what this company's settlements left open for each other."""
        company = settlements.company_id
        open_items = Domain(
            [
                ("company_id", "=", company.id),
                ("currency_id", "=", settlements.currency_id.id),
                ("account_id.reconcile", "=", True),
                ("reconciled", "=", False),
                ("parent_state", "=", "posted"),
                ("move_id.sp_settlement_id", "!=", False),
                ("move_id.sp_reversed", "=", False),
                ("tax_repartition_line_id", "=", False),
            ]
        )
        handed_on = ("sp_line_ids.category", "in", ("reserve", *_ROLES))
        found = self._as_open_items(open_items & Domain([handed_on]), self._role)
        if any(item.role == TAKEN_UP for item in found):
            rollover = self.env["sp.account.mapping"].search(
                [("company_id", "parent_of", company.id), ("category", "=", ROLLOVER)]
            )
            payouts = Domain(
                [
                    ("sp_line_ids", "=", False),
                    ("sp_invoiced_ids", "=", False),
                    ("account_id", "not in", rollover.account_id.ids),
                ]
            )
            found += self._as_open_items(open_items & payouts, lambda *_item: PAYOUT)
        return found

    @api.model
    def _as_open_items(self, domain, role_of):
        found = []
        for item in self.env["account.move.line"].search(domain, order="date, id"):
            # What is closed in the company's currency alone is open: its rate has yet to come.
            settlement = item.move_id.sp_settlement_id
            amount = settlement._decimal(item.amount_residual_currency)
            if amount and (role := role_of(item, amount)):
                found.append(OpenItem(item.id, settlement.id, role, item.account_id.id, amount))
        return found

    @api.model
    def _role(self, item, amount):
        """Say what an item is between settlements, ``None`` for one of several kinds of money."""
        categories = set(item.sp_line_ids.mapped("category"))
        if categories == {"reserve"}:
            return HELD if amount > 0 else RELEASED
        return _ROLES.get(categories.pop()) if len(categories) == 1 else None

    @api.model
    def _before(self, settlements):
        """Return {settlement: the one before it in its chain} around these settlements (ids)."""
        gaps = self.env["sp.settlement.gap"]
        dated = settlements.filtered(
            lambda settlement: settlement.date_start and settlement.date_end
        )
        if not dated:
            return {}
        known = gaps._read_settlements(
            settlements.company_id,
            settlements.currency_id,
            # Enough to know each one's neighbours.
            Domain("date_end", ">=", min(dated.mapped("date_start")) - RECENT)
            & Domain("date_start", "<=", max(dated.mapped("date_end")) + RECENT),
        )
        return {
            known[after.key].id: known[before.key].id
            for chain in find_chains(gaps._periods(known)).chains
            for before, after in zip(chain, chain[1:])  # noqa: B905 (one shorter)
        }

    @api.model
    def _pending(self, settlements):
        """Return {settlement: its payout} of those that have no posted entry yet (ids)."""
        pending = settlements.search(
            [
                ("company_id", "=", settlements.company_id.id),
                ("currency_id", "=", settlements.currency_id.id),
                ("state", "!=", "posted"),
                ("amount_total", "!=", 0),
            ]
        )
        return {one.id: one._decimal(one.amount_total) for one in pending}

    @api.model
    def _reconcile(self, items):
        """Reconcile items that cancel each other, as far as Odoo is set up for it."""
        if self._cancel(items):
            items.reconcile()

    @api.model
    def _cancel(self, items):
        """Tell whether items cancel each other and Odoo is set up to reconcile them."""
        rest = sum(items.mapped("amount_residual_currency"))
        if len(items) < 2 or not items.currency_id.is_zero(rest):
            return False
        company = items.company_id
        has_gain = not company.currency_id.is_zero(sum(items.mapped("amount_residual")))
        # Odoo refuses where nobody has said which journal takes exchange differences.
        return not has_gain or bool(company.currency_exchange_journal_id)

    # === TRANSFERS === #

    @api.model
    def _transfer(self, items):
        """Bring a payout that came back to the account on which it is taken up.

        A settlement that is booked as an invoice leaves its payout on the receivable account, on
        which Odoo allows no line of another invoice. A transfer moves it, and is taken back with
        either of the two.

        :param items: the item that takes a payout up, and those of the payout
        :return: the two items on the account of the former, which cancel each other
        """
        payouts = items.filtered(lambda item: not item.sp_line_ids)
        taken = items - payouts
        company = taken.company_id
        journal = company._sp_inherited("sp_journal_id") or self.env["account.journal"].search(
            [("company_id", "parent_of", company.id), ("type", "=", "general")], limit=1
        )
        if not journal or len(payouts.account_id) > 1:
            return items.browse()
        settlement = taken.move_id.sp_settlement_id
        day = max(items.mapped("date"))
        while locks := company._get_violated_lock_dates(day, False, journal):
            day = max(lock_date for lock_date, _field in locks) + timedelta(days=1)
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": journal.id,
                "company_id": company.id,
                "currency_id": taken.currency_id.id,
                "date": day,
                "ref": self.env._(
                    "Amazon settlement %(later)s takes up the payout of %(earlier)s",
                    later=settlement.settlement_ref,
                    earlier=payouts.move_id.sp_settlement_id.settlement_ref,
                ),
                "sp_transfer_id": settlement.id,
                "line_ids": [
                    Command.create(
                        {
                            "name": settlement.settlement_ref,
                            "account_id": account.id,
                            "partner_id": partner.id,
                            "currency_id": taken.currency_id.id,
                            "amount_currency": sign * taken.amount_residual_currency,
                            "balance": sign * taken.amount_residual,
                            "tax_ids": [Command.clear()],
                        }
                    )
                    for account, partner, sign in (
                        (taken.account_id, taken.partner_id, -1),
                        (payouts.account_id, payouts.partner_id, 1),
                    )
                ],
            }
        )
        move.action_post()
        here, there = move.line_ids.sorted("id")
        self._reconcile(payouts | there)
        return taken | here

    @api.model
    def _undo_transfers(self, settlement):
        """Take back the transfers in which a settlement's entries take part."""
        items = settlement.sudo()._active_moves().line_ids
        partners = items.matched_debit_ids.debit_move_id | items.matched_credit_ids.credit_move_id
        for move in partners.move_id.filtered("sp_transfer_id"):
            move._sp_take_back()
