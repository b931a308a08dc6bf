"""What others than the ledger say that Amazon holds: settlements, transactions, Amazon itself."""

from collections import defaultdict

from odoo import api, models

from ...engine.books.chain import find_chains

#: Reason → what its transactions are at the cut-off of an accrual.
ORIGINS = {"deferred": ("deferred",), "released": ("open", "unclear")}


class SpHeldSources(models.AbstractModel):
    """Gives the witnesses of one company's books on a day.

    Everywhere ``owner`` is the connection that is looked at, empty for all of them.
    """

    _name = "sp.held.sources"
    _description = "What Amazon Holds, Sources"

    @api.model
    def _reserves(self, company, owner, day):
        """Return {currency id: (what the last settlement of each chain holds, note)}.

        Where that is not known, there is no amount, and the note says of which settlement.
        """
        gaps, facts = self.env["sp.settlement.gap"], self.env["sp.settlement.facts"]
        found = {}
        for (currency,) in self.env["sp.settlement"]._read_group(
            [("company_id", "=", company.id)], ["currency_id"]
        ):
            known = gaps._read_settlements(company, currency)
            if owner:
                known = {ref: one for ref, one in known.items() if one.connection_id == owner}
            amount, is_unknown, notes = 0, False, []
            for chain in find_chains(gaps._periods(known)).chains:
                ended = (
                    period
                    for period in reversed(chain)
                    if facts._calendar(known[period.key]).date_last <= day
                )
                last = next(ended, None)
                if last and last.reserve_out is None:
                    is_unknown = True
                    notes.append(self.env._("What settlement %s holds is not known.", last.key))
                elif last:
                    amount += last.reserve_out
                if chain[0].reserve_in:
                    notes.append(
                        self.env._(
                            "Settlement %(ref)s releases a reserve of %(amount)s that none here "
                            "held: book the opening balance, or import the one before it.",
                            ref=chain[0].key,
                            amount=currency.format(float(chain[0].reserve_in)),
                        )
                    )
            found[currency.id] = (None if is_unknown else amount), " ".join(notes)
        return found

    @api.model
    def _unposted(self, company, owner, currency, day):
        """Return how many settlements up to a day are not in the ledger as they were planned."""
        domain = [
            ("company_id", "=", company.id),
            ("currency_id", "=", currency.id),
            ("state", "not in", ("posted", "empty", "elsewhere")),
            ("date", "<=", day),
        ]
        if owner:
            domain.append(("connection_id", "=", owner.id))
        return self.env["sp.settlement"].search_count(domain)

    @api.model
    def _transactions(self, accruals, origins):
        """Return {currency id: sum of the transactions that stood so at the cut-off}."""
        groups = self.env["sp.accrual.transaction"]._read_group(
            [("accrual_id", "in", accruals.ids), ("origin", "in", origins)],
            ["currency_id"],
            ["amount:sum"],
        )
        return {currency.id: amount for currency, amount in groups}

    @api.model
    def _accrual_note(self, accruals, currency):
        """Say why the accrued income may not be what the transactions say."""
        notes = [self._unbooked_note(accruals)]
        left = accruals._left_to_invoices().filtered(
            lambda line: line.currency_id == currency and line.origin in ORIGINS["deferred"]
        )
        if left:
            amount = currency.format(sum(left.mapped("amount")))
            notes.append(
                self.env._("%(amount)s of it is owed on customer invoices.", amount=amount)
            )
        return " ".join(filter(None, notes))

    @api.model
    def _unbooked_note(self, accruals):
        states = set(accruals.mapped("state"))
        if states - {"posted", "adjust"}:
            return self.env._("The accrual of this day is not booked.")
        if "adjust" in states:
            return self.env._("The accrual of this day is not booked as it stands now.")
        if "net" in accruals.mapped("tax_setting"):
            return self.env._("The ledger holds it without tax.")
        return ""

    @api.model
    def _balances(self, company, owner, day):
        """Return what Amazon said of a day."""
        domain = [("company_id", "=", company.id), ("date", "=", day)]
        if owner:
            domain.append(("connection_id", "=", owner.id))
        return self.env["sp.balance"].search(domain)

    @api.model
    def _told(self, balances, kinds):
        """Return {(currency id, kind): amount}, without what one of the balances does not say."""
        told, silent = defaultdict(int), set()
        for balance in balances:
            for kind in kinds:
                amount, key = balance._amount(kind), (balance.currency_id.id, kind)
                if amount is None:
                    silent.add(key)
                else:
                    told[key] += amount
        return {key: amount for key, amount in told.items() if key not in silent}
