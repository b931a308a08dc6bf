from odoo import api, models
from odoo.fields import Command

from .account_places import names
from .account_plan import AccountPlan


class SpAccountPlan(models.AbstractModel):
    """Plans, creates and maps the accounts of a company's settlements, with its user's rights."""

    _name = "sp.account.plan"
    _description = "Plan of Amazon Accounts"

    @api.model
    def _plan(self, company):
        """Return {proposal: what it becomes} for a company, see ``account_plan.Planned``."""
        return AccountPlan(company).plan()

    @api.model
    def _set_up(self, company):
        """Create the journal and what the plan is sure of, and map it; taxes stay undecided."""
        company.check_access("read")  # one of this user's companies
        if not company.sudo().sp_journal_id:
            # A manager of finance may not change companies; this one field is theirs.
            company.sudo().sp_journal_id = self._find_journal(company) or self._create_journal(
                company
            )
        choices = self.env["sp.account.mapping"]._choices(company)
        for proposal, planned in self._plan(company).items():
            account = planned.account
            if not account and planned.is_certain:
                account = self._create_account(company, proposal, planned.code, planned.tags)
            for category in proposal.categories if account else ():
                choices.set_account(category, account.id)
        self.env["sp.account.mapping"]._write_choices(company, choices)
        company._sp_ensure_partner()
        self.env["sp.settlement"]._recheck(company)

    # === JOURNAL === #

    @api.model
    def _find_journal(self, company):
        """Return the company's own journal, else one of the name that the set-up gives."""
        return company.sudo(False).sp_journal_id or self.env["account.journal"].search(
            [
                ("company_id", "=", company.id),
                ("type", "=", "general"),
                ("name", "=", self.env._("Amazon Settlements")),
            ],
            limit=1,
        )

    @api.model
    def _create_journal(self, company):
        """Create the journal «Amazon Settlements»."""
        return self.env["account.journal"].create(
            {
                "name": self.env._("Amazon Settlements"),
                "code": self._free_journal_code(company),
                "type": "general",
                "company_id": company.id,
            }
        )

    def _free_journal_code(self, company):
        journals = self.env["account.journal"].with_context(active_test=False)
        taken = set(journals.search([("company_id", "=", company.id)]).mapped("code"))
        codes = ["AMZ", *(f"AMZ{number}" for number in range(2, 100))]
        return next(code for code in codes if code not in taken)

    # === ACCOUNTS === #

    @api.model
    def _name_of(self, proposal):
        """Return a proposal's name in the user's language such as ``de_AT``, else in English."""
        lang = (self.env.lang or "en").split("_")[0]
        return names(proposal.key).get(lang, proposal.name)

    @api.model
    def _create_account(self, company, proposal, code, tags):
        """Create an account with everything said: what is left open Odoo takes from a neighbour."""
        account = (
            self.env["account.account"]
            .with_company(company)
            .with_context(lang="en_US")
            .create(
                {
                    "name": proposal.name,
                    "code": code,
                    "account_type": proposal.account_type,
                    "reconcile": proposal.reconcile,
                    "tag_ids": [Command.set(tags.ids)],
                    "company_ids": [Command.set(company.ids)],
                }
            )
        )
        languages = [lang for lang, _name in self.env["res.lang"].get_installed()]
        translations = {
            lang: names(proposal.key)[lang.split("_")[0]]
            for lang in languages
            if lang != "en_US" and lang.split("_")[0] in names(proposal.key)
        }
        account.update_field_translations("name", translations)
        return account.with_env(self.env)
