"""Amazon's marketplaces and regions, as the Sellers API tells them.

Facts: docs/facts/api.md, "Marketplaces" and "Shadow marketplaces". A language code and a
domain are what the Sellers model requires besides.
"""

from typing import NamedTuple

REGIONS = ("na", "eu", "fe")


class Marketplace(NamedTuple):
    """One marketplace.

    :param name: what ``marketplace.name`` says, e.g. ``Amazon.de``
    :param shadow: an undocumented id that Amazon lists beside the real ones
    """

    id: str
    region: str
    country_code: str
    name: str
    currency: str
    language: str
    domain: str
    shadow: bool = False


def _marketplaces(region, *rows, shadow=False):
    return [Marketplace(row[0], region, *row[1:], shadow=shadow) for row in rows]


_ALL = [
    *_marketplaces(
        "na",
        ("A2EUQ1WTGCTBG2", "CA", "Amazon.ca", "CAD", "en_CA", "www.amazon.ca"),
        ("ATVPDKIKX0DER", "US", "Amazon.com", "USD", "en_US", "www.amazon.com"),
        ("A1AM78C64UM0Y8", "MX", "Amazon.com.mx", "MXN", "es_MX", "www.amazon.com.mx"),
        ("A2Q3Y263D00KWC", "BR", "Amazon.com.br", "BRL", "pt_BR", "www.amazon.com.br"),
    ),
    *_marketplaces(
        "eu",
        ("A28R8C7NBKEWEA", "IE", "Amazon.ie", "EUR", "en_IE", "www.amazon.ie"),
        ("A1RKKUPIHCS9HS", "ES", "Amazon.es", "EUR", "es_ES", "www.amazon.es"),
        ("A1F83G8C2ARO7P", "GB", "Amazon.co.uk", "GBP", "en_GB", "www.amazon.co.uk"),
        ("A13V1IB3VIYZZH", "FR", "Amazon.fr", "EUR", "fr_FR", "www.amazon.fr"),
        ("AMEN7PMS3EDWL", "BE", "Amazon.com.be", "EUR", "fr_BE", "www.amazon.com.be"),
        ("A1805IZSGTT6HS", "NL", "Amazon.nl", "EUR", "nl_NL", "www.amazon.nl"),
        ("A1PA6795UKMFR9", "DE", "Amazon.de", "EUR", "de_DE", "www.amazon.de"),
        ("APJ6JRA9NG5V4", "IT", "Amazon.it", "EUR", "it_IT", "www.amazon.it"),
        ("A2NODRKZP88ZB9", "SE", "Amazon.se", "SEK", "sv_SE", "www.amazon.se"),
        ("AE08WJ6YKNBMC", "ZA", "Amazon.co.za", "ZAR", "en_ZA", "www.amazon.co.za"),
        ("A1C3SOZRARQ6R3", "PL", "Amazon.pl", "PLN", "pl_PL", "www.amazon.pl"),
        ("ARBP9OOSHTCHU", "EG", "Amazon.eg", "EGP", "ar_AE", "www.amazon.eg"),
        ("A33AVAJ2PDY3EV", "TR", "Amazon.com.tr", "TRY", "tr_TR", "www.amazon.com.tr"),
        ("A17E79C6D8DWNP", "SA", "Amazon.sa", "SAR", "ar_AE", "www.amazon.sa"),
        ("A2VIGQ35RCS4UG", "AE", "Amazon.ae", "AED", "en_AE", "www.amazon.ae"),
        ("A21TJRUUN4KGV", "IN", "Amazon.in", "INR", "en_IN", "www.amazon.in"),
    ),
    *_marketplaces(
        "fe",
        ("A19VAU5U5O7RUS", "SG", "Amazon.sg", "SGD", "en_SG", "www.amazon.sg"),
        ("A39IBJ37TRP1C6", "AU", "Amazon.com.au", "AUD", "en_AU", "www.amazon.com.au"),
        ("A1VC38T7YXB528", "JP", "Amazon.co.jp", "JPY", "ja_JP", "www.amazon.co.jp"),
    ),
    # Undocumented, and they do occur.
    *_marketplaces(
        "na",
        ("A2ZV50J4W1RKNI", "US", "Non-Amazon", "USD", "en_US", "siprod.stores.amazon.com"),
        ("A1MQXOICRS2Z7M", "CA", "Non-Amazon CA", "CAD", "en_CA", "siprod.stores.amazon.ca"),
        ("A3H6HPSLHAK3XG", "MX", "Non-Amazon MX", "MXN", "es_MX", "siprod.stores.amazon.com.mx"),
        shadow=True,
    ),
    *_marketplaces(
        "eu",
        ("A38D8NSA03LJTC", "DE", "Non-Amazon DE", "EUR", "de_DE", "siprod.stores.amazon.de"),
        ("A1ZFFQZ3HTUKT9", "FR", "Non-Amazon FR", "EUR", "fr_FR", "siprod.stores.amazon.fr"),
        ("A62U237T8HV6N", "IT", "Non-Amazon IT", "EUR", "it_IT", "siprod.stores.amazon.it"),
        ("AFQLKURYRPEL8", "ES", "Non-Amazon ES", "EUR", "es_ES", "siprod.stores.amazon.es"),
        ("AZMDEXL2RVFNN", "GB", "Non-Amazon UK", "GBP", "en_GB", "siprod.stores.amazon.co.uk"),
        shadow=True,
    ),
]

#: Country code → marketplace. The documentation writes UK where ISO writes GB.
COUNTRIES = {one.country_code: one for one in _ALL if not one.shadow}
COUNTRIES["UK"] = COUNTRIES["GB"]
_SHADOWS = {one.country_code: one for one in _ALL if one.shadow}


def shadow_of(marketplace):
    """Return the shadow marketplace that comes with a real one, or ``None``."""
    return _SHADOWS.get(marketplace.country_code)
