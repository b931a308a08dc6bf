"""Amazon's regions and hosts (docs/facts/api.md, "Regions")."""

from typing import NamedTuple
from urllib.parse import urlsplit

REGIONS = {"na": "North America", "eu": "Europe", "fe": "Far East"}
LWA_HOST = "https://api.amazon.com"
#: Where documents of reports lie: S3 (the address seen in saleweaver/python-amazon-sp-api#879),
#: and CloudFront in the examples of Amazon's model of the Reports API.
DOCUMENT_HOSTS = (".amazonaws.com", ".cloudfront.net")
#: Where sellers sign in (Amazon's list of Seller Central addresses); consent is asked nowhere else.
SELLER_CENTRAL_HOSTS = frozenset(
    {
        "sellercentral-europe.amazon.com",
        "sellercentral.amazon.ae",
        "sellercentral.amazon.ca",
        "sellercentral.amazon.co.jp",
        "sellercentral.amazon.co.za",
        "sellercentral.amazon.com",
        "sellercentral.amazon.com.au",
        "sellercentral.amazon.com.be",
        "sellercentral.amazon.com.br",
        "sellercentral.amazon.com.mx",
        "sellercentral.amazon.com.tr",
        "sellercentral.amazon.eg",
        "sellercentral.amazon.ie",
        "sellercentral.amazon.in",
        "sellercentral.amazon.nl",
        "sellercentral.amazon.pl",
        "sellercentral.amazon.sa",
        "sellercentral.amazon.se",
        "sellercentral.amazon.sg",
    }
)


class Hosts(NamedTuple):
    """Where an application talks to. Base URLs without a slash at the end.

    :param api: region → SP-API endpoint
    :param lwa: Login with Amazon
    :param seller_central: overrides every Seller Central host (the simulator), or ``""``
    """

    api: dict[str, str]
    lwa: str = LWA_HOST
    seller_central: str = ""

    @property
    def token_url(self) -> str:
        """Where tokens are exchanged."""
        return f"{self.lwa}/auth/o2/token"


PRODUCTION = Hosts({region: f"https://sellingpartnerapi-{region}.amazon.com" for region in REGIONS})
SANDBOX = Hosts(
    {region: f"https://sandbox.sellingpartnerapi-{region}.amazon.com" for region in REGIONS}
)


def is_amazon(endpoint: str) -> bool:
    """Tell whether an endpoint is one of Amazon's own, and not the simulator's."""
    return (urlsplit(endpoint).hostname or "").endswith(".amazon.com")


def is_document_address(url: str) -> bool:
    """Tell whether an address may be one of a document at Amazon: https, its hosts, no tricks."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme == "https"
        and port in (None, 443)
        and parts.username is None
        and parts.password is None
        and (parts.hostname or "").endswith(DOCUMENT_HOSTS)
    )
