"""What settlements leave on the clearing and rollover accounts and close themselves."""

from odoo import models

#: Rows by which a settlement takes up what an earlier one left: a debt, or a transfer that failed.
_TAKES_UP = ("carried_balance", "failed_transfer")


class SpSettlement(models.Model):
    _inherit = "sp.settlement"

    def _reconcile_own(self):
        """Match what needs no bank line; called when entries are posted."""
        for settlement in self.sudo():
            moves = settlement._active_moves()
            if moves and set(moves.mapped("state")) == {"posted"}:
                settlement._reconcile_rollover()
                settlement._reconcile_carried()

    def _balancing_items(self):
        """Return the open items that no line explains: payout and rollover."""
        explained = self.line_ids.move_line_id
        return self._active_moves().line_ids.filtered(
            lambda item: (
                item.account_id.reconcile
                and not item.reconciled
                and not item.tax_repartition_line_id
                and item not in explained
            )
        )

    def _reconcile_rollover(self):
        """Close the rollover account: what the months carried, the last part takes back."""
        for _account, items in self._balancing_items().grouped("account_id").items():
            # The payout waits for the bank.
            if len(items.move_id) > 1:
                self._reconcile(items)

    def _reconcile_carried(self):
        """Match a debt, or a transfer that failed, with the settlement that took it up.

        Either may be posted first. Only where exactly one item fits: the rest is for people.
        """
        taken_up = self.line_ids.filtered(lambda line: line.category in _TAKES_UP).move_line_id
        for item in taken_up:
            self._reconcile(item | self._find_counterpart(item, ("sp_line_ids", "=", False)))
        for item in self._balancing_items():
            carried = ("sp_line_ids.category", "in", _TAKES_UP)
            self._reconcile(item | self._find_counterpart(item, carried))

    def _find_counterpart(self, item, leaf):
        if not item.account_id.reconcile or item.reconciled:
            return item.browse()
        found = item.search(
            [
                ("account_id", "=", item.account_id.id),
                ("company_id", "=", item.company_id.id),
                ("currency_id", "=", item.currency_id.id),
                ("amount_residual_currency", "=", -item.amount_residual_currency),
                ("reconciled", "=", False),
                ("parent_state", "=", "posted"),
                ("move_id.sp_settlement_id", "not in", [False, self.id]),
                ("move_id.sp_reversed", "=", False),
                leaf,
            ],
            limit=2,
        )
        return found if len(found) == 1 else item.browse()

    def _reconcile(self, items):
        """Reconcile items that cancel each other, as far as Odoo is set up for it."""
        if len(items) < 2 or not self.currency_id.is_zero(
            sum(items.mapped("amount_residual_currency"))
        ):
            return
        has_gain = not self.company_id.currency_id.is_zero(sum(items.mapped("amount_residual")))
        # Odoo refuses where nobody has said which journal takes exchange differences.
        if not has_gain or self.company_id.currency_exchange_journal_id:
            items.reconcile()
