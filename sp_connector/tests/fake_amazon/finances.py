"""Finances API 2024-06-19 (docs/facts/api.md, "Finances" and "Deferred").

Transactions and summaries are made from the same settlement files as the reports: a row of a file
whose report is still to come is a transaction of an open settlement. An order that was deferred
(``FakeAmazon.defer``) has a transaction more, which its release follows.
"""

import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta, timezone
from decimal import Decimal

from .gate import invalid, unauthorized
from .settlement_file import read_rows

_LONGEST = timedelta(days=180)
_TWO_MINUTES = timedelta(minutes=2)
_KINDS = {
    "Order": "Shipment",
    "Refund": "Refund",
    "Chargeback Refund": "Chargeback",
    "A-to-z Guarantee Refund": "GuaranteeClaim",
    "FBAFees": "ServiceFee",
    "AmazonFees": "ServiceFee",
}
_PRICES = {
    "Principal": ("ProductCharges", "OurPricePrincipal"),
    "Tax": ("Tax", "OurPriceTax"),
    "Shipping": ("Shipping", "ShippingPrincipal"),
    "ShippingTax": ("Tax", "ShippingTax"),
    "GiftWrap": ("Giftwrap", "GiftwrapPrincipal"),
    "GiftWrapTax": ("Tax", "GiftwrapTax"),
    "Goodwill": ("ProductCharges", "GoodwillPrincipal"),
    "RestockingFee": ("ProductCharges", "RestockingDeductionPrincipal"),
}
_PROMOTIONS = {
    "Principal": "OurPriceDiscount",
    "Shipping": "ShippingDiscount",
    "TaxDiscount": "OurPriceTaxDiscount",
}
_PARTS = {"Base fee": "Base", "Tax on fee": "Tax", "Discount on Fee": "Promo"}
_FEES = {
    "FBA Inventory Storage Fee": "FBAStorageFee",
    "FBA Long Term Storage Fee": "FBALongTermStorageFee",
    "FBA Removal Order: Disposal Fee": "FBADisposalFee",
    "FBA Removal Order: Return Fee": "FBARemovalFee",
    "Subscription Fee": "Subscription",
}
#: Descriptions of rows that move balances: neither sales nor expenses.
_BALANCES = re.compile(
    r"reserve amount|payable to amazon|transfer of funds|successful charge", re.I
)


_HELD = ("AVAILABLE", "DEFERRED", "ACCOUNT_LEVEL_RESERVE")


@dataclass
class Deal:
    """A transaction: rows of a file that belong together.

    :param end: when its settlement is closed
    """

    kind: str
    order: str
    posted: object
    place: str
    currency: str
    settlement: str
    end: object
    rows: list = field(default_factory=list)
    status: str = "RELEASED"
    related: dict = field(default_factory=dict)
    contexts: list = field(default_factory=list)

    @property
    def ref(self):
        words = (self.kind, self.order, self.posted, self.place, self.settlement, self.status[:3])
        rows = [(row["amount-type"], row["amount-description"], row["amount"]) for row in self.rows]
        return hashlib.sha256(repr((words, rows)).encode()).hexdigest()[:40]

    @property
    def amount(self):
        return sum((row["amount"] for row in self.rows), Decimal(0))


def list_transactions(fake, call):
    """List transactions, the oldest first."""
    _check_role(fake)
    query, now = dict(call.query), fake.clock()
    offset = 0
    if token := query.pop("nextToken", None):
        seller, asked, offset = fake.next_tokens.get(token, (None, None, 0))
        if seller is not call.seller or asked != query:
            raise invalid("Invalid Input", "nextToken needs the arguments that produced it.")
    elif "postedAfter" not in query and "relatedIdentifierName" not in query:
        raise invalid("Invalid Input", "postedAfter is required.")
    latest = now - _TWO_MINUTES
    until = query.get("postedBefore", latest)
    since = query.get("postedAfter", until - _LONGEST)
    if until > latest:
        raise invalid("Invalid Input", "postedBefore must be two minutes ago.")
    found = []
    if until - since <= _LONGEST and not call.is_elsewhere:
        found = [
            deal
            for deal in _deals(now, call)
            if since <= deal.posted < until
            and query.get("transactionStatus") in (None, deal.status)
            and query.get("marketplaceId") in (None, _place_id(call, deal.place))
            and query.get("relatedIdentifierValue") in (None, deal.order)
        ]
    found.sort(key=lambda deal: (deal.posted, deal.ref))
    size = fake.options.transactions_a_page
    payload = {"transactions": [_describe(call, one) for one in found[offset : offset + size]]}
    if offset + size < len(found):
        payload["nextToken"] = fake.mint.text(64)
        fake.next_tokens[payload["nextToken"]] = (call.seller, query, offset + size)
    return {"payload": payload}


def list_summary(fake, call):
    """Summarise a closed settlement; of one that is open, or not the seller's, there is nothing."""
    _check_role(fake)
    query = call.query
    if query.get("relatedIdentifierName") != "SETTLEMENT_ID" or call.is_elsewhere:
        raise invalid("Invalid Input", "Only summaries of a settlement are played.")
    ref, now = query.get("relatedIdentifierValue"), fake.clock()
    by_place = {}
    for row in _rows(call):
        if row["settlement-id"] == ref and row["end"] <= now:
            by_place.setdefault(row["marketplace-name"], []).append(row)
    if "" in by_place and len(by_place) > 1:  # rows of the account go with those of most others
        nameless = by_place.pop("")
        max(by_place.values(), key=len).extend(nameless)
    answers = [_summarise(fake, call, place, rows) for place, rows in by_place.items()]
    if answers and ref in fake.falsified:
        amount, name = fake.falsified[ref]
        answers[0]["netProceeds"] = _moved(answers[0]["netProceeds"], amount)
        for one in answers[0]["breakdowns"]:
            if one["breakdownType"] == name:
                one["breakdownAmount"] = _moved(one["breakdownAmount"], amount)
    return {"summaries": answers}


def list_balances(fake, call):
    """Tell what is held, now or at the end of a day (UTC), by marketplace.

    The reserve is that of the last settlement that was closed; available is what stands in the
    open one, with what it takes up of the former.
    """
    _check_role(fake)
    query, now = call.query, fake.clock()
    if "balanceType" in query or "accountType" in query:
        raise invalid("Invalid Input", "Only all balances of all accounts are played.")
    if day := query.get("asOfDate"):
        try:
            day = datetime.fromisoformat(day).date()
        except ValueError:
            raise invalid("Invalid Input", "asOfDate is no date.") from None
        if day >= now.date():
            raise invalid("Invalid Input", "asOfDate must be a past date.")
        now = datetime.combine(day + timedelta(days=1), time(), timezone.utc) - timedelta(seconds=1)
    answers, wanted = [], query.get("marketplaceIds")
    for (place, currency), amounts in ({} if call.is_elsewhere else _held(call, now)).items():
        place_id = _place_id(call, place)
        if wanted is None or place_id in wanted:
            for kind, amount in () if answers else fake.falsified_balances.items():
                amounts[kind] += Decimal(amount)
            tree = _balance_tree(amounts, currency)
            tree["partnerMetadata"] = {
                "partnerId": call.seller.selling_partner_id,
                "accountType": "Standard Orders",
                "marketplaceId": place_id,
            }
            tree |= {"asOfDate": f"{day}T00:00:00Z"} if day else {"lastUpdatedTime": _written(now)}
            answers.append(tree)
    return {"balances": answers}


def _held(call, now):
    """Return {(marketplace, currency): {kind: amount}} at a moment."""
    held, closed = {}, {}

    def amounts(place, currency):
        return held.setdefault((place, currency), dict.fromkeys(_HELD, Decimal(0)))

    for deal in _deals(now, call):
        if deal.status == "DEFERRED":
            amounts(deal.place, deal.currency)["DEFERRED"] += deal.amount
    for row in _rows(call):
        place = row["marketplace-name"] or _main_place(call, row["settlement-id"])
        if row["posted"] and row["posted"] <= now < row["end"]:
            if "reserve amount" not in row["amount-description"].lower():
                amounts(place, row["currency"])["AVAILABLE"] += row["amount"]
        if row["end"] <= now:
            closed.setdefault((place, row["currency"]), {}).setdefault(row["end"], []).append(row)
    for (place, currency), ends in closed.items():
        amounts(place, currency)["ACCOUNT_LEVEL_RESERVE"] -= sum(
            row["amount"]
            for row in ends[max(ends)]
            if "current reserve amount" in row["amount-description"].lower()
        )
    return held


def _main_place(call, settlement):
    names = [
        row["marketplace-name"]
        for row in _rows(call)
        if row["settlement-id"] == settlement and row["marketplace-name"]
    ]
    return max(names, key=names.count, default="")


def _balance_tree(amounts, currency):
    """Return the total as Amazon tells it, with what it is made of."""

    def node(kind, amount, *parts):
        found = {"balanceType": kind, "amount": _money(amount, currency)}
        return {**found, "balances": list(parts)} if parts else found

    kept = [node(kind, amounts[kind]) for kind in ("DEFERRED", "ACCOUNT_LEVEL_RESERVE")]
    reserved = amounts["DEFERRED"] + amounts["ACCOUNT_LEVEL_RESERVE"]
    available = amounts["AVAILABLE"]
    return node(
        "TOTAL",
        available + reserved,
        node("AVAILABLE", available),
        node("RESERVED", reserved, *kept),
    )


def _check_role(fake):
    if not fake.options.has_finances:
        raise unauthorized()


def _rows(call):
    """Yield the rows of all files of a seller's region."""
    for report in call.seller.reports.values():
        if report.region == call.region and report.processing_status == "DONE":
            yield from read_rows(report.content)


def _deals(now, call):
    """Return the transactions that are known at a moment."""
    groups = {}
    for row in _rows(call):
        if row["posted"] is None:
            continue
        key = tuple(
            row[name]
            for name in ("settlement-id", "transaction-type", "order-id", "adjustment-id", "posted")
        )
        # What is of no order are transactions of their own, but for the parts of one fee.
        key += (row["shipment-id"] if row["order-id"] else row["amount-type"],)
        key += (row["marketplace-name"],)
        if key not in groups:
            groups[key] = Deal(
                _kind(row),
                row["order-id"],
                row["posted"],
                row["marketplace-name"],
                row["currency"],
                row["settlement-id"],
                row["end"],
            )
        groups[key].rows.append(row)
    deals = list(groups.values())
    for deal in groups.values():
        deal.related["FINANCIAL_EVENT_GROUP_ID"] = f"group-{deal.settlement}"
        if deal.end <= now:
            deal.related["SETTLEMENT_ID"] = deal.settlement
        if deal.kind == "Shipment" and deal.order in call.seller.deferrals:
            deals.append(_deferred(deal, *call.seller.deferrals[deal.order], now))
    return [deal for deal in deals if deal.posted <= now]


def _deferred(release, posted, reason, now):
    """Return the transaction that was deferred; the two name each other once it is released."""
    context = {
        "contextType": "DeferredContext",
        "deferralReason": reason,
        "maturityDate": _written(release.posted),
    }
    deal = replace(release, posted=posted, status="DEFERRED", related={}, contexts=[context])
    if release.posted <= now:
        deal.status = "DEFERRED_RELEASED"
        deal.related["RELEASE_TRANSACTION_ID"] = release.ref
        release.related["DEFERRED_TRANSACTION_ID"] = deal.ref
    return deal


def _kind(row):
    if "Subscription" in row["amount-description"]:
        return "ServiceFee"
    if "Advertising" in row["amount-type"]:
        return "ProductAdsPayment"
    return _KINDS.get(row["transaction-type"], "Adjustment")


def _path(row):
    """Return Amazon's breakdowns for a row of a settlement."""
    kind, name = row["amount-type"], row["amount-description"]
    if kind == "ItemPrice":
        return _PRICES.get(name, ("ProductCharges", name))
    if kind == "Promotion":
        return ("PromoRebates", _PROMOTIONS.get(name, name))
    if kind == "ItemWithheldTax":
        return ("TaxWithheld", name)
    if kind == "ItemFees":
        return ("AmazonFees", name, "Base")
    if name in _PARTS:
        return ("AmazonFees", _FEES.get(kind, kind.replace(" ", "")), _PARTS[name])
    if "Advertising" in kind:
        return ("AmazonFees", "AdvertisingFee")
    if name in _FEES:
        return ("AmazonFees", _FEES[name])
    return (name.replace(" ", ""),)


def _tree(rows, currency, depth=0):
    """Return the tree of breakdowns of some rows."""
    found = {}
    for row in rows:
        path = _path(row)
        if len(path) > depth:
            found.setdefault(path[depth], []).append(row)
    return [
        {
            "breakdownType": name,
            "breakdownAmount": _money(sum(row["amount"] for row in some), currency),
            "breakdowns": _tree(some, currency, depth + 1),
        }
        for name, some in found.items()
    ]


def _describe(call, deal):
    """Return a transaction as Amazon lists it."""
    related = {"ORDER_ID": deal.order, **deal.related}
    place_id = _place_id(call, deal.place)
    answer = {
        "sellingPartnerMetadata": {
            "sellingPartnerId": call.seller.selling_partner_id,
            "accountType": "Standard Orders",
            "marketplaceId": place_id,
        },
        "transactionType": deal.kind,
        "transactionId": deal.ref,
        "transactionStatus": deal.status,
        "description": "Order Payment" if deal.kind == "Shipment" else deal.kind,
        "postedDate": _written(deal.posted),
        "totalAmount": _money(deal.amount, deal.currency),
        "relatedIdentifiers": [
            {"relatedIdentifierName": name, "relatedIdentifierValue": value}
            for name, value in related.items()
            if value
        ],
        "items": [],
        "breakdowns": _tree(deal.rows, deal.currency),
        "contexts": deal.contexts,
    }
    if deal.place:
        answer["marketplaceDetails"] = {
            "marketplaceId": place_id,
            "marketplaceName": deal.place,
        }
    items = {}
    for row in deal.rows:
        if row["order-item-code"]:
            items.setdefault((row["order-item-code"], row["sku"]), []).append(row)
    for (code, sku), rows in items.items():
        amount = sum(row["amount"] for row in rows)
        answer["items"].append(
            {
                "totalAmount": _money(amount, deal.currency),
                "relatedIdentifiers": [
                    {
                        "itemRelatedIdentifierName": "ORDER_ADJUSTMENT_ITEM_ID",
                        "itemRelatedIdentifierValue": code,
                    }
                ],
                "breakdowns": _tree(rows, deal.currency),
                "contexts": [
                    {
                        "contextType": "ProductContext",
                        "sku": sku,
                        "quantityShipped": int(rows[0]["quantity-purchased"] or 0),
                        "fulfillmentNetwork": rows[0]["fulfillment-id"] or "MFN",
                    }
                ],
            }
        )
    return answer


def _summarise(fake, call, place, rows):
    is_moved = fake.options.proceeds_without_balances
    counted = [
        row for row in rows if not (is_moved and _BALANCES.search(row["amount-description"]))
    ]
    groups = {}
    for row in counted:
        groups.setdefault(_group(row), []).append(row)
    currency = rows[0]["currency"]
    return {
        "partnerMetadata": {
            "partnerId": call.seller.selling_partner_id,
            "accountType": "Standard Orders",
            "marketplaceId": _place_id(call, place),
        },
        "netProceeds": _money(sum((row["amount"] for row in counted), Decimal(0)), currency),
        "relatedIdentifiers": [
            {
                "relatedIdentifierName": "SETTLEMENT_ID",
                "relatedIdentifierValue": rows[0]["settlement-id"],
            }
        ],
        "breakdowns": [
            {
                "breakdownType": name,
                "breakdownAmount": _money(sum(row["amount"] for row in some), currency),
                "breakdowns": _tree(some, currency),
            }
            for name, some in groups.items()
        ],
        "periodStart": _written(rows[0]["start"]),
        "periodEnd": _written(rows[0]["end"]),
    }


def _group(row):
    if "Refund" in row["transaction-type"]:
        return "Refunds"
    if row["amount-type"] in ("ItemPrice", "Promotion", "ItemWithheldTax"):
        return "Sales"
    if _BALANCES.search(row["amount-description"]):
        return "Transfers"
    return "Expenses"


def _place_id(call, name):
    places = [one.marketplace for one in call.seller.participations]
    found = [one for one in places if one.name == name] or places
    return found[0].id


def _money(amount, currency):
    return {"currencyCode": currency, "currencyAmount": float(amount)}


def _moved(money, amount):
    total = Decimal(str(money["currencyAmount"])) + Decimal(amount)
    return _money(total, money["currencyCode"])


def _written(moment):
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
