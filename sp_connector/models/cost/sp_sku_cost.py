from odoo import api, fields, models


class SpSkuCost(models.Model):
    """What a unit of a SKU costs from a day on: Amazon's file does not tell."""

    _name = "sp.sku.cost"
    _inherit = ["sp.rechecked", "sp.audited"]
    _description = "Amazon SKU Cost"
    _order = "company_id, sku, date_from desc, id"
    _rec_name = "sku"
    _audited = ("sku", "date_from", "cost", "is_free")

    sku = fields.Char("SKU", required=True, help="As Amazon's file writes it.")
    key = fields.Char(compute="_compute_key", store=True, index=True)
    date_from = fields.Date("Valid From", help="Of rows posted from this day on. Empty: always.")
    cost = fields.Float(
        "Unit Cost",
        digits=(16, 4),
        help="In the company's currency, without tax that you get back.",
    )
    is_free = fields.Boolean(
        "Costs Nothing",
        help="A decision, for samples and the like: a SKU that nobody has said anything of holds.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company.root_id,
        domain="[('parent_id', '=', False)]",
        index=True,
        help="It holds for its branches too.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    _sku_unique = models.UniqueIndex(
        "(company_id, lower(sku), COALESCE(date_from, '0001-01-01'::date))",
        "This SKU already has a cost from that day on.",
    )
    _cost_said = models.Constraint(
        "CHECK (CASE WHEN is_free THEN cost = 0 ELSE cost > 0 END)",
        "A cost is above zero. Tick «Costs Nothing» for a SKU that costs nothing, and leave its "
        "cost at zero.",
    )

    @api.depends("sku")
    def _compute_key(self):
        for record in self:
            record.key = (record.sku or "").lower()

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._clean(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._clean(vals))

    @api.model
    def _clean(self, vals):
        return {**vals, "sku": vals["sku"].strip()} if vals.get("sku") else vals

    def _recheck(self, companies):
        """Look again at the settlements of companies that book what goods cost."""
        booking = companies.sudo().filtered(lambda company: company.sp_cost_source != "off")
        self.env["sp.settlement"]._recheck(booking)

    @api.model
    def _take_over(self, company, costs):
        """Store costs, replacing those of the same SKU and day; kept and looked at once for all.

        :param costs: {(SKU, day or ``False``): cost, 0.0 for what costs nothing}
        :return: (how many are new, how many changed)
        """
        company.with_env(self.env).check_access("read")
        self.check_access("write")
        keys = {sku.lower() for sku, _day in costs}
        stored = {
            (one.key, one.date_from): one
            for one in self.search([("company_id", "=", company.id), ("key", "in", list(keys))])
        }
        before, changed, vals_list = {}, self.browse(), []
        for (sku, day), cost in costs.items():
            vals = {"cost": cost, "is_free": not cost}
            found = stored.get((sku.lower(), day))
            if found is None:
                vals_list.append({"sku": sku, "date_from": day, "company_id": company.id, **vals})
            elif found.cost != cost or found.is_free != vals["is_free"]:
                before[found.id] = found._audited_texts(("cost", "is_free"))
                changed |= found
                models.BaseModel.write(found, vals)  # kept and looked at below
        self._keep_changes(before)
        new = self.create(vals_list)
        if not new:
            self._recheck(changed.company_id)
        return len(new), len(changed)
