import json
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from ...engine.books.lines import plan_line
from ...engine.lines.summary import Line, LineKey
from ...engine.words.categories import BALANCING, CATEGORIES, kind_of
from ..common.texts import words_text
from ..meaning.category_labels import KINDS, LEVELS, REASONS, STEPS, category_selection
from ..meaning.sp_sku_rule import TAX_CLASSES
from .states import UNBOOKED

_WORDS = ("transaction_type", "amount_type", "amount_description")


class SpSettlementLine(models.Model):
    """All rows of a settlement with the same marketplace, month, words and so on (``LineKey``).

    Lines are what people review, map and book: dozens where the file has thousands of rows.
    """

    _name = "sp.settlement.line"
    _inherit = ["sp.exported"]
    _description = "Amazon Settlement Line"
    _order = "settlement_id, category_sequence, marketplace_name, id"

    settlement_id = fields.Many2one(
        "sp.settlement", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="settlement_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    marketplace_name = fields.Char(
        readonly=True, help="As the file writes it; blank on account rows."
    )
    marketplace_id = fields.Many2one("sp.marketplace", readonly=True)
    booked_marketplace_id = fields.Many2one(
        "sp.marketplace",
        "Booked To",
        compute="_compute_booked_marketplace_id",
        help="Its marketplace, or the chosen one where Amazon's file names none.",
    )
    month = fields.Date(readonly=True, help="Month of posting, in the company's time zone.")
    at_period_end = fields.Boolean(
        "At the End", readonly=True, help="Reserve and carried balances: always in the last entry."
    )
    is_late = fields.Boolean(
        "Late", readonly=True, help="Posted on a day outside the settlement's period."
    )
    transaction_type = fields.Char(readonly=True)
    amount_type = fields.Char(readonly=True)
    amount_description = fields.Char(readonly=True)
    words = fields.Char(compute="_compute_words")
    fulfillment = fields.Char("Fulfilment", readonly=True, help="AFN: Amazon, MFN: the merchant.")
    tax_form = fields.Selection(
        [
            ("gross", "Gross"),
            ("net", "Net of tax"),
            ("zero", "No tax charged"),
            ("withheld", "Tax kept by the marketplace"),
            ("partly", "Tax partly kept by the marketplace"),
            ("none", "No price"),
        ],
        "Price Form",
        readonly=True,
        help="Decided by what stands beside the price in its order item. Gross: no tax row. "
        "Net: its tax. No tax charged: a tax of zero, or the tax of other prices alone. Partly "
        "kept: what the marketplace leaves is your tax.",
    )
    tax_rate_min = fields.Float(
        "Lowest Tax Rate",
        digits=(12, 6),
        readonly=True,
        help="With the highest, the rates that explain the tax beside each price. Where it is "
        "above the highest, the order items were taxed at several rates.",
    )
    tax_rate_max = fields.Float("Highest Tax Rate", digits=(12, 6), readonly=True)
    tax_class = fields.Selection(TAX_CLASSES, "Tax Class of the SKU", readonly=True)
    product_line = fields.Json(
        "Analytics of the SKU",
        readonly=True,
        help="The analytic distribution of its SKUs when the line was made.",
    )
    product_line_name = fields.Char("Product Line", compute="_compute_product_line_name")
    amount = fields.Monetary(readonly=True)
    row_count = fields.Integer("Rows", readonly=True)
    quantity = fields.Integer(readonly=True, aggregator="sum")
    has_amount = fields.Boolean(readonly=True)
    row_ids = fields.One2many("sp.settlement.row", "line_id", "Rows of the File", readonly=True)

    category = fields.Selection("_selection_category", readonly=True, required=True, index=True)
    category_sequence = fields.Integer(compute="_compute_category_sequence", store=True)
    kind = fields.Selection("_selection_kind", compute="_compute_kind", store=True)
    rule_id = fields.Many2one("sp.category.rule", readonly=True, ondelete="set null")
    match_level = fields.Selection("_selection_match_level", "Understood As", readonly=True)
    match_steps = fields.Char(
        readonly=True, help="What leads from the rule to these words, where none names them."
    )
    match_reason = fields.Char("Understood By", compute="_compute_match_reason")
    suggested_category = fields.Selection("_selection_category", compute="_compute_suggestion")
    suggestion = fields.Char(
        compute="_compute_suggestion", help="What unknown words may mean, and why."
    )
    is_own_answer = fields.Boolean(
        compute="_compute_is_own_answer",
        help="The company's own rule names these very words, and nothing is booked by it yet.",
    )
    account_id = fields.Many2one("account.account", compute="_compute_account_id")
    mapping_id = fields.Many2one(
        "sp.account.mapping", "Why This Account", readonly=True, ondelete="set null"
    )
    mapping_reason = fields.Selection("_selection_mapping_reason", "Why So", readonly=True)
    tax_treatment = fields.Selection(
        [
            ("included", "Included"),
            ("beside", "Amazon's tax rows"),
            ("excluded", "Adds nothing"),
        ],
        "How It Is Taxed",
        readonly=True,
    )
    tax_ids = fields.Many2many("account.tax", string="Taxes", compute="_compute_tax_ids")
    move_line_id = fields.Many2one(
        "account.move.line",
        "Journal Item",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    invoiced_amount = fields.Monetary(
        "To Invoices",
        readonly=True,
        copy=False,
        help="What of it goes to customer invoices instead of its account.",
    )

    def unlink(self):
        line_ids = self.ids
        answer = super().unlink()
        self.env["sp.settlement.row"]._delete_of("line_id", line_ids)
        return answer

    @api.model
    def _selection_category(self):
        return category_selection(self.env, *BALANCING)

    @api.model
    def _selection_kind(self):
        return [(kind, self.env._(label)) for kind, label in KINDS.items()]

    @api.model
    def _selection_match_level(self):
        return [(level, self.env._(label)) for level, label in LEVELS]

    @api.model
    def _selection_mapping_reason(self):
        return [(reason, self.env._(label)) for reason, label in REASONS.items()]

    @api.depends("match_level", "match_steps", "rule_id")
    def _compute_match_reason(self):
        levels = dict(self._selection_match_level())
        for line in self:
            reason = [levels.get(line.match_level, "")]
            if line.match_level not in ("exact", "unknown") and line.rule_id:
                # A branch's line may follow a rule of its parent company.
                reason.append(f"«{line.rule_id.sudo().display_name}»")
            if line.match_steps:
                steps = [self.env._(STEPS[step]) for step in line.match_steps.split(",")]
                reason.append(format_list(self.env, steps))
            line.match_reason = ": ".join(filter(None, reason))

    @api.depends("product_line")
    def _compute_product_line_name(self):
        for line in self:
            names = self.env["sp.settlement.preview"]._name_analytic(line.product_line)
            line.product_line_name = names or False

    @api.depends("category", "has_amount", "amount")
    @api.depends_context("lang")
    def _compute_suggestion(self):
        service = self.env["sp.word.suggestion"]
        unknown = self.filtered(lambda line: line.category == "unknown" and line.has_amount)
        (self - unknown).update({"suggested_category": False, "suggestion": False})
        for company, lines in unknown.grouped("company_id").items():
            by_words = lines.grouped(lambda line: line._triple())
            found = service._suggest(
                company, {words: sum(group.mapped("amount")) for words, group in by_words.items()}
            )
            for words, group in by_words.items():
                suggestion = found.get(words)
                if not suggestion:
                    group.update({"suggested_category": False, "suggestion": False})
                    continue
                group.suggested_category = suggestion.category
                for place, those in group.grouped("booked_marketplace_id").items():
                    those.suggestion = service._say(company, suggestion, place)

    @api.depends("rule_id", "match_level", "settlement_id.state")
    def _compute_is_own_answer(self):
        for line in self:
            line.is_own_answer = (
                line.match_level in ("exact", "spelling")
                and line.settlement_id.state in UNBOOKED
                and line.rule_id.sudo().company_id == line.company_id
            )

    def _triple(self):
        """Return the three words as the engine has them."""
        return self.transaction_type or "", self.amount_type or "", self.amount_description or ""

    @api.depends("transaction_type", "amount_type", "amount_description")
    def _compute_words(self):
        for line in self:
            line.words = words_text(line._triple())

    @api.depends("words")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.words

    @api.depends("category")
    def _compute_category_sequence(self):
        order = {key: position for position, key in enumerate(CATEGORIES)}
        for line in self:
            line.category_sequence = order.get(line.category, len(order))

    @api.depends("category")
    def _compute_kind(self):
        for line in self:
            line.kind = line.category and kind_of(line.category)

    @api.depends("marketplace_name", "marketplace_id", "settlement_id.default_marketplace_id")
    def _compute_booked_marketplace_id(self):
        for line in self:
            # Not "Non-Amazon …": that is another sales channel, not a missing name.
            default = (
                not line.marketplace_name and line.settlement_id.default_marketplace_id
            ) or self.env["sp.marketplace"]
            line.booked_marketplace_id = line.marketplace_id or default

    @api.depends("mapping_id.account_id", "move_line_id.account_id")
    def _compute_account_id(self):
        for line in self.sudo():
            line.account_id = line.move_line_id.account_id or line.mapping_id.account_id

    @api.depends("mapping_id", "tax_treatment", "move_line_id.tax_ids")
    def _compute_tax_ids(self):
        for line in self.sudo():
            if item := line.move_line_id:
                line.tax_ids = item.tax_line_id or item.tax_ids
            else:
                line.tax_ids = line.tax_treatment and line.mapping_id.tax_ids

    def action_view_rows(self):
        """Open the rows of Amazon's file that this line is made of."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_settlement_row_action"
        )
        action["domain"] = [("line_id", "=", self.id)]
        return action

    def action_view_mapping(self):
        """Say why these words book to this account, with a link to the line that chose it."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Why This Account?"),
                "message": f"{self._explain_account()} %s",
                "links": [
                    {
                        "label": self.env._("Account mapping"),
                        "url": f"/odoo/sp.account.mapping/{self.mapping_id.id}",
                    }
                ],
                "sticky": True,
            },
        }

    def _explain_account(self):
        """Say in a sentence or two what leads from the words to the account."""
        reasons = dict(self._selection_mapping_reason())
        categories = dict(self._selection_category())
        text = self.env._(
            "«%(words)s» means %(category)s (%(reason)s). The account mapping says for "
            "«%(mapping)s»: %(account)s.",
            words=self.words,
            category=categories[self.category],
            reason=self.match_reason,
            mapping=self.mapping_id.sudo().display_name,
            account=self.mapping_id.sudo().account_id.display_name or self.env._("no account"),
        )
        return f"{text} {reasons[self.mapping_reason]}." if self.mapping_reason else text

    def action_map_words(self):
        """Open the rule that says what this line's words mean: the company's own, or a new one."""
        self.ensure_one()
        own = self.env["sp.category.rule"]._own_rule(self.company_id, self._triple())
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What do these words mean?"),
            "res_model": "sp.category.rule",
            "res_id": own.id,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_transaction_type": self.transaction_type,
                "default_amount_type": self.amount_type,
                "default_amount_description": self.amount_description,
                "default_category": self.suggested_category,
                "default_company_id": self.company_id.id,
            },
        }

    def action_accept_suggestion(self):
        """Take over what is suggested as the company's rule; what waits for it goes on."""
        self.ensure_one()
        if not self.suggested_category:
            return None
        rule = self.env["sp.category.rule"].create(
            {
                **dict(zip(_WORDS, self._triple(), strict=True)),
                "category": self.suggested_category,
                "name": self.suggestion,
                "company_id": self.company_id.id,
            }
        )
        return rule._prepare_stored_notice()

    def action_forget_words(self):
        """Take back what the company said of these words, while nothing is booked by it."""
        self.ensure_one()
        if not self.is_own_answer:
            raise UserError(self.env._("No rule of this company alone names these words."))
        self.rule_id.unlink()

    @api.model
    def _prepare_line_vals(self, settlement, line, summary, places):
        """Return the values of a record for an engine ``summary.Line``."""
        key = line.key
        end = summary.date_booked
        return {
            "settlement_id": settlement.id,
            "marketplace_name": key.marketplace_name,
            "marketplace_id": places(key.marketplace_name).id,
            "month": key.month or (end and end.replace(day=1)),
            "transaction_type": key.transaction_type,
            "amount_type": key.amount_type,
            "amount_description": key.amount_description,
            "fulfillment": key.fulfillment,
            "tax_form": key.tax_form,
            "tax_class": key.tax_class or False,
            "product_line": json.loads(key.product_line) if key.product_line else False,
            "tax_rate_min": float(line.rates[0]) if line.rates else 0.0,
            "tax_rate_max": float(line.rates[1]) if line.rates else 0.0,
            "at_period_end": key.month is None,
            "is_late": key.late,
            "amount": float(line.amount),
            "row_count": line.row_count,
            "quantity": line.quantity,
            "has_amount": line.has_amount,
            "category": line.category,
            "match_level": line.level,
            "match_steps": ",".join(line.steps) or False,
        }

    def _summary_line(self):
        """Return this record as the engine's summary ``Line`` that it was made from."""
        self.ensure_one()
        key = LineKey(
            self.marketplace_name or "",
            None if self.at_period_end else self.month or None,
            self.transaction_type or "",
            self.amount_type or "",
            self.amount_description or "",
            self.fulfillment or "",
            self.tax_form or "none",
            self.tax_class or "",
            self.is_late,
            json.dumps(self.product_line, sort_keys=True) if self.product_line else "",
        )
        return Line(
            key,
            self.category,
            self.match_level or "",
            amount=self.settlement_id._decimal(self.amount),
            row_count=self.row_count,
            quantity=self.quantity,
            has_amount=self.has_amount,
            rates=self._tax_rates(),
        )

    def _plan_line(self, classifier=None):
        """Return what the engine needs to decide how this line is booked.

        :param classifier: what its words mean now, if not as the line says
        """
        place = self.booked_marketplace_id.id or None
        line = plan_line(self._summary_line(), self.id, place)
        if classifier is None:
            return line
        match = classifier.match(*self._triple())
        month = None if match.at_period_end else line.month or self.month or None
        return line._replace(category=match.category, level=match.level, month=month)

    def _tax_rates(self):
        rates = self.tax_rate_min, self.tax_rate_max
        return tuple(Decimal(f"{rate:.6f}") for rate in rates) if any(rates) else None

    def _note_choices(self, choices):
        """Note which line of the account mapping each line follows, how it is taxed, and why.

        :param choices: of the engine's ``Decision``
        """
        names = ("mapping_id", "tax_treatment", "mapping_reason")
        found = {}
        for line in self:
            choice = choices.get(line.id)
            noted = (
                (choice.rule.key, choice.tax or False, choice.reason or False)
                if choice
                else (False, False, False)
            )
            if (line.mapping_id.id, line.tax_treatment, line.mapping_reason) != noted:
                found[noted] = found.get(noted, self.browse()) | line
        for noted, lines in found.items():
            lines.update(dict(zip(names, noted, strict=True)))

    def _classify(self, classifier):
        """Set category and rule from the words; lines of one answer are written together."""
        answers = {}
        for line in self:
            match = classifier.match(*line._triple())
            answer = {
                "category": match.category,
                "match_level": match.level,
                "match_steps": ",".join(match.steps) or False,
                "rule_id": match.rule.key if match.rule else False,
                "at_period_end": match.at_period_end,
            }
            stored = line.category, line.match_level, line.match_steps, line.rule_id.id
            if (*stored, line.at_period_end) != tuple(answer.values()):
                answers.setdefault(tuple(answer.items()), []).append(line.id)
        for answer, line_ids in answers.items():
            self.browse(line_ids).update(dict(answer))
