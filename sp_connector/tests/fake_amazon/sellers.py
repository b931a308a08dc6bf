"""Sellers API v1 (docs/facts/api.md, "Sellers API")."""

from .gate import unauthorized


def get_marketplace_participations(fake, call):
    return {"payload": _participations(call)}


def get_account(fake, call):
    """Only Europe has it. Names and addresses are personal data: nobody should store them."""
    if call.region != "eu":
        raise unauthorized()
    seller = call.seller
    country = seller.participations[0].marketplace.country_code
    address = {"addressLine1": "1 Simulator Street", "city": "Nowhere", "countryCode": country}
    return {
        "payload": {
            "businessType": seller.business_type,
            "sellingPlan": seller.plan,
            "marketplaceParticipationList": _participations(call),
            "business": {"name": seller.name, "registeredBusinessAddress": address},
            "primaryContact": {"name": "PERSONAL-DATA Pat Primary", "address": address},
        }
    }


def _participations(call):
    """List where the seller is, shadow marketplaces included; never an error for none."""
    if call.is_elsewhere:
        return []
    return [
        {
            "marketplace": {
                "id": one.marketplace.id,
                "countryCode": one.marketplace.country_code,
                "name": one.marketplace.name,
                "defaultCurrencyCode": one.marketplace.currency,
                "defaultLanguageCode": one.marketplace.language,
                "domainName": one.marketplace.domain,
            },
            "storeName": one.store_name or call.seller.name,
            "participation": {
                "isParticipating": one.is_participating,
                "hasSuspendedListings": one.has_suspended_listings,
            },
        }
        for one in call.seller.listed(call.region)
    ]
