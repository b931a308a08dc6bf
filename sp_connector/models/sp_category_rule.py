from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..engine.categories import DEPOSIT
from ..engine.classify import Classifier, Rule
from .category_labels import category_selection


class SpCategoryRule(models.Model):
    """What Amazon's words mean. Rules without a company are shipped and come with updates."""

    _name = "sp.category.rule"
    _description = "Amazon Category Rule"
    _order = "company_id, transaction_type, amount_type, amount_description"
    _check_company_auto = True

    name = fields.Char("Meaning")
    transaction_type = fields.Char(help="* stands for any text.")
    amount_type = fields.Char(help="* stands for any text.")
    amount_description = fields.Char(help="* stands for any text.")
    category = fields.Selection("_selection_category", required=True)
    at_period_end = fields.Boolean(
        "Goes with the Period's End",
        help="Reserves are posted seconds after the period ends; they belong to its end "
        "whatever their date says.",
    )
    evidence = fields.Selection(
        [
            ("real", "Seen in real reports"),
            ("config", "Used by sellers' programs"),
            ("doc", "Amazon's documentation"),
            ("inferred", "Inferred"),
            ("synthetic", "Made-up files only"),
            ("default", "Default of its type"),
            ("own", "Own rule"),
        ],
        default="own",
        required=True,
        readonly=True,
    )
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company, index=True)

    # Blank words are words too: a V1 account row has no description.
    _words_unique = models.UniqueIndex(
        "(COALESCE(company_id, 0), COALESCE(transaction_type, ''), COALESCE(amount_type, ''),"
        " COALESCE(amount_description, ''))",
        "There already is a rule for these words.",
    )

    @api.model
    def _selection_category(self):
        return category_selection(self.env, DEPOSIT, "unknown")

    @api.constrains("transaction_type", "amount_type", "amount_description")
    def _check_words(self):
        for rule in self:
            words = (rule.transaction_type, rule.amount_type, rule.amount_description)
            if not any((word or "").replace("*", "").strip() for word in words):
                raise ValidationError(
                    self.env._("A rule needs at least one word; * alone would match everything.")
                )

    @api.constrains("category")
    def _check_category(self):
        # Odoo does not check a selection that comes from a method.
        known = dict(self._selection_category())
        if unknown := [rule.category for rule in self if rule.category not in known]:
            raise ValidationError(self.env._("«%(category)s» is no category.", category=unknown[0]))

    @api.depends("transaction_type", "amount_type", "amount_description")
    def _compute_display_name(self):
        for rule in self:
            words = (rule.transaction_type, rule.amount_type, rule.amount_description)
            rule.display_name = " / ".join(word or "" for word in words)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            # The CSV of shipped rules has no company; nobody else may leave it out.
            if vals.get("evidence", "own") != "own":
                vals.setdefault("company_id", False)
        rules = super().create(vals_list)
        rules._recheck_settlements()
        return rules

    def write(self, vals):
        result = super().write(vals)
        if "company_id" in vals:  # Odoo looks at the company a rule had before only
            self.check_access("write")
        self._recheck_settlements()
        return result

    def unlink(self):
        companies = self.company_id
        result = super().unlink()
        self.env["sp.settlement"]._recheck(companies)
        return result

    def _recheck_settlements(self):
        # Shipped rules change at an update only; its settlements are checked when opened again.
        self.env["sp.settlement"]._recheck(self.company_id)

    @api.model
    def _classifier(self, company):
        """Return the engine's ``Classifier`` with the shipped rules and the company's own."""
        companies = company.sudo().parent_ids.ids
        rules = self.sudo().search(Domain("company_id", "in", (False, *companies)))
        return Classifier(
            Rule(
                rule.transaction_type or "",
                rule.amount_type or "",
                rule.amount_description or "",
                rule.category,
                rule.at_period_end,
                rule.evidence == "default",
                own=bool(rule.company_id),
                key=rule.id,
            )
            for rule in rules
        )
