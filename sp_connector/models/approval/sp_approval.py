from odoo import fields, models
from odoo.tools import format_datetime

#: What may need a second person, in the words of who asks for it.
OPERATIONS = [
    ("post", "Post"),
    ("undo", "Undo"),
    ("rebook", "Book anew"),
    ("accrue", "Accrue"),
    ("replace", "Replace the accrual"),
]


class SpApproval(models.Model):
    """What somebody proposed to book, and what somebody else decided: facts, and never changed.

    They outlive the entries they are about, and the record itself.
    """

    _name = "sp.approval"
    _description = "Amazon Approval"
    _order = "id desc"
    _rec_name = "name"

    name = fields.Char("What", required=True, readonly=True)
    res_model = fields.Char(required=True, readonly=True, index=True)
    res_id = fields.Many2oneReference(model_field="res_model", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    operation = fields.Selection(OPERATIONS, required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users",
        "Proposed By",
        readonly=True,
        ondelete="restrict",
        help="Nobody: automatic posting proposed it.",
    )
    proposed_on = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    amount = fields.Monetary(readonly=True, help="In the company's currency; limits are about it.")
    currency_id = fields.Many2one(related="company_id.currency_id")
    digest = fields.Char(
        "Fingerprint", required=True, readonly=True, help="Of what was proposed to be booked."
    )
    state = fields.Selection(
        [
            ("open", "Waiting for Approval"),
            ("approved", "Approved"),
            ("sent_back", "Sent Back"),
            ("closed", "No Longer Wanted"),
        ],
        default="open",
        required=True,
        readonly=True,
        index=True,
    )
    decided_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    decided_on = fields.Datetime(readonly=True)
    reason = fields.Char(readonly=True)

    _record_index = models.Index("(res_model, res_id)")

    def _proposer(self):
        """Name who proposed it."""
        return self.sudo().user_id.name or self.env._("Automatic posting")

    def _label(self):
        """Return what was proposed, in the user's language."""
        labels = dict(self._fields["operation"]._description_selection(self.env))
        return labels[self.operation]

    def _decide(self, state, reason=False):
        """Note what this user decided."""
        for proposal in self.sudo():
            proposal.write(
                {
                    "state": state,
                    "decided_by_id": self.env.uid,
                    "decided_on": fields.Datetime.now(),
                    "reason": reason,
                }
            )

    def action_view(self):
        """Open what it is about."""
        self.ensure_one()
        return self.env[self.res_model].browse(self.res_id).exists()._get_records_action()

    def _said(self):
        """Return a sentence about it and what became of it."""
        self.ensure_one()
        proposal = self.sudo()
        values = {
            "what": self._label(),
            "proposer": self._proposer(),
            "proposed": self._moment(proposal.proposed_on),
            "decider": proposal.decided_by_id.name,
            "decided": self._moment(proposal.decided_on),
            "reason": proposal.reason,
        }
        match proposal.state:
            case "open":
                return self.env._("%(what)s: proposed by %(proposer)s, %(proposed)s.", **values)
            case "approved":
                return self.env._(
                    "%(what)s: proposed by %(proposer)s, %(proposed)s; approved by %(decider)s, "
                    "%(decided)s.",
                    **values,
                )
            case "sent_back":
                return self.env._(
                    "%(what)s: proposed by %(proposer)s, %(proposed)s; sent back by %(decider)s, "
                    "%(decided)s: %(reason)s",
                    **values,
                )
        return self.env._(
            "%(what)s: proposed by %(proposer)s, %(proposed)s; no longer wanted: %(reason)s",
            **values,
        )

    def _moment(self, value):
        # With the day, also today: what is said stays in the chatter.
        return value and format_datetime(self.env, value, dt_format="short")
