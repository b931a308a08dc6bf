from odoo import models

from odoo.addons.queue_job.job import identity_exact


class SpConnection(models.Model):
    _inherit = "sp.connection"

    def _dispatch(self):
        """Queue a job for each connection, unless one waits there already."""
        for connection in self:
            connection.with_delay(
                identity_key=identity_exact,
                # Before all imports: it is a call or two, and brings them work.
                priority=5,
                description=self.env._("Find reports of %(name)s", name=connection.name),
            )._look()

    def _look(self):
        """Look for reports, and queue those that are new in the same transaction."""
        found = super()._look()
        if found:
            reports = self.env["sp.report"]
            reports.search(
                [("connection_id", "=", self.id), *reports._due_domain()], order="created_at, id"
            )._dispatch()
        return found
