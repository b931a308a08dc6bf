"""Where Amazon's consent comes back, and where Amazon starts one. Thin: verify, call, redirect."""

import logging
import re

from odoo import fields, http
from odoo.http import request

from ..const import LOGIN_ROUTE, RESULT_ROUTE, RETURN_ROUTE
from ..engine.oauth import CONSENT_ERRORS, EXPLAINED_ERRORS
from ..models.sp_connection_return import OUTCOMES

_HEADERS = {
    # The address holds a code and a state: it must not leave with a Referer, nor be kept.
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'none'; base-uri 'none'; "
        "form-action 'self' https: http:; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
}
_QUERY = re.compile(r"(/sp_connector/oauth/[^\s?\"]*)\?[^\s\"]*")


class _HideQuery(logging.Filter):
    """The server logs every address; ours hold authorisation codes and states."""

    def filter(self, record):
        message = record.getMessage()
        if "/sp_connector/oauth/" in message:
            record.msg, record.args = _QUERY.sub(r"\1?…", message), ()
        return True


logging.getLogger("werkzeug").addFilter(_HideQuery())


class OauthController(http.Controller):
    """Pages around Amazon's consent. Tokens and codes never reach a page or a log."""

    @http.route(RETURN_ROUTE, type="http", auth="public", methods=["GET"], sitemap=False)
    def oauth_return(self, **_params):
        """Amazon returns with a code; whoever left must return."""
        if request.env.user._is_public():
            return self._page("signed_out")
        params = request.httprequest.args.to_dict(flat=False)
        connection, ending, detail = request.env["sp.connection"]._complete_return(params)
        if ending == "success":
            return self._redirect(f"/odoo/amazon-connections/{connection.id}")
        request.session["sp_connector_result"] = (ending, detail, connection.id)
        return self._redirect(RESULT_ROUTE)

    @http.route(RESULT_ROUTE, type="http", auth="user", methods=["GET"], sitemap=False)
    def oauth_result(self):
        """Show how a consent ended, at an address without secrets."""
        ending, detail, connection_id = request.session.get(
            "sp_connector_result", ("missing_state", "", 0)
        )
        return self._page(ending, detail, connection_id)

    @http.route("/sp_connector/oauth/again", type="http", auth="user", methods=["POST"])
    def oauth_again(self, connection_id=0, **_params):
        """Try again: leave for Amazon once more."""
        # What comes with a form may be anything, not only a number.
        connection_id = int(connection_id) if str(connection_id).isdecimal() else 0
        connection = request.env["sp.connection"].browse(connection_id).exists()
        if not connection or not connection.has_access("write"):
            return self._page("no_access")
        return self._redirect(connection.action_connect()["url"], local=False)

    @http.route(
        f"{LOGIN_ROUTE}/<int:application_id>",
        type="http",
        auth="public",
        methods=["GET"],
        sitemap=False,
    )
    def oauth_login(self, application_id, **_params):
        """Amazon starts: keep what it sent in the session, then let the user sign in."""
        application = request.env["sp.application"].sudo().browse(application_id).exists()
        if not application:
            return self._page("missing_state")
        params = request.httprequest.args.to_dict(flat=False)
        callback, seller, amazon_state = (
            request.env["sp.connection"].sudo()._check_login(application, params)
        )
        if callback is None:
            return self._page(seller)
        request.session["sp_connector_login"] = (application.id, callback, seller, amazon_state)
        return self._redirect(f"{LOGIN_ROUTE}/confirm")

    @http.route(f"{LOGIN_ROUTE}/confirm", type="http", auth="user", methods=["GET"])
    def oauth_login_confirm(self):
        """Ask the signed-in user before anything is changed: a link alone must not do it."""
        kept = request.session.get("sp_connector_login")
        if not kept:
            return self._page("missing_state")
        application = request.env["sp.application"].sudo().browse(kept[0]).exists()
        values = {"seller": kept[2], "application": application.name, "user": request.env.user.name}
        return self._render("sp_connector.oauth_confirm", values)

    @http.route(f"{LOGIN_ROUTE}/go", type="http", auth="user", methods=["POST"])
    def oauth_login_go(self, **_params):
        """The user agreed: continue at Amazon."""
        kept = request.session.pop("sp_connector_login", None)
        if not kept:
            return self._page("missing_state")
        application_id, callback, seller, amazon_state = kept
        connections = request.env["sp.connection"]
        application = request.env["sp.application"].browse(application_id).exists()
        # An application of other companies only is none of this user's.
        if not application.has_access("read") or not connections.has_access("create"):
            return self._page("no_access")
        connection = connections._connection_for_login(application, seller, callback)
        return self._redirect(
            connection._confirm_login(callback, amazon_state, seller), local=False
        )

    def _page(self, ending, detail="", connection_id=0):
        title, text = OUTCOMES.get(ending, OUTCOMES["amazon"])
        explained = CONSENT_ERRORS.get(detail)
        values = {
            "ending": ending,
            "now": fields.Datetime.now(),
            "title": title,
            "text": " ".join(explained) if explained else text,
            "detail": detail,
            "connection_id": connection_id,
            "explained": EXPLAINED_ERRORS,
        }
        return self._render("sp_connector.oauth_result", values)

    def _render(self, template, values):
        response = request.render(template, values)
        response.headers.update(_HEADERS)
        return response

    def _redirect(self, url, local=True):
        response = request.redirect(url, code=303, local=local)
        response.headers.update(_HEADERS)
        return response
