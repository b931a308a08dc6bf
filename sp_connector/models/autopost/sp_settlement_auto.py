from odoo import api, fields, models

from ...engine.books.findings import load

#: Code → what a list or a card says of it.
AUTO_LABELS = [
    ("auto_held", "Held"),
    ("auto_first", "First of its account"),
    ("auto_not_exact", "Words not known by name"),
    ("auto_new_words", "New words"),
    ("auto_new_marketplace", "New marketplace"),
    ("auto_limit", "Above the limit"),
    ("auto_total", "Unusual total"),
    ("auto_fees", "Unusual fees"),
    ("auto_chain", "A settlement beside it is missing"),
    ("auto_sent_again", "Sent again by Amazon"),
    ("auto_control", "Amazon's second statement differs"),
    ("auto_control_waits", "Waits for Amazon's second statement"),
    ("auto_waits", "Waits for its day"),
    ("auto_elsewhere", "Perhaps booked elsewhere"),
    ("auto_refused", "Refused by Odoo"),
    ("other_drafts", "Drafts beside it"),
    ("imported_elsewhere", "In other books too"),
    ("invoiced", "Orders invoiced in Odoo"),
    ("invoice_drafts", "Draft invoices of its orders"),
    ("old_rate", "Old exchange rate"),
]


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
    auto_code = fields.Selection(
        AUTO_LABELS,
        "Why Not by Itself",
        compute="_compute_auto_code",
        store=True,
        help="The first of what speaks against booking it without a person.",
    )
    auto_note = fields.Text(
        "Why It Was Not Posted by Itself", compute="_compute_auto_note", compute_sudo=True
    )

    @api.depends("auto_findings")
    def _compute_auto_code(self):
        labels = dict(AUTO_LABELS)
        for settlement in self:
            codes = [finding.code for finding in load(settlement.auto_findings)]
            settlement.auto_code = next((code for code in codes if code in labels), False)

    @api.depends("auto_findings")
    @api.depends_context("lang")
    def _compute_auto_note(self):
        for settlement in self:
            settlement.auto_note = settlement._say_stored(settlement.auto_findings)
