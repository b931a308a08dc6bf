from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Command

from ..engine.categories import DEPOSIT, ROLLOVER
from ..models.category_labels import category_label


class Proposal(NamedTuple):
    """An account that a company without any needs, and the categories that share it."""

    name: str
    account_type: str
    categories: tuple
    reconcile: bool = False


#: Design, section 5. "other" has no proposal: its account depends on the business.
PROPOSALS = (
    Proposal(
        "Amazon Clearing",
        "asset_current",
        (DEPOSIT, "carried_balance", "failed_transfer", "bank_verification"),
        reconcile=True,
    ),
    # One marketplace pays, another receives: on the clearing account neither would be zero.
    Proposal("Amazon Marketplace Debt", "asset_current", ("debt_adjustment",), reconcile=True),
    Proposal("Amazon Rollover", "asset_current", (ROLLOVER,), reconcile=True),
    Proposal("Amazon Reserve", "asset_current", ("reserve",), reconcile=True),
    Proposal("Amazon Card Charges", "asset_current", ("card_charge",), reconcile=True),
    Proposal("Amazon Direct Payments", "asset_current", ("direct_payment",), reconcile=True),
    Proposal("Amazon Withheld Income Tax and GST Credits", "asset_current", ("tax_credit",)),
    Proposal("Amazon Sales Tax", "liability_current", ("sales_tax", "marketplace_withheld_tax")),
    Proposal("Amazon Loans", "liability_current", ("loan",)),
    Proposal("Amazon Sales", "income", ("sales",)),
    Proposal("Amazon Shipping Income", "income", ("shipping_income",)),
    Proposal("Amazon Gift Wrap Income", "income", ("giftwrap_income",)),
    Proposal("Amazon Promotions", "income", ("promotions",)),
    Proposal("Amazon Refunds", "income", ("refunds",)),
    Proposal("Amazon Reimbursements", "income_other", ("reimbursements",)),
    Proposal("Amazon Selling Fees", "expense", ("selling_fees",)),
    Proposal("Amazon FBA Fees", "expense", ("fba_fees",)),
    Proposal("Amazon Storage Fees", "expense", ("storage_fees",)),
    Proposal("Amazon Advertising", "expense", ("advertising",)),
    Proposal("Amazon Subscription", "expense", ("subscription",)),
    Proposal("Amazon Chargebacks", "expense", ("chargeback",)),
)


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
            company = setup.company_id
            Account = self.env["account.account"].with_company(company)
            named = {
                account.name: account
                for account in Account.search(
                    [
                        *Account._check_company_domain(company),
                        ("name", "in", [proposal.name for proposal in PROPOSALS]),
                    ]
                )
            }
            mapped = self.env["sp.account.mapping"]._general(company)
            commands = [Command.clear()]
            for proposal in PROPOSALS:
                mapping = mapped.get(proposal.categories[0])
                account = mapping.account_id if mapping else named.get(proposal.name)
                commands.append(
                    Command.create(
                        {
                            "name": proposal.name,
                            "account_type": proposal.account_type,
                            "categories": setup._labels(proposal.categories),
                            "account_id": account and account.id,
                        }
                    )
                )
            setup.line_ids = commands

    def _labels(self, categories):
        return ", ".join(category_label(self.env, category) for category in categories)

    def action_apply(self):
        """Create what is missing, write the mapping and look at held settlements again."""
        self.ensure_one()
        company = self.company_id
        company.check_access("read")  # one of this user's companies
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
        existing = self.env["sp.account.mapping"]._general(company)
        proposals = {proposal.name: proposal for proposal in PROPOSALS}
        vals_list = []
        for line in self.line_ids:
            proposal = proposals[line.name]
            if not line.account_id:  # kept on the line: a second press must find it
                line.account_id = line._create_account(proposal)
            account = line.account_id
            for category in proposal.categories:
                if mapping := existing.get(category):
                    if mapping.account_id != account:
                        mapping.account_id = account
                else:
                    vals_list.append(
                        {"company_id": company.id, "category": category, "account_id": account.id}
                    )
        self.env["sp.account.mapping"].create(vals_list)
        company._sp_ensure_partner()
        self.env["sp.settlement"]._recheck(company)
        if self.env.context.get("sp_connector_stay"):
            return {"type": "ir.actions.act_window_close"}
        then = "tax_setup" if self.env.context.get("sp_connector_then_taxes") else "account_mapping"
        return self.env["ir.actions.act_window"]._for_xml_id(f"sp_connector.sp_{then}_action")

    def _free_journal_code(self):
        taken = set(
            self.env["account.journal"]
            .with_context(active_test=False)
            .search([("company_id", "=", self.company_id.id)])
            .mapped("code")
        )
        codes = ["AMZ", *(f"AMZ{number}" for number in range(2, 100))]
        return next(code for code in codes if code not in taken)


class SpAccountSetupLine(models.TransientModel):
    """One account of the set-up: an existing one, or one to be created."""

    _name = "sp.account.setup.line"
    _description = "Amazon Account Set-Up Line"
    _check_company_auto = True

    setup_id = fields.Many2one("sp.account.setup", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="setup_id.company_id")
    name = fields.Char("Purpose", required=True)
    account_type = fields.Char()
    categories = fields.Char("Used For")
    account_id = fields.Many2one(
        "account.account",
        check_company=True,
        help="Leave empty to create an account of this name.",
    )
    outcome = fields.Char("On Apply", compute="_compute_outcome")

    @api.depends("account_id")
    def _compute_outcome(self):
        for line in self:
            line.outcome = (
                self.env._("Uses it") if line.account_id else self.env._("Creates the account")
            )

    def _create_account(self, proposal):
        """Create the account with a free code beside the chart's accounts of its type."""
        self.ensure_one()
        company = self.company_id
        Account = self.env["account.account"].with_company(company)
        neighbours = Account.search(
            [
                *Account._check_company_domain(company),
                ("account_type", "=", proposal.account_type),
            ]
        ).filtered("code")
        start = min(neighbours.mapped("code"), default="AMZ000")
        return Account.create(
            {
                "name": proposal.name,
                "code": Account._search_new_account_code(start),
                "account_type": proposal.account_type,
                "reconcile": proposal.reconcile,
                "company_ids": [Command.set(company.ids)],
            }
        )
