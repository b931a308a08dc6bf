from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...engine.books.compare import compare
from ...engine.words.categories import TAX_ROWS
from .states import BOOKED, LEDGER


class SpSettlement(models.Model):
    """One payout of Amazon, proved against its rows.

    Records come from Amazon's files only (``_import_reports``) and are read-only for people;
    the buttons below are the ways to change their state. Booking is in ``sp_settlement_booking``.
    """

    _name = "sp.settlement"
    _description = "Amazon Settlement"
    _inherit = [
        "sp.chatter.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "sp.audited",
        "sp.settlement.hold",
        "sp.settlement.auto",
        "sp.settlement.payment",
        "sp.settlement.control",
        "sp.settlement.cost",
        "sp.settlement.neighbours",
        "sp.settlement.taxes",
        "sp.settlement.proposal",
        "sp.settlement.elsewhere",
        "sp.settlement.approval",
        "sp.settlement.opening",
        "sp.settlement.invoiced",
    ]
    _audited_new = False
    _mail_post_access = "read"  # people write what they know of it, and change nothing
    _rec_name = "settlement_ref"
    _order = "date_end desc, date_deposit desc, id desc"

    settlement_ref = fields.Char("Settlement ID", required=True, readonly=True, index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    connection_id = fields.Many2one(
        "sp.connection", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    marketplace_id = fields.Many2one(
        "sp.marketplace", readonly=True, help="Where most of its rows come from."
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of the Company"
    )
    flavour = fields.Selection(
        [("v2", "Flat File V2"), ("v1", "Flat File (V1)")], required=True, readonly=True
    )
    date_start = fields.Datetime("From", readonly=True)
    date_end = fields.Datetime("To", readonly=True)
    date_deposit = fields.Datetime("Deposit Date", readonly=True)
    date = fields.Date(
        "Accounting Date",
        readonly=True,
        help="Of the last entry: the end of the period, or the day of the deposit.",
    )
    default_marketplace_id = fields.Many2one(
        "sp.marketplace",
        "Rows Without a Marketplace",
        compute="_compute_default_marketplace_id",
        help="Where rows are booked to whose marketplace Amazon does not name.",
    )
    fixed_rate = fields.Float(
        digits=0,
        readonly=True,
        tracking=True,
        help="Company currency for one unit of the settlement's; 0 for the rates of Odoo.",
    )
    encoding = fields.Char(readonly=True, help="Character set of the file.")

    amount_total = fields.Monetary(
        "Amazon's Total",
        readonly=True,
        tracking=True,
        help="What Amazon says it pays out; negative where the seller owes Amazon.",
    )
    has_total = fields.Boolean(readonly=True, help="The file says what the settlement totals.")
    amount_rows = fields.Monetary("Sum of Rows", readonly=True, aggregator=None)
    amount_lines = fields.Monetary(
        "Sum of Lines", compute="_compute_amount_lines", store=True, aggregator=None
    )
    amount_entry = fields.Monetary(
        "Entry",
        compute="_compute_amount_entry",
        aggregator=None,
        help="What the journal items explain of the payout.",
    )
    amount_facilitator = fields.Monetary(
        "Tax Collected Less Withheld",
        compute="_compute_amount_facilitator",
        help="What remains of the buyers' tax on the sales tax account: the seller's to remit.",
    )
    has_facilitator = fields.Boolean(compute="_compute_amount_facilitator")
    amount_difference = fields.Monetary(
        "Difference",
        compute="_compute_amount_difference",
        aggregator=None,
        help="Amazon's total minus the entry, or minus the sum of rows while there is no entry.",
    )
    row_count = fields.Integer("Rows", readonly=True)
    bad_row_count = fields.Integer("Unreadable Rows", readonly=True)
    file_problem = fields.Text("Problems of the File", readonly=True)
    digest = fields.Char("Fingerprint", readonly=True, help="Of its content, not of its bytes.")
    attachment_id = fields.Many2one("ir.attachment", "Source File", readonly=True)
    file_settlement_count = fields.Integer(
        readonly=True,
        copy=False,
        help="How many settlements its file holds, if all of them were imported from it; else 0.",
    )
    attachment_name = fields.Char("Name of the File", related="attachment_id.name")

    line_ids = fields.One2many("sp.settlement.line", "settlement_id", "Lines", readonly=True)
    row_ids = fields.One2many("sp.settlement.row", "settlement_id", "Rows of the File")
    different_report_ids = fields.Many2many(
        "sp.report",
        "sp_report_different_rel",
        "settlement_id",
        "report_id",
        string="Reports With Other Content",
        readonly=True,
        copy=False,
    )
    difference_text = fields.Text("What Amazon Sent Later", compute="_compute_difference_text")
    item_ids = fields.One2many(
        "sp.settlement.item", "settlement_id", "Planned Items", readonly=True
    )
    is_own_yardstick = fields.Boolean(
        readonly=True,
        help="Booked by a release that did not keep what it planned: the entry is compared with "
        "what it was at the upgrade.",
    )
    ledger_note = fields.Text("What Differs in the Ledger", compute="_compute_ledger_note")
    newer_plan_note = fields.Text("Would Be Booked Otherwise", compute="_compute_newer_plan_note")
    move_ids = fields.One2many("account.move", "sp_settlement_id", "Entries", readonly=True)
    move_id = fields.Many2one("account.move", "Journal Entry", compute="_compute_move_id")
    move_name = fields.Char("Number of the Entry", compute="_compute_move_name")

    line_count = fields.Integer("Number of Lines", compute="_compute_line_count")
    state = fields.Selection(
        [
            ("held", "Held"),
            ("review", "To Review"),
            ("empty", "Nothing to Book"),
            ("booked", "Draft Entry"),
            ("partly", "Partly Posted"),
            ("posted", "Posted"),
            ("changed", "Changed in the Ledger"),
            ("elsewhere", "Booked Elsewhere"),
        ],
        compute="_compute_state",
        store=True,
        index=True,
        tracking=True,
    )

    _settlement_ref_unique = models.Constraint(
        "UNIQUE(company_id, settlement_ref)",
        "This settlement is already imported for this company.",
    )

    # === COMPUTE METHODS === #

    @api.depends("line_ids.amount")
    def _compute_amount_lines(self):
        sums = dict(
            self.env["sp.settlement.line"]._read_group(
                [("settlement_id", "in", self.ids)], ["settlement_id"], ["amount:sum"]
            )
        )
        for settlement in self:
            settlement.amount_lines = sums.get(settlement._origin, 0.0)

    @api.depends("move_ids.state", "move_ids.sp_reversed")
    def _compute_move_id(self):
        for settlement in self:  # the last part: the one with the payout
            settlement.move_id = settlement._active_moves()[-1:]

    @api.depends("move_ids.state", "move_ids.sp_reversed", "move_ids.name")
    def _compute_move_name(self):
        for settlement in self:
            moves = settlement.sudo()._active_moves()
            posted = moves.filtered(lambda move: move.state == "posted")
            settlement.move_name = ", ".join(posted.mapped("name")) or False

    @api.depends(
        "move_ids.state",
        "move_ids.sp_reversed",
        "line_ids.move_line_id.amount_currency",
        "line_ids.invoiced_amount",
    )
    def _compute_amount_entry(self):
        for settlement in self:
            explained = settlement._explained_items()
            items = settlement.sudo()._active_moves().line_ids
            settlement.amount_entry = -sum(
                item.amount_currency
                for item in items
                if item in explained or item.tax_repartition_line_id
            )

    @api.depends("line_ids.category", "line_ids.amount", "line_ids.tax_form")
    def _compute_amount_facilitator(self):
        """Tax of the buyers that was not given to the seller's own tax items."""
        for settlement in self:
            lines = settlement.line_ids.filtered(
                lambda line: (
                    line.category in TAX_ROWS
                    and not line.sudo().move_line_id.tax_repartition_line_id
                )
            )
            amounts = (line.amount - line.invoiced_amount for line in lines)
            settlement.amount_facilitator = sum(amounts)
            settlement.has_facilitator = any(
                line.category == "marketplace_withheld_tax" for line in lines
            )

    @api.depends("company_id.sp_default_marketplace_ids", "currency_id", "marketplace_id")
    def _compute_default_marketplace_id(self):
        for settlement in self:
            chosen = settlement.company_id.sudo().sp_default_marketplace_ids.filtered(
                lambda place, settlement=settlement: place.currency_id == settlement.currency_id
            )
            settlement.default_marketplace_id = chosen[:1]

    @api.depends("amount_total", "amount_rows", "amount_entry", "state")
    def _compute_amount_difference(self):
        for settlement in self:
            explained = (
                settlement.amount_entry if settlement.state in BOOKED else settlement.amount_rows
            )
            settlement.amount_difference = settlement.amount_total - explained

    @api.depends("line_ids")
    def _compute_line_count(self):
        for settlement in self:
            settlement.line_count = len(settlement.line_ids)

    @api.depends(
        "hold_code",
        "is_empty",
        "elsewhere_move_id.state",
        "elsewhere_move_id.reversal_move_ids.state",
        *LEDGER,
    )
    def _compute_state(self):
        """Derive the state from the ledger, whoever changed it and wherever."""
        for settlement in self:
            state = self.env["sp.settlement.ledger"]._state(settlement)
            other = "elsewhere" if settlement._is_elsewhere() else None
            waiting = "held" if settlement.hold_code else "empty" if settlement.is_empty else None
            settlement.state = state or other or waiting or "review"

    def _compute_difference_text(self):
        for settlement in self:
            settlement.difference_text = "\n".join(
                settlement.different_report_ids.sudo().mapped(
                    lambda report: report.error_message or ""
                )
            )

    @api.depends(*LEDGER)
    @api.depends_context("lang")
    def _compute_ledger_note(self):
        ledger = self.env["sp.settlement.ledger"]
        for settlement in self:
            settlement.ledger_note = "\n".join(ledger._describe_ledger(settlement)) or False

    @api.depends("state", "item_ids")
    @api.depends_context("lang")
    def _compute_newer_plan_note(self):
        ledger = self.env["sp.settlement.ledger"]
        for settlement in self:
            note = ledger._describe_newer_plan(settlement) if settlement.item_ids else False
            settlement.newer_plan_note = note

    def _compare_ledger(self):
        """Compare what was planned with all entries of this settlement, item by item.

        :return: an engine ``Comparison``
        """
        self.ensure_one()
        items, moves = self.sudo().item_ids, self.sudo().move_ids
        return compare(items._planned_entries(), items._ledger_entries(moves))

    @api.model
    def _cron_compare_ledger(self):
        self.env["sp.settlement.ledger"]._cron_compare()

    def _active_moves(self):
        """The entries that count, in the order of their months.

        Neither cancelled nor reversed ones, nor reversals themselves.
        """
        return self.move_ids.filtered(
            lambda move: (
                move.state != "cancel"
                and not move.sp_reversed
                and not move.reversed_entry_id.sp_settlement_id
            )
        ).sorted(lambda move: (move.sp_date or move.date, move.id))

    # === HOW IT IS BOOKED === #

    def _decide(self, mapping=None):
        """Return the engine's ``Decision``, see ``sp.settlement.facts``."""
        return self.env["sp.settlement.facts"]._decide(self, mapping)

    def _say(self, findings):
        """Return the sentences for findings of a decision, see ``sp.decision.words``."""
        return self.env["sp.decision.words"]._say(self, findings)

    @api.model
    def _recheck(self, companies):
        """See ``sp.settlement.check``."""
        self.env["sp.settlement.check"]._recheck(companies)

    def _check(self):
        """Note what holds each settlement that is not booked, see ``sp.settlement.check``."""
        self.env["sp.settlement.check"]._check(self)

    def _place(self):
        """Return the marketplace whose clearing account takes the payout."""
        return self.marketplace_id or self.default_marketplace_id

    def _as_invoice(self):
        return self.company_id.sp_booking_form == "invoice"

    def _decimal(self, amount):
        """Leave the ORM's floats: exact at the currency's precision."""
        return Decimal(f"{amount:.{self.currency_id.decimal_places}f}")

    def _money(self, amount):
        """Write an amount of the engine for people."""
        return self.currency_id.format(float(amount))

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_booked(self):
        if self.filtered(lambda settlement: settlement.state in BOOKED):
            raise UserError(
                self.env._("A settlement with a journal entry cannot be deleted. Undo it first.")
            )

    def unlink(self):
        pools = {(item.company_id, item.currency_id) for item in self.sudo()}
        settlement_ids = self.ids
        answer = super().unlink()
        self.env["sp.settlement.row"]._delete_of("settlement_id", settlement_ids)
        self.env["sp.settlement.gap"]._recheck(pools)
        return answer

    def _recheck_chain(self):
        """Look for breaks among the neighbours of these settlements."""
        pools = {(item.company_id, item.currency_id) for item in self.sudo()}
        self.env["sp.settlement.gap"]._recheck(pools)

    # === NOTICES === #

    def _notice_title(self):
        """Name the settlement for somebody who does not look at it, in the user's language."""
        self.ensure_one()
        days = [format_date(self.env, day) for day in (self.date_start, self.date_end) if day]
        parts = [self.settlement_ref, self.currency_id.format(self.amount_total), " – ".join(days)]
        return ", ".join(filter(None, parts))

    # === ACTION METHODS === #

    def action_view_rows(self):
        """Open the rows of Amazon's file."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_settlement_row_action"
        )
        action["domain"] = [("settlement_id", "=", self.id)]
        return action

    def action_view_reports(self):
        """Open the reports of Amazon that this settlement came from."""
        self.ensure_one()
        reports = self.env["sp.report"].search([("settlement_ids", "in", self.ids)])
        return reports._get_records_action(name=self.env._("Reports"))

    def action_view_moves(self):
        """Open the journal entry, or all: one for each month, and those taken back."""
        self.ensure_one()
        action = self.move_ids._get_records_action(name=self.env._("Journal Entries"))
        if len(self.move_ids) > 1 and set(self.move_ids.mapped("move_type")) == {"entry"}:
            # Odoo's list of entries, with date and reference; its default one is of invoices.
            tree = self.env.ref("account.view_move_tree", raise_if_not_found=False)
            action["views"] = [(tree.id if tree else False, "list"), (False, "form")]
        return action

    def action_download_file(self):
        """Download Amazon's file."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}?download=true",
            "target": "download",
        }

    def action_setup(self):
        """Open the set-up of the settlement's company, with its entry beside the choices."""
        self.ensure_one()
        context = {
            "default_company_id": self.company_id.id,
            "default_settlement_id": self.id,
            "dialog_size": "extra-large",
        }
        action = self.env["ir.actions.act_window"]._for_xml_id("sp_connector.sp_setup_action")
        return action | {"context": context}

    def action_view_different_reports(self):
        """Open the reports that bring other content."""
        self.ensure_one()
        return self.different_report_ids._get_records_action(name=self.env._("Reports"))

    def action_keep_stored(self):
        """Decide that what is stored is right: the later reports count as duplicates."""
        self.ensure_one()
        self.check_access("read")
        settlement = self.sudo()
        reports = settlement.different_report_ids
        for report in reports:
            note = self.env._(
                "%(user)s decided to keep what is stored. Report %(ref)s said: %(text)s",
                user=self.env.user.name,
                ref=report.report_ref,
                text=report.error_message or "",
            )
            settlement.message_post(body=note)
            report.message_post(body=note)
        settlement.different_report_ids = False
        # A file of several settlements waits until each of them was decided.
        decided = reports.filtered(lambda report: not report.different_settlement_ids)
        decided.write({"state": "duplicate", "error_message": False})
        decided.activity_unlink(["sp_connector.mail_activity_type_report"])

    def action_book(self):
        """Create the draft entries of each settlement that nothing holds; name the others."""
        return self.env["sp.batch"]._press("book", self)

    def action_post(self):
        """Post the entries of each settlement, creating first what is missing of them."""
        return self.env["sp.batch"]._press("post", self)

    def action_preview(self):
        """Show the entries as they would be made now; nothing is stored."""
        self.ensure_one()
        preview = self.env["sp.preview"].create({"settlement_id": self.id})
        return preview._get_records_action(
            name=self.env._("Preview"), target="new", context={"dialog_size": "extra-large"}
        )

    def action_what_would_change(self):
        """Show which of these would be booked otherwise now, and offer to book them anew."""
        return self.env["sp.change.preview"]._open_booked(self)

    def action_ask_undo(self):
        """Say what undoing will do, before it is done."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Undo"),
            "res_model": "sp.undo",
            "view_mode": "form",
            "target": "new",
            "context": {"default_settlement_id": self.id},
        }

    def action_undo(self):
        """Take the entries back so that the settlements can be booked anew."""
        return self.env["sp.batch"]._press("undo", self)
