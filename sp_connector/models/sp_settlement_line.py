from odoo import api, fields, models

from ..engine.categories import CATEGORIES, DEPOSIT
from ..engine.entry import PlanLine
from .category_labels import category_selection


class SpSettlementLine(models.Model):
    """All rows of a settlement with the same marketplace, month, words, fulfilment and tax form.

    Lines are what people review, map and book: dozens where the file has thousands of rows.
    """

    _name = "sp.settlement.line"
    _description = "Amazon Settlement Line"
    _order = "settlement_id, category_sequence, marketplace_name, id"
    _check_company_auto = True

    settlement_id = fields.Many2one(
        "sp.settlement", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="settlement_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    marketplace_name = fields.Char(
        readonly=True, help="As the file writes it; blank on account rows."
    )
    marketplace_id = fields.Many2one("sp.marketplace", readonly=True)
    month = fields.Date(readonly=True, help="Month of posting, in UTC.")
    transaction_type = fields.Char(readonly=True)
    amount_type = fields.Char(readonly=True)
    amount_description = fields.Char(readonly=True)
    words = fields.Char(compute="_compute_words")
    fulfillment = fields.Char("Fulfilment", readonly=True, help="AFN: Amazon, MFN: the merchant.")
    tax_form = fields.Selection(
        [("net", "Net of tax"), ("gross", "Gross"), ("none", "No price")],
        readonly=True,
        help="Net: a tax row stands beside it in its order item. Gross: none does.",
    )
    amount = fields.Monetary(readonly=True)
    row_count = fields.Integer("Rows", readonly=True)
    quantity = fields.Integer(readonly=True, aggregator="sum")
    has_amount = fields.Boolean(readonly=True)
    row_ids = fields.One2many("sp.settlement.row", "line_id", "Rows of the File", readonly=True)

    category = fields.Selection("_selection_category", readonly=True, required=True, index=True)
    category_sequence = fields.Integer(compute="_compute_category_sequence", store=True)
    rule_id = fields.Many2one("sp.category.rule", readonly=True, ondelete="set null")
    match_level = fields.Selection(
        [
            ("exact", "These very words"),
            ("spelling", "Another spelling"),
            ("pattern", "A pattern"),
            ("default", "The default of the type"),
            ("unknown", "Unknown"),
        ],
        "Understood By",
        readonly=True,
    )
    account_id = fields.Many2one("account.account", compute="_compute_account_id")
    move_line_id = fields.Many2one(
        "account.move.line",
        "Journal Item",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )

    @api.model
    def _selection_category(self):
        return category_selection(self.env, DEPOSIT)

    @api.depends("transaction_type", "amount_type", "amount_description")
    def _compute_words(self):
        for line in self:
            words = (line.transaction_type, line.amount_type, line.amount_description)
            line.words = " / ".join(word or "–" for word in words)

    @api.depends("words")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.words

    @api.depends("category")
    def _compute_category_sequence(self):
        order = {key: position for position, key in enumerate(CATEGORIES)}
        for line in self:
            line.category_sequence = order.get(line.category, len(order))

    @api.depends("category", "marketplace_id", "move_line_id.account_id")
    def _compute_account_id(self):
        accounts = {
            company: self.env["sp.account.mapping"]._accounts(company)
            for company in self.company_id
        }
        for line in self:
            planned = accounts[line.company_id] if line.company_id else None
            line.account_id = line.sudo().move_line_id.account_id.id or (
                planned and planned.find(line.category, line.marketplace_id.id or None)
            )

    def action_view_rows(self):
        """Open the rows of Amazon's file that this line is made of."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_settlement_row_action"
        )
        action["domain"] = [("line_id", "=", self.id)]
        return action

    def action_map_words(self):
        """Open a new rule that says what this line's words mean."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What do these words mean?"),
            "res_model": "sp.category.rule",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_transaction_type": self.transaction_type,
                "default_amount_type": self.amount_type,
                "default_amount_description": self.amount_description,
                "default_company_id": self.company_id.id,
            },
        }

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
            "amount": float(line.amount),
            "row_count": line.row_count,
            "quantity": line.quantity,
            "has_amount": line.has_amount,
            "category": line.category,
            "match_level": line.level,
        }

    def _prepare_plan_line(self):
        """Return what the engine needs to plan this line's booking."""
        self.ensure_one()
        return PlanLine(
            self.id,
            self.category,
            self.marketplace_id.id or None,
            self.settlement_id._decimal(self.amount),
        )

    def _classify(self, classifier):
        """Set category and rule from the words; lines of one answer are written together."""
        answers = {}
        for line in self:
            match = classifier.match(
                line.transaction_type or "", line.amount_type or "", line.amount_description or ""
            )
            answer = (match.category, match.level, match.rule.key if match.rule else False)
            if (line.category, line.match_level, line.rule_id.id) != answer:
                answers.setdefault(answer, self.browse())
                answers[answer] |= line
        for (category, level, rule_id), lines in answers.items():
            lines.write({"category": category, "match_level": level, "rule_id": rule_id})
