from odoo import api, fields, models
from odoo.exceptions import UserError


class SpSettlementOpening(models.AbstractModel):
    """Shows on the first settlement of an account what Amazon carried before it."""

    _name = "sp.settlement.opening"
    _description = "Opening Balances of an Amazon Settlement"

    opening_ids = fields.One2many("account.move", "sp_opening_id", "Opening Entries", readonly=True)
    opening_state = fields.Selection(
        [("draft", "Draft Entry"), ("posted", "Posted")],
        "Opening Entry",
        compute="_compute_opening_state",
        store=True,
        index="btree_not_null",
        tracking=True,
    )
    opening_declined_user_id = fields.Many2one(
        "res.users", "No Opening Needed, Said By", readonly=True, copy=False
    )
    opening_declined_date = fields.Datetime("Said On", readonly=True, copy=False)
    opening_status = fields.Char(compute="_compute_opening_note")
    opening_note = fields.Text("Opening Balances", compute="_compute_opening_note")
    has_opening_due = fields.Boolean(
        "Opening Balances to Decide",
        compute="_compute_has_opening_due",
        search="_search_has_opening_due",
        help="Amazon carried something before this settlement, and no entry here says so; or the "
        "opening entry is a draft, or no longer fits.",
    )

    @api.depends(
        "opening_ids.state", "opening_ids.reversed_entry_id", "opening_ids.reversal_move_ids.state"
    )
    def _compute_opening_state(self):
        for settlement in self:
            settlement.opening_state = self.env["sp.opening"]._active(settlement).state or False

    @api.depends("state", "opening_state", "opening_declined_user_id")
    @api.depends_context("lang")
    def _compute_opening_note(self):
        service = self.env["sp.opening"]
        for settlement in self:
            # Of a settlement that somebody looks at; a list does not show it.
            status = service._status(settlement) if len(self) == 1 and self._origin else ""
            settlement.opening_status = status
            settlement.opening_note = service._describe(settlement, status) or False

    def _compute_has_opening_due(self):
        due = self.search([("id", "in", self.ids), ("has_opening_due", "=", True)])
        for settlement in self:
            settlement.has_opening_due = settlement in due

    @api.model
    def _search_has_opening_due(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = self.env["sp.opening"]._find_due(self.env.companies)
        return [("id", "in" if True in value else "not in", found.ids)]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_opened(self):
        if self.filtered("opening_state"):
            raise UserError(
                self.env._(
                    "A settlement with an opening entry cannot be deleted. Take that back first."
                )
            )

    # === ACTION METHODS === #

    def action_propose_opening(self):
        """Propose the opening entry of what Amazon carried before."""
        return self.env["sp.opening.proposal"]._open(self)

    def action_view_opening(self):
        """Open the opening entry."""
        self.ensure_one()
        return self.env["sp.opening"]._active(self).sudo(False)._get_records_action()

    def action_decline_opening(self):
        """Say that no opening entry is needed: what is carried stands in the books otherwise."""
        self._decline_opening(self.env.user, self.env._("No opening entry is needed."))

    def action_ask_opening(self):
        """Take back that none is needed."""
        self._decline_opening(
            self.env["res.users"], self.env._("Whether an opening entry is needed is asked again.")
        )

    def _decline_opening(self, user, said):
        self.ensure_one()
        self.check_access("read")
        self.sudo().write(
            {
                "opening_declined_user_id": user.id,
                "opening_declined_date": user and fields.Datetime.now(),
            }
        )
        self.sudo().message_post(
            body=self.env._("%(user)s: %(said)s", user=self.env.user.name, said=said)
        )

    def action_take_back_opening(self):
        """Take the opening entry back."""
        self.ensure_one()
        self.env["sp.opening.entry"]._take_back(self)
