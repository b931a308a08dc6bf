"""Routes and spans that models and controllers share."""

RETURN_ROUTE = "/sp_connector/oauth/return"
LOGIN_ROUTE = "/sp_connector/oauth/login"
#: Of Seller Central, where a developer authorises accounts himself and takes it back.
DEVELOPER_CONSOLE = "/sellingpartner/developerconsole"
RESULT_ROUTE = "/sp_connector/oauth/result"
SIGNED_OUT_ROUTE = "/sp_connector/oauth/signed_out"

#: State reason of a unified connection that stands still because its parent was disconnected.
BY_PARENT = "by_parent"

#: docs/facts/oauth.md, "A year" and "Client secrets".
AUTHORISATION_LIFE_DAYS = 365
SECRET_LIFE_DAYS = 180
AUTHORISATION_WARNING_DAYS = (60, 30, 7, 1)
SECRET_WARNING_DAYS = (30, 14, 7, 1)
#: Amazon: the whole authorisation must end within ten minutes (docs/facts/oauth.md, "Consent").
STATE_LIFE_MINUTES = 10


def announced_span(days_left, warning_days):
    """Return the smallest announced span (days) that is reached, or ``None``."""
    return min((days for days in warning_days if days_left <= days), default=None)
