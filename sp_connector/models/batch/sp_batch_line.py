from odoo import fields, models

from ..settlement.states import HOLD_LABELS

#: Why a settlement is left out although nothing holds it.
_OTHER_CODES = [
    ("empty", "Nothing to book"),
    ("elsewhere", "Booked elsewhere"),
    ("no_entry", "No entry to take back"),
    ("proposed", "Waits for approval"),
    ("own_proposal", "Proposed by yourself"),
    ("not_proposed", "Nothing is proposed"),
    ("limit", "Above the limit"),
    ("busy", "Somebody else works on it"),
    ("refused", "Refused"),
    ("unexpected", "Unexpected error"),
]


class SpBatchLine(models.Model):
    """What became of one settlement of a batch."""

    _name = "sp.batch.line"
    _description = "Settlement of an Amazon Batch"
    _order = "batch_id desc, state desc, id"
    _rec_name = "settlement_id"

    batch_id = fields.Many2one(
        "sp.batch", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="batch_id.company_id", store=True)
    settlement_id = fields.Many2one(
        "sp.settlement", required=True, readonly=True, index=True, ondelete="cascade"
    )
    state = fields.Selection(
        [
            ("done", "Done"),
            ("waiting", "Waiting"),
            ("cancelled", "Cancelled"),
            ("failed", "Left out"),
        ],
        default="waiting",
        required=True,
        readonly=True,
        index=True,
    )
    code = fields.Selection([*HOLD_LABELS, *_OTHER_CODES], "Reason", readonly=True)
    message = fields.Text("Why", readonly=True)
    tries = fields.Integer(readonly=True, help="How often a worker began with it.")
    amount_total = fields.Monetary(related="settlement_id.amount_total")
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    settlement_state = fields.Selection(related="settlement_id.state", string="Status Now")

    def _note(self, left_out):
        """Note what became of it: a ``LeftOut``, or ``None`` where it was done."""
        is_done = not left_out or left_out.is_done
        self.write(
            {
                "state": "done" if is_done else "failed",
                "code": left_out.code if left_out else False,
                "message": left_out.reason if left_out else False,
            }
        )

    def action_mend(self):
        """Open what clears the reason away, or the settlement, which says what to do."""
        self.ensure_one()
        return self.settlement_id._mend_action(self.code)
