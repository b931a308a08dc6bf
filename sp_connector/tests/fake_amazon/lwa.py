"""Login with Amazon: the token endpoint.

Facts: docs/facts/oauth.md, "Token endpoint", "Token answers" and "Token errors".

Statuses of ``unauthorized_client``, ``unsupported_grant_type`` and ``invalid_request`` are those
of RFC 6749 (400): nobody has seen their status.
"""

import json
from datetime import timedelta

from werkzeug.wrappers import Response

from . import faults
from .state import ACCESS_TOKEN_SECONDS, AccessToken

#: Scopes of grantless tokens ("Token endpoint").
SCOPES = frozenset(
    {
        "sellingpartnerapi::notifications",
        "sellingpartnerapi::client_credential:rotation",
        "sellingpartnerapi::shipments:track",
    }
)
_GRANT = "The request has an invalid grant parameter : "
_REVOKED = f"{_GRANT}refresh_token. User may have revoked or didn't grant the permission."
#: grant_type → the parameters it needs beside client_id and client_secret, and may have.
_GRANT_TYPES = {
    "authorization_code": ({"code"}, {"redirect_uri"}),
    "refresh_token": ({"refresh_token"}, set()),
    "client_credentials": ({"scope"}, set()),
}


class Refused(Exception):
    """What LWA answers instead of a token."""

    def __init__(self, error, description, status=400):
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


def token(fake, request):
    """Answer ``POST /auth/o2/token``."""
    try:
        if request.fault and request.fault.kind in faults.REPLACED:
            common = faults.anywhere(request.fault.kind)
            if common:
                return common
            raise _REPLACED[request.fault.kind]()
        return _respond(_granted(fake, request), 200)
    except Refused as refused:
        body = {"error_description": refused.description, "error": refused.error}
        return _respond(body, refused.status)


_REPLACED = {
    "400": lambda: Refused("invalid_request", "The request is malformed"),
    "404": lambda: Refused("invalid_request", "Not found", 404),
    "429": lambda: Refused("temporarily_unavailable", "Too many requests", 429),
    "500": lambda: Refused("server_error", "The server encountered an error", 500),
    "expired_token": lambda: Refused("invalid_grant", _REVOKED),
    "revoked": lambda: Refused("invalid_grant", _REVOKED),
    "role_missing": lambda: Refused(
        "unauthorized_client", "Not authorized for requested operation"
    ),
    "secret_refused": lambda: Refused("invalid_client", "Client authentication failed", 401),
}


def _granted(fake, request):
    form = _form(request)
    grant_type = form.get("grant_type")
    if grant_type is None:
        raise _missing("grant_type")
    if grant_type not in _GRANT_TYPES:
        raise _unsupported()
    required, optional = _GRANT_TYPES[grant_type]
    required = {"client_id", "client_secret", *required}
    for name in sorted(required):
        if not form.get(name):
            raise _missing(name)
    if unknown := set(form) - required - optional - {"grant_type"}:
        raise Refused("invalid_request", f"The request has an unknown parameter : {min(unknown)}")
    application = fake.client(form["client_id"])
    secret = application and application.secret(form["client_secret"], fake.clock())
    if not secret:
        raise Refused("invalid_client", "Client authentication failed", 401)
    if not application.is_allowed:
        raise Refused("unauthorized_client", "Not authorized for requested operation")
    return _GRANTED[grant_type](fake, application, secret, form)


def parameters(request):
    """Return the body's parameters as {name: list of values}; those of the URL do not count.

    Amazon takes forms and JSON objects: the npm clients ``amazon-sp-api`` and ``@sp-api-sdk/auth``
    send JSON. ``None`` for what is neither.
    """
    if request.mimetype == "application/x-www-form-urlencoded":
        return dict(request.form.lists())
    if request.mimetype != "application/json":
        return None
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not all(isinstance(one, str) for one in body.values()):
        return None
    return {name: [value] for name, value in body.items()}


def _form(request):
    found = parameters(request)
    if found is None:
        raise _unsupported()
    for name, values in found.items():
        if len(values) > 1:
            raise Refused("invalid_request", f"The request has a repeated parameter : {name}")
    return {name: values[0] for name, values in found.items()}


def _authorization_code(fake, application, secret, form):
    code = fake.codes.get(form["code"])
    if (
        code is None
        or code.is_used
        or fake.clock() >= code.expires_at
        or code.grant.application is not application
        or form.get("redirect_uri", code.redirect_uri) != code.redirect_uri
        or not code.grant.is_valid(fake.clock())
    ):
        raise Refused("invalid_grant", f"{_GRANT}code")
    code.is_used = True
    return _tokens(fake, application, secret, code.grant)


def _refresh_token(fake, application, secret, form):
    grant = fake.grants.get(form["refresh_token"])
    if grant is None or grant.application is not application:
        raise Refused("invalid_grant", f"{_GRANT}refresh_token")
    if not grant.is_valid(fake.clock()):
        raise Refused("invalid_grant", _REVOKED)
    return _tokens(fake, application, secret, grant)


def _client_credentials(fake, application, secret, form):
    if not set(form["scope"].split()) <= SCOPES:
        raise Refused("invalid_scope", "The requested scope is invalid, unknown, or malformed")
    return _tokens(fake, application, secret, None)


_GRANTED = {
    "authorization_code": _authorization_code,
    "refresh_token": _refresh_token,
    "client_credentials": _client_credentials,
}


def _tokens(fake, application, secret, grant):
    """Make an access token; the refresh token is the one submitted, it does not rotate."""
    value = fake.mint.token("Atza" if grant else "Atc")
    expires_at = fake.clock() + timedelta(seconds=ACCESS_TOKEN_SECONDS)
    fake.access_tokens[value] = AccessToken(value, application, secret, grant, expires_at)
    answer = {"access_token": value, "token_type": "bearer", "expires_in": ACCESS_TOKEN_SECONDS}
    if grant:
        answer["refresh_token"] = grant.refresh_token
    return answer


def _missing(name):
    return Refused("invalid_request", f"The request is missing a required parameter : {name}")


def _unsupported():
    return Refused(
        "unsupported_grant_type",
        "The authorization grant type is not supported by the authorization server",
    )


def _respond(body, status):
    response = Response(json.dumps(body), status, content_type="application/json;charset=UTF-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return response
