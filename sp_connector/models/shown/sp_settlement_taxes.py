from markupsafe import Markup

from odoo import api, fields, models


class SpSettlementTaxes(models.AbstractModel):
    """Net, tax and gross of a settlement by tax: of its entries, before them of the plan."""

    _name = "sp.settlement.taxes"
    _description = "Taxes of an Amazon Settlement"

    tax_summary = fields.Html(
        "Taxes",
        compute="_compute_tax_summary",
        sanitize=False,  # made here, of escaped names
        help="Of what is booked, or would be booked now. Positive is the seller's income.",
    )

    @api.depends("state")
    @api.depends_context("lang")
    def _compute_tax_summary(self):
        for settlement in self:
            sudo = settlement.sudo()
            is_planned = settlement.state == "review"
            amounts = sudo._planned_taxes() if is_planned else sudo._booked_taxes()
            settlement.tax_summary = settlement._render_taxes(amounts)

    def _booked_taxes(self):
        """Return {tax: [net, tax]} of the entries that count, in the settlement's currency."""
        amounts = {}
        for item in self._active_moves().line_ids:
            for tax in item.tax_ids:
                amounts.setdefault(tax, [0.0, 0.0])[0] -= item.amount_currency
            if tax := item.tax_line_id:
                amounts.setdefault(tax, [0.0, 0.0])[1] -= item.amount_currency
        return amounts

    def _planned_taxes(self):
        """Return {tax: [net, tax]} as booking would make it now; nothing is written."""
        amounts = {}
        decision = self._decide()
        entry, Tax = self.env["sp.settlement.entry"], self.env["account.tax"]
        owner = self.env["account.tax.repartition.line"]
        for part in decision.plan.parts:
            vals, _keys = entry._prepare_move_vals(self, decision, part)
            for _command, _id, item in vals["line_ids"]:
                amount = item.get("amount_currency", 0.0)
                ids = [tax_id for command in item.get("tax_ids", ()) for tax_id in command[2] or ()]
                for tax in Tax.browse(ids).flatten_taxes_hierarchy():
                    amounts.setdefault(tax, [0.0, 0.0])[0] -= amount
                if repartition := item.get("tax_repartition_line_id"):
                    tax = owner.browse(repartition).tax_id
                    amounts.setdefault(tax, [0.0, 0.0])[1] -= amount
        return amounts

    def _render_taxes(self, amounts):
        if not amounts:
            return False
        currency = self.currency_id
        names = [
            self.env._("Tax"),
            self.env._("Net"),
            self.env._("Tax Amount"),
            self.env._("Gross"),
        ]
        head = Markup("").join(
            Markup('<th class="%s">%s</th>') % ("text-end" if number else "", name)
            for number, name in enumerate(names)
        )
        rows = Markup("").join(
            Markup(
                '<tr><td>%s</td><td class="text-end">%s</td><td class="text-end">%s</td>'
                '<td class="text-end">%s</td></tr>'
            )
            % (tax.name, *map(currency.format, self._net_tax_gross(net, amount)))
            for tax, (net, amount) in sorted(
                amounts.items(), key=lambda item: (item[0].type_tax_use != "sale", item[0].name)
            )
        )
        return (
            Markup('<table class="table table-sm mb-0"><thead><tr>%s</tr></thead>') % head
            + Markup("<tbody>%s</tbody></table>") % rows
        )

    def _net_tax_gross(self, net, amount):
        rounded = self.currency_id.round
        return (rounded(value) + 0.0 for value in (net, amount, net + amount))  # no -0.00
