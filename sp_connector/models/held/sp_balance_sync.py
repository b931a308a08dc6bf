"""Asks Amazon what it holds, and keeps the answer: a second witness of the books on that day."""

from odoo import api, fields, models

from ...engine.amazon import finances
from ...engine.errors import AmazonError, KeyLost, Rejected, Retryable
from ..amazon.reasons import words_of


class SpBalanceSync(models.AbstractModel):
    """It needs a role of its own at Amazon: whatever becomes of it, nothing else stops."""

    _name = "sp.balance.sync"
    _description = "Amazon Balances, Asking"

    @api.model
    def _ask(self, connection, day):
        """Ask what Amazon held at the end of a day, or now where it is today.

        :return: why there is no answer, ``""`` where there is one
        """
        owner, today = connection._token_owner(), fields.Date.today()
        if day > today:
            return self.env._("Amazon tells nothing of days to come.")
        if owner.state not in ("connected", "attention"):
            return self.env._("It is not connected.")
        past = day if day < today else None
        try:
            told = (
                self.env["sp.client"]
                .sudo()
                ._ask_quietly(owner, lambda partner: finances.list_balances(partner, past))
            )
            self._keep(owner, day, told)
        except Retryable as error:
            return words_of(self.env, error)
        except (AmazonError, KeyLost) as error:
            return self._refusal(error)
        return "" if told else self.env._("Amazon tells no balance of this day.")

    @api.model
    def _refusal(self, error):
        if error.code == "no_access":
            return self.env._(
                "Amazon refuses it: the application lacks the role for its Finances API."
            )
        return words_of(self.env, error)

    @api.model
    def _keep(self, owner, day, told):
        """Store an answer in place of a former one of that day."""
        balances = self.env["sp.balance"].sudo()
        currencies = self.env["res.currency"].with_context(active_test=False)
        ids = {one.name: one.id for one in currencies.search([])}
        if missing := {one.currency for one in told} - ids.keys():
            name = ", ".join(sorted(missing))
            raise Rejected("unknown_currency", operation="listBalances", name=name)
        places = self.env["sp.marketplace"].search([("marketplace_ref", "!=", False)])
        by_ref = {place.marketplace_ref: place for place in places}
        balances.search([("connection_id", "=", owner.id), ("date", "=", day)]).unlink()
        for one in told:
            place = by_ref.get(one.marketplace_ref, places.browse())
            company = owner._participation(place)._books_of() or owner.company_id
            balances.create(
                {
                    "connection_id": owner.id,
                    "company_id": company.id,
                    "date": day,
                    "asked_at": fields.Datetime.now(),
                    "marketplace_ref": one.marketplace_ref,
                    "marketplace_id": place.id,
                    "account_type": one.account_type,
                    "currency_id": ids[one.currency],
                    "answer": {kind: str(amount) for kind, amount in one.amounts.items()},
                }
            )
