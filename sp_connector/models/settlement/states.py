"""What the state of a settlement is derived from, and which states have an entry."""

#: What the comparison reads: a change of any of it, from wherever, is a change of the state.
LEDGER = (
    "item_ids.move_id",
    "line_ids.move_line_id",
    "move_ids.state",
    "move_ids.date",
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
