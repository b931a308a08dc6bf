"""Amazon's regions and hosts (SP-API facts 1.1)."""

from typing import NamedTuple

REGIONS = {"na": "North America", "eu": "Europe", "fe": "Far East"}
LWA_HOST = "https://api.amazon.com"


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
