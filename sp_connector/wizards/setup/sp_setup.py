from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_list

from ...models.proposals.sp_tax_proposals import NOT_ASKED
from ...models.settlement.states import UNBOOKED

#: Fields of the company that a manager of finance may change here: name here → name there.
_SETTINGS = {
    "journal_id": "sp_journal_id",
    "booking_form": "sp_booking_form",
    "invoiced_orders": "sp_invoiced_orders",
    "invoice_journal_id": "sp_invoice_journal_id",
    "partner_id": "sp_partner_id",
    "split_months": "sp_split_months",
    "time_zone": "sp_time_zone",
    "last_date": "sp_last_date",
    "lock_policy": "sp_lock_policy",
    "rate_days": "sp_rate_days",
    "accrual_journal_id": "sp_accrual_journal_id",
    "accrual_tax": "sp_accrual_tax",
}
#: Each starts as the company has it, and people change it.
_SETTING = {"store": True, "readonly": False}
_COPIED = {**_SETTING, "compute": "_compute_settings", "precompute": True}


class SpSetup(models.TransientModel):
    """Accounts, taxes and settings of a company on one screen, with the entry that comes of them.

    It shows what is, proposes what is not decided, and writes only what differs.
    """

    _name = "sp.setup"
    _description = "Amazon Set-Up"
    _check_company_auto = True
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    country_id = fields.Many2one(
        "res.country",
        "Established In",
        compute="_compute_country_id",
        help="The company's fiscal country (Accounting, Configuration, Settings).",
    )
    registration = fields.Selection(
        [
            ("yes", "Registered"),
            ("no", "Not registered: book without tax"),
            ("later", "Decide later: settlements wait"),
        ],
        "VAT or GST",
        compute="_compute_registration",
        **_SETTING,
        help="A company that is registered holds a settlement until the tax of all its income and "
        "costs is decided. One that is not books without tax what is undecided, and says so.",
    )
    registered_country_ids = fields.Many2many(
        "res.country",
        string="Registered In",
        compute="_compute_registered_country_ids",
        compute_sudo=False,
        **_SETTING,
        help="Countries in which the company has a VAT, GST or consumption tax number. Proposed "
        "from its tax ID and from the foreign tax IDs of its fiscal positions.",
    )
    marketplace_ids = fields.Many2many(
        "sp.marketplace",
        string="Sells On",
        compute="_compute_marketplace_ids",
        compute_sudo=False,
        **_SETTING,
        domain="[('is_other_channel', '=', False)]",
    )
    default_marketplace_ids = fields.Many2many(
        "sp.marketplace",
        "sp_setup_default_marketplace_rel",
        string="Rows Without a Marketplace",
        compute="_compute_default_marketplace_ids",
        compute_sudo=False,
        **_SETTING,
        domain="[('is_other_channel', '=', False)]",
        help="Advertising, storage or subscription, and now and then a sale, name no marketplace. "
        "They are booked and taxed like the one chosen here for their currency.",
    )
    is_complete = fields.Boolean(
        "All Kinds of Money",
        help="Show also what was not met yet in a settlement of this company.",
    )
    line_ids = fields.One2many(
        "sp.setup.line",
        "setup_id",
        compute="_compute_line_ids",
        compute_sudo=False,
        **_SETTING,
    )
    has_account_questions = fields.Boolean(compute="_compute_has_account_questions")

    journal_id = fields.Many2one(
        "account.journal",
        compute="_compute_journal_id",
        **_SETTING,
        check_company=True,
        domain="[('type', '=', 'general'), ('company_id', 'parent_of', company_id)]",
        help="Leave empty to create the journal «Amazon Settlements».",
    )
    booking_form = fields.Selection(
        lambda self: self._selection_of("sp_booking_form"), "Book Settlements As", **_COPIED
    )
    invoiced_orders = fields.Selection(
        lambda self: self._selection_of("sp_invoiced_orders"), "Orders Invoiced in Odoo", **_COPIED
    )
    invoice_journal_id = fields.Many2one(
        "account.journal",
        "Journal of Invoices",
        **_COPIED,
        check_company=True,
        domain="[('type', '=', 'sale')]",
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Amazon as a Partner",
        **_COPIED,
        help="Of every journal item; the customer of invoices. Empty: a contact named Amazon is "
        "created.",
    )
    split_months = fields.Boolean(
        "An Entry for Each Month",
        **_COPIED,
        help="A settlement that crosses a month's end becomes an entry for each month, so that "
        "each month has its own income and costs. The rollover account carries the difference.",
    )
    time_zone = fields.Selection(
        lambda self: self._selection_of("sp_time_zone"),
        "A Month Ends In",
        **_COPIED,
        help="Amazon dates its rows in UTC.",
    )
    last_date = fields.Selection(
        lambda self: self._selection_of("sp_last_date"), "Date of the Last Entry", **_COPIED
    )
    lock_policy = fields.Selection(
        lambda self: self._selection_of("sp_lock_policy"), "In a Locked Period", **_COPIED
    )
    rate_days = fields.Integer(
        "Rates Are Old After (Days)",
        **_COPIED,
        help="A settlement whose exchange rate is older than that says so; 0: none does.",
    )

    accrual_journal_id = fields.Many2one(
        "account.journal",
        "Journal of Accruals",
        **_COPIED,
        check_company=True,
        domain="[('type', '=', 'general'), ('company_id', 'parent_of', company_id)]",
        help="Empty: that of the settlements.",
    )
    accrual_tax = fields.Selection(
        lambda self: self._selection_of("sp_accrual_tax"),
        "Accrue",
        **_COPIED,
        help="With tax: tax stands on the account of that tax. No tax is reported either way.",
    )

    settlement_id = fields.Many2one(
        "sp.settlement",
        "Entry Of",
        compute="_compute_settlement_id",
        compute_sudo=False,
        **_SETTING,
        check_company=True,
        domain=[("state", "in", UNBOOKED)],
        help="The settlement whose entry is shown as it would be booked with what is chosen here.",
    )
    entry = fields.Json(compute="_compute_entry", compute_sudo=False)
    to_confirm = fields.Json("To Be Confirmed", compute="_compute_to_confirm")

    @api.model
    def _selection_of(self, field_name):
        return self.env["res.company"]._fields[field_name]._description_selection(self.env)

    # === COMPUTE METHODS === #

    @api.depends("company_id")
    def _compute_country_id(self):
        for setup in self:
            setup.country_id = self.env["sp.tax.proposals"]._country(setup.company_id)

    @api.depends("company_id")
    def _compute_registration(self):
        for setup in self:
            setup.registration = setup._known_registration()

    def _known_registration(self):
        """Say whether the company is registered, ``False`` where a person has to say it once."""
        company = self.company_id
        company.check_access("read")  # one of this user's companies
        if company._sp_is_registered():
            return "yes"
        is_said = "no" in company.sudo().parent_ids.mapped("sp_tax_registration")
        return "no" if is_said or self.country_id.code in NOT_ASKED else False

    @api.depends("company_id", "registration")
    def _compute_registered_country_ids(self):
        for setup in self:
            found = self.env["sp.tax.proposals"]._registered_countries(setup.company_id)
            if setup.registration in ("yes", "later"):
                setup.registered_country_ids = found or setup.country_id
            else:
                setup.registered_country_ids = False

    @api.depends("company_id")
    def _compute_marketplace_ids(self):
        for setup in self:
            setup.marketplace_ids = self.env["sp.tax.proposals"]._places(setup.company_id)

    @api.depends("company_id", "marketplace_ids")
    def _compute_default_marketplace_ids(self):
        for setup in self:
            setup.default_marketplace_ids = self.env["sp.tax.proposals"]._default_places(
                setup.company_id, setup.marketplace_ids._origin
            )

    @api.depends(
        *("company_id", "registration", "registered_country_ids", "marketplace_ids"),
        *("default_marketplace_ids", "is_complete"),
    )
    def _compute_line_ids(self):
        """Make the lines anew, and keep what a person chose in them."""
        kept = ("account_id", "code", "tag_ids", "is_created", "tax_mode", "tax_ids", "is_ticked")
        for setup in self:
            touched = {line._identity(): line for line in setup.line_ids if line.is_touched}
            commands = [Command.clear()]
            for vals in self.env["sp.setup.rows"]._prepare_lines(setup):
                if touched and (line := touched.get(self._identity_of(vals))):
                    vals |= {
                        name: line._fields[name].convert_to_write(line[name], line) for name in kept
                    }
                    vals["is_touched"] = True
                commands.append(Command.create(vals))
            setup.line_ids = commands

    def _identity_of(self, vals):
        return self.env["sp.setup.line"].new(vals)._identity()

    @api.depends("line_ids.account_state")
    def _compute_has_account_questions(self):
        for setup in self:
            states = set(setup.line_ids.mapped("account_state"))
            setup.has_account_questions = bool(states & {"ask", "misplaced"})

    @api.depends("company_id")
    def _compute_journal_id(self):
        for setup in self:
            setup.journal_id = self.env["sp.account.plan"]._find_journal(setup.company_id)

    @api.depends("company_id")
    def _compute_settings(self):
        for setup in self:
            company = setup.company_id.sudo()
            for mine, theirs in _SETTINGS.items():
                if mine != "journal_id":
                    setup[mine] = company[theirs]

    @api.depends("company_id")
    def _compute_settlement_id(self):
        """Show the first that waits."""
        for setup in self:
            setup.settlement_id = self.env["sp.settlement"].search(
                [("company_id", "=", setup.company_id.id), ("state", "in", UNBOOKED)],
                order="date_end, id",
                limit=1,
            )

    @api.depends(
        "settlement_id",
        "registration",
        "default_marketplace_ids",
        "split_months",
        "last_date",
        "invoiced_orders",
        *(
            f"line_ids.{name}"
            for name in ("account_id", "code", "is_created", "tax_mode", "tax_ids", "is_ticked")
        ),
    )
    def _compute_entry(self):
        for setup in self:
            setup.entry = self.env["sp.setup.entry"]._entry(setup)

    @api.depends(
        *("registration", "country_id", "default_marketplace_ids"),
        *("line_ids.decision", "line_ids.account_state", "line_ids.is_created"),
    )
    def _compute_to_confirm(self):
        for setup in self:
            setup.to_confirm = list(setup._find_doubts())

    def _find_doubts(self):
        """Yield what an accountant should look at, as sentences."""
        covered = self.env["sp.tax.proposals"]._is_covered(self.company_id)
        if not self.registration:
            yield self.env._(
                "The company has no Tax ID. Is it registered for VAT or GST? Without an answer "
                "nothing is applied: a registered company must not book without tax."
            )
        elif self.registration == "no" and self.country_id.code not in NOT_ASKED:
            yield self.env._("Not registered: everything is booked without tax.")
        elif not covered:
            yield self.env._(
                "There are no proposals for taxes of companies established in %(country)s: choose "
                "a tax, or «No tax», for each line.",
                country=self.country_id.name or self.env._("no country"),
            )
        for states, text in (
            (("ask", "choose"), self.env._("No account yet, settlements with it wait: %(names)s.")),
            (("misplaced",), self.env._("Its account is in an unexpected place: %(names)s.")),
        ):
            lines = self.line_ids.filtered(
                lambda line, states=states: line.account_state in states and not line.is_created
            )
            if lines:
                yield text % {"names": format_list(self.env, lines.mapped("name"))}
        if lost := self.env["sp.setup.rows"]._find_homeless(self):
            yield self.env._(
                "Rows in %(currencies)s that name no marketplace belong to none: choose one for "
                "them, or they are booked and taxed as those of no marketplace.",
                currencies=format_list(self.env, lost.mapped("name")),
            )
        if self.registration != "no":
            yield from self._find_tax_doubts()

    def _find_tax_doubts(self):
        decided = self.line_ids.filtered(lambda line: line.decision == "decided")
        if any(line.is_ticked and line.is_different for line in decided):
            yield self.env._(
                "Amazon's file names no tax rates. The proposals are what accountants' tools "
                "commonly do: have your accountant check them."
            )
        for decision, text in (
            ("confirm", self.env._("A tax is proposed and not decided: %(names)s.")),
            ("undecided", self.env._("Tax undecided, settlements with it wait: %(names)s.")),
        ):
            lines = self.line_ids.filtered(
                lambda line, decision=decision: line.decision == decision
            )
            names = [
                f"{line.name} ({line.limits})" if line.limits and not line.key else line.name
                for line in lines
            ]
            if names:
                yield text % {"names": format_list(self.env, names)}

    # === ACTIONS === #

    def action_what_would_change(self):
        """Show what applying would change in the books; nothing is applied."""
        self.ensure_one()
        self.company_id.check_access("read")
        self.line_ids.flush_recordset()  # what is made within the trial is gone after it
        return self.env["sp.change.preview"]._open_trial(self, self.action_apply)

    def action_apply(self):
        """Write what differs from the books, in one transaction, and look at settlements again.

        :raises UserError: something is not said yet, or cannot be
        """
        self.ensure_one()
        company = self.company_id
        company.check_access("read")  # one of this user's companies
        self._check_answers()
        accounts = self.line_ids.filtered("key")
        if accounts and not any(line.account_id or line.is_created for line in accounts):
            raise UserError(
                self.env._(
                    "Nothing is decided yet. Tick the accounts that shall be created as proposed, "
                    "or choose accounts of your own."
                )
            )
        if not self.journal_id and self.booking_form == "entry":
            self.journal_id = self.env["sp.account.plan"]._create_journal(company)
        accounts._apply_accounts()
        self.env["sp.account.mapping"]._write_choices(company, self._choices())
        zone = company.sudo().sp_time_zone
        self._write_company()
        company._sp_ensure_partner()
        if self.time_zone != zone:
            self.env["sp.settlement"]._regroup_unbooked(company)
        else:
            self.env["sp.settlement"]._recheck(company)
        return self._prepare_answer()

    def _check_answers(self):
        if not self.registration:
            raise UserError(
                self.env._(
                    "Say first whether the company is registered for VAT or GST (%(company)s has "
                    "no Tax ID): registered, not registered, or decide later.",
                    company=self.company_id.name,
                )
            )
        self.company_id._sp_check_default_marketplaces(self.default_marketplace_ids)
        for line in self.line_ids.filtered(lambda line: line.has_tax and line.is_ticked):
            if line.tax_mode not in ("none", "undecided") and not line.tax_ids:
                raise UserError(
                    self.env._(
                        "%(name)s, %(limits)s: choose the tax, or «No tax».",
                        name=line.name,
                        limits=line.limits or self.env._("all marketplaces"),
                    )
                )
        if self.booking_form == "invoice" and not self.invoice_journal_id:
            journals = self.env["account.journal"]
            self.invoice_journal_id = journals.search(
                [*journals._check_company_domain(self.company_id), ("type", "=", "sale")], limit=1
            )
            if not self.invoice_journal_id:
                raise UserError(self.env._("Choose a journal of type Sales for the invoices."))

    def _choices(self, new_account=lambda line: None):
        """Return the mapping with what is chosen, see the engine's ``Choices``.

        :param new_account: function line → what stands for an account that is to be created
        """
        mapping, proposals = self.env["sp.account.mapping"], self.env["sp.tax.proposals"]
        choices = mapping._choices(self.company_id)
        for line in self.line_ids.filtered("key"):
            account = line.account_id._origin.id or (line.is_created and new_account(line))
            for category in line.categories if account is not None and account is not False else ():
                choices.set_account(category, account)
        taxed = self.line_ids.filtered("has_tax")
        ticked = taxed.filtered("is_ticked")
        for line in ticked:
            zero = line._is_zero_rated()
            for decision in line._decisions():
                for category in decision.categories:
                    choices.set_tax(category, decision.limits, decision.mode, decision.taxes, zero)
        for line in taxed - ticked:
            for decision in line._decisions():
                for category in proposals._left_open(self.company_id, choices.mapping, decision):
                    choices.set_tax(category, decision.limits, "undecided")
        return choices

    def _write_company(self):
        """Write what differs: a manager of finance may not change companies, but these fields."""
        company = self.company_id.sudo()
        vals = {
            theirs: self._fields[mine].convert_to_write(self[mine], self)
            for mine, theirs in _SETTINGS.items()
            if self[mine] != company[theirs]
        }
        if self.default_marketplace_ids != company.sp_default_marketplace_ids:
            vals["sp_default_marketplace_ids"] = [Command.set(self.default_marketplace_ids.ids)]
        said = "no" if self.registration == "no" else "yes"
        if self.registration != self._known_registration() and said != company.sp_tax_registration:
            vals["sp_tax_registration"] = said
        if vals:
            company.write(vals)

    def _prepare_answer(self):
        """Close; what was left open is said."""
        close = {"type": "ir.actions.act_window_close"}
        open_ones = self.line_ids.filtered(lambda line: line.key and not line.account_id)
        if not open_ones:
            return close
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Some kinds of money have no account yet"),
                "message": self.env._(
                    "Settlements with them will wait: %(names)s",
                    names=format_list(self.env, open_ones.mapped("name")),
                ),
                "next": close,
            },
        }
