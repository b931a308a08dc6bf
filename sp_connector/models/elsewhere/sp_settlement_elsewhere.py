from odoo import api, fields, models
from odoo.exceptions import UserError
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
        index="btree_not_null",
        ondelete="set null",
    )
    elsewhere_user_id = fields.Many2one("res.users", "Said By", readonly=True, copy=False)
    elsewhere_date = fields.Datetime("Said On", readonly=True, copy=False)

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
        settlement.write(
            {
                "elsewhere_move_id": move.id,
                "elsewhere_user_id": self.env.uid,
                "elsewhere_date": fields.Datetime.now(),
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

    @api.model
    def action_find_elsewhere(self):
        """Look for entries of others that book what waits here, and propose them."""
        waiting = self or self.env["sp.elsewhere"]._waiting()
        return self.env["sp.elsewhere.proposal"]._open(waiting)
