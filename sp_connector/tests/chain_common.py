"""The shipped chain of settlements, booked, and what the seller's bank and card do beside it."""

from odoo.fields import Command

from ..engine.tests.helpers import CHAIN, CHAIN_ORDER
from .common import SpCase


class ChainCase(SpCase):
    """A company whose bank and card close what the chain leaves open."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_rate("EUR", "2025-12-01", 1.25)
        cls.set_rate("CAD", "2025-01-01", 1.75)
        cls.set_up_exchange()
        cls.bank = cls.make_account("Bank", "asset_cash")
        cls.journal = cls.root_env["account.journal"].create(
            {"name": "Bank", "code": "SPB", "type": "bank", "company_id": cls.company.id}
        )

    @classmethod
    def import_chain(cls, *names):
        settlements = cls.env["sp.settlement"]
        for name in names or CHAIN_ORDER:
            settlements |= cls.import_file((CHAIN / f"{name}.txt").read_bytes(), f"{name}.txt")
        return settlements

    @classmethod
    def pay(cls, category, amount, day, currency="EUR", settlement=None):
        """Money reaches the bank from an account, or leaves it where negative.

        :param settlement: the one whose payout is matched with it
        """
        account = cls.account_of(category)
        currency = cls.root_env.ref(f"base.{currency}")
        converted = currency._convert(amount, cls.company.currency_id, cls.company, day)
        move = cls.root_env["account.move"].create(
            {
                "journal_id": cls.journal.id,
                "date": day,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": place.id,
                            "currency_id": currency.id,
                            "amount_currency": sign * amount,
                            "balance": sign * converted,
                        }
                    )
                    for place, sign in ((cls.bank, 1), (account, -1))
                ],
            }
        )
        move.action_post()
        if settlement:
            payout = settlement.move_id.line_ids.filtered(
                lambda item: item.account_id == account and item.name.startswith("Payout")
            )
            item = move.line_ids.filtered(lambda item: item.account_id == account)
            (payout.with_env(cls.root_env) | item).reconcile()
        return move

    def balances(self, *categories):
        """Posted balances in the settlement's currency of the accounts of these categories."""
        items = self.root_env["account.move.line"]
        found = []
        for category in categories:
            account = self.account_of(category)
            domain = [("account_id", "=", account.id), ("parent_state", "=", "posted")]
            found.append(round(sum(items.search(domain).mapped("amount_currency")), 2))
        return tuple(found)
