"""What the tests of accruals share: a transaction as Amazon tells it."""

from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace

SHIPMENT = (
    (("ProductCharges", "OurPricePrincipal"), "100.00"),
    (("Tax", "OurPriceTax"), "20.00"),
    (("AmazonFees", "Commission", "Base"), "-12.50"),
    (("AmazonFees", "Commission", "Tax"), "-2.50"),
)


def transaction(ref="T", day=5, leaves=SHIPMENT, **values):
    """What the accrual reads of a ``finances.Transaction``; sold in March."""
    leaves = tuple(
        SimpleNamespace(
            path=path, amount=Decimal(amount), item=1, sku="A", quantity=1, fulfillment="AFN"
        )
        for path, amount in leaves
    )
    known = {
        "ref": ref,
        "kind": "Shipment",
        "status": "RELEASED",
        "posted_at": datetime(2026, 3, day, 12) if isinstance(day, int) else day,
        "currency": "EUR",
        "marketplace_ref": "A1PA6795UKMFR9",
        "order_ref": f"305-{ref}",
        "deferred_ref": "",
        "release_ref": "",
        "matures_at": None,
        "amount": sum((leaf.amount for leaf in leaves), Decimal(0)),
        "leaves": leaves,
    }
    return SimpleNamespace(**(known | values))
