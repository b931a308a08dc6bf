"""Amazon's regions and hosts (SP-API facts 1.1)."""

from typing import NamedTuple
from urllib.parse import urlsplit

REGIONS = {"na": "North America", "eu": "Europe", "fe": "Far East"}
LWA_HOST = "https://api.amazon.com"
#: Where documents of reports lie: S3 (the address seen in saleweaver/python-amazon-sp-api#879),
#: and CloudFront in the examples of Amazon's model of the Reports API.
DOCUMENT_HOSTS = (".amazonaws.com", ".cloudfront.net")


class Hosts(NamedTuple):
    """Where an application talks to. Base URLs without a slash at the end.

    :param api: region → SP-API endpoint
    :param lwa: Login with Amazon
    :param seller_central: overrides every Seller Central host (the simulator), or ``""``
    """

    api: dict
    lwa: str = LWA_HOST
    seller_central: str = ""

    @property
    def token_url(self):
        """Where tokens are exchanged."""
        return f"{self.lwa}/auth/o2/token"


PRODUCTION = Hosts({region: f"https://sellingpartnerapi-{region}.amazon.com" for region in REGIONS})
SANDBOX = Hosts(
    {region: f"https://sandbox.sellingpartnerapi-{region}.amazon.com" for region in REGIONS}
)


def is_amazon(endpoint):
    """Tell whether an endpoint is one of Amazon's own, and not the simulator's."""
    return (urlsplit(endpoint).hostname or "").endswith(".amazon.com")


def is_document_address(url):
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
