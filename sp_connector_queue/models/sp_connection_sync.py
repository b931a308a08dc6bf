from odoo import api, models

from odoo.addons.queue_job.job import identity_exact


class SpConnectionSync(models.AbstractModel):
    _inherit = "sp.connection.sync"

    @api.model
    def _dispatch(self, connections):
        """Queue a job for each connection, unless one waits there already."""
        for connection in connections:
            connection.with_delay(
                identity_key=identity_exact,
                # Before all imports: it is a call or two, and brings them work.
                priority=5,
                description=self.env._("Find reports of %(name)s", name=connection.name),
            )._look()

    @api.model
    def _look(self, connection):
        """Look for reports, and queue those that are new in the same transaction."""
        found = super()._look(connection)
        if found:
            reports = self.env["sp.report"]
            reports.search(
                [("connection_id", "=", connection.id), *reports._due_domain()],
                order="created_at, id",
            )._dispatch()
        return found
