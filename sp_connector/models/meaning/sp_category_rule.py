from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...engine.words.categories import BALANCING
from ...engine.words.classify import Classifier, Rule
from .category_labels import category_label, category_selection

_WORDS = ("transaction_type", "amount_type", "amount_description")
_SHOWN = 10


class SpCategoryRule(models.Model):
    """What Amazon's words mean. Rules without a company are shipped and come with updates."""

    _name = "sp.category.rule"
    _description = "Amazon Category Rule"
    _inherit = ["sp.change.mixin", "sp.audited"]
    _order = "company_id, transaction_type, amount_type, amount_description"
    _audited = (
        "transaction_type",
        "amount_type",
        "amount_description",
        "category",
        "at_period_end",
        "stands_first",
        "company_id",
    )

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
    stands_first = fields.Boolean(
        "Before Shipped Rules",
        help="Rules that came with the app and name words literally stand before your patterns. "
        "Tick this to put your pattern before them.",
    )
    line_ids = fields.One2many("sp.settlement.line", "rule_id", "Lines That Follow It")
    account_id = fields.Many2one(
        "account.account",
        compute="_compute_account_id",
        help="Where the account mapping books the category, if nothing else limits it.",
    )
    suggestion = fields.Text(compute="_compute_suggestion")
    category_help = fields.Text("What It Is", compute="_compute_category_help")
    effect = fields.Text("What It Changes", compute="_compute_effect")

    # Blank words are words too: a V1 account row has no description.
    _words_unique = models.UniqueIndex(
        "(COALESCE(company_id, 0), COALESCE(transaction_type, ''), COALESCE(amount_type, ''),"
        " COALESCE(amount_description, ''))",
        "There already is a rule for these words.",
    )

    @api.model
    def _selection_category(self):
        # Nor a balance between the months of one settlement: no row of Amazon's is that.
        return category_selection(self.env, *BALANCING, "unknown")

    @api.constrains(*_WORDS)
    def _check_words(self):
        for rule in self:
            words = [rule[name] for name in _WORDS]
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

    @api.depends("category", "company_id")
    @api.depends_context("company")
    def _compute_account_id(self):
        for company, rules in self.grouped(
            lambda rule: rule.company_id or self.env.company
        ).items():
            general = self.env["sp.account.mapping"]._general(company)
            for rule in rules:
                mapping = general.get(rule.category)
                rule.account_id = mapping and mapping.sudo().account_id

    @api.depends(*_WORDS)
    def _compute_display_name(self):
        for rule in self:
            rule.display_name = " / ".join(rule[name] or "" for name in _WORDS)

    @api.depends(*_WORDS, "company_id")
    @api.depends_context("lang")
    def _compute_suggestion(self):
        service = self.env["sp.word.suggestion"]
        for rule in self:
            company, words = rule.company_id, tuple(rule[name] or "" for name in _WORDS)
            is_new = company and any(words) and not rule._origin
            found = is_new and service._suggest(company, {words: rule._sum_unknown()})
            rule.suggestion = service._say(company, found[words]) if found else False

    def _sum_unknown(self):
        """Return what these words brought where nobody knows them yet."""
        domain = [
            ("company_id", "=", self.company_id.id),
            ("category", "=", "unknown"),
            *((name, "=", self[name] or False) for name in _WORDS),
        ]
        [(amount,)] = self.env["sp.settlement.line"]._read_group(domain, [], ["amount:sum"])
        return amount or 0.0

    @api.depends("category", "company_id")
    @api.depends_context("lang")
    def _compute_category_help(self):
        service = self.env["sp.word.suggestion"]
        for rule in self:
            company = rule.company_id or self.env.company
            rule.category_help = rule.category and service._say_category(company, rule.category)

    @api.depends(*_WORDS, "category", "at_period_end", "company_id", "stands_first")
    def _compute_effect(self):
        for rule in self:
            words = any((rule[name] or "").strip("* ") for name in _WORDS)
            own = rule.evidence == "own" and rule.company_id and rule.category
            rule.effect = rule._describe_effect() if words and own else False

    def _describe_effect(self):
        """Say what an own rule changes of the words seen so far, and what stands before it."""
        self.ensure_one()
        mine = self._prepare_rule()
        others = self._other_rules()
        before, after = Classifier(others), Classifier([*others, mine])
        seen = [
            tuple(word or "" for word in words)
            for words in self.env["sp.settlement.line"]._read_group(
                [("company_id", "child_of", self.company_id.ids)], _WORDS
            )
        ]
        changes = []
        for words in seen:
            old, new = before.match(*words), after.match(*words)
            if (old.category, old.at_period_end) != (new.category, new.at_period_end):
                changes.append(
                    self.env._(
                        "%(words)s: %(old)s → %(new)s",
                        words=" / ".join(words),
                        old=category_label(self.env, old.category),
                        new=category_label(self.env, new.category),
                    )
                )
        text = [
            self.env._(
                "Of %(seen)s different words in your settlements it changes %(count)s.",
                seen=len(seen),
                count=len(changes),
            ),
            *self._list_some(changes),
        ]
        ahead = [
            " / ".join(rule.words) + f": {category_label(self.env, rule.category)}"
            for rule in others
            if self._stands_ahead(rule, mine, after)
        ]
        if ahead:
            text.append(self.env._("%(count)s shipped rules stand before it:", count=len(ahead)))
            text += self._list_some(ahead)
        return "\n".join(text)

    def _other_rules(self):
        """Return the engine's rules of its company but for this one."""
        return [rule for rule in self._rules(self.company_id) if rule.key != self._origin.id]

    def _touched_settlements(self, vals):
        """Return the settlements in which some words would mean something else."""
        rule = self.new({"company_id": self.env.company.id} | vals, origin=self)
        others, company = rule._other_rules(), rule.company_id
        before = Classifier([*others, self._prepare_rule()] if self else others)
        after = Classifier([*others, rule._prepare_rule()])
        found = self.env["sp.settlement"]
        for *words, settlements in self.env["sp.settlement.line"]._read_group(
            [("company_id", "child_of", company.ids)], _WORDS, ["settlement_id:recordset"]
        ):
            triple = [word or "" for word in words]
            old, new = before.match(*triple), after.match(*triple)
            if (old.category, old.at_period_end) != (new.category, new.at_period_end):
                found |= settlements
        return found

    @api.model
    def _stands_ahead(self, rule, mine, classifier):
        """Tell whether a shipped rule takes words away from an own one, with another answer."""
        if rule.own or rule.is_default or rule.category == mine.category:
            return False
        words = [word.replace("*", "x") for word in rule.words]
        return mine.covers(words) and classifier.match(*words).rule == rule

    def _list_some(self, texts):
        """Return the first of some texts as lines, and how many are left out."""
        lines = [f"• {text}" for text in texts[:_SHOWN]]
        if len(texts) > _SHOWN:
            lines.append(self.env._("… and %(count)s more.", count=len(texts) - _SHOWN))
        return lines

    def _is_audited(self):
        return bool(self.company_id)  # the others come with this addon and its updates

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
        if not self.env.context.get("sp_connector_recheck_later"):
            self.env["sp.settlement"]._recheck(self.company_id)

    @api.model
    def _own_rule(self, company, words):
        """Return the rule of a company that names these very words, or none."""
        domain = [("company_id", "=", company.id)]
        return self.search(
            domain
            + [
                (name, "in", (word, False) if not word else (word,))
                for name, word in zip(_WORDS, words, strict=True)
            ],
            limit=1,
        )

    def _prepare_stored_notice(self):
        """Return a notice of what was stored and where it can be taken back."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "«%(words)s» is %(category)s from now on. Take it back on the line, or under "
                    "Words and Categories.",
                    words=self.display_name,
                    category=category_label(self.env, self.category),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _prepare_rule(self):
        """Return the engine's ``Rule`` of this record."""
        return Rule(
            *(self[name] or "" for name in _WORDS),
            self.category,
            self.at_period_end,
            self.evidence == "default",
            own=bool(self.company_id),
            key=self.id,
            first=self.stands_first and bool(self.company_id),
        )

    @api.model
    def _rules(self, company):
        """Return the engine's ``Rule`` s of a company: the shipped ones, its parents', its own."""
        companies = company.sudo().parent_ids.ids
        rules = self.sudo().search(Domain("company_id", "in", (False, *companies)))
        # Of two rules with the same words the nearest company's counts, which is the last.
        rules = rules.sorted(lambda rule: len(rule.company_id.parent_ids))
        return [rule._prepare_rule() for rule in rules]

    @api.model
    def _classifier(self, company):
        """Return the engine's ``Classifier`` with the shipped rules and the company's own."""
        return Classifier(self._rules(company))
