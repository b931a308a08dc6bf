"""The independent client ``python-amazon-sp-api`` (PyPI) against a running simulator.

Run by ``test_fake_amazon`` in a process of its own, with the JSON line of the simulator on
standard input; prints what the client saw as JSON. Nothing of sp_connector is imported.

The client has its addresses in two places: ``AccessTokenClient.scheme`` and ``.host`` for LWA,
``endpoint`` of each member of ``Marketplaces`` for the Selling Partner API. (It cuts eight
characters, ``https://``, off an endpoint to make its Host header, so over http that header is
short of one character; the simulator does not look at it where the path names the region.)
"""

import json
import sys
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPErrorProcessor, build_opener

from sp_api.api import Reports, Sellers
from sp_api.auth import AccessTokenClient
from sp_api.base import Marketplaces
from sp_api.base.credential_provider import CredentialProvider
from sp_api.base.exceptions import SellingApiException


def redirect(amazon):
    """Point the client at the simulator."""
    scheme, _slashes, host = amazon["lwa"].partition("://")
    AccessTokenClient.scheme = f"{scheme}://"
    AccessTokenClient.host = host
    regions = {"us-east-1": "na", "eu-west-1": "eu", "us-west-2": "fe"}
    for marketplace in Marketplaces:
        marketplace.endpoint = amazon["hosts"][regions[marketplace.region]]


class _NoRedirect(HTTPErrorProcessor):
    def http_response(self, request, response):
        return response

    https_response = http_response


def consent(amazon):
    """Press Confirm on the consent page as a browser does; return the authorization code."""
    form = {
        "application_id": amazon["application_id"],
        "state": "independent",
        "redirect_uri": amazon["redirect_uri"],
        "seller": amazon["selling_partner_id"],
        "decision": "confirm",
    }
    url = f"{amazon['seller_central']}/apps/authorize/consent"
    with build_opener(_NoRedirect).open(url, urlencode(form).encode(), timeout=10) as response:
        query = parse_qs(urlsplit(response.headers["Location"]).query)
    return query["spapi_oauth_code"][0]


def main():
    amazon = json.load(sys.stdin)
    redirect(amazon)
    application = {"lwa_app_id": amazon["client_id"], "lwa_client_secret": amazon["client_secret"]}
    credentials = CredentialProvider(credentials=application).credentials
    tokens = AccessTokenClient(credentials=credentials).authorize_auth_code(consent(amazon))
    account = {
        "refresh_token": tokens["refresh_token"],
        "credentials": application,
        "marketplace": Marketplaces.DE,
    }
    sellers, reports = Sellers(**account), Reports(**account)
    participations = sellers.get_marketplace_participation().payload
    types = ["GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"]
    first = reports.get_reports(reportTypes=types, pageSize=1)
    second = reports.get_reports(nextToken=first.next_token)
    listed = first.payload["reports"] + second.payload["reports"]
    document = reports.get_report_document(listed[0]["reportDocumentId"], download=True)
    one = reports.get_report(listed[0]["reportId"]).payload
    try:
        Sellers(**{**account, "marketplace": Marketplaces.US}).get_marketplace_participation()
        refusal = None
    except SellingApiException as error:
        refusal = error.code
    seen = {
        "marketplaces": [one["marketplace"]["id"] for one in participations],
        "plan": sellers.get_account().payload["sellingPlan"],
        "reports": [report["reportId"] for report in listed],
        "report": one["reportId"],
        "document": document.payload["document"],
        "wrong_region": refusal,
    }
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main()
