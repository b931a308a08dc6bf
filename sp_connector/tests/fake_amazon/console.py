"""The developer console: self-authorisation of the own accounts, and its end.

Workflow: Amazon's pages "Self-authorization" and "Revoke self-authorizations from your
application".
"""

from werkzeug.utils import redirect

from . import pages

PATH = "/sellingpartner/developerconsole"


def console(fake, request):
    """List the applications with the accounts that may be, or are, authorised."""
    accounts = list(fake.sellers.values())
    rows = [
        (application, seller, _count(fake, application, seller))
        for application in fake.applications.values()
        for seller in accounts
    ]
    return pages.console(rows, request.prefix + PATH)


def authorize(fake, request):
    """*Authorize app*: make a refresh token and show it, once."""
    application, seller = _named(fake, request)
    if not (application and seller):
        return pages.error("MD5100", "There is no such application or account.")
    try:
        grant = fake.self_authorize(application, seller)
    except ValueError as error:
        return pages.error("CONSENT_LIMIT_REACHED", str(error))
    return pages.token(application, seller, grant.refresh_token)


def revoke(fake, request):
    """*Manage Authorizations*: the developer revokes, for good. Nobody tells the application."""
    application, seller = _named(fake, request)
    if application and seller:
        fake.revoke(seller, application, is_self=True)
    return redirect(request.prefix + PATH, 303)


def _named(fake, request):
    return (
        fake.applications.get(request.form.get("application_id")),
        fake.sellers.get(request.form.get("seller")),
    )


def _count(fake, application, seller):
    return sum(grant.is_self for grant in fake.grants_of(seller, application))
