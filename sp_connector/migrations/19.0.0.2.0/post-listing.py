"""Reports that Amazon had not finished were never stored: all of it is asked for again."""

from odoo import SUPERUSER_ID, api
from odoo.fields import Domain


def migrate(cr, _version):
    """Begin a backfill for each connection; its point stays. Known reports stay as they are."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    reports = env["sp.report"].search(
        Domain("state", "in", ("found", "failed"))
        & Domain("document_ref", "=", False)
        & Domain("attachment_id", "=", False)
    )
    # Amazon said DONE and named no document: nobody asked again.
    reports.write({"state": "unfinished", "tries": 0, "retry_at": False, "error_message": False})
    reports.activity_unlink(["sp_connector.mail_activity_type_report"])
    connections = (
        env["sp.connection"]
        .with_context(active_test=False)
        .search([("proven_until", "!=", False), ("parent_id", "=", False)])
    )
    env["sp.connection.backfill"]._ask_again(connections)
