"""What people read for the engine's categories, in their language."""

from odoo.tools import LazyTranslate

from ...engine.words.categories import DEPOSIT, ROLLOVER

_lt = LazyTranslate(__name__)

LABELS = {
    DEPOSIT: _lt("Payout (clearing account)"),
    ROLLOVER: _lt("Unsettled at a month's end (rollover account)"),
    "sales": _lt("Sales"),
    "shipping_income": _lt("Shipping charged to buyers"),
    "giftwrap_income": _lt("Gift wrap charged to buyers"),
    "promotions": _lt("Promotions"),
    "refunds": _lt("Refunds"),
    "reimbursements": _lt("Reimbursements"),
    "selling_fees": _lt("Selling fees"),
    "fba_fees": _lt("FBA fees"),
    "storage_fees": _lt("Storage fees"),
    "advertising": _lt("Advertising"),
    "subscription": _lt("Subscription"),
    "chargeback": _lt("Chargebacks"),
    "sales_tax": _lt("Sales tax collected"),
    "marketplace_withheld_tax": _lt("Tax withheld by the marketplace"),
    "tax_credit": _lt("Withheld income tax and GST credits"),
    "reserve": _lt("Reserve held by Amazon"),
    "carried_balance": _lt("Balance carried from the previous settlement"),
    "failed_transfer": _lt("Failed transfers"),
    "debt_adjustment": _lt("Debt adjustments between marketplaces"),
    "bank_verification": _lt("Bank verification deposits"),
    "direct_payment": _lt("Paid to the seller outside Amazon"),
    "card_charge": _lt("Charged to the seller's card"),
    "loan": _lt("Amazon loans"),
    "other": _lt("Other (needs your account)"),
    "unknown": _lt("Unknown words"),
}

#: How words were understood, and what leads from a rule to words that follow from it.
LEVELS = [
    ("exact", _lt("These very words")),
    ("spelling", _lt("Another spelling")),
    ("pattern", _lt("A pattern")),
    ("derived", _lt("Follows from a rule")),
    ("default", _lt("Not known by name: as others of its type")),
    ("unknown", _lt("Unknown")),
]
STEPS = {
    "column": _lt("the same in another column or form of the report"),
    "event": _lt("the same of another kind of transaction"),
    "part": _lt("a part of this fee"),
    "tax": _lt("the tax on this fee"),
    "input_tax": _lt("Indian GST on this fee: input tax credit"),
    "buyer_tax": _lt("the tax on what the buyer pays"),
    "suffix": _lt("its reversal, correction or refund"),
    "free_text": _lt("with free text behind it"),
}

#: Why a line follows a line of the account mapping that its own words would not give it.
REASONS = {
    "payout": _lt("It goes with the payout of its settlement"),
    "channel": _lt("Its sales channel follows this marketplace"),
    "charged": _lt("Amazon charged the standard rate on it"),
    "untaxed_price": _lt("It takes back a price that bore no tax"),
}


def category_selection(env, *without):
    """Return [(category, label)] in the user's language, in the order of the engine's list."""
    return [(key, env._(label)) for key, label in LABELS.items() if key not in without]


def category_label(env, category):
    """Return what people read for a category."""
    return env._(LABELS[category])
