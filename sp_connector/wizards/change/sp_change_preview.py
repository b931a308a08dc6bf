"""What a change does to the books, before it is saved or after; and booking anew."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...engine.books.change import add_changes
from ...models.change.sp_change import LIMIT
from ...models.settlement.states import BOOKED

#: What may be tried out.
_MODELS = ("sp.account.mapping", "sp.category.rule", "sp.sku.rule", "account.tax")
#: So many accounts or grids are named where a change is described in one line.
_NAMED = 3


class SpChangePreview(models.TransientModel):
    """Sums per account and tax grid before and after, of all settlements that a change touches."""

    _name = "sp.change.preview"
    _description = "What Would Change in Amazon Settlements"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True)
    vals = fields.Json(readonly=True)
    is_trial = fields.Boolean(readonly=True, help="It is not saved yet.")
    is_wide = fields.Boolean(readonly=True, help="All booked settlements of the company.")
    skipped = fields.Integer(readonly=True, help="So many newer ones were compared before.")
    older_count = fields.Integer(readonly=True, help="So many older ones were not compared.")
    can_save = fields.Boolean(readonly=True)
    can_date = fields.Boolean(readonly=True)
    date_from = fields.Date("Apply From", help="For rows posted from this day on, by month.")
    note = fields.Text(readonly=True)
    settlement_ids = fields.One2many("sp.change.preview.settlement", "preview_id", "Settlements")
    line_ids = fields.One2many(
        "sp.change.preview.line",
        "preview_id",
        "Sums",
        domain=[("row_id", "=", False)],
        readonly=True,
    )
    detail_ids = fields.One2many(
        "sp.change.preview.line",
        "preview_id",
        "By Settlement",
        domain=[("row_id", "!=", False)],
        readonly=True,
    )
    booked_count = fields.Integer(compute="_compute_booked_count")

    @api.depends("settlement_ids.is_booked")
    def _compute_booked_count(self):
        for preview in self:
            preview.booked_count = len(preview.settlement_ids.filtered("is_booked"))

    @api.depends("is_trial")
    def _compute_display_name(self):
        for preview in self:
            preview.display_name = self.env._("What Would Change")

    # === MAKE IT === #

    @api.model
    def _open(self, record, vals):
        """Try out values of a record, or of a new one, and show what they change."""
        record.check_access("write" if record else "create")
        # Of a new record the form says whose it is: its company's currency is that of the sums.
        company = record.company_id.browse(vals.get("company_id")) or record.company_id
        company = company or self.env.company
        trial = record.with_context(sp_connector_recheck_later=True)
        touched = trial._touched_settlements(vals)
        outcomes = self.env["sp.change"]._compare_trial(
            touched[:LIMIT],
            lambda: trial._apply_change(vals),
            # Of another rate or grid the plan says nothing: Odoo computes taxes at the entry.
            is_in_plan=record._name != "account.tax",
        )
        return self._show(
            company,
            outcomes,
            touched,
            is_trial=True,
            res_model=record._name,
            res_id=record.id,
            vals=vals,
            can_save=bool(record),
            can_date=bool(record) and "date_from" in record._fields,
        )

    @api.model
    def _open_trial(self, wizard, apply):
        """Try out what a wizard would apply to its company, and show what that changes."""
        company = wizard.company_id
        touched = self.env["sp.settlement"].search([("company_id", "child_of", company.ids)])
        outcomes = self.env["sp.change"]._compare_trial(touched[:LIMIT], apply)
        return self._show(
            company, outcomes, touched, is_trial=True, res_model=wizard._name, res_id=wizard.id
        )

    @api.model
    def _open_booked(self, settlements):
        """Show which of these would be booked otherwise now, and how."""
        settlements.check_access("read")
        if len(settlements.company_id) > 1:
            raise UserError(self.env._("Choose settlements of one company."))
        outcomes = self.env["sp.change"]._compare_booked(settlements[:LIMIT])
        company = settlements.company_id or self.env.company
        return self._show(company, outcomes, settlements)

    @api.model
    def action_company_wide(self, skip=0):
        """Show which booked settlements of the company would be booked otherwise now.

        :param skip: so many of the newest were compared before
        """
        company = self.env.company
        booked = self.env["sp.settlement"].search(
            [("company_id", "=", company.id), ("state", "in", BOOKED)]
        )[skip:]
        outcomes = self.env["sp.change"]._compare_booked(booked[:LIMIT])
        return self._show(company, outcomes, booked, is_wide=True, skipped=skip)

    def _show(self, company, outcomes, looked_at, **vals):
        older = max(len(looked_at) - LIMIT, 0)
        preview = self.create({"company_id": company.id, "older_count": older, **vals})
        preview._fill(outcomes, len(looked_at))
        return preview._again()

    def _again(self, view=None):
        """Show this dialog."""
        action = self._get_records_action(
            name=self.env._("What Would Change"),
            target="new",
            context={"dialog_size": "extra-large"},
        )
        if view:
            action["views"] = [(self.env.ref(f"sp_connector.{view}").id, "form")]
        return action

    def _fill(self, outcomes, count):
        # What is alike stands together, the newest first.
        named = [(self._name_change(outcome), outcome) for outcome in outcomes]
        for what, outcome in sorted(named, key=lambda pair: pair[0]):
            row = self.env["sp.change.preview.settlement"].create(
                {
                    "preview_id": self.id,
                    "settlement_id": outcome.settlement.id,
                    "what": what,
                    "note": self._describe(outcome),
                    "is_held": bool(outcome.problem),
                    "moved": self._moved(outcome.changes),
                }
            )
            row.is_chosen = row._may_choose()
            self._create_lines(outcome.changes, outcome.names, row)
        names = {key: name for outcome in outcomes for key, name in outcome.names.items()}
        self._create_lines(
            add_changes(change for outcome in outcomes for change in outcome.changes), names
        )
        self.note = self._describe_all(outcomes, count)

    def _moved(self, changes):
        """Return how much leaves one account for another."""
        return float(
            sum(one.difference for one in changes if one.kind == "account" and one.difference > 0)
        )

    def _create_lines(self, changes, names, row=None):
        self.env["sp.change.preview.line"].create(
            [
                {
                    "preview_id": self.id,
                    "row_id": row and row.id,
                    "kind": change.kind,
                    "name": names[change[:2]],
                    "before": float(change.before),
                    "after": float(change.after),
                    "difference": float(change.difference),
                }
                for change in changes
            ]
        )

    # === IN WORDS === #

    def _name_change(self, outcome):
        """Say in a line what changes, alike for settlements of which the same does."""
        if text := self._describe(outcome):
            return text
        for kind in ("account", "grid", "tax"):
            lesser, greater = [], []
            for change in outcome.changes:
                if change.kind == kind:
                    names = lesser if abs(change.after) < abs(change.before) else greater
                    names.append(outcome.names[change[:2]])
            if lesser or greater:
                return " → ".join(self._some(names) for names in (lesser, greater) if names)
        return ""

    def _some(self, names):
        return ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")

    def _describe(self, outcome):
        if outcome.problem:
            return self.env._("Would be held: %(why)s", why=outcome.problem)
        if outcome.freed:
            return self.env._("Would no longer be held.")
        if not outcome.changes:
            return self.env._(
                "The sums stay; an analytic distribution, a partner or a split differs."
            )
        return False

    def _describe_all(self, outcomes, count):
        booked = [one for one in outcomes if one.settlement._active_moves()]
        if not count:
            texts = [
                self.env._("No settlement has what it is about.")
                if self.is_trial
                else self.env._("Nothing is booked that could be compared.")
            ]
        elif not outcomes:
            texts = [
                self.env._(
                    "None of %(count)s settlements would be booked otherwise.",
                    count=min(count, LIMIT),
                )
            ]
        else:
            texts = [
                self.env._(
                    "Of %(count)s settlements %(touched)s would be booked otherwise, %(booked)s of "
                    "which have entries already.",
                    count=min(count, LIMIT),
                    touched=len(outcomes),
                    booked=len(booked),
                )
            ]
        if self.older_count:
            texts.append(
                self.env._(
                    "Only the newest %(limit)s were compared; %(more)s older ones were not.",
                    limit=self.skipped + LIMIT,
                    more=self.older_count,
                )
            )
        if self.is_wide:
            texts.insert(0, self.env._("Booked settlements of %s.", self.company_id.name))
            texts.append(self.env._("What is not booked yet is booked as things are now anyhow."))
        if self.is_trial:
            texts.append(self.env._("Nothing is saved yet."))
            if booked:
                texts.append(
                    self.env._("What has entries keeps them until somebody books it anew.")
                )
        if booked and booked[0].settlement.has_four_eyes:
            texts.append(
                self.env._(
                    "Four eyes: to book anew what is posted is a proposal; the books stay as they "
                    "are until another person approves it."
                )
            )
        return "\n".join(texts)

    # === ACTION METHODS === #

    def action_back(self):
        """Go back to the wizard that was tried out."""
        self.ensure_one()
        wizard = self.env[self.res_model].browse(self.res_id)
        return wizard._get_records_action(target="new", context={"dialog_size": "extra-large"})

    def action_view_older(self):
        """Compare the next, older settlements of the company."""
        self.ensure_one()
        return self.with_company(self.company_id).action_company_wide(self.skipped + LIMIT)

    def action_choose_all(self):
        """Choose everything that can be booked anew."""
        return self._choose(lambda row: True)

    def action_choose_none(self):
        """Choose nothing."""
        return self._choose(lambda row: False)

    def _choose(self, wanted):
        """Choose what is wanted and can be booked anew; go on with choosing."""
        for row in self.settlement_ids:
            row.is_chosen = wanted(row) and row._may_choose()
        return self._again("sp_change_preview_view_form_settlements")

    def action_save(self):
        """Save the change; what is booked stays as it is."""
        self.ensure_one()
        self._record()._apply_change(self.vals)
        return self._close()

    def action_save_from_date(self):
        """Let the change hold from a day on: a new line of the mapping beside the old one.

        :raises UserError: no day is chosen
        """
        self.ensure_one()
        if not self.date_from:
            raise UserError(self.env._("Choose the day from which it holds."))
        self._record().copy({**self.vals, "date_from": self.date_from})
        return self._close()

    def action_save_and_rebook(self):
        """Save the change and book the chosen settlements anew."""
        self.ensure_one()
        self._record()._apply_change(self.vals)
        self.is_trial = False
        return self.action_rebook()

    def action_rebook(self):
        """Book the chosen settlements anew, each by itself; open what became of each."""
        self.ensure_one()
        if self.is_trial:
            raise UserError(self.env._("Save the change first."))
        chosen = self.settlement_ids.filtered(lambda row: row.is_chosen and row.is_booked)
        if not chosen:
            raise UserError(self.env._("Choose at least one settlement that is booked."))
        return self.env["sp.batch"]._press("rebook", chosen.settlement_id, show_all=True)

    def _record(self):
        """Return the record that is changed.

        :raises UserError: it is new, or nothing that may be tried out
        """
        if self.res_model not in _MODELS or not self.res_id:
            raise UserError(self.env._("Save the form itself; then book anew."))
        return self.env[self.res_model].browse(self.res_id)

    def _close(self):
        self.is_trial = False
        return {"type": "ir.actions.act_window_close"}
