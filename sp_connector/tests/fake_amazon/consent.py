"""Seller Central: consent, authorisations that begin at Amazon, Manage Your Apps.

Facts: docs/facts/oauth.md, "Consent", "Begun at Amazon" and "Codes of the consent page".
"""

from urllib.parse import urlencode, urlsplit

from werkzeug.utils import redirect

from . import faults, pages
from .state import AMAZON_STATE_LIFETIME, AmazonState

#: What Amazon's page says, by code.
ERRORS = {
    "MD1000": "This application is in draft status. Use version=beta to authorize it.",
    "MD5100": "The authorization link is incomplete or not well formed.",
    "MD5101": "The redirect URI is not one that is registered for this application.",
    "MD5110": "The redirect URI must not contain a fragment.",
    "MD9100": "This application has no login URI or no redirect URI.",
    "SPDC8143": "Only the primary user of the account may authorize an application.",
    "SPSA0404": "No supported business entity was found for this account.",
    "CONSENT_LIMIT_REACHED": "This application has reached its limit of authorizations.",
}


class Stop(Exception):
    """Amazon's error page instead of the next step."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def _shows_errors(handler):
    def handle(fake, request, **arguments):
        fault = request.fault
        try:
            if fault and fault.kind == "error_code":
                raise Stop(fault.options.get("code", "MD5100"))
            if fault and fault.kind in faults.REPLACED:
                return faults.anywhere(fault.kind) or faults.page(500, "Internal error")
            return handler(fake, request, **arguments)
        except Stop as stop:
            return pages.error(stop.code, ERRORS.get(stop.code, "Please try again later."))

    return handle


@_shows_errors
def consent(fake, request):
    """``/apps/authorize/consent``: GET shows the page, POST carries out the decision."""
    values = request.form if request.method == "POST" else request.args
    if not values.get("state"):
        raise Stop("MD5100")
    application = _application(fake, values.get("application_id"))
    redirect_uri = _redirect_uri(application, values.get("redirect_uri"))
    _check_version(application, values.get("version"))
    sellers = _sellers(fake, request)
    seller = _chosen(sellers, values.get("seller"))
    fields = {
        name: values.get(name) for name in ("application_id", "state", "redirect_uri", "version")
    }
    if request.method == "GET":
        action = f"{request.prefix}/apps/authorize/consent"
        return pages.consent(application, redirect_uri, action, fields, sellers, seller)
    if values.get("decision") != "confirm":
        if not fake.options.cancel_redirects:
            return pages.cancelled()
        return _return_to(redirect_uri, {"error": "access_denied", "state": values["state"]})
    _check_seller(fake, application, seller)
    grant = fake.grant(application, seller, _regions(request, seller))
    return _return_with_code(fake, grant, redirect_uri, values["state"])


@_shows_errors
def confirm(fake, request, application_id):
    """``/apps/authorize/confirm/<application id>``: authorisations that begin at Amazon.

    Without ``amazon_state`` it is the Appstore page or the Re-Authorize button; with it, it is
    the ``amazon_callback_uri`` to which the application sends the browser.
    """
    application = _application(fake, application_id)
    if "amazon_state" in request.args:
        return _finish(fake, request, application)
    sellers = _sellers(fake, request)
    seller = _chosen(sellers, request.values.get("seller"))
    if request.method == "GET":
        is_renewal = bool(fake.grants_of(seller, application))
        return pages.start(application, request.full_path, sellers, seller, is_renewal)
    _check_seller(fake, application, seller)
    state = AmazonState(
        fake.mint.text(40),
        application,
        seller,
        _regions(request, seller),
        fake.clock() + AMAZON_STATE_LIFETIME,
    )
    fake.amazon_states[state.value] = state
    callback = f"{request.prefix}/apps/authorize/confirm/{application.application_id}"
    if not fake.options.relative_callback:
        callback = fake.base_url + callback
    query = {
        "amazon_callback_uri": callback,
        "amazon_state": state.value,
        "selling_partner_id": seller.selling_partner_id,
    }
    if application.draft:
        query["version"] = "beta"
    return _return_to(application.login_uri, query)


def _finish(fake, request, application):
    """Take the browser back from the application and send it to the redirect URI."""
    state = fake.amazon_states.get(request.args["amazon_state"])
    if (
        state is None
        or state.is_used
        or state.application is not application
        or fake.clock() >= state.expires_at
        or not request.args.get("state")
    ):
        raise Stop("MD5100")
    redirect_uri = _redirect_uri(application, request.args.get("redirect_uri"))
    _check_version(application, request.args.get("version"))
    state.is_used = True
    grant = fake.grant(application, state.seller, state.regions)
    return _return_with_code(fake, grant, redirect_uri, request.args["state"])


@_shows_errors
def manage(fake, request):
    """``/apps/manage``: what a seller has authorised."""
    sellers = _sellers(fake, request)
    seller = _chosen(sellers, request.args.get("seller"))
    now = fake.clock()
    newest = {}
    for grant in fake.grants_of(seller, only_valid=False):
        if grant.is_self:
            continue  # the developer's: listed in his console, not here
        newest[grant.application.application_id] = grant
    grants = []
    for grant in newest.values():
        if grant.revoked_at:
            state = f"Disabled on {grant.revoked_at:%Y-%m-%d}"
        else:
            state = (
                f"Authorized on {grant.authorized_at:%Y-%m-%d}, until {grant.expires_at:%Y-%m-%d}"
            )
        grants.append((grant, state, grant.is_valid(now)))
    return pages.manage(sellers, seller, grants, request.prefix)


@_shows_errors
def disable(fake, request):
    """``/apps/manage/disable``: the seller revokes. Nobody tells the application."""
    seller = _chosen(_sellers(fake, request), request.form.get("seller"))
    application = _application(fake, request.form.get("application_id"))
    fake.revoke(seller, application, is_self=False)
    return redirect(f"{request.prefix}/apps/manage?seller={seller.selling_partner_id}", 303)


def landing(_fake, request):
    """``/apps/landing``: where consent ends for an application that has no page of its own."""
    return pages.landing(request.args)


def _application(fake, application_id):
    application = fake.applications.get(application_id)
    if application is None:
        raise Stop("MD5100")
    # What Amazon shows for a private application is not known; it has neither URI.
    if application.is_private or not application.redirect_uris or not application.login_uri:
        raise Stop("MD9100")
    return application


def _redirect_uri(application, given):
    if not given:
        return application.redirect_uris[0]
    if "#" in given:
        raise Stop("MD5110")
    if given not in application.redirect_uris:
        raise Stop("MD5101")
    return given


def _check_version(application, version):
    if application.draft and version != "beta":
        raise Stop("MD1000")


def _sellers(fake, request):
    """Return who has an account at this Seller Central; each region may have one of its own."""
    sellers = [
        one
        for one in fake.sellers.values()
        if request.region is None or request.region in one.regions
    ]
    if not sellers:
        raise Stop("SPSA0404")
    return sellers


def _chosen(sellers, selling_partner_id):
    if not selling_partner_id:
        return sellers[0]
    for one in sellers:
        if one.selling_partner_id == selling_partner_id:
            return one
    raise Stop("SPSA0404")


def _check_seller(fake, application, seller):
    if not seller.is_supported:
        raise Stop("SPSA0404")
    if not seller.is_primary_user:
        raise Stop("SPDC8143")
    limit = application.authorization_limit
    others = {
        grant.seller.selling_partner_id
        for grant in fake.grants.values()
        if grant.application is application
        and grant.seller is not seller
        and grant.is_valid(fake.clock())
    }
    if limit is not None and len(others) >= limit:
        raise Stop("CONSENT_LIMIT_REACHED")


def _regions(request, seller):
    """Authorisations are regional: a region's Seller Central authorises that region."""
    return frozenset({request.region}) if request.region else seller.regions


def _return_with_code(fake, grant, redirect_uri, state):
    return _return_to(
        redirect_uri,
        {
            "state": state,
            "selling_partner_id": grant.seller.selling_partner_id,
            "spapi_oauth_code": fake.code(grant, redirect_uri).value,
        },
    )


def _return_to(uri, query):
    joint = "&" if urlsplit(uri).query else "?"
    return redirect(f"{uri}{joint}{urlencode(query)}", 302)
