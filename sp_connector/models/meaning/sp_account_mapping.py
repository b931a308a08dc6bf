import json

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command, Domain
from odoo.tools import format_date

from ...engine.books.analytic import Analytics
from ...engine.books.choices import Choices
from ...engine.books.mapping import Mapping, Rule
from ...engine.words.categories import ACCRUED_INCOME, BALANCING, DEPOSIT, ROLLOVER, TAXABLE
from .category_labels import category_label, category_selection
from .sp_sku_rule import TAX_CLASSES

_WORDS = ("transaction_type", "amount_type", "amount_description")
_OUTPUT = ("output_included", "output_on_net", "marketplace")
_ANY_AMOUNT = 100.0
#: What product lines are looked at by: income and costs, no balances.
_RESULT = ("income", "expense")
#: Without taxes: on purpose, or until somebody decides.
_UNTAXED = ("none", "undecided")


class SpAccountMapping(models.Model):
    """Category, and what else matters, → account, taxes, analytic and label.

    The most specific line of the nearest company wins (``engine.books.mapping.Rule.specificity``).
    """

    _name = "sp.account.mapping"
    _description = "Amazon Account Mapping"
    _inherit = ["sp.rechecked", "analytic.mixin", "sp.change.mixin", "sp.audited"]
    _order = "company_id, category, marketplace_id, date_from desc, id"
    _check_company_auto = True
    _audited = (
        "category",
        "marketplace_id",
        "transaction_type",
        "amount_type",
        "amount_description",
        "fulfillment",
        "tax_form",
        "tax_class",
        "date_from",
        "account_id",
        "tax_mode",
        "tax_ids",
        "analytic_distribution",
        "label",
        "company_id",
    )

    category = fields.Selection("_selection_category", required=True)
    marketplace_id = fields.Many2one(
        "sp.marketplace", help="Leave empty for all marketplaces.", ondelete="restrict"
    )
    transaction_type = fields.Char(help="Leave empty for all words of the category.")
    amount_type = fields.Char(help="Leave empty for all words of the category.")
    amount_description = fields.Char(help="Leave empty for all words of the category.")
    fulfillment = fields.Selection(
        [("AFN", "Amazon (FBA)"), ("MFN", "Merchant (FBM)")], "Fulfilled By"
    )
    tax_form = fields.Selection("_selection_tax_form", "Price Form")
    tax_class = fields.Selection(TAX_CLASSES, "Tax Class of the SKU")
    date_from = fields.Date(
        "Valid From",
        help="It holds for rows posted from this day on, by month. Entries that exist keep the "
        "account they have.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    account_id = fields.Many2one(
        "account.account", required=True, check_company=True, ondelete="restrict"
    )
    tax_mode = fields.Selection(
        [
            ("undecided", "Undecided"),
            ("none", "No tax"),
            ("output_included", "Output tax, included in the amount"),
            ("output_on_net", "Output tax on the net amount"),
            ("marketplace", "The marketplace is the taxpayer"),
            ("input_included", "Input tax, included in the amount"),
            ("reverse_charge", "Reverse charge"),
        ],
        "Tax",
        compute="_compute_tax_mode",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        help="Undecided: holds the settlements of a company that is registered for tax.\n"
        "No tax: on purpose, for what bears none.\n"
        "Included: the tax is taken out of a gross amount; a price with its tax row beside "
        "it is net, and that row is its tax.\n"
        "On the net amount: only where a tax row stands beside the price.\n"
        "The marketplace is the taxpayer: sold to the marketplace at a zero rate.\n"
        "Reverse charge: the taxes add up to nothing.",
    )
    tax_ids = fields.Many2many(
        "account.tax",
        string="Taxes",
        check_company=True,
        domain="[('type_tax_use', '=', tax_use), ('active', '=', True)]",
        # An archived tax is shown, and holds; without this it would drop out in silence.
        context={"active_test": False},
    )
    tax_use = fields.Char(compute="_compute_tax_use")
    zero_rated = fields.Boolean(compute="_compute_zero_rated")
    label = fields.Char(
        "Label of the Item", help="Leave empty for the category and the marketplace."
    )

    _category_unique = models.UniqueIndex(
        "(company_id, category, COALESCE(marketplace_id, 0), COALESCE(transaction_type, ''), "
        "COALESCE(amount_type, ''), COALESCE(amount_description, ''), COALESCE(fulfillment, ''), "
        "COALESCE(tax_form, ''), COALESCE(tax_class, ''), COALESCE(date_from, '2000-01-01'))",
        "There already is a line for exactly this; change that one, or give this one a date.",
    )

    @api.model
    def _selection_category(self):
        return category_selection(self.env, "unknown")

    @api.model
    def _selection_tax_form(self):
        forms = self.env["sp.settlement.line"]._fields["tax_form"].selection
        return [form for form in forms if form[0] != "none"]

    # === COMPUTE METHODS === #

    @api.depends("category")
    def _compute_tax_mode(self):
        """Income and costs start undecided; what cannot bear tax has none."""
        for mapping in self:
            if mapping.category and mapping.category not in TAXABLE:
                mapping.tax_mode = "none"
            elif mapping.tax_mode in (False, "none"):
                mapping.tax_mode = "undecided"
            else:
                mapping.tax_mode = mapping.tax_mode

    @api.depends("tax_mode")
    def _compute_tax_use(self):
        for mapping in self:
            mapping.tax_use = "sale" if mapping.tax_mode in _OUTPUT else "purchase"

    @api.depends("tax_mode", "tax_ids.amount")
    def _compute_zero_rated(self):
        for mapping in self:
            is_output = mapping.tax_mode in _OUTPUT
            mapping.zero_rated = is_output and not mapping._tax_of(_ANY_AMOUNT)

    @api.depends(
        "category", "marketplace_id", *_WORDS, "fulfillment", "tax_form", "tax_class", "date_from"
    )
    @api.depends_context("lang")
    def _compute_display_name(self):
        """Name what it is for, which also is the answer to "why this account?"."""
        for mapping in self:
            parts = [category_label(self.env, mapping.category)] if mapping.category else []
            if words := [mapping[name] for name in _WORDS if mapping[name]]:
                parts.append(" / ".join(words))
            parts.append(mapping.marketplace_id.name or self.env._("all marketplaces"))
            for name in ("fulfillment", "tax_form", "tax_class"):
                if mapping[name]:
                    parts.append(
                        dict(mapping._fields[name]._description_selection(self.env))[mapping[name]]
                    )
            if mapping.date_from:
                parts.append(
                    self.env._("from %(day)s", day=format_date(self.env, mapping.date_from))
                )
            mapping.display_name = ", ".join(parts)

    @api.onchange("tax_mode")
    def _onchange_tax_mode(self):
        self.tax_ids = self.tax_ids.filtered(
            lambda tax: self.tax_mode not in _UNTAXED and tax.type_tax_use == self.tax_use
        )

    # === CONSTRAINTS === #

    @api.constrains("category", "marketplace_id", *_WORDS, "fulfillment", "tax_form", "tax_class")
    def _check_accrued_income(self):
        limits = ("marketplace_id", *_WORDS, "fulfillment", "tax_form", "tax_class")
        for mapping in self:
            if mapping.category == ACCRUED_INCOME and any(mapping[name] for name in limits):
                raise ValidationError(
                    self.env._("Accrued income has one account for all marketplaces and words.")
                )

    @api.constrains("category", "tax_mode", "tax_ids")
    def _check_taxes(self):
        for mapping in self:
            mode, taxes = mapping.tax_mode, mapping.tax_ids
            is_free = mapping.category not in TAXABLE
            if (mode == "undecided" and is_free) or (taxes and mapping.category in BALANCING):
                problem = self.env._("this is no income or cost, so it has no tax.")
            elif mode in _UNTAXED:
                problem = taxes and self.env._("choose how its taxes are meant, or remove them.")
            elif not taxes:
                problem = self.env._("choose the tax, or «No tax».")
            elif set(taxes.mapped("type_tax_use")) != {mapping.tax_use}:
                problem = (
                    self.env._("an output tax is a tax on sales.")
                    if mapping.tax_use == "sale"
                    else self.env._("an input tax is a tax on purchases.")
                )
            elif mode in ("marketplace", "reverse_charge") and mapping._tax_of(_ANY_AMOUNT):
                problem = (
                    self.env._("where the marketplace pays the tax, yours is at a rate of zero.")
                    if mode == "marketplace"
                    else self.env._("taxes of a reverse charge add up to nothing.")
                )
            else:
                problem = False
            if problem:
                raise ValidationError(
                    self.env._(
                        "%(mapping)s: %(problem)s", mapping=mapping.display_name, problem=problem
                    )
                )

    def _tax_of(self, amount):
        """Return what the taxes add to a net amount, unrounded, by Odoo's tax engine."""
        details = self.tax_ids._get_tax_details(amount, 1.0, special_mode="total_excluded")
        return details["total_included"] - details["total_excluded"]

    # === CRUD METHODS === #

    def _recheck(self, companies):
        if not self.env.context.get("sp_connector_recheck_later"):
            self.env["sp.settlement"]._recheck(companies)

    def _touched_settlements(self, vals):
        """Return the settlements with money of its category; of a payout, all."""
        companies = self.company_id.browse(vals.get("company_id", [])) | self.company_id
        domain = [("company_id", "child_of", (companies or self.env.company).ids)]
        categories = {self.category, vals.get("category")} - {None, False}
        if not categories & {DEPOSIT, ROLLOVER}:
            domain.append(("line_ids.category", "in", list(categories)))
        return self.env["sp.settlement"].search(domain)

    @api.model
    def _general(self, company):
        """Return {category: the line of this company that limits nothing}, for the set-up."""
        keys = ("marketplace_id", *_WORDS, "fulfillment", "tax_form", "tax_class", "date_from")
        lines = self.search([("company_id", "=", company.id), *((key, "=", False) for key in keys)])
        return {mapping.category: mapping for mapping in lines}

    # === FOR THE ENGINE === #

    @api.model
    def _mapping(self, company):
        """Return the engine's ``Mapping`` of a company and its parents; ids stand for records."""
        parents = self.env["sp.marketplace"]._parents()
        return Mapping(self._rules(company), parents, self._analytics(company))

    @api.model
    def _analytics(self, company):
        """Return how analytic distributions of a company are combined, and whether one is asked."""
        plans = self.env["account.analytic.plan"].sudo().with_company(company)
        is_asked = plans.search_count(
            Domain("default_applicability", "=", "mandatory")
            | Domain("applicability_ids.applicability", "=", "mandatory"),
            limit=1,
        )
        rules = self.env["sp.sku.rule"].sudo()
        if not rules.search_count([("company_id", "in", company.sudo().parent_ids.ids)], limit=1):
            return Analytics(is_asked=bool(is_asked))
        accounts = self.env["account.analytic.account"].sudo().with_context(active_test=False)
        plan_of = {str(one.id): one.root_plan_id.id for one in accounts.search([])}
        digits = self.env["decimal.precision"].precision_get("Percentage Analytic")
        return Analytics(plan_of, digits, bool(is_asked))

    def _rules(self, company):
        """Return the engine's rules of a company and its parents.

        Archived taxes are among them: they hold (``engine.books.decide``).
        """
        mappings = self.sudo().search([("company_id", "in", company.sudo().parent_ids.ids)])
        return [
            Rule(
                category=mapping.category,
                account=mapping.account_id.id,
                marketplace=mapping.marketplace_id.id or None,
                words=tuple(mapping[name] or "" for name in _WORDS),
                fulfillment=mapping.fulfillment or "",
                tax_form=mapping.tax_form or "",
                tax_class=mapping.tax_class or "",
                date_from=mapping.date_from or None,
                tax_mode=mapping.tax_mode,
                taxes=tuple(mapping.tax_ids.ids),
                # As text: what has the same distribution is one journal item.
                analytic=json.dumps(mapping.analytic_distribution, sort_keys=True)
                if mapping.analytic_distribution
                else None,
                label=mapping.label or "",
                depth=len(mapping.company_id.parent_ids),
                key=mapping.id,
                zero_rated=mapping.zero_rated,
                is_result=mapping.account_id.internal_group in _RESULT,
            )
            for mapping in mappings
        ]

    # === FOR THE SET-UP === #

    @api.model
    def _choices(self, company):
        """Return the mapping of a company to choose in, see ``Choices``."""
        depth = len(company.sudo().parent_ids)
        return Choices(self._rules(company), depth, self.env["sp.marketplace"]._parents())

    @api.model
    def _write_choices(self, company, choices):
        """Write what was chosen, and nothing else; the caller looks at settlements again."""
        lines = self.with_context(sp_connector_recheck_later=True)
        vals_list = []
        for rule in choices.changes():
            vals = {
                "account_id": rule.account,
                "tax_mode": rule.tax_mode,
                "tax_ids": [Command.set(rule.taxes)],
            }
            if rule.key:
                lines.browse(rule.key).write(vals)
                continue
            vals_list.append(
                {
                    "company_id": company.id,
                    "category": rule.category,
                    "marketplace_id": rule.marketplace or False,
                    "fulfillment": rule.fulfillment or False,
                    "tax_form": rule.tax_form or False,
                    "tax_class": rule.tax_class or False,
                    "date_from": rule.date_from or False,
                    **vals,
                }
            )
        lines.create(vals_list)
