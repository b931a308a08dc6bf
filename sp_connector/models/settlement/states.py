"""What the state of a settlement is derived from, which states have an entry, and what holds."""

#: What the comparison reads: a change of any of it, from wherever, is a change of the state.
LEDGER = (
    "item_ids.move_id",
    "line_ids.move_line_id",
    "line_ids.invoiced_amount",
    "move_ids.state",
    "move_ids.date",
    "move_ids.journal_id",
    "move_ids.reversed_entry_id",
    *(
        f"move_ids.line_ids.{name}"
        for name in (
            "account_id",
            "amount_currency",
            "balance",
            "currency_id",
            "partner_id",
            "tax_ids",
            "tax_tag_ids",
            "tax_repartition_line_id",
            "analytic_distribution",
            "reconciled",
        )
    ),
)
#: States in which there is an entry, right or not.
BOOKED = ("booked", "partly", "posted", "changed")
#: States without an entry: what holds such a settlement is looked at again.
UNBOOKED = ("held", "review", "empty")
#: What holds a settlement: codes of the engine's decision, by which people sort and group.
HOLD_LABELS = [
    ("damaged", "Damaged file"),
    ("difference", "Rows do not make the total"),
    ("lines_differ", "Lines do not make the rows"),
    ("unknown_words", "Unknown words"),
    ("no_account", "No account"),
    ("misfit", "Tax does not fit"),
    ("other_books", "Belongs to another company"),
    ("no_journal", "No journal"),
    ("no_customer", "No customer"),
    ("no_receivable", "No receivable account"),
    ("archived", "Archived account or tax"),
    ("archived_journal", "Archived journal"),
    ("no_analytic", "No analytic distribution"),
    ("undecided", "Tax undecided"),
    ("no_cost_account", "No account for the cost of goods"),
    ("cost_by_odoo", "Cost of goods booked by Odoo"),
    ("no_cost", "Cost missing"),
    ("booked_already", "Already booked"),
    ("not_in_use", "Marketplace not in use"),
    ("inactive_currency", "Inactive currency"),
    ("no_date", "No date"),
    ("no_rate", "No exchange rate"),
    ("no_exchange_journal", "No exchange difference journal"),
    ("locked", "Locked period"),
]
