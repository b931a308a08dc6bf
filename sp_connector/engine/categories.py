"""The closed list of what money in a settlement can be (design, section 5)."""

from typing import NamedTuple


class Category(NamedTuple):
    """One kind of money.

    :param label: what people read
    :param kind: where it belongs in the ledger: ``income``, ``other_income``, ``expense``,
        ``liability``, ``asset``, ``clearing``, ``card``, or ``None`` where only a person can tell
    """

    label: str
    kind: str | None


CATEGORIES = {
    "sales": Category("Sales", "income"),
    "shipping_income": Category("Shipping charged to buyers", "income"),
    "giftwrap_income": Category("Gift wrap charged to buyers", "income"),
    "promotions": Category("Promotions", "income"),
    "refunds": Category("Refunds", "income"),
    "reimbursements": Category("Reimbursements", "other_income"),
    "selling_fees": Category("Selling fees", "expense"),
    "fba_fees": Category("FBA fees", "expense"),
    "storage_fees": Category("Storage fees", "expense"),
    "advertising": Category("Advertising", "expense"),
    "subscription": Category("Subscription", "expense"),
    "chargeback": Category("Chargebacks", "expense"),
    # Collected and withheld tax share one account, which nets to zero where Amazon remits.
    "sales_tax": Category("Sales tax collected", "liability"),
    "marketplace_withheld_tax": Category("Tax withheld by the marketplace", "liability"),
    # TCS, TDS, ISR: the seller gets it back from the tax office (format facts 4.3).
    "tax_credit": Category("Withheld income tax and GST credits", "asset"),
    "reserve": Category("Reserve held by Amazon", "asset"),
    "carried_balance": Category("Balance carried from the previous settlement", "clearing"),
    "failed_transfer": Category("Failed transfers", "clearing"),
    "debt_adjustment": Category("Debt adjustments between marketplaces", "clearing"),
    "bank_verification": Category("Bank verification deposits", "clearing"),
    "direct_payment": Category("Paid to the seller outside Amazon", "asset"),
    "card_charge": Category("Charged to the seller's card", "card"),
    "loan": Category("Amazon loans", "loan"),
    # Words Amazon documents, whose account depends on the business: a person maps them.
    "other": Category("Other (needs your account)", None),
    "unknown": Category("Unknown words", None),
}
#: Not a category of rows: the payout itself, the entry's balancing item.
DEPOSIT = "deposit"
