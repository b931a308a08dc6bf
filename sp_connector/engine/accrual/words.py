"""Words of the Finances API → those of a settlement, where both mean the same.

Facts: docs/facts/words.md, "Words of the Finances API". What is not known stays as Amazon
writes it: the rules for words say what it means, or that nobody knows.
"""

from ..words.grammar import Triple

#: What has orders → the transaction type of the settlement.
_KINDS = {
    "Shipment": "Order",
    "Refund": "Refund",
    "Chargeback": "Chargeback Refund",
    "ChargebackRefund": "Chargeback Refund",
    "GuaranteeClaim": "A-to-z Guarantee Refund",
    "Retrocharge": "Order_Retrocharge",
    "RemovalShipment": "Liquidations",
}
#: The innermost breakdown → (amount type, description) beside an order.
_PRICES = {
    "OurPricePrincipal": "Principal",
    "ProductCharges": "Principal",
    "RecommerceLiquidation": "Principal",
    "OurPriceTax": "Tax",
    "BaseTax": "Tax",
    "TaxOnRevenue": "Tax",
    "Tax": "Tax",
    "ShippingPrincipal": "Shipping",
    "Shipping": "Shipping",
    "ShippingTax": "ShippingTax",
    "GiftwrapPrincipal": "GiftWrap",
    "Giftwrap": "GiftWrap",
    "GiftwrapTax": "GiftWrapTax",
    "GoodwillPrincipal": "Goodwill",
    "RestockingDeductionPrincipal": "RestockingFee",
    "RestockingDeductionTax": "Tax",
}
_PROMOTIONS = {
    "OurPriceDiscount": "Principal",
    "ShippingDiscount": "Shipping",
    "PromoRebates": "Principal",
    "OurPriceTaxDiscount": "TaxDiscount",
    "ShippingTaxDiscount": "TaxDiscount",
}
_ACCOUNT = "other-transaction"
#: The innermost breakdown → the words of a settlement, where no order is.
_OTHERS: dict[str, Triple] = {
    "FBAStorageFee": ("FBAFees", "FBA Inventory Storage Fee", "Base fee"),
    "FBALongTermStorageFee": ("FBAFees", "FBA Long Term Storage Fee", "Base fee"),
    "FBARemovalFee": ("FBAFees", "FBA Removal Order: Return Fee", "Base fee"),
    "FBADisposalFee": ("FBAFees", "FBA Removal Order: Disposal Fee", "Base fee"),
    "FBAInboundConvenienceFee": ("FBAFees", "FBA Inbound Placement Service Fee", "Base fee"),
    "CouponParticipationFee": ("AmazonFees", "Coupon Participation Fee", "Base fee"),
    "CouponPerformanceFee": ("AmazonFees", "Coupon Performance Based Fee", "Base fee"),
    "AdvertisingFee": ("ServiceFee", "Cost of Advertising", "TransactionTotalAmount"),
    "AdvertisingFeeRefund": ("ServiceFee", "Refund for Advertiser", "TransactionTotalAmount"),
    "Subscription": (_ACCOUNT, _ACCOUNT, "Subscription Fee"),
    "PaidServicesFee": (_ACCOUNT, _ACCOUNT, "Paid Services Fee"),
    "CustomerReturnHRRUnitFee": (_ACCOUNT, _ACCOUNT, "FBACustomerReturnPerUnitFee"),
    "FBAInventoryReimbursement": (_ACCOUNT, "FBA Inventory Reimbursement", "CUSTOMER_RETURN"),
    "FBAReversedReimbursement": (_ACCOUNT, "FBA Inventory Reimbursement", "COMPENSATED_CLAWBACK"),
    "ReserveCredit": (_ACCOUNT, _ACCOUNT, "Previous Reserve Amount Balance"),
    "ReserveDebit": (_ACCOUNT, _ACCOUNT, "Current Reserve Amount"),
    "CurrentReserveAmount": (_ACCOUNT, _ACCOUNT, "Current Reserve Amount"),
    "PreviousReserveAmountBalance": (_ACCOUNT, _ACCOUNT, "Previous Reserve Amount Balance"),
}
#: What a fee is made of; the settlement tells it as one.
_PARTS = ("Base", "Tax", "Promo")
_FEES = ("AmazonFees", "FBAFees", "Expenses")
_WITHHELD = ("MarketplaceFacilitator", "LowValueGoods")
#: The payout itself: in no settlement is it a row.
PAYOUT = "Transfer"


def takes_back(kind: str) -> bool | None:
    """Say whether a type of transaction takes sales back or makes them, ``None``: neither."""
    event = _KINDS.get(kind)
    return None if event is None else "Refund" in event


def settlement_words(kind: str, path: tuple[str, ...]) -> Triple:
    """Return the words of the row that a part of a transaction will be in its settlement.

    :param kind: Amazon's type of the transaction
    :param path: of its breakdowns, the widest first; see ``finances.Leaf``
    """
    is_fee = any(name in _FEES for name in path)
    if is_fee and len(path) > 1 and path[-1] in _PARTS and path[-2] not in _FEES:
        path = path[:-1]
    name = path[-1] if path else ""
    if event := _KINDS.get(kind):
        if name.startswith(_WITHHELD):
            return event, "ItemWithheldTax", name
        if is_fee:
            return event, "ItemFees", name
        if name in _PROMOTIONS:
            return event, "Promotion", _PROMOTIONS[name]
        return event, "ItemPrice" if name in _PRICES else name, _PRICES.get(name, name)
    if name in _OTHERS:
        return _OTHERS[name]
    return kind, path[0] if path else kind, name or kind
