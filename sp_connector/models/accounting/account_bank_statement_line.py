from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..bank.ages import age_selection, age_sql, find_age, search_age


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    sp_match_due = fields.Boolean(
        "To Be Matched With Amazon", readonly=True, copy=False, help="By the scheduler."
    )

    sp_is_amazon = fields.Boolean(
        "Names Amazon",
        compute="_compute_sp_is_amazon",
        search="_search_sp_is_amazon",
        help="By its partner, or by one of the company's words for Amazon.",
    )
    sp_age = fields.Selection(
        age_selection, "Open For", compute="_compute_sp_age", search="_search_sp_age"
    )

    _sp_match_due_idx = models.Index("(id) WHERE sp_match_due")

    # === COMPUTE METHODS === #

    @api.depends("partner_id", "partner_name", "payment_ref", "ref", "company_id")
    def _compute_sp_is_amazon(self):
        pool = self.env["sp.bank.pool"]
        self.sp_is_amazon = False
        for root, lines in self.grouped(lambda line: line.company_id.root_id).items():
            lines.filtered_domain(pool._amazon_domain(root)).sp_is_amazon = True

    @api.model
    def _search_sp_is_amazon(self, operator, value):
        if operator != "in":
            return NotImplemented
        pool = self.env["sp.bank.pool"]
        found = Domain.OR(
            Domain("company_id", "child_of", root.id) & pool._amazon_domain(root)
            for root in self.env.companies.root_id
        )
        return found if True in value else ~found

    @api.depends("date", "is_reconciled")
    def _compute_sp_age(self):
        today = fields.Date.context_today(self)
        for line in self:
            is_open = line.date and not line.is_reconciled
            line.sp_age = find_age(max((today - line.date).days, 0)) if is_open else False

    @api.model
    def _search_sp_age(self, operator, value):
        if operator != "in":
            return NotImplemented
        today, is_open = fields.Date.context_today(self), Domain("is_reconciled", "=", False)
        return search_age("date", is_open, value, today)

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "sp_age":
            day = super()._field_to_sql(alias, "date", query)
            is_matched = super()._field_to_sql(alias, "is_reconciled", query)
            age = age_sql(day, fields.Date.context_today(self))
            return SQL("CASE WHEN %s IS NOT TRUE THEN %s END", is_matched, age)
        return super()._field_to_sql(alias, field_expr, query)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        self.env["sp.bank.match"]._lines_arrived(lines)
        return lines

    # === ACTION METHODS === #

    def action_view_sp_bank_proposals(self):
        """Open what of Amazon these bank lines could be."""
        return self.env["sp.bank.proposal"]._open(lines=self)

    def action_sp_unmatch(self):
        """Undo the matching of these bank lines with settlements."""
        self.env["sp.bank.match"]._unmatch(self)
