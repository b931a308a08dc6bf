from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...models.meaning.category_labels import category_label
from ...models.proposals.account_places import names
from ...models.proposals.account_plan import AccountPlan


def _name_in(lang, proposal):
    """Return the proposal's name in a language such as ``de_AT``, else in English."""
    return names(proposal.key).get((lang or "en").split("_")[0], proposal.name)


class SpAccountSetup(models.TransientModel):
    """Shows which journal and accounts a company's settlements will use, then creates them."""

    _name = "sp.account.setup"
    _description = "Amazon Account Set-Up"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    journal_id = fields.Many2one(
        "account.journal",
        compute="_compute_journal_id",
        store=True,
        readonly=False,
        check_company=True,
        domain="[('type', '=', 'general'), ('company_id', '=', company_id)]",
        help="Leave empty to create the journal «Amazon Settlements».",
    )
    line_ids = fields.One2many(
        "sp.account.setup.line", "setup_id", compute="_compute_line_ids", store=True, readonly=False
    )

    @api.depends("company_id")
    def _compute_journal_id(self):
        for setup in self:
            setup.journal_id = setup.company_id.sp_journal_id or self.env["account.journal"].search(
                [
                    ("company_id", "=", setup.company_id.id),
                    ("type", "=", "general"),
                    ("name", "=", self.env._("Amazon Settlements")),
                ],
                limit=1,
            )

    @api.depends("company_id")
    def _compute_line_ids(self):
        for setup in self:
            plan = AccountPlan(setup.company_id).plan()
            setup.line_ids = [
                Command.clear(),
                *(
                    Command.create(setup._line_vals(proposal, planned))
                    for proposal, planned in plan.items()
                ),
            ]

    def _line_vals(self, proposal, planned):
        return {
            "key": proposal.key,
            "name": _name_in(self.env.lang, proposal),
            "account_type": proposal.account_type,
            "categories": self._labels(proposal.categories),
            "account_id": planned.account.id,
            "misplaced_id": planned.is_misplaced and planned.account.id,
            "code": planned.code,
            "group_name": planned.group.display_name,
            "tag_ids": [Command.set(planned.tags.ids)],
            "is_certain": planned.is_certain,
            "why": planned.why,
        }

    def _labels(self, categories):
        return ", ".join(category_label(self.env, category) for category in categories)

    def action_apply(self):
        """Create what is missing, write the mapping and look at held settlements again."""
        self.ensure_one()
        company = self.company_id
        company.check_access("read")  # one of this user's companies
        undecided = self.line_ids.filtered(lambda line: not line.account_id and not line.is_ticked)
        if undecided and undecided == self.line_ids:
            raise UserError(
                self.env._(
                    "Nothing is decided yet. Tick the accounts that shall be created as proposed, "
                    "or choose accounts of your own."
                )
            )
        journal = self.journal_id or self.env["account.journal"].create(
            {
                "name": self.env._("Amazon Settlements"),
                "code": self._free_journal_code(),
                "type": "general",
                "company_id": company.id,
            }
        )
        self.journal_id = journal
        # A manager of finance may not change companies; this one field is theirs.
        company.sudo().sp_journal_id = journal
        self.line_ids._apply()
        self._map()
        company._sp_ensure_partner()
        self.env["sp.settlement"]._recheck(company)
        return self._after(undecided)

    def _map(self):
        """Write the accounts of the lines into the mapping."""
        existing = self.env["sp.account.mapping"]._general(self.company_id)
        vals_list = []
        for line in self.line_ids.filtered("account_id"):
            for category in line._proposal().categories:
                if mapping := existing.get(category):
                    if mapping.account_id != line.account_id:
                        mapping.account_id = line.account_id
                else:
                    vals_list.append(
                        {
                            "company_id": self.company_id.id,
                            "category": category,
                            "account_id": line.account_id.id,
                        }
                    )
        self.env["sp.account.mapping"].create(vals_list)

    def _after(self, undecided):
        """Return where to go next; what was left open is said first."""
        context = self.env.context
        if context.get("sp_connector_stay"):
            action = {"type": "ir.actions.act_window_close"}
        else:
            then = "tax_setup" if context.get("sp_connector_then_taxes") else "account_mapping"
            action = self.env["ir.actions.act_window"]._for_xml_id(f"sp_connector.sp_{then}_action")
        if not undecided:
            return action
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Some kinds of money have no account yet"),
                "message": self.env._(
                    "Settlements with them will wait: %(names)s",
                    names=", ".join(undecided.mapped("categories")),
                ),
                "next": action,
            },
        }

    def _free_journal_code(self):
        taken = set(
            self.env["account.journal"]
            .with_context(active_test=False)
            .search([("company_id", "=", self.company_id.id)])
            .mapped("code")
        )
        codes = ["AMZ", *(f"AMZ{number}" for number in range(2, 100))]
        return next(code for code in codes if code not in taken)
