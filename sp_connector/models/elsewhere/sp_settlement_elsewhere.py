from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date


class SpSettlementElsewhere(models.AbstractModel):
    """Which entry of somebody else books a settlement, who said so, and when.

    It counts while that entry is posted: the ledger says what is booked.
    """

    _name = "sp.settlement.elsewhere"
    _description = "Amazon Settlement, Booked Elsewhere"

    elsewhere_move_id = fields.Many2one(
        "account.move",
        "Booked Elsewhere By",
        readonly=True,
        copy=False,
        ondelete="set null",
    )
    elsewhere_denied_ids = fields.Many2many(
        "account.move",
        "sp_settlement_elsewhere_denied_rel",
        "settlement_id",
        "move_id",
        string="Not Booked By",
        readonly=True,
        copy=False,
    )
    elsewhere_user_id = fields.Many2one("res.users", "Said By", readonly=True, copy=False)
    elsewhere_date = fields.Datetime("Said On", readonly=True, copy=False)
    elsewhere_proposal_text = fields.Text(
        "Booked Elsewhere?", compute="_compute_elsewhere_proposal_text"
    )
    has_elsewhere_proposal = fields.Boolean(
        "Seems Booked Elsewhere",
        compute="_compute_has_elsewhere_proposal",
        search="_search_has_elsewhere_proposal",
        help="A posted entry of somebody else has its total in these weeks.",
    )

    # Two people cannot give one entry to two settlements at once.
    _elsewhere_move_unique = models.Constraint(
        "UNIQUE(elsewhere_move_id)", "This entry books another Amazon settlement already."
    )

    # === WHAT IS FOUND WHEN SOMEBODY LOOKS === #

    @api.depends("state", "elsewhere_denied_ids")
    @api.depends_context("uid", "lang")
    def _compute_elsewhere_proposal_text(self):
        service = self.env["sp.elsewhere"]
        for settlement in self:
            # Of a settlement that somebody looks at; a list does not show it.
            found = service._find(settlement) if len(self) == 1 and settlement._origin else ()
            settlement.elsewhere_proposal_text = service._warn(found) if found else False

    def _compute_has_elsewhere_proposal(self):
        ids = {one.settlement.id for one in self.env["sp.elsewhere"]._find(self)}
        for settlement in self:
            settlement.has_elsewhere_proposal = settlement.id in ids

    @api.model
    def _search_has_elsewhere_proposal(self, operator, value):
        if operator != "in":
            return NotImplemented
        service = self.env["sp.elsewhere"]
        ids = {one.settlement.id for one in service._find(service._waiting())}
        return [("id", "in" if True in value else "not in", list(ids))]

    # === WHAT A PERSON SAYS === #

    def _is_elsewhere(self):
        self.ensure_one()
        move = self.elsewhere_move_id.sudo()
        reversals = move.reversal_move_ids
        return move.state == "posted" and "posted" not in reversals.mapped("state")

    def _mark_elsewhere(self, move):
        """Note that an entry books this settlement already.

        :raises UserError: it has entries of its own, or the entry is none of its company's
        """
        self.ensure_one()
        self.check_access("read")
        move.check_access("read")
        self.env["sp.settlement.booking"]._lock(self)  # nobody books it meanwhile
        if self._active_moves() or self._is_elsewhere():
            raise UserError(
                self.env._(
                    "Settlement %(ref)s is booked already. Undo that first.",
                    ref=self.settlement_ref,
                )
            )
        if move.state != "posted" or move.company_id.root_id != self.company_id.root_id:
            raise UserError(self.env._("Choose a posted entry of the same company."))
        settlement = self.sudo()
        if other := settlement.search([("elsewhere_move_id", "=", move.id), ("id", "!=", self.id)]):
            raise UserError(
                self.env._(
                    "%(entry)s books settlement %(ref)s already.",
                    entry=move.name,
                    ref=other[:1].settlement_ref,
                )
            )
        settlement.write(
            {
                "elsewhere_move_id": move.id,
                "elsewhere_user_id": self.env.uid,
                "elsewhere_date": fields.Datetime.now(),
                "elsewhere_denied_ids": [Command.unlink(move.id)],
            }
        )
        settlement.message_post(
            body=self.env._(
                "%(user)s: booked elsewhere as %(entry)s of %(day)s.",
                user=self.env.user.name,
                entry=move.name,
                day=format_date(self.env, move.date),
            )
        )

    def _deny_elsewhere(self, moves):
        """Note that these entries are something else, so that nothing is said of them any more."""
        self.ensure_one()
        self.check_access("read")
        moves.check_access("read")
        settlement = self.sudo()
        settlement.elsewhere_denied_ids |= moves
        settlement.message_post(
            body=self.env._(
                "%(user)s: not booked by %(entries)s.",
                user=self.env.user.name,
                entries=", ".join(moves.mapped("name")),
            )
        )

    def action_not_elsewhere(self):
        """Take back that these are booked elsewhere; what holds them is looked at again."""
        self.check_access("read")
        marked = self.sudo().filtered("elsewhere_move_id")
        for settlement in marked:
            settlement.message_post(
                body=self.env._("%(user)s: not booked elsewhere.", user=self.env.user.name)
            )
        marked.write(
            {"elsewhere_move_id": False, "elsewhere_user_id": False, "elsewhere_date": False}
        )
        marked._check()

    def action_find_elsewhere(self):
        """Look for entries of others that book these, or all that waits, and propose them."""
        waiting = self or self.env["sp.elsewhere"]._waiting()
        return self.env["sp.elsewhere.proposal"]._open(waiting)
