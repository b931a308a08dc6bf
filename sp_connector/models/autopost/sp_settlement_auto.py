from odoo import api, fields, models


class SpSettlementAuto(models.AbstractModel):
    """Why a settlement waits for a person although others are posted by themselves."""

    _name = "sp.settlement.auto"
    _description = "Why an Amazon Settlement Is Not Posted by Itself"

    auto_findings = fields.Json(readonly=True, prefetch=False, copy=False)
    is_auto_stopped = fields.Boolean(
        "Stopped Automatic Posting",
        readonly=True,
        copy=False,
        help="It would have been booked by itself, but something about it is new.",
    )
    auto_note = fields.Text(
        "Why It Was Not Posted by Itself", compute="_compute_auto_note", compute_sudo=True
    )

    @api.depends("auto_findings")
    @api.depends_context("lang")
    def _compute_auto_note(self):
        for settlement in self:
            settlement.auto_note = settlement._say_stored(settlement.auto_findings)
