"""What Amazon's codes mean, in words for people: errors, reasons of a state, its consent page.

The engine knows codes and values only; what is shown is translated here.
"""

from odoo.tools import LazyTranslate

from ...engine.amazon.oauth import CONSENT_ERRORS

_lt = LazyTranslate(__name__)

#: State reasons → (what is wrong, what to do). Attention is never the seller's fault.
REASONS = {
    "invalid_grant": (
        _lt("The seller revoked the authorisation, or it is older than a year."),
        _lt("Press Reconnect and consent once more."),
    ),
    "key_lost": (
        _lt("The stored secrets cannot be decrypted here: this database came without its key."),
        _lt("Restore the key, or enter the client secret again and reconnect."),
    ),
    "invalid_client": (
        _lt("Amazon refuses the client id or client secret of the application."),
        _lt("Enter the current client secret on the application."),
    ),
    "unauthorized_client": (
        _lt("The application and this authorisation do not belong together."),
        _lt("Check the client id of the application, then reconnect."),
    ),
    "no_secret": (
        _lt("The application has no client secret."),
        _lt("Enter the client secret on the application."),
    ),
    "secret_expired": (
        _lt("The client secret of the application is older than 180 days."),
        _lt("Make a new client secret in Amazon's developer console and enter it."),
    ),
    "no_access": (
        _lt(
            "Amazon refuses access: a role is missing, the account is in another region, or the "
            "seller account is deactivated."
        ),
        _lt(
            "Look in Seller Central whether the account is active. Give the application the roles "
            "Finance and Accounting and Selling Partner Insights at Amazon, then reconnect: a "
            "grant keeps the roles it was given with. An account of another region needs a "
            "connection there."
        ),
    ),
    "no_role": (
        _lt(
            "Amazon refuses access in every region: a role is missing, or the seller account is "
            "deactivated."
        ),
        _lt(
            "Look in Seller Central whether the account is active. Give the application the roles "
            "Finance and Accounting and Selling Partner Insights at Amazon, then reconnect: a "
            "grant keeps the roles it was given with."
        ),
    ),
    "region_na": (
        _lt("Amazon answers for this account in North America, and refuses in the region chosen."),
        _lt("Connect the account with the region North America."),
    ),
    "region_eu": (
        _lt("Amazon answers for this account in Europe, and refuses in the region chosen."),
        _lt("Connect the account with the region Europe."),
    ),
    "region_fe": (
        _lt("Amazon answers for this account in the Far East, and refuses in the region chosen."),
        _lt("Connect the account with the region Far East and its own country."),
    ),
    "token_refused": (
        _lt("Amazon refuses the access token, and also a fresh one."),
        _lt("It is tried again by itself. If it stays so, press Reconnect and consent once more."),
    ),
    "out_of_reach": (
        _lt("Amazon cannot be reached."),
        _lt("Nothing to do; it is tried again by itself."),
    ),
}

#: What a closer look at ``no_access`` finds; Amazon's next refusal says no more than before.
CLOSER = ("no_role", "region_na", "region_eu", "region_fe")

#: The same where the grant is a refresh token that was pasted: there is no consent to renew, the
#: developer revokes it, and nobody says that it ends after a year.
_REPLACE = _lt(
    "Press Authorize app in Amazon's developer console once more, then Replace Token here."
)
REASONS_BY_TOKEN = {
    "invalid_grant": (
        _lt(
            "Amazon no longer accepts the refresh token: it was revoked in the developer console "
            "(Manage Authorizations)."
        ),
        _REPLACE,
    ),
    "key_lost": (
        REASONS["key_lost"][0],
        _lt("Restore the key, or enter the client secret again and press Replace Token."),
    ),
    "unauthorized_client": (
        REASONS["unauthorized_client"][0],
        _lt("Check the client id of the application, then press Replace Token."),
    ),
    "no_access": (
        REASONS["no_access"][0],
        _lt(
            "Look in Seller Central whether the account is active. Give the application the roles "
            "Finance and Accounting and Selling Partner Insights at Amazon, press Authorize app "
            "there once more, then Replace Token here: a token keeps the roles it was given with. "
            "An account of another region needs a connection there."
        ),
    ),
    "no_role": (
        REASONS["no_role"][0],
        _lt(
            "Look in Seller Central whether the account is active. Give the application the roles "
            "Finance and Accounting and Selling Partner Insights at Amazon, press Authorize app "
            "there once more, then Replace Token here: a token keeps the roles it was given with."
        ),
    ),
    "token_refused": (
        REASONS["token_refused"][0],
        _lt("It is tried again by itself. If it stays so, press Replace Token."),
    ),
}

#: Codes of errors → what happened. Those that are reasons as well are above.
_ERRORS = {
    "bad_address": _lt("Amazon named an address that is not its own: it was not opened."),
    "bad_document_id": _lt("Amazon's document id is malformed."),
    "bad_report_id": _lt("A report id consists of digits."),
    "busy": _lt("Somebody else is at it at this moment."),
    "code_refused": _lt(
        "Amazon no longer accepts this consent: it is older than five minutes or was used before."
    ),
    "compression": _lt("Amazon packed the document with %(packed)s."),
    "damaged": _lt("The document is damaged: %(problem)s"),
    "download_failed": _lt("The document could not be downloaded."),
    "empty_document": _lt("Amazon sent an empty document."),
    "limit": _lt("Amazon's limit for %(operation)s is used up."),
    "link_expired": _lt("The download link had expired."),
    "lwa_busy": _lt("Login with Amazon is out of order or busy."),
    "more": _lt("Amazon has more reports."),
    "no_token": _lt("This connection has no token."),
    "out_of_order": _lt("Amazon is out of order at the moment."),
    "private_address": _lt("The address leads into a private network: it was not opened."),
    "redirect": _lt("Amazon answered with a redirect."),
    "sealed": _lt(
        "A host of the application %(name)s has changed; nothing is sent there until its client "
        "secret is typed again."
    ),
    "throttled": _lt("Amazon asks us to slow down."),
    "timeout": _lt("Amazon did not answer in time."),
    "too_large": _lt("Amazon's answer is larger than expected."),
    "too_many_pages": _lt("Amazon's answer has no end."),
    "unexpected": _lt("Unexpected: %(error)s"),
    "unknown_currency": _lt("Amazon names a currency that Odoo does not know: %(name)s."),
    "unreadable": _lt("Amazon's answer cannot be read."),
    "web_page": _lt("A web page came instead of the document."),
}

#: Codes of Amazon's consent page → (what happened, what to do): docs/facts/oauth.md, "Codes of the
#: consent page".
_CONSENT_WORDS = {
    "MD1000": (
        _lt(
            "The application is a draft at Amazon, and the consent page was opened as if published."
        ),
        _lt("Tick Draft on the application here, or publish the application at Amazon."),
    ),
    "MD5101": (
        _lt("The redirect URI is not registered with the application at Amazon."),
        _lt(
            "Copy the Redirect URI of the application here into Amazon's developer console, letter "
            "by letter."
        ),
    ),
    "MD5110": (
        _lt("The registered redirect URI contains a # sign, which Amazon does not accept."),
        _lt("Copy the Redirect URI of the application here into Amazon's developer console."),
    ),
    "MD9100": (
        _lt("The application has no Login URI or no Redirect URI at Amazon."),
        _lt("Copy both addresses of the application here into Amazon's developer console."),
    ),
    "MD9010": (
        _lt("The application still asks for the old MWS authorisation."),
        _lt("Register it at Amazon as a Selling Partner API application only."),
    ),
    "MD5100": (
        _lt("Amazon could not read the request, or the application lacks its Login URI."),
        _lt(
            "Check both addresses in Amazon's developer console; if they are right, try again "
            "later."
        ),
    ),
    "MD4100": (
        _lt("Amazon gave no reason."),
        _lt("Try again; if it stays, open a case with Amazon."),
    ),
    "MD5200": (
        _lt("Amazon gave no reason."),
        _lt("Try again; if it stays, open a case with Amazon."),
    ),
    "SPDC8143": (
        _lt("The person who gave consent is not the primary user of the seller account."),
        _lt(
            "Ask the primary user to sign in to Seller Central in a private window and to consent."
        ),
    ),
    "SPSA0404": (
        _lt("The seller account in use has no business entity that can authorise applications."),
        _lt("Choose another account at the top of Seller Central, then try again."),
    ),
    "SPSA2043": (
        _lt("This is a vendor account; settlements exist for seller accounts only."),
        _lt("Sign in with the seller account, then try again."),
    ),
    "CONSENT_LIMIT_REACHED": (
        _lt("The application has reached the number of sellers that Amazon allows it."),
        _lt(
            "A seller who left frees a place by removing the application in Seller Central; an "
            "application listed in Amazon's app store has no limit."
        ),
    ),
    "access_denied": (
        _lt("Consent was refused or cancelled."),
        _lt("Press Try again to start over."),
    ),
}


def explain(env, code, by_token=False):
    """Return (what is wrong, what to do) for a reason, in the user's language, or ``None``.

    :param by_token: the grant is, or will be, a refresh token that is pasted
    """
    words = by_token and REASONS_BY_TOKEN.get(code) or REASONS.get(code)
    return words and tuple(env._(word) for word in words)


def words_of(env, error):
    """Return what happened for an ``AmazonError`` or ``KeyLost``, in the user's language."""
    if error.code in _ERRORS:
        words = env._(_ERRORS[error.code])
        return words % {"operation": error.operation, **error.values}
    if words := explain(env, error.code):
        return words_said(env, error, words[0])
    return env._(
        "Amazon refused %(operation)s: %(words)s",
        operation=error.operation,
        words=error.said or error.code,
    )


def words_said(env, error, words):
    """Return words about an error with Amazon's own added, if it sent any."""
    if not error.said or error.said in words:
        return words
    return env._("%(words)s Amazon says: %(said)s", words=words, said=error.said)


def explain_consent(env, code):
    """Return (what happened, what to do) for a code of Amazon's consent page, or ``None``."""
    words = _CONSENT_WORDS.get(code)
    return words and tuple(env._(word) for word in words)


def consent_errors(env):
    """Return [(code, what happened, what to do)] for a page that explains them all."""
    return [(code, *explain_consent(env, code)) for code in CONSENT_ERRORS]
