"""The admin endpoint ``/_control``, for other processes; only where it was asked for.

``GET /_control`` tells the state, ``GET /_control/calls?since=N`` the calls after the first N,
``POST /_control/<command>`` with a JSON object calls the method of ``FakeAmazon`` of that name,
e.g. ``POST /_control/advance {"seconds": 3600}``.
"""

import base64
import dataclasses
import json
from datetime import datetime

from werkzeug.wrappers import Response

from .contract import read_time
from .state import Application, Grant, Report, Seller

#: Methods of ``FakeAmazon`` that other processes may call.
COMMANDS = frozenset(
    {
        "add_application",
        "add_files",
        "add_report",
        "add_seller",
        "advance",
        "clear_faults",
        "code_for",
        "defer",
        "fail",
        "falsify_balance",
        "falsify_summary",
        "grant",
        "revoke",
        "rotate_secret",
        "self_authorize",
        "set_options",
        "update_application",
        "update_report",
        "update_seller",
    }
)


def answer(fake, request, command=None):
    if not fake.has_control:
        return _respond({"error": "The control endpoint is off."}, 404)
    if request.method == "GET":
        if command == "calls":
            calls = fake.calls[request.args.get("since", 0, int) :]
            return _respond([_plain(call) for call in calls])
        return _respond(state(fake)) if command is None else _respond({"error": "Unknown"}, 404)
    if command not in COMMANDS:
        return _respond({"error": f"No command '{command}'", "commands": sorted(COMMANDS)}, 404)
    # JSON only: no page on another site can make a browser send it.
    if not request.is_json or not isinstance(arguments := request.get_json(silent=True), dict):
        return _respond({"error": "The body must be a JSON object."}, 400)
    try:
        if "content_base64" in arguments:
            arguments["content"] = base64.b64decode(arguments.pop("content_base64"))
        for name in ("created", "authorized_at", "posted"):
            if arguments.get(name):
                arguments[name] = read_time(arguments[name])
        return _respond({"result": _plain(getattr(fake, command)(**arguments))})
    except (KeyError, TypeError, ValueError) as error:
        return _respond({"error": f"{type(error).__name__}: {error}"}, 400)


def state(fake):
    """Return what another process needs to know, without the secrets of others."""
    return {
        "now": fake.clock().isoformat(),
        "hosts": fake.hosts(),
        "applications": [_plain(one) for one in fake.applications.values()],
        "sellers": [_plain(one) for one in fake.sellers.values()],
        "counts": fake.counts(),
        "calls": len(fake.calls),
        "faults": [dataclasses.asdict(one) for one in fake.faults.active],
        "options": dataclasses.asdict(fake.options),
    }


def _plain(value):
    """Turn a result into JSON values."""
    if isinstance(value, Application):
        return {
            "application_id": value.application_id,
            "client_id": value.client_id,
            "client_secret": value.client_secret,
            "redirect_uris": value.redirect_uris,
            "login_uri": value.login_uri,
        }
    if isinstance(value, Seller):
        return {
            "selling_partner_id": value.selling_partner_id,
            "name": value.name,
            "regions": sorted(value.regions),
            "reports": len(value.reports),
        }
    if isinstance(value, Grant):
        return {
            "refresh_token": value.refresh_token,
            "selling_partner_id": value.seller.selling_partner_id,
        }
    if isinstance(value, Report):
        return {
            "reportId": value.report_id,
            "reportDocumentId": value.report_document_id,
            "processingStatus": value.processing_status,
            "createdTime": value.created_time.isoformat(),
        }
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if dataclasses.is_dataclass(value):
        return json.loads(json.dumps(dataclasses.asdict(value), default=_text))
    return value


def _text(value):
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _respond(body, status=200):
    return Response(json.dumps(body, indent=1), status, content_type="application/json")
