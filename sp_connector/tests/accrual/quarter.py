"""A quarter of a seller: sales held back for days after delivery, refunds, invoiced orders."""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal

from ...engine.tests import helpers

#: Account → (marketplace, currency, days between settlements, days until the release).
ACCOUNTS = {
    "de": ("Amazon.de", "EUR", 42, 9),
    "fr": ("Amazon.fr", "EUR", 42, 9),
    "gb": ("Amazon.co.uk", "GBP", 42, 0),
    "b2b": ("Amazon.de", "EUR", 75, 33),  # invoiced orders
}
#: VAT of the country, in percent.
VAT = {"de": 19, "fr": 20, "gb": 20, "b2b": 19}
START, END = datetime(2025, 12, 28, 6), datetime(2026, 6, 20, 6)


class Quarter:
    """What was sold, in January to March, and the settlement files that come of it.

    :param count: how many orders an account has; nine are a quarter
    :param is_gross: prices have their VAT inside, and so have the fees in pounds
    :ivar truth: {(month, currency, category): amount}, by the day on which it was sold or refunded
    :ivar deferred: {order: (sold on, why)}
    :ivar files: [(end, bytes)] in the order in which they come
    """

    #: Of the middle of an order's id; six are as Amazon writes it.
    digits = 5

    def __init__(self, count=9, is_gross=False):
        self.is_gross = is_gross
        self.truth, self.deferred = defaultdict(Decimal), {}
        self._rows = defaultdict(list)
        for account in ACCOUNTS:
            for number in range(count):
                self._sell(account, number)
        self.files = sorted(file for account in ACCOUNTS for file in self._settlements(account))

    def _sell(self, account, number):
        place, currency, _days, delay = ACCOUNTS[account]
        sold = datetime(2026, 1, 3, 12) + timedelta(days=10 * number)
        order = f"305-{len(account)}{ord(account[0]):0{self.digits}}-{number:07}"
        price = Decimal(100 + 10 * number)
        cells = {"marketplace_name": place, "order_id": order, "order_item_code": f"1{number:06}"}
        cells |= {"sku": "LAMP", "quantity_purchased": "1", "fulfillment_id": "AFN"}
        released = sold + timedelta(days=delay)
        if delay:
            self.deferred[order] = (sold, "B2B" if account == "b2b" else "DD7")
        self._add_order(account, released, sold, "Order", price, cells)
        if number % 4 == 1:  # given back, mostly in another month
            back = released + timedelta(days=20)
            cells = {**cells, "adjustment_id": f"adj-{order}"}
            self._add_order(account, back, back, "Refund", -price, cells)

    def _add_order(self, account, posted, earned, kind, price, cells):
        rate = VAT[account] if self.is_gross else 0
        self._add(account, posted, earned, f"{kind}/ItemPrice/Principal", price, cells, rate)
        if not self.is_gross:
            self._add(account, posted, earned, f"{kind}/ItemPrice/Tax", price / 5, cells)
        rate = VAT[account] if self.is_gross and account == "gb" else 0
        self._add(account, posted, earned, f"{kind}/ItemFees/Commission", -price / 8, cells, rate)

    def _add(self, account, posted, earned, words, net, cells, rate=0):
        """Add a row: in the file with the VAT inside, in truth without and beside it."""
        vat = (net * rate / 100).quantize(Decimal("0.01"))
        amount = net.quantize(Decimal("0.01")) + vat
        moment = f"{posted:%Y-%m-%d %H:%M:%S} UTC"
        row = helpers.row(words, f"{amount:.2f}", posted_date_time=moment, **cells)
        self._rows[account].append((posted, row, amount))
        category = (
            "selling_fees"
            if "Fees" in words
            else "sales_tax"
            if "Tax" in words
            else "refunds"
            if "Refund" in words
            else "sales"
        )
        month, currency = earned.replace(day=1).date(), ACCOUNTS[account][1]
        self.truth[month, currency, category] += amount - vat
        if vat:
            self.truth[month, currency, "vat"] += vat

    def _settlements(self, account):
        _place, currency, days, _delay = ACCOUNTS[account]
        start, number = START + timedelta(days=list(ACCOUNTS).index(account)), 0
        while start < END:
            end = start + timedelta(days=days)
            rows = [one for one in self._rows[account] if start <= one[0] < end]
            if rows:
                ref = f"9{list(ACCOUNTS).index(account)}{number:09}"
                head = helpers.head(
                    f"{sum(one[2] for one in rows):.2f}",
                    ref,
                    currency,
                    settlement_start_date=f"{start:%Y-%m-%d %H:%M:%S} UTC",
                    settlement_end_date=f"{end:%Y-%m-%d %H:%M:%S} UTC",
                    deposit_date=f"{end + timedelta(days=2):%Y-%m-%d %H:%M:%S} UTC",
                )
                made = [{**row, "settlement-id": ref} for _posted, row, _amount in rows]
                yield end, helpers.table(head, *made).encode()
            start, number = end, number + 1
