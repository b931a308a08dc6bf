"""``bin/fake-amazon``: the simulator alone, for other processes and other SP-API clients.

It prints one JSON line that says where everything is, then serves until interrupted.
"""

import argparse
import json
import sys

from .fake import FakeAmazon
from .server import FakeAmazonServer

#: Sellers of the default set-up; Far East countries are accounts of their own (docs/facts/api.md,
#: "What an authorisation covers").
SELLERS = (
    ("Simulated Seller Europe", ("DE", "FR", "IT", "ES", "GB", "-NL")),
    ("Simulated Seller North America", ("US", "CA", "MX")),
    ("Simulated Seller Japan", ("JP",)),
    ("Simulated Seller Australia", ("AU",)),
    ("Simulated Seller Singapore", ("SG",)),
    ("Simulated Seller Brazil", ("BR",)),
    ("Simulated Seller Poland", ("PL",)),
)


def options():
    parser = argparse.ArgumentParser(prog="fake-amazon", description=__doc__)
    add = parser.add_argument
    add("--port", type=int, default=0, help="0 takes a free one")
    add("--host", default="127.0.0.1", help="address to listen on")
    add("--url", help="address that browsers and clients use, where it is another")
    add("--files", nargs="+", default=[], metavar="GLOB", help="settlement files: a report each")
    add("--redirect-uri", action="append", help="OAuth Redirect URI of the application")
    add("--login-uri", help="OAuth Login URI of the application")
    add("--private", action="store_true", help="a private application: no consent, only tokens")
    add("--draft", action="store_true", help="the application is a draft: version=beta")
    add("--seed", type=int, default=0, help="the same seed gives the same ids and tokens")
    add("--no-limits", action="store_true", help="without Amazon's rate limits")
    add("--control", action="store_true", help="answer at /_control")
    return parser.parse_args()


def set_up(fake, chosen):
    """Make the application, the sellers, their grants and reports; return what to print."""
    landing = f"{fake.base_url}/apps/landing"
    if chosen.private:
        application = fake.add_application(is_private=True, draft=True)
    else:
        application = fake.add_application(
            chosen.redirect_uri or [landing], chosen.login_uri or landing, draft=chosen.draft
        )
    for name, countries in SELLERS:
        fake.add_seller(countries, name=name)
    fake.set_options(limits=not chosen.no_limits)
    fake.add_files(chosen.files)
    sellers = [
        {
            "name": seller.name,
            "selling_partner_id": seller.selling_partner_id,
            "region": min(seller.regions),
            "country": seller.participations[0].marketplace.country_code,
            "refresh_token": fake.grant(application, seller).refresh_token,
            "reports": len(seller.reports),
        }
        for seller in fake.sellers.values()
    ]
    return {
        "hosts": {region: fake.hosts()[region] for region in ("na", "eu", "fe")},
        "lwa": fake.hosts()["lwa"],
        "seller_central": fake.hosts()["seller_central"],
        "client_id": application.client_id,
        "client_secret": application.client_secret,
        "application_id": application.application_id,
        "redirect_uri": next(iter(application.redirect_uris), ""),
        # The first seller with a report, for clients that want only one.
        **max(sellers, key=lambda seller: bool(seller["reports"])),
        "sellers": sellers,
    }


def main():
    chosen = options()
    fake = FakeAmazon(seed=chosen.seed, has_control=chosen.control)
    try:
        server = FakeAmazonServer(fake, chosen.port, chosen.host, chosen.url)
    except OSError as error:
        sys.exit(f"fake-amazon: port {chosen.port}: {error.strerror}")
    sys.stdout.write(json.dumps(set_up(fake, chosen)) + "\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return
