"""The WSGI application: which door a request knocks at, faults of the wire, the record of calls.

One port serves all of Amazon. A region's host is a path prefix (``/na``, ``/eu``, ``/fe``) or
the true host name in ``Host``, e.g. ``sellingpartnerapi-eu.amazon.com``.
"""

import re
import time
from dataclasses import dataclass
from datetime import datetime

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request as BaseRequest
from werkzeug.wrappers import Response

from . import (
    consent,
    console,
    control,
    documents,
    faults,
    finances,
    gate,
    lwa,
    reports,
    sellers,
)
from .catalogue import REGIONS
from .contract import OPERATIONS

_HANDLERS = {
    "getMarketplaceParticipations": sellers.get_marketplace_participations,
    "getAccount": sellers.get_account,
    "getReports": reports.get_reports,
    "getReport": reports.get_report,
    "getReportDocument": reports.get_report_document,
    "createReport": reports.create_report,
    "listTransactions": finances.list_transactions,
    "listSummary": finances.list_summary,
    "listBalances": finances.list_balances,
}
_SP_API = Map(
    [
        Rule(re.sub(r"{(\w+)}", r"<\1>", one.path), endpoint=one.name, methods=[one.method])
        for one in OPERATIONS.values()
    ],
    merge_slashes=False,
)
_PAGES = Map(
    [
        Rule("/apps/authorize/consent", endpoint=consent.consent, methods=["GET", "POST"]),
        Rule(
            "/apps/authorize/confirm/<application_id>",
            endpoint=consent.confirm,
            methods=["GET", "POST"],
        ),
        Rule("/apps/landing", endpoint=consent.landing, methods=["GET"]),
        Rule("/apps/manage", endpoint=consent.manage, methods=["GET"]),
        Rule("/apps/manage/disable", endpoint=consent.disable, methods=["POST"]),
        Rule(console.PATH, endpoint=console.console, methods=["GET"]),
        Rule(f"{console.PATH}/authorize", endpoint=console.authorize, methods=["POST"]),
        Rule(f"{console.PATH}/revoke", endpoint=console.revoke, methods=["POST"]),
        Rule("/auth/o2/token", endpoint=lwa.token, methods=["POST"]),
        Rule("/documents-storage/<document_id>", endpoint=documents.download, methods=["GET"]),
        Rule("/_control", endpoint=control.answer, methods=["GET"]),
        Rule("/_control/<command>", endpoint=control.answer, methods=["GET", "POST"]),
    ],
    merge_slashes=False,
)
#: Pages that count as an operation; the rest are for people and tests.
_OPERATIONS = {
    lwa.token: faults.TOKEN,
    documents.download: faults.DOWNLOAD,
    consent.consent: faults.CONSENT,
    consent.confirm: faults.CONSENT,
}
_REGIONAL_HOST = re.compile(r"(?:sandbox\.)?sellingpartnerapi-(na|eu|fe)\.amazon\.com").fullmatch
_SECRET_PARAMETERS = frozenset({"X-Amz-Signature", "amazon_state", "state", "spapi_oauth_code"})


class Request(BaseRequest):
    """A request, with what the routing found out.

    :ivar region: ``na``, ``eu``, ``fe`` or ``None``
    :ivar prefix: the path prefix of the region, or nothing
    :ivar fault: the fault it meets, or ``None``
    """

    def __init__(self, environ):
        super().__init__(environ)
        self.fault = None
        first, _slash, rest = self.path[1:].partition("/")
        host = _REGIONAL_HOST((self.headers.get("Host") or "").partition(":")[0])
        if first in REGIONS:
            self.region, self.prefix, self.route = first, f"/{first}", f"/{rest}"
        else:
            self.region, self.prefix, self.route = host and host[1], "", self.path


@dataclass
class Call:
    """A request that was made, without secrets: no bodies, tokens, states or signatures.

    :param operation: an operation id, ``token``, ``download``, ``consent``, or ``None``
    :param client_id: which application, where the request shows it
    :param seller: selling partner id, where the request shows it
    :param status: HTTP status, ``None`` where no whole answer went out
    :param code: Amazon's error code, ``""`` on success
    :param fault: kind of the fault it met, or ``""``
    """

    at: datetime
    method: str
    path: str
    query: dict
    region: str | None
    operation: str | None
    user_agent: str
    grant_type: str = ""
    client_id: str = ""
    seller: str = ""
    status: int | None = None
    code: str = ""
    fault: str = ""
    request_id: str = ""


class App:
    """The WSGI application of a ``FakeAmazon``."""

    def __init__(self, fake):
        self._fake = fake

    def __call__(self, environ, start_response):
        """Answer a request.

        :raises faults.Reset, faults.NoAnswer: wire faults, for the server to carry out
        """
        request = Request(environ)
        with self._fake.lock:
            operation, handler = self._route(request)
            call = self._note(request, operation)
            if operation or request.region:
                fault = self._fake.faults.take(
                    operation, call.seller or None, "nextToken" in request.args
                )
                request.fault = fault
                call.fault = fault.kind if fault else ""
        fault = request.fault
        if fault and fault.kind == "slow":
            # The only wait: asked for by the test. An adapter in process brings its own.
            environ.get("fake_amazon.sleep", time.sleep)(faults.sleep_seconds(fault))
        lost = fault and fault.kind in ("timeout", "reset")
        if lost and not fault.done:
            faults.interrupt(fault)
        with self._fake.lock:
            response = handler(request)
            call.status = response.status_code
            call.code = _error_code(response)
            response.headers["x-amzn-RequestId"] = call.request_id = self._fake.mint.uuid()
        if lost:
            call.status = None
            faults.interrupt(fault)
        if fault and fault.kind == "cut":
            call.status = None
            response.headers["Content-Length"] = str(len(response.get_data()))
            body = faults.cut(response)
            response(environ, start_response)
            return body
        return response(environ, start_response)

    def _route(self, request):
        """Return (operation or ``None``, function of the request) for a request."""
        fake = self._fake
        operation, arguments = _match(_SP_API, request) if request.region else (None, {})
        if operation:
            answer = _HANDLERS[operation]
            return operation, lambda request: gate.answer(
                fake, request, operation, answer, arguments
            )
        page, arguments = _match(_PAGES, request)
        if page:
            return _OPERATIONS.get(page), lambda request: page(fake, request, **arguments)
        if request.region or request.path.startswith(("/sellers/", "/reports/", "/finances/")):
            return None, lambda request: gate.answer(fake, request, None, None, {})
        return None, lambda _request: faults.page(404, "404 Not Found")

    def _note(self, request, operation):
        """Record a request before it is answered."""
        fake = self._fake
        call = Call(
            at=fake.clock(),
            method=request.method,
            path=request.path,
            query={
                name: "***" if name in _SECRET_PARAMETERS else value
                for name, value in request.args.items()
            },
            region=request.region,
            operation=operation,
            user_agent=request.headers.get("User-Agent", ""),
        )
        grant = None
        if operation == faults.TOKEN:
            form = {name: one[0] for name, one in (lwa.parameters(request) or {}).items()}
            call.grant_type = form.get("grant_type", "")
            call.client_id = form.get("client_id", "")
            code = fake.codes.get(form.get("code"))
            grant = code.grant if code else fake.grants.get(form.get("refresh_token"))
        elif operation == faults.DOWNLOAD:
            call.seller = request.args.get("seller", "")
        elif token := fake.access_tokens.get(request.headers.get("x-amz-access-token")):
            grant, call.client_id = token.grant, token.application.client_id
        if grant:
            call.seller = grant.seller.selling_partner_id
        if not request.path.startswith("/_control"):
            fake.calls.append(call)
        return call


def _match(routes, request):
    """Return (endpoint, arguments); (``None``, {}) where there is no such route or method."""
    if request.method == "HEAD":  # werkzeug would take it for GET; Amazon has none
        return None, {}
    try:
        return routes.bind("amazon").match(request.route, method=request.method)
    except HTTPException:
        return None, {}


def _error_code(response: Response):
    if response.status_code < 400 or not response.is_json:
        return ""
    body = response.get_json(silent=True) or {}
    return body.get("error") or next((one["code"] for one in body.get("errors", ())), "")
