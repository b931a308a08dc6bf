from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_date

from ...engine.books.choices import Limits
from ...models.meaning.sp_sku_rule import TAX_CLASSES
from ...models.proposals.account_places import PROPOSALS
from ...models.proposals.sp_tax_proposals import TaxDecision

_LIMITS = Limits._fields[1:]
_UNTAXED = ("none", "undecided")


class SpSetupLine(models.TransientModel):
    """A kind of money: its account and its tax; or one more tax of kinds that stand above.

    What ``sp.setup.rows`` found is kept in the fields that people do not see.
    """

    _name = "sp.setup.line"
    _description = "Amazon Set-Up Line"
    _order = "sequence, id"
    _check_company_auto = True

    setup_id = fields.Many2one("sp.setup", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="setup_id.company_id")
    sequence = fields.Integer()
    section = fields.Selection(
        [
            ("income", "Income"),
            ("refunds", "Refunds"),
            ("fees", "Fees and Other Costs"),
            ("taxes", "Taxes That Pass Through"),
            ("balances", "Balances"),
        ],
        required=True,
    )
    key = fields.Char(help="The account of the plan; empty for one more tax.")
    categories = fields.Json()
    name = fields.Char("Kind of Money", required=True)
    is_touched = fields.Boolean()

    # Account
    account_id = fields.Many2one(
        "account.account", check_company=True, help="Leave empty to create the proposed account."
    )
    account_name = fields.Char("New Account")
    account_type = fields.Selection(
        lambda self: self.env["account.account"]._fields["account_type"].selection
    )
    misplaced_id = fields.Many2one("account.account", check_company=True)
    proposed_account = fields.Char(compute="_compute_proposed_account")
    code = fields.Char("New Code", help="Code of the account that is created or moved.")
    group_name = fields.Char("Group")
    tag_ids = fields.Many2many(
        "account.account.tag", string="New Tags", domain="[('applicability', '=', 'accounts')]"
    )
    is_certain = fields.Boolean()
    why = fields.Char(help="Beside which account of the chart, or why a person has to decide.")
    account_state = fields.Selection(
        [
            ("use", "Used as it is"),
            ("misplaced", "In an unexpected place"),
            ("create", "To be created"),
            ("ask", "To be confirmed"),
            ("choose", "To be chosen"),
        ],
        compute="_compute_account_state",
    )
    is_created = fields.Boolean(
        "Create or Move",
        compute="_compute_is_created",
        store=True,
        readonly=False,
        precompute=True,
        help="Create the account, or move the one in an unexpected place, when Apply is pressed.",
    )
    account_note = fields.Char("In the Chart", compute="_compute_account_note")

    # Tax
    has_tax = fields.Boolean()
    marketplace_ids = fields.Many2many("sp.marketplace")
    fulfillment = fields.Selection(
        [("AFN", "Amazon (FBA)"), ("MFN", "Merchant (FBM)")], "Fulfilled By"
    )
    tax_form = fields.Selection(
        lambda self: self.env["sp.account.mapping"]._selection_tax_form(), "Price Form"
    )
    tax_class = fields.Selection(TAX_CLASSES, "Tax Class of the SKU")
    date_from = fields.Date("Valid From")
    limits = fields.Char("Only", compute="_compute_limits")
    current = fields.Json(help="How each category is taxed now.")
    tax_mode = fields.Selection(
        lambda self: self.env["sp.account.mapping"]._fields["tax_mode"].selection, "Taxed As"
    )
    tax_use = fields.Char(compute="_compute_tax_use")
    tax_ids = fields.Many2many(
        "account.tax",
        string="Taxes",
        check_company=True,
        domain="[('type_tax_use', '=', tax_use)]",
    )
    reason = fields.Char("Why, and What to Check")
    is_ticked = fields.Boolean(
        "Decide", help="Taxed so from now on, when Apply is pressed. Else it stays as it is."
    )
    is_different = fields.Boolean(compute="_compute_decision")
    decision = fields.Selection(
        [
            ("decided", "Decided"),
            ("none", "No tax"),
            ("confirm", "To confirm"),
            ("undecided", "Undecided"),
        ],
        "State",
        compute="_compute_decision",
    )

    # === COMPUTE METHODS === #

    @api.depends("code", "account_name")
    def _compute_proposed_account(self):
        for line in self:
            line.proposed_account = (
                f"{line.code} {line.account_name}" if line.code else self.env._("Choose an account")
            )

    @api.depends("key", "account_id", "misplaced_id", "is_certain", "code")
    def _compute_account_state(self):
        for line in self:
            if not line.key:
                line.account_state = False
            elif line.account_id:
                is_misplaced = line.account_id == line.misplaced_id
                line.account_state = "misplaced" if is_misplaced else "use"
            elif not line.code:
                line.account_state = "choose"
            else:
                line.account_state = "create" if line.is_certain else "ask"

    @api.depends("key", "account_id", "is_certain")
    def _compute_is_created(self):
        for line in self:
            line.is_created = bool(line.key and not line.account_id and line.is_certain)

    @api.depends("account_state", "is_created", "code", "group_name", "why", "account_type")
    def _compute_account_note(self):
        for line in self:
            line.account_note = line._describe_account()

    def _describe_account(self):
        kinds = dict(self._fields["account_type"]._description_selection(self.env))
        where = [kinds.get(self.account_type), self.group_name, self.why]
        place = ", ".join(filter(None, where))
        if self.account_state == "use":
            account = self.account_id.with_company(self.company_id)
            return ", ".join(
                filter(None, [kinds.get(account.account_type), account.group_id.display_name])
            )
        if self.account_state == "misplaced":
            if self.is_created:
                return self.env._(
                    "Moves it with its items to %(code)s, also in reports of past years",
                    code=self.code,
                )
            return self.env._(
                "An accountant looks for it at %(code)s. Tick to move it, or empty the account to "
                "create a new one there. %(why)s",
                code=self.code,
                why=self.why or "",
            )
        if self.account_state == "choose":
            return self.why or ""
        if self.account_state == "create" or self.is_created:
            return self.env._("New: %(place)s", place=place)
        if self.account_state == "ask":
            return self.env._("Tick to create %(code)s: %(place)s", code=self.code, place=place)
        return False

    @api.depends("marketplace_ids", "setup_id.marketplace_ids", *_LIMITS)
    def _compute_limits(self):
        for line in self:
            places = line.marketplace_ids._origin
            # What holds wherever the company sells needs no names.
            named = places if places != line.setup_id.marketplace_ids._origin else places.browse()
            parts = [", ".join(named.mapped("name"))]
            parts += [
                dict(line._fields[name]._description_selection(self.env))[line[name]]
                for name in _LIMITS[:-1]
                if line[name]
            ]
            if line.date_from:
                day = format_date(self.env, line.date_from)
                parts.append(self.env._("from %(day)s", day=day))
            line.limits = ", ".join(filter(None, parts))

    @api.depends("tax_mode")
    def _compute_tax_use(self):
        for line in self:
            is_output = line.tax_mode in ("output_included", "output_on_net", "marketplace")
            line.tax_use = "sale" if is_output else "purchase"

    @api.depends("has_tax", "current", "tax_mode", "tax_ids", "is_ticked")
    def _compute_decision(self):
        for line in self:
            line.is_different = line.has_tax and line._is_different()
            if not line.has_tax:
                line.decision = False
            elif line.is_different and not line.is_ticked:
                line.decision = "confirm"
            elif line.tax_mode in _UNTAXED:
                line.decision = line.tax_mode
            else:
                line.decision = "decided" if line.tax_ids else "undecided"

    def _is_different(self):
        wanted = self.tax_mode, sorted(self.tax_ids._origin.ids)
        return any((now["mode"], sorted(now["taxes"])) != wanted for now in self.current or [])

    @api.onchange("account_id", "code", "is_created", "is_ticked")
    def _onchange_touched(self):
        self.is_touched = True

    @api.onchange("tax_mode", "tax_ids")
    def _onchange_treatment(self):
        """What a person chooses is meant to be applied."""
        taxed = self.tax_mode not in _UNTAXED
        self.tax_ids = self.tax_ids.filtered(lambda tax: taxed and tax.type_tax_use == self.tax_use)
        self.is_ticked = self._is_different()
        self.is_touched = True

    # === BUSINESS METHODS === #

    def _identity(self):
        """Return what is the same line after the lines were made anew."""
        limits = [self[name] or False for name in _LIMITS]
        return self.key or False, tuple(self.categories or ()), *limits

    def _proposal(self):
        return next((proposal for proposal in PROPOSALS if proposal.key == self.key), None)

    def _decisions(self):
        """Return the ``TaxDecision`` of each marketplace of this line."""
        return [
            TaxDecision(
                Limits(
                    place,
                    self.fulfillment or "",
                    self.tax_form or "",
                    self.tax_class or "",
                    self.date_from or None,
                ),
                tuple(self.categories),
                self.tax_mode,
                tuple(self.tax_ids._origin.ids),
                "",
            )
            for place in self.marketplace_ids._origin.ids or [None]
        ]

    def _is_zero_rated(self):
        taxes = self.tax_ids._origin
        details = taxes._get_tax_details(100.0, 1.0, special_mode="total_excluded")
        adds = details["total_included"] - details["total_excluded"]
        return self.tax_use == "sale" and bool(taxes) and not adds

    def _apply_accounts(self):
        """Create and move what is ticked; kept on the line, so that a second press finds it."""
        plan = self.env["sp.account.plan"]
        for line in self.filtered("is_created"):
            if not line.account_id and (proposal := line._proposal()):
                line.account_id = plan._create_account(
                    line.company_id, proposal, line.code, line.tag_ids
                )
            elif line.account_state == "misplaced":
                line.account_id.with_company(line.company_id).write(
                    {"code": line.code, "tag_ids": [Command.set(line.tag_ids.ids)]}
                )
                line.misplaced_id = False
