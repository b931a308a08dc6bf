"""What holds a settlement is kept as codes and values, and said in each reader's language."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Decide of what is not booked anew; of what is booked nothing holds."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    settlements, size = env["sp.settlement"], 100
    ids = settlements.search([("state", "in", ("held", "review", "empty"))]).ids
    for start in range(0, len(ids), size):
        # Nothing of it is news for the chatter.
        settlements.browse(ids[start : start + size]).with_context(tracking_disable=True)._check()
        env.flush_all()
        env.invalidate_all()
    cr.execute(
        "ALTER TABLE sp_settlement DROP COLUMN IF EXISTS hold_reason, "
        "DROP COLUMN IF EXISTS booking_note"
    )
