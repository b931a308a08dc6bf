from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

#: Which settlement an entry belongs to is said by the settlement alone.
_SEALED = {
    "sp_settlement_id",
    "sp_settlement_ref",
    "sp_date",
    "sp_transfer_id",
    "sp_opening_id",
    "sp_accrual_id",
}


class AccountMove(models.Model):
    _inherit = "account.move"

    sp_settlement_id = fields.Many2one(
        "sp.settlement",
        "Amazon Settlement",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",  # of taken-back entries only: others keep it from being deleted
        check_company=True,
    )
    sp_settlement_ref = fields.Char(
        "Settlement ID of Amazon",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Stays when the settlement is deleted; importing it again finds its old entries.",
    )
    sp_date = fields.Date(
        "Accounting Date of the Part",
        readonly=True,
        copy=False,
        help="The entry has a later date where that day lay in a locked period.",
    )
    sp_order_ref = fields.Char(
        "Amazon Order ID",
        compute="_compute_sp_order_ref",
        search="_search_sp_order_ref",
        # Other accountants read entries too, and may not read rows.
        groups="sp_connector.sp_connector_group_user",
        help="Finds the entries in which an order is booked; an entry has many orders.",
    )
    sp_reversed = fields.Boolean(
        "Taken Back",
        compute="_compute_sp_reversed",
        search="_search_sp_reversed",
        compute_sudo=True,
        help="It and its reversal cancel each other.",
    )
    sp_transfer_id = fields.Many2one(
        "sp.settlement",
        "Amazon Settlement That Takes Up a Payout",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        help="This entry brings the payout of an invoice to the account on which a later "
        "settlement takes it up.",
    )
    sp_opening_id = fields.Many2one(
        "sp.settlement",
        "Opening Before Amazon Settlement",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",  # of taken-back entries only
        check_company=True,
        help="This entry gives what Amazon carried before that settlement, the first of its "
        "account that is booked here; its reversal names it, too.",
    )
    sp_accrual_id = fields.Many2one(
        "sp.accrual",
        "Amazon Accrual",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The accrual that this entry books at its cut-off; its reversal names it, too.",
    )
    sp_bank_proposal = fields.Text(
        "Amazon's Payout?",
        compute="_compute_sp_bank_proposal",
        groups="account.group_account_basic",
        help="Which Amazon settlement this bank line could be.",
    )

    # === COMPUTE METHODS === #

    def _compute_sp_order_ref(self):
        self.sp_order_ref = False

    @api.model
    def _search_sp_order_ref(self, operator, value):
        return [("line_ids.sp_line_ids.row_ids.order_ref", operator, value)]

    @api.depends(
        "state",
        "reversed_entry_id",
        "sp_settlement_id.move_ids.state",
        "sp_settlement_id.move_ids.reversed_entry_id",
        "sp_settlement_id.move_ids.line_ids.account_id",
        "sp_settlement_id.move_ids.line_ids.balance",
        "sp_settlement_id.move_ids.line_ids.amount_currency",
    )
    def _compute_sp_reversed(self):
        neutral = {
            settlement: settlement._compare_ledger().neutral
            for settlement in self.sp_settlement_id
            # Most have no reversal at all.
            if settlement.move_ids.reversed_entry_id
        }
        for move in self:
            move.sp_reversed = move._origin.id in neutral.get(move.sp_settlement_id, ())

    @api.model
    def _search_sp_reversed(self, operator, value):
        if operator != "in":
            return NotImplemented
        reversals = self.sudo().search(
            [("sp_settlement_id", "!=", False), ("reversed_entry_id", "!=", False)]
        )
        taken_back = reversals.sp_settlement_id.move_ids.filtered("sp_reversed")
        return [("id", "in" if True in value else "not in", taken_back.ids)]

    @api.depends("statement_line_id.is_reconciled")
    @api.depends_context("uid", "lang")
    def _compute_sp_bank_proposal(self):
        self.sp_bank_proposal = False
        proposals = self.env["sp.bank.proposal"]
        # Of a record that somebody looks at; a list does not show it.
        line = self.statement_line_id if len(self) == 1 else None
        if line and not line.is_reconciled and proposals.has_access("read"):
            found = proposals._find_for(lines=line)
            self.sp_bank_proposal = "\n".join(proposals._describe(found)) or False

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        moves = super().create(vals_list)
        # Looked at afterwards: values also come from defaults, and those from the caller's context.
        if not self.env.su and any(move[name] for move in moves for name in _SEALED):
            self._refuse_sealed()
        for move in moves:
            # Whoever reverses an entry of Amazon's changes what the ledger says of its settlement.
            reversed_entry = move.reversed_entry_id.sudo()
            if reversed_entry.sp_settlement_id:
                move.sudo().write(
                    {
                        "sp_settlement_id": reversed_entry.sp_settlement_id.id,
                        "sp_settlement_ref": reversed_entry.sp_settlement_ref,
                    }
                )
            if reversed_entry.sp_opening_id:
                move.sudo().sp_opening_id = reversed_entry.sp_opening_id
        return moves

    def write(self, vals):
        if not self.env.su and (_SEALED | {"sp_reversed"}) & vals.keys():
            self._refuse_sealed()
        if "state" in vals:
            self.env["sp.approval.gate"]._guard(self, vals["state"])
        return super().write(vals)

    def _refuse_sealed(self):
        raise AccessError(
            self.env._("Only booking an Amazon settlement says which entries belong to it.")
        )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for move, vals in zip(self, vals_list, strict=True):
            if move.sp_settlement_ref and not vals.get("reversed_entry_id"):
                # Nobody's booking, but posted beside its original it would count twice: findable.
                ref = vals.get("ref") or move.ref
                vals["ref"] = self.env._("Copy of: %(ref)s", ref=ref)
        return vals_list

    # === ACTION METHODS === #

    def action_view_sp_settlement(self):
        """Open the Amazon settlement this entry books."""
        self.ensure_one()
        return self.sp_settlement_id._get_records_action()

    def action_view_sp_opening(self):
        """Open the Amazon settlement before which this entry opens the accounts."""
        self.ensure_one()
        return self.sp_opening_id._get_records_action()

    def action_view_sp_bank_proposals(self):
        """Open what of Amazon this bank line could be."""
        return self.statement_line_id.action_view_sp_bank_proposals()

    # === POSTING === #

    def _post(self, soft=True):
        openings = self.filtered(lambda move: move.sp_opening_id and not move.reversed_entry_id)
        opening_entry = self.env["sp.opening.entry"].sudo()
        for move in openings.sudo():
            if problem := opening_entry._find_post_problem(move):
                raise UserError(problem)
        # Also when somebody posts from the entry itself: it still must be what was planned.
        # Other accountants post entries too, and may not read settlements.
        booking = self.env["sp.settlement.booking"].sudo()
        entries = self.filtered("sp_settlement_id")
        refused, problems = self.browse(), []
        for settlement, moves in entries.grouped("sp_settlement_id").items():
            if problem := booking._find_post_problem(settlement.sudo(), moves):
                refused |= moves
                problems.append(problem)
        is_alone = len(self) == len(refused) or len(entries.sp_settlement_id) < 2
        # The scheduler posts them one by one then, and notes on each entry why not.
        if problems and (is_alone or self.env.uid == SUPERUSER_ID):
            raise UserError("\n".join(problems))
        if problems:
            # One of many: the others are posted, as each would be alone.
            self.env.user._bus_send(
                "simple_notification",
                {
                    "type": "warning",
                    "sticky": True,
                    "title": self.env._("Not posted"),
                    "message": "\n".join(problems),
                },
            )
        posted = super(AccountMove, self - refused)._post(soft)
        booking._note_posted((entries - refused).filtered(lambda move: move.state == "posted"))
        opening_entry._reconcile(openings.sudo().sp_opening_id)
        booking._finish_posting((entries - refused).sudo().sp_settlement_id)
        return posted

    def _sp_find_lock(self):
        """Say which locked period keeps this entry from being posted on its own date."""
        self.ensure_one()
        # Odoo would post it on the next open day without a word.
        if locks := self._get_violated_lock_dates(self.date, bool(self._affect_tax_report())):
            return self.env._(
                "%(date)s lies in a locked period: %(locks)s. The entry of settlement "
                "%(ref)s keeps its date: open the period, or undo the entry.",
                date=format_date(self.env, self.date),
                locks=self.env["res.company"]._format_lock_dates(locks),
                ref=(self.sudo().sp_settlement_id or self.sudo().sp_opening_id).settlement_ref,
            )
        return ""

    def _sp_is_sealed(self):
        """Tell whether this entry can no longer be changed, only reversed."""
        self.ensure_one()
        return self.state == "posted" and bool(
            self.inalterable_hash
            or self.restrict_mode_hash_table
            or self._get_violated_lock_dates(self.date, bool(self._affect_tax_report()))
        )

    # === THE WAY BACK === #

    def _sp_bank_lines(self):
        """Return the bank lines that these entries are matched with."""
        partials = self.line_ids.matched_debit_ids | self.line_ids.matched_credit_ids
        moves = partials.debit_move_id.move_id | partials.credit_move_id.move_id
        return moves.statement_line_id

    def _sp_reversal_date(self):
        """Return the first open day from this entry's own date on."""
        self.ensure_one()
        return self.company_id._sp_open_day(
            self.date, bool(self._affect_tax_report()), self.journal_id
        )[0]

    def _sp_take_back(self):
        """Undo one entry: delete it, cancel it, or reverse it where it can no longer be changed."""
        self.ensure_one()
        if self.state == "draft" and not self.posted_before:
            self.unlink()
        elif self._sp_is_sealed():
            day = self._sp_reversal_date()
            vals = {"date": day, "ref": self.ref}
            if self.is_invoice():  # of a credit note the day of the document counts, else today's
                vals["invoice_date"] = day
            self._reverse_moves([vals], cancel=True)
        else:
            self.button_cancel()
