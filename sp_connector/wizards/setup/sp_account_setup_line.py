from odoo import api, fields, models
from odoo.fields import Command

from ...models.proposals.account_places import PROPOSALS, names


class SpAccountSetupLine(models.TransientModel):
    """One account of the set-up: an existing one, or one to be created."""

    _name = "sp.account.setup.line"
    _description = "Amazon Account Set-Up Line"
    _check_company_auto = True

    setup_id = fields.Many2one("sp.account.setup", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="setup_id.company_id")
    key = fields.Char()
    name = fields.Char("Purpose", required=True)
    account_type = fields.Char()
    categories = fields.Char("Used For")
    account_id = fields.Many2one(
        "account.account",
        check_company=True,
        help="Leave empty to create an account of this name.",
    )
    misplaced_id = fields.Many2one("account.account", check_company=True)
    code = fields.Char("New Code", help="Code of the account that is created or moved.")
    group_name = fields.Char("Group")
    tag_ids = fields.Many2many(
        "account.account.tag", string="New Tags", domain="[('applicability', '=', 'accounts')]"
    )
    is_certain = fields.Boolean()
    why = fields.Char(help="Beside which account of the chart, or why a person has to decide.")
    state = fields.Selection(
        [
            ("use", "Used as it is"),
            ("misplaced", "In an unexpected place"),
            ("create", "To be created"),
            ("ask", "To be confirmed"),
        ],
        compute="_compute_state",
    )
    is_ticked = fields.Boolean(
        "Do It",
        compute="_compute_is_ticked",
        store=True,
        readonly=False,
        precompute=True,
        help="Create the account, or move the one in an unexpected place, when Apply is pressed.",
    )
    outcome = fields.Text("On Apply", compute="_compute_outcome")

    # === COMPUTE METHODS === #

    @api.depends("account_id", "misplaced_id", "is_certain")
    def _compute_state(self):
        for line in self:
            if line.account_id:
                line.state = "misplaced" if line.account_id == line.misplaced_id else "use"
            else:
                line.state = "create" if line.is_certain else "ask"

    @api.depends("account_id", "is_certain")
    def _compute_is_ticked(self):
        for line in self:
            line.is_ticked = not line.account_id and line.is_certain

    @api.depends("state", "is_ticked", "code", "group_name", "why")
    def _compute_outcome(self):
        for line in self:
            line.outcome = line._outcome()

    def _outcome(self):
        code, why = self.code, self.why or ""
        if self.state == "use":
            return self.env._("Uses it")
        if self.state == "misplaced":
            if self.is_ticked:
                return self.env._(
                    "Moves it with its items to %(code)s, also in reports of past years", code=code
                )
            return self.env._(
                "Uses it where it is; an accountant looks for it at %(code)s. Tick to move it, or "
                "empty the account to create a new one there. %(why)s",
                code=code,
                why=why,
            )
        if not self.is_ticked:
            return self.env._("Asks: tick to create %(code)s. %(why)s", code=code, why=why)
        if self.group_name:
            why = self.env._("Group %(group)s. %(why)s", group=self.group_name, why=why)
        return self.env._("Creates %(code)s. %(why)s", code=code, why=why)

    # === BUSINESS METHODS === #

    def _proposal(self):
        return next(proposal for proposal in PROPOSALS if proposal.key == self.key)

    def _apply(self):
        """Create and move what is ticked; kept on the line, so that a second press finds it."""
        self.filtered(lambda line: line.is_ticked and not line.account_id)._create_accounts()
        for line in self.filtered(lambda line: line.is_ticked and line.state == "misplaced"):
            line.account_id.with_company(line.company_id).write(
                {"code": line.code, "tag_ids": [Command.set(line.tag_ids.ids)]}
            )
            line.misplaced_id = False

    def _create_accounts(self):
        """Create accounts with everything said: what is left open Odoo takes from a neighbour."""
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        for line in self:
            proposal, company = line._proposal(), line.company_id
            account = (
                self.env["account.account"]
                .with_company(company)
                .with_context(lang="en_US")
                .create(
                    {
                        "name": proposal.name,
                        "code": line.code,
                        "account_type": proposal.account_type,
                        "reconcile": proposal.reconcile,
                        "tag_ids": [Command.set(line.tag_ids.ids)],
                        "company_ids": [Command.set(company.ids)],
                    }
                )
            )
            translations = {
                lang: names(line.key)[lang.split("_")[0]]
                for lang in languages
                if lang != "en_US" and lang.split("_")[0] in names(line.key)
            }
            account.update_field_translations("name", translations)
            line.account_id = account.with_env(self.env)
