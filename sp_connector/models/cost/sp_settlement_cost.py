from odoo import api, fields, models


class SpSettlementCost(models.AbstractModel):
    """What the goods of a settlement cost, and the ways to say it."""

    _name = "sp.settlement.cost"
    _description = "What the Goods of an Amazon Settlement Cost"

    company_currency_id = fields.Many2one("res.currency")  # of the settlement's company
    goods_ids = fields.One2many("sp.goods", "settlement_id", readonly=True)
    goods_count = fields.Integer("Number of Goods", compute="_compute_cost_of_goods")
    cost_of_goods = fields.Monetary(
        compute="_compute_cost_of_goods",
        currency_field="company_currency_id",
        help="What is added to the cost of goods, less what comes back.",
    )
    needs_costs = fields.Boolean(
        readonly=True, help="Nobody has said yet what some of its goods cost."
    )

    @api.depends("goods_ids.cost")
    def _compute_cost_of_goods(self):
        sums = {
            settlement: values
            for settlement, *values in self.env["sp.goods"]._read_group(
                [("settlement_id", "in", self.ids)], ["settlement_id"], ["__count", "cost:sum"]
            )
        }
        for settlement in self:
            count, cost = sums.get(settlement._origin, (0, 0.0))
            settlement.goods_count, settlement.cost_of_goods = count, cost

    # === ACTION METHODS === #

    def action_view_goods(self):
        """Open what left the stock and what it cost."""
        action = self.env["ir.actions.act_window"]._for_xml_id("sp_connector.sp_goods_action")
        action["domain"] = [("settlement_id", "in", self.ids)]
        return action

    def action_enter_costs(self):
        """Ask what the SKUs cost of which nobody has said it."""
        self.ensure_one()
        return self.env["sp.cost.entry"]._open(self)

    def action_cost_settings(self):
        """Open the settings of the cost of goods."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("sp_connector.sp_cost_settings_action"),
            "context": {"default_company_id": self.company_id.root_id.id},
        }
