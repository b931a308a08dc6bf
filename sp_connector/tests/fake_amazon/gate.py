"""The gate of the Selling Partner API: what every call must pass before an operation answers.

Refusals and their order: docs/facts/api.md, "Refused access", "Errors", "Throttling" and "Roles".
"""

import json
from datetime import timezone

from werkzeug.wrappers import Response

from . import faults
from .contract import OPERATIONS, BadParameter
from .state import FINANCE, INSIGHTS

#: A longer User-Agent is refused (docs/facts/api.md, "User agent").
USER_AGENT_CHARACTERS = 500
DENIED = "Access to requested resource is denied."
TOKEN_MISSING = "Access token is missing in the request header."
TOKEN_EXPIRED = "The access token you provided has expired."
TOKEN_INVALID = "The access token you provided is revoked, malformed or invalid."
SECRET_EXPIRED = "The LWA secret token you provided has expired."

_LISTING = frozenset({"Product Listing", INSIGHTS})
_FAR_EAST = frozenset(
    {
        "Amazon Fulfillment",
        "Buyer Communication",
        FINANCE,
        "Inventory and Order Tracking",
        "Pricing",
    }
)


def roles_for(operation, region):
    """Return the roles of which a grant needs one, ``None`` where any will do.

    Reports need the role of their type, which ``reports`` knows.
    """
    if operation == "getMarketplaceParticipations":
        return _LISTING | _FAR_EAST if region == "fe" else _LISTING
    if operation == "getAccount":
        return frozenset({"Account Information Service Provider", FINANCE})
    if operation in ("listTransactions", "listSummary", "listBalances"):
        return frozenset({FINANCE})
    return None


class Refused(Exception):
    """A call that Amazon refuses: status and the one error of the body."""

    def __init__(self, status, code, message, details=None):
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details

    def body(self):
        error = {"code": self.code, "message": self.message}
        if self.details is not None:
            error["details"] = self.details
        return {"errors": [error]}


def unauthorized(details=""):
    return Refused(403, "Unauthorized", DENIED, details)


def invalid(message, details=None):
    return Refused(400, "InvalidInput", message, details)


def not_found(message):
    return Refused(404, "NotFound", message)


def quota_exceeded():
    return Refused(429, "QuotaExceeded", "You exceeded your quota for the requested resource.", "")


def missing_authentication_token():
    """What a path that does not exist on this host gets."""
    return Refused(403, "MissingAuthenticationToken", "Missing Authentication Token")


def written(moment):
    """Write a time as the Reports API does: ``2025-12-02T11:59:18+00:00``."""
    return moment.astimezone(timezone.utc).isoformat(timespec="seconds")


def answer(fake, request, operation, handler, arguments):
    """Carry out one call.

    :param operation: an operation id, or ``None`` for an unknown route
    :param handler: function of (fake, call) returning the JSON answer
    :param arguments: parameters of the path
    """
    if request.method == "GET" and request.get_data():
        return faults.page(400, "400 Bad Request")
    try:
        if operation is None:
            raise missing_authentication_token()
        if request.fault and request.fault.kind in faults.REPLACED:
            common = faults.anywhere(request.fault.kind)
            if common:
                return common
            raise _REPLACED[request.fault.kind]()
        call = Call(fake, request, operation, arguments)
        return _respond(fake, operation, 200, handler(fake, call))
    except Refused as refused:
        return _respond(fake, operation, refused.status, refused.body(), refused.code)


_REPLACED = {
    "400": lambda: invalid("Invalid Input"),
    "404": lambda: not_found("Resource not found"),
    "429": quota_exceeded,
    "500": lambda: Refused(500, "InternalFailure", "We encountered an internal error."),
    "expired_token": lambda: unauthorized(TOKEN_EXPIRED),
    "revoked": lambda: unauthorized(TOKEN_INVALID),
    "role_missing": unauthorized,
    "secret_refused": lambda: unauthorized(SECRET_EXPIRED),
}


class Call:
    """A call that has passed the gate.

    :ivar grant: whose account it is
    :ivar query: the parameters of the query, read
    :ivar is_elsewhere: the grant does not cover this region, and an empty list is the answer
    """

    def __init__(self, fake, request, operation, arguments):
        self.request = request
        self.region = request.region
        self.operation = operation
        self.path = arguments
        self.fault = request.fault
        _check_user_agent(request.headers.get("User-Agent"))
        self.grant = _grant(fake, request.headers.get("x-amz-access-token"))
        self.seller = self.grant.seller
        self.is_elsewhere = self.region not in self.grant.regions
        if not self.seller.is_active:
            raise unauthorized()
        if self.is_elsewhere and not fake.options.wrong_region_is_empty:
            raise unauthorized()
        roles = roles_for(operation, self.region)
        if roles is not None and not roles & self.grant.roles:
            raise unauthorized()
        client_id = self.grant.application.client_id
        seller_id = self.seller.selling_partner_id
        if fake.options.limits and not fake.limits.take(client_id, seller_id, operation):
            raise quota_exceeded()
        next_token = request.args.get("nextToken")
        is_alone = len(list(request.args.items(multi=True))) == 1
        if operation == "getReports" and next_token is not None and not is_alone:
            raise invalid("NextToken cannot be specified with other input parameters")
        try:
            self.query = OPERATIONS[operation].arguments(request.args)
        except BadParameter as error:
            raise invalid("Invalid Input", str(error)) from None


def _check_user_agent(text):
    if not text:
        raise invalid("The User-Agent header is missing.")
    if len(text) > USER_AGENT_CHARACTERS:
        raise invalid("The User-Agent header is longer than 500 characters.")


def _grant(fake, text):
    """Return the grant of an access token; refuse what is not a seller's valid token."""
    if not text:
        raise unauthorized(TOKEN_MISSING)
    now = fake.clock()
    token = fake.access_tokens.get(text)
    if token is None:
        raise unauthorized(TOKEN_INVALID)
    if now >= token.expires_at:
        raise unauthorized(TOKEN_EXPIRED)
    if not token.secret.is_valid(now):
        raise unauthorized(SECRET_EXPIRED)
    if token.grant is None:
        raise unauthorized()
    if not (token.grant.is_valid(now) or fake.options.access_token_survives_revocation):
        raise unauthorized(TOKEN_INVALID)
    return token.grant


def _respond(fake, operation, status, body, code=None):
    if operation:
        OPERATIONS[operation].check_answer(status, body)
    response = Response(json.dumps(body), status, content_type="application/json")
    if code:
        response.headers["x-amzn-ErrorType"] = f"{code}Exception"
    # Never on a throttled or unauthorised call: a 429 gives no hint.
    if operation and status in (200, 202, 400, 404):
        response.headers["x-amzn-RateLimit-Limit"] = str(fake.limits.rates[operation][0])
    return response
