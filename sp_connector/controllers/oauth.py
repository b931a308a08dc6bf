"""Where Amazon's consent comes back, and where Amazon starts one. Thin: verify, call, redirect."""

import logging
import re
import secrets
from datetime import timedelta

from odoo import fields, http
from odoo.http import request
from odoo.tools.misc import hash_sign, verify_hash_signed

from ..const import LOGIN_ROUTE, RESULT_ROUTE, RETURN_ROUTE, SIGNED_OUT_ROUTE, STATE_LIFE_MINUTES
from ..models.amazon.reasons import consent_errors, explain_consent

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
#: What Amazon sent to the Login URI, signed, while the user signs in: a session of somebody who
#: may never sign in would be a file on our disk for each hit.
_LOGIN_COOKIE = "sp_connector_login"
#: Questions that one browser may have open, in tabs of their own.
_OPEN_QUESTIONS = 5
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
        if request.httprequest.method == "HEAD":
            return self._nothing()
        if request.env.user._is_public():
            return self._redirect(SIGNED_OUT_ROUTE)
        params = request.httprequest.args.to_dict(flat=False)
        connection, ending, detail = request.env["sp.consent"]._complete(params)
        if ending == "success":
            return self._redirect(self._address(connection))
        request.session["sp_connector_result"] = (ending, detail, connection.id)
        return self._redirect(RESULT_ROUTE)

    @http.route(SIGNED_OUT_ROUTE, type="http", auth="public", methods=["GET"], sitemap=False)
    def oauth_signed_out(self):
        """Say so at an address without secrets."""
        return self._page("signed_out")

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
        url = connection.action_connect().get("url")
        # Meanwhile its application may have become a private one, which has no consent.
        return self._redirect(url or self._address(connection), local=not url)

    @http.route(
        f"{LOGIN_ROUTE}/<int:application_id>",
        type="http",
        auth="public",
        methods=["GET"],
        sitemap=False,
    )
    def oauth_login(self, application_id, **_params):
        """Amazon starts: keep what it sent in a cookie, then let the user sign in."""
        if request.httprequest.method == "HEAD":
            return self._nothing()
        application = request.env["sp.application"].sudo().browse(application_id).exists()
        if not application or application.kind == "private":
            return self._page("missing_state")
        params = request.httprequest.args.to_dict(flat=False)
        login = request.env["sp.consent"].sudo()._check_login(application, params)
        if login.ending:
            return self._page(login.ending)
        life = timedelta(minutes=STATE_LIFE_MINUTES)
        kept = hash_sign(
            request.env(su=True),
            _LOGIN_COOKIE,
            [application.id, login.callback, login.seller, login.amazon_state],
            expiration=life,
        )
        response = self._redirect(f"{LOGIN_ROUTE}/confirm")
        response.set_cookie(
            _LOGIN_COOKIE,
            kept,
            max_age=int(life.total_seconds()),
            path=LOGIN_ROUTE,
            httponly=True,
            secure=request.httprequest.scheme == "https",
            samesite="Lax",
        )
        return response

    @http.route(f"{LOGIN_ROUTE}/confirm", type="http", auth="user", methods=["GET"])
    def oauth_login_confirm(self):
        """Ask the signed-in user before anything is changed: a link alone must not do it."""
        kept = self._kept_login()
        if not kept or request.httprequest.method == "HEAD":
            return self._page("missing_state")
        application = request.env["sp.application"].sudo().browse(kept[0]).exists()
        # Each page has a question of its own: another tab cannot change whom this one names.
        nonce = secrets.token_urlsafe(16)
        questions = [*request.session.get("sp_connector_login", ()), [nonce, kept]]
        request.session["sp_connector_login"] = questions[-_OPEN_QUESTIONS:]
        values = {
            "seller": kept[2],
            "application": application.name,
            "user": request.env.user.name,
            "nonce": nonce,
        }
        return self._render("sp_connector.oauth_confirm", values)

    @http.route(f"{LOGIN_ROUTE}/go", type="http", auth="user", methods=["POST"])
    def oauth_login_go(self, nonce="", **_params):
        """The user agreed to the question of one page: continue at Amazon."""
        questions = dict(request.session.get("sp_connector_login", ()))
        kept = questions.pop(nonce, None)
        if not kept:
            return self._page("missing_state")
        request.session["sp_connector_login"] = [list(one) for one in questions.items()]
        application_id, callback, seller, amazon_state = kept
        consent = request.env["sp.consent"]
        application = request.env["sp.application"].browse(application_id).exists()
        # An application of other companies only is none of this user's.
        if not application.has_access("read") or not request.env["sp.connection"].has_access(
            "create"
        ):
            return self._page("no_access")
        connection = consent._connection_for_login(application, seller, callback)
        url = consent._confirm_login(connection, callback, amazon_state, seller)
        response = self._redirect(url, local=False)
        response.delete_cookie(_LOGIN_COOKIE, path=LOGIN_ROUTE)
        return response

    def _kept_login(self):
        """Return what the Login URI was called with, or nothing where that is forged or old."""
        try:
            return verify_hash_signed(
                request.env(su=True), _LOGIN_COOKIE, request.cookies.get(_LOGIN_COOKIE) or ""
            )
        except ValueError:
            return None

    def _address(self, connection):
        return f"/odoo/amazon-connections/{connection.id}"

    def _nothing(self):
        """Answer HEAD, which mail and chat programs send for a look: nothing is used up by it."""
        response = request.make_response("")
        response.headers.update(_HEADERS)
        return response

    def _page(self, ending, detail="", connection_id=0):
        title, text = request.env["sp.consent"]._words_of(ending)
        explained = explain_consent(request.env, detail)
        values = {
            "ending": ending,
            "now": fields.Datetime.now(),
            "title": title,
            "text": " ".join(explained) if explained else text,
            "detail": detail,
            "connection_id": connection_id,
            "explained": consent_errors(request.env),
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
