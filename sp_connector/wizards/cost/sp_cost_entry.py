from odoo import api, fields, models
from odoo.exceptions import UserError

from ...engine.cost.costing import MISSING


class SpCostEntry(models.TransientModel):
    """Asks what the SKUs of a settlement cost of which nobody has said it."""

    _name = "sp.cost.entry"
    _description = "Amazon Costs Entered for a Settlement"
    _rec_name = "settlement_id"

    settlement_id = fields.Many2one(
        "sp.settlement", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="settlement_id.company_id")
    date_from = fields.Date(
        "Valid From", help="Of rows posted from this day on. Empty: these costs hold always."
    )
    line_ids = fields.One2many("sp.cost.entry.line", "entry_id", "SKUs")

    @api.model
    def _open(self, settlement):
        """Ask what is missing of a settlement."""
        missing = {}
        for goods in settlement.goods_ids.filtered(lambda goods: goods.why == MISSING):
            missing[goods.sku] = missing.get(goods.sku, 0) + goods.units
        entry = self.create(
            {
                "settlement_id": settlement.id,
                "line_ids": [
                    fields.Command.create({"sku": sku, "units": units})
                    for sku, units in sorted(missing.items(), key=lambda pair: -pair[1])
                ],
            }
        )
        return entry._get_records_action(name=self.env._("What Do They Cost?"), target="new")

    def action_save(self):
        """Store what was entered; what was left open stays missing."""
        self.ensure_one()
        said = self.line_ids.filtered(lambda line: line.cost or line.is_free)
        if not said:
            raise UserError(
                self.env._("Enter a cost, or tick «Costs Nothing», for one SKU at least.")
            )
        for line in said:
            if line.cost < 0 or (line.cost and line.is_free):
                raise UserError(
                    self.env._(
                        "%(sku)s: a cost is above zero, or «Costs Nothing» is ticked.",
                        sku=line.sku,
                    )
                )
        self.env["sp.sku.cost"]._take_over(
            self.company_id.root_id, {(line.sku, self.date_from): line.cost for line in said}
        )
        return {"type": "ir.actions.act_window_close"}


class SpCostEntryLine(models.TransientModel):
    """A SKU whose cost is asked."""

    _name = "sp.cost.entry.line"
    _description = "Amazon Cost Entered for a SKU"
    _rec_name = "sku"

    entry_id = fields.Many2one("sp.cost.entry", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="entry_id.company_id.currency_id")
    sku = fields.Char("SKU", readonly=True)
    units = fields.Integer(readonly=True)
    cost = fields.Float("Unit Cost", digits=(16, 4))
    is_free = fields.Boolean("Costs Nothing")
