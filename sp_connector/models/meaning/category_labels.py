"""What people read for the engine's categories, in their language."""

from odoo.tools import LazyTranslate

from ...engine.words.categories import (
    ACCRUED_INCOME,
    COST,
    DEPOSIT,
    INVENTORY,
    INVOICED,
    ROLLOVER,
)

_lt = LazyTranslate(__name__)

LABELS = {
    DEPOSIT: _lt("Payout (clearing account)"),
    ROLLOVER: _lt("Unsettled at a month's end (rollover account)"),
    ACCRUED_INCOME: _lt("Earned and not settled (accrued income)"),
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

#: No categories, but items of an entry.
OTHERS = {
    INVOICED: _lt("Orders that are invoiced"),
    COST: _lt("Cost of goods"),
    INVENTORY: _lt("Inventory"),
}

#: The kinds of the engine's categories.
KINDS = {
    "income": _lt("Income"),
    "refunds": _lt("Refunds and chargebacks"),
    "fees": _lt("Fees"),
    "taxes": _lt("Taxes"),
    "balances": _lt("Balances"),
    "undecided": _lt("Undecided"),
}

#: What is meant by a category, for somebody who has to choose one.
HELP = {
    "sales": _lt("What buyers pay for the goods. Books as income."),
    "shipping_income": _lt("What buyers pay for shipping. Books as income."),
    "giftwrap_income": _lt("What buyers pay for gift wrap. Books as income."),
    "promotions": _lt("Discounts, coupons and points that you give. Reduces income."),
    "refunds": _lt("What buyers get back of prices and shipping. Reduces income."),
    "reimbursements": _lt("What Amazon pays you for lost or damaged goods. Other income."),
    "selling_fees": _lt("Amazon's commission and other fees on sales. A cost."),
    "fba_fees": _lt("Picking, packing, shipping, removal and placement by Amazon. A cost."),
    "storage_fees": _lt("Storage, aged stock and overage in Amazon's warehouses. A cost."),
    "advertising": _lt("Sponsored products, coupons' fees, deals. A cost."),
    "subscription": _lt("The seller account's monthly fee. A cost."),
    "chargeback": _lt("What a buyer's bank or card takes back. A cost, or less income."),
    "sales_tax": _lt(
        "Tax that buyers pay on goods and shipping. A liability, or the tax of the prices."
    ),
    "marketplace_withheld_tax": _lt(
        "Buyers' tax that Amazon keeps and pays itself. Clears the tax collected."
    ),
    "tax_credit": _lt("Your own tax that Amazon withholds: TCS, TDS, ISR, GST. A claim."),
    "reserve": _lt("Money that Amazon keeps back and releases in a later settlement. A claim."),
    "carried_balance": _lt(
        "A balance that one settlement hands on to the next. No income and no cost: it must fit "
        "the settlement before."
    ),
    "failed_transfer": _lt(
        "A payout that the bank sent back and that this settlement takes up. No income, no cost."
    ),
    "debt_adjustment": _lt(
        "A debt of one of your accounts or marketplaces that another one pays. No income, no cost."
    ),
    "bank_verification": _lt("Tiny deposits by which Amazon checks a bank account."),
    "direct_payment": _lt("Buyers paid you outside of Amazon. A claim that is paid already."),
    "card_charge": _lt("Amazon charged your card for what you owed. Clears on the card's account."),
    "loan": _lt("Amazon Lending: amounts lent and paid back. A liability."),
    "other": _lt("None of these: you choose an account for these words in the account mapping."),
}

#: Why something is suggested for words that nobody knows (``engine.words.suggest.REASONS``).
SUGGESTED = {
    "own": _lt("You said so of similar words, with %(shared)s: %(rule)s."),
    "family": _lt("You said so of other words of %(shared)s: %(rule)s."),
    "tax_of": _lt("It is the tax on a fee, and %(known)s known names with %(shared)s mean that."),
    "shared": _lt("%(known)s known names with %(shared)s mean that, such as %(rule)s."),
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
    """Return what people read for a category, or for what an item of an entry is."""
    return env._(LABELS.get(category) or OTHERS[category])
