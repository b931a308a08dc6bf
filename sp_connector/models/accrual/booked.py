"""Whether the ledger has what Amazon tells."""


class Booked:
    """Says of released transactions whether a posted entry up to a day books them.

    Amazon names the settlement where it can. Else it is the one of its time that has the order.

    :param day: the last day of the entries that count
    :param first: the moment of the first transaction that is asked for
    """

    def __init__(self, accrual, day, first):
        self.env, self.day = accrual.env, day
        self.grouping = accrual.company_id._sp_grouping()
        self.days = {}
        for settlement in self._settlements(accrual, first):
            calendar, booked = entry_days(settlement)
            if calendar and booked and min(booked.values()) <= day:
                self.days[settlement] = calendar, booked
        self.by_ref = {one.settlement_ref: one for one in self.days}
        self.groups = dict(
            self.env["sp.accrual.transaction"]
            .sudo()
            ._read_group(
                [
                    ("accrual_id", "=", accrual.id),
                    ("settlement_ref", "not in", (False, "")),
                    ("group_ref", "not in", (False, "")),
                ],
                ["group_ref", "settlement_ref"],
            )
        )

    def _settlements(self, accrual, first):
        settlements = self.env["sp.settlement"].sudo()
        if not first:
            return settlements
        return settlements.search(
            [
                ("company_id", "=", accrual.company_id.id),
                ("connection_id", "in", [False, *accrual.connection_id._token_owner().ids]),
                ("date_end", ">=", first),
            ]
        )

    def of(self, told):
        """Return a function that says it of each of these transactions.

        :param told: some of the accrual's transactions
        """
        orders = self._orders({one.order_ref for one in told if one.order_ref})

        def is_booked(one):
            if ref := one.settlement_ref or self.groups.get(one.group_ref):
                return ref in self.by_ref and self._is_in(self.by_ref[ref], one)
            return any(
                self._is_in(settlement, one)
                for settlement in self.days
                if settlement.currency_id.name == one.currency
                and settlement.date_start
                and settlement.date_start <= one.posted_at <= settlement.date_end
                and (not one.order_ref or (settlement, one.order_ref) in orders)
            )

        return is_booked

    def _orders(self, refs):
        """Return the pairs of a settlement and an order that is in it."""
        if not self.days or not refs:
            return set()
        settlements = self.env["sp.settlement"].union(*self.days)
        rows = self.env["sp.settlement.row"].sudo()
        return set(
            rows._read_group(
                [("settlement_id", "in", settlements.ids), ("order_ref", "in", list(refs))],
                ["settlement_id", "order_ref"],
            )
        )

    def _is_in(self, settlement, one):
        calendar, booked = self.days[settlement]
        month = self.grouping.day(one.posted_at).replace(day=1)
        day = booked.get(calendar.part_date(month))
        return bool(day and day <= self.day)


def entry_days(settlement):
    """Return (the engine's ``Calendar``, {date of a part: the day on which it is booked})."""
    calendar = settlement.env["sp.settlement.facts"]._calendar(settlement)
    moves = settlement._active_moves().filtered(lambda move: move.state == "posted")
    return calendar, {move.sp_date or move.date: move.date for move in moves}
