from datetime import datetime, time, timedelta, timezone

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date, format_datetime

from ...engine.amazon.finances import LATE, LONGEST
from ...engine.words.categories import ACCRUED_INCOME

#: Transactions that are looked at together.
PAGE = 2000


class SpAccrual(models.Model):
    """What an account earned up to a day and Amazon has not settled: a proposal, then an entry.

    Amazon's transactions are kept as they were told. What is booked is read from the ledger.
    """

    _name = "sp.accrual"
    _description = "Amazon Accrual"
    _inherit = ["sp.alarm.mixin", "mail.thread", "sp.audited", "sp.accrual.approval"]
    _order = "date desc, id desc"
    _check_company_auto = True

    connection_id = fields.Many2one(
        "sp.connection",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('company_id', '=', company_id), ('state', 'in', ('connected', 'attention'))]",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(
        "Cut-Off",
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1) - timedelta(days=1),
        help="The last day that counts, in the company's time zone. The entry has this date, its "
        "reversal the next day's.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        required=True,
        check_company=True,
        tracking=True,
        domain="[('type', '=', 'general')]",
        compute="_compute_defaults",
        store=True,
        readonly=False,
        precompute=True,
    )
    account_id = fields.Many2one(
        "account.account",
        "Accrued Income",
        check_company=True,
        tracking=True,
        domain="[('account_type', 'in', ('asset_current', 'asset_prepayments'))]",
        compute="_compute_defaults",
        store=True,
        readonly=False,
        precompute=True,
        help="What is earned and not settled stands here until the next day.",
    )
    tax_setting = fields.Selection(
        [("net", "Without tax"), ("with_tax", "With tax")],
        "Accrue",
        required=True,
        tracking=True,
        compute="_compute_defaults",
        store=True,
        readonly=False,
        precompute=True,
        help="With tax: tax stands on the account of that tax. No tax is reported either way.",
    )
    days_back = fields.Integer(
        "Ask Back (Days)",
        default=120,
        required=True,
        help="What was posted longer before the cut-off is not asked for; Amazon tells 180 days.",
    )
    search_progress = fields.Json(readonly=True, copy=False)
    asked_at = fields.Datetime("Asked On", readonly=True, copy=False)
    tried_at = fields.Datetime("Last Try", readonly=True, copy=False)
    problem = fields.Char("Why Amazon Was Not Asked", readonly=True, copy=False)
    note = fields.Text("To Note", readonly=True, copy=False)
    line_ids = fields.One2many("sp.accrual.line", "accrual_id", "Proposal")
    transaction_ids = fields.One2many("sp.accrual.transaction", "accrual_id", "Transactions")
    move_ids = fields.One2many("account.move", "sp_accrual_id", "Entries", readonly=True)
    move_count = fields.Integer(compute="_compute_move_count")
    state = fields.Selection(
        [
            ("draft", "New"),
            ("asking", "Asking Amazon"),
            ("held", "To Decide"),
            ("proposal", "To Book"),
            ("posted", "Booked"),
            ("adjust", "To Adjust"),
        ],
        compute="_compute_state",
    )
    amount_accrued = fields.Monetary(
        "Accrued", currency_field="company_currency_id", compute="_compute_amounts"
    )
    amount_booked = fields.Monetary(
        "In the Ledger", currency_field="company_currency_id", compute="_compute_amounts"
    )
    stale_note = fields.Char(compute="_compute_stale_note")

    _cut_off_unique = models.Constraint(
        "UNIQUE(connection_id, company_id, date)", "There is an accrual of this day already."
    )

    # === COMPUTE METHODS === #

    @api.depends("company_id")
    def _compute_defaults(self):
        """Do as the company's set-up says."""
        for accrual in self:
            company = accrual.company_id
            accrual.journal_id = (
                company._sp_inherited("sp_accrual_journal_id")
                or company._sp_inherited("sp_journal_id")
                or self.env["account.journal"].search(accrual._journal_domain(), limit=1)
            )
            accrual.account_id = accrual._account_of_company()
            accrual.tax_setting = company.sudo().sp_accrual_tax

    def _journal_domain(self):
        journals = self.env["account.journal"]
        return [*journals._check_company_domain(self.company_id), ("type", "=", "general")]

    def _account_of_company(self):
        """Return the account that the company mapped for accrued income."""
        mapping = self.env["sp.account.mapping"]._mapping(self.company_id)
        rule = mapping.find_for(ACCRUED_INCOME, self.date)
        return self.env["account.account"].browse(rule.account if rule else ())

    @api.depends("connection_id", "date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for accrual in self:
            accrual.display_name = self.env._(
                "%(name)s, %(date)s",
                name=accrual.connection_id.name,
                date=format_date(self.env, accrual.date),
            )

    @api.depends("move_ids")
    def _compute_move_count(self):
        for accrual in self:
            accrual.move_count = len(accrual.move_ids)

    @api.depends("line_ids.decision", "line_ids.account_id", "move_ids.state", "asked_at")
    def _compute_state(self):
        for accrual in self:
            is_posted = bool(accrual._booked_moves())
            differs = any(accrual._differences().values())
            accrual.state = (
                "asking"
                if accrual.search_progress
                else "draft"
                if not accrual.asked_at
                else "held"
                if accrual._undecided()
                else "proposal"
                if not is_posted
                else "adjust"
                if differs
                else "posted"
            )

    @api.depends("line_ids.amount_accrued", "account_id", "move_ids.state")
    def _compute_amounts(self):
        for accrual in self:
            company, day = accrual.company_id, accrual.date
            wanted = self.env["sp.accrual.entry"]._wanted(accrual)
            accrual.amount_accrued = sum(
                currency._convert(amount, company.currency_id, company, day)
                for (_key, _account, currency), (amount, *_rest) in wanted.items()
            )
            items = accrual._booked_moves().line_ids
            booked = items.filtered(
                lambda item: item.account_id == item.move_id.sp_accrual_id.account_id
            )
            accrual.amount_booked = sum(booked.mapped("balance"))

    @api.depends("transaction_ids.origin", "move_ids.state", "date")
    @api.depends_context("lang")
    def _compute_stale_note(self):
        """Say what makes the accrual count twice.

        A settlement booked into the same period itself, so did invoices, or a reversal that is not
        posted.
        """
        for accrual in self:
            notes = []
            if count := self.env["sp.accrual.proposal"]._booked_since(accrual):
                notes.append(
                    self.env._(
                        "%(count)s transactions are booked up to this day by settlements "
                        "meanwhile: press Propose Again, and book what changes.",
                        count=count,
                    )
                )
            moves = accrual._booked_moves()
            invoiced = self.env["sp.accrual.invoiced"]
            if moves and (count := invoiced._changed_since(accrual.sudo())):
                notes.append(
                    self.env._(
                        "Invoices of %(count)s orders came or went since it was proposed: press "
                        "Propose Again, and book what changes.",
                        count=count,
                    )
                )
            lasting = moves.filtered(
                lambda move: "posted" not in move.reversal_move_ids.mapped("state")
            )
            if lasting:
                names = ", ".join(lasting.mapped("name"))
                notes.append(self.env._("%(names)s: the reversal is not posted.", names=names))
            accrual.stale_note = " ".join(notes) or False

    # === WHAT IS BOOKED === #

    def _booked_moves(self):
        """The posted entries at the cut-off, without their reversals."""
        return self.sudo().move_ids.filtered(
            lambda move: move.state == "posted" and not move.reversed_entry_id.sp_accrual_id
        )

    def _differences(self):
        """Return {key: amount in currency, from the seller's side, still to be booked}."""
        return self.env["sp.accrual.entry"]._differences(self)

    def _undecided(self):
        return self.line_ids.filtered(
            lambda line: not line.decision or (line.decision == "accrue" and not line.account_id)
        )

    def _left_to_invoices(self):
        """Return the lines of what invoices have booked, less what somebody accrues regardless."""
        return self.line_ids.filtered(
            lambda line: line.state == "invoiced" and line.decision != "accrue"
        )

    def _cut_off(self):
        """The first moment (naive UTC) that does not count any more."""
        self.ensure_one()
        midnight = datetime.combine(
            self.date + timedelta(days=1), time(), self.company_id._sp_zone()
        )
        return midnight.astimezone(timezone.utc).replace(tzinfo=None)

    def _pages(self, *origins):
        """Yield the transactions, the oldest first, as many at a time as fit into memory."""
        self.ensure_one()
        records = self.env["sp.accrual.transaction"].sudo()
        ids = records.search(self._transaction_domain(*origins)).ids
        for start in range(0, len(ids), PAGE):
            page = records.browse(ids[start : start + PAGE])
            yield page
            page.invalidate_recordset()

    def _first(self, *origins):
        """Return when the oldest transaction was posted, ``False`` without any."""
        self.ensure_one()
        records = self.env["sp.accrual.transaction"].sudo()
        [(first,)] = records._read_group(
            self._transaction_domain(*origins), aggregates=["posted_at:min"]
        )
        return first

    def _transaction_domain(self, *origins):
        mine = [("accrual_id", "=", self.id)]
        return [*mine, ("origin", "in", origins)] if origins else mine

    def _is_early(self):
        """Amazon may not have told all of the last days before the cut-off."""
        return not self.asked_at or self.asked_at < self._cut_off() + LATE

    # === CONSTRAINTS === #

    @api.constrains("connection_id", "company_id")
    def _check_connection(self):
        for accrual in self:
            connection = accrual.connection_id.sudo()
            companies = connection.company_id | connection.participation_ids._books_of()
            if accrual.company_id not in companies:
                raise ValidationError(
                    self.env._(
                        "%(name)s has no books in this company.", name=accrual.connection_id.name
                    )
                )

    # === CRUD METHODS === #

    def write(self, vals):
        result = super().write(vals)
        if "tax_setting" in vals:  # tax has lines of its own only where it is accrued
            for accrual in self.filtered("asked_at"):
                self.env["sp.accrual.proposal"]._propose(accrual)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_booked(self):
        if self.sudo().move_ids.filtered(lambda move: move.state != "cancel"):
            raise UserError(self.env._("An accrual with entries stays."))

    # === ACTION METHODS === #

    def action_ask(self):
        """Ask Amazon for the transactions; what it does not answer at once, in the background."""
        for accrual in self:
            accrual.check_access("write")
            self.env["sp.accrual.sync"]._begin(accrual)

    def action_propose(self):
        """Make the proposal again from what Amazon told, as rules, accounts and books are now."""
        for accrual in self:
            accrual.check_access("write")
            self.env["sp.accrual.proposal"]._propose(accrual)

    def action_book(self):
        """Book what is not booked yet, on the cut-off, and reverse it on the next day."""
        return self._press(self.env["sp.accrual.entry"]._book)

    def action_replace(self):
        """Cancel the entries and book all of it anew."""
        return self._press(self.env["sp.accrual.entry"]._replace)

    def action_undo(self):
        """Take the entries and their reversals back: cancelled, or where sealed reversed."""
        return self._press(self.env["sp.accrual.entry"]._undo)

    def action_view_moves(self):
        """Open the entries and their reversals."""
        self.ensure_one()
        action = self.move_ids._get_records_action(name=self.env._("Journal Entries"))
        if len(self.move_ids) > 1:
            # Odoo's list of entries, with date and reference; its default one is of invoices.
            tree = self.env.ref("account.view_move_tree", raise_if_not_found=False)
            action["views"] = [(tree.id if tree else False, "list"), (False, "form")]
        return action

    def action_view_transactions(self):
        """Open all that Amazon told, with why each counts or does not."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_accrual_transaction_action"
        )
        return {**action, "domain": [("accrual_id", "=", self.id)]}

    def action_tie_out(self):
        """Show what became of what was accrued."""
        self.ensure_one()
        self.check_access("read")
        tie = self.env["sp.accrual.tie"]._make(self)
        return {**tie._get_records_action(name=self.env._("Tie-Out")), "target": "new"}

    def _early_note(self):
        """Say from when on Amazon tells all of it, or ``""``."""
        if not self._is_early():
            return ""
        return self.env._(
            "Amazon may not have told all of the last two days: ask again after %(time)s.",
            time=format_datetime(self.env, self._cut_off() + LATE, dt_format="short"),
        )

    def _clipped_note(self):
        """Say that Amazon was not asked as far back as was wanted, or ``""``."""
        first = (self.asked_at or fields.Datetime.now()) - LONGEST
        if first <= self._cut_off() - timedelta(days=self.days_back):
            return ""
        return self.env._(
            "Amazon tells 180 days only: what was posted before %(date)s is not among it.",
            date=format_date(self.env, first.date()),
        )

    # === UNITS OF THE SCHEDULER === #

    @api.model
    def _cron_ask(self):
        self.env["sp.accrual.sync"]._go_on_with_all()

    @api.model
    def _cron_accrue(self):
        self.env["sp.accrual.month"]._accrue_last_month()
