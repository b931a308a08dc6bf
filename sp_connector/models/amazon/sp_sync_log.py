from datetime import timedelta

from odoo import api, fields, models

#: Amazon's policy asks for twelve months (docs/facts/api.md, "Logs and data").
KEEP_DAYS = 400


class SpSyncLog(models.Model):
    """One line per run and connection: what was done, how it ended, why."""

    _name = "sp.sync.log"
    _description = "Amazon Sync Log"
    _order = "id desc"
    _log_access = False

    connection_id = fields.Many2one(
        "sp.connection", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True)
    step = fields.Selection(
        [("find", "Find"), ("import", "Fetch and import")], required=True, readonly=True
    )
    started_at = fields.Datetime(required=True, readonly=True)
    ended_at = fields.Datetime(readonly=True)
    result = fields.Selection(
        [("done", "Done"), ("waiting", "Waiting"), ("failed", "Failed")],
        required=True,
        readonly=True,
    )
    found = fields.Integer(readonly=True)
    unfinished = fields.Integer(readonly=True, help="Found, and not finished by Amazon.")
    imported = fields.Integer(readonly=True)
    duplicates = fields.Integer(readonly=True)
    failed = fields.Integer(readonly=True)
    message = fields.Char("Why", readonly=True)
    request_ref = fields.Char("Amazon's Request ID", readonly=True)
    summary = fields.Char(compute="_compute_summary")
    duration = fields.Float(
        "Took (s)", compute="_compute_duration", digits=(16, 0), help="Seconds from start to end."
    )

    @api.depends("step", "found", "unfinished", "imported", "duplicates", "failed", "message")
    def _compute_summary(self):
        """What happened, in words; numbers that are zero say nothing."""
        for line in self:
            if line.step == "find":
                parts = [line._words_of_found()]
            else:
                parts = [
                    text
                    for count, text in (
                        (line.imported, self.env._("%(n)s imported", n=line.imported)),
                        (line.duplicates, self.env._("%(n)s known", n=line.duplicates)),
                        (line.failed, self.env._("%(n)s failed", n=line.failed)),
                    )
                    if count
                ] or [self.env._("nothing imported")]
            if line.message:
                # Nothing was found because of it, so the reason alone is told.
                parts = [*parts, line.message] if line.found else [line.message]
            line.summary = ", ".join(parts)

    def _words_of_found(self):
        self.ensure_one()
        if not self.found:
            return self.env._("no new reports")
        if self.found == 1:
            parts = [self.env._("1 new report")]
        else:
            parts = [self.env._("%(count)s new reports", count=self.found)]
        if self.unfinished:
            parts.append(self.env._("%(count)s not finished by Amazon", count=self.unfinished))
        if self.failed:
            parts.append(self.env._("%(count)s failed at Amazon", count=self.failed))
        return ", ".join(parts)

    @api.depends("started_at", "ended_at")
    def _compute_duration(self):
        for line in self:
            ended_at = line.ended_at or line.started_at
            line.duration = (ended_at - line.started_at).total_seconds()

    @api.autovacuum
    def _gc_old_lines(self):
        """Delete lines that are older than policies ask for, some at a time."""
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        old = self.sudo().search([("started_at", "<", limit)], limit=10_000)
        old.unlink()
        return len(old), 1 if len(old) == 10_000 else 0
