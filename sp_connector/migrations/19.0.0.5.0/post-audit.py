"""The audit trail stands by itself: what chatters kept until now is copied into it."""

from odoo import SUPERUSER_ID, api
from odoo.tools import html2plaintext

_MODELS = ("sp.settlement", "sp.autopost", "sp.connection", "sp.application", "sp.settlement.gap")


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    # Of companies, what this addon wrote there: it named records in these quotation marks.
    domain = [
        ("create_date", "<", cr.now()),  # what this update says is kept already
        ("message_type", "=", "notification"),
        "|",
        ("model", "in", _MODELS),
        "&",
        ("model", "=", "res.company"),
        ("body", "like", "%«%»%"),
    ]
    ids = env["mail.message"].search(domain, order="id").ids
    users = {}
    for user in env["res.users"].with_context(active_test=False).search([], order="id desc"):
        users[user.partner_id.id] = user.id
    for start in range(0, len(ids), 1000):
        _copy(env, env["mail.message"].browse(ids[start : start + 1000]), users)
        env.invalidate_all()


def _copy(env, messages, users):
    trail = env["sp.audit"]
    vals_list = []
    for message in messages:
        record = env[message.model].browse(message.res_id).exists()
        if not record:
            continue
        common = {
            "date": message.date,
            "user_id": users.get(message.author_id.id, SUPERUSER_ID),
            "company_id": trail._companies_of(record)[:1].id,
            "res_model": message.model,
            "res_id": message.res_id,
            "name": trail._name_of(record),
        }
        if message.body:
            vals_list.append({**common, "kind": "done", "note": html2plaintext(message.body)})
        for found in message.tracking_value_ids._tracking_value_format():
            vals_list.append(
                {
                    **common,
                    "kind": "changed",
                    "field_label": found["fieldInfo"]["changedField"],
                    "before": str(found["oldValue"] or ""),
                    "after": str(found["newValue"] or ""),
                }
            )
    trail.create(vals_list)
