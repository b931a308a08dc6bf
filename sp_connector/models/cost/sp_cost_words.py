"""What people read for what a decision finds in the cost of goods."""

from odoo import api, models

from ..common.texts import first_ten


class SpCostWords(models.AbstractModel):
    """Says the findings about goods; ``sp.decision.words`` has them beside its own."""

    _name = "sp.cost.words"
    _description = "Words for the Cost of Amazon's Goods"

    @api.model
    def _say_no_cost(self, settlement, skus, count, units):
        texts = [self.env._("• %(sku)s: %(units)s units", sku=sku, units=n) for sku, n in skus]
        return self.env._(
            "Cost missing: nobody has said yet what %(units)s units of %(count)s SKUs cost. A "
            "manager presses Enter Costs, or fills in the cost of the product whose reference is "
            "the SKU where the settings take costs from products.\n%(skus)s",
            units=units,
            count=count,
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
            "%(units)s units cost nothing: the costs of their SKUs say so.", units=units
        )

    @api.model
    def _say_goods_unclear(self, settlement, units, refunded):
        return self.env._(
            "Of %(count)s order items (%(refunded)s of them refunded) Amazon does not say how many "
            "units moved: they change nothing in the cost of goods. Goods lists their SKUs.",
            count=units,
            refunded=refunded,
        )

    @api.model
    def _say_goods_nameless(self, settlement, units, refunded):
        return self.env._(
            "%(units)s units without a SKU change nothing in the cost of goods.", units=units
        )

    @api.model
    def _say_goods_kept(self, settlement, units, refunded):
        return self.env._(
            "%(units)s units that Amazon lost, damaged or found change nothing in the cost of "
            "goods, by its settings.",
            units=units,
        )
