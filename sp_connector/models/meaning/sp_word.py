from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.words.categories import BALANCING
from ..common.texts import words_text
from .category_labels import LEVELS, category_selection


class SpWord(models.Model):
    """Every triple of words that a company met, in each currency: what it means and brought.

    Read from the lines of its settlements; nothing of it is stored.
    """

    _name = "sp.word"
    _description = "Words of Amazon Met by a Company"
    _auto = False
    _order = "date_last desc, id desc"
    _depends = {
        "sp.settlement": ["currency_id", "date_start", "date_end"],
        "sp.settlement.line": [
            "settlement_id",
            "company_id",
            "transaction_type",
            "amount_type",
            "amount_description",
            "category",
            "match_level",
            "rule_id",
            "mapping_id",
            "move_line_id",
            "row_count",
            "amount",
            "has_amount",
        ],
        "sp.account.mapping": ["account_id"],
        "account.move.line": ["account_id"],
    }

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    transaction_type = fields.Char(readonly=True)
    amount_type = fields.Char(readonly=True)
    amount_description = fields.Char(readonly=True)
    category = fields.Selection("_selection_category", readonly=True)
    match_level = fields.Selection("_selection_match_level", "Understood As", readonly=True)
    rule_id = fields.Many2one("sp.category.rule", readonly=True)
    origin = fields.Selection(
        [("own", "Own rule"), ("shipped", "Shipped rule"), ("none", "No rule")], readonly=True
    )
    account_id = fields.Many2one(
        "account.account", readonly=True, help="Where its newest settlement books it."
    )
    account_count = fields.Integer(
        "Accounts", readonly=True, help="To how many accounts it goes, by marketplace and time."
    )
    date_first = fields.Date(
        "First Seen", readonly=True, help="Start of the first settlement that has these words."
    )
    date_last = fields.Date(
        "Last Seen", readonly=True, help="End of the last settlement that has these words."
    )
    settlement_count = fields.Integer("Settlements", readonly=True)
    row_count = fields.Integer("Rows", readonly=True)
    amount = fields.Monetary(readonly=True)
    has_amount = fields.Boolean(readonly=True)

    @api.model
    def _selection_category(self):
        return category_selection(self.env, *BALANCING)

    @api.model
    def _selection_match_level(self):
        return [(level, self.env._(label)) for level, label in LEVELS]

    @property
    def _table_query(self):
        # Of a category or an account the newest settlement says what holds now, whenever it came.
        return SQL(
            """
            SELECT MIN(line.id) AS id,
                   line.company_id,
                   settlement.currency_id,
                   COALESCE(line.transaction_type, '') AS transaction_type,
                   COALESCE(line.amount_type, '') AS amount_type,
                   COALESCE(line.amount_description, '') AS amount_description,
                   (ARRAY_AGG(line.category %(newest)s))[1] AS category,
                   (ARRAY_AGG(line.match_level %(newest)s))[1] AS match_level,
                   (ARRAY_AGG(line.rule_id %(newest)s))[1] AS rule_id,
                   (ARRAY_AGG(
                       CASE WHEN rule.company_id IS NOT NULL THEN 'own'
                            WHEN rule.id IS NOT NULL THEN 'shipped'
                            ELSE 'none' END
                       %(newest)s
                   ))[1] AS origin,
                   (ARRAY_AGG(
                       COALESCE(item.account_id, mapping.account_id) %(newest)s
                   ))[1] AS account_id,
                   COUNT(DISTINCT COALESCE(item.account_id, mapping.account_id)) AS account_count,
                   MIN(settlement.date_start)::date AS date_first,
                   MAX(settlement.date_end)::date AS date_last,
                   COUNT(DISTINCT line.settlement_id) AS settlement_count,
                   SUM(line.row_count) AS row_count,
                   SUM(line.amount) AS amount,
                   BOOL_OR(line.has_amount) AS has_amount
              FROM sp_settlement_line line
              JOIN sp_settlement settlement ON settlement.id = line.settlement_id
         LEFT JOIN sp_category_rule rule ON rule.id = line.rule_id
         LEFT JOIN sp_account_mapping mapping ON mapping.id = line.mapping_id
         LEFT JOIN account_move_line item ON item.id = line.move_line_id
          GROUP BY line.company_id,
                   settlement.currency_id,
                   COALESCE(line.transaction_type, ''),
                   COALESCE(line.amount_type, ''),
                   COALESCE(line.amount_description, '')
            """,
            newest=SQL("ORDER BY settlement.date_end DESC NULLS LAST, line.id DESC"),
        )

    @api.depends("transaction_type", "amount_type", "amount_description")
    def _compute_display_name(self):
        for word in self:
            words = (word.transaction_type, word.amount_type, word.amount_description)
            word.display_name = words_text(words)

    def _line_domain(self):
        self.ensure_one()
        domain = [
            ("company_id", "=", self.company_id.id),
            ("settlement_id.currency_id", "=", self.currency_id.id),
        ]
        for name in ("transaction_type", "amount_type", "amount_description"):
            domain.append((name, "=", self[name] or False))
        return domain

    def action_view_lines(self):
        """Open the lines of settlements that have these words."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_settlement_line_action"
        )
        return {**action, "domain": self._line_domain(), "context": {}}

    def action_map_words(self):
        """Say what these words mean: change the company's rule, or make one."""
        self.ensure_one()
        lines = self.env["sp.settlement.line"].search(self._line_domain(), order="id desc", limit=1)
        return lines.action_map_words()
