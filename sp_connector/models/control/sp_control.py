import json
from decimal import Decimal

from odoo import api, fields, models

from ...engine.accrual.control import Amount, compare
from ...engine.amazon.finances import Summary


class SpControl(models.Model):
    """What Amazon's second statement of a settlement says, and whether it agrees.

    What Amazon answered is kept as it came; what that means is derived from it and the settlement.
    """

    _name = "sp.control"
    _description = "Amazon Control Total"
    _order = "asked_at desc, id desc"

    settlement_id = fields.Many2one(
        "sp.settlement", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="settlement_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    asked_at = fields.Datetime("Asked On", required=True, readonly=True)
    answer = fields.Json(readonly=True, help="Amazon's summaries, one for each marketplace.")
    code = fields.Char(readonly=True, help="Why there is no answer.")
    said = fields.Char("Amazon's Words", readonly=True)
    state = fields.Selection(
        [("agrees", "Agrees"), ("differs", "Differs"), ("unavailable", "Not Available")],
        compute="_compute_state",
        store=True,
        index=True,
    )
    amount_net = fields.Monetary("Amazon's Net Proceeds", compute="_compute_state", store=True)
    amount_difference = fields.Monetary(
        "Amazon Says More",
        compute="_compute_state",
        store=True,
        help="Amazon's statement minus the settlement; with or without reserve and carried "
        "balances, whichever is nearer.",
    )
    text = fields.Char("What It Says", compute="_compute_text")

    _settlement_unique = models.Constraint("UNIQUE(settlement_id)", "One answer per settlement.")

    @api.depends(
        "answer",
        "code",
        "settlement_id.amount_total",
        "settlement_id.line_ids.amount",
        "settlement_id.line_ids.category",
    )
    def _compute_state(self):
        for control in self:
            found = control._compare()
            control.state = found.state if found else "unavailable"
            control.amount_net = found.net if found else 0
            control.amount_difference = found.difference if found else 0

    def _compare(self):
        """Return the engine's ``Control``, ``None`` where Amazon gave no answer."""
        self.ensure_one()
        if self.code:
            return None
        settlement = self.settlement_id
        amounts = [
            Amount(
                line.transaction_type or "",
                line.amount_type or "",
                line.category,
                settlement._decimal(line.amount),
            )
            for line in settlement.line_ids
        ]
        return compare(
            settlement._decimal(settlement.amount_total),
            settlement.currency_id.name,
            amounts,
            _unpack(self.answer or "[]"),
        )

    @api.depends("state", "code", "said", "asked_at")
    @api.depends_context("lang", "tz")
    def _compute_text(self):
        for control in self:
            control.text = control._words()

    def _words(self):
        found = self._compare()
        reasons = {
            "no_statement": self.env._("Amazon has no statement of it, or none yet."),
            "currency": self.env._("Amazon's statement is in another currency."),
            "no_access": self.env._(
                "Amazon refuses it: the application lacks the role for its Finances API."
            ),
        }
        if not found:
            return reasons.get(self.code) or self.said or self.code
        if found.state == "unavailable":
            return reasons[found.code]
        money = self.settlement_id._money
        if found.state == "agrees":
            return self.env._("%(amount)s: agrees.", amount=money(found.net))
        parts = [
            self.env._(
                "%(name)s: %(there)s at Amazon, %(here)s here",
                name=part.name,
                there=money(part.amazon),
                here=money(part.ours) if part.ours is not None else "–",
            )
            for part in found.parts
        ]
        more = self.env._("Amazon says %(amount)s more", amount=money(found.difference))
        if found.difference < 0:
            more = self.env._("Amazon says %(amount)s less", amount=money(-found.difference))
        return f"{more}. {'; '.join(parts)}".rstrip(". ") + "."

    @api.model
    def _pack(self, summaries):
        """Return summaries of the engine as a value for ``answer``."""
        return json.dumps(summaries, default=str)


def _unpack(text):
    return [
        Summary(place, kind, Decimal(net), currency, tuple((n, Decimal(a)) for n, a in parts))
        for place, kind, net, currency, parts in json.loads(text)
    ]
