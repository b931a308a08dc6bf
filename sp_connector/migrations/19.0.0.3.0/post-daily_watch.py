"""The daily scheduled action calls the service that does its work."""

from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    """Its data are not updated with the module, so that people may change when it runs."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    if cron := env.ref("sp_connector.ir_cron_daily_watch", raise_if_not_found=False):
        cron.write(
            {
                "name": "Amazon: announce what runs out, recheck chains, send digests",
                "model_id": env["ir.model"]._get_id("sp.daily.watch"),
                "code": "model._cron_watch()",
            }
        )
