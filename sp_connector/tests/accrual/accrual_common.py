"""What the tests of accruals share."""

from collections import defaultdict
from datetime import timedelta, timezone

from ...models.accrual import sp_accrual
from ..fake_amazon.catalogue import COUNTRIES
from ..fake_amazon.state import Participation
from ..sync_common import SyncCase
from .quarter import Quarter

CATEGORIES = ("sales", "refunds", "selling_fees", "sales_tax")


def at(moment):
    return moment.replace(tzinfo=timezone.utc)


class AccrualCase(SyncCase):
    """An account with what it sold, at Amazon and in settlement files that come one by one."""

    orders = 9
    is_gross = False

    def setUp(self):
        super().setUp()
        # A burst is ten calls: who waits for the others is in the test of control totals.
        self.patch(self.registry["sp.rate.limit"], "_take", lambda *_args, **_options: None)
        # As with a hundred thousand transactions: page by page.
        self.patch(sp_accrual, "PAGE", 3)
        self.set_rate("EUR", "2025-12-01", 2.0)
        # Of that marketplace are the sales in pounds.
        self.seller.participations.append(Participation(COUNTRIES["GB"]))
        self.accrued = self.account_of("accrued_income")
        self.quarter = Quarter(self.orders, self.is_gross)
        for end, content in self.quarter.files:
            self.fake.add_report(content, created=at(end + timedelta(hours=1)))
        for order, (sold, reason) in self.quarter.deferred.items():
            self.fake.defer(order, at(sold), reason)
        self.waiting = list(self.quarter.files)
        self.taxes = self.root_env["account.tax"]
        if self.is_gross:
            self.set_up_exchange()
            self.map_taxes()

    def map_taxes(self):
        """Prices with VAT of each country inside, fees with it in the United Kingdom only."""
        for code, rate in (("de", 19.0), ("fr", 20.0), ("uk", 20.0)):
            tax = self.make_tax(f"{code.upper()} VAT", rate)
            place = self.root_env.ref(f"sp_connector.sp_marketplace_{code}")
            for category in ("sales", "refunds"):
                self.map_tax(category, "output_included", tax, place)
            self.taxes |= tax
        tax = self.make_tax("UK VAT on fees", 20.0, "purchase")
        self.map_tax("selling_fees", "input_included", tax, place)
        self.taxes |= tax

    def settle(self, day):
        """Import and post the settlements that ended before a day."""
        while self.waiting and self.waiting[0][0] < day:
            _end, content = self.waiting.pop(0)
            settlements = self.import_file(content, env=self.bookkeeping)
            settlements.sudo().connection_id = self.connection
            settlements.action_post()
            self.assertEqual(set(settlements.mapped("state")), {"posted"}, settlements.hold_reason)

    @property
    def bookkeeping(self):
        return self.root_env(
            user=self.bookkeeper, context={"allowed_company_ids": self.company.ids}
        )

    def accrue(self, day, **vals):
        """Make the accrual of a day as the bookkeeper, with what Amazon knows at this moment."""
        vals = {"tax_setting": "with_tax", **vals}
        accrual = self.bookkeeping["sp.accrual"].create(
            {
                "connection_id": self.connection.id,
                "company_id": self.company.id,
                "date": day,
                "days_back": 100,
                **vals,
            }
        )
        accrual.action_ask()
        return accrual

    def ledger(self):
        """{(month, currency, category): amount} of all posted entries, from the seller's side."""
        accounts = {self.account_of(name).id: name for name in CATEGORIES}
        parts = self.taxes.invoice_repartition_line_ids
        accounts |= dict.fromkeys(parts.account_id.ids, "vat")
        found = defaultdict(float)
        items = self.root_env["account.move.line"].search(
            [("account_id", "in", list(accounts)), ("parent_state", "=", "posted")]
        )
        for item in items:
            name = accounts[item.account_id.id]
            key = item.date.replace(day=1), item.currency_id.name, name
            found[key] -= item.amount_currency
        return {key: round(amount, 2) for key, amount in found.items() if round(amount, 2)}

    def balance(self):
        items = self.root_env["account.move.line"].search(
            [("account_id", "=", self.accrued.id), ("parent_state", "=", "posted")]
        )
        return round(sum(items.mapped("balance")), 2)
