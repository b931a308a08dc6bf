"""The closed list of what money in a settlement can be."""

#: Category → where it belongs in the ledger: ``income``, ``other_income``, ``expense``,
#: ``liability``, ``loan``, ``asset``, ``clearing``, ``card``; ``None``: only a person can tell.
CATEGORIES: dict[str, str | None] = {
    "sales": "income",
    "shipping_income": "income",
    "giftwrap_income": "income",
    "promotions": "income",
    "refunds": "income",
    "reimbursements": "other_income",
    "selling_fees": "expense",
    "fba_fees": "expense",
    "storage_fees": "expense",
    "advertising": "expense",
    "subscription": "expense",
    "chargeback": "expense",
    # Collected and withheld tax share one account, which nets to zero where Amazon remits.
    "sales_tax": "liability",
    "marketplace_withheld_tax": "liability",
    # TCS, TDS, ISR: the seller gets it back (docs/facts/words.md, "Withheld income tax").
    "tax_credit": "asset",
    "reserve": "asset",
    "carried_balance": "clearing",
    "failed_transfer": "clearing",
    "debt_adjustment": "clearing",
    "bank_verification": "clearing",
    "direct_payment": "asset",
    "card_charge": "card",
    "loan": "loan",
    # Words Amazon documents, whose account depends on the business: a person maps them.
    "other": None,
    "unknown": None,
}
#: What can carry tax: income and costs, and what only a person can tell. The rest is never taxed:
#: what Amazon holds, carries, lends or pays, and tax itself.
TAXABLE = frozenset(
    category
    for category, kind in CATEGORIES.items()
    if kind in ("income", "other_income", "expense", None)
)
#: The buyers' tax, collected and taken away again: never income, never taxed.
TAX_ROWS = ("sales_tax", "marketplace_withheld_tax")
#: Not categories of rows but the balancing items of entries: the payout itself, and what Amazon
#: owes at a month's end and pays with a later part of the settlement.
DEPOSIT = "deposit"
ROLLOVER = "rollover"
#: What is earned at a month's end and in no settlement yet: the balance of an accrual.
ACCRUED_INCOME = "accrued_income"
#: Sales that Odoo's own invoices have booked: they are owed on these.
INVOICED = "invoiced"
#: None of them is what words of rows mean.
BALANCING = (DEPOSIT, ROLLOVER, ACCRUED_INCOME)
#: Nor are these: what sold goods cost, and the stock that they left.
COST = "cost"
INVENTORY = "inventory"

#: Of what kind the money is, as a statement adds it up; balances are neither income nor cost.
KINDS = ("income", "refunds", "fees", "taxes", "balances", "undecided")


def kind_of(category: str) -> str:
    """Return the kind of a category's money, one of ``KINDS``."""
    place = CATEGORIES[category]
    if category in ("refunds", "chargeback"):
        return "refunds"
    if category in (*TAX_ROWS, "tax_credit"):
        return "taxes"
    if place in ("income", "other_income"):
        return "income"
    if place == "expense":
        return "fees"
    return "balances" if place else "undecided"
