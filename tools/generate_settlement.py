#!/usr/bin/env python3
"""Write a settlement file shaped like Amazon's, of any size, from a seed.

    python3 tools/generate_settlement.py --rows 100000 --market UK --out uk.txt

The same arguments give the same bytes. Everything is invented except Amazon's words.
A file starts with its total, which is known last. So the seeded stream of events is
played twice: once to add it up, once to write it, and memory does not grow with rows.
"""

import argparse
import random
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import NamedTuple

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
DAY = 86400
FIRST_START = datetime(2026, 3, 24, 21, 10, 7)  # with 14 days it crosses a month end
REMEMBERED_ORDERS = 256  # refunds are of orders of the same file
RESERVE_RATE = Decimal("0.08")
ZERO = Decimal(0)
GROSS, NET, WITHHELD = "gross", "net", "withheld"  # how an order item shows its tax

# fmt: off
HEAD = ("settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency"
        " transaction-type order-id merchant-order-id adjustment-id shipment-id marketplace-name")
COLUMNS = {
    "v2": f"{HEAD} amount-type amount-description amount fulfillment-id posted-date"
    " posted-date-time order-item-code merchant-order-item-id merchant-adjustment-item-id sku"
    " quantity-purchased promotion-id".split(),
    "v1": f"{HEAD} shipment-fee-type shipment-fee-amount order-fee-type order-fee-amount"
    " fulfillment-id posted-date order-item-code merchant-order-item-id merchant-adjustment-item-id"
    " sku quantity-purchased price-type price-amount item-related-fee-type item-related-fee-amount"
    " misc-fee-amount other-fee-amount other-fee-reason-description promotion-id promotion-type"
    " promotion-amount direct-payment-type direct-payment-amount other-amount".split(),
}
# Where V1 puts a V2 amount-type: the start of a type column and an amount column
V1_PLACE = {"ItemPrice": "price", "ItemFees": "item-related-fee", "Points": "item-related-fee",
            "Promotion": "promotion"}
OTHER = "other-transaction"
FACILITATOR, DEEMED = "MarketplaceFacilitatorTax", "MarketplaceFacilitatorVAT"

# What happens beside orders and refunds: how often (0: once, at the start), transaction-type,
# whether it has a SKU, and its parts. The amount of a part is a share of a product's price, or
# "tax": that on the part before it. V1 names a fee in transaction-type, with the tax inside.
LOST, RETURN = "FBA Inventory Reimbursement", "FBA Removal Order: Return Fee"
ADS, STORAGE = "Cost of Advertising", "FBA Inventory Storage Fee"
SIDE_EVENTS = {
    "v2": ((0, OTHER, False, ((OTHER, "Subscription Fee", "-1"),)),
           (0, "FBAFees", False, ((STORAGE, "Base fee", "-3"), (STORAGE, "Tax on fee", "tax"))),
           (1, "FBAFees", False, ((RETURN, "Base fee", "-0.1"), (RETURN, "Tax on fee", "tax"))),
           (1, "ServiceFee", False, ((ADS, "TransactionTotalAmount", "-4"),)),
           (1, OTHER, True, ((LOST, "REVERSAL_REIMBURSEMENT", "0.9"),)),
           (2, OTHER, True, ((LOST, "WAREHOUSE_LOST", "0.7"),))),
    "v1": ((0, OTHER, False, ((OTHER, "Subscription Fee", "-1"),)),
           (0, OTHER, False, ((OTHER, "Storage Fee", "-3"),)),
           (1, OTHER, False, ((OTHER, "RemovalComplete", "-0.1"),)),
           (1, "ServiceFee", False, (("", ADS, "-4"), ("", "TaxAmount", "tax"))),
           (1, OTHER, True, ((OTHER, "REVERSAL_REIMBURSEMENT", "0.9"),)),
           (2, OTHER, True, ((OTHER, "WAREHOUSE_DAMAGE", "0.7"),))),
}


class Market(NamedTuple):
    """What differs from one settlement account to another."""

    currency: str
    shops: dict[str, int]  # marketplace-name -> share of the orders
    prefix: int  # of order ids
    tax_forms: dict[str, int]  # form -> share of the order items
    tax_rate: str
    fee_tax: str  # rate of the tax on Amazon's fees
    withheld: str = ""
    tax_on_top: bool = False  # prices are without tax (North America)
    dates: str = "%d.%m.%Y"
    decimal_mark: str = "."
    scale: int = 1  # price level, in the currency's units per euro
    unit: str = "0.01"
    encoding: str = "utf-8"


MARKETS = {
    "US": Market("USD", {"Amazon.com": 1}, 112, {WITHHELD: 9, GROSS: 1}, "0.0825", "0", FACILITATOR,
                 tax_on_top=True, dates="%Y-%m-%d"),
    "CA": Market("CAD", {"Amazon.ca": 1}, 701, {GROSS: 7, WITHHELD: 2, NET: 1}, "0.13", "0.12",
                 FACILITATOR, tax_on_top=True),
    "UK": Market("GBP", {"Amazon.co.uk": 1}, 203, {GROSS: 9, WITHHELD: 1}, "0.20", "0.20", DEEMED),
    "DE": Market("EUR", {"Amazon.de": 1}, 303, {GROSS: 1}, "0.19", "0.19", decimal_mark=","),
    "EU": Market("EUR", {"Amazon.de": 6, "Amazon.fr": 2, "Amazon.it": 1, "Amazon.es": 1}, 404,
                 {GROSS: 8, WITHHELD: 2}, "0.20", "0.19", DEEMED, decimal_mark=","),
    "AU": Market("AUD", {"Amazon.com.au": 1}, 250, {GROSS: 5, NET: 4, WITHHELD: 1}, "0.10", "0.10",
                 "LowValueGoodsTax"),
    "JP": Market("JPY", {"Amazon.co.jp": 1}, 503, {GROSS: 1}, "0.10", "0.10", dates="%Y/%m/%d",
                 scale=150, unit="1", encoding="cp932"),
    "SG": Market("SGD", {"Amazon.sg": 1}, 702, {GROSS: 1}, "0.09", "0.09"),
}
# fmt: on


class Part(NamedTuple):
    """One amount of an event: a row of V2."""

    amount_type: str
    word: str
    amount: Decimal
    promotion: str = ""


class Event(NamedTuple):
    """What happened once, to one order item or to the account."""

    kind: str
    parts: list[Part]
    second: int  # after the start of the period
    cells: dict[str, str]  # further columns
    quantity: str = ""


class Stream:
    """One play of the seeded stream of events."""

    def __init__(self, settlement: "Settlement"):
        self.v1 = settlement.flavour == "v1"
        self.market = market = MARKETS[settlement.market]
        self.length = settlement.days * DAY
        self.rng = random.Random(f"{settlement.seed}/{market.currency}")
        self.unit = Decimal(market.unit)
        self.tax_rate, self.fee_tax = Decimal(market.tax_rate), Decimal(market.fee_tax)
        # V1 has no word for tax: its prices are as the buyer paid them
        self.forms = [GROSS] if self.v1 else spread(market.tax_forms)
        self.shops = spread(market.shops)
        self.products = [self._product(number) for number in range(1, 41)]  # SKU, price, FBA fee
        self.recent: deque[Event] = deque(maxlen=REMEMBERED_ORDERS)
        recipes = SIDE_EVENTS[settlement.flavour]
        side = {partial(self._side, *recipe): often for often, *recipe in recipes}
        self.opening = [maker for maker, often in side.items() if not often]
        self.makers = spread({self._order: 90, self._refund: 5} | side)

    def events(self, rows: int, previous_reserve: Decimal) -> Iterator[Event]:
        """Exactly ``rows`` rows: opening, business, and the reserve at the very end."""
        left, total = rows - 1, ZERO
        batch = [maker()[0] for maker in self.opening]
        if previous_reserve:
            batch.insert(0, self._reserve("Previous Reserve Amount Balance", previous_reserve, 0))
        while left:
            for event in batch:
                if self._size(event) > left:
                    event = self.makers[-1]()[0]  # a reimbursement: one row
                left -= self._size(event)
                total += sum(part.amount for part in event.parts)
                yield event
                if not left:
                    break
            batch = self.rng.choice(self.makers)()
        held = -max(total, ZERO) * RESERVE_RATE
        yield self._reserve("Current Reserve Amount", held, self.length + self.rng.choice((8, 9)))

    def _size(self, event: Event) -> int:
        """Rows of the file: in V1 base and tax share one, and a quantity has its own."""
        shared = self.v1 and event.kind == "ServiceFee"
        return len(event.parts) - shared + (self.v1 and bool(event.quantity))

    def _reserve(self, word: str, amount: Decimal, second: int) -> Event:
        return Event(OTHER, [Part(OTHER, word, self._money(amount))], second, {})

    def _side(self, kind: str, has_sku: bool, recipe: tuple) -> list[Event]:
        sku, price, _fee = self.rng.choice(self.products)
        parts = []
        for amount_type, word, share in recipe:
            taxed = share == "tax"
            amount = parts[-1].amount * self.fee_tax if taxed else price * Decimal(share)
            if amount or word == "TaxAmount":
                parts.append(Part(amount_type, word, self._money(amount)))
        cells = {"sku": sku} if has_sku else {}
        return [Event(kind, parts, self.rng.randrange(self.length), cells)]

    def _order(self) -> list[Event]:
        cells, second = self._order_cells(), self.rng.randrange(self.length)
        events = [self._item(cells, second)]
        draw = self.rng.random()
        if draw < 0.10:  # a second item in the same parcel
            events.append(self._item(cells, second))
        elif draw < 0.11:  # two blocks that are equal to the byte: both are money
            events.append(events[0])
        self.recent.extend(events)
        return events

    def _order_cells(self) -> dict[str, str]:
        first, second = divmod(self.rng.randrange(10**14), 10**7)
        order = f"{self.market.prefix}-{first:07d}-{second:07d}"
        return {
            "order-id": order,
            "merchant-order-id": order if self.rng.random() < 0.7 else "",
            "shipment-id": "S" + "".join(self.rng.choices(ALPHABET[:62], k=8)),
            "marketplace-name": self.rng.choice(self.shops) if self.rng.random() < 0.995 else "",
            "fulfillment-id": "AFN" if self.rng.random() < 0.85 else "MFN",
        }

    def _item(self, cells: dict[str, str], second: int) -> Event:
        rng = self.rng
        sku, price, fba_fee = rng.choice(self.products)
        quantity = 1 if rng.random() < 0.85 else rng.randint(2, 4)
        price *= quantity
        form, by_amazon = rng.choice(self.forms), cells["fulfillment-id"] == "AFN"
        parts, paid = self._charge("Principal", "Tax", price, form)
        draw = rng.random()
        if draw < 0.3:
            shipping, more = self._shipping(form, by_amazon)
            parts, paid = parts + shipping, paid + more
        elif draw < 0.4 and not self.v1:
            name = "春のお茶10%" if self.market.currency == "JPY" else "Save 10% on tea"
            parts.append(Part("Promotion", "Principal", -self._money(price / 10), name))
            paid += parts[-1].amount
        elif draw < 0.45:
            parts.append(Part("ItemPrice", "Shipping", self._money(ZERO)))
        parts.append(Part("ItemFees", "Commission", -self._money(paid * 15 / 100)))
        if by_amazon:
            parts.append(Part("ItemFees", "FBAPerUnitFulfillmentFee", -fba_fee * quantity))
        if self.market.currency == "JPY" and rng.random() < 0.5:
            parts.append(Part("Points", "PointsGranted", -self._money(price / 100)))
        cells = cells | {"order-item-code": str(rng.randrange(10**13, 10**14)), "sku": sku}
        return Event("Order", parts, second, cells, str(quantity))

    def _charge(self, word, tax_word, price, form) -> tuple[list[Part], Decimal]:
        """What the buyer pays, with its tax in one of three forms; and their sum."""
        if form == GROSS:
            return [Part("ItemPrice", word, price)], price
        on_top = self.market.tax_on_top
        net = price if on_top else self._money(price / (1 + self.tax_rate))
        tax = self._money(price * self.tax_rate) if on_top else price - net
        parts = [Part("ItemPrice", word, net), Part("ItemPrice", tax_word, tax)]
        if form == WITHHELD:
            parts.append(Part("ItemWithheldTax", f"{self.market.withheld}-{word}", -tax))
        return parts, net + tax

    def _shipping(self, form, by_amazon) -> tuple[list[Part], Decimal]:
        """Shipping, and how it leaves again when Amazon delivers."""
        free = by_amazon and (self.v1 or self.rng.random() < 0.6)  # V1 refunds no chargeback
        form = NET if free and form == WITHHELD else form  # nothing is left to withhold
        parts, paid = self._charge("Shipping", "ShippingTax", self._price(3, 9), form)
        if free:
            words = zip(("Shipping", "TaxDiscount"), parts, strict=False)
            parts = parts + [Part("Promotion", word, -part.amount) for word, part in words]
        elif by_amazon:
            parts.append(Part("ItemFees", "ShippingChargeback", -paid))
        return parts, ZERO if by_amazon else paid

    def _refund(self) -> list[Event]:
        if not self.recent:
            return self._order()
        sale = self.rng.choice(self.recent)
        parts = []
        for part in sale.parts:
            word = part.word.replace("PointsGranted", "PointsReturned")
            if word != "FBAPerUnitFulfillmentFee":
                parts.append(part._replace(word=word, amount=-part.amount))
            if word == "Commission":
                kept = self._money(part.amount / 5)
                parts.append(part._replace(word="RefundCommission", amount=kept))
        adjustment = "amzn1:crow:" + "".join(self.rng.choices(ALPHABET, k=22))
        cells = sale.cells | {"shipment-id": "", "adjustment-id": adjustment}
        cells["merchant-adjustment-item-id"] = str(self.rng.randrange(10**11, 10**12))
        second = self.rng.randint(sale.second, self.length - 1)
        return [Event("Refund", parts, second, cells)]

    def _money(self, amount: Decimal) -> Decimal:
        return amount.quantize(self.unit, ROUND_HALF_UP)

    def _price(self, low: int, high: int) -> Decimal:
        """An amount between two prices given in euro."""
        step = self.market.scale * 100
        return self._money(Decimal(self.rng.randrange(low * step + 1, high * step)) / 100)

    def _product(self, number: int) -> tuple[str, Decimal, Decimal]:
        name = self.rng.choice(("TEA-GREEN", "TEA-BLACK", "MUG-RED", "LAMP-OAK"))
        tail = {"AUD": " _AU", "JPY": "-緑茶"}.get(self.market.currency, "")
        sku = f"{name}-{number:03d}{'' if number % 10 else tail}"
        price = self._price(9, 70)
        return sku, price, self._money(price / 20) + self._price(2, 4)


@dataclass
class Settlement:
    """A settlement that knows its total and can be written any number of times."""

    rows: int
    seed: int = 1
    market: str = "US"
    flavour: str = "v2"
    start: datetime = FIRST_START
    days: int = 14
    settlement_id: str = ""
    previous_reserve: Decimal = ZERO

    def __post_init__(self):
        if self.rows < 1 or self.days < 1:
            raise ValueError("a settlement has at least one row and one day")
        market = MARKETS[self.market]
        self.currency, self.encoding = market.currency, market.encoding
        v1_dates, v2_dates = "%Y-%m-%dT%H:%M:%S+00:00", f"{market.dates} %H:%M:%S UTC"
        self.dates = v1_dates if self.flavour == "v1" else v2_dates
        self.settlement_id = self.settlement_id or str(99_000_000_000 + self.seed)
        self.end = self.start + timedelta(days=self.days)  # the start of the next one
        self.total = ZERO
        for event in self._events():
            self.total += sum(part.amount for part in event.parts)
        self.current_reserve = -event.parts[0].amount  # the previous one of the next settlement

    def _events(self) -> Iterator[Event]:
        return Stream(self).events(self.rows, self.previous_reserve)

    def lines(self) -> Iterator[str]:
        """The file, line by line, each with its line end."""
        columns = COLUMNS[self.flavour]
        place = {name: position for position, name in enumerate(columns)}
        yield "\t".join(columns) + "\n"
        dates = [self._date(second) for second in (0, self.days * DAY, (self.days + 2) * DAY)]
        row = [self.settlement_id, *dates, self._number(self.total), self.currency]
        yield "\t".join(row + [""] * (len(columns) - len(row))) + "\n"
        event_rows = self._v1_rows if self.flavour == "v1" else self._v2_rows
        for event in self._events():
            common = [""] * len(columns)
            common[0], common[6] = self.settlement_id, event.kind
            for name, value in event.cells.items():
                common[place[name]] = value
            for cells in event_rows(event, self._date(event.second)):
                row = common.copy()
                for name, value in cells.items():
                    row[place[name]] = value
                yield "\t".join(row) + "\n"

    def _v2_rows(self, event: Event, date: str) -> Iterator[dict[str, str]]:
        cells = {"posted-date": date.partition(" ")[0], "posted-date-time": date}
        cells["quantity-purchased"] = event.quantity
        for amount_type, word, amount, promotion in event.parts:
            cells["amount-type"], cells["amount-description"] = amount_type, word
            cells["amount"], cells["promotion-id"] = self._number(amount), promotion
            yield cells

    def _v1_rows(self, event: Event, date: str) -> Iterator[dict[str, str]]:
        posted = {"posted-date": date}
        if event.quantity:  # it has a row of its own, without an amount
            yield posted | {"quantity-purchased": event.quantity}
        parts = [(*part[:2], self._number(part.amount)) for part in event.parts]
        if event.kind == "ServiceFee":  # base and tax share a row
            (_, base_word, base), (_, tax_word, tax) = parts
            posted |= {"other-fee-reason-description": tax_word, "other-fee-amount": tax}
            parts = [("ItemFees", base_word, base)]
        for amount_type, word, amount in parts:
            if name := V1_PLACE.get(amount_type):
                yield posted | {f"{name}-type": word, f"{name}-amount": amount}
            else:
                yield posted | {"transaction-type": word, "other-amount": amount}

    def _date(self, second: int) -> str:
        return (self.start + timedelta(seconds=second)).strftime(self.dates)

    def _number(self, amount: Decimal) -> str:
        return f"{amount:f}".replace(".", MARKETS[self.market].decimal_mark)


def spread(shares: dict) -> list:
    """Each choice as often as its share, to draw from."""
    return [choice for choice, share in shares.items() for _i in range(share)]


def generate(rows: int, *args, **options) -> Iterator[str]:
    """The lines of a settlement file; arguments are those of ``Settlement``."""
    return Settlement(rows, *args, **options).lines()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--rows", type=int, default=1000, help="rows below the summary row")
    add("--seed", type=int, default=1)
    add("--market", choices=MARKETS, default="US")
    add("--format", choices=COLUMNS, default="v2", dest="flavour")
    add("--out", required=True, help="/dev/stdout to see it")
    add("--start", type=datetime.fromisoformat, default=FIRST_START, help="UTC")
    add("--days", type=int, default=14)
    add("--settlement-id", default="")
    add("--previous-reserve", type=Decimal, default=ZERO)
    options = vars(parser.parse_args())
    out = options.pop("out")
    made = Settlement(**options)
    with open(out, "w", encoding=made.encoding, newline="") as file:
        file.writelines(made.lines())
    # What the next settlement of a chain is made from
    print(f"total {made.total}, end {made.end}, reserve {made.current_reserve}", file=sys.stderr)


if __name__ == "__main__":
    main()
