from odoo import fields, models

from odoo.addons.queue_job.job import identity_exact


class SpReport(models.Model):
    _inherit = "sp.report"

    def _dispatch(self):
        """Queue a job for each report, unless one waits there already."""
        for report in self:
            report.with_delay(
                identity_key=identity_exact,
                description=self.env._(
                    "Import report %(ref)s of %(name)s",
                    ref=report.report_ref,
                    name=report.connection_id.name,
                ),
            )._process_queued()

    def _process_queued(self):
        """Take one report as far as it goes. Where it has to wait, its ``retry_at`` says until
        when, and the scheduler queues it again then.

        :return: its state afterwards, or ``None`` where there was nothing to do
        """
        started = fields.Datetime.now()
        state = self._process()
        if state:
            self._log_run(started, {self.connection_id: [state]})
            if self.retry_at:
                self._come_back(started)
        return state
