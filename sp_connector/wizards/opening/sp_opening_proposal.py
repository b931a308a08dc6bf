from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class SpOpeningProposal(models.TransientModel):
    """The opening entry of one first settlement: what, on which day, from which account.

    The amounts are the settlement's own; a person chooses the day and where others carried it.
    """

    _name = "sp.opening.proposal"
    _description = "Proposed Opening Entry of Amazon Accounts"

    settlement_id = fields.Many2one(
        "sp.settlement", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="settlement_id.company_id")
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    date = fields.Date("Accounting Date", required=True, help="The day before it begins.")
    line_ids = fields.One2many("sp.opening.proposal.line", "proposal_id")
    day_problem = fields.Text(compute="_compute_day_problem")
    is_locked = fields.Boolean(compute="_compute_day_problem")

    @api.depends("date", "settlement_id")
    @api.depends_context("lang")
    def _compute_day_problem(self):
        service = self.env["sp.opening.entry"]
        for proposal in self:
            settlement, day = proposal.settlement_id, proposal.date
            problem = service._find_day_problem(settlement, day) if day else ""
            proposal.day_problem = problem or False
            proposal.is_locked = bool(day and service._open_day(settlement, day)[1])

    @api.depends("settlement_id")
    def _compute_display_name(self):
        for proposal in self:
            proposal.display_name = self.env._(
                "Opening Before %(ref)s", ref=proposal.settlement_id.settlement_ref
            )

    @api.model
    def _open(self, settlement):
        """Propose the opening entry of a settlement.

        :raises UserError: it is not the first of its account, or there is an entry already
        """
        settlement.ensure_one()
        settlement.check_access("read")
        service = self.env["sp.opening"]
        if move := service._active(settlement):
            raise UserError(
                self.env._(
                    "The opening entry is there already: %(entry)s. Take it back first.",
                    entry=move.display_name,
                )
            )
        carried = service._carried(settlement) if service._first(settlement) else []
        if not carried:
            raise UserError(self.env._("This settlement takes up nothing from before it."))
        counters = service._find_counter(settlement, carried)
        proposal = self.create(
            {
                "settlement_id": settlement.id,
                "date": service._start(settlement) - timedelta(days=1),
                "line_ids": [
                    Command.create(
                        {
                            "settlement_line_id": one.line.id,
                            "account_id": one.account.id,
                            "is_included": one.is_due,
                            "counter_account_id": account.id if one.is_due else False,
                            "reason": self._say(one, why),
                        }
                    )
                    for one, (account, why) in zip(carried, counters, strict=True)
                ],
            }
        )
        return proposal._show()

    def _show(self):
        return self._get_records_action(
            name=self.env._("Opening Entry"),
            target="new",
            context={"dialog_size": "extra-large"},
        )

    def _say(self, one, why):
        if one.standing:
            return one.standing
        if not one.is_due:
            return self.env._(
                "Its other side may be in a settlement to come; tick it if it is from before."
            )
        return why

    # === ACTION METHODS === #

    def action_next_open_day(self):
        """Take the first open day instead of one in a locked period."""
        self.ensure_one()
        self.date = self.env["sp.opening.entry"]._open_day(self.settlement_id, self.date)[0]
        return self._show()

    def action_create_entry(self):
        """Create the opening entry as a draft and open it.

        :raises UserError: nothing is ticked, or somebody has yet to say where it was carried
        """
        self.ensure_one()
        self.settlement_id.check_access("read")
        lines = self.line_ids.filtered("is_included")
        if not lines:
            raise UserError(self.env._("Tick what Amazon carried before."))
        if lines.filtered(lambda line: not line.account_id):
            raise UserError(self.env._("Set up the accounts of this settlement first."))
        if lines.filtered(lambda line: not line.counter_account_id):
            raise UserError(
                self.env._("Choose for each amount on which account it was carried before.")
            )
        # As they are now: what others did meanwhile counts.
        carried = self.env["sp.opening"]._carried(self.settlement_id)
        by_line = {one.line.id: one for one in carried}
        if not set(lines.settlement_line_id.ids) <= set(by_line):
            raise UserError(self.env._("Something was matched meanwhile: propose it again."))
        chosen = [(by_line[line.settlement_line_id.id], line.counter_account_id) for line in lines]
        move = self.env["sp.opening.entry"]._create(self.settlement_id, self.date, chosen)
        return move._get_records_action()
