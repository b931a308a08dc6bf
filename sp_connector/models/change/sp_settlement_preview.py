"""The entries of a settlement as they would be made now; nothing is stored."""

from odoo import api, models
from odoo.tools import format_date

from ..booking.sp_settlement_item import ids_of
from ..settlement.states import BOOKED

#: What no entry can be shown without.
_NEEDED = {"no_date", "no_rate", "no_journal", "no_customer", "no_receivable"}


class SpSettlementPreview(models.AbstractModel):
    """Prepares what a person sees of entries before there are any, on screen and on paper."""

    _name = "sp.settlement.preview"
    _description = "Amazon Settlement, Preview of Its Entries"

    @api.model
    def _render(self, settlement):
        """Return the entries of a settlement as HTML."""
        values = self._prepare(settlement)
        return self.env["ir.qweb"]._render("sp_connector.sp_preview_entries", values)

    @api.model
    def _prepare(self, settlement):
        """Return what the template shows of a settlement: its entries, what holds it, and notes."""
        settlement.ensure_one()
        settlement.check_access("read")
        found = settlement.sudo()
        company = found.company_id
        classifier = self.env["sp.category.rule"]._classifier(company)
        decision = self.env["sp.settlement.facts"]._decide(found, classifier=classifier)
        holds = decision.holds
        parts = decision.plan.parts if decision.plan.proved else ()
        if _NEEDED & {finding.code for finding in holds}:
            parts = ()
        return {
            "settlement": found,
            "company": company,
            "is_booked": found.state in BOOKED,
            "holds": found._say(holds),
            "notes": found._say(decision.notes),
            "parts": [self._prepare_part(found, decision, part) for part in parts],
        }

    def _prepare_part(self, settlement, decision, part):
        vals, _owners = self.env["sp.settlement.entry"]._prepare_move_vals(
            settlement, decision, part
        )
        items = [self._prepare_item(settlement, item) for *_command, item in vals["line_ids"]]
        company = settlement.company_id
        types = dict(self.env["account.move"]._fields["move_type"]._description_selection(self.env))
        return {
            "journal": self.env["account.journal"].sudo().browse(vals["journal_id"]),
            "type": types[vals["move_type"]],
            "ref": vals["ref"],
            "day": format_date(self.env, vals["date"]),
            # A locked period moves it to another day than its own.
            "own_day": format_date(self.env, part.date) if part.date != vals["date"] else "",
            "entry_items": items,
            "has_analytic": any(item["analytic"] for item in items),
            "debit": company.currency_id.format(sum(max(item["balance"], 0.0) for item in items)),
            "credit": company.currency_id.format(sum(max(-item["balance"], 0.0) for item in items)),
        }

    def _prepare_item(self, settlement, vals):
        """Return a journal item in the words of Odoo's own list of them."""
        company = settlement.company_id
        env = self.sudo().with_company(company).env
        account = env["account.account"].browse(vals["account_id"])
        taxes = env["account.tax"].browse(ids_of(vals.get("tax_ids")))
        tags = env["account.account.tag"].browse(ids_of(vals.get("tax_tag_ids")))
        money = company.currency_id
        balance = vals["balance"]
        return {
            "account": account.display_name,
            "label": vals["name"],
            "amount": env["res.currency"]
            .browse(vals["currency_id"])
            .format(vals["amount_currency"]),
            "taxes": ", ".join(taxes.mapped("name")),
            "grids": ", ".join(tags.mapped("name")),
            "analytic": self._name_analytic(vals.get("analytic_distribution")),
            "balance": balance,
            "debit": money.format(balance) if balance > 0 else "",
            "credit": money.format(-balance) if balance < 0 else "",
        }

    def _name_analytic(self, shares):
        """Name the analytic accounts of a distribution with their shares."""
        texts = []
        for keys, share in (shares or {}).items():
            ids = [int(key) for key in keys.split(",")]
            accounts = self.env["account.analytic.account"].sudo().browse(ids).exists()
            texts.append(f"{', '.join(accounts.mapped('name'))} {share:g} %")
        return ", ".join(texts)
