from odoo import api, fields, models
from odoo.fields import Domain

#: So many settlements are done while their user waits; more go on in the background.
AT_ONCE = 10


class SpBatch(models.Model):
    """One thing done with many settlements of a company, by whom, and what became of each.

    Few are done at once, many by the scheduler, each in a transaction of its own. The texts are in
    the language of the user whose batch it is.
    """

    _name = "sp.batch"
    _description = "Amazon Batch"
    _order = "id desc"

    operation = fields.Selection(
        [
            ("book", "Create draft entries"),
            ("post", "Post"),
            ("undo", "Undo"),
            ("rebook", "Book anew"),
            ("check", "Check again"),
            ("approve", "Approve"),
        ],
        required=True,
        readonly=True,
    )
    user_id = fields.Many2one(
        "res.users",
        "By",
        required=True,
        readonly=True,
        help="With whose rights it is done: who pressed, or tried again, last.",
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    line_ids = fields.One2many("sp.batch.line", "batch_id", "Settlements", readonly=True)
    line_count = fields.Integer("Number of Settlements", compute="_compute_counts")
    waiting_count = fields.Integer("Waiting", compute="_compute_counts")
    done_count = fields.Integer("Done", compute="_compute_counts")
    failed_count = fields.Integer("Left Out", compute="_compute_counts")
    cancelled_count = fields.Integer("Cancelled", compute="_compute_counts")
    percent = fields.Integer("Progress", compute="_compute_counts", aggregator=None)
    is_running = fields.Boolean(compute="_compute_counts")

    @api.depends("line_ids.state")
    def _compute_counts(self):
        counts = {}
        for batch, state, count in self.env["sp.batch.line"]._read_group(
            [("batch_id", "in", self.ids)], ["batch_id", "state"], ["__count"]
        ):
            counts.setdefault(batch, {})[state] = count
        for batch in self:
            found = counts.get(batch, {})
            batch.line_count = total = sum(found.values())
            batch.waiting_count = waiting = found.get("waiting", 0)
            batch.done_count = found.get("done", 0)
            batch.failed_count = found.get("failed", 0)
            batch.cancelled_count = found.get("cancelled", 0)
            batch.percent = 100 * (total - waiting) // total if total else 100
            batch.is_running = bool(waiting)

    @api.depends("operation", "line_ids")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["operation"]._description_selection(self.env))
        for batch in self:
            batch.display_name = self.env._(
                "%(operation)s: %(count)s settlements",
                operation=labels.get(batch.operation, ""),
                count=batch.line_count,
            )

    # === FROM A BUTTON === #

    @api.model
    def _press(self, operation, settlements, show_all=False):
        """Do something with settlements as a button asks: few at once, many in the background.

        :param show_all: what became of each is shown, also of one, also where all were done
        :return: an action that says what was left out and why, ``None`` if nothing was
        :raises UserError: the only one failed
        """
        settlements = self._whole_selection(settlements)
        settlements.check_access("read")
        run = self.env["sp.batch.run"]
        if len(settlements) == 1 and not show_all:
            left_out = run._do(operation, settlements, may_raise=True)
            if not left_out or operation == "check":
                return None  # the settlement itself says what holds it
            return run._prepare_notice(settlements, left_out)
        if len(settlements) > AT_ONCE:
            batches = self._record(operation, settlements)
            self.env.ref("sp_connector.ir_cron_run_batches").sudo()._trigger()
            return batches._open()
        left_out = {}
        for settlement in settlements:
            if found := run._do(operation, settlement):
                left_out[settlement] = found
        if not left_out and not show_all:
            return None
        done = {settlement: left_out.get(settlement) for settlement in settlements}
        return self._record(operation, settlements, done)._open(target="new")

    @api.model
    def _whole_selection(self, settlements):
        """Return all that a user selected: the web client sends no more ids than its limit."""
        limit = int(
            self.env["ir.config_parameter"].sudo().get_param("web.active_ids_limit", "20000")
        )
        context = self.env.context
        if len(settlements) < limit or context.get("active_model") != settlements._name:
            return settlements
        return (
            settlements.search(Domain(context.get("active_domain") or Domain.FALSE)) | settlements
        )

    @api.model
    def _record(self, operation, settlements, done=None):
        """Note what is to be done, or was done at once.

        :param done: {settlement: ``LeftOut`` or ``None``}
        :return: a batch for each company, as the user
        """
        batches = self.sudo()
        for company, group in settlements.sudo().grouped("company_id").items():
            batch = batches.create(
                {"operation": operation, "user_id": self.env.uid, "company_id": company.id}
            )
            batches |= batch
            lines = batch.line_ids.create(
                [
                    {"batch_id": batch.id, "settlement_id": settlement.id}
                    for settlement in group.sorted(lambda one: one.date_end or one.create_date)
                ]
            )
            for line in lines if done is not None else ():
                line._note(done[line.settlement_id.sudo(False)])
        return batches.sudo(False)

    def _open(self, target="current"):
        name = self.env._("What Became of Them")
        return self._get_records_action(name=name, target=target)

    # === ACTIONS === #

    def action_cancel(self):
        """Do nothing more with what still waits; what is done stays done."""
        self.check_access("read")
        self.sudo().line_ids.filtered(lambda line: line.state == "waiting").state = "cancelled"

    def action_retry(self):
        """Try again what was left out or cancelled, with the rights of who asks for it now."""
        self.check_access("read")
        batches = self.sudo()
        batches.user_id = self.env.user
        batches.line_ids.filtered(lambda line: line.state in ("failed", "cancelled")).write(
            {"state": "waiting", "code": False, "message": False, "tries": 0}
        )
        self.env.ref("sp_connector.ir_cron_run_batches").sudo()._trigger()

    def action_view_lines(self):
        """Open what became of each settlement, grouped by what stands in the way."""
        action = self.env["ir.actions.act_window"]._for_xml_id("sp_connector.sp_batch_line_action")
        action["domain"] = [("batch_id", "in", self.ids)]
        action["context"] = {"search_default_group_state": 1, "search_default_group_code": 2}
        return action

    def action_view_settlements(self):
        """Open the settlements that were left out, to go on with them."""
        left_out = self.line_ids.filtered(lambda line: line.state == "failed")
        return left_out.settlement_id._get_records_action(name=self.env._("Left Out"))

    @api.autovacuum
    def _gc_batches(self):
        """Forget batches of half a year ago: the settlements say what became of them."""
        day = fields.Datetime.subtract(fields.Datetime.now(), months=6)
        old = self.search([("create_date", "<", day)], limit=1000)
        old.filtered(lambda batch: not batch.is_running).unlink()
