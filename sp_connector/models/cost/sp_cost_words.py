"""What people read for what a decision finds in the cost of goods."""

from odoo import api, models

from ..common.texts import first_ten


class SpCostWords(models.AbstractModel):
    """Says the findings about goods; ``sp.decision.words`` has them beside its own."""

    _name = "sp.cost.words"
    _description = "Words for the Cost of Amazon's Goods"

    @api.model
    def _say_no_cost(self, settlement, skus, count, units):
        texts = [f"• {sku}: {number}" for sku, number in skus]
        return self.env._(
            "Cost missing: nobody has said yet what these SKUs cost, %(units)s units in all. A "
            "manager enters it (Enter Costs, or Configuration, Costs of SKUs), or as the cost of "
            "the product whose reference is the SKU if the settings take costs from products."
            "\n%(skus)s",
            units=units,
            skus="\n".join(first_ten(self.env, texts, count)),
        )

    @api.model
    def _say_no_cost_account(self, settlement):
        return self.env._(
            "The cost of goods is to be booked, and an account for it or for the inventory is "
            "missing. A manager chooses it under Configuration, Cost of Goods."
        )

    @api.model
    def _say_cost_by_odoo(self, settlement):
        return self.env._(
            "Odoo's own inventory valuation is perpetual now and books what goods cost: booked "
            "here too, it would count twice. A manager switches the cost of goods off under "
            "Configuration, Cost of Goods."
        )

    @api.model
    def _say_goods_later(self, settlement):
        return self.env._("What its goods cost is looked at when it is imported.")

    @api.model
    def _say_goods_free(self, settlement, units, refunded):
        return self.env._(
            "Units that cost nothing, as the costs of their SKUs say: %(units)s.", units=units
        )

    @api.model
    def _say_goods_unclear(self, settlement, units, refunded):
        return self.env._(
            "Order items of which Amazon does not say how many units moved, and that change "
            "nothing in the cost of goods: %(count)s, %(refunded)s of them refunded. Cost of Goods "
            "lists their SKUs.",
            count=units,
            refunded=refunded,
        )

    @api.model
    def _say_goods_nameless(self, settlement, units, refunded):
        return self.env._(
            "Units without a SKU, which change nothing in the cost of goods: %(units)s.",
            units=units,
        )

    @api.model
    def _say_goods_kept(self, settlement, units, refunded):
        return self.env._(
            "Units that Amazon lost, damaged or found, and that by the settings change nothing in "
            "the cost of goods: %(units)s.",
            units=units,
        )
